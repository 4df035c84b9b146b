//! The risk engine, signer and command line library of Ringfence.
//!
//! Live marks come from [`feed`], past prices from [`history`].
//!
//! From a portfolio and price bars to a signed [`MarginInstruction`]: read and check ([`market`], [`portfolio`]), value
//! ([`value`]), margin ([`model`]), commit to the inputs ([`commit`]), build ([`instruction`]), sign ([`sign`]), submit
//! ([`submit`]). [`replay`] drives all of it bar by bar; [`inputs`] bundles the tables it needs.
//!
//! # Architecture invariants
//! - The engine is pure: no clock, no randomness but seeded, no hash-map order, no I/O. Files are opened in [`files`],
//!   [`sign`]'s key files, [`journal`] and [`history`] and nowhere else; connections in [`signer`], [`net`] and
//!   [`feed::transport`].
//! - A signature leaves only after its slot and digest are durable in a [`journal`].
//! - Money is an integer at every boundary. `f64` lives in [`model`] only, and leaves it through functions with the
//!   rounding direction in their name.
//! - Transcendental functions come from the `libm` crate, sums run in a fixed order: the same input gives the same bits on
//!   every machine.
//! - All input is checked before a key is used.
//!
//! # Signs and units
//! - Everything is seen from party A unless it says otherwise; a positive entitlement means that B owes A.
//! - Prices are 10^-8 USD a coin ([`units::Price`]), quantities 10^-8 coins ([`units::Quantity`]), money 10^-6 USD
//!   ([`units::MicroUsd`]), which is one base unit of USDC: one USDC is taken as one dollar.
//! - Times are seconds since the Unix epoch, UTC; a bar's time is its opening, its price its close.
//!
//! [`MarginInstruction`]: ringfence_protocol::message::MarginInstruction
#![forbid(unsafe_code)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::todo,
    clippy::unwrap_used,
    missing_docs
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

pub mod backtest;
pub mod bond;
pub mod chain;
pub mod commit;
pub mod context;
pub mod cycle;
pub mod decimal;
pub mod engine;
pub mod error;
pub mod evidence;
pub mod feed;
pub mod files;
pub mod history;
pub mod inputs;
pub mod instruction;
pub mod instrument;
pub mod journal;
pub mod keccak;
pub mod market;
pub mod model;
pub mod net;
pub mod portfolio;
pub mod pricing;
mod random;
pub mod replay;
pub mod service;
pub mod sign;
pub mod signer;
pub mod submit;
pub mod symbol;
pub mod time;
pub mod units;
pub mod value;
pub mod verify;

pub use error::{Error, InputError};
pub use ringfence_protocol as protocol;
