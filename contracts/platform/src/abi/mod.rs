//! The Ethereum ABI of the contracts.
//!
//! The vault's messages carry much and are sent often, and what ink! derives to read them is many times the size of the
//! rules. So the vault's arguments and answers stay bytes until somebody needs them: [`raw`] has their types, [`Reader`] and
//! [`Writer`] go through their words, and `vault` has the layout of each.

mod bond;
pub mod raw;
mod reader;
mod writer;

pub use bond::{BookTerms, NoteValue, Position, RiskTerms, SeriesStatus, SeriesTerms};
pub use reader::{word_address, word_int128, word_uint, word_uint128, Malformed, Reader};
pub use writer::{selector, Writer};
