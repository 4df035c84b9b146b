//! Eligible collateral: what beside the settlement asset can stand for initial margin, and what it is worth.
//!
//! Source: 2016 Phase One Credit Support Annex for Initial Margin (ISDA), paragraph 13: eligible credit support, valuation
//! percentage (one less the haircut), and concentration limits, as an absolute value per party and asset. Variation margin
//! is always paid in the settlement asset, so collateral counts against the requirement and never against a deficit.

use crate::{
    eip712::Encoder,
    keccak::hash_of,
    terms::{Terms, TermsError},
    units::{Amount, ArithmeticError, Bps},
    Address, Digest, Keccak256, Pair, Party,
};
use alloc::vec::Vec;
use scale::{Decode, Encode};

/// The most assets that a vault takes as collateral beside the settlement asset.
pub const MAX_COLLATERAL: usize = 4;

/// Base units of an asset that a [`Mark`] prices.
pub const PRICE_UNIT: u128 = 1_000_000_000_000_000_000;

/// An asset that the terms accept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Eligible {
    /// The asset, an ERC-20.
    pub asset: Address,
    /// The least haircut that a valuation may use.
    pub haircut: Bps,
    /// The most that it counts for, per party, in the settlement asset: the concentration limit.
    pub limit: Amount,
}

impl Eligible {
    const TYPE: &'static str = "EligibleCollateral(address asset,uint16 haircut,uint128 limit)";

    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) })
            .address(self.asset)
            .share(self.haircut)
            .amount(self.limit)
            .hash::<H>()
    }
}

/// What the terms accept, in the order in which instructions price it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Schedule(pub Vec<Eligible>);

impl Schedule {
    /// How many assets are eligible.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Checks number, order, shares and bounds.
    pub fn validate(&self, terms: &Terms) -> Result<(), TermsError> {
        let roles = [terms.asset, terms.entity, terms.rules, terms.parties.a, terms.parties.b];
        let ascending = self.0.iter().zip(self.0.iter().skip(1)).all(|(low, high)| low.asset < high.asset);
        let own = self.0.iter().all(|eligible| !eligible.asset.is_zero() && !roles.contains(&eligible.asset));
        if self.0.len() > MAX_COLLATERAL || !ascending || !own {
            return Err(TermsError::CollateralSchedule);
        }
        if self.0.iter().any(|eligible| eligible.haircut > Bps::ONE) {
            return Err(TermsError::ShareOutOfBounds);
        }
        if self.0.iter().any(|eligible| eligible.limit > Amount::MAX) {
            return Err(TermsError::AmountOutOfBounds);
        }
        Ok(())
    }

    /// The EIP-712 hash as `EligibleCollateral[]`.
    pub fn hash<H: Keccak256>(&self) -> Digest {
        let hashed = |encoder: Encoder, eligible: &Eligible| encoder.word(eligible.struct_hash::<H>().0);
        self.0.iter().fold(Encoder::array(), hashed).hash::<H>()
    }
}

/// What an instruction says of one eligible asset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Mark {
    /// Base units of the settlement asset for [`PRICE_UNIT`] base units of this one.
    pub price: Amount,
    /// The haircut; at least that of the terms.
    pub haircut: Bps,
}

impl Mark {
    /// The EIP-712 type.
    pub const TYPE: &'static str = "CollateralMark(uint128 price,uint16 haircut)";

    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) }).amount(self.price).share(self.haircut).hash::<H>()
    }

    /// The EIP-712 hash of marks as `CollateralMark[]`.
    pub fn hash_all<H: Keccak256>(marks: &[Self]) -> Digest {
        if marks.is_empty() {
            return const { hash_of("") };
        }
        let hashed = |encoder: Encoder, mark: &Self| encoder.word(mark.struct_hash::<H>().0);
        marks.iter().fold(Encoder::array(), hashed).hash::<H>()
    }

    /// What `quantity` is worth after the haircut; every step rounds down. A quantity beyond all measure is worth the
    /// largest amount, or nothing: it is no error, or whoever posts it could stop settlement.
    fn value_down(&self, quantity: Amount) -> Result<Amount, ArithmeticError> {
        let gross = quantity.mul_div_down(self.price.get(), PRICE_UNIT).unwrap_or(Amount::MAX);
        self.haircut.complement()?.share_down(gross)
    }

    /// What `quantity` is worth after the haircut; every step rounds up.
    fn value_up(&self, quantity: Amount) -> Result<Amount, ArithmeticError> {
        let gross = quantity.mul_div_up(self.price.get(), PRICE_UNIT)?;
        self.haircut.complement()?.share_up(gross)
    }
}

