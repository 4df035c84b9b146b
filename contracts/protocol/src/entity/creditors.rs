// The SCALE derive casts the discriminants of enums.
#![allow(clippy::as_conversions)]

use super::{capital::check_amount, step, EntityEnv, EntityError, EntityEvent, EntityState, EntityStep};
use crate::units::Amount;
use scale::{Decode, Encode, MaxEncodedLen};

/// How many classes of creditors there are.
pub const CLASSES: usize = 4;

/// The rank of a claim against the entity; a class is paid only when the one before it is paid in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum Class {
    /// Cost of the resolution itself.
    Administration,
    /// Claims that the law prefers, such as wages and taxes.
    Preferential,
    /// Everybody else's.
    Ordinary,
    /// Claims that rank behind by agreement, and those of the entity's owners.
    Subordinated,
}

impl Class {
    /// All, in the order in which they are paid, by their numbers in the ABI.
    pub const ALL: [Self; CLASSES] = [Self::Administration, Self::Preferential, Self::Ordinary, Self::Subordinated];

    /// The number in the ABI.
    pub const fn number(self) -> u8 {
        match self {
            Self::Administration => 0,
            Self::Preferential => 1,
            Self::Ordinary => 2,
            Self::Subordinated => 3,
        }
    }

    /// The class of a number, or [`EntityError::UnknownClass`].
    pub fn numbered(number: u8) -> Result<Self, EntityError> {
        Self::ALL.into_iter().find(|class| class.number() == number).ok_or(EntityError::UnknownClass)
    }
}

/// The claims of one class together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct ClassAccount {
    /// Sum of the claims.
    pub claims: Amount,
    /// What was distributed to them so far; at most their sum.
    pub assigned: Amount,
    /// What of that was taken out.
    pub paid: Amount,
}

impl ClassAccount {
    /// What a claim of `amount` has got in all, taken out or not: its share of what was distributed, rounded down, so that
    /// claims together never get more than the class. What rounding leaves stays in the class, and is gone once the class is
    /// paid in full.
    pub fn share_down(&self, amount: Amount) -> Result<Amount, EntityError> {
        if amount.is_zero() {
            return Ok(Amount::ZERO);
        }
        Ok(amount.mul_div_down(self.assigned.get(), self.claims.get())?)
    }
}

impl EntityState {
    /// The account of a class.
    pub const fn class(&self, class: Class) -> &ClassAccount {
        let [administration, preferential, ordinary, subordinated] = &self.ledger.classes;
        match class {
            Class::Administration => administration,
            Class::Preferential => preferential,
            Class::Ordinary => ordinary,
            Class::Subordinated => subordinated,
        }
    }

    pub(super) const fn class_mut(&mut self, class: Class) -> &mut ClassAccount {
        let [administration, preferential, ordinary, subordinated] = &mut self.ledger.classes;
        match class {
            Class::Administration => administration,
            Class::Preferential => preferential,
            Class::Ordinary => ordinary,
            Class::Subordinated => subordinated,
        }
    }

    /// Anyone has all free capital distributed, after claims are closed: to each class what its claims are still short of, in
    /// order; what is left then is surplus. Whatever comes in later is distributed the same way.
    pub fn distribute(mut self, env: &EntityEnv) -> Result<EntityStep, EntityError> {
        if env.now <= self.claims_until()? {
            return Err(EntityError::ClaimsOpen);
        }
        let distributed = core::mem::take(&mut self.ledger.free);
        if distributed.is_zero() {
            return Err(EntityError::NothingToDo);
        }
        let mut left = distributed;
        let mut assigned = [Amount::ZERO; CLASSES];
        for (account, given) in self.ledger.classes.iter_mut().zip(&mut assigned) {
            *given = left.min(account.claims.sub(account.assigned)?);
            account.assigned.put(*given)?;
            left.take(*given)?;
        }
        self.ledger.surplus.put(left)?;
        Ok(step(self, EntityEvent::Distributed { assigned, surplus: left }))
    }

    /// The admin takes out surplus: what is left when every claim is paid in full.
    pub fn withdraw_surplus(mut self, env: &EntityEnv, amount: Amount) -> Result<EntityStep, EntityError> {
        self.only_admin(env.caller)?;
        check_amount(amount)?;
        self.ledger.surplus = self.ledger.surplus.sub(amount).map_err(|_| EntityError::InsufficientFreeCapital)?;
        let event = EntityEvent::SurplusWithdrawn { to: env.caller, amount };
        Ok(super::paying(step(self, event), env.caller, amount))
    }
}
