use super::{
    funds::check_bound,
    portfolio::{check_expiry, check_next},
    settle::signers_needed,
    Agreement, CoverBook, Crypto, Env, Phase, VaultError, VaultEvent, VaultState, VaultStep,
};
use crate::{
    eip712::TypedMessage,
    message::CloseOutDetermination,
    signature::SignerSet,
    units::{Amount, ArithmeticError, SignedAmount, Timestamp},
    waterfall::Waterfall,
    Address, Party,
};
use alloc::vec::Vec;

/// An amount that a bond has to pay now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The bond.
    pub bond: Address,
    /// How much.
    pub amount: Amount,
}

/// A close-out: the vault's step, the cover with what is due from it, and the claims to make.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct CloseOut {
    /// State, events, transfers.
    pub step: VaultStep,
    /// The cover after it.
    pub cover: CoverBook,
    /// What to claim; a claim that fails stays due and can be tried again.
    pub claims: Vec<Claim>,
}

impl VaultState {
    /// Closes out at the valuation agent's amount, before the close-out deadline.
    pub fn close_out<C: Crypto>(
        mut self,
        env: &Env,
        agreement: &Agreement,
        signers: &SignerSet,
        cover: CoverBook,
        message: &CloseOutDetermination,
        signatures: &[u8],
    ) -> Result<CloseOut, VaultError> {
        let (defaulter, since) = self.default()?;
        if message.defaulter != *agreement.terms.parties.of(defaulter) {
            return Err(VaultError::DefaulterMismatch);
        }
        check_next(self.close_out_sequence, message.sequence)?;
        check_expiry(env, message.expiry)?;
        if env.now > since.after(agreement.terms.periods.close_out)? {
            return Err(VaultError::CloseOutDeadlinePassed);
        }
        check_bound(message.amount.magnitude())?;
        let needed = signers_needed(agreement, signers, message.amount.sub(self.last_value_claim(defaulter)?)?);
        signers.verify::<C>(&message.digest::<C>(&env.domain), signatures, needed)?;

        self.close_out_sequence = message.sequence;
        Ok(self.distribute(cover, defaulter, since, message.amount)?)
    }

    /// Closes out at the last settled value once the valuation agent let the deadline pass; anyone may.
    pub fn close_out_at_last_value(
        self,
        env: &Env,
        agreement: &Agreement,
        cover: CoverBook,
    ) -> Result<CloseOut, VaultError> {
        let (defaulter, since) = self.default()?;
        if env.now <= since.after(agreement.terms.periods.close_out)? {
            return Err(VaultError::CloseOutDeadlineNotPassed);
        }
        let amount = self.last_value_claim(defaulter)?;
        Ok(self.distribute(cover, defaulter, since, amount)?)
    }

    /// A party leaves at the last value after the oracle has been silent for the time-out. If the debtor's margin pays what
    /// is owed, nobody is in default. Otherwise the debtor is: it had at least a cure period to pay, and the rest runs
    /// through the waterfall.
    pub fn close_after_oracle_timeout(
        mut self,
        env: &Env,
        agreement: &Agreement,
        cover: CoverBook,
    ) -> Result<CloseOut, VaultError> {
        agreement.party(env.caller)?;
        if self.phase != Phase::Active {
            return Err(VaultError::NotActive);
        }
        if self.portfolio_version == 0 {
            return Err(VaultError::NoPortfolio);
        }
        if env.now.since(self.oracle_seen) <= agreement.terms.periods.oracle_timeout {
            return Err(VaultError::OracleNotTimedOut);
        }
        let debtor = if self.last_value_claim(Party::A)?.get() > 0 { Party::A } else { Party::B };
        let claim = self.last_value_claim(debtor)?;
        if claim.positive_part() > *self.margin.of(debtor) {
            let mut closed = self.distribute(cover, debtor, env.now, claim)?;
            closed.step.events.insert(0, VaultEvent::Defaulted { party: debtor, close_out_deadline: env.now });
            return Ok(closed);
        }
        self.pay(debtor, claim.positive_part())?;
        self.phase = Phase::Closed { defaulter: None };
        self.clear_requirements();
        let event = VaultEvent::Terminated { entitlement: self.entitlement };
        Ok(CloseOut { step: VaultStep::new(self, event), cover, claims: Vec::new() })
    }

    /// Records that the bond of a layer paid what was due from it.
    pub fn cover_paid(mut self, mut cover: CoverBook, claim: Claim) -> Result<(VaultStep, CoverBook), VaultError> {
        let Phase::Closed { defaulter: Some(defaulter) } = self.phase else {
            return Err(VaultError::NotDefaulted);
        };
        cover.paid(claim)?;
        let survivor = defaulter.other();
        *self.margin.of_mut(survivor) = self.margin.of(survivor).add(claim.amount)?;
        let event = VaultEvent::CoverPaid { bond: claim.bond, amount: claim.amount };
        Ok((VaultStep::new(self, event), cover))
    }

    fn default(&self) -> Result<(Party, Timestamp), VaultError> {
        match self.phase {
            Phase::Defaulted { party, since } => Ok((party, since)),
            _ => Err(VaultError::NotDefaulted),
        }
    }

    /// What `debtor` owes by the last instruction and has not paid, seen from the other side.
    fn last_value_claim(&self, debtor: Party) -> Result<SignedAmount, ArithmeticError> {
        let owed_to_a = self.entitlement.sub(self.settled)?;
        match debtor {
            Party::B => Ok(owed_to_a),
            Party::A => owed_to_a.negate(),
        }
    }

    /// Runs the claim through the pair's own layers and closes the accounts.
    fn distribute(
        mut self,
        mut cover: CoverBook,
        defaulter: Party,
        since: Timestamp,
        amount: SignedAmount,
    ) -> Result<CloseOut, ArithmeticError> {
        let survivor = defaulter.other();
        let owed_by_survivor = amount.negative_part();
        let from_survivor = self.pay(survivor, owed_by_survivor)?;

        let claim = amount.positive_part();
        let split = Waterfall::distribute(claim, *self.margin.of(defaulter), self.first_loss, cover.limits_at(since));
        let from_defaulter = self.pay(defaulter, split.margin)?;
        self.first_loss = self.first_loss.sub(split.first_loss)?;
        *self.margin.of_mut(survivor) = self.margin.of(survivor).add(split.first_loss)?;
        let claims = cover.claim(&split.layers)?;

        self.residual = split.residual.add(owed_by_survivor.sub(from_survivor)?)?;
        self.phase = Phase::Closed { defaulter: Some(defaulter) };
        self.clear_requirements();
        let from_cover = claims.iter().try_fold(Amount::ZERO, |sum, claim| sum.add(claim.amount))?;
        let event = VaultEvent::ClosedOut {
            amount,
            from_margin: from_defaulter.add(from_survivor)?,
            from_first_loss: split.first_loss,
            from_cover,
            residual: self.residual,
        };
        Ok(CloseOut { step: VaultStep::new(self, event), cover, claims })
    }

    /// A closed pair requires nothing of anybody.
    pub(super) fn clear_requirements(&mut self) {
        self.required = Default::default();
        self.deficit = Default::default();
        self.call = Default::default();
        self.tail_requirement = Amount::ZERO;
    }
}
