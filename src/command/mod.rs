//! Commands: plain output of what the explorer shows.
//!
//! One file a command. A command gets what was typed, asks the library or streams files, and
//! writes to [`Output`]; it says whether it found anything, which is the exit code. Messages about
//! the work (rejects, progress) go to standard error, so that standard output can be piped.

mod audit;
mod column;
mod compare;
mod config;
mod constraints;
mod explain;
mod explore;
mod index;
mod library;
mod matrix;
mod one;
mod opened;
mod output;
mod plot;
mod progress;
mod protected;
mod query;
mod rejects;
mod rows;
mod runs;
mod score;
mod show;
mod tags;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::Result;

use self::output::Output;
use crate::cli::{self, Cli, Command};
use crate::options::Options;
use crate::text::{visible, visible_lines};

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// There is something: exit code 0.
    Something,
    /// Nothing was found: exit code 1.
    Nothing,
}

impl Found {
    fn any(something: bool) -> Self {
        if something { Self::Something } else { Self::Nothing }
    }
}

/// Does what was typed. Errors are said on standard error.
pub fn run(cli: &Cli) -> ExitCode {
    match dispatch(cli) {
        Ok(Found::Something) => ExitCode::SUCCESS,
        Ok(Found::Nothing) => ExitCode::from(1),
        // `heedless … | head`: the reader has had enough, and that is no error.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // The place of a mistake in a query is shown on lines of its own.
            let _ = writeln!(io::stderr(), "{}", visible_lines(&format!("heedless: {error:#}")));
            ExitCode::from(2)
        }
    }
}

fn dispatch(cli: &Cli) -> Result<Found> {
    let options = Options::new(&cli.global)?;
    let explores = cli.command.is_none() && io::stdout().is_terminal();
    // The explorer says on its screen what is wrong in the settings, `config check` prints it.
    if !explores && !matches!(&cli.command, Some(Command::Config(_))) {
        options.config.troubles.iter().for_each(|trouble| say(&format!("heedless: {trouble}")));
    }
    let mut out = Output::stdout(options.colour);
    let found = match &cli.command {
        None if explores => explore::run(&options, &cli.global, &cli.explore),
        None => {
            let typed = cli::Runs { paths: cli.explore.paths.clone(), ..cli::Runs::default() };
            runs::run(&options, &typed, &mut out)
        }
        Some(Command::Index(typed)) => index::run(&options, typed, &mut out),
        Some(Command::Runs(typed)) => runs::run(&options, typed, &mut out),
        Some(Command::Score(typed)) => score::run(&options, typed, &mut out),
        Some(Command::Query(typed)) => query::run(&options, typed, &mut out),
        Some(Command::Show(typed)) => show::run(&options, typed, &mut out),
        Some(Command::Compare(typed)) => compare::run(&options, typed, &mut out),
        Some(Command::Explain(typed)) => explain::run(&options, typed, &mut out),
        Some(Command::Constraints(typed)) => constraints::run(typed, &mut out),
        Some(Command::Matrix(typed)) => matrix::run(&options, typed, &mut out),
        Some(Command::Plot(typed)) => plot::run(&options, typed, &mut out),
        Some(Command::Rejects(typed)) => rejects::run(&options, typed, &mut out),
        Some(Command::Audit(typed)) => audit::run(&options, typed, &mut out),
        Some(Command::Tags(typed)) => tags::run(&options, typed, &mut out),
        Some(Command::Library(typed)) => library::run(&options, typed, &mut out),
        Some(Command::Config(typed)) => config::run(&options, &cli.global, typed, &mut out),
    }?;
    out.flush()?;
    Ok(found)
}

/// A message on standard error, on one line.
fn say(message: &str) {
    // Nobody to tell when that fails.
    let _ = writeln!(io::stderr(), "{}", visible(message));
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind).or_else(|| match cause
            .downcast_ref::<crate::error::Error>(
        ) {
            Some(crate::error::Error::Io { source, .. }) => Some(source.kind()),
            _ => None,
        });
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        kind.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}
