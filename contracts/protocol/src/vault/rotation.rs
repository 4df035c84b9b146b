use super::{
    portfolio::{check_expiry, check_next, verify_both},
    Crypto, Effects, Env, RotationNotice, Vault, VaultError, VaultEvent,
};
use crate::{message::SignerRotation, signature::SignerSet, units::Seconds, Pair};

/// From the entity's notice of other signers to the moment from which either party may leave.
pub const ROTATION_LEAVE: Seconds = Seconds::DAY;
/// Shortest time from that notice to the moment at which they can be taken up.
pub const MIN_ROTATION_NOTICE: Seconds = Seconds::new(7 * 86_400);
/// Time that the notice leaves beyond whatever can hold a party up: the oracle's time-out, a dispute, or a call of the other side
/// that is notified a day later.
pub const ROTATION_MARGIN: Seconds = Seconds::new(3 * 86_400);
/// From that moment to the end of the notice.
pub const ROTATION_GRACE: Seconds = Seconds::new(14 * 86_400);

impl Vault {
    /// Replaces the valuation agent's signers by a set that both parties signed; anyone may bring it. It is open in every
    /// phase: a default needs an agent too. A successor bid for a side that other signers value, so its bid falls.
    pub(super) fn rotate<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        message: &SignerRotation,
        signers: &SignerSet,
        signatures: Pair<&[u8]>,
    ) -> Result<(), VaultError> {
        if message.terms_hash != self.agreement.hash {
            return Err(VaultError::TermsMismatch);
        }
        check_next(self.mandate.epoch, message.epoch)?;
        check_expiry(env, message.expiry)?;
        if message.signers_hash != signers.hash::<C>() || message.threshold != signers.threshold() {
            return Err(VaultError::SignersMismatch);
        }
        verify_both::<C>(env, &self.agreement, message, signatures)?;

        self.release_bid(fx)?;
        // What both have signed goes before what the entity has said.
        self.standing.rotation = None;
        self.mandate.epoch = message.epoch;
        self.mandate.signers = signers.clone();
        fx.events.push(VaultEvent::SignersRotated { epoch: message.epoch, signers_hash: message.signers_hash });
        Ok(())
    }

    /// The entity gives notice of other signers, for a pair whose parties do not both sign a rotation. A new notice takes the
    /// place of one that stands, and its time runs anew.
    pub(super) fn notice_rotation<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        signers: &SignerSet,
    ) -> Result<(), VaultError> {
        self.agreement.only_entity(env.caller)?;
        self.check_active()?;
        let periods = self.agreement.terms.periods;
        let held_up = periods.oracle_timeout.max(periods.dispute).max(periods.cure.add(Seconds::DAY)?);
        let due = env.now.after(MIN_ROTATION_NOTICE.max(held_up.add(ROTATION_MARGIN)?))?;
        let leave_from = env.now.after(ROTATION_LEAVE)?;
        let expires = due.after(ROTATION_GRACE)?;
        let disputes = self.disputes.count;
        let notice = RotationNotice { signers: signers.clone(), leave_from, due, expires, disputes };
        self.standing.rotation = Some(notice);
        fx.events.push(VaultEvent::RotationNoticed { signers_hash: signers.hash::<C>(), leave_from, due });
        Ok(())
    }

    /// The entity takes its notice back.
    pub(super) fn withdraw_rotation(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        self.agreement.only_entity(env.caller)?;
        self.standing.rotation.take().ok_or(VaultError::NoRotationNoticed)?;
        fx.events.push(VaultEvent::RotationWithdrawn { at: env.now });
        Ok(())
    }

    /// The signers of a notice whose time is over take the place of the ones before; anyone may bring it about. Not
    /// after a default or a dispute in the meantime: one side's must not keep the other in the pair until then.
    pub(super) fn take_up_rotation<C: Crypto>(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        self.check_active()?;
        let notice = self.noticed(env)?;
        if env.now <= notice.due {
            return Err(VaultError::NoticeRunning);
        }
        if self.state.disputed.a || self.state.disputed.b || self.disputes.count != notice.disputes {
            return Err(VaultError::DisputeOpen);
        }
        let epoch = self.mandate.epoch.checked_add(1).ok_or(VaultError::ArithmeticOverflow)?;
        let signers_hash = notice.signers.hash::<C>();
        self.mandate.signers = notice.signers.clone();
        self.mandate.epoch = epoch;
        self.standing.rotation = None;
        fx.events.push(VaultEvent::SignersRotated { epoch, signers_hash });
        Ok(())
    }

    /// A party leaves instead of being valued by other signers.
    pub(super) fn leave_rotation(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        self.agreement.party(env.caller)?;
        self.check_active()?;
        self.leave_after(self.noticed(env)?.leave_from, env, fx)
    }

    /// The notice that stands.
    fn noticed(&self, env: &Env) -> Result<&RotationNotice, VaultError> {
        let notice = self.standing.rotation.as_ref().ok_or(VaultError::NoRotationNoticed)?;
        if env.now > notice.expires {
            return Err(VaultError::Expired);
        }
        Ok(notice)
    }
}
