//! **heedless**: what reasoning models were told and did not do.
//!
//! Saved files are [imported](import) into [records](record); each record's output is [split]
//! into trace and answer; [checkers](constraint) give every constraint a verdict with marks and a
//! margin, the [grader](grade) gives the answer one; [failure modes](failure) are derived from
//! those ([assess] is the one place where all of it meets); everything goes into a
//! [library]; a query selects from the library; the [explorer] and the [commands](command) are two
//! faces of the same query.
//!
//! ```text
//! files ──import──> Record ──split──> Trace | Answer ──check/grade──> Verdicts ──derive──> Failure modes
//!                                                                       │
//!                             query text <──> Query ──> Library (tantivy + columns) ──> Selection
//!                                                                                          │
//!                                             explorer (ratatui)   commands (stdout)
//! ```
//!
//! Data goes one way. Nothing left of the library knows that a terminal exists; nothing right of
//! it knows a file format.
//!
//! # Words
//!
//! | word | meaning |
//! |---|---|
//! | run | generations of one model under one condition and sampling |
//! | item | one question with its constraints and gold answer; its *setting* is single, double, triple |
//! | generation | one saved output for one item in one run (n samples are n generations) |
//! | trace, answer | the reasoning part and the final part of an output |
//! | constraint, family, category | one rule with its arguments; `punctuation:no_comma`; length, lexical, format, affix |
//! | verdict | followed, not followed, unverifiable, no checker, missing; saved or recomputed |
//! | mark | a byte range in the output with a role: violation, hit, divergence, region, missing |
//! | margin | signed distance to the border of a constraint, at least 0 exactly when followed |
//! | `HAcc`, `SAcc` | share of generations with all constraints followed; mean share of constraints followed |
//! | failure mode | a named, derived reason |
//! | twin | the same item in the run without constraints |
//! | flip | an item on which two runs differ |

pub mod analysis;
pub mod asker;
pub mod assess;
pub mod cli;
pub mod command;
pub mod config;
pub mod constraint;
pub mod destination;
pub mod error;
pub mod explorer;
pub mod failure;
pub mod grade;
pub mod import;
pub mod length;
pub mod library;
pub mod options;
pub mod path;
pub mod record;
pub mod score;
pub mod split;
pub mod text;
pub mod tokens;
pub mod trace;
pub mod triage;