/// Why marks or a movement of collateral are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollateralError {
    /// The marks are not exactly one for each eligible asset, or one is out of bounds.
    MarksMismatch,
    /// A haircut is below that of the terms.
    HaircutTooSmall,
    /// There is no such eligible asset.
    NotEligible,
    /// Less was posted than is asked for.
    InsufficientCollateral,
    /// A sum left its range.
    ArithmeticOverflow,
}

impl From<ArithmeticError> for CollateralError {
    fn from(_: ArithmeticError) -> Self {
        Self::ArithmeticOverflow
    }
}

/// What is eligible, what it is worth, and what each side has posted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct CollateralBook {
    /// The schedule of the terms.
    pub schedule: Schedule,
    /// The marks of the last instruction; none before the first.
    pub marks: Vec<Mark>,
    /// Base units of each eligible asset that each side has posted.
    pub posted: Pair<[Amount; MAX_COLLATERAL]>,
}

impl CollateralBook {
    /// A book in which nothing is posted.
    pub fn new(schedule: Schedule) -> Self {
        Self { schedule, ..Default::default() }
    }

    /// Takes the marks of an instruction.
    pub fn mark(&mut self, marks: &[Mark]) -> Result<(), CollateralError> {
        if marks.len() != self.schedule.count() || marks.iter().any(|mark| mark.price > Amount::MAX) {
            return Err(CollateralError::MarksMismatch);
        }
        let generous = |(mark, eligible): (&Mark, &Eligible)| mark.haircut < eligible.haircut;
        if marks.iter().zip(&self.schedule.0).any(generous) {
            return Err(CollateralError::HaircutTooSmall);
        }
        if marks.iter().any(|mark| mark.haircut > Bps::ONE) {
            return Err(CollateralError::MarksMismatch);
        }
        self.marks = marks.to_vec();
        Ok(())
    }

    /// What `party`'s collateral counts for at the last marks.
    pub fn credit(&self, party: Party) -> Result<Amount, ArithmeticError> {
        let posted = self.posted.of(party);
        self.schedule
            .0
            .iter()
            .zip(&self.marks)
            .zip(posted)
            .try_fold(Amount::ZERO, |sum, ((eligible, mark), quantity)| {
                sum.add(mark.value_down(*quantity)?.min(eligible.limit))
            })
    }

    /// What a quantity of the asset at `index` is worth after its haircut, whatever the limit, rounded down.
    pub fn worth_down(&self, index: usize, quantity: Amount) -> Result<Amount, CollateralError> {
        Ok(self.marks.get(index).ok_or(CollateralError::NotEligible)?.value_down(quantity)?)
    }

    /// The same, rounded up.
    pub fn worth_up(&self, index: usize, quantity: Amount) -> Result<Amount, CollateralError> {
        Ok(self.marks.get(index).ok_or(CollateralError::NotEligible)?.value_up(quantity)?)
    }

    /// The asset at `index`.
    pub fn asset(&self, index: usize) -> Result<Address, CollateralError> {
        self.schedule.0.get(index).map(|eligible| eligible.asset).ok_or(CollateralError::NotEligible)
    }

    /// The price of the asset at `index` in the last instruction.
    pub fn price(&self, index: usize) -> Result<Amount, CollateralError> {
        self.marks.get(index).map(|mark| mark.price).ok_or(CollateralError::NotEligible)
    }

    /// What `party` has posted of the asset at `index`.
    pub fn posted(&self, party: Party, index: usize) -> Result<Amount, CollateralError> {
        self.asset(index)?;
        self.posted.of(party).get(index).copied().ok_or(CollateralError::NotEligible)
    }

    /// True while `party` has anything posted.
    pub fn has_posted(&self, party: Party) -> bool {
        self.posted.of(party).iter().any(|quantity| !quantity.is_zero())
    }

    /// Adds to what `party` has posted.
    pub fn post(&mut self, party: Party, index: usize, quantity: Amount) -> Result<(), CollateralError> {
        let after = self.posted(party, index)?.add(quantity)?;
        self.set(party, index, after)
    }

    /// Takes from what `party` has posted.
    pub fn take(&mut self, party: Party, index: usize, quantity: Amount) -> Result<(), CollateralError> {
        let before = self.posted(party, index)?;
        let after = before.sub(quantity).map_err(|_| CollateralError::InsufficientCollateral)?;
        self.set(party, index, after)
    }

    /// Takes all that `party` has posted, with its asset's index.
    pub fn take_all(&mut self, party: Party) -> Vec<(usize, Amount)> {
        let taken = core::mem::take(self.posted.of_mut(party));
        taken.into_iter().enumerate().filter(|(_, quantity)| !quantity.is_zero()).collect()
    }

    fn set(&mut self, party: Party, index: usize, quantity: Amount) -> Result<(), CollateralError> {
        *self.posted.of_mut(party).get_mut(index).ok_or(CollateralError::NotEligible)? = quantity;
        Ok(())
    }
}
