use super::{Effects, Env, Phase, Vault, VaultError, VaultEvent};
use crate::units::{Seconds, Timestamp};

/// Longest pause of new risk.
pub const MAX_PAUSE: Seconds = Seconds::new(72 * 3_600);
/// Shortest time from the end of a pause to the next one, so that pauses can't be strung together.
pub const PAUSE_COOL_DOWN: Seconds = Seconds::new(72 * 3_600);

/// Why new risk can't be paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseError {
    /// The pause is empty or longer than [`MAX_PAUSE`].
    OutOfBounds,
    /// The last one ended less than [`PAUSE_COOL_DOWN`] ago.
    TooSoon,
    /// A moment leaves its range.
    ArithmeticOverflow,
}

/// When a pause that begins now ends, if the last one ended at `before`, zero if there was none. The same bounds hold for one
/// pair and for the entity.
pub fn pause_end(now: Timestamp, before: Timestamp, span: Seconds) -> Result<Timestamp, PauseError> {
    if span == Seconds::ZERO || span > MAX_PAUSE {
        return Err(PauseError::OutOfBounds);
    }
    let overflow = |_| PauseError::ArithmeticOverflow;
    if before != Timestamp::default() && now <= before.after(PAUSE_COOL_DOWN).map_err(overflow)? {
        return Err(PauseError::TooSoon);
    }
    now.after(span).map_err(overflow)
}

impl From<PauseError> for VaultError {
    fn from(error: PauseError) -> Self {
        match error {
            PauseError::OutOfBounds => Self::PauseOutOfBounds,
            PauseError::TooSoon => Self::PausedBefore,
            PauseError::ArithmeticOverflow => Self::ArithmeticOverflow,
        }
    }
}

impl Vault {
    /// The entity pauses new risk: portfolios, terms and bonds. Deposits, withdrawals, settlement, calls, disputes, defaults
    /// and every way out go on, so no deadline is moved. It ends by itself.
    pub(super) fn pause(&mut self, env: &Env, fx: &mut Effects, span: Seconds) -> Result<(), VaultError> {
        self.agreement.only_entity(env.caller)?;
        self.standing.paused_until = pause_end(env.now, self.standing.paused_until, span)?;
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
