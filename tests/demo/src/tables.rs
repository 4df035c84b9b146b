//! The outcome on a terminal: plain tables of at most 120 columns, without colour.

use crate::{
    format::{clock, count, date, rate, short, thousands, usd, usd_change, usd_whole},
    outcome::{DefaultOutcome, Outcome, PairOutcome},
    report::untouched,
};
use comfy_table::{presets::UTF8_FULL_CONDENSED, CellAlignment, ContentArrangement, Table};
use std::io::{Result, Write};

/// The widest line.
const WIDTH: u16 = 120;

/// Everything that a reader of the terminal needs, in the order in which it happened.
pub(crate) fn print(outcome: &Outcome, out: &mut impl Write) -> Result<()> {
    show(out, "Margin, USD", margins(&outcome.pairs), "The run had no pairs.")?;
    show(out, "Calls and settlement", pairs(&outcome.pairs), "The run had no pairs.")?;
    if outcome.defaults.is_empty() {
        writeln!(out, "Default\nNobody defaulted.\n")?;
    }
    for default in &outcome.defaults {
        print_default(out, default)?;
    }
    let (series, (time, proof)) = (&outcome.series, outcome.chain.settle_weight);
    let [principal, lost, returned] = [series.principal, series.written_down, series.premium_returned].map(usd);
    let title = format!(
        "Tail-risk bond on {}, {}\nbids of {} up to {} % for {}: cleared at {} %\nprincipal {principal}, written down \
         {lost}, premium returned to the entity {returned}",
        series.pair,
        short(&series.bond),
        usd(series.demand),
        rate(series.max_spread_bps),
        usd(series.limit),
        rate(series.spread_bps)
    );
    show(out, &title, book(outcome), "The series has no holders.")?;
    let last = format!("Cash flows of the bond, USD, to its redemption on {}", date(series.redeemed));
    show(out, &last, flows(outcome), "The series has no holders.")?;
    show(out, "Other pairs across the default", isolation(outcome), "Nobody defaulted: nothing to compare across.")?;
    show(out, "Checks, held each time", checks(outcome), "")?;
    writeln!(
        out,
        "{}; replay in {}.{} s; mean weight of settle: ref_time {} ps, proof size {}",
        count(outcome.chain.calls, "call"),
        outcome.chain.replay_ms / 1_000,
        outcome.chain.replay_ms % 1_000 / 100,
        thousands(time),
        count(proof, "byte")
    )
}

fn print_default(out: &mut impl Write, default: &DefaultOutcome) -> Result<()> {
    let times = &default.times;
    let [called, deadline, defaulted, closed_out] =
        [times.called, times.deadline, times.defaulted, times.closed_out].map(clock);
    let title = format!(
        "Default on {}: {} against {}\n\
         called {called}, deadline {deadline}, default {defaulted}, closed out {closed_out} UTC; claim {}",
        default.pair,
        default.defaulter,
        default.survivor,
        usd(default.claim)
    );
    let mut layers = table(&["layer", ">available, USD", ">paid, USD"]);
    for layer in &default.layers {
        layers.add_row([layer.name.clone(), usd(layer.available), usd(layer.paid)]);
    }
    layers.add_row(["residual, paid by nobody".into(), String::new(), usd(default.residual)]);
    show(out, &title, layers, "")?;
    writeln!(
        out,
        "{}: own margin before {}, took out {}\n{}: got back {}\n",
        default.survivor,
        usd(default.survivor_margin_before),
        usd(default.survivor_paid_out),
        default.defaulter,
        usd(default.defaulter_paid_out)
    )
}

fn margins(pairs: &[PairOutcome]) -> Table {
    let mut table =
        table(&["pair", "party", ">paid in", ">first", ">lowest", ">last", ">required, peak", ">taken out"]);
    for pair in pairs {
        let side = |is_a: bool, (a, b): (u128, u128)| if is_a { a } else { b };
        for (is_a, name, party) in [(true, pair.name.as_str(), &pair.party_a), (false, "", &pair.party_b)] {
            let margins = || pair.points.iter().map(|point| side(is_a, point.margin));
            let whole = |amount: Option<u128>| amount.map_or("-".into(), usd_whole);
            table.add_row([
                name.to_owned(),
                format!("{} {party}", if is_a { 'A' } else { 'B' }),
                usd_whole(side(is_a, pair.deposited)),
                whole(margins().next()),
                whole(margins().min()),
                whole(margins().next_back()),
                whole(pair.points.iter().map(|point| side(is_a, point.required)).max()),
                usd_whole(side(is_a, pair.withdrawn)),
            ]);
        }
    }
    table
}

