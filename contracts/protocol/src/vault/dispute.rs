use super::{
    funds::check_bound,
    portfolio::{check_expiry, verify_both},
    Crypto, Effects, Env, Vault, VaultError, VaultEvent,
};
use crate::{
    csa::credit_support_amount,
    eip712::TypedMessage,
    message::{DisputeDetermination, DisputeResolution, DisputedValue},
    units::{Amount, Seconds, SignedAmount, Timestamp},
    Pair, Party,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// A party's dispute of the last instructions.
///
/// Source: 2016 Credit Support Annex for Variation Margin, paragraph 5, dispute resolution: the undisputed part is
/// transferred, the parties try to agree, and failing that the value is determined again. Here the disputed part waits in
/// escrow, the whole valuation agent determines, and what is not determined in time stands as first instructed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Dispute {
    /// Its number in this vault, from one.
    pub number: u64,
    /// The instruction whose value is in dispute: the last one before it.
    pub sequence: u64,
    /// A's entitlement as instructed: the value in dispute.
    pub valued: SignedAmount,
    /// A's entitlement as the party sees it: what it agrees with stands.
    pub stated: SignedAmount,
    /// The disputed part that had moved to the other side and waits in escrow.
    pub escrowed: Amount,
    /// The disputed part that the party had not paid yet.
    pub suspended: Amount,
    /// What the party posted with the dispute.
    pub deposit: Amount,
    /// After this moment it lapses.
    pub deadline: Timestamp,
}

/// Each side's open dispute; a side has at most one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct DisputeFile {
    /// How many there were.
    pub count: u64,
    /// The open ones.
    pub open: Pair<Option<Dispute>>,
}

/// How a dispute ends.
enum Ending {
    /// The agent determined a value: the deposit is lost if it confirms the first.
    Determined(SignedAmount),
    /// The parties agreed on one.
    Agreed(SignedAmount),
    /// Nothing was determined in time.
    Lapsed,
}

impl Vault {
    /// A party disputes what the last instructions within the dispute window moved against it. It states the value that
    /// it agrees with and pays the deposit; the rest goes from the other side into escrow, and what it had not paid yet is
    /// not asked for until the dispute ends. A call's deadline stays as it is.
    pub(super) fn dispute(&mut self, env: &Env, fx: &mut Effects, stated: SignedAmount) -> Result<(), VaultError> {
        let party = self.agreement.party(env.caller)?;
        let creditor = party.other();
        self.check_active()?;
        check_bound(stated.magnitude())?;
        if *self.state.disputed.of(party) {
            return Err(VaultError::DisputeOpen);
        }
        if self.state.call.of(party).is_some_and(|call| env.now > call.deadline) {
            return Err(VaultError::CallOverdue);
        }
        let window = self.agreement.terms.periods.dispute;
        if window == Seconds::ZERO || env.now.since(self.state.oracle_seen) > window {
            return Err(VaultError::DisputeWindowClosed);
        }
        let valued = self.state.entitlement;
        let moved = self.state.disputable(env.now, window, creditor)?;
        let contested = valued.sub(stated)?.owed_to(creditor).min(moved);
        let suspended = contested.min(*self.state.deficit.of(party));
        // Under a threshold less has moved than the value: only what the other side would have to return is in dispute.
        let balance = credit_support_amount(stated, &self.agreement.terms.csa)?;
        let returnable = self.state.settled.sub(balance)?.owed_to(creditor);
        let escrowed = contested.sub(suspended)?.min(returnable).min(*self.state.margin.of(creditor));
        if escrowed.is_zero() && suspended.is_zero() {
            return Err(VaultError::NothingToDispute);
        }

        let deposit = self.agreement.terms.dispute_deposit;
        self.disputes.count = self.disputes.count.checked_add(1).ok_or(VaultError::ArithmeticOverflow)?;
        let deadline = env.now.after(window)?;
        let (number, sequence) = (self.disputes.count, self.state.sequence);
        let dispute = Dispute { number, sequence, valued, stated, escrowed, suspended, deposit, deadline };
        *self.disputes.open.of_mut(party) = Some(dispute);
        *self.state.disputed.of_mut(party) = true;
        self.state.margin.of_mut(creditor).take(escrowed)?;
        self.state.deficit.of_mut(party).take(suspended)?;
        self.state.suspended.of_mut(party).put(suspended)?;
        self.standing.escrow.put(escrowed.add(deposit)?)?;
        fx.events.push(VaultEvent::Disputed { party, number, stated, escrowed, suspended, deadline });
        fx.take(env.caller, deposit);
        self.refresh(env, fx)
    }

