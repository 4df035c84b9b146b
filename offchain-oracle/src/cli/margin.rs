use super::args::{Cli, ValueArgs};
use super::data;
use super::output::{base_units, hex0x, percent, print, print_json, table, usd, usd_float};
use ringfence_oracle::commit::MODEL_VERSION;
use ringfence_oracle::inputs::Inputs;
use ringfence_oracle::model::{Book, SideExplanation};
use ringfence_oracle::protocol::{Pair, Party};
use ringfence_oracle::symbol::{BySymbol, Symbol};
use ringfence_oracle::time::format_timestamp;
use ringfence_oracle::value::Valuer;
use ringfence_oracle::Error;
use serde_json::{json, Value};

pub(super) fn run(cli: &Cli, arguments: &ValueArgs) -> Result<(), Error> {
    let (inputs, portfolio, step, pair) = data::value(arguments)?;
    let (curves, surfaces) = (inputs.curves(), inputs.surfaces());
    let valuer = Valuer { moment: step.valuation_time, marks: &step.marks, curves, surfaces };
    let book = Book::new(&portfolio, &valuer)?;
    let shocks = inputs.model().shocks(&step.volatility);
    let parts = Pair {
        a: inputs.model().contributions(&book, &shocks, Party::A),
        b: inputs.model().contributions(&book, &shocks, Party::B),
    };
    let (margin, sides) = (&pair.margin, &pair.explanation.sides);
    if cli.json {
        return print_json(&json!({
            "pair": pair.pair,
            "valuation_time": step.valuation_time.get(),
            "initial_margin_a": base_units(margin.initial.a),
            "initial_margin_b": base_units(margin.initial.b),
            "tail_requirement": base_units(margin.tail),
            "model_version": MODEL_VERSION,
            "portfolio_root": hex0x(pair.portfolio_root),
            "market_data_root": hex0x(step.market_data_root),
            "daily_volatility": by_coin(&step.volatility),
            "explanation_usd": {
                "gross_exposure": pair.explanation.gross_exposure,
                "liquidity": pair.explanation.close_out.liquidity,
                "concentration": pair.explanation.close_out.concentration,
                "a": side(&sides.a), "b": side(&sides.b)
            },
            "contributions_usd": { "a": by_coin(&parts.a), "b": by_coin(&parts.b) },
            "tables": tables(&inputs),
        }));
    }
    let mut rows = table(&["USD", "A", "B"]);
    let held = |symbol: &Symbol| parts.a[*symbol] != 0.0 || parts.b[*symbol] != 0.0;
    for symbol in Symbol::ALL.into_iter().filter(held) {
        rows.add_row([format!("{symbol}'s part of ES 99 %"), usd_float(parts.a[symbol]), usd_float(parts.b[symbol])]);
    }
    let mut add = |label: &str, of: &dyn Fn(&SideExplanation) -> String| {
        rows.add_row([label.to_owned(), of(&sides.a), of(&sides.b)]);
    };
    add("ES 99 %, current volatility", &|side| usd_float(side.current));
    add("ES 99 %, stressed volatility", &|side| usd_float(side.stressed));
    add("simulated", &|side| usd_float(side.simulated));
    add("spread", &|_| usd_float(pair.explanation.close_out.liquidity));
    add("market impact", &|_| usd_float(pair.explanation.close_out.concentration));
    add("wrong-way collateral", &|side| usd_float(side.collateral.wrong_way));
    add("initial margin", &|side| usd_float(side.initial));
    add("  of gross exposure", &|side| percent(side.initial / pair.explanation.gross_exposure));
    add("ES 99.9 %, fitted tail", &|side| usd_float(side.tail_shortfall));
    add("worst stress", &|side| usd_float(side.worst_stress));
    add("  scenario", &|side| side.worst_stress_name.clone());
    print(&format!("{} at {}\n{rows}", pair.pair, format_timestamp(step.valuation_time)))?;
    print(&format!("tail requirement    {:>20} USD", usd(margin.tail)))
}

fn by_coin(values: &BySymbol<f64>) -> Value {
    Symbol::ALL.iter().map(|symbol| (symbol.to_string(), json!(values[*symbol]))).collect()
}

/// The commitment to each table, by its name: what `verify --tables` compares.
pub(super) fn tables(inputs: &Inputs) -> Value {
    inputs.digests().named().into_iter().map(|(name, digest)| (name.to_owned(), json!(hex0x(digest)))).collect()
}

fn side(side: &SideExplanation) -> Value {
    json!({
        "es_current": side.current,
        "es_stressed": side.stressed,
        "simulated": side.simulated,
        "wrong_way": side.collateral.wrong_way,
        "collateral_value": side.collateral.value,
        "collateral_haircut": side.collateral.haircut,
        "initial_margin": side.initial,
        "tail_shape": side.tail_shape,
        "tail_es": side.tail_shortfall,
        "worst_stress": side.worst_stress,
        "worst_stress_name": side.worst_stress_name,
    })
}
