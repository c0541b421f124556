//! `heedless score`: averages and verdicts straight from files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::output::{self, Output, Style, Table, cell};
use super::progress::Bar;
use super::{Found, protected, rejects, say};
use crate::assess::{self, Judgement, verdicts_under_all};
use crate::cli::{Format, Score};
use crate::constraint::{Verdict, Want};
use crate::destination::{Destination, Protected};
use crate::error::{Error, Reject, RejectKind};
use crate::grade::Grade;
use crate::import::{self, Format as Layout, Overrides, Source};
use crate::options::Options;
use crate::path::{self, shown};
use crate::record::{Run, WITH_CONSTRAINTS};
use crate::score::{self, Averages, Event, KnowRuns, PreparedItems, Ready, STDIN, VerdictLine};
use crate::split::{JudgedSpan, Split};
use crate::text::{visible, width};

/// Runs the command.
pub fn run(options: &Options, typed: &Score, out: &mut Output) -> Result<Found> {
    let mut tally = Tally::default();
    let (sources, unpaired) = sources(typed, &mut tally)?;
    // Refused before anything is read.
    let to = typed.verdicts.as_deref().map(|path| destination(options, path, typed, &sources, &unpaired));
    let to = to.transpose()?;
    let alone = to.as_ref().is_some_and(Destination::is_stdout);
    let bar = bar(options, &sources);
    let mut work = Work { tally, sources: &sources, options, items: PreparedItems::default(), bar };
    let all = || match (to, typed.verdicts.as_deref()) {
        (Some(to), Some(path)) if is_parquet(path) => parquet(to, path, typed.modes, &mut work),
        (Some(to), Some(path)) => jsonl(to, path, typed.modes, &mut work),
        _ if typed.each_rule => averages_under_each_rule(&mut work),
        _ => averages(&mut work),
    };
    match typed.threads {
        Some(threads) => rayon::ThreadPoolBuilder::new()
            .num_threads(usize::from(threads))
            .build()
            .context("--threads")?
            .install(all),
        None => all(),
    }?;
    let Work { tally, bar, .. } = work;
    bar.finish();
    rejects::say_all(&tally.rejects, tally.rejected);
    let total = tally.total(options.judged);
    // Verdicts on standard output are alone there.
    if alone {
        say(&sentence(&total));
    } else if typed.format == Format::Json {
        if typed.each_rule {
            let each = JudgedSpan::ALL.map(|rule| (rule.name(), tally.total(rule)));
            out.json_line(&BTreeMap::from(each))?;
        } else {
            out.json_line(&total)?;
        }
    } else {
        tally.write(options, typed.each_rule, out)?;
    }
    Ok(Found::any(total.n > 0))
}

/// The stream that verdicts are written from, and what is counted on the way.
struct Work<'a> {
    tally: Tally,
    sources: &'a [Source],
    options: &'a Options,
    items: PreparedItems,
    bar: Bar,
}

/// Where what is made of the generations goes.
trait Sink<T> {
    /// What must be known of runs before. What cannot be taken back must be right the first time.
    fn know_runs(&self) -> KnowRuns;

    /// Takes in what was made of some generations.
    fn take(&mut self, made: T) -> crate::error::Result<()>;

    /// A source begins.
    fn begin(&mut self) {}

    /// Takes back all since the source began.
    fn take_back(&mut self) -> crate::error::Result<()> {
        Ok(())
    }
}

/// What is made of some generations: the averages of each run under a rule, and what else is wanted.
#[derive(Default)]
struct Made<T> {
    runs: Vec<(Arc<Run>, JudgedSpan, Averages)>,
    other: T,
}

impl<T> Made<T> {
    fn add(&mut self, ready: &Ready, judged: JudgedSpan, verdicts: &[Verdict], grade: &Grade) {
        let run = &ready.record.run;
        let at = self.runs.iter().position(|(known, rule, _)| Arc::ptr_eq(known, run) && *rule == judged);
        let at = at.unwrap_or_else(|| {
            self.runs.push((Arc::clone(run), judged, Averages::default()));
            self.runs.len() - 1
        });
        self.runs[at].2.add(verdicts, grade, ready.record.item.gold.is_some());
    }
}

