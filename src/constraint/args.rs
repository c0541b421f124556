//! Reading a constraint's arguments.
//!
//! The reference draws a random value where an argument is absent or falsy (null, 0, "", []). A
//! verdict on a random value is no verdict, so such a constraint is refused here, with the reason.

use serde_json::{Map, Value};

/// Why a constraint can't be checked, as a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal(pub String);

pub(super) type Result<T> = std::result::Result<T, Refusal>;

/// The arguments of one constraint.
pub(super) struct Args<'a>(Option<&'a Map<String, Value>>);

/// Which way a count is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    LessThan,
    AtLeast,
}

impl<'a> Args<'a> {
    pub(super) fn new(value: &'a Value) -> Result<Self> {
        match value {
            Value::Object(map) => Ok(Self(Some(map))),
            _ if is_falsy(value) => Ok(Self(None)),
            _ => Err(Refusal(format!("the arguments are {}, not an object", kind_of(value)))),
        }
    }

    fn present(&self, name: &str) -> Result<&'a Value> {
        let value = self.0.and_then(|map| map.get(name));
        match value {
            None => Err(Refusal(format!("the argument `{name}` is absent; the reference would draw one"))),
            Some(value) if is_falsy(value) => {
                Err(Refusal(format!("the argument `{name}` is {value}; the reference would draw one")))
            }
            Some(value) => Ok(value),
        }
    }

    /// A whole number of at least 1.
    pub(super) fn count(&self, name: &str) -> Result<u64> {
        let value = self.present(name)?;
        let whole = value.as_u64().or_else(|| {
            value.as_f64().filter(|f| f.fract() == 0.0 && (1.0..9e15).contains(f)).map(|f| f as u64)
        });
        match (whole, value) {
            (Some(n), _) => Ok(n),
            (None, Value::Number(_)) => {
                Err(Refusal(format!("the argument `{name}` is {value}, not a whole number above 0")))
            }
            (None, _) => Err(Refusal(format!("the argument `{name}` is {}, not a number", kind_of(value)))),
        }
    }

    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Result<&'a str> {
        let value = self.present(name)?;
        value
            .as_str()
            .ok_or_else(|| Refusal(format!("the argument `{name}` is {}, not a text", kind_of(value))))
    }

    /// A list of texts with at least one in it; a text that repeats is kept once.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&'a str>> {
        let value = self.present(name)?;
        let Some(list) = value.as_array() else {
            return Err(Refusal(format!("the argument `{name}` is {}, not a list of texts", kind_of(value))));
        };
        let mut texts: Vec<&str> = Vec::with_capacity(list.len());
        for entry in list {
            let Some(text) = entry.as_str() else {
                return Err(Refusal(format!("the list `{name}` holds {}, not only texts", kind_of(entry))));
            };
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        Ok(texts)
    }

    /// `less than` or `at least`.
    pub(super) fn relation(&self, name: &str) -> Result<Relation> {
        match self.text(name)? {
            "less than" => Ok(Relation::LessThan),
            "at least" => Ok(Relation::AtLeast),
            other => Err(Refusal(format!(
                "the argument `{name}` is {other:?}; only \"less than\" and \"at least\" are known"
            ))),
        }
    }
}

/// What Python takes for false.
fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn falsy_and_bad_arguments_are_refused_with_the_reason() {
        let table = [
            (json!(null), "absent"),
            (json!({}), "absent"),
            (json!({"n": null}), "is null"),
            (json!({"n": 0}), "is 0;"),
            (json!({"n": 0.0}), "is 0.0;"),
            (json!({"n": false}), "is false;"),
            (json!({"n": ""}), "is \"\";"),
            (json!({"n": []}), "is [];"),
            (json!({"n": -3}), "not a whole number"),
            (json!({"n": 2.5}), "not a whole number"),
            (json!({"n": "3"}), "a text, not a number"),
            (json!({"n": true}), "a truth value, not a number"),
        ];
        for (value, expected) in table {
            let message = Args::new(&value).unwrap().count("n").unwrap_err().0;
            assert!(message.contains(expected), "{value}: {message}");
        }
        assert!(Args::new(&json!([1])).is_err());
        assert_eq!(Args::new(&json!({"n": 3.0})).unwrap().count("n"), Ok(3));
        assert!(Args::new(&json!({"r": "At least"})).unwrap().relation("r").is_err());
        assert!(Args::new(&json!({"w": ["a", 1]})).unwrap().texts("w").is_err());
        assert!(Args::new(&json!({"w": "a"})).unwrap().texts("w").is_err());
        assert_eq!(Args::new(&json!({"w": ["a", "b", "a"]})).unwrap().texts("w"), Ok(vec!["a", "b"]));
    }
}
