use super::args::{BondPriceArgs, Cli, Level};
use super::output::{base_units, print, print_json, write_new};
use super::{bond_chart, bond_tables, data};
use ringfence_oracle::bond::{
    price, DefaultRates, Estimate, Layer, Price, Proposal, Resampling, SidePrice, PUBLISHED, STEPS,
};
use ringfence_oracle::commit::MODEL_VERSION;
use ringfence_oracle::error::{quote, InputError, Place, Problem};
use ringfence_oracle::model::Book;
use ringfence_oracle::protocol::Pair;
use ringfence_oracle::units::MicroUsd;
use ringfence_oracle::value::Valuer;
use ringfence_oracle::Error;
use serde_json::{json, Value};

/// A priced proposal and what it was priced from, for tables, chart and JSON.
pub(super) struct Priced {
    pub(super) pair: String,
    pub(super) moment: ringfence_oracle::protocol::units::Timestamp,
    pub(super) stressed: bool,
    pub(super) horizon_days: f64,
    pub(super) proposal: Proposal,
    pub(super) price: Price,
    /// Annual spread to compare with, basis points.
    pub(super) spread: Option<u16>,
}

pub(super) fn run(cli: &Cli, arguments: &BondPriceArgs) -> Result<(), Error> {
    let proposal = proposal(arguments)?;
    let (inputs, portfolio, step, pair) = data::value(&arguments.value)?;
    let (moment, marks) = (step.valuation_time, &step.marks);
    let valuer = Valuer { moment, marks, curves: inputs.curves(), surfaces: inputs.surfaces() };
    let book = Book::new(&portfolio, &valuer)?;
    let stressed = arguments.volatility == Level::Stressed;
    let model = inputs.model();
    let set = model.set_at(&if stressed { model.stressed_volatility() } else { step.volatility });
    let price = price(&inputs, &book, &set, moment, &proposal)?;
    let horizon_days = ringfence_oracle::model::convert::days(model.params().horizon);
    let (pair, spread) = (pair.pair, arguments.spread);
    let priced = Priced { pair, moment, stressed, horizon_days, proposal, price, spread };
    let text = bond_tables::text(&priced);
    if arguments.svg.is_some() || arguments.html.is_some() {
        let unplotted = |_| Error::Output { target: "the chart".to_owned(), kind: std::io::ErrorKind::InvalidData };
        let chart = bond_chart::draw(&priced).map_err(unplotted)?;
        if let Some(file) = &arguments.svg {
            write_new(file, &chart)?;
        }
        if let Some(file) = &arguments.html {
            write_new(file, &bond_chart::page(&priced, &text, &chart))?;
        }
    }
    if cli.json {
        return print_json(&document(&priced));
    }
    print(&text)
}

fn proposal(arguments: &BondPriceArgs) -> Result<Proposal, InputError> {
    let wrong = |problem| InputError::new("command line", Place::File, problem);
    let usd = |name: &str, text: &str| {
        MicroUsd::parse(text).map_err(|error| {
            wrong(Problem::Number { name: name.to_owned(), value: quote(text), error, what: "the value" })
        })
    };
    let proposal = Proposal {
        layer: Layer {
            first_loss: usd("--first-loss", &arguments.first_loss)?,
            attachment: usd("--attachment", &arguments.attachment)?,
            limit: usd("--limit", &arguments.limit)?,
        },
        margin: arguments.margin.as_deref().map(|text| usd("--margin", text)).transpose()?,
        resampling: Resampling { count: arguments.resamples, seed: arguments.seed },
        defaults: arguments.default_rate.map(|intensity| DefaultRates { intensity, risk_days: arguments.risk_days }),
    };
    proposal.validate().map_err(|error| wrong(Problem::Layer(error)))?;
    Ok(proposal)
}

/// Expected losses a year that a spread could be a multiple of: none without a default rate, or if nothing is lost.
pub(super) fn loss_rate(priced: &Priced) -> Option<Estimate> {
    priced.price.period.as_ref().map(|period| period.expected_loss_rate).filter(|rate| rate.value > 0.0)
}

