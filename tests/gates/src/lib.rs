//! Build gates: a contract that would be refused at upload, or fail at run time, does not leave the build.
//!
//! | gate | limit | why |
//! |---|---|---|
//! | imports | [`imports::refusal`] | a blob that imports anything else is refused at upload, or reaches for a power that these contracts renounce |
//! | blob size | [`limits::BLOB_BYTES`] | the blob's bytes count in the proof size of every call |
//! | root storage | [`limits::ROOT_BYTES`] | the chain refuses a larger value, at run time, for the first user who fills it |
//! | other storage values | [`limits::CHAIN_VALUE_BYTES`] | the same, for every `Lazy` and `Mapping` value whose type bounds it |
//! | chain rules | [`blob`] | instruction set, basic block length, memory: the checks of the pallet's upload |
//!
//! Input is what `scripts/build.sh` leaves in `target/artifacts`: `NAME.polkavm`, and `NAME.storage.json` with the
//! storage layout and its types as ink! describes them.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod blob;
pub mod imports;
pub mod limits;
pub mod report;
pub mod storage;

mod contract;

pub use contract::{check, discover, CheckError};
