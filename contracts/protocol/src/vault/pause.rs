use super::{Effects, Env, Phase, Vault, VaultError, VaultEvent};
use crate::units::{Seconds, Timestamp};

/// Longest pause of new risk.
pub const MAX_PAUSE: Seconds = Seconds::new(72 * 3_600);
/// Shortest time from the end of a pause to the next one, so that pauses can't be strung together.
pub const PAUSE_COOL_DOWN: Seconds = Seconds::new(72 * 3_600);

impl Vault {
    /// The entity pauses new risk: portfolios, terms and bonds. Deposits, withdrawals, settlement, calls, disputes, defaults
    /// and every way out go on, so no deadline is moved. It ends by itself.
    pub(super) fn pause(&mut self, env: &Env, fx: &mut Effects, span: Seconds) -> Result<(), VaultError> {
        self.agreement.only_entity(env.caller)?;
        if span == Seconds::ZERO || span > MAX_PAUSE {
            return Err(VaultError::PauseOutOfBounds);
        }
        let before = self.standing.paused_until;
        if before != Timestamp::default() && env.now <= before.after(PAUSE_COOL_DOWN)? {
            return Err(VaultError::PausedBefore);
        }
        self.standing.paused_until = env.now.after(span)?;
        fx.events.push(VaultEvent::Paused { until: self.standing.paused_until });
        Ok(())
    }

    /// Passes while new risk may be taken.
    pub(super) fn check_new_risk(&self, env: &Env) -> Result<(), VaultError> {
        if self.standing.run_off.is_some() {
            return Err(VaultError::RunningOff);
        }
        if env.now <= self.standing.paused_until {
            return Err(VaultError::NewRiskPaused);
        }
        Ok(())
    }

    /// Passes while capital and cover may be added.
    pub(super) fn check_open(&self) -> Result<(), VaultError> {
        match self.state.phase {
            Phase::Proposed | Phase::Active => Ok(()),
            Phase::Defaulted { .. } | Phase::Closed { .. } => Err(VaultError::NotActive),
        }
    }
}
