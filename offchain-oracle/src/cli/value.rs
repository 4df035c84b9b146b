use super::args::{Cli, ValueArgs};
use super::data;
use super::output::{base_units, hex0x, print, print_json, table, usd};
use ringfence_oracle::portfolio::Position;
use ringfence_oracle::replay::Step;
use ringfence_oracle::time::format_timestamp;
use ringfence_oracle::Error;
use serde_json::json;

pub(super) fn run(cli: &Cli, arguments: &ValueArgs) -> Result<(), Error> {
    let (portfolio, step, pair) = data::value(arguments)?;
    if cli.json {
        return print_json(&json!({
            "pair": pair.pair,
            "valuation_time": step.valuation_time.get(),
            "entitlement_a": base_units(pair.entitlement_a),
            "funding_paid_a": base_units(pair.funding_paid_a),
            "portfolio_root": hex0x(pair.portfolio_root),
            "market_data_root": hex0x(step.market_data_root),
            "positions": portfolio.positions().iter().map(|position| json!({
                "symbol": position.symbol.ticker(),
                "quantity": position.quantity.to_string(),
                "entry_price": position.entry.to_string(),
                "mark": mark(&step, position),
            })).collect::<Vec<_>>(),
        }));
    }
    let mut rows = table(&["position", "quantity", "entry", "mark"]);
    for position in portfolio.positions() {
        let cells = [position.quantity.to_string(), position.entry.to_string(), mark(&step, position)];
        rows.add_row([position.symbol.to_string()].into_iter().chain(cells));
    }
    print(&format!("{} at {}\n{rows}", pair.pair, format_timestamp(step.valuation_time)))?;
    print(&format!("funding paid by A   {:>20} USD", usd(pair.funding_paid_a)))?;
    print(&format!("B owes A in all     {:>20} USD", usd(pair.entitlement_a)))
}

fn mark(step: &Step, position: &Position) -> String {
    step.marks[position.symbol].map(|mark| mark.to_string()).unwrap_or_default()
}
