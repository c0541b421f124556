//! `heedless config`: the user's settings.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::Found;
use super::output::{Output, Style};
use crate::cli::{Config as Typed, ConfigAction, Global};
use crate::config::{Config, DEFAULT};
use crate::explorer;
use crate::options::Options;
use crate::path::shown;
use crate::text::{visible, visible_lines};

/// Runs the command.
pub fn run(options: &Options, global: &Global, typed: &Typed, out: &mut Output) -> Result<Found> {
    match typed.action {
        ConfigAction::Path => out.line(&visible(&shown(path(global)?)), Style::Plain)?,
        ConfigAction::Default => out.put(&visible_lines(DEFAULT), Style::Plain)?,
        ConfigAction::Check => {
            let mut troubles = options.config.troubles.clone();
            if let Err(error) = explorer::theme(&explorer::Look::default(), &options.config) {
                troubles.push(format!("{}: `theme`: {error:#}", shown(path(global)?)));
            }
            if !troubles.is_empty() {
                bail!("{}", troubles.join("\n"));
            }
            let path = path(global)?;
            let said = if path.exists() { "every setting holds" } else { "no such file: nothing is set" };
            out.line(&visible(&format!("{}: {said}", shown(path))), Style::Plain)?;
        }
    }
    Ok(Found::Something)
}

fn path(global: &Global) -> Result<PathBuf> {
    global
        .config
        .clone()
        .or_else(Config::default_path)
        .context("no home folder; name a file with --config FILE")
}
