use super::args::{Cli, ValueArgs};
use super::data;
use super::output::{base_units, hex0x, print, print_json, table, usd};
use ringfence_oracle::portfolio::Position;
use ringfence_oracle::replay::Step;
use ringfence_oracle::time::format_timestamp;
use ringfence_oracle::units::{MicroUsd, PRODUCT_PER_MICRO_USD};
use ringfence_oracle::value::{NoPrice, Valuer};
use ringfence_oracle::Error;
use serde_json::json;

pub(super) fn run(cli: &Cli, arguments: &ValueArgs) -> Result<(), Error> {
    let (inputs, portfolio, step, pair) = data::value(arguments)?;
    let (curves, surfaces) = (inputs.curves(), inputs.surfaces());
    let valuer = Valuer { moment: step.valuation_time, marks: &step.marks, curves, surfaces };
    let values = portfolio.positions().iter().map(|position| value(position, &valuer));
    let values = values.collect::<Result<Vec<_>, _>>().map_err(|error| error.of(portfolio.pair()))?;
    if cli.json {
        return print_json(&json!({
            "pair": pair.pair,
            "valuation_time": step.valuation_time.get(),
            "entitlement_a": base_units(pair.entitlement_a),
            "funding_paid_a": base_units(pair.funding_paid_a),
            "realised_a": base_units(pair.realised_a),
            "portfolio_root": hex0x(pair.portfolio_root),
            "market_data_root": hex0x(step.market_data_root),
            "positions": portfolio.positions().iter().zip(&values).map(|(position, value)| json!({
                "symbol": position.instrument.underlying.ticker(),
                "instrument": position.instrument.to_string(),
                "quantity": position.quantity.to_string(),
                "entry_price": position.entry.to_string(),
                "mark": mark(&step, position),
                "value": base_units(*value),
            })).collect::<Vec<_>>(),
        }));
    }
    let mut rows = table(&["position", "quantity", "entry", "mark", "value to A"]);
    for (position, value) in portfolio.positions().iter().zip(&values) {
        let cells = [position.quantity.to_string(), position.entry.to_string(), mark(&step, position), usd(*value)];
        rows.add_row([position.instrument.to_string()].into_iter().chain(cells));
    }
    print(&format!("{} at {}\n{rows}", pair.pair, format_timestamp(step.valuation_time)))?;
    print(&format!("funding paid by A   {:>20} USD", usd(pair.funding_paid_a)))?;
    print(&format!("premiums, payoffs   {:>20} USD", usd(pair.realised_a)))?;
    print(&format!("B owes A in all     {:>20} USD", usd(pair.entitlement_a)))
}

/// What an open position is worth to A, rounded toward zero; nothing after it settled.
fn value(position: &Position, valuer: &Valuer<'_>) -> Result<MicroUsd, NoPrice> {
    if !position.instrument.is_alive(valuer.moment) {
        return Ok(MicroUsd::ZERO);
    }
    Ok(MicroUsd::new(valuer.value(position)? / PRODUCT_PER_MICRO_USD))
}

fn mark(step: &Step, position: &Position) -> String {
    step.marks[position.instrument.underlying].map(|mark| mark.to_string()).unwrap_or_default()
}
