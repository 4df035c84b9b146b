//! What a run of the main job has shown: the one source of the tables, the HTML report and the JSON.
//!
//! Amounts are base units of USDC (10^-6 dollar); signed amounts are seen from party A; times are Unix seconds (UTC).

use serde::Serialize;

/// A whole run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outcome {
    /// One line per 5-minute bar.
    pub(crate) bars: Vec<Bar>,
    /// One per pair, in the order BTC, ETH, SOL, XRP.
    pub(crate) pairs: Vec<PairOutcome>,
    /// The defaults of the run; the main job has one.
    pub(crate) defaults: Vec<DefaultOutcome>,
    /// The bond series.
    pub(crate) series: SeriesOutcome,
    /// The entity's capital.
    pub(crate) entity: EntityOutcome,
    /// How often each invariant was checked and held.
    pub(crate) checks: Checks,
    /// What the chain did.
    pub(crate) chain: ChainOutcome,
}

/// One bar: when, and the mark of each symbol in dollars.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Bar {
    /// Close of the bar.
    pub(crate) time: u64,
    /// Symbol and price in dollars, as decimal text without trailing zeros.
    pub(crate) marks: Vec<(String, String)>,
}

/// A pair over the day.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PairOutcome {
    /// Its name, such as BTC.
    pub(crate) name: String,
    /// Party A, long.
    pub(crate) party_a: String,
    /// Party B, short.
    pub(crate) party_b: String,
    /// The vault's address, 0x-prefixed.
    pub(crate) vault: String,
    /// One point per instruction that took effect.
    pub(crate) points: Vec<Point>,
    /// Margin calls opened.
    pub(crate) calls: u32,
    /// Margin calls met.
    pub(crate) cures: u32,
    /// Instructions that took effect.
    pub(crate) settlements: u32,
    /// Sum of all transfers between the parties, both directions.
    pub(crate) variation_margin_moved: u128,
    /// Deposited by A and B over the day.
    pub(crate) deposited: (u128, u128),
    /// Taken out by A and B at the end.
    pub(crate) withdrawn: (u128, u128),
    /// How the pair ended: "terminated by both" or "closed out".
    pub(crate) ended: String,
}

/// A pair after an instruction.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Point {
    /// Valuation time.
    pub(crate) time: u64,
    /// A's cumulative entitlement.
    pub(crate) entitlement: i128,
    /// Margin of A and B.
    pub(crate) margin: (u128, u128),
    /// Requirement of A and B.
    pub(crate) required: (u128, u128),
    /// Unpaid settlement of A and B.
    pub(crate) deficit: (u128, u128),
    /// Tail requirement, and what first loss and live cover hold against it.
    pub(crate) tail: (u128, u128),
}

/// A default and who paid what.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DefaultOutcome {
    /// The pair.
    pub(crate) pair: String,
    /// Who defaulted, who survived.
    pub(crate) defaulter: String,
    /// The survivor.
    pub(crate) survivor: String,
    /// When the call was made, its deadline, the default, the close-out.
    pub(crate) times: DefaultTimes,
    /// The survivor's margin just before the close-out, its own property.
    pub(crate) survivor_margin_before: u128,
    /// The close-out amount: what the defaulter owed beyond what was settled.
    pub(crate) claim: u128,
    /// Layer by layer, in order: name, available before, paid.
    pub(crate) layers: Vec<Layer>,
    /// What no layer reached.
    pub(crate) residual: u128,
    /// What the survivor took out.
    pub(crate) survivor_paid_out: u128,
    /// What the defaulter got back.
    pub(crate) defaulter_paid_out: u128,
}

/// The clock of a default.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DefaultTimes {
    /// Margin call opened.
    pub(crate) called: u64,
    /// Its deadline.
    pub(crate) deadline: u64,
    /// Default declared.
    pub(crate) defaulted: u64,
    /// Closed out.
    pub(crate) closed_out: u64,
}

/// A layer of the waterfall.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Layer {
    /// Such as "defaulter's margin".
    pub(crate) name: String,
    /// What it held before.
    pub(crate) available: u128,
    /// What it paid.
    pub(crate) paid: u128,
}

/// The bond and its holders.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SeriesOutcome {
    /// The pair whose tail it covers.
    pub(crate) pair: String,
    /// The bond's address.
    pub(crate) bond: String,
    /// Highest annual spread that could be bid, basis points.
    pub(crate) max_spread_bps: u16,
    /// Annual spread at which the book cleared, basis points.
    pub(crate) spread_bps: u16,
    /// Most principal that was offered.
    pub(crate) limit: u128,
    /// What was bid altogether.
    pub(crate) demand: u128,
    /// Principal at issue.
    pub(crate) principal: u128,
    /// Written down by claims.
    pub(crate) written_down: u128,
    /// Premium put in escrow by the entity.
    pub(crate) premium_escrowed: u128,
    /// Premium that went back to the entity.
    pub(crate) premium_returned: u128,
    /// When the book was cleared and the series went on risk.
    pub(crate) on_risk: u64,
    /// When risk and premium ended.
    pub(crate) matured: u64,
    /// When the holders redeemed.
    pub(crate) redeemed: u64,
    /// Each investor.
    pub(crate) holders: Vec<HolderOutcome>,
}

