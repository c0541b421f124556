//! Measures a library: `cargo run --release --example measure -- PATH [--index DIR] [--text]`.
//!
//! Prints what BENCHMARKS.md reports: phases one and two with wall-clock and processor time, the
//! memory they took, the size of the library, the time to open it, and what a keystroke costs. Nothing
//! is printed that was not measured in this very run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use heedless::library::{BuildOptions, Cancel, Library, Query, Sort, SortKey, Unit, build, default_dir};

fn main() -> anyhow::Result<()> {
    let mut paths = Vec::new();
    let (mut index, mut text, mut fresh) = (None, false, false);
    let mut args = std::env::args_os().skip(1);
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("--index") => index = args.next().map(PathBuf::from),
            Some("--text") => text = true,
            Some("--fresh") => fresh = true,
            _ => paths.push(PathBuf::from(arg)),
        }
    }
    let dir = index.map_or_else(|| default_dir(&paths), Ok)?;
    if fresh && dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    let bytes: u64 = paths.iter().map(|path| size_of(path)).sum();
    println!("input {bytes} bytes");

    let phase = |name: &str, options: BuildOptions| -> anyhow::Result<()> {
        let peak = Peak::start();
        let before = Clock::now();
        let built = build(&dir, &paths, &options, &|_| {}, &Cancel::default())?;
        let spent = before.spent();
        let read = if options.text { bytes } else { built.report.bytes };
        println!(
            "{name}: {:.2} s wall, {:.2} s CPU, {:.1} MB/s, {:.1} MB per CPU-s, {:.0} generations/s, anonymous memory {:.0} MB (from {:.0} MB)",
            spent.wall,
            spent.cpu,
            read as f64 / 1e6 / spent.wall,
            read as f64 / 1e6 / spent.cpu,
            built.library.len() as f64 / spent.wall,
            peak.stop(),
            before.anon,
        );
        println!("  {} generations, {:?}", built.library.len(), built.report);
        Ok(())
    };
    phase("phase 1", BuildOptions::default())?;
    println!("  columns {:.1} % of the input", size_of(&dir) as f64 / bytes as f64 * 100.0);
    phase("nothing changed", BuildOptions::default())?;
    if text {
        phase("phase 2", BuildOptions { text: true, ..BuildOptions::default() })?;
        println!("  library {:.1} % of the input", size_of(&dir) as f64 / bytes as f64 * 100.0);
    }

    let before = Clock::now();
    let library = Library::open(&dir)?;
    let opened = before.spent();
    let all = library.all();
    let facets = library.facets(&all);
    let page = all.page(0..50);
    let keys: Vec<String> = page.iter().map(|&row| library.key(row)).collect();
    let first = before.spent();
    println!(
        "open {:.1} ms ({:.1} ms CPU), to the first list with facets and keys {:.1} ms ({:.1} ms CPU), anonymous {:.0} MB",
        opened.wall * 1e3,
        opened.cpu * 1e3,
        first.wall * 1e3,
        first.cpu * 1e3,
        anonymous(),
    );
    println!(
        "  {} facets, {} keys, text of {} of {} indexed",
        facets.iter().count(),
        keys.len(),
        library.text_rows(),
        library.len()
    );

    println!(
        "a keystroke: select, facets of the selection, 50 rows with their keys (median, 99th percentile, CPU median; hits)"
    );
    let values = library.values(heedless::library::Field::Model);
    let model = values.first().cloned().unwrap_or_default();
    let mut queries = vec![
        format!("model:{model}"),
        "failed:no_comma".to_owned(),
        "verdict:partial correct:yes".to_owned(),
        format!("model:{model} failed:length mode:truncated"),
        "trace>200".to_owned(),
        "trace:100..300 answer<50 margin<-3".to_owned(),
        "broken>=2 -model:*1*".to_owned(),
    ];
    if library.text_rows() == library.len() {
        queries.extend(
            [
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
            ]
            .map(str::to_owned),
        );
    }
    for query in &queries {
        let parsed = Query::parse(query)?;
        let mut times = Vec::new();
        let mut hits = 0;
        for _ in 0..31 {
            let before = Clock::now();
            let selection = library.select(&parsed, &Cancel::default())?;
            let facets = library.facets(&selection);
            let keys: Vec<String> = selection.page(0..50).iter().map(|&row| library.key(row)).collect();
            std::hint::black_box((facets, keys));
            times.push(before.spent());
            hits = selection.count();
        }
        print_times(query, &mut times, &format!("{hits} hits"));
    }

    println!("sort by a column, all rows: first time, then again; a page in the middle");
    for key in SortKey::ALL {
        for descending in [false, true] {
            let sort = Sort { key, descending };
            let before = Clock::now();
            let rows = library.sorted(&all, sort);
            let first = before.spent();
            let mut times = Vec::new();
            for _ in 0..7 {
                let before = Clock::now();
                std::hint::black_box(library.sorted(&all, sort));
                times.push(before.spent());
            }
            std::hint::black_box(rows[rows.len() / 2]);
            print_times(
                &format!("{}{}", key.name(), if descending { " down" } else { "" }),
                &mut times,
                &format!("first {:.2} ms", first.wall * 1e3),
            );
        }
    }
    let half = library.select(&Query::parse("verdict:fail,partial")?, &Cancel::default())?;
    let before = Clock::now();
    std::hint::black_box(library.sorted(&half, Sort { key: SortKey::Trace(Unit::Words), descending: true }));
    println!("  sort of {} selected rows {:.2} ms", half.count(), before.spent().wall * 1e3);
    let mut times = Vec::new();
    for i in 0..101 {
        let before = Clock::now();
        std::hint::black_box(all.page(all.count() / 101 * i..all.count() / 101 * i + 50));
        times.push(before.spent());
    }
    print_times("page at any depth", &mut times, "");
    let mut times = Vec::new();
    for i in 0..101 {
        let row = all.nth(all.count() / 101 * i).unwrap_or_default();
        let before = Clock::now();
        std::hint::black_box(library.read(row)?);
        times.push(before.spent());
    }
    print_times("read a generation back", &mut times, "");
    let before = Clock::now();
    std::hint::black_box(library.summaries(&all));
    println!("  figures of all runs {:.2} ms", before.spent().wall * 1e3);
    println!("anonymous memory at the end {:.0} MB", anonymous());
    Ok(())
}

fn print_times(name: &str, times: &mut [Spent], note: &str) {
    let at = |times: &[Spent], share: f64, of: fn(&Spent) -> f64| {
        let mut list: Vec<f64> = times.iter().map(of).collect();
        list.sort_by(f64::total_cmp);
        list[((list.len() - 1) as f64 * share).round() as usize] * 1e3
    };
    println!(
        "  {name:<44} {:>8.2} ms {:>8.2} ms {:>8.2} ms  {note}",
        at(times, 0.5, |t| t.wall),
        at(times, 0.99, |t| t.wall),
        at(times, 0.5, |t| t.cpu),
    );
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
    anon: f64,
}

/// Seconds between two moments.
struct Spent {
    wall: f64,
    cpu: f64,
}

impl Clock {
    fn now() -> Self {
        let anon = anonymous();
        Self { cpu: cpu_seconds(), wall: Instant::now(), anon }
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
    stop: std::sync::Arc<std::sync::atomic::AtomicBool>,
    thread: std::thread::JoinHandle<f64>,
}

impl Peak {
    fn start() -> Self {
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
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
