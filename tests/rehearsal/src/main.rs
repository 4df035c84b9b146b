//! The rehearsal's command line.

use clap::Parser;
use ringfence_rehearsal::{rehearse, Plan};
use std::{panic, process::ExitCode};

/// Walks a whole resolution of the entity on the built contracts, in process: every party's margin out, every holder, every
/// creditor, and in how long.
///
/// Exit codes: 0 all as the rules promise, 1 an invariant failed, 2 the command line is wrong.
#[derive(Debug, Parser)]
#[command(name = "ringfence-rehearsal", version)]
struct Options {
    /// How many pairs.
    #[arg(long, default_value_t = 20)]
    pairs: usize,
    /// How many of them default in the second in which the resolution starts.
    #[arg(long, default_value_t = 3)]
    defaults: usize,
    /// The result as JSON on standard output, and nothing else there.
    #[arg(long)]
    json: bool,
    /// No progress on standard error.
    #[arg(long)]
    quiet: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let plan = Plan { pairs: options.pairs, defaults: options.defaults };
    if let Err(error) = plan.check() {
        eprintln!("error: {error}");
        return ExitCode::from(2);
    }
    let mut note = |step: &str| {
        if !options.quiet {
            eprintln!("    {step}");
        }
    };
    // An invariant that fails panics; its message is the finding.
    panic::set_hook(Box::new(|failure| eprintln!("error: an invariant failed: {failure}")));
    let Ok(outcome) = panic::catch_unwind(panic::AssertUnwindSafe(|| rehearse(plan, &mut note))) else {
        return ExitCode::from(1);
    };
    if options.json {
        match serde_json::to_string_pretty(&outcome) {
            Ok(text) => println!("{text}"),
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::from(1);
            }
        }
    } else {
        println!("{}", outcome.tables());
    }
    ExitCode::SUCCESS
}