/// An investor's bid and what became of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct HolderOutcome {
    /// Who.
    pub(crate) name: String,
    /// What it bid and paid in.
    pub(crate) bid: u128,
    /// Its least annual spread, basis points.
    pub(crate) bid_spread_bps: u16,
    /// Notes allotted.
    pub(crate) notes: u128,
    /// Paid back at allotment.
    pub(crate) refund: u128,
    /// Principal redeemed at the end.
    pub(crate) principal_redeemed: u128,
    /// Premium received.
    pub(crate) premium: u128,
    /// Written down: notes less redeemed.
    pub(crate) written_down: u128,
}

/// What somebody paid into the bond and got out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Who.
    pub(crate) who: String,
    /// Paid in before the book closed: a bid, or the sponsor's premium.
    pub(crate) paid_in: u128,
    /// What came back of it: a refund at allotment, or premium that was not earned.
    pub(crate) back: u128,
    /// Claimed for a loss.
    pub(crate) claimed: u128,
    /// Premium earned.
    pub(crate) premium: u128,
    /// Principal redeemed.
    pub(crate) principal: u128,
}

impl Flow {
    /// What came out of it less what went in.
    pub(crate) fn result(&self) -> i128 {
        let out = self.back.saturating_add(self.claimed).saturating_add(self.premium).saturating_add(self.principal);
        i128::try_from(out).unwrap_or(i128::MAX).saturating_sub(i128::try_from(self.paid_in).unwrap_or(i128::MAX))
    }
}

impl SeriesOutcome {
    /// Every flow of the bond's account: the investors in the order of their bids, the entity, the pair that claimed.
    /// Together they leave nothing in it but its reserve.
    pub(crate) fn flows(&self) -> Vec<Flow> {
        let investors = self.holders.iter().map(|holder| Flow {
            who: holder.name.clone(),
            paid_in: holder.bid,
            back: holder.refund,
            claimed: 0,
            premium: holder.premium,
            principal: holder.principal_redeemed,
        });
        let nobody = Flow { who: String::new(), paid_in: 0, back: 0, claimed: 0, premium: 0, principal: 0 };
        let sponsor = Flow {
            who: "entity, the sponsor".into(),
            paid_in: self.premium_escrowed,
            back: self.premium_returned,
            ..nobody.clone()
        };
        let pair = Flow { who: format!("{} pair, its loss", self.pair), claimed: self.written_down, ..nobody };
        investors.chain([sponsor, pair]).collect()
    }

    /// The sum of all flows.
    pub(crate) fn total(&self) -> Flow {
        let start = Flow { who: "together".into(), paid_in: 0, back: 0, claimed: 0, premium: 0, principal: 0 };
        self.flows().iter().fold(start, |sum, flow| Flow {
            paid_in: sum.paid_in.saturating_add(flow.paid_in),
            back: sum.back.saturating_add(flow.back),
            claimed: sum.claimed.saturating_add(flow.claimed),
            premium: sum.premium.saturating_add(flow.premium),
            principal: sum.principal.saturating_add(flow.principal),
            ..sum
        })
    }
}

/// The entity's capital over the run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct EntityOutcome {
    /// Paid in.
    pub(crate) deposited: u128,
    /// First-loss capital allocated at the start, per pair.
    pub(crate) allocated: Vec<(String, u128)>,
    /// First-loss capital lost, per pair.
    pub(crate) lost: Vec<(String, u128)>,
    /// Free capital at the end, all released and returned.
    pub(crate) free_at_end: u128,
    /// Reserves kept back in the contracts so that their accounts stay above the asset's minimum balance.
    pub(crate) reserves: u128,
}

/// Invariant checks.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Checks {
    /// Times that every contract's asset balance was compared with its liabilities, and total supply with its start.
    pub(crate) conserve: u64,
    /// Times that a call on one pair was shown to leave every other pair's storage and balance bit-identical.
    pub(crate) isolate: u64,
    /// Storage of each other pair across the default: pair, fingerprint before, fingerprint after.
    pub(crate) across_default: Vec<Isolation>,
}

/// A pair's storage and balance across another pair's default.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Isolation {
    /// The pair that did not default.
    pub(crate) pair: String,
    /// Hash of its vault's storage before the default was declared.
    pub(crate) before: String,
    /// Hash after the close-out.
    pub(crate) after: String,
    /// Its vault's asset balance, before and after.
    pub(crate) balance: (u128, u128),
}

/// What it cost.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChainOutcome {
    /// Calls made.
    pub(crate) calls: u64,
    /// Mean weight of `settle`: ref_time in picoseconds, proof size in bytes.
    pub(crate) settle_weight: (u64, u64),
    /// Wall time of the replay, milliseconds.
    pub(crate) replay_ms: u64,
}
