//! Each pair: margin against requirement, and its day in figures.

use super::{
    html::{escape, hash, section, Table},
    margin_plot,
};
use crate::{
    format::{clock, count, thousands, usd_millions, usd_signed, usd_whole},
    outcome::{DefaultOutcome, Outcome, PairOutcome},
};

const LEGEND: &str = "<p class=\"legend\"><span class=\"item\"><span class=\"key margin\"></span>margin</span> \
    <span class=\"item\"><span class=\"key required\"></span>requirement</span> \
    <span class=\"item\"><span class=\"key short\"></span>shortfall, margin below requirement</span> \
    <span class=\"item\"><span class=\"key event\"></span>default</span> \
    <span class=\"item\">USD m, time in UTC</span></p>\n";

/// The section: a small plot for each pair, then a table of all.
pub(super) fn margins(outcome: &Outcome) -> String {
    if outcome.pairs.is_empty() {
        return section("margins", "Margin against requirement", "<p class=\"none\">The run had no pairs.</p>\n");
    }
    let span = margin_plot::span(outcome);
    let mut body = String::from(LEGEND);
    body.push_str("<div class=\"grid\">\n");
    for pair in &outcome.pairs {
        let default = outcome.defaults.iter().find(|default| default.pair == pair.name);
        body.push_str(&one(pair, default, span));
    }
    body.push_str("</div>\n");
    body.push_str(&table(&outcome.pairs));
    section("margins", "Margin against requirement", &body)
}

fn one(pair: &PairOutcome, default: Option<&DefaultOutcome>, span: (u64, u64)) -> String {
    let name = escape(&pair.name);
    let plot = if pair.points.is_empty() {
        "<p class=\"none\">No instruction took effect on this pair.</p>\n".into()
    } else {
        margin_plot::plot(pair, default, span, &caption(pair, default))
    };
    format!("<article>\n<h3>{name} <small>{}</small></h3>\n{plot}</article>\n", hash(&pair.vault))
}

fn caption(pair: &PairOutcome, default: Option<&DefaultOutcome>) -> String {
    let mut text = format!("{}, {} met", count(pair.calls, "margin call"), thousands(pair.cures));
    if let Some(tail) = pair.points.iter().max_by_key(|point| point.tail.0) {
        let (requirement, cover) = (usd_millions(tail.tail.0), usd_millions(tail.tail.1));
        text.push_str(&format!(
            "; tail requirement at most USD {requirement} m, first loss and live cover then USD {cover} m"
        ));
    }
    let deficit = pair.points.iter().map(|point| point.deficit.0.max(point.deficit.1)).max().unwrap_or_default();
    if deficit > 0 {
        text.push_str(&format!("; unpaid settlement at most USD {} m", usd_millions(deficit)));
    }
    if let Some(default) = default {
        let times = &default.times;
        text.push_str(&format!(
            ". {}: called {}, deadline {}, default {}, closed out {}",
            default.defaulter,
            clock(times.called),
            clock(times.deadline),
            clock(times.defaulted),
            clock(times.closed_out)
        ));
    }
    text.push('.');
    escape(&text)
}

fn table(pairs: &[PairOutcome]) -> String {
    format!(
        "<h3>Each party's margin, USD</h3>\n{}<h3>Calls and settlement</h3>\n{}",
        parties(pairs).or(""),
        totals(pairs).or("")
    )
}

fn parties(pairs: &[PairOutcome]) -> Table {
    let headings =
        ["pair", "party", ">paid in", ">first", ">lowest", ">last", ">requirement at its peak", ">taken out"];
    let mut table = Table::new(&headings);
    for pair in pairs {
        let side = |is_a: bool, (a, b): (u128, u128)| if is_a { a } else { b };
        for (is_a, name, party) in [(true, pair.name.as_str(), &pair.party_a), (false, "", &pair.party_b)] {
            let margins = || pair.points.iter().map(|point| side(is_a, point.margin));
            let peak = pair.points.iter().map(|point| side(is_a, point.required)).max();
            let whole = |amount: Option<u128>| amount.map_or("-".into(), usd_whole);
            table.row(&[
                name.to_owned(),
                format!("{}, {party}", if is_a { 'A' } else { 'B' }),
                usd_whole(side(is_a, pair.deposited)),
                whole(margins().next()),
                whole(margins().min()),
                whole(margins().next_back()),
                whole(peak),
                usd_whole(side(is_a, pair.withdrawn)),
            ]);
        }
    }
    table
}

fn totals(pairs: &[PairOutcome]) -> Table {
    let headings = [
        "pair",
        ">calls",
        ">met",
        ">settlements",
        ">variation margin moved, USD",
        ">A's entitlement at the end, USD",
        "ended",
    ];
    let mut table = Table::new(&headings);
    for pair in pairs {
        table.row(&[
            pair.name.clone(),
            thousands(pair.calls),
            thousands(pair.cures),
            thousands(pair.settlements),
            usd_whole(pair.variation_margin_moved),
            pair.points.last().map_or("-".into(), |point| usd_signed(point.entitlement)),
            pair.ended.clone(),
        ]);
    }
    table
}
