//! Measures a library: the commands of `benches/scale.sh`, which makes BENCHMARKS.md's table of them.
//!
//! ```text
//! measure build [--text] --index DIR PATH…   phase one from nothing, when nothing changed, when all
//!                                            is replaced; with --text, phase two
//! measure ask --index DIR                    a process that only opens: what a keystroke costs
//! ```
//! Every line is a name, a tab, and what was measured in this very run.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use heedless::asker::Asker;
use heedless::library::{
    BuildOptions, Cancel, Field, Library, Query, Scan, Sort, SortKey, Unit, build, default_dir,
};

fn main() -> anyhow::Result<()> {
    let mut paths = Vec::new();
    let (mut index, mut text) = (None, false);
    let mut args = std::env::args_os().skip(1);
    let what = args.next().unwrap_or_default();
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--index") => index = args.next().map(PathBuf::from),
            Some("--text") => text = true,
            _ => paths.push(PathBuf::from(arg)),
        }
    }
    let dir = index.map_or_else(|| default_dir(&paths), Ok)?;
    match what.to_str() {
        Some("build") => building(&dir, &paths, text),
        Some("ask") => asking(&dir),
        _ => anyhow::bail!("measure build [--text] --index DIR PATH…, or measure ask --index DIR"),
    }
}

/// One line of the table.
fn say(name: &str, measured: impl AsRef<str>) {
    println!("{name}\t{}", measured.as_ref());
}

fn building(dir: &Path, paths: &[PathBuf], text: bool) -> anyhow::Result<()> {
    if dir.exists() {
        std::fs::remove_dir_all(dir)?;
    }
    let bytes: u64 = paths.iter().map(|path| size_of(path)).sum();
    say("input", format!("{:.0} MB", bytes as f64 / 1e6));
    let phase = |name: &str, options: BuildOptions| -> anyhow::Result<()> {
        let peak = Peak::start();
        let before = Clock::now();
        let built = build(dir, paths, &options, &|_| {}, &Cancel::default())?;
        let spent = before.spent();
        let peak = peak.stop();
        if built.report.bytes == 0 && !options.text {
            say(name, format!("{:.0} ms wall, {:.0} ms CPU", spent.wall * 1e3, spent.cpu * 1e3));
            return Ok(());
        }
        say(
            name,
            format!(
                "{:.1} s, {:.0} MB/s; {:.1} CPU-s, {:.1} MB per CPU-s",
                spent.wall,
                bytes as f64 / 1e6 / spent.wall,
                spent.cpu,
                bytes as f64 / 1e6 / spent.cpu
            ),
        );
        say(&format!("{name}: peak anonymous"), format!("{peak:.0} MB"));
        Ok(())
    };
    let share = || format!("{:.1} % of the input", size_of(dir) as f64 / bytes as f64 * 100.0);
    phase("phase 1", BuildOptions::default())?;
    say("columns on disk", share());
    phase("nothing changed", BuildOptions::default())?;
    phase("phase 1, all replaced", BuildOptions { fresh: true, ..BuildOptions::default() })?;
    if text {
        phase("phase 2", BuildOptions { text: true, ..BuildOptions::default() })?;
        say("library on disk", share());
    }
    Ok(())
}

