use super::args::{Cli, ConfigArgs};
use super::output::{print, print_json};
use super::signer::stop;
use clap::CommandFactory;
use comfy_table::{presets, Table};
use ringfence_oracle::service::doctor::examine;
use ringfence_oracle::service::{self, log, Config, StopFuture};
use ringfence_oracle::time::{Clock, SystemClock};
use ringfence_oracle::Error;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;

pub(super) fn run(cli: &Cli, arguments: &ConfigArgs) -> Result<(), Error> {
    let config = Config::read(&arguments.config)?;
    log::start(config.json_logs);
    let announce = |local: SocketAddr| {
        if cli.json {
            // One line, so that whoever started it can read it while it runs.
            return print(&json!({ "listening": local.to_string() }).to_string());
        }
        print(&format!("listening on {local}"))
    };
    let stop = || stop().map(|future| Box::pin(future) as StopFuture);
    service::run(&config, stop, announce)
}

pub(super) fn doctor(cli: &Cli, arguments: &ConfigArgs) -> Result<(), Error> {
    let config = Config::read(&arguments.config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let findings = examine(&config, &clock);
    let bad = findings.iter().filter(|finding| !finding.good).count();
    if cli.json {
        print_json(&json!({ "good": bad == 0, "findings": findings }))?;
    } else {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED).set_header(["check", "", "finding"]);
        for finding in &findings {
            table.add_row([finding.check.as_str(), if finding.good { "ok" } else { "BAD" }, finding.detail.as_str()]);
        }
        print(&table.to_string())?;
    }
    if bad > 0 {
        return Err(Error::Check(format!("{bad} of {} checks failed; each says what to do", findings.len())));
    }
    Ok(())
}

pub(super) fn completions(shell: clap_complete::Shell) -> Result<(), Error> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ringfence-oracle", &mut bytes);
    print(String::from_utf8_lossy(&bytes).trim_end())
}
