use super::{
    funds::check_bound,
    portfolio::{check_expiry, check_next, verify_both},
    Crypto, Effects, Env, Phase, Vault, VaultError, VaultEvent,
};
use crate::{message::MutualTermination, Pair, Party};

impl Vault {
    /// Ends the pair at a value that both parties signed, paid in full from the debtor's margin; anyone may bring it. Open
    /// disputes end with it, as first instructed: the value is the parties' own.
    pub(super) fn terminate<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        message: &MutualTermination,
        signatures: Pair<&[u8]>,
    ) -> Result<(), VaultError> {
        self.check_active()?;
        if message.terms_hash != self.agreement.hash {
            return Err(VaultError::TermsMismatch);
        }
        check_next(self.state.sequence, message.nonce)?;
        check_expiry(env, message.expiry)?;
        check_bound(message.entitlement_a.magnitude())?;
        verify_both::<C>(env, &self.agreement, message, signatures)?;

        self.lapse_all(env, fx)?;
        let owed_to_a = message.entitlement_a.sub(self.state.settled)?;
        let debtor = if owed_to_a.get() >= 0 { Party::B } else { Party::A };
        let paid = self.state.pay(debtor, owed_to_a.magnitude())?;
        if paid != owed_to_a.magnitude() {
            return Err(VaultError::TerminationUnfunded);
        }
        self.state.entitlement = message.entitlement_a;
        self.close(fx);
        Ok(())
    }

    /// Closes a pair in which nobody is in default.
    pub(super) fn close(&mut self, fx: &mut Effects) {
        self.state.phase = Phase::Closed { defaulter: None };
        self.state.clear_requirements();
        fx.events.push(VaultEvent::Terminated { entitlement: self.state.entitlement });
    }
}
