//! A tail-risk bond series as a pure state machine: priced by its investors, paid in full before anyone is on risk, exact
//! in its losses.
//!
//! # Accounting
//! A note is a unit of face: one base unit of principal at the close of the book. Face never changes by a loss; the
//! principal behind all notes does, so a write-down is one subtraction however many holders there are. Premium and paid-out
//! principal reach holders through two indices per note. Every base unit in the escrow is in exactly one bucket of
//! [`BondState`]; [`BondState::liabilities`] is their sum.
//!
//! # The life of a series
//! premium in escrow, book (open, or sealed and revealed), clearing, on risk, end of the risk period, a notice period in
//! which an open default is reported, redemption of all that no open default can still claim, extension of the rest to a
//! fixed latest date. Later recoveries go to whoever holds the notes when they come.
//!
//! # Bounds
//! A command loads the ledger, the terms and at most one bid, one tick and two holders. Only clearing loads more, and not
//! more than the ticks that its caller asked for.

mod allot;
mod allow_list;
mod book;
mod claim;
mod clear;
mod collect;
mod commutation;
mod error;
mod event;
mod extension;
mod issue;
mod note;
mod permit;
mod seal;
mod state;
mod terms;
mod value;

pub use allot::AllotStep;
pub use allow_list::MAX_PROOF;
pub use book::{Bid, BidStep, BookStep};
pub use clear::Margin;
pub use commutation::COMMUTATION_WINDOW;
pub use error::BondError;
pub use event::BondEvent;
pub use note::Holder;
pub use permit::Permit;
pub use seal::SealedBid;
pub use state::{BondPhase, BondState};
pub use terms::{
    BondTerms, ACTIVATION_GRACE, MAX_BOOK, MAX_EXTENSION, MAX_NOTICE, MAX_RISK_PERIOD, MAX_SPREAD, MAX_TICKS,
    MAX_WAITING, MIN_NOTICE, MIN_RISK_PERIOD,
};
pub use value::{NoteValue, Position};

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
