//! The margin vault of one pair as a pure state machine.
//!
//! Settlement, deposit and withdrawal, which happen every few minutes for years, need the ledger and little else: they are
//! methods of [`VaultState`] that take the ledger by value and give back a [`Step`](crate::Step). Everything else needs
//! more of the vault and happens seldom: [`Vault::execute`] takes all that a vault stores and a [`Command`], and gives back
//! the vault after it with the [`Effects`] to have. A refused command returns an error and nothing else.
//!
//! What a vault stores is in a few values of bounded size, so that a message loads only what it needs and no message's
//! cost depends on the past.

mod accept;
mod amendment;
mod auction;
mod call;
mod close_out;
mod collateral;
mod command;
mod cover;
mod default;
mod dispute;
mod effects;
mod eligibility;
mod env;
mod error;
mod estate;
mod event;
mod exit;
mod first_loss;
mod funds;
mod pause;
mod portfolio;
mod replacement;
mod rotation;
mod settle;
mod standing;
mod state;
mod status;
mod termination;
mod whole;

pub use auction::{Auction, LAST_PRICE};
pub use command::Command;
pub use cover::{CoverBook, Layer, LossTime, MAX_LAYERS};
pub use default::DefaultCase;
pub use dispute::{Dispute, DisputeFile};
pub use effects::{BondCall, Credit, Effects, TokenTransfer};
pub use eligibility::{Eligibility, Exposure, UNVALUED};
pub use env::{Agreement, Crypto, Env, Mandate};
pub use error::VaultError;
pub use estate::{Estate, EstateLayer, Estates, MAX_ESTATES};
pub use event::VaultEvent;
pub use exit::RUN_OFF_NOTICE;
pub use first_loss::ATTESTATION_NOTICE;
pub use pause::{pause_end, PauseError, MAX_PAUSE, PAUSE_COOL_DOWN};
pub use replacement::{Bid, Successors, MAX_SUCCESSORS};
pub use rotation::{MIN_ROTATION_NOTICE, ROTATION_GRACE, ROTATION_LEAVE, ROTATION_MARGIN};
pub use settle::{SignedInstruction, MAX_INDEX, MIN_INDEX};
pub use standing::{RotationNotice, RunOff, Standing};
pub use state::{Baseline, MarginCall, Phase, Valuation, VaultState};
pub use status::Status;
pub use whole::Vault;

/// What settlement, deposit and withdrawal give back.
pub type VaultStep = crate::Step<VaultState, VaultEvent>;
