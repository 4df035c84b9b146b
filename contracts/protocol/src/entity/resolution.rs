// The SCALE derive casts the discriminants of enums.
#![allow(clippy::as_conversions)]

use super::{
    attestation::next, step, EntityEnv, EntityError, EntityEvent, EntityState, EntityStep, PairRecord, Role,
    CAPITAL_CURE,
};
use crate::units::{Seconds, Timestamp};
use scale::{Decode, Encode, MaxEncodedLen};

/// From the resolution agent's notice to the moment anyone can start the resolution.
pub const RESOLUTION_NOTICE: Seconds = Seconds::new(7 * 86_400);
/// From the start of a resolution to the last moment at which a claim is admitted; then free capital is distributed.
pub const CLAIMS_WINDOW: Seconds = Seconds::new(30 * 86_400);
/// The most pairs that one message tells to run off.
pub const RUN_OFF_PAGE: u32 = 4;

/// Why the entity is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum Reason {
    /// The admin declared it.
    Declared,
    /// The resolution agent gave notice, and it ran out.
    Notice,
    /// Free capital stayed below its requirement for [`CAPITAL_CURE`].
    Capital,
}

/// Whether the entity runs or is being resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum Stage {
    /// It runs.
    #[default]
    Running,
    /// It runs, and the resolution agent gave notice.
    Noticed {
        /// After this moment anyone can start the resolution.
        until: Timestamp,
    },
    /// No new risk; pairs run off; claims are admitted, then free capital is distributed.
    Resolving {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: Reason,
    },
    /// The same, and every pair was found at rest and the final report made. What still comes in is distributed.
    Reported {
        /// Since when the resolution ran.
        since: Timestamp,
        /// Why.
        reason: Reason,
        /// When the report was made.
        at: Timestamp,
    },
}

impl EntityState {
    /// True from the start of a resolution on.
    pub const fn is_resolving(&self) -> bool {
        self.resolving_since().is_some()
    }

    /// When the resolution was started.
    pub const fn resolving_since(&self) -> Option<Timestamp> {
        match self.ledger.stage {
            Stage::Resolving { since, .. } | Stage::Reported { since, .. } => Some(since),
            Stage::Running | Stage::Noticed { .. } => None,
        }
    }

    /// The last moment at which a claim is admitted, in a resolution.
    #[inline(never)]
    pub fn claims_until(&self) -> Result<Timestamp, EntityError> {
        let since = self.resolving_since().ok_or(EntityError::NotUnderResolution)?;
        Ok(since.after(CLAIMS_WINDOW)?)
    }

    /// The resolution agent gives notice. From here on no free capital is withdrawn.
    pub fn give_notice(mut self, env: &EntityEnv) -> Result<EntityStep, EntityError> {
        self.only(Role::Agent, env.caller)?;
        match self.ledger.stage {
            Stage::Running => {}
            Stage::Noticed { .. } => return Err(EntityError::NoticeRunning),
            Stage::Resolving { .. } | Stage::Reported { .. } => return Err(EntityError::UnderResolution),
        }
        let until = env.now.after(RESOLUTION_NOTICE)?;
        self.ledger.stage = Stage::Noticed { until };
        Ok(step(self, EntityEvent::NoticeGiven { until }))
    }

    /// The resolution agent takes its notice back.
    pub fn withdraw_notice(mut self, env: &EntityEnv) -> Result<EntityStep, EntityError> {
        self.only(Role::Agent, env.caller)?;
        let Stage::Noticed { .. } = self.ledger.stage else { return Err(EntityError::NoNotice) };
        self.ledger.stage = Stage::Running;
        Ok(step(self, EntityEvent::NoticeWithdrawn))
    }

    /// The admin declares that the entity is to be resolved.
    pub fn declare_resolution(self, env: &EntityEnv) -> Result<EntityStep, EntityError> {
        self.only_admin(env.caller)?;
        self.begin(env, Reason::Declared)
    }

