// The SCALE derive casts the discriminants of enums.
#![allow(clippy::as_conversions)]

use super::{step, EntityEnv, EntityError, EntityEvent, EntityState, EntityStep};
use crate::Address;
use scale::{Decode, Encode, MaxEncodedLen};

/// What somebody can be to the entity: an account or a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum Role {
    /// Opens pairs, issues series, moves free capital, attests owners, schedules changes; until a resolution.
    Admin,
    /// Pauses new risk and cancels scheduled changes.
    Guardian,
    /// Starts a resolution after notice; in it, admits creditors' claims and schedules changes.
    Agent,
}

impl Role {
    /// All, by their numbers in the ABI.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Guardian, Self::Agent];

    /// The number in the ABI.
    pub const fn number(self) -> u8 {
        match self {
            Self::Admin => 0,
            Self::Guardian => 1,
            Self::Agent => 2,
        }
    }

    /// The role of a number, or [`EntityError::UnknownRole`].
    pub fn numbered(number: u8) -> Result<Self, EntityError> {
        Self::ALL.into_iter().find(|role| role.number() == number).ok_or(EntityError::UnknownRole)
    }
}

/// Who holds a role, and who may take it over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Seat {
    /// Who holds it.
    pub holder: Address,
    /// Who was nominated and has not accepted; zero if nobody.
    pub nominee: Address,
}

impl EntityState {
    /// Passes only the admin.
    pub fn only_admin(&self, caller: Address) -> Result<(), EntityError> {
        self.only(Role::Admin, caller)
    }

    /// Passes only who holds a role. Kept out of line, like what other commands share: a contract pays for its bytes in every
    /// call.
    #[inline(never)]
    pub fn only(&self, role: Role, caller: Address) -> Result<(), EntityError> {
        if caller == self.charter.seat(role).holder {
            return Ok(());
        }
        Err(match role {
            Role::Admin => EntityError::NotTheAdmin,
            Role::Guardian => EntityError::NotTheGuardian,
            Role::Agent => EntityError::NotTheAgent,
        })
    }

    /// Passes only who speaks for the entity: the admin, and from the start of a resolution on its agent.
    #[inline(never)]
    pub(super) fn only_authority(&self, caller: Address) -> Result<(), EntityError> {
        self.only(if self.is_resolving() { Role::Agent } else { Role::Admin }, caller)
    }

    /// The same, or the guardian: for what only takes away.
    pub(super) fn only_authority_or_guardian(&self, caller: Address) -> Result<(), EntityError> {
        self.only(Role::Guardian, caller).or_else(|_| self.only_authority(caller))
    }

    /// The nominee of a role takes it over. A nomination is a scheduled change, so a role passes in two public steps.
    pub fn accept_role(mut self, env: &EntityEnv, role: Role) -> Result<EntityStep, EntityError> {
        let seat = self.charter.seat_mut(role);
        if seat.nominee.is_zero() || seat.nominee != env.caller {
            return Err(EntityError::NotNominated);
        }
        *seat = Seat { holder: env.caller, nominee: Address::zero() };
        Ok(step(self, EntityEvent::RoleTaken { role, holder: env.caller }))
    }
}
