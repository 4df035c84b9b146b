//! The bond series: book, clearing and cash flows; and the entity's capital.

use super::{
    book,
    html::{escape, hash, section, Table},
};
use crate::{
    format::{clock, date, rate, usd, usd_change, usd_whole},
    outcome::{Outcome, SeriesOutcome},
};

/// The series: a sentence with its figures, the book with its clearing, then every cash flow.
pub(super) fn bond(outcome: &Outcome) -> String {
    let series = &outcome.series;
    let terms = format!(
        "<p>Series on the tail of <strong>{}</strong>, {}: investors bid USD {} for USD {}, at up to {} % a year. The \
         book cleared at {} %, which every note earns: the cheaper bids are filled, those at it share what is left, \
         the dearer ones get their money back. Principal USD {}. Written down by claims: USD {}. The entity put USD {} \
         of premium in escrow, at the highest spread; USD {} was not earned and went back.</p>\n",
        escape(&series.pair),
        hash(&series.bond),
        usd(series.demand),
        usd(series.limit),
        rate(series.max_spread_bps),
        rate(series.spread_bps),
        usd(series.principal),
        usd(series.written_down),
        usd(series.premium_escrowed),
        usd(series.premium_returned)
    );
    let dates = format!(
        "<p>On risk from {} {} UTC to {}; redeemed on {}.</p>\n",
        date(series.on_risk),
        clock(series.on_risk),
        date(series.matured),
        date(series.redeemed)
    );
    let body = format!(
        "{terms}{dates}<h3>The book</h3>\n<div class=\"two\">{}<div>{}</div></div>\n<h3>Cash flows</h3>\n{}\
         <p class=\"note\">Amounts in USD. Back: a refund at allotment, or premium that was not earned. Result: all that \
         came out less what was paid in.</p>\n",
        if series.holders.is_empty() { String::new() } else { book::plot(series) },
        bids(series),
        flows(series)
    );
    section("bond", "The bond, its book and its holders", &body)
}

fn bids(series: &SeriesOutcome) -> String {
    let mut table = Table::new(&["bidder", ">bid", ">at least, % a year", ">notes", ">refund"]);
    for holder in &series.holders {
        table.row(&[
            holder.name.clone(),
            usd_whole(holder.bid),
            rate(holder.bid_spread_bps),
            usd_whole(holder.notes),
            usd_whole(holder.refund),
        ]);
    }
    table.or("The series has no holders.")
}

/// What everybody paid in and got, down to nothing left.
fn flows(series: &SeriesOutcome) -> String {
    let headings =
        ["who", ">paid in", ">back", ">claimed", ">premium", ">principal redeemed", ">written down", ">result"];
    let mut table = Table::new(&headings);
    if series.holders.is_empty() {
        return table.or("Nobody paid anything in.");
    }
    let lost = series.holders.iter().map(|holder| usd(holder.written_down));
    let lost = lost.chain([String::new(), String::new(), usd(series.written_down)]);
    for (flow, lost) in series.flows().iter().chain([&series.total()]).zip(lost) {
        table.row(&[
            flow.who.clone(),
            usd(flow.paid_in),
            usd(flow.back),
            usd(flow.claimed),
            usd(flow.premium),
            usd(flow.principal),
            lost,
            usd_change(flow.result()),
        ]);
    }
    table.or("")
}

/// What the entity paid in, set aside, lost and has left.
pub(super) fn entity(outcome: &Outcome) -> String {
    let entity = &outcome.entity;
    let mut table = Table::new(&["pair", ">first-loss capital allocated", ">lost"]);
    for (pair, allocated) in &entity.allocated {
        let lost = entity.lost.iter().find(|(name, _)| name == pair).map_or(0, |(_, lost)| *lost);
        table.row(&[pair.clone(), usd(*allocated), usd(lost)]);
    }
    let body = format!(
        "<p>Paid in by the entity's shareholders: USD {}. Free at the end, all that could be released having been \
         released: USD {}. Kept back in the contracts so that their accounts stay above the asset's minimum balance: \
         USD {}.</p>\n{}",
        usd(entity.deposited),
        usd(entity.free_at_end),
        usd(entity.reserves),
        table.or("No first-loss capital was allocated.")
    );
    section("entity", "The entity's capital", &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn the_book_and_every_flow_are_shown() {
        let html = bond(&fixture::outcome());
        assert_eq!(html.matches("<svg").count(), 1);
        for words in
            ["at least 10.50 %", "187,500 of 250,000", "clears at 10.50 %", "entity, the sponsor", "XRP pair, its loss"]
        {
            assert!(html.contains(words), "{words}");
        }
    }

    /// The demo's own figures: what came out is what went in.
    #[test]
    fn a_result_is_all_that_came_out_less_what_went_in() {
        let series = fixture::outcome().series;
        let flows = series.flows();
        let larkspur = &flows[0];
        assert_eq!(larkspur.result(), i128::try_from(larkspur.principal + larkspur.premium).unwrap() - 300_000_000_000);
        assert_eq!(flows[3].result(), 0, "who was not filled lost nothing");
        let sum: i128 = flows.iter().map(crate::outcome::Flow::result).sum();
        assert_eq!(series.total().result(), sum);
    }
}
