//! Libraries of small files, made and searched by the library's functions or the real program.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use heedless::library::{BuildOptions, Built, Cancel, Library, Progress, Query, build};

/// Files of one generation each, whose last words are `zebra NUMBER`.
pub fn write_small_files(dir: &Path, files: usize) {
    fs::create_dir_all(dir).unwrap();
    for number in 0..files {
        let line = format!(
            r#"{{"model":"m","id":"q{number}","question":"Which animal is number {number}?","output":"<think>let me see</think>a zebra {number}"}}"#
        );
        fs::write(dir.join(format!("{number:04}.jsonl")), line + "\n").unwrap();
    }
}

/// The program with a library in a folder of the test's, started by another program where one is given.
pub fn heedless(by: &[&str], dir: &Path, library: &Path, words: &[&str]) -> Command {
    let mut all = by.iter().copied().chain([env!("CARGO_BIN_EXE_heedless")]);
    let mut command = Command::new(all.next().unwrap());
    command.args(all).arg("--index").arg(library).args(words);
    command.env("XDG_CACHE_HOME", dir.join("cache")).env_remove("HEEDLESS_INDEX").stdin(Stdio::null());
    command
}

pub fn printed(command: &mut Command) -> String {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{:?} {}", out.status, said(&out));
    String::from_utf8(out.stdout).unwrap()
}

pub fn count_of(library: &Library, query: &str) -> usize {
    library.select(&Query::parse(query).unwrap(), &Cancel::default()).unwrap().count()
}

pub fn build_with_text(library: &Path, runs: &Path, progress: &dyn Fn(Progress)) -> Built {
    let options = BuildOptions { text: true, ..BuildOptions::default() };
    build(library, &[runs.to_path_buf()], &options, progress, &Cancel::default()).unwrap()
}

pub fn succeed(command: &mut Command) {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{:?} {}", out.status, said(&out));
}

pub fn said(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}
