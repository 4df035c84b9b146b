//! The rules of Ringfence, as pure state machines.
//!
//! Everything that decides where money goes is here, and nothing else is: no storage, no environment, no ink!.
//! Given a state, the caller, the time and a command, a machine returns the new state, the events and the transfers to
//! make, or an error; an error leaves the caller's copy of the state as it was. The ink! shells, the oracle, the tests
//! and the models all call this crate, so that a rule is written once.
//!
//! # Signs and units
//! - Amounts are base units of the settlement asset (USDC: 10^-6 dollar), never floats.
//! - A signed amount is seen from party A: positive means B owes A.
//! - Times are seconds since the Unix epoch, as the chain's clock gives them; spreads and shares are basis points.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    missing_docs
)]
// Tests may panic: that is how they fail.
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::expect_used))]

extern crate alloc;

pub mod bond;
pub mod collateral;
pub mod csa;
pub mod eip712;
pub mod entity;
mod errors;
pub mod keccak;
mod layout;
pub mod message;
pub mod party;
pub mod signature;
pub mod step;
pub mod terms;
pub mod units;
pub mod vault;
pub mod waterfall;

pub use keccak::Keccak256;
pub use party::{Pair, Party};
pub use primitive_types::{H160 as Address, H256 as Digest, U256};
pub use step::{Step, Transfer};