impl Work<'_> {
    /// Judges every generation under one rule: into the averages, and what else `put` makes of it into
    /// `sink`.
    fn judge<T: Default + Send>(
        &mut self,
        options: assess::Options,
        put: &(impl Fn(&Ready, &Judgement, &mut T) + Sync),
        sink: &mut impl Sink<T>,
    ) -> Result<()> {
        let map = |ready: &Ready, made: &mut Made<T>| {
            let judgement = ready.judge(options);
            put(ready, &judgement, &mut made.other);
            made.add(ready, options.judged, &judgement.verdicts, &judgement.grade);
            judgement.split.closed()
        };
        self.stream(&map, sink)
    }

    /// Streams the sources into the averages, and what else `map` makes of each generation into
    /// `sink`.
    fn stream<T: Default + Send>(
        &mut self,
        map: &(impl Fn(&Ready, &mut Made<T>) -> bool + Sync),
        sink: &mut impl Sink<T>,
    ) -> Result<()> {
        for source in self.sources {
            let before = self.tally.clone();
            let (mut pending, mut again) = (None, false);
            sink.begin();
            score::stream(source, &self.items, sink.know_runs(), map, &mut |event| {
                match event {
                    Event::Made(Made { runs, other }) => {
                        for (run, judged, averages) in &runs {
                            self.tally.of(&run.name, *judged).merge(averages);
                        }
                        sink.take(other)?;
                    }
                    Event::Rejected(reject) => self.tally.reject(reject),
                    Event::Pending(line, bytes) => pending = Some((line, bytes)),
                    Event::Read(_) if again => {}
                    Event::Read(bytes) => self.bar.add(bytes),
                    Event::Again => {
                        again = true;
                        self.tally = before.clone();
                        sink.take_back()?;
                    }
                }
                Ok(())
            })?;
            if let Some((line, bytes)) = pending {
                say(&format!(
                    "heedless: {}:{line}: a last line of {bytes} bytes is not finished; left out",
                    shown(&source.path)
                ));
            }
        }
        Ok(())
    }
}

/// Averages alone: what is derived from verdicts is not derived.
fn averages(work: &mut Work<'_>) -> Result<()> {
    let options = work.options.assess(Want::Verdict);
    work.judge(options, &|_, _, ()| {}, &mut Nowhere(options.judged))
}

/// Averages alone, under each rule for which text is judged.
fn averages_under_each_rule(work: &mut Work<'_>) -> Result<()> {
    let grade = work.options.assess(Want::Verdict).grade;
    let map = |ready: &Ready, made: &mut Made<()>| {
        let (item, generation) = (&ready.item, &ready.record.generation);
        let split = Split::of(generation, ready.facts.closes_traces);
        let under = verdicts_under_all(item, generation, &split, Want::Verdict);
        for (rule, verdicts) in JudgedSpan::ALL.into_iter().zip(&under) {
            let grade = item.gold.grade(&generation.text, split.judged(rule), grade);
            made.add(ready, rule, verdicts, &grade);
        }
        split.closed()
    };
    work.stream(&map, &mut Nowhere(JudgedSpan::Answer))
}

/// Averages alone go nowhere else.
struct Nowhere(JudgedSpan);

impl Sink<()> for Nowhere {
    fn know_runs(&self) -> KnowRuns {
        match self.0 {
            // The rule of the public script needs nothing that depends on the whole run.
            JudgedSpan::Mathif | JudgedSpan::Whole => KnowRuns::No,
            JudgedSpan::Answer | JudgedSpan::Trace => KnowRuns::FromSamples,
        }
    }

    fn take(&mut self, (): ()) -> crate::error::Result<()> {
        Ok(())
    }
}

/// Writes a line of JSON for each generation.
fn jsonl(to: Destination, path: &Path, with_modes: bool, work: &mut Work<'_>) -> Result<()> {
    let with_file = work.sources.len() > 1;
    let options = work.options.assess(Want::Marks);
    let put = |ready: &Ready, judgement: &Judgement, lines: &mut Vec<u8>| {
        let modes = with_modes.then(|| ready.modes(judgement, options));
        VerdictLine::new(&ready.record, judgement, modes, with_file).write(lines, &output::json_text);
    };
    let mut lines = LinesTo { to, path, begun: None };
    work.judge(options, &put, &mut lines)?;
    Ok(lines.to.finish()?)
}

/// Lines of verdicts on their way.
struct LinesTo<'a> {
    to: Destination,
    path: &'a Path,
    /// Bytes written before this source, where they can be taken back.
    begun: Option<u64>,
}

