use super::{
    portfolio::{check_expiry, verify_party},
    Agreement, Crypto, Effects, Env, MarginCall, Phase, Vault, VaultError, VaultEvent, VaultState,
};
use crate::{
    message::CallExtension,
    terms::MAX_CURE,
    units::{Amount, Timestamp},
    Party,
};
use alloc::vec::Vec;

impl VaultState {
    /// Opens, updates or closes each side's margin call after its shortfall may have changed.
    ///
    /// A call opens at the minimum transfer amount, or for any unpaid settlement. It closes only when nothing is missing
    /// any more: below the minimum it stays, or a party could renew its cure period for ever with small deposits. A larger
    /// shortfall never moves the deadline of an open call, and neither does a dispute.
    pub(super) fn refresh_calls(
        &mut self,
        env: &Env,
        agreement: &Agreement,
        events: &mut Vec<VaultEvent>,
    ) -> Result<(), VaultError> {
        for party in Party::BOTH {
            let shortfall = self.shortfall(party)?;
            let minimum = agreement.terms.csa.of(party).minimum_transfer_amount;
            let has_deficit = !self.deficit.of(party).is_zero();
            let missing = has_deficit || !shortfall.is_zero() || !self.suspended.of(party).is_zero();
            let callable = has_deficit || (!shortfall.is_zero() && shortfall >= minimum);

            let before = *self.call.of(party);
            let after = match before {
                Some(open) if missing => Some(MarginCall { amount: shortfall, ..open }),
                None if callable => Some(MarginCall { amount: shortfall, deadline: deadline(env, agreement)? }),
                _ => None,
            };
            *self.call.of_mut(party) = after;
            match (before, after) {
                (Some(_), None) => events.push(VaultEvent::CallMet { party }),
                (_, Some(MarginCall { amount, deadline })) if before != after => {
                    events.push(VaultEvent::CallOpened { party, amount, deadline });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives every open call its whole cure period again.
    pub(super) fn restart_calls(&mut self, env: &Env, agreement: &Agreement) -> Result<(), VaultError> {
        let restarted = deadline(env, agreement)?;
        for party in Party::BOTH {
            if let Some(call) = self.call.of_mut(party) {
                call.deadline = restarted.max(call.deadline);
            }
        }
        Ok(())
    }
}

/// The deadline of a call that is made now.
fn deadline(env: &Env, agreement: &Agreement) -> Result<Timestamp, VaultError> {
    let periods = agreement.terms.periods;
    Ok(periods.notified_at(env.now)?.after(periods.cure)?)
}

impl Vault {
    /// Moves a call's deadline to one that the other party signed. Anyone may bring it.
    pub(super) fn extend_call<C: Crypto>(
        &mut self,
        env: &Env,
        effects: &mut Effects,
        message: &CallExtension,
        signature: &[u8],
    ) -> Result<(), VaultError> {
        let party = self.agreement.party(message.party)?;
        if self.state.phase != Phase::Active {
            return Err(VaultError::NotActive);
        }
        let call = self.state.call.of(party).ok_or(VaultError::NoCallOpen)?;
        check_expiry(env, message.expiry)?;
        if message.deadline != call.deadline {
            return Err(VaultError::CallMismatch);
        }
        // Investors priced the cure period, and what was put at risk after a call is judged by it.
        if self.cover.live_or_coming(env.now)? != Amount::ZERO {
            return Err(VaultError::CoverLive);
        }
        if message.extended <= call.deadline || message.extended > call.deadline.after(MAX_CURE)? {
            return Err(VaultError::ExtensionOutOfBounds);
        }
        verify_party::<C>(env, &self.agreement, message, party.other(), signature)?;

        let extended = MarginCall { deadline: message.extended, ..call };
        *self.state.call.of_mut(party) = Some(extended);
        effects.events.push(VaultEvent::CallOpened { party, amount: extended.amount, deadline: extended.deadline });
        Ok(())
    }
}
