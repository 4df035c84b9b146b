//! What came of it: the table and its JSON.

use comfy_table::{presets::ASCII_MARKDOWN, CellAlignment, Table};
use serde::Serialize;

/// What a party got out.
#[derive(Clone, Debug, Serialize)]
pub struct Payout {
    /// Which pair, from one.
    pub pair: usize,
    /// `A` or `B`.
    pub side: &'static str,
    /// How the pair ended.
    pub ending: &'static str,
    /// What it paid in, base units.
    pub paid_in: u128,
    /// What the rules promise it.
    pub promised: u128,
    /// What it got by the end of the resolution.
    pub got: u128,
    /// What it got later, out of what was recovered from the defaulter.
    pub recovered: u128,
    /// From the start of the resolution to its first payment, seconds.
    pub seconds: u64,
}

/// What a holder of notes got out.
#[derive(Clone, Debug, Serialize)]
pub struct Holder {
    /// Who.
    pub name: String,
    /// What it put in, base units.
    pub invested: u128,
    /// What the losses of the covered pair took of it, rounded up.
    pub lost: u128,
    /// What it got, premium included.
    pub got: u128,
    /// From the start of the resolution to its payment, seconds.
    pub seconds: u64,
}

/// What a creditor of the entity got.
#[derive(Clone, Debug, Serialize)]
pub struct Creditor {
    /// Who.
    pub name: String,
    /// Its class.
    pub class: u8,
    /// What it claimed, base units.
    pub claim: u128,
    /// What the rules promise it.
    pub promised: u128,
    /// What it got.
    pub got: u128,
    /// From the start of the resolution to its last payment, seconds.
    pub seconds: u64,
}

/// Sums over everybody.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Total {
    /// What the creditors got, base units.
    pub creditors: u128,
    /// What rounding left in the classes' accounts.
    pub dust: u128,
    /// What is left over for the owners.
    pub surplus: u128,
    /// From the start of the resolution to the final report, seconds.
    pub seconds: u64,
    /// How often CONSERVE was checked over all contracts.
    pub conserve_checks: u32,
}

/// Everything.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Both parties of every pair.
    pub parties: Vec<Payout>,
    /// Holders of the series on the first pair.
    pub holders: Vec<Holder>,
    /// The entity's creditors.
    pub creditors: Vec<Creditor>,
    /// Sums.
    pub total: Total,
}

impl Outcome {
    /// The tables as text.
    pub fn tables(&self) -> String {
        let mut parties = table(&["pair", "side", "how it ended", "paid in", "promised", "out", "recovered", "after"]);
        for row in &self.parties {
            let cells = [row.paid_in, row.promised, row.got, row.recovered].map(dollars);
            let [paid_in, promised, got, recovered] = cells;
            let (pair, side, ending) = (row.pair.to_string(), row.side.to_string(), row.ending.to_string());
            parties.add_row([pair, side, ending, paid_in, promised, got, recovered, span(row.seconds)]);
        }
        let mut holders = table(&["holder", "invested", "written down", "out, with premium", "after"]);
        for row in &self.holders {
            let [invested, lost, got] = [row.invested, row.lost, row.got].map(dollars);
            holders.add_row([row.name.clone(), invested, lost, got, span(row.seconds)]);
        }
        let mut creditors = table(&["creditor", "class", "claim", "promised", "out", "after"]);
        for row in &self.creditors {
            let [claim, promised, got] = [row.claim, row.promised, row.got].map(dollars);
            creditors.add_row([row.name.clone(), row.class.to_string(), claim, promised, got, span(row.seconds)]);
        }
        let total = format!(
            "Creditors got {} in all; rounding left {} base units in the classes; {} are left for the owners. From the start \
             to the final report: {}. CONSERVE held in all {} checks, and every payment is what the rules promise.",
            dollars(self.total.creditors),
            self.total.dust,
            dollars(self.total.surplus),
            span(self.total.seconds),
            self.total.conserve_checks,
        );
        format!("Parties, USDC\n{parties}\n\nHolders, USDC\n{holders}\n\nCreditors, USDC\n{creditors}\n\n{total}")
    }
}

fn table(titles: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(titles);
    for column in table.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Base units as dollars, exactly.
fn dollars(amount: u128) -> String {
    format!("{}.{:06}", amount / 1_000_000, amount % 1_000_000)
}

fn span(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    format!("{days} d {:02}:{:02}", rest / 3_600, rest % 3_600 / 60)
}
