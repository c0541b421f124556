//! What was typed. What it means is in [`options`](crate::options).

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::analysis::Counted;
use crate::explorer::survey::Kind;
use crate::grade::GradeMode;
use crate::library::Unit;
use crate::split::JudgedSpan;
use crate::triage::Policy;

const ABOUT: &str = "\
See what reasoning models were told and did not do.

heedless reads saved generations, holds each output against the constraints of its item, and shows
the exact place where a constraint was broken and by how much.";

const AFTER: &str = "\
Examples:
  heedless sample_runs                      explore the runs in a folder
  heedless runs sample_runs                 HAcc, SAcc, correctness and lengths of each run
  heedless query 'failed:no_comma correct:yes' --columns key,margin.no_comma
  heedless show qwen3-max/level1-0          one generation, with the places marked
  heedless compare qwen-plus qwen3-max      where two runs differ
  heedless score --items data.jsonl --outputs out.jsonl --verdicts verdicts.jsonl
  producer | heedless score - --verdicts -  verdicts for records as they come

PATH is a folder or a file of saved generations: MathIF's data/ and output/ folders, or heedless's
own JSONL. Without a PATH, commands use the library opened last.

A KEY is RUN/ITEM, RUN/ITEM#SAMPLE, or FILE:LINE of a file of saved generations.

Exit codes: 0 all went well, 1 nothing was found, 2 wrong usage, or a file could not be read or written.";

const TEMPLATE: &str = "\
{about}

Usage: heedless [OPTIONS] [PATH]...           the explorer; without a terminal, what `runs` prints
       heedless [OPTIONS] COMMAND …

{all-args}{after-help}";

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "heedless",
    version,
    about = ABOUT,
    after_help = AFTER,
    help_template = TEMPLATE,
    max_term_width = 100,
    subcommand_precedence_over_arg = true,
    disable_help_subcommand = true,
    infer_long_args = true
)]
pub struct Cli {
    /// The explorer, when there is no command.
    #[command(flatten)]
    pub explore: Explore,
    /// Options of all commands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How the explorer begins and looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "The explorer")]
pub struct Explore {
    /// Saved generations to explore: folders or files
    #[arg(value_name = "PATH", hide = true)]
    pub paths: Vec<PathBuf>,
    /// Begin with this query
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true, display_order = 1)]
    pub query: Option<String>,
    /// Begin at this generation
    #[arg(long, value_name = "KEY", display_order = 1)]
    pub at: Option<String>,
    /// Begin with this saved view
    #[arg(long, value_name = "NAME", display_order = 1)]
    pub view: Option<String>,
    /// How the explorer looks: auto, ansi, dark, light, mono, or a theme file
    #[arg(long, value_name = "THEME", env = "HEEDLESS_THEME", hide_env_values = true, display_order = 2)]
    pub theme: Option<PathBuf>,
    /// Draw ASCII signs only
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true, display_order = 2)]
    pub ascii: Option<bool>,
    /// Leave the mouse to the terminal
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true, display_order = 2)]
    pub no_mouse: Option<bool>,
    /// Your own keys, over those built in
    #[arg(long, value_name = "FILE", env = "HEEDLESS_KEYMAP", hide_env_values = true, display_order = 2)]
    pub keymap: Option<PathBuf>,
}

/// Options of all commands.
#[derive(Debug, Args)]
#[command(next_help_heading = "All commands")]
pub struct Global {
    /// Where the library is kept, instead of the cache folder
    #[arg(
        long,
        value_name = "DIR",
        global = true,
        env = "HEEDLESS_INDEX",
        hide_env_values = true,
        display_order = 90
    )]
    pub index: Option<PathBuf>,
    /// Your settings, instead of the file that `heedless config path` names
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        env = "HEEDLESS_CONFIG",
        hide_env_values = true,
        display_order = 90
    )]
    pub config: Option<PathBuf>,
    /// The run that others are held against, for `vs:worse` in queries, `compare` and flips
    #[arg(long, value_name = "RUN", global = true, display_order = 91)]
    pub baseline: Option<String>,
    /// Which text constraints are held against: what MathIF's script judges (mathif, unless set), or the
    /// answer, the trace, or the whole output
    #[arg(
        long,
        value_enum,
        value_name = "RULE",
        global = true,
        hide_possible_values = true,
        display_order = 91
    )]
    pub judged: Option<JudgedSpan>,
    /// How answers are compared: as the public grader does (reference, unless set), or by mathematics (exact)
    #[arg(
        long,
        value_enum,
        value_name = "MODE",
        global = true,
        hide_possible_values = true,
        display_order = 92
    )]
    pub grade: Option<GradeMode>,
    /// Count tokens with this tokenizer.json instead of the built-in o200k, where a file does not
    /// say how many there are
    #[arg(long, value_name = "FILE", global = true, display_order = 93)]
    pub tokenizer: Option<PathBuf>,
    /// Constraints of your own to check too, from a TOML file; docs/formats.md says how they look
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        env = "HEEDLESS_RULES",
        hide_env_values = true,
        display_order = 94
    )]
    pub rules: Option<PathBuf>,
    /// When to colour: auto, always, never
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        global = true,
        hide_possible_values = true,
        display_order = 93
    )]
    pub color: Color,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Even into a pipe.
    Always,
    /// Never.
    Never,
}

/// Commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build or refresh the library, and say what was read, loaded and rejected
    Index(Index),
    /// One line for each run: HAcc, SAcc, correctness, truncated, lengths
    Runs(Runs),
    /// Matching generations
    Query(Query),
    /// One generation: item, verdicts, trace and answer with marks
    Show(Show),
    /// What two or more runs did with the same items, and the flips
    Compare(Compare),
    /// Shares by two fields: constraint and run, or any other two
    Matrix(Matrix),
    /// What the explorer's plots are drawn from: rates by length, margins, first violations, …
    Plot(Plot),
    /// What could not be read, where, and why
    Rejects(Rejects),
    /// Verdicts without a library
    Score(Score),
    /// Why one generation got its verdicts
    Explain(Explain),
    /// The constraints heedless can check
    Constraints(Constraints),
    /// Saved verdicts against recomputed ones
    Audit(Audit),
    /// Your tags and notes: list, export, import, merge with another person's
    Tags(Tags),
    /// Where libraries are, and what they cover
    Library(Library),
    /// Your settings: where they lie, what is wrong in them, what there is to set
    Config(Config),
}

/// Whether an existing file may be overwritten. The same for every command that writes a file.
#[derive(Debug, Clone, Copy, Args)]
pub struct Overwrite {
    /// Overwrite an existing file, but never one that is read-only or that heedless reads:
    /// generations, items, verdicts, settings, tags, libraries
    #[arg(long)]
    pub force: bool,
}

/// Plain words, or something for a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Aligned columns.
    #[default]
    Table,
    /// One JSON document.
    Json,
}

/// Forms of a list of generations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ListFormat {
    /// Aligned columns.
    #[default]
    Table,
    /// One JSON array.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated, with a header.
    Csv,
    /// Tab-separated, with a header.
    Tsv,
    /// A Markdown table.
    #[value(alias = "md")]
    Markdown,
}

/// Forms of one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ShowFormat {
    /// Everything, for people.
    #[default]
    Table,
    /// One JSON document.
    Json,
    /// Verdicts and answer, to be pasted into an issue.
    #[value(alias = "md")]
    Markdown,
}

/// `heedless index`.
#[derive(Debug, Args)]
pub struct Index {
    /// Folders or files; those of the library opened last when none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Read every file again, changed or not
    #[arg(long)]
    pub fresh: bool,
    /// Form of the report: table, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: Format,
}

/// `heedless runs`.
#[derive(Debug, Default, Args)]
pub struct Runs {
    /// Folders or files; the library opened last when none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only generations that match
    #[arg(long, short, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    /// Lengths in tokens: those saved, and counted where a file does not say. Reads every output
    #[arg(long)]
    pub tokens: bool,
    /// Form of the output: table, json, jsonl, csv, tsv, markdown
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: ListFormat,
}

/// `heedless query`.
#[derive(Debug, Args)]
#[command(after_help = QUERY_HELP)]
pub struct Query {
    /// What to look for.
    #[arg(value_name = "QUERY", allow_hyphen_values = true, help = QUERY_ARGUMENT)]
    pub query: String,
    /// Folders or files; the library opened last when none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Form of the output: table, json, jsonl, csv, tsv, markdown
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: ListFormat,
    /// Columns, separated by commas; `--columns help` lists them
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Sort by this column; with a leading minus, the largest first. relevance: what is most about
    /// the words looked up first
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// At most that many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Print only how many there are
    #[arg(long)]
    pub count: bool,
    /// A line for all samples of an item in a run: how many, how many followed, how many correct
    #[arg(long, conflicts_with = "columns")]
    pub fold: bool,
    /// Leave CSV and TSV cells as they are: by default, text that a spreadsheet would run as a
    /// formula gets a leading apostrophe
    #[arg(long)]
    pub raw: bool,
}

const QUERY_ARGUMENT: &str =
    "What to look for, such as 'failed:no_comma correct:yes trace>2000 \"exact phrase\"'";

