use k256::ecdsa::{RecoveryId, Signature as K256Signature, SigningKey, VerifyingKey};
use ringfence_protocol::{
    signature::{Recover, Signature, MAX_LOW_S},
    vault::Crypto,
    Address, Digest, Keccak256, U256,
};

/// Keccak-256 and recovery by libraries, as the chain does them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Real;

/// Keccak-256 by a library; a "signature" names its signer and repeats a part of the digest. For property tests, where
/// recovery would take all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stub;

impl Keccak256 for Real {
    fn keccak256(input: &[u8]) -> Digest {
        Digest(alloy_primitives::keccak256(input).0)
    }
}

impl Keccak256 for Stub {
    fn keccak256(input: &[u8]) -> Digest {
        Real::keccak256(input)
    }
}

impl Recover for Real {
    fn recover(digest: &Digest, signature: &Signature) -> Option<Address> {
        let recovery = RecoveryId::from_byte(signature.v - 27)?;
        let parsed = K256Signature::from_scalars(signature.r, signature.s).ok()?;
        let key = VerifyingKey::recover_from_prehash(digest.as_bytes(), &parsed, recovery).ok()?;
        Some(address_of(&key))
    }
}

impl Recover for Stub {
    fn recover(digest: &Digest, signature: &Signature) -> Option<Address> {
        // Like the real one, a signature of another digest recovers to somebody, only not to the signer.
        let signed = signature.s[16..] == digest.0[..16];
        let signer = Address::from_slice(&signature.r[12..]);
        Some(if signed { signer } else { Address::from_slice(&Real::keccak256(&signature.r).0[12..]) })
    }
}

fn address_of(key: &VerifyingKey) -> Address {
    Address::from_slice(&Real::keccak256(&key.to_encoded_point(false).as_bytes()[1..]).0[12..])
}

fn signing_key(key: u8) -> SigningKey {
    SigningKey::from_slice(&[key; 32]).expect("not zero")
}

/// A host whose signatures the tests can make. A key is a byte.
pub trait TestCrypto: Crypto + Copy + PartialEq + std::fmt::Debug {
    /// The address of a key.
    fn address(key: u8) -> Address;
    /// The 65 bytes of a signature.
    fn sign(key: u8, digest: &Digest) -> [u8; 65];
}

impl TestCrypto for Real {
    fn address(key: u8) -> Address {
        address_of(signing_key(key).verifying_key())
    }

    fn sign(key: u8, digest: &Digest) -> [u8; 65] {
        let (signature, recovery) = signing_key(key).sign_prehash_recoverable(digest.as_bytes()).expect("signs");
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = 27 + recovery.to_byte();
        bytes
    }
}

impl TestCrypto for Stub {
    fn address(key: u8) -> Address {
        Address::repeat_byte(key)
    }

    fn sign(key: u8, digest: &Digest) -> [u8; 65] {
        let mut bytes = [0; 65];
        bytes[12..32].copy_from_slice(Self::address(key).as_bytes());
        bytes[48..64].copy_from_slice(&digest.0[..16]);
        bytes[64] = 27;
        bytes
    }
}

/// Signatures by `keys`, packed in ascending order of address.
pub fn pack<C: TestCrypto>(digest: &Digest, keys: &[u8]) -> Vec<u8> {
    let mut keys = keys.to_vec();
    keys.sort_by_key(|key| C::address(*key));
    keys.iter().flat_map(|key| C::sign(*key, digest)).collect()
}

/// The other signature that the same key has for the same digest: `s` mirrored, `v` flipped.
pub fn mirrored(signature: &[u8]) -> Vec<u8> {
    let order = U256::from_big_endian(&MAX_LOW_S) * 2 + 1;
    let s: U256 = order - U256::from_big_endian(&signature[32..64]);
    let mut bytes = signature.to_vec();
    bytes[32..64].copy_from_slice(&s.to_big_endian());
    bytes[64] = 27 + 28 - bytes[64];
    bytes
}
