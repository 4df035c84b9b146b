use super::{step, EntityEnv, EntityError, EntityEvent, EntityState, EntityStep, Role};
use crate::{
    units::Seconds,
    vault::{pause_end, PauseError},
};

impl From<PauseError> for EntityError {
    fn from(error: PauseError) -> Self {
        match error {
            PauseError::OutOfBounds => Self::PauseOutOfBounds,
            PauseError::TooSoon => Self::PausedBefore,
            PauseError::ArithmeticOverflow => Self::ArithmeticOverflow,
        }
    }
}

impl EntityState {
    /// The guardian pauses new pairs and series, within the bounds of a vault's pause. It ends by itself.
    pub fn pause(mut self, env: &EntityEnv, span: Seconds) -> Result<EntityStep, EntityError> {
        self.only(Role::Guardian, env.caller)?;
        let until = pause_end(env.now, self.charter.paused_until, span)?;
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
