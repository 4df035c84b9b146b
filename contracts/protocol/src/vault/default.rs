use super::{Agreement, Env, Phase, VaultError, VaultEvent, VaultState, VaultStep};
use crate::Party;

impl VaultState {
    /// Puts `party` in default: anyone once its call's deadline passed uncured, or the party itself at any time. The last
    /// valuation has to be fresh in both cases: a party that could default on a stale one would leave at a value that it
    /// knows to be wrong.
    pub fn declare_default(mut self, env: &Env, agreement: &Agreement, party: Party) -> Result<VaultStep, VaultError> {
        if self.phase != Phase::Active {
            return Err(VaultError::NotActive);
        }
        if self.portfolio_version == 0 {
            return Err(VaultError::NoPortfolio);
        }
        if env.caller != *agreement.terms.parties.of(party) {
            let call = self.call.of(party).ok_or(VaultError::NoCallOpen)?;
            if env.now <= call.deadline {
                return Err(VaultError::CallNotDue);
            }
        }
        self.check_fresh(env, agreement)?;

        self.phase = Phase::Defaulted { party, since: env.now };
        let close_out_deadline = env.now.after(agreement.terms.periods.close_out)?;
        Ok(VaultStep::new(self, VaultEvent::Defaulted { party, close_out_deadline }))
    }
}
