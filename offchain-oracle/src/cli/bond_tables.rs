//! A priced layer as plain tables.

use super::bond::{loss_rate, multiple, share, Priced};
use super::output::{percent, table, usd, usd_float};
use ringfence_oracle::bond::{Estimate, PeriodPrice, SidePrice, PUBLISHED};
use ringfence_oracle::time::format_timestamp;

pub(super) fn text(priced: &Priced) -> String {
    let mut parts = vec![heading(priced), given_default(priced), exceedance(priced)];
    parts.extend(priced.price.period.as_ref().map(|period| over_period(priced, period)));
    parts.push(published(priced));
    parts.push(notes(priced));
    parts.join("\n")
}

fn heading(priced: &Priced) -> String {
    let layer = priced.proposal.layer;
    format!(
        "{} at {}: {} USD above margin, {} of first-loss capital and {} of layers below\n\
         {} scenarios of {} at {} volatility; figures ± standard error (95 % interval)",
        priced.pair,
        format_timestamp(priced.moment),
        usd(layer.limit),
        usd(layer.first_loss),
        usd(layer.attachment),
        priced.price.scenarios,
        days(priced.horizon_days),
        if priced.stressed { "stressed" } else { "current" },
    )
}

fn given_default(priced: &Priced) -> String {
    let price = &priced.price;
    let (a, b) = (&price.sides.a, &price.sides.b);
    let limit = limit(priced);
    let mut rows = table(&["given a default, USD", "of A", "of B"]);
    let mut add = |label: &str, of: &dyn Fn(&SidePrice) -> String| {
        rows.add_row([label.to_owned(), of(a), of(b)]);
    };
    add("margin held", &|side| usd(side.margin));
    add("layer attaches at a loss of", &|side| usd_float(side.attaches_at));
    add("layer is exhausted at a loss of", &|side| usd_float(side.exhausted_at));
    add("expected loss", &|side| money(&side.expected_loss));
    add("  of the limit", &|side| chance(&scaled(&side.expected_loss, 1.0 / limit)));
    add("attachment probability", &|side| side.attachment().map(chance).unwrap_or_default());
    add("exhaustion probability", &|side| side.exhaustion().map(chance).unwrap_or_default());
    add("expected loss once it attaches", &|side| {
        side.expected_loss_once_attached().map_or_else(|| "-".to_owned(), usd_float)
    });
    add("scenarios that reach the layer", &|side| side.reached_by.to_string());
    add("expected loss by scenarios alone", &|side| usd_float(side.sampled_expected_loss));
    add("worst scenario's loss", &|side| usd_float(side.worst_scenario));
    add("fitted tail: shape", &|side| side.tail.map_or_else(|| "none".to_owned(), |tail| format!("{:.3}", tail.shape)));
    add("layer's loss in the worst known stress", &|side| usd_float(side.stress_loss));
    rows.to_string()
}

fn exceedance(priced: &Priced) -> String {
    let price = &priced.price;
    let mut rows = table(&["chance that the layer loses", "USD", "default of A", "default of B", "over the period"]);
    let points = price.sides.a.exceedance.iter().zip(&price.sides.b.exceedance).zip(0_u32..);
    // Every tenth of the limit; all twentieths are in the JSON.
    for ((a, b), step) in points.filter(|(_, step)| step % 2 == 0) {
        let label = match step {
            0 => "anything".to_owned(),
            _ => format!("at least {:.0} %", share(step) * 100.0),
        };
        let period = price.period.as_ref().and_then(|period| {
            period
                .exceedance
                .iter()
                .zip(0_u32..)
                .find(|(_, other)| *other == step)
                .map(|(point, _)| chance_between(point))
        });
        let loss = usd_float(limit(priced) * share(step));
        rows.add_row([label, loss, chance_between(a), chance_between(b), period.unwrap_or_else(|| "-".to_owned())]);
    }
    rows.to_string()
}

fn over_period(priced: &Priced, period: &PeriodPrice) -> String {
    let mut rows = table(&["over the risk period", ""]);
    if let Some(defaults) = priced.proposal.defaults {
        let (a, b) = (defaults.intensity.a.get(), defaults.intensity.b.get());
        rows.add_row(["default rate of A and B, given", &format!("{a} and {b} bps a year")]);
        rows.add_row(["risk period", &format!("{} days", defaults.risk_days)]);
    }
    rows.add_row(["a default of either", &percent(period.default_probability)]);
    rows.add_row(["expected loss, USD", &money(&period.expected_loss)]);
    rows.add_row(["expected loss a year, of the limit", &chance(&period.expected_loss_rate)]);
    if let Some((spread, rate)) = priced.spread.zip(loss_rate(priced)) {
        let (value, interval) = multiple(spread, &rate);
        let interval = interval.map(|(low, high)| format!(" ({} to {})", times(low), times(high)));
        let label = format!("spread of {spread} bps: multiple of expected loss");
        rows.add_row([label, format!("{}{}", times(value), interval.unwrap_or_default())]);
    }
    rows.to_string()
}

