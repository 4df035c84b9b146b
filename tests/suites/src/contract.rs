//! Terms of pairs: plain ones, and ones in which everything is agreed that can be.

use crate::{Stage, DAY, MAX_MOVE, MINIMUM_TRANSFER, USD};
use ringfence_bindings::IMarginVault::CsaTerms;
use ringfence_devchain::{h160_of, Actor, Located, USDC, USDT};
use ringfence_protocol::{
    collateral::{Eligible, Schedule},
    signature::SignerSet,
    terms::{PartyTerms, Periods, Terms, NO_CUT_OFF},
    units::{Amount, Bps, Seconds},
    Address, Pair,
};

/// The clocks of a pair under plain terms: without disputes and without replacement.
pub const PERIODS: Periods = Periods {
    cure: Seconds::new(3_600),
    notification: NO_CUT_OFF,
    max_staleness: Seconds::new(900),
    dispute: Seconds::new(0),
    replacement: Seconds::new(0),
    close_out: Seconds::new(3_600),
    auction: Seconds::new(1_800),
    oracle_timeout: Seconds::new(2 * DAY),
};
/// The clocks of a pair under full terms.
pub const FULL_PERIODS: Periods = Periods { dispute: Seconds::new(1_200), replacement: Seconds::new(2_400), ..PERIODS };
/// What a dispute costs to open under full terms.
pub const DISPUTE_DEPOSIT: u128 = 5_000 * USD;
/// A determination this near to the disputed value confirms it, under full terms.
pub const DISPUTE_TOLERANCE: u128 = 2_000 * USD;
/// The fee cap under full terms, basis points a year.
pub const FEE_CAP: u16 = 100;
/// The least haircut of collateral under full terms, basis points.
pub const HAIRCUT: u16 = 200;
/// The most that collateral counts for under full terms, a side.
pub const CONCENTRATION: u128 = 300_000 * USD;
/// What a party keeps in its own account, so that the account exists whatever it pays in.
const POCKET: u128 = 100 * USD;

/// What both parties accept, but for the signers, which are the stage's.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The terms.
    pub terms: Terms,
    /// Eligible collateral.
    pub schedule: Schedule,
}

impl Contract {
    /// As the vault's constructor takes it.
    pub fn encoded(&self, signers: &SignerSet) -> CsaTerms {
        (&self.terms, &self.schedule, signers).into()
    }

    /// The same parties under full terms: disputes, replacement, a fee, and USDT as collateral.
    #[must_use]
    pub fn full(mut self) -> Self {
        self.terms.periods = FULL_PERIODS;
        self.terms.dispute_deposit = Amount::new(DISPUTE_DEPOSIT);
        self.terms.dispute_tolerance = Amount::new(DISPUTE_TOLERANCE);
        self.terms.fee_cap = Bps::new(FEE_CAP);
        self.accepting(&[USDT.h160()])
    }

    /// The same with these assets as eligible collateral.
    #[must_use]
    pub fn accepting(mut self, assets: &[Address]) -> Self {
        let eligible =
            |asset: &Address| Eligible { asset: *asset, haircut: Bps::new(HAIRCUT), limit: Amount::new(CONCENTRATION) };
        self.schedule = Schedule(assets.iter().map(eligible).collect());
        self.schedule.0.sort_by_key(|eligible| eligible.asset);
        self
    }
}

impl Stage {
    /// Plain terms for a pair of two new parties.
    pub fn next_contract(&mut self, entity: Address) -> (Contract, Actor, Actor) {
        let number = self.pairs.len();
        let [a, b] = ["A", "B"].map(|side| self.session.eth_actor(&format!("party {side} of pair {number}")));
        for party in [&a, &b] {
            self.mint(party, POCKET);
        }
        let csa = PartyTerms { minimum_transfer_amount: Amount::new(MINIMUM_TRANSFER), ..Default::default() };
        let terms = Terms {
            asset: USDC.h160(),
            entity,
            rules: h160_of(self.rules),
            parties: Pair { a: a.h160(), b: b.h160() },
            csa: Pair { a: csa, b: csa },
            periods: PERIODS,
            max_move: Amount::new(MAX_MOVE),
            dispute_deposit: Amount::ZERO,
            dispute_tolerance: Amount::ZERO,
            fee_cap: Bps::new(0),
            tail_share_a: Bps::new(5_000),
        };
        (Contract { terms, schedule: Schedule::default() }, a, b)
    }

    /// Opens a pair under full terms that nobody has accepted yet.
    pub fn propose_full_pair(&mut self) -> usize {
        let (contract, a, b) = self.next_contract(h160_of(self.entity));
        self.propose(contract.full(), a, b)
    }

    /// Pairs under full terms, started, with a first valuation in which nothing is required.
    pub fn full(pairs: usize) -> Self {
        let mut stage = Self::empty();
        for _ in 0..pairs {
            let index = stage.propose_full_pair();
            stage.start_pair(index);
            stage.mark(index, crate::Mark::default());
        }
        stage
    }
}
