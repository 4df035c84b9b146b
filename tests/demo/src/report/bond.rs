//! The bond series and its holders, and the entity's capital.

use super::html::{escape, hash, section, Table};
use crate::{
    format::{rate, usd},
    outcome::Outcome,
};

/// The series: a sentence with its figures, then its holders.
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
    let mut table = Table::new(&[
        "holder",
        ">bid",
        ">at least, % a year",
        ">notes",
        ">refund",
        ">written down",
        ">principal redeemed",
        ">premium received",
    ]);
    for holder in &series.holders {
        table.row(&[
            holder.name.clone(),
            usd(holder.bid),
            rate(holder.bid_spread_bps),
            usd(holder.notes),
            usd(holder.refund),
            usd(holder.written_down),
            usd(holder.principal_redeemed),
            usd(holder.premium),
        ]);
    }
    let rows = table.or("The series has no holders.");
    section("bond", "The bond and its holders", &format!("{terms}{rows}<p class=\"note\">Amounts in USD.</p>\n"))
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
