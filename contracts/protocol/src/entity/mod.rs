//! The entity's capital as a pure state machine: what is free, and what leaves it for a vault or a bond.
//!
//! Capital that was allocated is the vault's: the entity keeps no second account of it, the vault's ledger is the truth.

mod capital;
mod error;
mod event;

pub use capital::EntityState;
pub use error::EntityError;
pub use event::EntityEvent;

/// What every command gives back.
pub type EntityStep = crate::Step<EntityState, EntityEvent>;
