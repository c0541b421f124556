//! Field types that take what saved files really hold: ids as numbers, verdicts as 0 and 1, one
//! output or a list of them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::record::Usage;

/// Text, or a number or a truth value written as one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text(pub(super) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Text, E> {
                Ok(Text(v.to_owned()))
            }
            fn visit_string<E: de::Error>(self, v: String) -> Result<Text, E> {
                Ok(Text(v))
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Text, E> {
                Ok(Text(v.to_string()))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Text, E> {
                Ok(Text(v.to_string()))
            }
            fn visit_f64<E: de::Error>(self, v: f64) -> Result<Text, E> {
                Ok(Text(v.to_string()))
            }
            fn visit_bool<E: de::Error>(self, v: bool) -> Result<Text, E> {
                Ok(Text(v.to_string()))
            }
        }
        from.deserialize_any(Any)
    }
}

/// A truth value, also as 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Truth(pub(super) bool);

impl<'de> Deserialize<'de> for Truth {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Truth;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false")
            }
            fn visit_bool<E: de::Error>(self, v: bool) -> Result<Truth, E> {
                Ok(Truth(v))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Truth, E> {
                match v {
                    0 => Ok(Truth(false)),
                    1 => Ok(Truth(true)),
                    _ => Err(E::invalid_value(de::Unexpected::Unsigned(v), &self)),
                }
            }
            fn visit_f64<E: de::Error>(self, v: f64) -> Result<Truth, E> {
                match v {
                    0.0 => Ok(Truth(false)),
                    1.0 => Ok(Truth(true)),
                    _ => Err(E::invalid_value(de::Unexpected::Float(v), &self)),
                }
            }
        }
        from.deserialize_any(Any)
    }
}

/// One value or a list of them; null is a list of nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de> Deserialize<'de> for OneOrMany<Option<String>> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = OneOrMany<Option<String>>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a list of texts")
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Self::Value, E> {
                Ok(OneOrMany(vec![Some(v.to_owned())]))
            }
            fn visit_string<E: de::Error>(self, v: String) -> Result<Self::Value, E> {
                Ok(OneOrMany(vec![Some(v)]))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(OneOrMany(Vec::new()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = seq.next_element()? {
                    all.push(one);
                }
                Ok(OneOrMany(all))
            }
        }
        from.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for OneOrMany<Usage> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = OneOrMany<Usage>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with token counts, or a list of them")
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(OneOrMany(Vec::new()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Ok(OneOrMany(vec![usage(map)?]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = seq.next_element::<SavedUsage>()? {
                    all.push(one.0);
                }
                Ok(OneOrMany(all))
            }
        }
        from.deserialize_any(Any)
    }
}

/// Token counts under the names that providers use.
struct SavedUsage(Usage);

impl<'de> Deserialize<'de> for SavedUsage {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any(PhantomData<()>);
        impl<'de> Visitor<'de> for Any {
            type Value = SavedUsage;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with token counts")
            }
            fn visit_unit<E: de::Error>(self) -> Result<SavedUsage, E> {
                Ok(SavedUsage(Usage::default()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SavedUsage, A::Error> {
                usage(map).map(SavedUsage)
            }
        }
        from.deserialize_any(Any(PhantomData))
    }
}

fn usage<'de, A: MapAccess<'de>>(mut map: A) -> Result<Usage, A::Error> {
    let mut usage = Usage::default();
    while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
        let slot = match key.as_ref() {
            "prompt" | "prompt_tokens" | "input_tokens" => &mut usage.prompt,
            "output" | "completion_tokens" | "output_tokens" => &mut usage.output,
            "reasoning" | "reasoning_tokens" | "think_tokens" => &mut usage.reasoning,
            "completion_tokens_details" | "output_tokens_details" => {
                let details = map.next_value::<SavedUsage>()?.0;
                usage.reasoning = usage.reasoning.or(details.reasoning);
                continue;
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
        };
        // A count that is no whole number (null, NaN read as null, a fraction) is not known.
        let number = map.next_value::<Option<serde_json::Number>>()?;
        *slot = number.and_then(|n| n.as_u64().or_else(|| whole(n.as_f64()?)));
    }
    Ok(usage)
}

/// A float that is a count.
fn whole(n: f64) -> Option<u64> {
    (n.fract() == 0.0 && (0.0..1e15).contains(&n)).then_some(n as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_under_any_name() {
        let all: OneOrMany<Usage> = serde_json::from_str(
            r#"[{"input_tokens":1,"output_tokens":2.0,"total_tokens":3},
                {"prompt_tokens":4,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":2}},
                {"output_tokens":null,"think_tokens":7,"x":[{"y":1}]}, null]"#,
        )
        .unwrap();
        assert_eq!(
            all.0,
            [
                Usage { prompt: Some(1), output: Some(2), reasoning: None },
                Usage { prompt: Some(4), output: Some(5), reasoning: Some(2) },
                Usage { prompt: None, output: None, reasoning: Some(7) },
                Usage::default(),
            ]
        );
    }

    #[test]
    fn one_or_many() {
        for (json, wanted) in [
            (r#""a""#, vec![Some("a")]),
            (r#"["a",null,"b\n"]"#, vec![Some("a"), None, Some("b\n")]),
            ("null", vec![]),
            ("[]", vec![]),
        ] {
            let all: OneOrMany<Option<String>> = serde_json::from_str(json).unwrap();
            assert_eq!(all.0.iter().map(Option::as_deref).collect::<Vec<_>>(), wanted);
        }
    }

    #[test]
    fn text_and_truth() {
        let text = |j| serde_json::from_str::<Text>(j).map(|t| t.0);
        assert_eq!(text("12").unwrap(), "12");
        assert_eq!(text("0.5").unwrap(), "0.5");
        assert_eq!(text(r#""x""#).unwrap(), "x");
        assert!(text("[1]").is_err());
        let truth = |j| serde_json::from_str::<Truth>(j).map(|t| t.0);
        assert!(truth("1").unwrap() && truth("1.0").unwrap() && truth("true").unwrap());
        assert!(!truth("0").unwrap());
        assert!(truth("2").is_err());
    }
}
