//! The margin vault of one pair as a pure state machine.
//!
//! Each command takes the state by value and gives back a [`Step`](crate::Step); a refused command returns an error and
//! leaves the caller's copy as it was. The state is one storage value; terms, signers and cover are values of their own,
//! so that a command loads only what it needs.

mod accept;
mod call;
mod close_out;
mod cover;
mod default;
mod env;
mod error;
mod event;
mod first_loss;
mod funds;
mod portfolio;
mod settle;
mod state;
mod status;
mod termination;

pub use close_out::{Claim, CloseOut};
pub use cover::{CoverBook, Layer, MAX_LAYERS};
pub use env::{Agreement, Crypto, Env};
pub use error::VaultError;
pub use event::VaultEvent;
pub use settle::SignedInstruction;
pub use state::{MarginCall, Phase, VaultState};
pub use status::Status;

/// What every command gives back.
pub type VaultStep = crate::Step<VaultState, VaultEvent>;
