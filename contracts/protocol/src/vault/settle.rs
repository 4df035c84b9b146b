use super::{
    funds::check_bound,
    portfolio::{check_expiry, check_next},
    Agreement, CoverBook, Crypto, Env, MarginCall, Phase, VaultError, VaultEvent, VaultState, VaultStep,
};
use crate::{
    csa::{transfer_due, Due},
    eip712::TypedMessage,
    message::MarginInstruction,
    signature::SignerSet,
    units::{Amount, ArithmeticError, SignedAmount},
    Party,
};

/// An instruction as it is submitted.
#[derive(Clone, Copy, Debug)]
pub struct SignedInstruction<'a> {
    /// The chain it was signed for. Not itself signed (the domain is): it lets the vault name the mistake.
    pub chain_id: u64,
    /// The instruction.
    pub message: &'a MarginInstruction,
    /// At least the threshold's number of 65-byte signatures, by ascending address of the signer.
    pub signatures: &'a [u8],
}

impl VaultState {
    /// Checks a signed instruction and lets it take effect: pays what is due, sets what each side has to post, and opens
    /// or closes margin calls. Anyone may bring it.
    pub fn settle<C: Crypto>(
        mut self,
        env: &Env,
        agreement: &Agreement,
        signers: &SignerSet,
        cover: &CoverBook,
        signed: &SignedInstruction<'_>,
    ) -> Result<VaultStep, VaultError> {
        let message = signed.message;
        self.check_instruction(env, agreement, signed)?;
        let needed = signers_needed(agreement, signers, message.entitlement_a.sub(self.entitlement)?);
        signers.verify::<C>(&message.digest::<C>(&env.domain), signed.signatures, needed)?;

        let due = transfer_due(message.entitlement_a, self.settled, &agreement.terms.csa)?;
        let paid = self.pay(due.debtor, due.amount)?;
        self.record_deficit(due, paid)?;
        self.record_requirement(env, agreement, cover, message)?;
        self.restart_calls_after_outage(env, agreement)?;
        self.sequence = message.sequence;
        self.valuation_time = message.valuation_time;
        self.valued_version = self.portfolio_version;
        self.entitlement = message.entitlement_a;
        self.tail_requirement = message.tail_requirement;
        self.oracle_seen = env.now;

        let event = VaultEvent::Settled {
            sequence: message.sequence,
            entitlement: message.entitlement_a,
            transferred: SignedAmount::owing(due.debtor.other(), paid)?,
            deficit: self.deficit,
            required: self.required,
        };
        let mut step = VaultStep::new(self, event);
        step.refresh_calls(env, agreement)?;
        Ok(step)
    }

    /// Everything about an instruction but its signatures, cheapest first.
    fn check_instruction(
        &self,
        env: &Env,
        agreement: &Agreement,
        signed: &SignedInstruction<'_>,
    ) -> Result<(), VaultError> {
        let message = signed.message;
        if self.phase != Phase::Active {
            return Err(VaultError::NotActive);
        }
        if self.portfolio_version == 0 {
            return Err(VaultError::NoPortfolio);
        }
        if message.vault != env.domain.verifying_contract {
            return Err(VaultError::WrongVault);
        }
        if signed.chain_id != env.domain.chain_id {
            return Err(VaultError::WrongChain);
        }
        if message.terms_hash != agreement.hash {
            return Err(VaultError::TermsMismatch);
        }
        if message.portfolio_root != self.portfolio_root {
            return Err(VaultError::PortfolioMismatch);
        }
        check_next(self.sequence, message.sequence)?;
        check_expiry(env, message.expiry)?;
        if message.valuation_time > env.now {
            return Err(VaultError::ValuationInFuture);
        }
        if message.valuation_time <= self.valuation_time {
            return Err(VaultError::ValuationNotNewer);
        }
        if env.now.since(message.valuation_time) > agreement.terms.periods.max_staleness {
            return Err(VaultError::ValuationStale);
        }
        check_bound(message.entitlement_a.magnitude())?;
        check_bound(message.initial_margin_a)?;
        check_bound(message.initial_margin_b)?;
        check_bound(message.tail_requirement)
    }

    /// A transfer that the debtor's margin did not reach is a deficit; the other side has none.
    fn record_deficit(&mut self, due: Due, paid: Amount) -> Result<(), ArithmeticError> {
        *self.deficit.of_mut(due.debtor) = due.amount.sub(paid)?;
        *self.deficit.of_mut(due.debtor.other()) = Amount::ZERO;
        Ok(())
    }

    /// Requirement of each side: independent amount, initial margin, and its share of the tail that neither first-loss
    /// capital nor live bonds cover, rounded up so that the tail is never short of a base unit.
    fn record_requirement(
        &mut self,
        env: &Env,
        agreement: &Agreement,
        cover: &CoverBook,
        message: &MarginInstruction,
    ) -> Result<(), ArithmeticError> {
        let covered = self.first_loss.add(cover.live(env.now)?)?;
        let gap = message.tail_requirement.saturating_sub(covered);
        let share_a = agreement.terms.tail_share_a;
        let sides = [
            (Party::A, message.initial_margin_a, share_a),
            (Party::B, message.initial_margin_b, share_a.complement()?),
        ];
        for (party, initial_margin, share) in sides {
            let independent = agreement.terms.csa.of(party).independent_amount;
            *self.required.of_mut(party) = initial_margin.add(independent)?.add(share.share_up(gap)?)?;
        }
        Ok(())
    }

    /// Nobody defaults for lack of information: after a silence longer than the staleness bound, open calls get their
    /// whole cure period again from the first fresh instruction.
    fn restart_calls_after_outage(&mut self, env: &Env, agreement: &Agreement) -> Result<(), ArithmeticError> {
        let periods = agreement.terms.periods;
        if env.now.since(self.oracle_seen) <= periods.max_staleness {
            return Ok(());
        }
        let deadline = env.now.after(periods.cure)?;
        for party in Party::BOTH {
            if let Some(call) = self.call.of_mut(party) {
                *call = MarginCall { deadline, ..*call };
            }
        }
        Ok(())
    }
}

/// How many must sign: the threshold, or everyone for a move beyond the circuit breaker.
pub(super) fn signers_needed(agreement: &Agreement, signers: &SignerSet, change: SignedAmount) -> u8 {
    if change.magnitude() > agreement.terms.max_move {
        signers.everyone()
    } else {
        signers.threshold()
    }
}
