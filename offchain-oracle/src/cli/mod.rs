//! Commands, their arguments, and one line on standard error when something is wrong.

mod args;
mod backtest;
mod bond;
mod bond_chart;
mod bond_tables;
mod chart;
mod collect;
mod data;
mod feeds;
mod history;
mod journal;
mod keys;
mod margin;
mod output;
mod replay;
mod serve;
mod sign;
mod signer;
mod stress;
mod value;
mod verify;

use args::{BondCommand, Cli, Color, Command, FeedCommand, HistoryCommand};
use clap::{ColorChoice, CommandFactory, FromArgMatches};
use ringfence_oracle::Error;
use std::ffi::OsString;
use std::io::{ErrorKind, IsTerminal};
use std::process::ExitCode;

/// Runs the command line and gives its exit code.
pub(crate) fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let choice = color_wanted(&arguments);
    let matches = Cli::command().color(choice).try_get_matches_from(arguments);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            let code = error.exit_code();
            // Nothing is left to report to if this fails.
            let _ = error.print();
            return ExitCode::from(u8::try_from(code).unwrap_or(2));
        }
    };
    match execute(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Output { kind: ErrorKind::BrokenPipe, .. }) => ExitCode::SUCCESS,
        Err(error) => {
            let label = if in_color(choice) { "\u{1b}[1;31merror\u{1b}[0m" } else { "error" };
            eprintln!("{label}: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn execute(cli: &Cli) -> Result<(), Error> {
    match &cli.command {
        Command::Value(arguments) => value::run(cli, arguments),
        Command::Margin(arguments) => margin::run(cli, arguments),
        Command::Stress(arguments) => stress::run(cli, arguments),
        Command::Sign(arguments) => sign::run(cli, arguments),
        Command::Collect(arguments) => collect::run(cli, arguments),
        Command::Signer(arguments) => signer::run(cli, arguments),
        Command::Replay(arguments) => replay::run(cli, arguments),
        Command::Backtest(arguments) => backtest::run(cli, arguments),
        Command::Bond(BondCommand::Price(arguments)) => bond::run(cli, arguments),
        Command::Verify(arguments) => verify::run(cli, arguments),
        Command::Journal(command) => journal::run(cli, command),
        Command::Keys(command) => keys::run(cli, command),
        Command::Init(arguments) => keys::init(cli, arguments),
        Command::History(HistoryCommand::Fetch(arguments)) => history::fetch(cli, arguments),
        Command::Feed(FeedCommand::Watch(arguments)) => feeds::watch(cli, arguments),
        Command::Serve(arguments) => serve::run(cli, arguments),
        Command::Doctor(arguments) => serve::doctor(cli, arguments),
        Command::Completions { shell } => serve::completions(*shell),
    }
}

/// Looks for `--color` before the arguments are parsed, because parsing may already print.
fn color_wanted(arguments: &[OsString]) -> ColorChoice {
    let mut texts = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(text) = texts.next() {
        let value = match text.strip_prefix("--color") {
            Some("") => texts.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        if let Some(color) = value.and_then(Color::parse) {
            return color.choice();
        }
    }
    ColorChoice::Auto
}

fn in_color(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && std::io::stderr().is_terminal()
        }
    }
}