impl Sink<Vec<u8>> for LinesTo<'_> {
    fn know_runs(&self) -> KnowRuns {
        if self.to.written().is_some() { KnowRuns::FromSamples } else { KnowRuns::Before }
    }

    fn take(&mut self, lines: Vec<u8>) -> crate::error::Result<()> {
        self.to.write_all(&lines).map_err(|e| Error::io(self.path, e))
    }

    fn begin(&mut self) {
        self.begun = self.to.written();
    }

    fn take_back(&mut self) -> crate::error::Result<()> {
        self.begun.map_or(Ok(()), |begun| self.to.cut(begun))
    }
}

/// Writes a Parquet file.
#[cfg(feature = "parquet")]
fn parquet(to: Destination, path: &Path, with_modes: bool, work: &mut Work<'_>) -> Result<()> {
    let mut rows = RowsTo { writer: score::ParquetWriter::new(to)?, path };
    let options = work.options.assess(Want::Marks);
    let put = |ready: &Ready, judgement: &Judgement, rows: &mut Vec<score::Row>| {
        let modes = with_modes.then(|| ready.modes(judgement, options));
        rows.extend(score::rows(&ready.record, judgement, modes));
    };
    work.judge(options, &put, &mut rows)?;
    Ok(rows.writer.finish()?.finish()?)
}

/// Rows of verdicts on their way to a Parquet file.
#[cfg(feature = "parquet")]
struct RowsTo<'a> {
    writer: score::ParquetWriter<Destination>,
    path: &'a Path,
}

#[cfg(feature = "parquet")]
impl Sink<Vec<score::Row>> for RowsTo<'_> {
    fn know_runs(&self) -> KnowRuns {
        KnowRuns::Before
    }

    fn take(&mut self, rows: Vec<score::Row>) -> crate::error::Result<()> {
        self.writer.write(rows).map_err(|e| Error::io(self.path, std::io::Error::other(e)))
    }
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: Destination, _: &Path, _: bool, _: &mut Work<'_>) -> Result<()> {
    anyhow::bail!(
        "this heedless was built without Parquet; give --verdicts OUT.jsonl, or build with --features parquet"
    )
}

/// Averages of each run, in the order in which runs were met.
#[derive(Debug, Clone, Default)]
struct Tally {
    runs: Vec<(String, JudgedSpan, Averages)>,
    numbers: BTreeMap<(String, &'static str), usize>,
    rejects: Vec<Reject>,
    rejected: usize,
}

impl Tally {
    fn reject(&mut self, reject: Reject) {
        self.rejected += 1;
        if self.rejects.len() < rejects::SPELLED_OUT {
            self.rejects.push(reject);
        }
    }

    fn of(&mut self, run: &str, judged: JudgedSpan) -> &mut Averages {
        let name = (run.to_owned(), judged.name());
        let at = *self.numbers.entry(name).or_insert_with(|| {
            self.runs.push((run.to_owned(), judged, Averages::default()));
            self.runs.len() - 1
        });
        &mut self.runs[at].2
    }

    fn total(&self, judged: JudgedSpan) -> Averages {
        let mut total = Averages::default();
        let ours = self.runs.iter().filter(|(_, rule, _)| *rule == judged);
        ours.for_each(|(.., averages)| total.merge(averages));
        total
    }

    fn write(&self, options: &Options, each_rule: bool, out: &mut Output) -> Result<()> {
        let rules = if each_rule { JudgedSpan::ALL.to_vec() } else { vec![options.judged] };
        let mut columns = vec!["run", ">n", ">HAcc", ">SAcc", ">correctness"];
        if each_rule {
            columns.insert(1, "judged");
        }
        let mut table = Table::new(&columns);
        let figure = |f: Option<f64>| cell(&f.map_or("–".to_owned(), |f| format!("{f:.4}")));
        let mut row = |name: &str, judged: JudgedSpan, a: &Averages, style| {
            let mut cells = vec![
                (visible(name), style),
                cell(&width::count(a.n as usize)),
                figure(a.hacc()),
                figure(a.sacc()),
                figure(a.correctness()),
            ];
            if each_rule {
                cells.insert(1, cell(judged.name()));
            }
            table.row(cells);
        };
        self.runs.iter().for_each(|(name, judged, averages)| row(name, *judged, averages, Style::Plain));
        if self.runs.len() != rules.len() {
            for rule in &rules {
                row("all", *rule, &self.total(*rule), Style::Bold);
            }
        }
        table.write(out)?;
        let judged = if each_rule { "each rule" } else { options.judged.name() };
        let note = format!("judged: {judged}; graded: {}", grade_name(options));
        out.line(&visible(&note), Style::Dim)?;
        let total = self.total(rules[0]);
        if total.unknown_verdicts > 0 {
            let note = format!("{} verdicts are not known and count as not followed", total.unknown_verdicts);
            out.line(&visible(&note), Style::Unsure)?;
        }
        if total.unknown_answers > 0 {
            let note =
                format!("{} answers could not be compared and count as not right", total.unknown_answers);
            out.line(&visible(&note), Style::Unsure)?;
        }
        Ok(())
    }
}

fn sentence(total: &Averages) -> String {
    let figure = |f: Option<f64>| f.map_or("–".to_owned(), |f| format!("{f:.4}"));
    format!(
        "{} generations, HAcc {}, SAcc {}, correctness {}",
        total.n,
        figure(total.hacc()),
        figure(total.sacc()),
        figure(total.correctness())
    )
}

fn grade_name(options: &Options) -> &'static str {
    match options.grade {
        crate::grade::GradeMode::Reference => "reference",
        crate::grade::GradeMode::Exact => "exact",
    }
}