fn pairs(pairs: &[PairOutcome]) -> Table {
    let headings = ["pair", "vault", ">calls", ">met", ">settlements", ">variation margin moved, USD", "ended"];
    let mut table = table(&headings);
    for pair in pairs {
        table.add_row([
            pair.name.clone(),
            short(&pair.vault),
            thousands(pair.calls),
            thousands(pair.cures),
            thousands(pair.settlements),
            usd_whole(pair.variation_margin_moved),
            pair.ended.clone(),
        ]);
    }
    table
}

fn book(outcome: &Outcome) -> Table {
    let mut table = table(&["bidder", ">bid, USD", ">at least", ">notes", ">refund"]);
    for holder in &outcome.series.holders {
        let spread = format!("{} %", rate(holder.bid_spread_bps));
        table.add_row([holder.name.clone(), usd(holder.bid), spread, usd(holder.notes), usd(holder.refund)]);
    }
    table
}

fn flows(outcome: &Outcome) -> Table {
    let mut table = table(&["who", ">paid in", ">back", ">claimed", ">premium", ">principal", ">result"]);
    if outcome.series.holders.is_empty() {
        return table;
    }
    for flow in outcome.series.flows().iter().chain([&outcome.series.total()]) {
        let amounts = [flow.paid_in, flow.back, flow.claimed, flow.premium, flow.principal].map(usd);
        table.add_row([flow.who.clone()].into_iter().chain(amounts).chain([usd_change(flow.result())]));
    }
    table
}

fn isolation(outcome: &Outcome) -> Table {
    let headings =
        ["pair", "storage before", "storage after", ">balance before, USD", ">balance after, USD", "verdict"];
    let mut table = table(&headings);
    for pair in &outcome.checks.across_default {
        let verdict = if untouched(pair) { "✓ bit-identical" } else { "✗ DIFFERENT" };
        let (before, after) = (short(&pair.before), short(&pair.after));
        table.add_row([pair.pair.clone(), before, after, usd(pair.balance.0), usd(pair.balance.1), verdict.into()]);
    }
    table
}

fn checks(outcome: &Outcome) -> Table {
    let conserve = "every contract's balance with what it owes, total supply with what was issued";
    let isolate = "storage and balance of every contract that the step must not touch";
    let mut table = table(&["invariant", "what was compared", ">times"]);
    table.add_row(["CONSERVE", conserve, &thousands(outcome.checks.conserve)]);
    table.add_row(["ISOLATE", isolate, &thousands(outcome.checks.isolate)]);
    table
}

/// A table with headings; one that starts with `>` is of a column of numbers, aligned to the right.
fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(headings.iter().map(|heading| heading.trim_start_matches('>')));
    for (column, heading) in table.column_iter_mut().zip(headings) {
        if heading.starts_with('>') {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn show(out: &mut impl Write, title: &str, table: Table, otherwise: &str) -> Result<()> {
    if table.row_count() == 0 {
        return writeln!(out, "{title}\n{otherwise}\n");
    }
    writeln!(out, "{title}\n{table}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn printed(outcome: &Outcome) -> String {
        let mut out = Vec::new();
        print(outcome, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn fits_its_width_and_has_no_escapes() {
        let mut outcome = fixture::outcome();
        outcome.pairs[0].party_a = "A very long name of a counterparty indeed ".repeat(3);
        outcome.pairs[0].variation_margin_moved = u128::MAX;
        for text in [printed(&fixture::outcome()), printed(&outcome)] {
            let fits = |line: &str| line.chars().count() <= usize::from(WIDTH) && !line.contains('\u{1b}');
            assert!(text.lines().all(fits), "{text}");
        }
    }

    #[test]
    fn tells_the_default_layer_by_layer() {
        let text = printed(&fixture::outcome());
        for words in ["deadline 21:15, default 21:20", "441,800.00", "✓ bit-identical", "Fenwick Credit", "together"]
        {
            assert!(text.contains(words), "{words} in {text}");
        }
    }

    #[test]
    fn what_is_missing_has_words() {
        assert!(printed(&fixture::calm()).contains("Nobody defaulted."));
        assert!(printed(&fixture::empty()).contains("The run had no pairs."));
    }
}
