use super::{BondEnv, BondError, BondEvent, BondState, BondTerms, Holder, HolderStep};
use crate::{units::Amount, Address, Step};

impl BondState {
    /// A holder takes out all that is due: accrued premium at any time, principal from redemption on.
    ///
    /// Notes that are paid in full end. Notes that were written down stay in hands with the right to what may be
    /// recovered. With the last note, what rounding left over goes back to the sponsor.
    pub fn collect(mut self, env: &BondEnv, terms: &BondTerms, mut holder: Holder) -> Result<HolderStep, BondError> {
        self.sync(env, terms)?;
        self.book(&mut holder)?;

        let premium = core::mem::take(&mut holder.premium);
        let principal = core::mem::take(&mut holder.principal);
        let payment = premium.add(principal)?;
        self.due.take(payment)?;
        let ended = if self.is_spent() && self.lost.is_zero() { self.end_notes(&mut holder)? } else { Amount::ZERO };
        if payment.is_zero() && ended.is_zero() {
            return Err(BondError::NothingDue);
        }

        let mut step = Step::new((self, holder), BondEvent::Paid { holder: env.caller, premium, principal });
        if !ended.is_zero() {
            step.events.push(BondEvent::Transfer { from: env.caller, to: Address::zero(), amount: ended });
        }
        Ok(step.paying(env.caller, payment))
    }

    /// Ends a holder's notes and returns how many. Nobody holds anything of what is left with the last of them.
    fn end_notes(&mut self, holder: &mut Holder) -> Result<Amount, BondError> {
        let ended = core::mem::take(&mut holder.face);
        self.face.take(ended)?;
        self.supply.take(ended)?;
        self.withdraw_consent(holder)?;
        if self.face.is_zero() {
            let dust = core::mem::take(&mut self.premium).add(core::mem::take(&mut self.released))?;
            self.sponsor_due.put(dust)?;
        }
        Ok(ended)
    }
}
