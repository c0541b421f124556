//! The query language: one small language for the explorer, the commands and the report.
//!
//! ```text
//! model:qwen3-max failed:no_comma mode:truncated correct:yes trace>2000 "exact phrase"
//! model:qwen*,deepseek* -mode:truncated (failed:no_comma OR failed:english_lowercase)
//! trace:500..2000t margin.no_comma<-3 in:trace wait /\bno commas?\b/
//! ```
//!
//! * `field:value` — values are matched whole, without regard to case; `*` stands for anything;
//!   several values are given with commas; quotes keep spaces, commas and stars as they are.
//! * `measure>n`, `>=`, `<`, `<=`, `=`, `measure:a..b` (both ends included; either may be left out).
//!   Lengths are in words; `2000c`, `2000w`, `2000t` say characters, words, tokens; `2k` is 2000.
//! * a bare word, a prefix `wor*`, a `"phrase"` or a `/regex/` is looked up in the text: in trace
//!   and answer, unless `in:trace`, `in:answer`, `in:question` or `in:output` stands before it.
//! * terms are joined by AND; `OR`, `NOT` or `-`, and parentheses do the rest.
//!
//! [`Query`] is a syntax tree whose `Display` gives back a text that parses to the same tree, so
//! that facets can write into the query line and read from it.

mod ast;
mod cursor;
mod edit;
mod field;
mod parser;
#[cfg(test)]
mod tests;

pub use ast::{Comparison, Expr, Filter, Lookup, Pattern, Query, Scope, Term, Threshold};
pub use field::{Field, FieldInfo, Measure, Unit, fields};
pub use parser::QueryError;
pub(crate) use parser::nearest;
