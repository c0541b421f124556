//! Names of runs: short, unique, and fit to stand in a key or a query.

use std::collections::HashMap;

use crate::record::{NO_CONSTRAINTS, Run, WITH_CONSTRAINTS};

/// The words used for conditions, whatever a file calls them.
pub(super) fn condition(saved: &str) -> String {
    match saved.trim() {
        "" | "constraint" | "with_constraint" | "with constraints" => WITH_CONSTRAINTS.to_owned(),
        "noconstraint" | "no_constraint" | "no-constraints" | "no constraint" | "without constraints" => {
            NO_CONSTRAINTS.to_owned()
        }
        other => other.to_owned(),
    }
}

/// The model, and the condition unless it is the plain one: `QwQ-32B`, `smollm2-135m+wait2`.
pub(super) fn short(run: &Run) -> String {
    let model = run.model.rsplit('/').find(|part| !part.is_empty()).unwrap_or("unnamed");
    let mut name = plain(model);
    if run.condition != WITH_CONSTRAINTS {
        name.push('+');
        name.push_str(&plain(&run.condition));
    }
    name
}

/// A name that needs no quotes: white space and slashes, which keys and queries use, become dashes.
pub(super) fn plain(name: &str) -> String {
    name.trim().chars().map(|c| if c.is_whitespace() || c == '/' { '-' } else { c }).collect()
}

/// Makes the names of different runs different, by what they differ in: first their sampling, then
/// the folder they lie in, then a number. `folders` are the folders, one per run.
pub(super) fn make_unique(runs: &mut [Run], folders: &[String]) {
    for step in 0..3 {
        let mut same: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, run) in runs.iter().enumerate() {
            same.entry(run.name.clone()).or_default().push(i);
        }
        for alike in same.into_values().filter(|alike| alike.len() > 1) {
            let differs =
                |f: &dyn Fn(&Run) -> String| alike.iter().any(|&i| f(&runs[i]) != f(&runs[alike[0]]));
            let show = |value: Option<String>, letter: &str| {
                value.map_or(String::new(), |v| format!("+{letter}{v}"))
            };
            let parts: [&dyn Fn(&Run) -> String; 4] = [
                &|r| show(r.sampling.temperature.map(|v| v.to_string()), "t"),
                &|r| show(r.sampling.top_p.map(|v| v.to_string()), "p"),
                &|r| show(r.sampling.max_tokens.map(|v| v.to_string()), "max"),
                &|r| show(r.sampling.seed.map(|v| v.to_string()), "s"),
            ];
            let differing: Vec<_> = parts.into_iter().filter(|part| differs(part)).collect();
            let suffixes: Vec<String> = alike
                .iter()
                .enumerate()
                .map(|(n, &i)| match step {
                    0 => differing.iter().map(|part| part(&runs[i])).collect(),
                    1 if folders[i].is_empty() => String::new(),
                    1 => format!("@{}", plain(&folders[i])),
                    _ if n == 0 => String::new(),
                    _ => format!("~{}", n + 1),
                })
                .collect();
            for (&i, suffix) in alike.iter().zip(suffixes) {
                runs[i].name.push_str(&suffix);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Sampling;

    fn run(model: &str, condition: &str, temperature: f64) -> Run {
        let mut run = Run {
            model: model.into(),
            condition: condition.into(),
            sampling: Sampling { temperature: Some(temperature), ..Sampling::default() },
            ..Run::default()
        };
        run.name = short(&run);
        run
    }

    #[test]
    fn names_are_short_and_unique() {
        let mut runs = vec![
            run("Qwen/QwQ-32B", WITH_CONSTRAINTS, 1.0),
            run("Qwen/QwQ-32B", NO_CONSTRAINTS, 1.0),
            run("a", WITH_CONSTRAINTS, 0.6),
            run("a", WITH_CONSTRAINTS, 1.0),
            run("b", WITH_CONSTRAINTS, 1.0),
            run("b", WITH_CONSTRAINTS, 1.0),
            run("c d", "wait2", 1.0),
            run("c d", "wait2", 1.0),
        ];
        let folders = ["", "", "", "", "old", "new", "x", "x"].map(str::to_owned);
        make_unique(&mut runs, &folders);
        assert_eq!(
            runs.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(),
            [
                "QwQ-32B",
                "QwQ-32B+no-constraints",
                "a+t0.6",
                "a+t1",
                "b@old",
                "b@new",
                "c-d+wait2@x",
                "c-d+wait2@x~2"
            ]
        );
    }

    #[test]
    fn conditions_have_one_word() {
        assert_eq!(condition("constraint"), "constraints");
        assert_eq!(condition("noconstraint"), "no constraints");
        assert_eq!(condition("wait4"), "wait4");
    }
}
