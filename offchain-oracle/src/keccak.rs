//! Keccak-256 and recovery of addresses, as the protocol's traits want them.

use k256::ecdsa::{RecoveryId, Signature as EcdsaSignature, VerifyingKey};
use ringfence_protocol::signature::{Recover, Signature};
use ringfence_protocol::{Address, Digest, Keccak256};
use sha3::Digest as _;

/// Keccak-256 from the `sha3` crate, for [`ringfence_protocol::eip712::TypedMessage::digest`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Keccak;

impl Keccak256 for Keccak {
    fn keccak256(input: &[u8]) -> Digest {
        Digest(sha3::Keccak256::digest(input).into())
    }
}

/// Keccak-256 of `input`.
pub fn keccak256(input: &[u8]) -> Digest {
    Keccak::keccak256(input)
}

/// Address recovery from the `k256` crate: off chain, what precompile 0x01 does on chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct K256Recover;

impl Recover for K256Recover {
    fn recover(digest: &Digest, signature: &Signature) -> Option<Address> {
        let id = RecoveryId::from_byte(signature.v.checked_sub(27)?)?;
        let ecdsa = EcdsaSignature::from_scalars(signature.r, signature.s).ok()?;
        VerifyingKey::recover_from_prehash(digest.as_bytes(), &ecdsa, id).ok().map(|key| address_of(&key))
    }
}

/// The Ethereum address of a public key: the last 20 bytes of the Keccak-256 of its two coordinates (Yellow Paper,
/// appendix F).
pub fn address_of(key: &VerifyingKey) -> Address {
    let point = key.to_encoded_point(false);
    let hash = keccak256(point.as_bytes().get(1..).unwrap_or_default());
    let mut address = [0; 20];
    address.copy_from_slice(hash.as_bytes().get(12..).unwrap_or(&[0; 20]));
    Address(address)
}