    /// Ends a dispute at the value that every signer signed.
    pub(super) fn determine_dispute<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        party: Party,
        message: &DisputeDetermination,
        signatures: &[u8],
    ) -> Result<(), VaultError> {
        self.check_disputed_value(env, party, &message.0)?;
        let signers = &self.mandate.signers;
        signers.verify::<C>(&message.digest::<C>(&env.domain), signatures, signers.everyone())?;
        self.end_dispute(env, fx, party, Ending::Determined(message.0.entitlement_a))
    }

    /// Ends a dispute at the value that both parties signed.
    pub(super) fn resolve_dispute<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        party: Party,
        message: &DisputeResolution,
        signatures: Pair<&[u8]>,
    ) -> Result<(), VaultError> {
        self.check_disputed_value(env, party, &message.0)?;
        verify_both::<C>(env, &self.agreement, message, signatures)?;
        self.end_dispute(env, fx, party, Ending::Agreed(message.0.entitlement_a))
    }

    /// Ends a dispute whose time is over: the value stands as first instructed.
    pub(super) fn lapse_dispute(&mut self, env: &Env, fx: &mut Effects, party: Party) -> Result<(), VaultError> {
        if env.now <= self.open_dispute(party)?.deadline {
            return Err(VaultError::DisputeNotLapsed);
        }
        self.end_dispute(env, fx, party, Ending::Lapsed)
    }

    /// Ends every dispute as first instructed: the pair is about to end, or a side of it to change.
    pub(super) fn lapse_all(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        for party in Party::BOTH {
            if self.disputes.open.of(party).is_some() {
                self.end_dispute(env, fx, party, Ending::Lapsed)?;
            }
        }
        Ok(())
    }

    fn open_dispute(&self, party: Party) -> Result<Dispute, VaultError> {
        self.disputes.open.of(party).ok_or(VaultError::NoDisputeOpen)
    }

    fn check_disputed_value(&self, env: &Env, party: Party, value: &DisputedValue) -> Result<(), VaultError> {
        if value.dispute != self.open_dispute(party)?.number {
            return Err(VaultError::DisputeMismatch);
        }
        check_expiry(env, value.expiry)?;
        check_bound(value.entitlement_a.magnitude())
    }

    /// Splits what was contested at the value found: what was overstated goes back to the party or is not asked for any
    /// more, the rest to the other side. A value outside of what was contested moves no more than that; the next
    /// instruction heals the difference. What a newer instruction took back already is not overstated any more, or it
    /// would come back twice.
    fn end_dispute(&mut self, env: &Env, fx: &mut Effects, party: Party, ending: Ending) -> Result<(), VaultError> {
        let dispute = self.open_dispute(party)?;
        let creditor = party.other();
        let found = match ending {
            Ending::Determined(value) | Ending::Agreed(value) => value,
            Ending::Lapsed => dispute.valued,
        };
        let suspended = dispute.suspended.min(*self.state.suspended.of(party));
        let instructed = self.state.entitlement.sub(found)?.owed_to(creditor);
        let overstated = dispute.valued.sub(found)?.owed_to(creditor).min(instructed);
        let overstated = overstated.min(dispute.escrowed.add(suspended)?);
        let unasked = overstated.min(suspended);
        let returned = overstated.sub(unasked)?;
        let error = dispute.valued.sub(found)?.magnitude();
        let confirmed = matches!(ending, Ending::Determined(_)) && error <= self.agreement.terms.dispute_tolerance;

        let state = &mut self.state;
        state.suspended.of_mut(party).take(suspended)?;
        state.deficit.of_mut(party).put(suspended.sub(unasked)?)?;
        state.margin.of_mut(creditor).put(dispute.escrowed.sub(returned)?)?;
        state.margin.of_mut(party).put(returned)?;
        state.settled = state.settled.sub(SignedAmount::owing(creditor, returned)?)?;
        // A newer instruction has said what it thinks; only the disputed one is corrected.
        if state.sequence == dispute.sequence {
            state.entitlement = state.entitlement.sub(SignedAmount::owing(creditor, overstated)?)?;
        }
        let deposit_to = if confirmed { creditor } else { party };
        state.margin.of_mut(deposit_to).put(dispute.deposit)?;
        self.standing.escrow.take(dispute.escrowed.add(dispute.deposit)?)?;
        *state.disputed.of_mut(party) = false;
        *self.disputes.open.of_mut(party) = None;
        state.pay_deficit(party)?;
        state.pay_deficit(creditor)?;
        state.decide_baselines(creditor)?;
        fx.events.push(VaultEvent::DisputeEnded { party, number: dispute.number, found, returned, confirmed });
        self.refresh(env, fx)
    }
}
