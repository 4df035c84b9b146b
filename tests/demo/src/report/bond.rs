//! The bond series and its holders, and the entity's capital.

use super::html::{escape, hash, section, Table};
use crate::{format::usd, outcome::Outcome};

/// The series: a sentence with its figures, then its holders.
pub(super) fn bond(outcome: &Outcome) -> String {
    let series = &outcome.series;
    let terms = format!(
        "<p>Series on the tail of <strong>{}</strong>, {}: principal USD {}, spread {}.{:02} % a year. Written down by \
         claims: USD {}. The entity put USD {} of premium in escrow; USD {} was not earned and went back.</p>\n",
        escape(&series.pair),
        hash(&series.bond),
        usd(series.principal),
        series.spread_bps / 100,
        series.spread_bps % 100,
        usd(series.written_down),
        usd(series.premium_escrowed),
        usd(series.premium_returned)
    );
    let mut table = Table::new(&["holder", ">subscribed", ">written down", ">principal redeemed", ">premium received"]);
    for holder in &series.holders {
        table.row(&[
            holder.name.clone(),
            usd(holder.subscribed),
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
