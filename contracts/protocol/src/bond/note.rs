use super::{BondEnv, BondError, BondEvent, BondState, BondTerms};
use crate::{
    units::{Amount, Wad},
    Address, Step,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// One holder's notes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Holder {
    /// Notes held.
    pub face: Amount,
    /// The index up to which `accrued` counts.
    pub index: Wad,
    /// Premium earned and not taken out.
    pub accrued: Amount,
}

impl Holder {
    /// Adds what the index has added since the last touch, rounded down, and returns it.
    pub(super) fn accrue(&mut self, index: Wad) -> Result<Amount, BondError> {
        let earned = index.sub(self.index)?.times_face_down(self.face)?;
        self.accrued = self.accrued.add(earned)?;
        self.index = index;
        Ok(earned)
    }
}

impl BondState {
    /// Moves notes. Premium accrued so far stays with the one who held them. A transfer to oneself moves nothing and
    /// succeeds, as ERC-20 asks; sender and receiver are then the same holder before and after.
    #[allow(clippy::type_complexity)]
    pub fn transfer(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        (from, mut sender): (Address, Holder),
        (to, mut receiver): (Address, Holder),
        amount: Amount,
    ) -> Result<Step<(Self, Holder, Holder), BondEvent>, BondError> {
        self.maturity(terms)?;
        if to.is_zero() {
            return Err(BondError::InvalidAddress);
        }
        if amount > sender.face {
            return Err(BondError::InsufficientBalance);
        }
        self.accrue(env, terms)?;
        self.book(&mut sender)?;
        if from == to {
            return Ok(Step::new((self, sender, sender), BondEvent::Transfer { from, to, amount }));
        }
        self.book(&mut receiver)?;

        sender.face = sender.face.sub(amount)?;
        receiver.face = receiver.face.add(amount)?;
        Ok(Step::new((self, sender, receiver), BondEvent::Transfer { from, to, amount }))
    }

    /// The allowance left after `spender` used `amount` of it. The largest value stands for no limit and is not reduced,
    /// as wallets expect.
    pub fn spend_allowance(allowance: u128, amount: Amount) -> Result<u128, BondError> {
        if allowance == u128::MAX {
            return Ok(allowance);
        }
        allowance.checked_sub(amount.get()).ok_or(BondError::InsufficientAllowance)
    }
}
