use super::args::{Cli, ValueArgs};
use super::data;
use super::output::{print, print_json, table, usd_float};
use ringfence_oracle::model::Book;
use ringfence_oracle::time::format_timestamp;
use ringfence_oracle::value::Valuer;
use ringfence_oracle::Error;
use serde_json::json;

/// Every scenario of the table, those too that the margin does not know yet at that moment.
pub(super) fn run(cli: &Cli, arguments: &ValueArgs) -> Result<(), Error> {
    let (inputs, portfolio, step, pair) = data::value(arguments)?;
    let (moment, marks) = (step.valuation_time, &step.marks);
    let valuer = Valuer { moment, marks, curves: inputs.curves(), surfaces: inputs.surfaces() };
    let book = Book::new(&portfolio, &valuer)?;
    let profits = inputs.model().stress_profits(&book, inputs.scenarios().as_slice().iter());
    if cli.json {
        let scenarios = profits.iter().map(|(scenario, profit)| {
            json!({
                "name": scenario.name, "known_from": scenario.known_from.get(),
                "used": scenario.known_from <= moment, "profit_a_usd": profit,
            })
        });
        return print_json(&json!({
            "pair": pair.pair, "valuation_time": moment.get(), "scenarios": scenarios.collect::<Vec<_>>(),
        }));
    }
    let mut rows = table(&["scenario", "profit of A", "profit of B", "in margin"]);
    for (scenario, profit) in &profits {
        let used = if scenario.known_from <= moment { "yes" } else { "not yet known" };
        rows.add_row([scenario.name.clone(), usd_float(*profit), usd_float(-profit), used.to_owned()]);
    }
    print(&format!("{} at {}, USD\n{rows}", pair.pair, format_timestamp(moment)))
}