const QUERY_HELP: &str = "\
A query is words, \"phrases\" and fields, all of which must hold; OR, -not and (…) work as expected:
  model:qwen3-max        run, model, condition, source, setting, item, finish
  constraint:no_comma    has the constraint; failed: and passed: say what became of it (an id, its
                         short name, a family or a category)
  verdict:fail           pass, partial, fail, unknown
  mode:truncated         a failure mode
  tag:3, note:word       what you left on it; a tag by its digit or its name
  vs:worse               constraints followed, held against the same item of the baseline run: better,
                         worse, same; vs.correct: is about the final answer
  correct:yes            yes, no, unknown
  trace>2000             length of a part: trace, answer; also a..b, <, <=, >=
  margin.no_comma<-3     distance to the border of a constraint
  \"exact phrase\"         in the text; in:trace, in:answer, in:question; /regex/";

/// `heedless show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The generation.
    #[arg(value_name = "KEY", help = "RUN/ITEM, RUN/ITEM#SAMPLE or FILE:LINE")]
    pub key: OsString,
    /// Folders or files; the library opened last when none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Form of the output: table, json, markdown
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: ShowFormat,
}

/// `heedless compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// Names of two or more runs; what names something on disk is a PATH
    #[arg(value_name = "RUN", required = true, num_args = 1..)]
    pub runs: Vec<OsString>,
    /// Only generations that match
    #[arg(long, short, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    /// At most that many flips
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Form of the output: table, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: Format,
}

/// `heedless matrix`.
#[derive(Debug, Args)]
pub struct Matrix {
    /// Folders or files; the library opened last when none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Field of the rows: constraint, category, model, run, condition, setting, source, mode, finish
    #[arg(long, value_name = "FIELD", default_value = "constraint")]
    pub rows: String,
    /// Field of the columns
    #[arg(long, value_name = "FIELD", default_value = "run")]
    pub columns: String,
    /// What is counted: followed, right
    #[arg(long, value_enum, value_name = "WHAT", default_value = "followed", hide_possible_values = true)]
    pub measure: Counted,
    /// Only generations that match
    #[arg(long, short, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    /// Form of the output: table, json, jsonl, csv, tsv, markdown
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: ListFormat,
}

/// `heedless plot`.
#[derive(Debug, Args)]
pub struct Plot {
    /// Which: by-length, runs, cross, margins, first-violation, lengths
    #[arg(value_enum, value_name = "PLOT", hide_possible_values = true)]
    pub kind: Kind,
    /// Folders or files; the library opened last when none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Of what: trace or answer; for margins and first-violation a constraint
    #[arg(long, value_name = "WHAT")]
    pub of: Option<String>,
    /// Unit of lengths: words, tokens, chars
    #[arg(long, value_enum, default_value_t, value_name = "UNIT", hide_possible_values = true)]
    pub unit: Unit,
    /// Only generations that match
    #[arg(long, short, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    /// Form of the output: table, json, jsonl, csv, tsv, markdown
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: ListFormat,
}

/// `heedless rejects`.
#[derive(Debug, Args)]
pub struct Rejects {
    /// Folders or files; the library opened last when none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Form of the output: table, json, jsonl, csv, tsv, markdown
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: ListFormat,
}

/// `heedless score`.
#[derive(Debug, Args)]
#[command(after_help = SCORE_HELP)]
pub struct Score {
    /// Files or folders; `-` reads records from standard input
    #[arg(value_name = "FILE", required_unless_present = "outputs")]
    pub files: Vec<PathBuf>,
    /// A MathIF item file …
    #[arg(long, value_name = "FILE", requires = "outputs")]
    pub items: Option<PathBuf>,
    /// … and output files to be paired with it line by line
    #[arg(long, value_name = "FILE", requires = "items", conflicts_with = "files", num_args = 1..)]
    pub outputs: Vec<PathBuf>,
    /// Write the verdicts on each generation here: OUT.jsonl, OUT.parquet, or - for standard output
    #[arg(long, value_name = "OUT")]
    pub verdicts: Option<PathBuf>,
    /// Whether an existing file is overwritten.
    #[command(flatten)]
    pub overwrite: Overwrite,
    /// Write the failure modes of each generation too, which takes more than twice the time
    #[arg(long, requires = "verdicts")]
    pub modes: bool,
    /// Averages under each rule for which text is judged (see --judged), one below the other
    #[arg(long, conflicts_with = "verdicts")]
    pub each_rule: bool,
    /// Threads; as many as the machine has when not given. The output does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Form of the averages: table, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: Format,
}

const SCORE_HELP: &str = "\
Averages (--format json prints {\"n\":…,\"hacc\":…,\"sacc\":…,\"correctness\":…}):
  n            generations
  hacc         share of generations with all constraints followed
  sacc         mean share of constraints followed
  correctness  share of right final answers, over generations that have a gold answer
