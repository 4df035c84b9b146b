//! Drawing from random bits the same way everywhere.

/// A number below `count` from 64 random bits (multiply and shift; the bias is below `count / 2^64`).
pub(crate) fn below(bits: u64, count: u64) -> u64 {
    let product = u128::from(bits).saturating_mul(u128::from(count)) >> 64;
    u64::try_from(product).unwrap_or_default()
}
