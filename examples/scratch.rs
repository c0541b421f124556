use heedless::constraint::*;
use heedless::record::Constraint;
use std::io::*;
fn main() {
    let c = |id: &str, a: serde_json::Value| {
        Prepared::new(&Constraint { id: id.into(), args: a, description: None })
    };
    let cap = c(
        "change_case:capital_word_frequency",
        serde_json::json!({"capital_frequency":1,"capital_relation":"at least"}),
    );
    let sen = c(
        "length_constraints:number_sentences",
        serde_json::json!({"num_sentences":1,"relation":"at least"}),
    );
    for l in stdin().lines() {
        let t: String = serde_json::from_str(&l.unwrap()).unwrap();
        let m = |p: &Prepared| p.check(&t, 0..t.len(), Want::Verdict).measured.unwrap_or(0.0);
        println!("{} {}", m(&cap), m(&sen));
    }
}
