//! How far a proposed instruction may be from what a signer computes itself.

use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::units::{Amount, SignedAmount};
use thiserror::Error;

/// Ten thousand basis points are the whole.
const BASIS_POINTS: u128 = 10_000;

/// The most that amounts may differ. A signer with the same data as the proposer uses [`Tolerance::EXACT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// Base units of the settlement asset that any amount may differ by.
    pub absolute: Amount,
    /// Share in basis points: of the signer's own figure for a requirement, of both its initial margins together for the
    /// entitlement, which is often near zero.
    pub relative_bps: u16,
    /// True if the proposer may have valued on other market data than the signer: its commitment is then signed as it
    /// stands, and only the amounts are vouched for.
    pub other_market_data: bool,
}

impl Tolerance {
    /// Nothing may differ.
    pub const EXACT: Self = Self { absolute: Amount::ZERO, relative_bps: 0, other_market_data: false };

    /// The larger of the two allowances, rounded down: never more than was agreed.
    fn allowed_down(&self, base: u128) -> u128 {
        let whole = base.checked_div(BASIS_POINTS).unwrap_or_default().saturating_mul(self.relative_bps.into());
        let rest = base.checked_rem(BASIS_POINTS).unwrap_or_default().saturating_mul(self.relative_bps.into());
        let share = whole.saturating_add(rest.checked_div(BASIS_POINTS).unwrap_or_default());
        share.max(self.absolute.get())
    }
}

/// What a signer does not agree with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Deviation {
    /// A member that must be the same is not.
    #[error("{member} is {proposed}, this signer has {own}; compare terms, portfolio, model and market data")]
    Differs {
        /// The member.
        member: &'static str,
        /// The proposer's.
        proposed: String,
        /// The signer's.
        own: String,
    },
    /// An amount is further from the signer's than it may be.
    #[error(
        "{member} is {proposed}, this signer computes {own} and allows {allowed} either way; compare the market data"
    )]
    Amount {
        /// The member.
        member: &'static str,
        /// The proposer's, base units.
        proposed: String,
        /// The signer's, base units.
        own: String,
        /// The most they may differ, base units.
        allowed: u128,
    },
    /// The instruction would be valid for too long, or not at all.
    #[error("expiry {proposed} is not after the valuation and at most {latest}; shorten the validity")]
    Expiry {
        /// The proposer's.
        proposed: u64,
        /// The latest that is signed.
        latest: u64,
    },
}

/// Compares a proposal with what the signer computed for the same vault, sequence and moment. The expiry of `own` is the
/// latest that the signer accepts.
///
/// # Errors
/// The first member that does not fit.
pub fn within(own: &MarginInstruction, proposed: &MarginInstruction, tolerance: &Tolerance) -> Result<(), Deviation> {
    // Every member is named: one that is added to the message does not compile until somebody decides how to compare it.
    let MarginInstruction {
        vault,
        terms_hash,
        sequence,
        valuation_time,
        expiry,
        portfolio_root,
        entitlement_a,
        initial_margin_a,
        initial_margin_b,
        tail_requirement,
        interest_index,
        fee_rate,
        ref collateral,
        market_data_root,
        model_version,
    } = *proposed;
    same("vault", &vault, &own.vault)?;
    same("termsHash", &terms_hash, &own.terms_hash)?;
    same("sequence", &sequence, &own.sequence)?;
    same("valuationTime", &valuation_time, &own.valuation_time)?;
    same("portfolioRoot", &portfolio_root, &own.portfolio_root)?;
    same("interestIndex", &interest_index, &own.interest_index)?;
    same("feeRate", &fee_rate, &own.fee_rate)?;
    same("collateral", collateral, &own.collateral)?;
    same("modelVersion", &model_version, &own.model_version)?;
    if !tolerance.other_market_data {
        same("marketDataRoot", &market_data_root, &own.market_data_root)?;
    }
    if expiry <= valuation_time || expiry > own.expiry {
        return Err(Deviation::Expiry { proposed: expiry.get(), latest: own.expiry.get() });
    }
    let scale = own.initial_margin_a.get().saturating_add(own.initial_margin_b.get());
    entitlement(entitlement_a, own.entitlement_a, tolerance.allowed_down(scale))?;
    requirement("initialMarginA", initial_margin_a, own.initial_margin_a, tolerance)?;
    requirement("initialMarginB", initial_margin_b, own.initial_margin_b, tolerance)?;
    requirement("tailRequirement", tail_requirement, own.tail_requirement, tolerance)
}

fn same<T: PartialEq + std::fmt::Debug>(member: &'static str, proposed: &T, own: &T) -> Result<(), Deviation> {
    if proposed == own {
        return Ok(());
    }
    Err(Deviation::Differs { member, proposed: format!("{proposed:?}"), own: format!("{own:?}") })
}

fn entitlement(proposed: SignedAmount, own: SignedAmount, allowed: u128) -> Result<(), Deviation> {
    if proposed.get().abs_diff(own.get()) <= allowed {
        return Ok(());
    }
    Err(Deviation::Amount { member: "entitlementA", proposed: proposed.to_string(), own: own.to_string(), allowed })
}

