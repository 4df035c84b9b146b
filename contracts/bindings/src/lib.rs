//! The contracts' interfaces for Rust clients: calls, events and errors, from `interfaces.sol`.
//!
//! A test in `tests/suites` holds every selector and topic here against the ABI of the built blobs.

mod convert;
mod interfaces;

pub use convert::address;
pub use interfaces::{IEntity, IMarginVault, ITailRiskBond};
