use super::{
    funds::check_bound,
    portfolio::{check_expiry, check_next},
    Agreement, CoverBook, Crypto, Env, Mandate, Phase, Valuation, VaultError, VaultEvent, VaultState, VaultStep,
};
use crate::{
    collateral::CollateralBook,
    csa::{credit_support_amount, transfer_due, Due},
    eip712::TypedMessage,
    keccak::same,
    message::MarginInstruction,
    signature::SignerSet,
    terms::PartyTerms,
    units::{Amount, ArithmeticError, SignedAmount, Wad},
    Pair, Party,
};
use alloc::{vec, vec::Vec};

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
    /// Checks a signed instruction and lets it take effect: adds interest to the posted balance, pays what is due, charges
    /// the fee, sets what each side has to post, and opens or closes margin calls. Anyone may bring it. The book takes
    /// the instruction's marks; where nothing but the settlement asset is eligible an empty one will do. The cover takes note
    /// of the first valuation of a portfolio, if it [awaits](CoverBook::awaits_valuation) one.
    pub fn settle<C: Crypto>(
        mut self,
        env: &Env,
        agreement: &Agreement,
        mandate: &Mandate,
        cover: &mut CoverBook,
        book: &mut CollateralBook,
        signed: &SignedInstruction<'_>,
    ) -> Result<VaultStep, VaultError> {
        let events = self.settle_in_place::<C>(env, agreement, mandate, cover, book, signed)?;
        Ok(VaultStep { state: self, events, transfers: Vec::new() })
    }

    /// The same on the caller's own copy, which is to be thrown away if this fails: on the chain a refusal reverts, and
    /// every copy of a ledger is paid for.
    pub fn settle_in_place<C: Crypto>(
        &mut self,
        env: &Env,
        agreement: &Agreement,
        mandate: &Mandate,
        cover: &mut CoverBook,
        book: &mut CollateralBook,
        signed: &SignedInstruction<'_>,
    ) -> Result<Vec<VaultEvent>, VaultError> {
        let message = signed.message;
        self.check_instruction(env, agreement, mandate, signed)?;
        let needed = signers_needed(agreement, &mandate.signers, self.change(message)?);
        mandate.signers.verify::<C>(&message.digest::<C>(&env.domain), signed.signatures, needed)?;
        self.take_effect(env, agreement, cover, book, message)
    }

    /// What an instruction would do, if it passed its checks and enough signers had signed it.
    pub fn preview(
        mut self,
        env: &Env,
        agreement: &Agreement,
        mandate: &Mandate,
        cover: &mut CoverBook,
        book: &mut CollateralBook,
        signed: &SignedInstruction<'_>,
    ) -> Result<VaultStep, VaultError> {
        self.check_instruction(env, agreement, mandate, signed)?;
        let events = self.take_effect(env, agreement, cover, book, signed.message)?;
        Ok(VaultStep { state: self, events, transfers: Vec::new() })
    }

    fn take_effect(
        &mut self,
        env: &Env,
        agreement: &Agreement,
        cover: &mut CoverBook,
        book: &mut CollateralBook,
        message: &MarginInstruction,
    ) -> Result<Vec<VaultEvent>, VaultError> {
        cover.portfolio_valued(env.now);
        book.mark(&message.collateral)?;
        let interest = self.interest(message.interest_index)?;
        self.settled = self.settled.add(interest)?;
        self.interest_index = message.interest_index;
        self.roll_baselines(env.now, agreement.terms.periods.dispute);

        let due = self.due(message.entitlement_a, &agreement.terms.csa)?;
        let due = self.cancel_suspended(due)?;
        let paid = self.pay(due.debtor, due.amount)?;
        self.record_deficit(due, paid)?;
        let fees = self.charge_fee(env, message.fee_rate)?;
        self.record_requirement(env, agreement, cover, message)?;
        self.credit = Pair { a: book.credit(Party::A)?, b: book.credit(Party::B)? };
        // Nobody defaults for lack of information: after a silence longer than the staleness bound, open calls get their
        // whole cure period again from the first fresh instruction.
        if env.now.since(self.oracle_seen) > agreement.terms.periods.max_staleness {
            self.restart_calls(env, agreement)?;
        }
        self.sequence = message.sequence;
        self.valuation_time = message.valuation_time;
        self.valuation = Valuation::Current;
        self.entitlement = message.entitlement_a;
        self.tail_requirement = message.tail_requirement;
        self.oracle_seen = env.now;

        let mut events = vec![VaultEvent::Settled {
            sequence: message.sequence,
            entitlement: message.entitlement_a,
            interest,
            transferred: SignedAmount::owing(due.debtor.other(), paid)?,
            fees,
            deficit: self.deficit,
            required: self.required,
            credit: self.credit,
        }];
        self.refresh_calls(env, agreement, &mut events)?;
        Ok(events)
    }

    /// Everything about an instruction but its signatures, cheapest first.
    fn check_instruction(
        &self,
        env: &Env,
        agreement: &Agreement,
        mandate: &Mandate,
        signed: &SignedInstruction<'_>,
    ) -> Result<(), VaultError> {
        let message = signed.message;
        if self.phase != Phase::Active {
            return Err(VaultError::NotActive);
        }
        if self.valuation == Valuation::NoPortfolio {
            return Err(VaultError::NoPortfolio);
        }
        if !same(&message.vault.0, &env.domain.verifying_contract.0) {
            return Err(VaultError::WrongVault);
        }
        if signed.chain_id != env.domain.chain_id {
            return Err(VaultError::WrongChain);
        }
        if !same(&message.terms_hash.0, &agreement.hash.0) {
            return Err(VaultError::TermsMismatch);
        }
        if !same(&message.portfolio_root.0, &mandate.portfolio_root.0) {
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
        if !(MIN_INDEX..=MAX_INDEX).contains(&message.interest_index) {
            return Err(VaultError::IndexOutOfBounds);
        }
        if message.fee_rate > agreement.terms.fee_cap {
            return Err(VaultError::FeeAboveCap);
        }
        check_bound(message.entitlement_a.magnitude())?;
        check_bound(message.initial_margin_a)?;
        check_bound(message.initial_margin_b)?;
        check_bound(message.tail_requirement)
    }

    /// Interest on the posted balance since the last instruction, seen as the balance is: whoever holds it owes it.
    /// Source: 2016 Credit Support Annex for Variation Margin (New York law), paragraph 6(d)(ii), with "Interest
    /// Adjustment" in 13(i)(ii): the balance grows by the interest, and the next transfer returns it. Rounded down, in
    /// favour of who holds the balance.
    fn interest(&self, index: Wad) -> Result<SignedAmount, ArithmeticError> {
        // Before the first instruction there is no index, and nothing grows by an index that stands still.
        if self.interest_index == Wad::ZERO || index == self.interest_index {
            return Ok(SignedAmount::ZERO);
        }
        let holder = if self.settled.get() >= 0 { Party::A } else { Party::B };
        let grown = self.settled.magnitude().mul_div_down(index.get(), self.interest_index.get())?;
        SignedAmount::owing(holder, grown)?.sub(self.settled)
    }

    /// By how much an instruction moves what is outstanding, interest included: what the circuit breaker looks at.
    fn change(&self, message: &MarginInstruction) -> Result<SignedAmount, ArithmeticError> {
        message.entitlement_a.sub(self.entitlement)?.sub(self.interest(message.interest_index)?)
    }

    /// What has moved, and what would have moved but for an open dispute.
    fn settled_or_suspended(&self) -> Result<SignedAmount, ArithmeticError> {
        Party::BOTH.into_iter().try_fold(self.settled, |settled, debtor| {
            settled.add(SignedAmount::owing(debtor.other(), *self.suspended.of(debtor))?)
        })
    }

    /// What an entitlement makes due. Minimum and rounding hold for new transfers: what was due before, has not been paid
    /// and is still owed stays due, or a party could keep a minimum transfer amount back for ever.
    fn due(&self, entitlement: SignedAmount, csa: &Pair<PartyTerms>) -> Result<Due, ArithmeticError> {
        let balance = self.settled_or_suspended()?;
        let due = transfer_due(entitlement, balance, csa)?;
        let change = credit_support_amount(entitlement, csa)?.sub(balance)?;
        let unpaid = change.owed_to(due.debtor.other()).min(*self.deficit.of(due.debtor));
        Ok(Due { amount: due.amount.max(unpaid), ..due })
    }

    /// What a side has to return was never paid to it as far as the other side disputes and has not paid it: that is
    /// not asked for any more, instead of a payment of both.
    fn cancel_suspended(&mut self, due: Due) -> Result<Due, ArithmeticError> {
        let suspended = self.suspended.of_mut(due.debtor.other());
        let never_paid = due.amount.min(*suspended);
        suspended.take(never_paid)?;
        Ok(Due { amount: due.amount.sub(never_paid)?, ..due })
    }

    /// A transfer that the debtor's margin did not reach is a deficit; the other side has none.
    fn record_deficit(&mut self, due: Due, paid: Amount) -> Result<(), ArithmeticError> {
        *self.deficit.of_mut(due.debtor) = due.amount.sub(paid)?;
        *self.deficit.of_mut(due.debtor.other()) = Amount::ZERO;
        Ok(())
    }

    /// The entity's fee on what each side had to post since the last instruction, rounded down and never more than its
    /// margin: a fee opens no deficit.
    fn charge_fee(&mut self, env: &Env, rate: crate::units::Bps) -> Result<Pair<Amount>, ArithmeticError> {
        let span = env.now.since(self.oracle_seen);
        let mut fees = Pair::default();
        for party in Party::BOTH {
            let fee = rate.accrued_down(*self.required.of(party), span)?.min(*self.margin.of(party));
            self.margin.of_mut(party).take(fee)?;
            self.fees_due.put(fee)?;
            *fees.of_mut(party) = fee;
        }
        Ok(fees)
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
        let loss = self.loss_time(env.now, &agreement.terms.periods, &Party::BOTH);
        let covered = self.first_loss.add(cover.live(loss, self.first_loss)?)?;
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
}

/// The smallest interest index. An index begins at one; between the bounds no product with a posted balance overflows.
pub const MIN_INDEX: Wad = Wad::new(Wad::SCALE / 1_000);
/// The largest interest index.
pub const MAX_INDEX: Wad = Wad::new(Wad::SCALE * 1_000);

/// How many must sign: the threshold, or everyone for a move beyond the circuit breaker.
pub(super) fn signers_needed(agreement: &Agreement, signers: &SignerSet, change: SignedAmount) -> u8 {
    if change.magnitude() > agreement.terms.max_move {
        signers.everyone()
    } else {
        signers.threshold()
    }
}
