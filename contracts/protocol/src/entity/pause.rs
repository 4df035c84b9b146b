use super::{step, EntityEnv, EntityError, EntityEvent, EntityState, EntityStep, Role};
use crate::{
    units::{Seconds, Timestamp},
    vault::{MAX_PAUSE, PAUSE_COOL_DOWN},
};

impl EntityState {
    /// The guardian pauses new pairs and series, within the bounds of a vault's pause. It ends by itself.
    pub fn pause(mut self, env: &EntityEnv, span: Seconds) -> Result<EntityStep, EntityError> {
        self.only(Role::Guardian, env.caller)?;
        if span == Seconds::ZERO || span > MAX_PAUSE {
            return Err(EntityError::PauseOutOfBounds);
        }
        let before = self.charter.paused_until;
        if before != Timestamp::default() && env.now <= before.after(PAUSE_COOL_DOWN)? {
            return Err(EntityError::PausedBefore);
        }
        let until = env.now.after(span)?;
        self.charter.paused_until = until;
        Ok(step(self, EntityEvent::NewRiskPaused { until }))
    }

    /// Passes only the guardian: what a pause of one vault can do and how long it lasts, the vault decides.
    pub fn check_vault_pause(&self, env: &EntityEnv) -> Result<(), EntityError> {
        self.only(Role::Guardian, env.caller)
    }

    /// Passes while the entity takes new risk.
    #[inline(never)]
    pub(super) fn check_new_risk(&self, env: &EntityEnv) -> Result<(), EntityError> {
        if self.is_resolving() {
            return Err(EntityError::UnderResolution);
        }
        if env.now <= self.charter.paused_until {
            return Err(EntityError::NewRiskStopped);
        }
        Ok(())
    }
}
