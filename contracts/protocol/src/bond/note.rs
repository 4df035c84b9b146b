use super::{BondEnv, BondError, BondEvent, BondState, BondTerms};
use crate::{
    units::{Amount, Index},
    Address, Step,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// One holder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Holder {
    /// Notes held.
    pub face: Amount,
    /// The premium index up to which `premium` counts.
    pub premium_index: Index,
    /// The release index up to which `principal` counts.
    pub release_index: Index,
    /// Premium booked and not taken out.
    pub premium: Amount,
    /// Principal booked and not taken out.
    pub principal: Amount,
    /// Notes with which the holder agreed to `proposal`.
    pub consented: Amount,
    /// The last commutation the holder agreed to.
    pub proposal: u32,
    /// The next permit's nonce.
    pub nonce: u64,
    /// Whether the allow-list admits the holder.
    pub admitted: bool,
}

impl Holder {
    /// Passes everybody if the series has no allow-list, else those who have proved that they are on it.
    pub(super) fn check_admitted(&self, terms: &BondTerms) -> Result<(), BondError> {
        if self.admitted || terms.allow_list.is_zero() {
            Ok(())
        } else {
            Err(BondError::NotAdmitted)
        }
    }
}

impl BondState {
    /// Moves notes. What they have earned and paid so far stays with the one who held them; what they earn, lose, recover
    /// or pay from now on is the receiver's. A transfer to oneself moves nothing and succeeds, as ERC-20 asks; sender and
    /// receiver are then the same holder before and after.
    #[allow(clippy::type_complexity)]
    pub fn transfer(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        (from, mut sender): (Address, Holder),
        (to, mut receiver): (Address, Holder),
        amount: Amount,
    ) -> Result<Step<(Self, Holder, Holder), BondEvent>, BondError> {
        if to.is_zero() {
            return Err(BondError::InvalidAddress);
        }
        if amount > sender.face {
            return Err(BondError::InsufficientBalance);
        }
        receiver.check_admitted(terms)?;
        self.sync(env, terms)?;
        self.book(&mut sender)?;
        let event = BondEvent::Transfer { from, to, amount };
        if from == to {
            return Ok(Step::new((self, sender, sender), event));
        }
        self.book(&mut receiver)?;

        sender.face.take(amount)?;
        receiver.face.put(amount)?;
        self.withdraw_consent(&mut sender)?;
        Ok(Step::new((self, sender, receiver), event))
    }

    /// Books to `holder` what both indices have added since the holder was last touched, rounded down.
    pub(super) fn book(&mut self, holder: &mut Holder) -> Result<(), BondError> {
        let premium = self.premium_index.sub(holder.premium_index)?;
        let released = self.release_index.sub(holder.release_index)?;
        holder.premium_index = self.premium_index;
        holder.release_index = self.release_index;
        self.credit(holder, premium.times_notes_down(holder.face)?, released.times_notes_down(holder.face)?)
    }

    /// Gives a holder, booked to now, notes out of the book, with all that they earned and paid since inception.
    pub(super) fn issue(&mut self, holder: &mut Holder, notes: Amount) -> Result<(), BondError> {
        holder.face.put(notes)?;
        self.supply.put(notes)?;
        let premium = self.premium_index.times_notes_down(notes)?;
        let released = self.release_index.times_notes_down(notes)?;
        self.credit(holder, premium, released)
    }

    fn credit(&mut self, holder: &mut Holder, premium: Amount, released: Amount) -> Result<(), BondError> {
        self.premium.take(premium)?;
        self.released.take(released)?;
        self.due.put(premium.add(released)?)?;
        holder.premium.put(premium)?;
        holder.principal.put(released)?;
        Ok(())
    }

    /// The allowance left after `amount` of it was used. The largest value stands for no limit and is not reduced, as
    /// wallets expect.
    pub fn spend_allowance(allowance: u128, amount: Amount) -> Result<u128, BondError> {
        if allowance == u128::MAX {
            return Ok(allowance);
        }
        allowance.checked_sub(amount.get()).ok_or(BondError::InsufficientAllowance)
    }
}