fn published(priced: &Priced) -> String {
    let mut rows = table(&["catastrophe bonds: spread over expected loss", "multiple", "this layer would pay"]);
    for published in PUBLISHED {
        let spread = loss_rate(priced).map(|rate| format!("{:.1} bps", rate.value * published.value() * 10_000.0));
        let spread = spread.unwrap_or_else(|| "-".to_owned());
        rows.add_row([published.what.to_owned(), times(published.value()), spread]);
    }
    let mut sources: Vec<&str> = PUBLISHED.iter().map(|published| published.source).collect();
    sources.dedup();
    format!("{rows}\nSources: {}.", sources.join(";\n  "))
}

/// What a reader must know before using a number.
fn notes(priced: &Priced) -> String {
    let price = &priced.price;
    let mut notes = vec![];
    for (name, side) in [("A", &price.sides.a), ("B", &price.sides.b)] {
        if side.is_fitted(price.close_out_cost) && side.is_beyond_data() {
            notes.push(format!(
                "Default of {name}: the layer ends beyond the worst scenario. What lies there comes from the fitted tail and no data."
            ));
        } else if side.is_fitted(price.close_out_cost) {
            notes.push(format!("Default of {name}: the fitted tail decides; the scenarios reach beyond the layer."));
        } else if side.is_beyond_data() {
            notes.push(format!(
                "Default of {name}: no tail is fitted here, and no scenario reaches the layer's end: its chance is stated as the scenarios have it."
            ));
        }
        if side.scan != 0.0 {
            notes.push(format!(
                "Default of {name}: implied volatility shifted by {}, the worst case.",
                percent(side.scan)
            ));
        }
    }
    if price.period.is_none() {
        notes.push("All figures are given a default; --default-rate brings them to a year.".to_owned());
    } else if loss_rate(priced).is_none() {
        notes.push("The expected loss is zero: no spread is a multiple of it.".to_owned());
    }
    notes.push(
        "Default and market move are taken as independent. Of a side that defaults because of the move, the expected loss once\n\
         it attaches says more."
            .to_owned(),
    );
    notes.push(
        "The intervals are of the fit and the history, not of the model, the margin or the default rate.".to_owned(),
    );
    notes.join("\n")
}

fn days(days: f64) -> String {
    if days == 1.0 {
        "one day".to_owned()
    } else {
        format!("{days} days")
    }
}

fn limit(priced: &Priced) -> f64 {
    ringfence_oracle::model::convert::int_to_f64_nearest(priced.proposal.layer.limit.get()) / 1e6
}

fn scaled(estimate: &Estimate, by: f64) -> Estimate {
    Estimate {
        value: estimate.value * by,
        standard_error: estimate.standard_error.map(|error| error * by),
        interval: estimate.interval.map(|(low, high)| (low * by, high * by)),
    }
}

/// Value, standard error and interval in dollars.
fn money(estimate: &Estimate) -> String {
    with_error(estimate, usd_float, "")
}

/// Value, standard error and interval of a share, per cent.
fn chance(estimate: &Estimate) -> String {
    with_error(estimate, per_cent, " %")
}

/// The same without the standard error.
fn chance_between(estimate: &Estimate) -> String {
    let value = per_cent(estimate.value);
    match estimate.interval {
        Some((low, high)) => format!("{value} ({} to {}) %", per_cent(low), per_cent(high)),
        None => format!("{value} %"),
    }
}

fn with_error(estimate: &Estimate, format: impl Fn(f64) -> String, unit: &str) -> String {
    let value = format(estimate.value);
    match estimate.standard_error.zip(estimate.interval) {
        Some((error, (low, high))) => {
            format!("{value} ± {} ({} to {}){unit}", format(error), format(low), format(high))
        }
        None => format!("{value}{unit}"),
    }
}

/// Per cent with three significant digits, down to a millionth.
fn per_cent(share: f64) -> String {
    let value = share * 100.0;
    if value == 0.0 {
        return "0".to_owned();
    }
    let places = [(1.0, 2), (0.1, 3), (0.01, 4), (0.001, 5), (1e-4, 6)];
    let fits = places.iter().find(|(least, _)| value >= *least);
    fits.map_or_else(|| "<0.0001".to_owned(), |(_, places)| format!("{value:.places$}"))
}

fn times(multiple: f64) -> String {
    if multiple.is_finite() {
        format!("{multiple:.2}")
    } else {
        "no end".to_owned()
    }
}
