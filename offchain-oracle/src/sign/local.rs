use super::{Cleared, Guarded, KeyError, SignError, SignatureBytes, SigningKey};
use crate::journal::MemoryRecord;
use crate::keccak::address_of;
use k256::ecdsa::SigningKey as Secret;
use k256::elliptic_curve::rand_core::{OsRng, RngCore};
use ringfence_protocol::signature::SIGNATURE_LENGTH;
use ringfence_protocol::Address;
use std::fmt;
use zeroize::Zeroizing;

/// A key in this process. Its memory is wiped when it is dropped.
pub struct LocalKey {
    key: Secret,
    address: Address,
}

/// A key in this process that remembers what it signed while it runs: for replays and tests. A key that guards money is
/// guarded by a [`Journal`](crate::journal::Journal).
pub type LocalSigner = Guarded<LocalKey, MemoryRecord>;

impl LocalKey {
    /// From a 32-byte secret; nothing if it is zero or not below the curve's order.
    pub fn from_secret(secret: &[u8; 32]) -> Option<Self> {
        let key = Secret::from_slice(secret).ok()?;
        let address = address_of(key.verifying_key());
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
    pub(crate) fn sign_transaction(&self, hash: &[u8; 32]) -> Result<[u8; SIGNATURE_LENGTH], SignError> {
        let signed = self.key.sign_prehash_recoverable(hash);
        let (signature, id) = signed.map_err(|_| SignError::Key { signer: self.address, error: KeyError::Failed })?;
        Ok(SignatureBytes::assemble(&signature, id).0)
    }

    /// The secret, for a key file that is about to be written.
    pub(super) fn secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes().into())
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
        // RFC 6979 nonce, s normalised to the lower half with the recovery id adjusted.
        let signed = self.key.sign_prehash_recoverable(cleared.digest().as_bytes());
        let (signature, id) = signed.map_err(|_| KeyError::Failed)?;
        Ok(SignatureBytes::assemble(&signature, id))
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
