use super::{step, EntityEnv, EntityError, EntityEvent, EntityState, EntityStep, Stage};
use crate::{
    units::{Amount, Seconds},
    Address,
};

/// How long free capital may stay below its requirement before anyone can start a resolution.
pub const CAPITAL_CURE: Seconds = Seconds::new(14 * 86_400);

impl EntityState {
    /// Anyone pays capital in. The first deposit fills the reserve before it counts as free.
    pub fn deposit(mut self, env: &EntityEnv, amount: Amount) -> Result<EntityStep, EntityError> {
        check_amount(amount)?;
        let ledger = &mut self.ledger;
        let to_reserve = amount.min(self.charter.asset_reserve.saturating_sub(ledger.reserve));
        ledger.reserve = ledger.reserve.add(to_reserve)?;
        ledger.free = ledger.free.add(amount.sub(to_reserve)?)?;
        let event = EntityEvent::CapitalDeposited { from: env.caller, amount };
        Ok(self.counted(env, event)?.taking(env.caller, amount))
    }

    /// The admin takes free capital out, down to the requirement, while no resolution is announced or running.
    pub fn withdraw(mut self, env: &EntityEnv, amount: Amount) -> Result<EntityStep, EntityError> {
        self.only_admin(env.caller)?;
        match self.ledger.stage {
            Stage::Running => {}
            Stage::Noticed { .. } => return Err(EntityError::NoticeRunning),
            Stage::Resolving { .. } | Stage::Reported { .. } => return Err(EntityError::UnderResolution),
        }
        self.use_free(amount)?;
        if self.ledger.free < self.ledger.requirement {
            return Err(EntityError::CapitalRequired);
        }
        let event = EntityEvent::CapitalWithdrawn { to: env.caller, amount };
        Ok(super::paying(self.counted(env, event)?, env.caller, amount))
    }

    /// The admin ring-fences free capital to `vault`; from here on it is that vault's. Not in a resolution: what is free by
    /// then is the creditors'.
    #[inline(never)]
    pub fn allocate(mut self, env: &EntityEnv, vault: Address, amount: Amount) -> Result<EntityStep, EntityError> {
        self.only_admin(env.caller)?;
        if self.is_resolving() {
            return Err(EntityError::UnderResolution);
        }
        self.use_free(amount)?;
        let event = EntityEvent::CapitalAllocated { vault, amount };
        Ok(super::paying(self.counted(env, event)?, vault, amount))
    }

    /// Passes what [`Self::allocate`] would do, before anything is made that it would pay for.
    pub fn check_allocation(self, env: &EntityEnv, amount: Amount) -> Result<(), EntityError> {
        self.allocate(env, Address::zero(), amount).map(drop)
    }

    /// Passes a release of a vault's first loss: by the admin, the vault decides how much; in a resolution by anyone, once
    /// the pair is at rest, so that allocated capital stays with its vault to the end.
    pub fn check_release(&self, env: &EntityEnv, at_rest: bool) -> Result<(), EntityError> {
        if !self.is_resolving() {
            return self.only_admin(env.caller);
        }
        if at_rest {
            Ok(())
        } else {
            Err(EntityError::CapitalStays)
        }
    }

    /// What a vault or a bond gave back is free again.
    pub fn returned(mut self, env: &EntityEnv, from: Address, amount: Amount) -> Result<EntityStep, EntityError> {
        check_amount(amount)?;
        self.ledger.free = self.ledger.free.add(amount)?;
        self.counted(env, EntityEvent::CapitalReturned { from, amount })
    }

    /// A step whose event moved free capital: notes when it falls below its requirement, and when it is back.
    #[inline(never)]
    pub(super) fn counted(mut self, env: &EntityEnv, event: EntityEvent) -> Result<EntityStep, EntityError> {
        let short = self.ledger.free < self.ledger.requirement && !self.is_resolving();
        let noted = match (short, self.ledger.short_since) {
            (true, None) => {
                self.ledger.short_since = Some(env.now);
                Some(EntityEvent::CapitalFellShort { startable_after: env.now.after(CAPITAL_CURE)? })
            }
            (false, Some(_)) if !self.is_resolving() => {
                self.ledger.short_since = None;
                Some(EntityEvent::CapitalRestored)
            }
            _ => None,
        };
        let mut step = step(self, event);
        step.events.extend(noted);
        Ok(step)
    }

    #[inline(never)]
    fn use_free(&mut self, amount: Amount) -> Result<(), EntityError> {
        check_amount(amount)?;
        self.ledger.free = self.ledger.free.sub(amount).map_err(|_| EntityError::InsufficientFreeCapital)?;
        Ok(())
    }
}

pub(super) fn check_amount(amount: Amount) -> Result<(), EntityError> {
    if amount.is_zero() || amount > Amount::MAX {
        return Err(EntityError::AmountOutOfBounds);
    }
    Ok(())
}