/// The sources meant, in the order typed, and the files that lack the one they belong to.
fn sources(typed: &Score, tally: &mut Tally) -> Result<(Vec<Source>, Vec<PathBuf>)> {
    let source = |path: &Path, format, items| Source {
        path: path.to_owned(),
        format,
        items,
        verdicts: None,
        run: Run {
            name: run_name(path),
            model: run_name(path),
            condition: WITH_CONSTRAINTS.to_owned(),
            inferred: vec!["model".to_owned()],
            ..Run::default()
        },
        overrides: Overrides::default(),
    };
    if let Some(items) = &typed.items {
        for path in typed.outputs.iter().chain([items]).filter(|p| **p != Path::new(STDIN)) {
            File::open(path).map_err(|e| Error::io(path, e))?;
        }
        let pairs = typed.outputs.iter().map(|path| source(path, Layout::Mathif, Some(items.clone())));
        return Ok((pairs.collect(), Vec::new()));
    }
    let (stdin, files): (Vec<&PathBuf>, Vec<&PathBuf>) =
        typed.files.iter().partition(|p| **p == Path::new(STDIN));
    let files: Vec<PathBuf> = files.into_iter().cloned().collect();
    let found = import::discover(&files)?;
    let unpaired = found.rejects.iter().filter(|reject| reject.kind == RejectKind::MissingPair);
    let unpaired = unpaired.map(|reject| reject.path.to_path_buf()).collect();
    found.rejects.into_iter().for_each(|reject| tally.reject(reject));
    let order: Vec<PathBuf> = files.iter().filter_map(|p| p.canonicalize().ok()).collect();
    let mut sources = found.sources;
    sources.sort_by_key(|s| order.iter().position(|p| s.path.starts_with(p)).unwrap_or(usize::MAX));
    sources.extend(stdin.first().map(|path| source(path, Layout::Native, None)));
    Ok((sources, unpaired))
}

fn run_name(path: &Path) -> String {
    if path == Path::new(STDIN) {
        return "stdin".to_owned();
    }
    path::stem(path)
}

/// Where verdicts go, which is nowhere that anything is read from.
fn destination(
    options: &Options,
    to: &Path,
    typed: &Score,
    sources: &[Source],
    unpaired: &[PathBuf],
) -> Result<Destination> {
    let mut reads = Protected::default();
    let mut read = |path: &Path, what: &'static str| {
        // What a shell redirected is a file like any other.
        reads.file(if path == Path::new(STDIN) { Path::new("/dev/stdin") } else { path }, what);
    };
    let mut settings = BTreeSet::new();
    for source in sources {
        settings.extend(import::settings_for(&source.path));
        read(&source.path, "the file of generations that this command reads");
        if let Some(items) = &source.items {
            read(items, "the file of items that this command reads");
        }
        if let Some(verdicts) = &source.verdicts {
            read(verdicts, "the file of saved verdicts that this command reads");
        }
    }
    for path in unpaired.iter().chain(&typed.files) {
        read(path, "one of the files that this command reads");
    }
    protected::names_of_runs(settings, &mut reads);
    Ok(protected::open(options, to, typed.overwrite.force, reads)?)
}

fn bar(options: &Options, sources: &[Source]) -> Bar {
    Bar::new(options.progress, bytes(sources))
}

/// Bytes to be read, where that is known.
fn bytes(sources: &[Source]) -> Option<u64> {
    sources.iter().map(|s| s.path.metadata().ok().map(|m| m.len())).sum()
}

fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet"))
}
