//! Who takes part: the desks, their margins and terms, the entity and the investors. All amounts are USDC base units.

use ringfence_protocol::{
    terms::{PartyTerms, Periods, NO_CUT_OFF},
    units::{Amount, Bps, Seconds},
};

/// One dollar.
pub(crate) const USD: u128 = 1_000_000;

/// The desks' session starts an hour before the first bar: 10 October 2025, 17:00 UTC.
pub(crate) const START: u64 = 1_760_115_600;

/// Capital that the entity's shareholders pay in.
pub(crate) const ENTITY_CAPITAL: u128 = 6_000_000 * USD;
/// For how long the entity attests who owns a desk.
pub(crate) const ATTESTED_FOR: u64 = 365 * 86_400;

/// The valuation agent's keys and how many must sign.
pub(crate) const SIGNERS: [&str; 3] = ["valuation agent 1", "valuation agent 2", "valuation agent 3"];
/// See [`SIGNERS`].
pub(crate) const THRESHOLD: u8 = 2;

/// A side of a pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Desk {
    /// Name, and the seed of its key.
    pub(crate) name: &'static str,
    /// Margin paid in before the first valuation.
    pub(crate) margin: u128,
    /// What its treasury could still pay in on a margin call.
    pub(crate) treasury: u128,
}

/// A pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PairPlan {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its portfolio in the data directory.
    pub(crate) portfolio: &'static str,
    /// Party A, long.
    pub(crate) a: Desk,
    /// Party B, short.
    pub(crate) b: Desk,
    /// The entity's capital ring-fenced to it.
    pub(crate) first_loss: u128,
    /// From margin call to default.
    pub(crate) cure: Seconds,
    /// Circuit breaker: about one and a half times the worst 5-minute move of the day.
    pub(crate) max_move: Amount,
}

/// The four pairs. XRP's party A is funded by bank wire on a Friday evening: it starts with a third of its requirement and
/// the long cure period that it negotiated ends in the middle of the crash.
pub(crate) const PAIRS: [PairPlan; 4] = [
    PairPlan {
        name: "BTC",
        portfolio: "btc.json",
        a: Desk { name: "Northgate Capital", margin: 5_200_000 * USD, treasury: 6_000_000 * USD },
        b: Desk { name: "Halyard Trading", margin: 5_600_000 * USD, treasury: 6_000_000 * USD },
        first_loss: 1_500_000 * USD,
        cure: Seconds::new(3_600),
        max_move: Amount::new(2_000_000 * USD),
    },
    PairPlan {
        name: "ETH",
        portfolio: "eth.json",
        a: Desk { name: "Corvid Partners", margin: 3_600_000 * USD, treasury: 4_000_000 * USD },
        b: Desk { name: "Meridian Markets", margin: 3_800_000 * USD, treasury: 4_000_000 * USD },
        first_loss: 1_000_000 * USD,
        cure: Seconds::new(3_600),
        max_move: Amount::new(1_000_000 * USD),
    },
    PairPlan {
        name: "SOL",
        portfolio: "sol.json",
        a: Desk { name: "Tessera Fund", margin: 2_000_000 * USD, treasury: 2_000_000 * USD },
        b: Desk { name: "Ostler & Wynne", margin: 2_500_000 * USD, treasury: 2_000_000 * USD },
        first_loss: 500_000 * USD,
        cure: Seconds::new(3_600),
        max_move: Amount::new(600_000 * USD),
    },
    PairPlan {
        name: "XRP",
        portfolio: "xrp.json",
        a: Desk { name: "Quillon Asset Management", margin: 450_000 * USD, treasury: 0 },
        b: Desk { name: "Pemberton Securities", margin: 1_700_000 * USD, treasury: 1_000_000 * USD },
        first_loss: 150_000 * USD,
        cure: Seconds::new(11_400),
        max_move: Amount::new(800_000 * USD),
    },
];

/// What both sides' CSA terms have in common.
pub(crate) const CSA: PartyTerms = PartyTerms {
    threshold: Amount::ZERO,
    minimum_transfer_amount: Amount::new(10_000 * USD),
    rounding_amount: Amount::new(1_000 * USD),
    independent_amount: Amount::ZERO,
};

/// The clocks of a pair.
pub(crate) const fn periods(cure: Seconds) -> Periods {
    Periods {
        cure,
        notification: NO_CUT_OFF,
        max_staleness: Seconds::new(900),
        dispute: Seconds::new(600),
        replacement: Seconds::ZERO,
        close_out: Seconds::new(3_600),
        auction: Seconds::new(3_600),
        oracle_timeout: Seconds::new(2 * 86_400),
    }
}

/// What a desk posts with a dispute.
pub(crate) const DISPUTE_DEPOSIT: Amount = Amount::new(10_000 * USD);
/// A re-signed value this close confirms the first.
pub(crate) const DISPUTE_TOLERANCE: Amount = Amount::new(1_000 * USD);
/// Largest annual fee on a requirement.
pub(crate) const FEE_CAP: Bps = Bps::new(50);
/// The fee that the entity charges.
pub(crate) const FEE_RATE: Bps = Bps::new(25);

/// The bond: the pair whose tail it covers, its size and price.
pub(crate) struct SeriesPlan {
    /// The pair.
    pub(crate) pair: &'static str,
    /// Most principal.
    pub(crate) limit: u128,
    /// Least principal.
    pub(crate) minimum: u128,
    /// Highest annual spread, basis points.
    pub(crate) max_spread: u16,
    /// Grid of the spreads, basis points.
    pub(crate) tick: u16,
    /// How long the book is open, seconds.
    pub(crate) book: u64,
    /// Time on risk, seconds.
    pub(crate) risk_period: u64,
    /// Time to report an open default after it, seconds.
    pub(crate) notice: u64,
    /// Time for claims after it, seconds.
    pub(crate) extension: u64,
    /// How long the series has to be on risk, and a portfolio to stand, for a loss to be eligible, seconds.
    pub(crate) waiting: u64,
    /// Investors, what each bids and its least annual spread in basis points.
    pub(crate) bids: [(&'static str, u128, u16); 4],
}

/// The demo's one series.
pub(crate) const SERIES: SeriesPlan = SeriesPlan {
    pair: "XRP",
    limit: 600_000 * USD,
    minimum: 300_000 * USD,
    max_spread: 1_200,
    tick: 50,
    book: 600,
    risk_period: 30 * 86_400,
    notice: 3_600,
    extension: 86_400,
    // The desk that defaults never meets its first call. Behind a waiting period that would be nobody's risk but the
    // survivor's; these investors sell cover from the first valuation on.
    waiting: 0,
    // The first is cheaper than the clearing spread, the next two share what is left, the last is above it.
    bids: [
        ("Larkspur Insurance-Linked", 300_000 * USD, 850),
        ("Fenwick Credit", 250_000 * USD, 1_050),
        ("Dovecote Family Office", 150_000 * USD, 1_050),
        ("Amberley Pension Scheme", 200_000 * USD, 1_200),
    ],
};