fn requirement(member: &'static str, proposed: Amount, own: Amount, tolerance: &Tolerance) -> Result<(), Deviation> {
    let allowed = tolerance.allowed_down(own.get());
    if proposed.get().abs_diff(own.get()) <= allowed {
        return Ok(());
    }
    Err(Deviation::Amount { member, proposed: proposed.to_string(), own: own.to_string(), allowed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruction::NO_INTEREST;
    use ringfence_protocol::collateral::Mark;
    use ringfence_protocol::units::{Bps, Timestamp, Wad};
    use ringfence_protocol::{Address, Digest};

    fn own() -> MarginInstruction {
        MarginInstruction {
            vault: Address([1; 20]),
            terms_hash: Digest([2; 32]),
            sequence: 5,
            valuation_time: Timestamp::new(1_000),
            expiry: Timestamp::new(1_900),
            portfolio_root: Digest([3; 32]),
            entitlement_a: SignedAmount::new(-10),
            initial_margin_a: Amount::new(30_000),
            initial_margin_b: Amount::new(20_000),
            tail_requirement: Amount::new(19_999),
            interest_index: NO_INTEREST,
            fee_rate: Bps::new(25),
            collateral: Vec::new(),
            market_data_root: Digest([4; 32]),
            model_version: 1,
        }
    }

    const TOLERANCE: Tolerance = Tolerance { absolute: Amount::new(2), relative_bps: 5, other_market_data: false };

    fn changed(change: impl FnOnce(&mut MarginInstruction)) -> Result<(), Deviation> {
        let mut proposed = own();
        change(&mut proposed);
        within(&own(), &proposed, &TOLERANCE)
    }

    #[test]
    fn amounts_are_accepted_at_the_bound_and_refused_beyond() {
        // 5 bp: of 50,000 = 25 for the entitlement, of 30,000 = 15, of 20,000 = 10, of 19,999 = 9 (rounded down).
        for sign in [-1, 1] {
            changed(|p| p.entitlement_a = SignedAmount::new(-10 + 25 * sign)).unwrap();
            changed(|p| p.entitlement_a = SignedAmount::new(-10 + 26 * sign)).unwrap_err();
        }
        for (low, high) in [(29_985, 30_015), (29_984, 30_016)] {
            let outcome = |a| changed(|p| p.initial_margin_a = Amount::new(a)).is_ok();
            assert_eq!((outcome(low), outcome(high)), if low == 29_985 { (true, true) } else { (false, false) });
        }
        changed(|p| p.initial_margin_b = Amount::new(20_010)).unwrap();
        changed(|p| p.initial_margin_b = Amount::new(20_011)).unwrap_err();
        changed(|p| p.tail_requirement = Amount::new(20_008)).unwrap();
        changed(|p| p.tail_requirement = Amount::new(20_009)).unwrap_err();
        changed(|p| p.entitlement_a = SignedAmount::new(i128::MIN)).unwrap_err();
        changed(|p| p.initial_margin_a = Amount::new(u128::MAX)).unwrap_err();
    }

    #[test]
    fn everything_else_must_be_the_same() {
        changed(|_| ()).unwrap();
        changed(|p| p.vault = Address([9; 20])).unwrap_err();
        changed(|p| p.terms_hash = Digest([9; 32])).unwrap_err();
        changed(|p| p.sequence = 6).unwrap_err();
        changed(|p| p.valuation_time = Timestamp::new(1_001)).unwrap_err();
        changed(|p| p.portfolio_root = Digest([9; 32])).unwrap_err();
        changed(|p| p.interest_index = Wad::new(NO_INTEREST.get() + 1)).unwrap_err();
        changed(|p| p.fee_rate = Bps::new(26)).unwrap_err();
        changed(|p| p.collateral.push(Mark::default())).unwrap_err();
        changed(|p| p.model_version = 2).unwrap_err();
        changed(|p| p.market_data_root = Digest([9; 32])).unwrap_err();
        let mut proposed = own();
        proposed.market_data_root = Digest([9; 32]);
        within(&own(), &proposed, &Tolerance { other_market_data: true, ..TOLERANCE }).unwrap();
    }

    #[test]
    fn expiry_is_after_the_valuation_and_not_beyond_the_longest_validity() {
        changed(|p| p.expiry = Timestamp::new(1_001)).unwrap();
        changed(|p| p.expiry = Timestamp::new(1_000)).unwrap_err();
        changed(|p| p.expiry = Timestamp::new(1_901)).unwrap_err();
    }

    #[test]
    fn exact_allows_not_one_unit() {
        let mut proposed = own();
        within(&own(), &proposed, &Tolerance::EXACT).unwrap();
        proposed.tail_requirement = Amount::new(20_000);
        within(&own(), &proposed, &Tolerance::EXACT).unwrap_err();
    }
}
