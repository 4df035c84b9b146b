//! A tail-risk bond series as a pure state machine: principal and premium paid in before anyone is on risk, exact losses.
//!
//! A note is a unit of face. Face never changes by a loss; the principal behind all notes does, so a write-down is one
//! subtraction however many holders there are. Premium accrues through an index per note.

mod claim;
mod error;
mod event;
mod issue;
mod note;
mod premium;
mod redeem;
mod state;
mod terms;

pub use error::BondError;
pub use event::BondEvent;
pub use note::Holder;
pub use state::{BondPhase, BondState};
pub use terms::{BondTerms, ACTIVATION_GRACE, MAX_EXTENSION, MAX_RISK_PERIOD, MAX_SPREAD, MIN_RISK_PERIOD};

use crate::{units::Timestamp, Address};

/// What a command gives back that touches no holder.
pub type BondStep = crate::Step<BondState, BondEvent>;

/// What a command gives back that touches one holder.
pub type HolderStep = crate::Step<(BondState, Holder), BondEvent>;

/// When a command runs, and who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BondEnv {
    /// The block's time.
    pub now: Timestamp,
    /// Who called.
    pub caller: Address,
}
