//! Where the figures come from, and what the signs mean.

use super::html::section;
use crate::{
    format::{clock, count, date},
    outcome::Outcome,
};

const SIGNS: [(&str, &str); 8] = [
    ("A, B", "The two parties of a pair; A is long, B is short."),
    (
        "entitlement",
        "All that A is owed by B since inception, realised flows plus current value. Positive: B owes A; negative: A \
         owes B.",
    ),
    ("margin", "What a party has in the pair's vault, its own property. Variation margin moves it between A and B."),
    ("requirement", "Initial margin, plus the party's share of a tail that capital and cover don't reach."),
    ("shortfall", "Requirement above margin; a call opens at or above the minimum transfer amount."),
    ("unpaid settlement", "Variation margin due that the debtor's margin could not pay."),
    ("tail requirement", "Loss beyond initial margin that first-loss capital and live bonds must cover."),
    ("residual", "What of a claim no layer of the pair reached: a claim against the defaulter's estate."),
];

/// The section.
pub(super) fn method(outcome: &Outcome) -> String {
    let bars = u128::try_from(outcome.bars.len()).unwrap_or_default();
    let span = match (outcome.bars.first(), outcome.bars.last()) {
        (Some(first), Some(last)) => {
            format!(", {} {} to {} {} UTC", date(first.time), clock(first.time), date(last.time), clock(last.time))
        }
        _ => String::new(),
    };
    let mut body = format!(
        "<p>Marks are closes of the five-minute bars that the run replayed ({}{span}); a bar's time here is its close. \
         Unless the run was given other bars they are those of <code>data/crash-2025-10-10.csv</code>, 10 October 2025; \
         <code>data/README.md</code> says where they come from and what is wrong with them. Lows within a bar are not \
         marks: no valuation saw them.</p>\n\
         <p>Margins, requirements, payments and balances are read back from contracts that ran on an in-process chain, \
         moved by signed instructions of the risk engine. Positions, parties, capital and investors are this \
         demonstration's own. The same data are in <code>outcome.json</code> beside this page, in base units of USDC (10<sup>-6</sup> dollar).</p>\n<dl>\n",
        count(bars, "bar")
    );
    for (sign, meaning) in SIGNS {
        body.push_str(&format!("<dt>{sign}</dt><dd>{meaning}</dd>\n"));
    }
    body.push_str("</dl>\n");
    section("method", "Method and signs", &body)
}
