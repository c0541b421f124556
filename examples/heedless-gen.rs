//! Writes a deterministic library of generations to measure with: see `benches/generate/mod.rs`.
//!
//! ```text
//! cargo run --release --example heedless-gen -- OUT --generations 1e6 --bytes 1400
//! ```

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

#[path = "../benches/generate/mod.rs"]
mod generate;

/// Write a deterministic library of generations: 24 models, 420 items with MathIF's mix of
/// constraints, log-normal lengths. The same arguments give the same bytes.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder to write into; a file for each run.
    out: PathBuf,
    /// Generations in all (`1e6` is a million).
    #[arg(long, default_value = "1e4", value_parser = count)]
    generations: u64,
    /// Mean bytes of a generation's line, its item with it; 1400 and 15000 are the sizes measured.
    #[arg(long, default_value_t = 1400)]
    bytes: usize,
    /// Another seed is another library.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn count(text: &str) -> Result<u64, String> {
    let number: f64 = text.parse().map_err(|e| format!("{e}"))?;
    if (0.0..=1e12).contains(&number) { Ok(number as u64) } else { Err("expected 0 to 1e12".to_owned()) }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let started = Instant::now();
    let plan =
        generate::Plan { generations: arguments.generations, bytes: arguments.bytes, seed: arguments.seed };
    match generate::write(&arguments.out, plan) {
        Ok(total) => {
            let seconds = started.elapsed().as_secs_f64();
            let megabytes = total.bytes as f64 / 1e6;
            println!(
                "{} generations in {} files, {megabytes:.1} MB, {:.0} bytes each, {:.0} MB/s",
                total.generations,
                total.files,
                total.bytes as f64 / total.generations.max(1) as f64,
                megabytes / seconds
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot write to {}: {error}", arguments.out.display());
            ExitCode::FAILURE
        }
    }
}
