//! What was checked: other pairs across the default, invariants, cost.

use super::html::{hash, section, Table};
use crate::{
    format::{count, thousands, usd},
    outcome::{Isolation, Outcome},
};

/// True if nothing of the pair changed.
pub(crate) fn untouched(pair: &Isolation) -> bool {
    pair.before == pair.after && pair.balance.0 == pair.balance.1
}

/// Every other pair across the default.
pub(super) fn isolation(outcome: &Outcome) -> String {
    let mut table = Table::new(&[
        "pair",
        "storage before",
        "storage after",
        "storage",
        ">balance before, USD",
        ">balance after, USD",
        "balance",
    ]);
    for pair in &outcome.checks.across_default {
        table.row_html(&[
            super::html::escape(&pair.pair),
            hash(&pair.before),
            hash(&pair.after),
            mark(pair.before == pair.after),
            usd(pair.balance.0),
            usd(pair.balance.1),
            mark(pair.balance.0 == pair.balance.1),
        ]);
    }
    let intro = "<p>Fingerprint of each other vault's whole storage before the default was declared and after the \
                 close-out, and what the vault held of the asset.</p>\n";
    let rows = table.or("Nobody defaulted, so there was nothing to compare across.");
    let intro = if outcome.checks.across_default.is_empty() { "" } else { intro };
    section("isolation", "The other pairs across the default", &format!("{intro}{rows}"))
}

fn mark(equal: bool) -> String {
    if equal { "<span class=\"good\">✓ equal</span>" } else { "<span class=\"bad\">✗ different</span>" }.into()
}

/// Invariants with how often they were checked, and what the chain did.
pub(super) fn checks(outcome: &Outcome) -> String {
    let (checks, chain) = (&outcome.checks, &outcome.chain);
    let mut table = Table::new(&["invariant", "what was compared", ">times checked"]);
    table.row(&[
        "CONSERVE",
        "every contract's asset balance with its liabilities, and total supply with what was issued",
        &thousands(checks.conserve),
    ]);
    table.row(&[
        "ISOLATE",
        "storage and balance of every contract that a step must not touch, bit by bit",
        &thousands(checks.isolate),
    ]);
    let (time, proof) = chain.settle_weight;
    let cost = format!(
        "<p>Each held every time: a run in which one breaks ends with an error and writes no report.</p>\n\
         <p>The run made {}; the replay took {}.{} s of wall time. Mean weight of <code>settle</code>: ref_time {} ps, \
         proof size {}.</p>\n",
        count(chain.calls, "call"),
        thousands(chain.replay_ms / 1_000),
        chain.replay_ms % 1_000 / 100,
        thousands(time),
        count(proof, "byte")
    );
    section("checks", "Invariants and cost", &format!("{}{cost}", table.or("")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_changed_pair_is_marked() {
        let mut outcome = fixture::outcome();
        assert!(!isolation(&outcome).contains("✗"));
        outcome.checks.across_default[1].after = "0xother".into();
        outcome.checks.across_default[2].balance.1 += 1;
        let html = isolation(&outcome);
        assert_eq!(html.matches("✗ different").count(), 2);
        assert_eq!(outcome.checks.across_default.iter().filter(|pair| untouched(pair)).count(), 1);
    }

    #[test]
    fn fingerprints_are_there_in_full() {
        let html = isolation(&fixture::outcome());
        assert!(html.contains(&format!("title=\"0x{}\"", "a1".repeat(32))));
    }
}
