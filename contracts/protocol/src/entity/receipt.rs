use super::{
    attestation::next, capital::check_amount, step, Class, EntityEnv, EntityError, EntityEvent, EntityState,
    EntityStep, Role,
};
use crate::{units::Amount, Address, Digest};
use scale::{Decode, Encode, MaxEncodedLen};

/// A claim against the entity: a receipt that its holder can transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Claim {
    /// Its rank.
    pub class: Class,
    /// Who holds it.
    pub holder: Address,
    /// What is claimed.
    pub amount: Amount,
    /// What was paid on it.
    pub paid: Amount,
    /// Hash of what it is founded on.
    pub evidence: Digest,
}

impl EntityState {
    /// Admits a claim: the admin while the entity runs, the agent in a resolution until claims are closed. Its number is the
    /// count of claims before it.
    pub fn admit_claim(
        mut self,
        env: &EntityEnv,
        class: Class,
        holder: Address,
        amount: Amount,
        evidence: Digest,
    ) -> Result<(EntityStep, u32, Claim), EntityError> {
        self.only_authority(env.caller)?;
        self.check_claims_open(env)?;
        check_amount(amount)?;
        if holder.is_zero() {
            return Err(EntityError::InvalidAddress);
        }
        let account = self.class_mut(class);
        account.claims.put(amount)?;
        // A share is a product of two amounts over their class's sum; bounded like every amount, it can't overflow.
        check_amount(account.claims)?;
        let number = self.ledger.claims;
        self.ledger.claims = next(number)?;
        let claim = Claim { class, holder, amount, paid: Amount::ZERO, evidence };
        Ok((step(self, EntityEvent::ClaimAdmitted { number, claim }), number, claim))
    }

    /// Lowers a claim until claims are closed, to zero if need be: its holder, who waives or was paid elsewhere, or the agent
    /// in a resolution.
    pub fn reduce_claim(
        mut self,
        env: &EntityEnv,
        number: u32,
        mut claim: Claim,
        to: Amount,
    ) -> Result<(EntityStep, Claim), EntityError> {
        if env.caller != claim.holder {
            self.only(Role::Agent, env.caller).map_err(|_| EntityError::NotTheHolder)?;
            if !self.is_resolving() {
                return Err(EntityError::NotUnderResolution);
            }
        }
        self.check_claims_open(env)?;
        if to >= claim.amount {
            return Err(EntityError::AmountOutOfBounds);
        }
        self.class_mut(claim.class).claims.take(claim.amount.sub(to)?)?;
        claim.amount = to;
        Ok((step(self, EntityEvent::ClaimReduced { number, amount: to }), claim))
    }

    /// The holder passes its claim on, with all that is not paid out yet.
    pub fn transfer_claim(
        self,
        env: &EntityEnv,
        number: u32,
        mut claim: Claim,
        to: Address,
    ) -> Result<(EntityStep, Claim), EntityError> {
        only_holder(env, &claim)?;
        if to.is_zero() {
            return Err(EntityError::InvalidAddress);
        }
        claim.holder = to;
        Ok((step(self, EntityEvent::ClaimTransferred { number, from: env.caller, to }), claim))
    }

    /// The holder takes out what was distributed to its claim.
    pub fn collect_claim(
        mut self,
        env: &EntityEnv,
        number: u32,
        mut claim: Claim,
    ) -> Result<(EntityStep, Claim), EntityError> {
        only_holder(env, &claim)?;
        let amount = self.payable(&claim)?;
        if amount.is_zero() {
            return Err(EntityError::NothingToDo);
        }
        claim.paid.put(amount)?;
        self.class_mut(claim.class).paid.put(amount)?;
        let event = EntityEvent::ClaimPaid { number, holder: env.caller, amount };
        Ok((super::paying(step(self, event), env.caller, amount), claim))
    }

    /// What the holder of a claim could take out now.
    pub fn payable(&self, claim: &Claim) -> Result<Amount, EntityError> {
        Ok(self.class(claim.class).share_down(claim.amount)?.sub(claim.paid)?)
    }

    fn check_claims_open(&self, env: &EntityEnv) -> Result<(), EntityError> {
        if self.is_resolving() && env.now > self.claims_until()? {
            return Err(EntityError::ClaimsClosed);
        }
        Ok(())
    }
}

fn only_holder(env: &EntityEnv, claim: &Claim) -> Result<(), EntityError> {
    if env.caller == claim.holder {
        Ok(())
    } else {
        Err(EntityError::NotTheHolder)
    }
}
