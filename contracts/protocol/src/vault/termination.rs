use super::{
    funds::check_bound,
    portfolio::{check_expiry, check_next, verify_both},
    Agreement, Crypto, Env, Phase, VaultError, VaultEvent, VaultState, VaultStep,
};
use crate::{message::MutualTermination, Pair, Party};

impl VaultState {
    /// Ends the pair at a value that both parties signed, paid in full from the debtor's margin; anyone may bring it.
    pub fn terminate<C: Crypto>(
        mut self,
        env: &Env,
        agreement: &Agreement,
        message: &MutualTermination,
        signatures: Pair<&[u8]>,
    ) -> Result<VaultStep, VaultError> {
        if self.phase != Phase::Active {
            return Err(VaultError::NotActive);
        }
        check_next(self.sequence, message.nonce)?;
        check_expiry(env, message.expiry)?;
        check_bound(message.entitlement_a.magnitude())?;
        verify_both::<C>(env, agreement, message, signatures)?;

        let owed_to_a = message.entitlement_a.sub(self.settled)?;
        let debtor = if owed_to_a.get() >= 0 { Party::B } else { Party::A };
        let paid = self.pay(debtor, owed_to_a.magnitude())?;
        if paid != owed_to_a.magnitude() {
            return Err(VaultError::TerminationUnfunded);
        }
        self.entitlement = message.entitlement_a;
        self.phase = Phase::Closed { defaulter: None };
        self.clear_requirements();
        Ok(VaultStep::new(self, VaultEvent::Terminated { entitlement: message.entitlement_a }))
    }
}
