use super::args::{Cli, FetchArgs, FetchInterval, FetchMarket};
use super::output::{print, print_json};
use super::signer::runtime;
use indicatif::{ProgressBar, ProgressStyle};
use ringfence_oracle::history::{
    self, Fetched, Gap, HistoryError, Interval, Market, Plan, Progress, Retry, Series, Summary, MAX_ARCHIVE_BYTES,
};
use ringfence_oracle::net::{jitter_seed, roots_config, Address, Client, Limits};
use ringfence_oracle::symbol::Symbol;
use ringfence_oracle::Error;
use serde_json::{json, Value};
use std::io::IsTerminal;
use std::time::Duration;

/// Every argument is checked before anything is asked for.
pub(super) fn fetch(cli: &Cli, arguments: &FetchArgs) -> Result<(), Error> {
    let plan = plan(arguments)?;
    let rule = |error: ringfence_oracle::net::AddressError| {
        let problem = ringfence_oracle::error::Problem::Json(error.to_string());
        let place = ringfence_oracle::error::Place::File;
        ringfence_oracle::InputError::new("--base-url", place, problem)
    };
    let base = Address::parse(&arguments.base_url).map_err(rule)?;
    let tls =
        if base.tls { Some(roots_config(arguments.tls_ca.as_deref()).map_err(HistoryError::from)?) } else { None };
    let idle = Duration::from_secs(arguments.timeout);
    let limits = Limits { connect: idle, idle, total: Duration::from_secs(3_600), body: MAX_ARCHIVE_BYTES };
    let client = Client::new(base.clone(), tls, limits);
    let retry = Retry { attempts: arguments.attempts, ..Retry::standard(jitter_seed()) };
    let bar = bar(cli);
    let mut progress = |progress: Progress| match progress {
        Progress::Months { done, of } => {
            bar.set_length(of);
            bar.set_position(done);
        }
        Progress::Again { url, reason, pause } => {
            let line = format!("warning: {url}: {reason}; again in {} ms", pause.as_millis());
            bar.suspend(|| eprintln!("{line}"));
        }
    };
    let run = history::fetch(&plan, (&base, client), (&arguments.cache, &arguments.out), retry, &mut progress);
    let fetched = runtime()?.block_on(run);
    bar.finish_and_clear();
    report(cli, fetched)
}

fn plan(arguments: &FetchArgs) -> Result<Plan, HistoryError> {
    let interval = match arguments.interval {
        FetchInterval::Day => Interval::Day,
        FetchInterval::FiveMinutes => Interval::FiveMinutes,
    };
    let market = match arguments.market {
        FetchMarket::Spot => Market::Spot,
        FetchMarket::Futures => Market::UsdmFutures,
    };
    let usual = |symbol: Symbol| Series { symbol, instrument: format!("{symbol}USDT") };
    let series = if arguments.symbols.is_empty() {
        interval.coins().iter().copied().map(usual).collect()
    } else {
        let named = arguments.symbols.iter().map(|text| {
            let (ticker, name) =
                text.split_once('=').map_or((text.as_str(), None), |(ticker, name)| (ticker, Some(name)));
            let rule = "must begin with one of BTC, ETH, SOL, XRP";
            let symbol = Symbol::parse(ticker).ok_or(HistoryError::Rule { name: "--symbol", rule })?;
            Ok(name.map_or_else(|| usual(symbol), |name| Series { symbol, instrument: name.to_owned() }))
        });
        named.collect::<Result<_, HistoryError>>()?
    };
    Plan::new(market, interval, series, &arguments.from, &arguments.to)
}

/// A bar on a terminal, nothing anywhere else.
fn bar(cli: &Cli) -> ProgressBar {
    if cli.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} months {eta}");
    let bar = ProgressBar::new(0);
    style.map_or(bar.clone(), |style| bar.with_style(style))
}

fn report(cli: &Cli, fetched: Result<Fetched, HistoryError>) -> Result<(), Error> {
    if !cli.json {
        let Fetched { out, sha256, summary } = fetched?;
        let Summary { expected_rows, downloaded, resumed, kept, bytes, .. } = &summary;
        print(&format!("{}: {expected_rows} rows, SHA-256 {}", out.display(), hex::encode(sha256)))?;
        let parts = format!("{downloaded} downloaded, {resumed} resumed, {kept} kept, {bytes} bytes transferred");
        return print(&format!("archives: {parts}"));
    }
    match fetched {
        Ok(Fetched { out, sha256, summary }) => {
            let written = json!({ "file": out.display().to_string(), "sha256": hex::encode(sha256) });
            print_json(&document(&summary, &written))
        }
        Err(HistoryError::Gaps(summary)) => {
            print_json(&document(&summary, &Value::Null))?;
            Err(HistoryError::Gaps(summary).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// `written` is null if no table was written.
fn document(summary: &Summary, written: &Value) -> Value {
    let gap = |gap: &Gap| {
        let missing: Vec<&str> = gap.missing.iter().map(|symbol| symbol.ticker()).collect();
        json!({ "first": gap.first.get(), "last": gap.last.get(), "missing": missing, "rows": gap.rows })
    };
    json!({
        "written": written,
        "rows": summary.expected_rows,
        "missing_rows": summary.missing_rows,
        "gap_count": summary.gap_count,
        "gaps": summary.gaps.iter().map(gap).collect::<Vec<_>>(),
        "downloaded": summary.downloaded,
        "resumed": summary.resumed,
        "kept": summary.kept,
        "absent": summary.absent,
        "bytes": summary.bytes,
    })
}
