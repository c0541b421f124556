//! A tantivy writer and nothing else, over the text of generated libraries: what phase two is held
//! against.
//!
//! ```text
//! cargo run --release --example bare-writer -- PATH
//! ```
//!
//! The same fields with positions, threads and memory as the library's text index; tantivy's own
//! tokenizer; lines parsed for their text alone. Prints seconds on both clocks.

use std::borrow::Cow;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::time::Instant;

use serde::Deserialize;
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::{Index, IndexWriter, TantivyDocument};

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    reasoning: Cow<'a, str>,
    #[serde(borrow, default)]
    output: Cow<'a, str>,
}

fn main() -> anyhow::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_default());
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default().set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let options = TextOptions::default().set_indexing_options(indexing);
    let (trace, answer) =
        (schema.add_text_field("trace", options.clone()), schema.add_text_field("answer", options));
    let row = schema.add_u64_field("row", tantivy::schema::FAST);
    let dir = tempfile::tempdir_in(folder.parent().unwrap_or(&folder))?;
    let index = Index::create_in_dir(dir.path(), schema.build())?;
    let started = Instant::now();
    let mut writer: IndexWriter = index.writer_with_num_threads(2, 2 * (64 << 20))?;
    let (mut bytes, mut rows, mut text) = (0, 0_u64, 0);
    for entry in fs::read_dir(&folder)? {
        let mut file = BufReader::with_capacity(1 << 20, fs::File::open(entry?.path())?);
        let mut line = Vec::new();
        while file.read_until(b'\n', &mut line)? > 0 {
            bytes += line.len();
            let found: Line = serde_json::from_slice(&line)?;
            let (before, after) = if found.reasoning.is_empty() {
                found.output.split_once("</think>").unwrap_or(("", &found.output))
            } else {
                (&*found.reasoning, &*found.output)
            };
            text += before.len() + after.len();
            let mut document = TantivyDocument::default();
            document.add_text(trace, before);
            document.add_text(answer, after);
            document.add_u64(row, rows);
            writer.add_document(document)?;
            rows += 1;
            line.clear();
        }
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    let wall = started.elapsed().as_secs_f64();
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: Vec<f64> = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace().filter_map(|f| f.parse().ok()).collect())
        .unwrap_or_default();
    let cpu = ticks.get(10).zip(ticks.get(11)).map_or(f64::NAN, |(user, system)| (user + system) / 100.0);
    println!(
        "bare writer: {wall:.2} s wall, {cpu:.2} s CPU, {:.1} MB/s, {:.1} MB per CPU-s of input, {:.1} MB of text per CPU-s",
        bytes as f64 / 1e6 / wall,
        bytes as f64 / 1e6 / cpu,
        text as f64 / 1e6 / cpu,
    );
    Ok(())
}
