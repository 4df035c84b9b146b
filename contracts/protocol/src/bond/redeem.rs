use super::{BondEnv, BondError, BondEvent, BondPhase, BondState, BondTerms, Holder, HolderStep};
use crate::{units::Amount, Address, Step};

impl BondState {
    /// A holder turns all its notes into its share of what principal is left, and takes out accrued premium.
    ///
    /// The share is rounded down and leaves the pool together with its notes, so the last holder gets exactly the rest.
    /// With the last note, premium that rounding left over and no former holder is owed goes back to the sponsor.
    pub fn redeem(mut self, env: &BondEnv, terms: &BondTerms, mut holder: Holder) -> Result<HolderStep, BondError> {
        match self.phase {
            BondPhase::Subscribing => return Err(BondError::NotRedeemable),
            BondPhase::OnRisk { .. } if env.now <= self.claims_until(terms)? => return Err(BondError::NotRedeemable),
            BondPhase::OnRisk { .. } | BondPhase::Failed => {}
        }
        if holder.face.is_zero() {
            return Err(BondError::NothingDue);
        }
        self.accrue(env, terms)?;
        self.book(&mut holder)?;

        let principal = self.principal.mul_div_down(holder.face.get(), self.face.get())?;
        let (face, premium) = (holder.face, self.unbook(&mut holder)?);
        self.principal = self.principal.sub(principal)?;
        self.face = self.face.sub(face)?;
        holder.face = Amount::ZERO;
        if self.face.is_zero() {
            self.sponsor_due = self.sponsor_due.add(self.premium.sub(self.booked)?)?;
            self.premium = self.booked;
        }

        let mut step =
            Step::new((self, holder), BondEvent::Transfer { from: env.caller, to: Address::zero(), amount: face });
        step.events.push(BondEvent::Redeemed { holder: env.caller, principal });
        if !premium.is_zero() {
            step.events.push(BondEvent::PremiumPaid { holder: env.caller, amount: premium });
        }
        Ok(step.paying(env.caller, principal.add(premium)?))
    }
}
