//! An in-process chain for tests and the demo: a FRAME runtime with `pallet-revive` and the ERC-20 asset precompile,
//! driven by a [`Session`]. No node, no sockets, no wall clock.
//!
//! # Shape
//!
//! A [`Session`] owns one chain. [`Actor`]s sign calls; [`Session::call`] sends a typed Solidity call and answers with
//! a [`CallReport`] or a [`CallError`]; [`Session::advance`] turns the clock; [`Session::snapshot`] and
//! [`Session::restore`] go back in time. Several sessions live side by side in one process, on any threads.
//!
//! # What is real
//!
//! The pallets, their benchmarked weights, storage deposits, the precompiles and the block limits are those of the
//! pallets that Polkadot Hub runs. What is left out is what a contract cannot notice: consensus, the transaction pool,
//! signatures of extrinsics, and transaction fees (nobody is charged one; [`Session::fee_for`] quotes it).
//!
//! # Units
//!
//! | quantity | unit |
//! |---|---|
//! | native balance | plancks, 12 decimals: [`UNIT`] is one token |
//! | call value | wei, 18 decimals: [`WEI_PER_PLANCK`] to a planck |
//! | asset balance | base units of the asset, 6 decimals for [`USDC`] |
//! | time | seconds since the Unix epoch |
//! | weight | picoseconds of reference time, bytes of proof |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod actor;
mod assets;
mod clock;
mod deploy;
mod erc20;
mod error;
mod execute;
mod genesis;
mod journal;
mod located;
mod message;
mod native;
mod report;
#[allow(missing_docs, reason = "FRAME generates public items without documentation")]
mod runtime;
mod session;
mod snapshot;

pub use actor::{Actor, NoSigningKey};
pub use assets::{Asset, USDC, USDC_MIN_BALANCE, USDT};
pub use clock::{BLOCK_SECONDS, START_TIME};
pub use deploy::Deployment;
pub use erc20::IERC20;
pub use error::{CallError, DispatchFailure};
pub use genesis::ENDOWMENT;
pub use journal::{CallKind, CallRecord, Outcome};
pub use located::{address_of, h160_of, Located};
pub use message::Message;
pub use report::{CallReport, ContractEvent, Deposit};
pub use runtime::{
    Balance, Runtime, RuntimeOrigin, CHAIN_ID, EXISTENTIAL_DEPOSIT, MAX_BLOCK_WEIGHT, UNIT, WEI_PER_PLANCK,
};
pub use session::{Session, SessionBuilder};
pub use snapshot::Snapshot;

/// Reference time in picoseconds and proof size in bytes.
pub use frame_support::weights::Weight;
/// The native account identifier.
pub use sp_core::crypto::AccountId32;
/// The address type of the pallets.
pub use sp_core::H160;
