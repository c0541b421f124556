//! Times the explorer in a terminal, from outside: what `benches/scale.sh` asks of it.
//!
//! ```text
//! frames start PROGRAM PATH --index DIR      from the start of the program to the first whole list
//! frames keys PROGRAM PATH --index DIR       from a key to the frame that answers it
//! frames indexing PROGRAM PATH --index DIR   the same while the library is being built
//! ```
//! A time is from the key written to the terminal until the screen shows what the key does, the
//! terminal's own work included. Every line is a name, a tab, and what was measured.

use std::path::PathBuf;
use std::time::{Duration, Instant};

#[path = "../tests/support/terminal.rs"]
#[expect(dead_code, reason = "the tests use the rest of it")]
mod terminal;

use terminal::Terminal;

const SIZE: (u16, u16) = (120, 36);
/// A build may take this long, an answer to a key a fraction of it.
const PATIENCE: Duration = Duration::from_mins(10);

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [what, program, rest @ ..] = args.as_slice() else {
        anyhow::bail!("frames start|keys|indexing PROGRAM PATH --index DIR");
    };
    let program = PathBuf::from(program).canonicalize()?;
    let home = tempfile::tempdir()?;
    let home = home.path().to_string_lossy().into_owned();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let open = || {
        let names = ["XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"];
        let env: Vec<(&str, &str)> = names.iter().map(|name| (*name, home.as_str())).collect();
        Terminal::start(&program, &rest, SIZE, &env)
    };
    match what.as_str() {
        "start" => start(open),
        "keys" => keys(open()),
        "indexing" => indexing(open()),
        _ => anyhow::bail!("start, keys or indexing"),
    }
}

/// The list is there, and the facets beside it.
fn is_whole(screen: &str) -> bool {
    screen.contains("MODEL") && screen.contains(LIST)
}

/// The head of the list.
const LIST: &str = "trace answer";

fn start(open: impl Fn() -> Terminal) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for _ in 0..11 {
        let begun = Instant::now();
        let mut terminal = open();
        until(&mut terminal, is_whole)?;
        times.push(begun.elapsed());
        terminal.rest();
        terminal.keys("<c-c>");
        terminal.ended();
    }
    say("explorer: start to the first whole list", &mut times);
    Ok(())
}

fn keys(mut terminal: Terminal) -> anyhow::Result<()> {
    until(&mut terminal, is_whole)?;
    terminal.rest();
    std::thread::sleep(Duration::from_secs(1));
    println!("explorer: anonymous memory, warm, idle\t{:.0} MB", anonymous(&terminal));
    // Each pair goes there and back: what the screen shows must change, and change back.
    let pairs = [
        ("next row, previous row", "j", "k", 20),
        ("last row, first row", "G", "gg", 20),
        ("a facet's value, and without it", "f<space>", "<space><tab>", 20),
        ("the next order", "ss", "ss", 8),
    ];
    for (name, there, back, times) in pairs {
        let mut all = Vec::new();
        for _ in 0..times {
            for keys in [there, back] {
                all.push(answered(&mut terminal, keys)?);
                terminal.rest();
            }
        }
        say(&format!("explorer: {name}"), &mut all);
    }
    println!("explorer: anonymous memory after these\t{:.0} MB", anonymous(&terminal));
    Ok(())
}

/// Keys whose answer cannot be taken for a frame of the progress: the help comes and goes.
fn indexing(mut terminal: Terminal) -> anyhow::Result<()> {
    until(&mut terminal, |screen| screen.contains(LIST))?;
    let mut help = Vec::new();
    let begun = Instant::now();
    let mut most = 0.0f64;
    // A screen may be looked at while it is drawn: it must stay without progress for a while.
    while terminal.until(Duration::from_secs(2), is_building) && begun.elapsed() < PATIENCE {
        let before = Instant::now();
        terminal.keys("?");
        until(&mut terminal, |screen| screen.contains(HELP))?;
        help.push(before.elapsed());
        let before = Instant::now();
        terminal.keys("<esc>");
        until(&mut terminal, |screen| !screen.contains(HELP))?;
        help.push(before.elapsed());
        most = most.max(anonymous(&terminal));
        terminal.until(Duration::from_millis(100), |_| false);
    }
    say("explorer, while indexing: help opened, help closed", &mut help);
    println!(
        "explorer, while indexing: until columns and text are there\t{:.0} s",
        begun.elapsed().as_secs_f64()
    );
    println!("explorer, while indexing: anonymous memory, most seen\t{most:.0} MB");
    Ok(())
}

/// What only the help shows.
const HELP: &str = "─ help ─";

/// The head of the screen says how far the build is.
fn is_building(screen: &str) -> bool {
    screen.lines().next().is_some_and(|line| line.contains('%'))
}

fn until(terminal: &mut Terminal, wanted: impl Fn(&str) -> bool) -> anyhow::Result<()> {
    anyhow::ensure!(
        terminal.until(PATIENCE / 20, wanted),
        "it did not come; the screen:\n{}",
        terminal.text()
    );
    Ok(())
}

/// From keys to the first change of the screen.
fn answered(terminal: &mut Terminal, keys: &str) -> anyhow::Result<Duration> {
    let before = terminal.text();
    let begun = Instant::now();
    terminal.keys(keys);
    until(terminal, |screen| screen != before)?;
    Ok(begun.elapsed())
}

fn say(name: &str, times: &mut [Duration]) {
    times.sort();
    let ms = |at: usize| times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
    let last = times.len().saturating_sub(1);
    let late = times.iter().filter(|time| time.as_millis() > 100).count();
    println!(
        "{name}\t{:.0} ms, p99 {:.0} ms, worst {:.0} ms, {late} of {} over 100 ms",
        ms(last / 2),
        ms(last * 99 / 100),
        ms(last),
        times.len()
    );
}

/// Anonymous memory of the program in MB.
fn anonymous(terminal: &Terminal) -> f64 {
    let path = terminal.process().map(|id| format!("/proc/{id}/status"));
    let status = path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or_default() / 1e3
}
