//! Units that the tests count in.

/// One dollar of the settlement asset, base units.
pub const USD: u128 = 1_000_000;

/// A day, seconds.
pub const DAY: u64 = 86_400;

/// From one block to the next, seconds.
pub const BLOCK: u64 = ringfence_devchain::BLOCK_SECONDS;
