//! Changes to a query that are not typed: facets, Esc, links from a table to its generations.

use super::ast::{Expr, Filter, Pattern, Query};
use super::field::Field;

impl Query {
    /// The parts that must all hold.
    fn parts(&self) -> &[Expr] {
        match &self.expr {
            None => &[],
            Some(Expr::And(list)) => list,
            Some(one) => std::slice::from_ref(one),
        }
    }

    fn from_parts(mut parts: Vec<Expr>) -> Self {
        let expr = if parts.len() > 1 { Some(Expr::And(parts)) } else { parts.pop() };
        Self { expr }
    }

    /// The values asked of a field, as far as they stand at the top and not under NOT or OR.
    pub fn values(&self, field: Field) -> Vec<&Pattern> {
        self.parts()
            .iter()
            .filter_map(|part| match part {
                Expr::Filter(Filter::Is { field: f, values }) if *f == field => Some(values),
                _ => None,
            })
            .flatten()
            .collect()
    }

    /// Whether a field that this holds for is asked about anywhere.
    pub fn asks_about(&self, holds: impl Fn(Field) -> bool) -> bool {
        fn within(expr: &Expr, holds: &impl Fn(Field) -> bool) -> bool {
            match expr {
                Expr::And(list) | Expr::Or(list) => list.iter().any(|one| within(one, holds)),
                Expr::Not(inner) => within(inner, holds),
                Expr::Filter(Filter::Is { field, .. }) => holds(*field),
                _ => false,
            }
        }
        self.expr.as_ref().is_some_and(|expr| within(expr, &holds))
    }

    /// Whether a value of a field is asked for at the top, by itself or through a wildcard: how a
    /// facet shows it.
    pub fn has(&self, field: Field, value: &str) -> bool {
        self.values(field).iter().any(|pattern| pattern.matches(value))
    }

    /// Whether a value of a field is excluded at the top.
    pub fn excludes(&self, field: Field, value: &str) -> bool {
        self.parts().iter().any(|part| match part {
            Expr::Not(inner) => {
                matches!(&**inner, Expr::Filter(Filter::Is { field: f, values }) if *f == field
                    && values.iter().any(|pattern| pattern.matches(value)))
            }
            _ => false,
        })
    }

    /// Asks for a value of a field, or no longer. Several values of a field that a generation has
    /// one of are joined by a comma; of the others each narrows.
    #[must_use]
    pub fn toggle(&self, field: Field, value: &str) -> Self {
        let asked = |patterns: &[Pattern]| patterns.iter().any(|p| p.matches(value));
        let mut parts = self.parts().to_vec();
        if self.has(field, value) {
            for part in &mut parts {
                if let Expr::Filter(Filter::Is { field: f, values }) = part
                    && *f == field
                    && asked(values)
                {
                    values.retain(|pattern| !pattern.matches(value));
                }
            }
            parts
                .retain(|part| !matches!(part, Expr::Filter(Filter::Is { values, .. }) if values.is_empty()));
            return Self::from_parts(parts);
        }
        // Asking for what was excluded takes the exclusion back.
        parts.retain(|part| {
            !matches!(part, Expr::Not(inner)
                if matches!(&**inner, Expr::Filter(Filter::Is { field: f, values }) if *f == field && asked(values)))
        });
        if field.is_single() {
            for part in &mut parts {
                if let Expr::Filter(Filter::Is { field: f, values }) = part
                    && *f == field
                {
                    values.push(Pattern::literal(value));
                    return Self::from_parts(parts);
                }
            }
        }
        parts.push(is(field, value));
        Self::from_parts(parts)
    }

    /// Excludes a value of a field, or no longer.
    #[must_use]
    pub fn exclude(&self, field: Field, value: &str) -> Self {
        if self.excludes(field, value) {
            let mut parts = self.parts().to_vec();
            parts.retain(|part| {
                !matches!(part, Expr::Not(inner)
                    if matches!(&**inner, Expr::Filter(Filter::Is { field: f, values }) if *f == field
                        && values.iter().any(|pattern| pattern.matches(value))))
            });
            return Self::from_parts(parts);
        }
        let base = if self.has(field, value) { self.toggle(field, value) } else { self.clone() };
        base.and(Expr::Not(Box::new(is(field, value))))
    }

    /// This and one thing more; nothing is added twice.
    #[must_use]
    pub fn and(&self, expr: Expr) -> Self {
        let mut parts = self.parts().to_vec();
        let more = match expr {
            Expr::And(list) => list,
            one => vec![one],
        };
        for part in more {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        Self::from_parts(parts)
    }

    /// This with exactly one value of a field: what a link from a table cell means.
    #[must_use]
    pub fn with(&self, field: Field, value: &str) -> Self {
        self.without(field).and(is(field, value))
    }

    /// This without what it asks of a field at the top.
    #[must_use]
    pub fn without(&self, field: Field) -> Self {
        let mut parts = self.parts().to_vec();
        parts.retain(|part| !matches!(part, Expr::Filter(Filter::Is { field: f, .. }) if *f == field));
        Self::from_parts(parts)
    }

    /// This without its last part: what Esc on an empty selection does. Of a list of values the
    /// last one goes.
    #[must_use]
    pub fn without_last(&self) -> Self {
        let mut parts = self.parts().to_vec();
        match parts.last_mut() {
            Some(Expr::Filter(Filter::Is { values, .. })) if values.len() > 1 => {
                values.pop();
            }
            _ => {
                parts.pop();
            }
        }
        Self::from_parts(parts)
    }
}

/// `field:value`, the value as it stands.
fn is(field: Field, value: &str) -> Expr {
    Expr::Filter(Filter::Is { field, values: vec![Pattern::literal(value)] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facets_write_into_the_query_and_read_from_it() {
        // (before, field, value, after)
        let table = [
            ("", Field::Model, "a", "model:a"),
            ("model:a", Field::Model, "b", "model:a,b"),
            ("model:a,b", Field::Model, "a", "model:b"),
            ("model:a", Field::Model, "a", ""),
            ("failed:x wait", Field::Failed, "y", "failed:x wait failed:y"),
            ("failed:x wait failed:y", Field::Failed, "x", "wait failed:y"),
            ("model:qwen*", Field::Model, "qwen-plus", ""),
            ("-model:a", Field::Model, "a", "model:a"),
            ("(model:a OR wait)", Field::Model, "a", "(model:a OR wait) model:a"),
            ("", Field::Condition, "no constraints", "condition:\"no constraints\""),
            ("", Field::Source, "a*b", "source:\"a*b\""),
        ];
        for (before, field, value, after) in table {
            let query = Query::parse(before).unwrap();
            let toggled = query.toggle(field, value);
            assert_eq!(toggled.to_string(), after, "{before:?} toggled {field}:{value}");
            assert_eq!(toggled.has(field, value), !query.has(field, value), "{before:?} {field}:{value}");
        }
    }

    #[test]
    fn excluding_is_undone_by_excluding_again() {
        let query = Query::parse("model:a,b").unwrap();
        let without = query.exclude(Field::Model, "a");
        assert_eq!(without.to_string(), "model:b -model:a");
        assert!(without.excludes(Field::Model, "a"));
        assert_eq!(without.exclude(Field::Model, "a").to_string(), "model:b");
    }

    #[test]
    fn the_last_part_goes_first() {
        let mut query = Query::parse("model:a,b trace>5 wait").unwrap();
        let mut seen = Vec::new();
        while !query.is_empty() {
            query = query.without_last();
            seen.push(query.to_string());
        }
        assert_eq!(seen, ["model:a,b trace>5", "model:a,b", "model:a", ""]);
    }
}