/// The spread as a multiple of expected loss; the interval's ends change places, because the loss is below the line.
pub(super) fn multiple(spread: u16, rate: &Estimate) -> (f64, Option<(f64, f64)>) {
    let spread = f64::from(spread) / 10_000.0;
    (spread / rate.value, rate.interval.map(|(low, high)| (spread / high, spread / low)))
}

fn document(priced: &Priced) -> Value {
    let Priced { proposal, price, .. } = priced;
    let layer = proposal.layer;
    let published = PUBLISHED.iter().map(|published| {
        json!({
            "what": published.what, "multiple": published.value(), "source": published.source,
            "spread_share": loss_rate(priced).map(|rate| rate.value * published.value()),
        })
    });
    let compared = priced.spread.zip(loss_rate(priced)).map(|(spread, rate)| {
        let (value, interval) = multiple(spread, &rate);
        // An interval that reaches zero loss has no upper end.
        let interval = interval.map(|(low, high)| [finite(low), finite(high)]);
        json!({ "spread_bps": spread, "multiple": value, "interval_95": interval })
    });
    json!({
        "pair": priced.pair,
        "valuation_time": priced.moment.get(),
        "model_version": MODEL_VERSION,
        "volatility": if priced.stressed { "stressed" } else { "current" },
        "horizon_days": priced.horizon_days,
        "first_loss": base_units(layer.first_loss),
        "attachment": base_units(layer.attachment),
        "limit": base_units(layer.limit),
        "scenarios": price.scenarios,
        "resamples": proposal.resampling.count,
        "seed": proposal.resampling.seed,
        "close_out_cost_usd": price.close_out_cost,
        "given_default": {
            "a": side(&price.sides.a, price), "b": side(&price.sides.b, price),
        },
        "period": price.period.as_ref().zip(proposal.defaults).map(|(period, defaults)| json!({
            "default_rate_bps": bps(&defaults),
            "risk_days": defaults.risk_days,
            "default_probability": period.default_probability,
            "expected_loss_usd": estimate(&period.expected_loss),
            "expected_loss_per_year": estimate(&period.expected_loss_rate),
            "exceedance": curve(&period.exceedance),
        })),
        "spread": compared,
        "published_multiples": published.collect::<Vec<_>>(),
    })
}

fn bps(defaults: &DefaultRates) -> Value {
    let Pair { a, b } = defaults.intensity;
    json!({ "a": a.get(), "b": b.get() })
}

fn side(side: &SidePrice, price: &Price) -> Value {
    json!({
        "margin": base_units(side.margin),
        "attaches_at_usd": side.attaches_at,
        "exhausted_at_usd": side.exhausted_at,
        "expected_loss_usd": estimate(&side.expected_loss),
        "expected_loss_once_attached_usd": side.expected_loss_once_attached(),
        "attachment_probability": side.attachment().map(estimate),
        "exhaustion_probability": side.exhaustion().map(estimate),
        "exceedance": curve(&side.exceedance),
        "scenarios_alone": { "expected_loss_usd": side.sampled_expected_loss, "reached_by": side.reached_by },
        "worst_scenario_usd": side.worst_scenario,
        "fitted": side.is_fitted(price.close_out_cost),
        "beyond_data": side.is_beyond_data(),
        "tail": side.tail.map(|tail| json!({
            "threshold_usd": tail.threshold, "weight": tail.weight, "shape": tail.shape, "scale_usd": tail.scale,
        })),
        "implied_volatility_scan": side.scan,
        "worst_stress_layer_loss_usd": side.stress_loss,
    })
}

/// The chance that the layer loses more than nothing, then at least each share of its limit.
fn curve(points: &[Estimate]) -> Value {
    let points = points
        .iter()
        .zip(0_u32..)
        .map(|(point, step)| json!({ "limit_share": share(step), "probability": estimate(point) }));
    points.collect()
}

/// A step of the exceedance curve as a share of the limit.
pub(super) fn share(step: u32) -> f64 {
    let steps = u32::try_from(STEPS).unwrap_or(u32::MAX);
    f64::from(step) / f64::from(steps)
}

fn estimate(estimate: &Estimate) -> Value {
    json!({
        "value": estimate.value,
        "standard_error": estimate.standard_error,
        "interval_95": estimate.interval.map(|(low, high)| [low, high]),
    })
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
