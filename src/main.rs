//! Arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser as _;
use heedless::cli::Cli;
use heedless::command;

fn main() -> ExitCode {
    command::run(&Cli::parse())
}
