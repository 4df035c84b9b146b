//! What a run of the main job has shown: the one source of the tables, the HTML report and the JSON.
//!
//! Amounts are base units of USDC (10^-6 dollar); signed amounts are seen from party A; times are Unix seconds (UTC).

use serde::Serialize;

/// A whole run.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// One line per 5-minute bar.
    pub bars: Vec<Bar>,
    /// One per pair, in the order BTC, ETH, SOL, XRP.
    pub pairs: Vec<PairOutcome>,
    /// The defaults of the run; the main job has one.
    pub defaults: Vec<DefaultOutcome>,
    /// The bond series.
    pub series: SeriesOutcome,
    /// The entity's capital.
    pub entity: EntityOutcome,
    /// How often each invariant was checked and held.
    pub checks: Checks,
    /// What the chain did.
    pub chain: ChainOutcome,
}

/// One bar: when, and the mark of each symbol in dollars.
#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    /// Close of the bar.
    pub time: u64,
    /// Symbol and price in dollars, as text with the decimals of the source.
    pub marks: Vec<(String, String)>,
}

/// A pair over the day.
#[derive(Clone, Debug, Serialize)]
pub struct PairOutcome {
    /// Its name, such as BTC.
    pub name: String,
    /// Party A, long.
    pub party_a: String,
    /// Party B, short.
    pub party_b: String,
    /// The vault's address, 0x-prefixed.
    pub vault: String,
    /// One point per instruction that took effect.
    pub points: Vec<Point>,
    /// Margin calls opened.
    pub calls: u32,
    /// Margin calls met.
    pub cures: u32,
    /// Instructions that took effect.
    pub settlements: u32,
    /// Sum of all transfers between the parties, both directions.
    pub variation_margin_moved: u128,
    /// Deposited by A and B over the day.
    pub deposited: (u128, u128),
    /// Taken out by A and B at the end.
    pub withdrawn: (u128, u128),
    /// How the pair ended: "terminated by both" or "closed out".
    pub ended: String,
}

/// A pair after an instruction.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// Valuation time.
    pub time: u64,
    /// A's cumulative entitlement.
    pub entitlement: i128,
    /// Margin of A and B.
    pub margin: (u128, u128),
    /// Requirement of A and B.
    pub required: (u128, u128),
    /// Unpaid settlement of A and B.
    pub deficit: (u128, u128),
    /// Tail requirement, and what first loss and live cover hold against it.
    pub tail: (u128, u128),
}

/// A default and who paid what.
#[derive(Clone, Debug, Serialize)]
pub struct DefaultOutcome {
    /// The pair.
    pub pair: String,
    /// Who defaulted, who survived.
    pub defaulter: String,
    /// The survivor.
    pub survivor: String,
    /// When the call was made, its deadline, the default, the close-out.
    pub times: DefaultTimes,
    /// The survivor's margin just before the close-out, its own property.
    pub survivor_margin_before: u128,
    /// The close-out amount: what the defaulter owed beyond what was settled.
    pub claim: u128,
    /// Layer by layer, in order: name, available before, paid.
    pub layers: Vec<Layer>,
    /// What no layer reached.
    pub residual: u128,
    /// What the survivor took out.
    pub survivor_paid_out: u128,
    /// What the defaulter got back.
    pub defaulter_paid_out: u128,
}

/// The clock of a default.
#[derive(Clone, Debug, Serialize)]
pub struct DefaultTimes {
    /// Margin call opened.
    pub called: u64,
    /// Its deadline.
    pub deadline: u64,
    /// Default declared.
    pub defaulted: u64,
    /// Closed out.
    pub closed_out: u64,
}

/// A layer of the waterfall.
#[derive(Clone, Debug, Serialize)]
pub struct Layer {
    /// Such as "defaulter's margin".
    pub name: String,
    /// What it held before.
    pub available: u128,
    /// What it paid.
    pub paid: u128,
}

/// The bond and its holders.
#[derive(Clone, Debug, Serialize)]
pub struct SeriesOutcome {
    /// The pair whose tail it covers.
    pub pair: String,
    /// The bond's address.
    pub bond: String,
    /// Annual spread, basis points.
    pub spread_bps: u16,
    /// Principal at issue.
    pub principal: u128,
    /// Written down by claims.
    pub written_down: u128,
    /// Premium put in escrow by the entity.
    pub premium_escrowed: u128,
    /// Premium that went back to the entity.
    pub premium_returned: u128,
    /// Each investor.
    pub holders: Vec<HolderOutcome>,
}

/// An investor's note.
#[derive(Clone, Debug, Serialize)]
pub struct HolderOutcome {
    /// Who.
    pub name: String,
    /// Face subscribed.
    pub subscribed: u128,
    /// Principal redeemed at the end.
    pub principal_redeemed: u128,
    /// Premium received.
    pub premium: u128,
    /// Written down: subscribed less redeemed.
    pub written_down: u128,
}

/// The entity's capital over the run.
#[derive(Clone, Debug, Serialize)]
pub struct EntityOutcome {
    /// Paid in.
    pub deposited: u128,
    /// First-loss capital allocated at the start, per pair.
    pub allocated: Vec<(String, u128)>,
    /// First-loss capital lost, per pair.
    pub lost: Vec<(String, u128)>,
    /// Free capital at the end, all released and returned.
    pub free_at_end: u128,
    /// Reserves kept back in the contracts so that their accounts stay above the asset's minimum balance.
    pub reserves: u128,
}

/// Invariant checks.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Checks {
    /// Times that every contract's asset balance was compared with its liabilities, and total supply with its start.
    pub conserve: u64,
    /// Times that a call on one pair was shown to leave every other pair's storage and balance bit-identical.
    pub isolate: u64,
    /// Storage of each other pair across the default: pair, fingerprint before, fingerprint after.
    pub across_default: Vec<Isolation>,
}

/// A pair's storage and balance across another pair's default.
#[derive(Clone, Debug, Serialize)]
pub struct Isolation {
    /// The pair that did not default.
    pub pair: String,
    /// Hash of its vault's storage before the default was declared.
    pub before: String,
    /// Hash after the close-out.
    pub after: String,
    /// Its vault's asset balance, before and after.
    pub balance: (u128, u128),
}

/// What it cost.
#[derive(Clone, Debug, Serialize)]
pub struct ChainOutcome {
    /// Calls made.
    pub calls: u64,
    /// Mean weight of `settle`: ref_time in picoseconds, proof size in bytes.
    pub settle_weight: (u64, u64),
    /// Wall time of the replay, milliseconds.
    pub replay_ms: u64,
}