fn asking(dir: &Path) -> anyhow::Result<()> {
    let before = Clock::now();
    let library = Library::open(dir)?;
    let opened = before.spent();
    let all = Arc::new(library.all());
    let facets = library.facets(&all);
    let page = all.page(0..50);
    let keys: Vec<String> = page.iter().map(|&row| library.key(row)).collect();
    let first = before.spent();
    std::hint::black_box((facets, keys));
    let times = |spent: &Spent| format!("{:.1} ms wall, {:.1} ms CPU", spent.wall * 1e3, spent.cpu * 1e3);
    say("open", times(&opened));
    say("open to the first list with facets and keys", times(&first));

    let models = library.values(Field::Model);
    let model = models.first().cloned().unwrap_or_default();
    let mut queries = vec![
        format!("model:{model}"),
        "failed:no_comma".to_owned(),
        "verdict:partial correct:yes".to_owned(),
        format!("model:{model} failed:length mode:truncated"),
        "trace>200".to_owned(),
        "margin<-3".to_owned(),
        "trace:100..300 answer<50 margin<-3".to_owned(),
        "broken>=2 -model:*1*".to_owned(),
    ];
    if library.text_rows() == library.len() {
        let texts = [
            "angle",
            "angle triangle",
            "the",
            "the is",
            "ang*",
            "\"the answer\"",
            "\"of the\"",
            "\"angle triangle\"",
            "in:trace wait failed:no_comma",
            "in:question circle",
        ];
        queries.extend(texts.map(str::to_owned));
    }
    for query in &queries {
        let parsed = Query::parse(query)?;
        let mut hits = 0;
        let measured = repeated(31, |_| {
            let selection = Arc::new(library.select(&parsed, &Cancel::default())?);
            let facets = library.facets(&selection);
            let order = library.sorted(&selection, Sort::default());
            let keys: Vec<String> = order.iter().take(50).map(|row| library.key(row)).collect();
            std::hint::black_box((facets, keys));
            hits = selection.count();
            Ok(())
        })?;
        // The name must not differ between libraries: their models do.
        say(&format!("keystroke: {}", query.replace(&model, "MODEL")), format!("{measured} ({hits} hits)"));
    }

    if library.text_rows() == library.len() {
        texts(&library)?;
    }
    for key in SortKey::ALL.into_iter().filter(|&key| key != SortKey::Relevance) {
        let mut first = [0.0; 2];
        for (descending, first) in [false, true].into_iter().zip(&mut first) {
            let before = Clock::now();
            let order = library.sorted(&all, Sort { key, descending });
            std::hint::black_box(order.get(order.len() / 2));
            *first = before.spent().wall * 1e3;
        }
        say(
            &format!("sort by {}, first time", key.name()),
            format!("{:.1} ms, down {:.1} ms", first[0], first[1]),
        );
    }
    let most = Arc::new(library.select(&Query::parse("verdict:fail,partial")?, &Cancel::default())?);
    let sort = Sort { key: SortKey::Trace(Unit::Words), descending: true };
    library.sorted(&all, sort);
    let sorted = repeated(31, |_| Ok(std::hint::black_box(library.sorted(&most, sort).len())))?;
    say("sort of most rows by a column sorted before", format!("{sorted} ({} rows)", most.count()));
    let paged = repeated(101, |i| {
        let at = all.count() / 101 * i;
        Ok(std::hint::black_box(library.sorted(&all, sort).from(at).take(50).count()))
    })?;
    say("page at any depth", paged);
    let read = repeated(101, |i| {
        Ok(std::hint::black_box(library.read(all.nth(all.count() / 101 * i).unwrap_or_default())?))
    })?;
    say("read a generation back", read);
    say("figures of all runs", repeated(7, |_| Ok(std::hint::black_box(library.summaries(&all).len())))?);
    say("anonymous memory after all this", format!("{:.0} MB", anonymous()));
    Ok(())
}

/// What text search costs beyond selecting: ranks, hits, passages, and patterns, of which text is read.
fn texts(library: &Library) -> anyhow::Result<()> {
    let cancel = Cancel::default();
    let sort = Sort { key: SortKey::Relevance, descending: false };
    for query in ["angle", "the", "angle triangle", "\"the answer\""] {
        let selection = Arc::new(library.select(&Query::parse(query)?, &cancel)?);
        let ranked =
            repeated(15, |_| Ok(std::hint::black_box(library.ordered(&selection, sort, &cancel)?.len())))?;
        say(&format!("relevance: {query}"), format!("{ranked} ({} hits)", selection.count()));
        let counted = repeated(15, |_| Ok(library.count_hits(&selection, &cancel)?))?;
        say(&format!("hits counted: {query}"), counted);
        let lookups: Vec<_> = selection.lookups().into_iter().cloned().collect();
        let rows = selection.page(selection.count() / 2..selection.count() / 2 + 40);
        let read =
            repeated(31, |_| Ok(std::hint::black_box(library.passages(&rows, &lookups, &cancel).len())))?;
        say(&format!("40 passages: {query}"), read);
    }
    for pattern in
        [r"/\bno commas?\b/", r"/(?i)isosceles triangles?/", r"/sqrt\{1\d+\}/", r"/hypotenuse|circumcircle/"]
    {
        let (query, read) = (Query::parse(pattern)?, std::cell::Cell::new(0));
        let before = Clock::now();
        let told = |scan: Scan| read.set(scan.total);
        let selection = library.select_told(&query, &cancel, &Asker::default(), &told)?;
        let spent = before.spent();
        say(
            &format!("pattern: {pattern}"),
            format!(
                "{:.0} ms, {:.0} ms CPU, {:.0} MB read ({} hits)",
                spent.wall * 1e3,
                spent.cpu * 1e3,
                read.get() as f64 / 1e6,
                selection.count()
            ),
        );
    }
    Ok(())
}

