//! Rehearses the resolution of the entity: opens pairs on the built contracts, lets some default in the second in which the
//! resolution starts, and walks it to its final report. Every payment is held against what the rules promise, worked out
//! here from the valuations alone; the first that differs ends the rehearsal.

mod cast;
mod outcome;
mod walk;

pub use cast::{Plan, PlanError, MOST_PAIRS};
pub use outcome::{Creditor, Holder, Outcome, Payout, Total};
pub use walk::rehearse;
