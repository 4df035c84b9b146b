//! The legal entity between the parties as a pure state machine: register, factory, capital, roles, timelock, resolution.
//!
//! What the entity stores is in two values of bounded size, [`Charter`] and [`Ledger`], which together are the
//! [`EntityState`], and in records of their own: one per pair, series, attested party, claim and subject of a change. A
//! command takes the state by value, and a record if it is about one, and gives back a [`Step`](crate::Step) and the record
//! after it. A refused command returns an error and nothing else.
//!
//! Capital that was allocated is the vault's: the entity keeps no second account of it, the vault's ledger is the truth. The
//! same holds for the estate of a defaulter: who is owed what of it, in which order a recovery is distributed, and who can
//! collect it, is in the vault (see [`vault::Estate`](crate::vault::Estate)), which takes recoveries from anyone. The entity
//! keeps the claims against itself, as [`Claim`]s that their holders can transfer.
//!
//! No role reaches a running vault or bond: what the entity can tell one is bounded there, and a change that was scheduled
//! here applies to what is opened after it.

mod attestation;
mod capital;
mod charter;
mod creditors;
mod error;
mod event;
mod factory;
mod lei;
mod pause;
mod receipt;
mod register;
mod resolution;
mod roles;
mod state;
mod timelock;

pub use attestation::{different_owners, Attestation, MAX_ATTESTATION};
pub use capital::CAPITAL_CURE;
pub use charter::Charter;
pub use creditors::{Class, ClassAccount, CLASSES};
pub use error::EntityError;
pub use event::EntityEvent;
pub use factory::PairOffer;
pub use lei::Lei;
pub use receipt::Claim;
pub use register::{Identity, Jurisdiction, PairRecord, SeriesRecord, DOCUMENTS, MAX_NAME, PAGE, RESOLUTION_PLAN};
pub use resolution::{Reason, Stage, CLAIMS_WINDOW, RESOLUTION_NOTICE, RUN_OFF_PAGE};
pub use roles::{Role, Seat};
pub use state::{EntityEnv, EntityState, Founding, Ledger};
pub use timelock::{Applied, Change, Scheduled, CHANGE_GRACE, MAX_DELAY, MIN_DELAY, SUBJECTS};

/// What every command gives back.
pub type EntityStep = crate::Step<EntityState, EntityEvent>;

/// A step with one event. Kept out of line, because nearly every command ends with it and a contract pays for its bytes in
/// every call.
#[inline(never)]
fn step(state: EntityState, event: EntityEvent) -> EntityStep {
    EntityStep::new(state, event)
}

/// The same step with a payment out of the entity's account.
#[inline(never)]
fn paying(step: EntityStep, to: crate::Address, amount: crate::units::Amount) -> EntityStep {
    step.paying(to, amount)
}
