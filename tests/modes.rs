//! Failure modes on real items.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use heedless::assess::PreparedItem;
use heedless::record::{Constraint, Item};
use serde_json::Value;

const ITEMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/mathif");

fn item(row: &Value) -> Item {
    let constraints = row["constraint_name"]
        .as_array()
        .into_iter()
        .flatten()
        .zip(row["constraint_args"].as_array().into_iter().flatten());
    Item {
        question: row["question"].as_str().unwrap_or_default().to_owned(),
        gold: row["answer"].as_str().map(str::to_owned),
        constraints: constraints
            .map(|(id, args)| Constraint {
                id: id.as_str().unwrap_or_default().to_owned(),
                args: args.clone(),
                description: None,
            })
            .collect(),
        ..Item::default()
    }
}

#[test]
fn the_items_that_nobody_can_satisfy() {
    if !Path::new(ITEMS).is_dir() {
        eprintln!("skipped: ../shared/data not here");
        return;
    }
    let (mut items, mut boxed, mut commas, mut others) = (0, 0, 0, Vec::new());
    for file in fs::read_dir(ITEMS).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines().filter(|l| !l.trim().is_empty()) {
            items += 1;
            let item = PreparedItem::new(Arc::new(item(&serde_json::from_str(line).unwrap())));
            match item.conflict.as_deref() {
                None => {}
                Some(reason) if reason.contains("\\boxed") => boxed += 1,
                Some(reason) if reason.contains("has a comma") => commas += 1,
                Some(reason) => others.push(reason.to_owned()),
            }
        }
    }
    others.sort();
    eprintln!("{items} items: {boxed} for the box, {commas} for commas, others {others:#?}");
    assert_eq!((items, boxed, commas, others.len()), (420, 27, 4, 0));
}
