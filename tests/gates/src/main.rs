//! `ringfence-gates`: applies the build gates to the artifacts of `scripts/build.sh`.
#![forbid(unsafe_code)]

use ringfence_gates::{
    check, discover,
    report::{json, table, Report},
    CheckError,
};
use std::{env, path::PathBuf, process::ExitCode};

const HELP: &str = "\
Applies the build gates to contract artifacts: imports, blob size, storage values, the chain's own upload checks.

Usage: ringfence-gates [--json] [--artifacts DIR] [CONTRACT...]

  --artifacts DIR  where NAME.polkavm and NAME.storage.json are [default: target/artifacts]
  --json           print JSON instead of a table
  CONTRACT         names of contracts [default: every blob in DIR]

Exit status: 0 all pass, 1 a gate fails, 2 the artifacts cannot be read or the arguments are wrong.

Examples:
  ringfence-gates
  ringfence-gates --json margin-vault
";

struct Options {
    artifacts: PathBuf,
    contracts: Vec<String>,
    json: bool,
    help: bool,
}

fn main() -> ExitCode {
    let options = match parse(env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => return broken(&message),
    };
    if options.help {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match run(&options) {
        Ok(reports) => {
            let text = if options.json { json(&reports) } else { table(&reports) };
            print!("{text}");
            ExitCode::from(u8::from(!reports.iter().all(Report::passes)))
        }
        Err(error) => broken(&error.to_string()),
    }
}

fn run(options: &Options) -> Result<Vec<Report>, CheckError> {
    let contracts = match options.contracts.as_slice() {
        [] => discover(&options.artifacts)?,
        named => named.to_vec(),
    };
    contracts.iter().map(|name| check(&options.artifacts, name)).collect()
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options =
        Options { artifacts: PathBuf::from("target/artifacts"), contracts: Vec::new(), json: false, help: false };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--json" => options.json = true,
            "--help" | "-h" => options.help = true,
            "--artifacts" => {
                options.artifacts = args.next().ok_or("--artifacts needs a directory")?.into();
            }
            flag if flag.starts_with('-') => {
                return Err(format!("unknown option {flag}; see --help"));
            }
            _ => options.contracts.push(arg),
        }
    }
    Ok(options)
}

fn broken(message: &str) -> ExitCode {
    eprintln!("ringfence-gates: {message}");
    ExitCode::from(2)
}
