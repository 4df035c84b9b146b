//! The journal: one record for every call, deployment and upload that was sent, whether it went through or not.

use crate::{error::CallError, report::Deposit, session::Session};
use frame_support::weights::Weight;
use sp_core::H160;

/// What was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// A call of a contract or a precompile.
    Call {
        /// Whom it went to.
        target: H160,
        /// The first four bytes of the call data, if it has as many.
        selector: Option<[u8; 4]>,
    },
    /// A deployment, from a blob or from a code hash.
    Deploy,
    /// An upload of code alone.
    Upload,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// State changed as the contract meant it to.
    Success,
    /// Nothing changed.
    Failure(CallError),
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Block number it was sent in.
    pub block: u32,
    /// Timestamp of that block, in seconds.
    pub time: u64,
    /// The caller's name.
    pub caller: String,
    /// What was sent.
    pub kind: CallKind,
    /// How it ended.
    pub outcome: Outcome,
    /// Execution and dispatch together, consumed by failed calls too.
    pub weight: Weight,
    /// Storage deposit moved; nothing for a failed call.
    pub deposit: Deposit,
}

impl CallRecord {
    /// Whether it went through.
    pub fn succeeded(&self) -> bool {
        self.outcome == Outcome::Success
    }
}

impl Session {
    /// Everything sent so far, oldest first. Dry runs and the issuer's own acts are not in it, and
    /// [`Session::restore`] takes nothing back: the journal tells what was done, not what still holds.
    pub fn journal(&self) -> &[CallRecord] {
        &self.journal
    }

    /// Empties the journal, for long runs.
    pub fn clear_journal(&mut self) {
        self.journal.clear();
    }
}