A constraint that could not be checked counts as not followed, and an answer that could not be
compared as not right, as in the public script; how many there are is said. With --each-rule there
is such an object for each rule: {\"mathif\":{…},\"answer\":{…},\"trace\":{…},\"whole\":{…}}.

Verdicts, one JSON object for each generation, in input order:
  line            line of the input, from 1 (with several inputs, `file` as well; `sample` where a
                  line holds several outputs)
  verdicts        for each constraint: constraint, followed (true, false, null when not known),
                  measured, margin (at least 0 exactly when followed), unit, marks, reason
  marks           start, end (bytes of the output as UTF-8), role (violation, hit, divergence,
                  region, missing), note
  correct         true, false, or null when not known; extracted: the final answer as found
  trace_chars, answer_chars; with --modes: modes
Parquet has a row for each constraint of each generation, marks as JSON text.";

/// `heedless explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The generation.
    #[arg(value_name = "KEY", help = "RUN/ITEM, RUN/ITEM#SAMPLE or FILE:LINE")]
    pub key: OsString,
    /// Folders or files; the library opened last when none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only this constraint: an id or its short name
    #[arg(long, short, value_name = "ID")]
    pub constraint: Option<String>,
}

/// `heedless constraints`.
#[derive(Debug, Args)]
pub struct Constraints {
    /// Only those with this in their name, family or category
    #[arg(value_name = "WORD")]
    pub word: Option<String>,
    /// Form of the output: table, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: Format,
}

/// `heedless audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// Folders or files with saved verdicts
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// At most that many disagreeing generations are listed for each constraint
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// Form of the output: table, json
    #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
    pub format: Format,
}

/// `heedless tags`.
#[derive(Debug, Args)]
#[command(after_help = TAGS_HELP)]
pub struct Tags {
    /// What to do with tags and notes.
    #[command(subcommand)]
    pub action: TagsAction,
}

const TAGS_HELP: &str = "\
Tags and notes are left in the explorer (1 to 9, and a note). They lie in one file, triage.jsonl in
heedless' folder of the data directory, or the file that HEEDLESS_TRIAGE names; docs/formats.md says
how its lines look. `heedless query tag:3` and `note:word` ask for them.";

/// What to do with tags and notes.
#[derive(Debug, Subcommand)]
pub enum TagsAction {
    /// Generations with a tag or a note
    List {
        /// Only those of these folders or files; all there are when none is given
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Form of the output: table, json, jsonl, csv, tsv, markdown
        #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
        format: ListFormat,
        /// Leave CSV and TSV cells as they are, even where a spreadsheet would run them
        #[arg(long)]
        raw: bool,
    },
    /// Write all of them to a file, for another person or another machine
    Export {
        /// The file, or - for standard output
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Whether an existing file is overwritten.
        #[command(flatten)]
        overwrite: Overwrite,
    },
    /// Take in those of a file: an export, or another person's triage.jsonl
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Where both say something: union (tags of both, one note after the other), ours, theirs
        #[arg(long, value_enum, default_value_t, value_name = "WHICH", hide_possible_values = true)]
        policy: Policy,
    },
    /// How far two files agree, tag by tag, and where they differ
    Merge {
        /// The first person's file
        #[arg(value_name = "FILE")]
        ours: PathBuf,
        /// The second person's file
        #[arg(value_name = "FILE")]
        theirs: PathBuf,
        /// Write both together to this file; - is standard output, with nothing else on it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Whether an existing file is overwritten.
        #[command(flatten)]
        overwrite: Overwrite,
        /// What --out gets where both say something: union, ours (the first file), theirs
        #[arg(long, value_enum, default_value_t, value_name = "WHICH", hide_possible_values = true)]
        policy: Policy,
        /// Form of the output: table, json
        #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
        format: Format,
    },
}

/// `heedless library`.
#[derive(Debug, Args)]
pub struct Library {
    /// What to do with libraries.
    #[command(subcommand)]
    pub action: LibraryAction,
}

/// What to do with libraries.
#[derive(Debug, Subcommand)]
pub enum LibraryAction {
    /// All libraries in the cache folder: size, what they cover
    List {
        /// Form of the output: table, json
        #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
        format: Format,
    },
    /// Print the folder of a library
    Path {
        /// Folders or files; the library opened last when none is given
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Verify checksums, and that counts add up
    Check {
        /// Folders or files; the library opened last when none is given
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Also read every generation back from its file
        #[arg(long)]
        sources: bool,
        /// Form of the output: table, json
        #[arg(long, value_enum, default_value_t, hide_possible_values = true)]
        format: Format,
    },
    /// Remove a library (never the files it was built from)
    Remove {
        /// The folders or files it covers; or name its folder with --index
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

/// `heedless config`.
#[derive(Debug, Args)]
pub struct Config {
    /// What to do with settings.
    #[command(subcommand)]
    pub action: ConfigAction,
}

/// What to do with settings.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Print where the file of settings lies, or would lie
    Path,
    /// Say what is wrong in it, line by line
    Check,
    /// Print every setting with what it does and what holds when it is not set
    Default,
}
