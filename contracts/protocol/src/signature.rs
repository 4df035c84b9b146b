//! Verification of signed messages: quorum, order, duplicates, malleability, in one place and in a fixed order.

use crate::{eip712::Encoder, keccak::same, Address, Digest, Keccak256};
use alloc::vec::Vec;
use scale::{Decode, Encode};

/// The most signers a valuation agent may have.
pub const MAX_SIGNERS: usize = 8;

/// Bytes of one signature: `r || s || v`.
pub const SIGNATURE_LENGTH: usize = 65;

/// Half the order of secp256k1, rounded down: the largest `s` that is accepted (EIP-2, homestead).
pub const MAX_LOW_S: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e,
    0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// Why a signature or a set of them was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// The bytes are not a whole number of 65-byte signatures, or are more than the set has signers.
    MalformedSignatures,
    /// Fewer signatures than the message needs.
    QuorumNotMet,
    /// `v` is neither 27 nor 28.
    InvalidRecoveryId,
    /// `s` is in the upper half of the curve's order.
    HighS,
    /// No key recovers from the signature.
    UnrecoverableSignature,
    /// The same signer twice.
    DuplicateSigner,
    /// The signers are not in ascending order of address.
    UnsortedSigners,
    /// The recovered address is not in the set.
    UnknownSigner,
}

/// Why a set of signers can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerSetError {
    /// No signer, or more than [`MAX_SIGNERS`].
    SignerCount,
    /// The threshold is not a majority of the signers, or is above their number.
    SignerThreshold,
    /// The signers are not strictly ascending, or one is zero.
    SignerOrder,
}

/// A recoverable signature, split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The x coordinate of the nonce point.
    pub r: [u8; 32],
    /// The proof; at most [`MAX_LOW_S`].
    pub s: [u8; 32],
    /// 27 or 28.
    pub v: u8,
}

impl Signature {
    /// Splits 65 bytes and checks `v` and `s`.
    pub fn parse(bytes: &[u8]) -> Result<Self, SignatureError> {
        let bytes: &[u8; SIGNATURE_LENGTH] = bytes.try_into().map_err(|_| SignatureError::MalformedSignatures)?;
        let (mut r, mut s) = ([0; 32], [0; 32]);
        let (r_part, rest) = bytes.split_at(32);
        let (s_part, v_part) = rest.split_at(32);
        r.copy_from_slice(r_part);
        s.copy_from_slice(s_part);
        let v = match v_part {
            [v @ (27 | 28)] => *v,
            _ => return Err(SignatureError::InvalidRecoveryId),
        };
        if !is_low(&s) {
            return Err(SignatureError::HighS);
        }
        Ok(Self { r, s, v })
    }
}

/// At most [`MAX_LOW_S`]; compared in halves, which is a tenth of the work of comparing bytes.
fn is_low(s: &[u8; 32]) -> bool {
    let halves = |word: &[u8; 32]| {
        let (high, low) = word.split_at(16);
        let half = |bytes: &[u8]| bytes.try_into().map_or(u128::MAX, u128::from_be_bytes);
        (half(high), half(low))
    };
    halves(s) <= halves(&MAX_LOW_S)
}

/// Recovery of an address from a digest and a signature; on chain the precompile 0x01, off chain a library.
pub trait Recover {
    /// The address whose key made the signature, or nothing.
    fn recover(digest: &Digest, signature: &Signature) -> Option<Address>;
}

/// The signers of a valuation agent and how many of them must sign.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct SignerSet {
    /// Strictly ascending addresses.
    signers: Vec<Address>,
    /// How many must sign an ordinary message.
    threshold: u8,
}

impl SignerSet {
    /// Checks and makes a set. The threshold has to be a majority, so that two disjoint quorums can't exist.
    pub fn new(signers: Vec<Address>, threshold: u8) -> Result<Self, SignerSetError> {
        let count = u8::try_from(signers.len()).map_err(|_| SignerSetError::SignerCount)?;
        if signers.is_empty() || signers.len() > MAX_SIGNERS {
            return Err(SignerSetError::SignerCount);
        }
        if threshold > count || threshold.saturating_mul(2) <= count {
            return Err(SignerSetError::SignerThreshold);
        }
        let ascending = signers.iter().zip(signers.iter().skip(1)).all(|(low, high)| low < high);
        if !ascending || signers.first().is_some_and(Address::is_zero) {
            return Err(SignerSetError::SignerOrder);
        }
        Ok(Self { signers, threshold })
    }

    /// The addresses, strictly ascending.
    pub fn signers(&self) -> &[Address] {
        &self.signers
    }

    /// How many must sign an ordinary message.
    pub const fn threshold(&self) -> u8 {
        self.threshold
    }

    /// How many there are: what a move beyond the circuit breaker needs.
    pub fn everyone(&self) -> u8 {
        u8::try_from(self.signers.len()).unwrap_or(u8::MAX)
    }

    /// The EIP-712 hash of the addresses as `address[]`.
    pub fn hash<H: Keccak256>(&self) -> Digest {
        self.signers.iter().fold(Encoder::array(), |encoder, signer| encoder.address(*signer)).hash::<H>()
    }

    /// Checks that at least `needed` members signed `digest`, given their packed signatures in ascending order of
    /// address.
    pub fn verify<R: Recover>(&self, digest: &Digest, packed: &[u8], needed: u8) -> Result<(), SignatureError> {
        let signatures = packed.chunks_exact(SIGNATURE_LENGTH);
        if !signatures.remainder().is_empty() || signatures.len() > self.signers.len() {
            return Err(SignatureError::MalformedSignatures);
        }
        if signatures.len() < usize::from(needed) {
            return Err(SignatureError::QuorumNotMet);
        }
        let mut previous: Option<Address> = None;
        // Members and signatures both ascend, so that each search goes on where the last one ended.
        let mut members = self.signers.iter();
        for bytes in signatures {
            let signature = Signature::parse(bytes)?;
            let signer = R::recover(digest, &signature).ok_or(SignatureError::UnrecoverableSignature)?;
            match previous {
                Some(last) if last == signer => return Err(SignatureError::DuplicateSigner),
                Some(last) if last > signer => return Err(SignatureError::UnsortedSigners),
                _ => {}
            }
            if !members.any(|member| same(&member.0, &signer.0)) {
                return Err(SignatureError::UnknownSigner);
            }
            previous = Some(signer);
        }
        Ok(())
    }
}

/// Checks that `expected` signed `digest`.
pub fn verify_one<R: Recover>(digest: &Digest, bytes: &[u8], expected: Address) -> Result<(), SignatureError> {
    let signature = Signature::parse(bytes)?;
    match R::recover(digest, &signature) {
        None => Err(SignatureError::UnrecoverableSignature),
        Some(signer) if signer != expected => Err(SignatureError::UnknownSigner),
        Some(_) => Ok(()),
    }
}
