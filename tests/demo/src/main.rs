//! The main job: four pairs through the crash of 10 October 2025, on real contracts, in process.

mod cast;
mod chain;
mod day;
mod default;
mod ending;
mod error;
mod format;
mod invariants;
mod outcome;
mod report;
mod tables;
mod world;

#[cfg(test)]
mod fixture;

use clap::Parser;
use error::DemoError;
use indicatif::{ProgressBar, ProgressStyle};
use outcome::Outcome;
use ringfence_oracle::{
    files::Source,
    inputs::{DataPaths, Inputs},
    model::ModelParams,
    portfolio::Portfolio,
};
use std::{
    io::{ErrorKind, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Replays 10 October 2025 through engine, signature and vault for four pairs, and shows who paid what.
#[derive(Debug, Parser)]
#[command(
    name = "ringfence-demo",
    version,
    after_help = "Examples:\n  scripts/demo.sh\n  scripts/demo.sh --json | jq '.defaults[0].layers'\n  \
                  scripts/demo.sh --bars my-day.csv --report /tmp/report\n\n\
                  Exit codes: 0 done; 2 usage; 3 bad input; 4 to 7 as the oracle has them; 8 a contract refused a \
                  step; 9 an invariant broke; 1 anything else."
)]
struct Arguments {
    /// Print the outcome as JSON on standard output instead of tables
    #[arg(long)]
    json: bool,
    /// Print nothing but errors
    #[arg(long, short)]
    quiet: bool,
    /// Directory of the input tables and portfolios
    #[arg(long, value_name = "DIR", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data"), hide_default_value = true)]
    data: PathBuf,
    /// Five-minute bars to replay instead of those in the data directory
    #[arg(long, value_name = "FILE")]
    bars: Option<PathBuf>,
    /// Directory of the contracts' blobs
    #[arg(long, value_name = "DIR")]
    artifacts: Option<PathBuf>,
    /// Directory for index.html and outcome.json
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), DemoError> {
    let default_dir = |name: &str| Path::new(ROOT).join("target").join(name);
    let artifacts = arguments.artifacts.clone().unwrap_or_else(|| default_dir("artifacts"));
    let report_dir = arguments.report.clone().unwrap_or_else(|| default_dir("report"));

    // Everything is read and checked before anything is signed.
    let mut paths = DataPaths::in_dir(&arguments.data);
    if let Some(bars) = &arguments.bars {
        paths.bars.clone_from(bars);
    }
    let inputs = Inputs::load(&paths, ModelParams::STANDARD).map_err(ringfence_oracle::Error::from)?;
    let portfolios = portfolios(&arguments.data.join("portfolios"))?;

    let mut world = world::World::new(&artifacts, &portfolios)?;
    let bar = progress(arguments, inputs.bars().as_slice().len());
    let started = Instant::now();
    let day = day::replay(&mut world, &inputs, &portfolios, |step| {
        bar.set_message(step.bar.open_time.to_string());
        bar.inc(1);
    })?;
    bar.finish_and_clear();
    let replay_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let outcome = ending::finish(&mut world, day, replay_ms)?;

    let page = write_report(&report_dir, &outcome)?;
    show(arguments, &outcome, &page)
}

fn portfolios(dir: &Path) -> Result<Vec<Portfolio>, DemoError> {
    let read = |plan: &cast::PairPlan| Portfolio::parse(&Source::read(&dir.join(plan.portfolio))?);
    let portfolios = cast::PAIRS.iter().map(read).collect::<Result<_, _>>();
    portfolios.map_err(|error| DemoError::Oracle(error.into()))
}

fn progress(arguments: &Arguments, bars: usize) -> ProgressBar {
    if arguments.quiet || arguments.json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(bars).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template("replaying {msg} [{bar:40}] {pos}/{len} bars, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn write_report(dir: &Path, outcome: &Outcome) -> Result<PathBuf, DemoError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |reason| DemoError::Report { path, reason }
    };
    std::fs::create_dir_all(dir).map_err(failed(dir))?;
    let (page, data) = (dir.join("index.html"), dir.join("outcome.json"));
    std::fs::write(&data, json(outcome)?).map_err(failed(&data))?;
    std::fs::write(&page, report::html(outcome)).map_err(failed(&page))?;
    Ok(page)
}

fn show(arguments: &Arguments, outcome: &Outcome, page: &Path) -> Result<(), DemoError> {
    let mut out = std::io::stdout().lock();
    let written = if arguments.json {
        writeln!(out, "{}", json(outcome)?)
    } else if arguments.quiet {
        Ok(())
    } else {
        tables::print(outcome, &mut out)
            .and_then(|()| writeln!(out, "\nReport: {}", page.canonicalize().unwrap_or(page.into()).display()))
    };
    // A reader that has seen enough, such as `head`, closes the pipe.
    let written = written.or_else(|error| if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) });
    written.map_err(|reason| DemoError::Report { path: "standard output".into(), reason })
}

fn json(outcome: &Outcome) -> Result<String, DemoError> {
    serde_json::to_string_pretty(outcome).map_err(|error| DemoError::Plan(format!("the outcome has no JSON: {error}")))
}
