//! The hash that the host supplies.

use crate::Digest;

/// Keccak-256 as Ethereum uses it. On chain a host function, off chain a library: the crate brings none of its own for
/// what is only known when it runs.
pub trait Keccak256 {
    /// The hash of `input`.
    fn keccak256(input: &[u8]) -> Digest;
}

/// Whether two hashes or two addresses are the same, compared in words: the comparison that the language brings goes byte
/// by byte on the chain. They are public, so the time that it takes tells nobody anything.
pub(crate) fn same<const N: usize>(one: &[u8; N], other: &[u8; N]) -> bool {
    let ((words, rest), (others, other_rest)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let half = |bytes: &[u8]| bytes.first_chunk().map_or(0, |half: &[u8; 4]| u32::from_le_bytes(*half));
    const { assert!(N.is_multiple_of(4), "whole words and at most a half one") };
    words.iter().zip(others).all(|(one, other)| word(one) == word(other)) && half(rest) == half(other_rest)
}

/// The hash of a text that is known when the code is compiled: a type, a name, the signature of an event or message. On the
/// chain every hash is paid for, so these are constants.
pub const fn hash_of(text: &str) -> Digest {
    primitive_types::H256(keccak_const::Keccak256::new().update(text.as_bytes()).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_other_bit_anywhere_makes_another_hash_or_address() {
        fn every_bit<const N: usize>() {
            let one = [0x5a; N];
            assert!(same(&one, &one));
            for bit in 0..8 * N {
                let mut other = one;
                other[bit / 8] ^= 1 << (bit % 8);
                assert!(!same(&one, &other), "{bit}");
            }
        }
        every_bit::<20>();
        every_bit::<32>();
    }
}