    /// Anyone starts a resolution: once free capital was below its requirement for too long, or the agent's notice is over.
    pub fn start_resolution(self, env: &EntityEnv) -> Result<EntityStep, EntityError> {
        if let Some(since) = self.ledger.short_since {
            if env.now > since.after(CAPITAL_CURE)? {
                return self.begin(env, Reason::Capital);
            }
        }
        match self.ledger.stage {
            Stage::Noticed { until } if env.now > until => self.begin(env, Reason::Notice),
            Stage::Noticed { .. } => Err(EntityError::NoticeRunning),
            Stage::Resolving { .. } | Stage::Reported { .. } => Err(EntityError::UnderResolution),
            Stage::Running => Err(EntityError::NoTrigger),
        }
    }

    #[inline(never)]
    fn begin(mut self, env: &EntityEnv, reason: Reason) -> Result<EntityStep, EntityError> {
        if self.is_resolving() {
            return Err(EntityError::UnderResolution);
        }
        self.ledger.stage = Stage::Resolving { since: env.now, reason };
        let claims_until = self.claims_until()?;
        Ok(step(self, EntityEvent::ResolutionStarted { reason, claims_until }))
    }

    /// Passes what the admin may do to end a pair or a series, and anyone in a resolution.
    pub fn check_winding_up(&self, env: &EntityEnv) -> Result<(), EntityError> {
        if self.is_resolving() {
            return Ok(());
        }
        self.only_admin(env.caller)
    }

    /// Anyone has the next pairs told to run off, at most [`RUN_OFF_PAGE`] of them: the first and the one after the last of
    /// the page. A pair that can't be told, because it is over or runs off already, is passed over.
    pub fn tell_next(mut self, most: u32) -> Result<(EntityStep, core::ops::Range<u32>), EntityError> {
        if !self.is_resolving() {
            return Err(EntityError::NotUnderResolution);
        }
        let first = self.ledger.told;
        let end = first.saturating_add(most.min(RUN_OFF_PAGE)).min(self.charter.pairs);
        if end <= first {
            return Err(EntityError::NothingToDo);
        }
        self.ledger.told = end;
        Ok((step(self, EntityEvent::PairsTold { told: end }), first..end))
    }

    /// Anyone has a pair ticked off that is at rest: its parties need the entity no more, and all that was the entity's in it
    /// is back. Once per pair.
    pub fn settle_pair(
        mut self,
        mut record: PairRecord,
        at_rest: bool,
    ) -> Result<(EntityStep, PairRecord), EntityError> {
        if !self.is_resolving() {
            return Err(EntityError::NotUnderResolution);
        }
        if !at_rest {
            return Err(EntityError::CapitalStays);
        }
        if record.settled {
            return Err(EntityError::NothingToDo);
        }
        record.settled = true;
        self.ledger.settled = next(self.ledger.settled)?;
        Ok((step(self, EntityEvent::PairSettled { vault: record.vault }), record))
    }

    /// Anyone makes the final report: once claims are closed, every pair is ticked off and all free capital is distributed.
    pub fn report(mut self, env: &EntityEnv) -> Result<EntityStep, EntityError> {
        let Stage::Resolving { since, reason } = self.ledger.stage else {
            return Err(EntityError::NotUnderResolution);
        };
        if env.now <= self.claims_until()? {
            return Err(EntityError::ClaimsOpen);
        }
        if self.ledger.settled < self.charter.pairs {
            return Err(EntityError::PairsOpen);
        }
        if !self.ledger.free.is_zero() {
            return Err(EntityError::NotDistributed);
        }
        self.ledger.stage = Stage::Reported { since, reason, at: env.now };
        let (classes, surplus) = (self.ledger.classes, self.ledger.surplus);
        Ok(step(self, EntityEvent::Reported { reason, since, classes, surplus }))
    }
}
