//! The seam between the shells and the chain: what a port away from ink! would replace.
//!
//! No rule is here. `host` and `crypto` reach the chain, `erc20` moves an asset and checks that exactly what was asked for
//! has moved, `stored` puts the protocol's types into storage, `abi` gives them their Ethereum encoding, and `vault` is
//! what the vault and its rules contract say to each other.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(unsafe_code)]

pub mod abi;
mod crypto;
mod erc20;
mod host;
mod message;
mod refusal;
#[cfg(target_arch = "riscv64")]
mod stack;
mod stored;
pub mod vault;

pub use crypto::Host;
pub use erc20::{Asset, TransferError};
pub use host::{ask, chain_id, constructor_arguments, deposit_event, instantiate, message_arguments, this, CallFailed};
pub use message::Message;
pub use refusal::{Refusal, Selector};
pub use stored::{Bytes, Encoded, Stored};
