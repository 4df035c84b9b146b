use super::args::{Cli, ReplayArgs};
use super::data;
use super::output::{base_units, hex0x, print, print_json, table, usd};
use indicatif::{ProgressBar, ProgressStyle};
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::replay::{PairStep, Replay, Step};
use ringfence_oracle::symbol::Symbol;
use ringfence_oracle::time::format_timestamp;
use ringfence_oracle::Error;
use serde_json::{json, Value};
use std::io::IsTerminal;

pub(super) fn run(cli: &Cli, arguments: &ReplayArgs) -> Result<(), Error> {
    let inputs = data::inputs(&arguments.data)?;
    let portfolios = arguments.portfolios.iter().map(|path| data::portfolio(path));
    let portfolios = portfolios.collect::<Result<Vec<Portfolio>, _>>()?;
    let replay = Replay::new(&inputs, &portfolios)?;
    let progress = progress(cli, replay.remaining());
    let steps = replay.inspect(|_| progress.inc(1)).collect::<Result<Vec<Step>, _>>()?;
    progress.finish_and_clear();
    if cli.json {
        return print_json(&json!({ "steps": steps.iter().map(step_json).collect::<Vec<_>>() }));
    }
    for (index, portfolio) in portfolios.iter().enumerate() {
        summary(portfolio, index, &steps)?;
    }
    Ok(())
}

/// A bar on a terminal, nothing anywhere else.
fn progress(cli: &Cli, bars: usize) -> ProgressBar {
    if cli.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} bars {eta}");
    let bar = ProgressBar::new(u64::try_from(bars).unwrap_or(u64::MAX));
    style.map_or(bar.clone(), |style| bar.with_style(style))
}

fn step_json(step: &Step) -> Value {
    let marks: serde_json::Map<String, Value> = Symbol::ALL
        .iter()
        .filter_map(|symbol| step.marks[*symbol].map(|mark| (symbol.to_string(), json!(mark.to_string()))))
        .collect();
    json!({
        "valuation_time": step.valuation_time.get(),
        "market_data_root": hex0x(step.market_data_root),
        "marks": marks,
        "pairs": step.pairs.iter().map(|pair| json!({
            "pair": pair.pair,
            "portfolio_root": hex0x(pair.portfolio_root),
            "entitlement_a": base_units(pair.entitlement_a),
            "funding_paid_a": base_units(pair.funding_paid_a),
            "initial_margin_a": base_units(pair.margin.initial.a),
            "initial_margin_b": base_units(pair.margin.initial.b),
            "tail_requirement": base_units(pair.margin.tail),
        })).collect::<Vec<_>>(),
    })
}

/// The first and last bar, and the bars where X was lowest and highest.
fn summary(portfolio: &Portfolio, index: usize, steps: &[Step]) -> Result<(), Error> {
    let all = || steps.iter().filter_map(|step| step.pairs.get(index).map(|pair| (step, pair)));
    let x = |(_, pair): &(&Step, &PairStep)| pair.entitlement_a;
    let picks = [
        ("start", all().next()),
        ("lowest X", all().min_by_key(x)),
        ("highest X", all().max_by_key(x)),
        ("end", all().next_back()),
    ];
    let mut rows = table(&["", "time", "X: B owes A", "IM A", "IM B", "tail"]);
    for (label, pick) in picks {
        let Some((step, pair)) = pick else { continue };
        rows.add_row([
            label.to_owned(),
            format_timestamp(step.valuation_time),
            usd(pair.entitlement_a),
            usd(pair.margin.initial.a),
            usd(pair.margin.initial.b),
            usd(pair.margin.tail),
        ]);
    }
    print(&format!("{}, USD\n{rows}", portfolio.pair()))
}
