use super::{
    issue::only_sponsor, BondEnv, BondError, BondEvent, BondPhase, BondState, BondStep, BondTerms, Holder, HolderStep,
};
use crate::{
    units::{Amount, Seconds},
    Step,
};

/// How long holders can agree to a proposal.
pub const COMMUTATION_WINDOW: Seconds = Seconds::new(30 * 86_400);

impl BondState {
    /// The sponsor offers to end the series now: cover ends, all principal is redeemable, and premium that is not earned
    /// goes back. No price is part of it, so those who don't agree lose nothing but later premium. A new proposal
    /// replaces the last.
    ///
    /// Warning: the sponsor vouches that the vault does not count on the cover any more.
    pub fn propose_commutation(mut self, env: &BondEnv, terms: &BondTerms) -> Result<BondStep, BondError> {
        only_sponsor(env, terms)?;
        if self.phase != BondPhase::OnRisk {
            return Err(BondError::NotOnRisk);
        }
        self.proposal = self.proposal.checked_add(1).ok_or(BondError::ArithmeticOverflow)?;
        self.proposal_until = env.now.after(COMMUTATION_WINDOW)?;
        self.consents = Amount::ZERO;
        let event = BondEvent::CommutationProposed { proposal: self.proposal, until: self.proposal_until };
        Ok(BondStep::new(self, event))
    }

    /// A holder agrees with all notes it has; with two thirds of them the series ends. Notes that leave the holder don't
    /// count any more, so none counts twice.
    pub fn agree(mut self, env: &BondEnv, terms: &BondTerms, mut holder: Holder) -> Result<HolderStep, BondError> {
        if self.phase != BondPhase::OnRisk {
            return Err(BondError::NotOnRisk);
        }
        if self.proposal == 0 || env.now > self.proposal_until {
            return Err(BondError::NoProposal);
        }
        let before = if holder.proposal == self.proposal { holder.consented } else { Amount::ZERO };
        let added = holder.face.sub(before)?;
        if added.is_zero() {
            return Err(BondError::NothingDue);
        }
        holder.proposal = self.proposal;
        holder.consented = holder.face;
        self.consents.put(added)?;

        let agreed = BondEvent::CommutationAgreed { holder: env.caller, notes: self.consents };
        let reached = self.consents.mul_div_down(3, 2)? >= self.face;
        if reached {
            self.commute(env, terms)?;
        }
        let mut step = Step::new((self, holder), agreed);
        if reached {
            step.events.push(BondEvent::Commuted);
        }
        Ok(step)
    }

    fn commute(&mut self, env: &BondEnv, terms: &BondTerms) -> Result<(), BondError> {
        self.sync(env, terms)?;
        self.return_unearned(env, self.principal)?;
        self.matures = self.matures.min(env.now);
        self.locked = Amount::ZERO;
        self.phase = BondPhase::Commuted;
        self.sync(env, terms)
    }

    /// Takes notes that left `holder` out of the count.
    pub(super) fn withdraw_consent(&mut self, holder: &mut Holder) -> Result<(), BondError> {
        if holder.proposal == self.proposal && holder.consented > holder.face {
            self.consents.take(holder.consented.sub(holder.face)?)?;
            holder.consented = holder.face;
        }
        Ok(())
    }
}