/// Median and 99th percentile of the wall-clock time, median of the processor time.
fn repeated<T>(times: usize, mut what: impl FnMut(usize) -> anyhow::Result<T>) -> anyhow::Result<String> {
    let mut all = Vec::new();
    for i in 0..times {
        let before = Clock::now();
        what(i)?;
        all.push(before.spent());
    }
    let at = |share: f64, of: fn(&Spent) -> f64| {
        let mut list: Vec<f64> = all.iter().map(of).collect();
        list.sort_by(f64::total_cmp);
        list[((list.len() - 1) as f64 * share).round() as usize] * 1e3
    };
    Ok(format!(
        "{:.2} ms, p99 {:.2} ms; {:.2} ms CPU",
        at(0.5, |t| t.wall),
        at(0.99, |t| t.wall),
        at(0.5, |t| t.cpu)
    ))
}

/// Bytes of a file or of everything in a folder.
fn size_of(path: &Path) -> u64 {
    if path.is_file() {
        return path.metadata().map_or(0, |meta| meta.len());
    }
    std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| size_of(&entry.path())).sum()
}

/// A moment on all clocks.
struct Clock {
    wall: Instant,
    cpu: (f64, f64),
}

/// Seconds between two moments.
struct Spent {
    wall: f64,
    cpu: f64,
}

impl Clock {
    fn now() -> Self {
        Self { cpu: cpu_seconds(), wall: Instant::now() }
    }

    fn spent(&self) -> Spent {
        let wall = self.wall.elapsed().as_secs_f64();
        let (living, all) = cpu_seconds();
        let (living, all) = (living - self.cpu.0, all - self.cpu.1);
        // The exact count leaves out threads that ended meanwhile.
        Spent { wall, cpu: if all > living + 0.05 { all } else { living } }
    }
}

/// Processor time of the threads there are, exactly, and of the whole process, in ticks of 10 ms.
fn cpu_seconds() -> (f64, f64) {
    let of = |path: PathBuf| -> Option<f64> {
        std::fs::read_to_string(path).ok()?.split_whitespace().next()?.parse().ok()
    };
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let living: f64 = tasks.filter_map(|task| of(task.path().join("schedstat"))).sum();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace().filter_map(|f| f.parse().ok()).collect())
        .unwrap_or_default();
    // The state letter is no number: utime and stime are the 11th and 12th numbers after it.
    let ticks = fields.get(10).zip(fields.get(11)).map_or(0.0, |(user, system)| (user + system) / 100.0);
    (living / 1e9, ticks)
}

/// Anonymous memory of the process in MB.
fn anonymous() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or_default() / 1e3
}

/// The most anonymous memory there was, looked at every few milliseconds.
struct Peak {
    stop: Arc<std::sync::atomic::AtomicBool>,
    thread: std::thread::JoinHandle<f64>,
}

impl Peak {
    fn start() -> Self {
        let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let asked = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut most = 0.0f64;
            while !asked.load(std::sync::atomic::Ordering::Relaxed) {
                most = most.max(anonymous());
                std::thread::sleep(Duration::from_millis(5));
            }
            most
        });
        Self { stop, thread }
    }

    fn stop(self) -> f64 {
        self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}
