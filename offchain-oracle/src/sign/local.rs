use super::{Cleared, Guarded, KeyError, SignError, SignatureBytes, SigningKey};
use crate::journal::MemoryRecord;
use crate::keccak::{address_of_point, secp256k1};
use k256::elliptic_curve::rand_core::{OsRng, RngCore};
use ringfence_protocol::signature::SIGNATURE_LENGTH;
use ringfence_protocol::Address;
use secp256k1::{Message, PublicKey, SecretKey};
use std::fmt;
use zeroize::Zeroizing;

/// A key in this process. Its memory is wiped when it is dropped.
pub struct LocalKey {
    key: SecretKey,
    address: Address,
}

/// A key in this process that remembers what it signed while it runs: for replays and tests. A key that guards money is
/// guarded by a [`Journal`](crate::journal::Journal).
pub type LocalSigner = Guarded<LocalKey, MemoryRecord>;

impl LocalKey {
    /// From a 32-byte secret; nothing if it is zero or not below the curve's order.
    pub fn from_secret(secret: &[u8; 32]) -> Option<Self> {
        let key = SecretKey::from_byte_array(*secret).ok()?;
        let address = address_of_point(&PublicKey::from_secret_key(secp256k1(), &key).serialize_uncompressed());
        Some(Self { key, address })
    }

    /// Fresh, from the system's randomness.
    ///
    /// # Errors
    /// [`SignError::NoRandomness`].
    pub fn random() -> Result<Self, SignError> {
        let secret = random_bytes::<32>()?;
        // Zero or not below the curve's order: once in 2^128, or a broken source.
        Self::from_secret(&secret).ok_or(SignError::NoRandomness)
    }

    /// Signs the hash of a transaction, for [`crate::chain::Wallet`] alone: typed data never get here, so what a journal
    /// guards can't be signed around it.
    pub(crate) fn sign_transaction(&self, hash: &[u8; 32]) -> [u8; SIGNATURE_LENGTH] {
        self.sign_digest(*hash).0
    }

    /// RFC 6979 nonce, s in the lower half. The recovery id is 0 or 1 but once in 2^127, and the self-check refuses that one.
    fn sign_digest(&self, digest: [u8; 32]) -> SignatureBytes {
        let signature = secp256k1().sign_ecdsa_recoverable(Message::from_digest(digest), &self.key);
        let (id, compact) = signature.serialize_compact();
        SignatureBytes::of(&compact, u8::try_from(i32::from(id)).unwrap_or(u8::MAX))
    }

    /// The secret, for a key file that is about to be written.
    pub(super) fn secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.secret_bytes())
    }
}

/// Bytes from the system's randomness.
pub(super) fn random_bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, SignError> {
    let mut bytes = Zeroizing::new([0_u8; N]);
    OsRng.try_fill_bytes(bytes.as_mut_slice()).map_err(|_| SignError::NoRandomness)?;
    Ok(bytes)
}

impl SigningKey for LocalKey {
    fn address(&self) -> Address {
        self.address
    }

    fn is_deterministic(&self) -> bool {
        true
    }

    fn sign(&mut self, cleared: &Cleared) -> Result<SignatureBytes, KeyError> {
        Ok(self.sign_digest(cleared.digest().0))
    }
}

impl Drop for LocalKey {
    fn drop(&mut self) {
        self.key.non_secure_erase();
    }
}

impl LocalSigner {
    /// From a 32-byte secret; nothing if it is zero or not below the curve's order.
    pub fn from_secret(secret: &[u8; 32]) -> Option<Self> {
        LocalKey::from_secret(secret).map(|key| Self::new(key, MemoryRecord::default()))
    }
}

impl fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").field("address", &self.address).finish_non_exhaustive()
    }
}
