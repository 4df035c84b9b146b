use super::{SignError, SignatureBytes, Signer, SigningRequest, Slot};
use crate::keccak::address_of;
use k256::ecdsa::SigningKey;
use k256::elliptic_curve::rand_core::{OsRng, RngCore};
use ringfence_protocol::{Address, Digest};
use std::collections::BTreeMap;
use std::fmt;

/// Most slots one signer remembers; a five-minute cycle of a thousand pairs fills it in three and a half days.
pub const MAX_REMEMBERED: usize = 1_000_000;

/// A key in this process.
pub struct LocalSigner {
    key: SigningKey,
    address: Address,
    signed: BTreeMap<Slot, Digest>,
}

impl LocalSigner {
    /// From a 32-byte secret; nothing if it is zero or not below the curve's order.
    pub fn from_secret(secret: &[u8; 32]) -> Option<Self> {
        SigningKey::from_slice(secret).ok().map(Self::from_key)
    }

    /// With a fresh key from the system's randomness.
    ///
    /// # Errors
    /// [`SignError::NoRandomness`].
    pub fn random() -> Result<Self, SignError> {
        let mut secret = zeroize::Zeroizing::new([0_u8; 32]);
        OsRng.try_fill_bytes(secret.as_mut_slice()).map_err(|_| SignError::NoRandomness)?;
        // Zero or not below the curve's order: once in 2^128, or a broken source.
        Self::from_secret(&secret).ok_or(SignError::NoRandomness)
    }

    fn from_key(key: SigningKey) -> Self {
        let address = address_of(key.verifying_key());
        Self { key, address, signed: BTreeMap::new() }
    }

    /// The secret, for a key file that is about to be written.
    pub(super) fn secret(&self) -> zeroize::Zeroizing<[u8; 32]> {
        zeroize::Zeroizing::new(self.key.to_bytes().into())
    }

    /// Remembers the digest of a slot before anything is signed for it.
    fn remember(&mut self, request: &SigningRequest) -> Result<(), SignError> {
        match self.signed.get(&request.slot()) {
            Some(digest) if *digest == request.digest() => Ok(()),
            Some(_) => Err(SignError::Conflict { signer: self.address, slot: request.slot() }),
            None if self.signed.len() >= MAX_REMEMBERED => Err(SignError::MemoryFull(self.address)),
            None => {
                self.signed.insert(request.slot(), request.digest());
                Ok(())
            }
        }
    }
}

impl Signer for LocalSigner {
    fn address(&self) -> Address {
        self.address
    }

    fn sign(&mut self, request: &SigningRequest) -> Result<SignatureBytes, SignError> {
        self.remember(request)?;
        // RFC 6979 nonce, s normalised to the lower half with the recovery id adjusted.
        let failed = |_| SignError::Failed(self.address);
        let (signature, id) = self.key.sign_prehash_recoverable(request.digest().as_bytes()).map_err(failed)?;
        let (r, s) = signature.split_bytes();
        let mut bytes = [27_u8.saturating_add(id.to_byte()); 65];
        for (slot, byte) in bytes.iter_mut().zip(r.into_iter().chain(s)) {
            *slot = byte;
        }
        Ok(SignatureBytes(bytes))
    }
}

impl fmt::Debug for LocalSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSigner").field("address", &self.address).finish_non_exhaustive()
    }
}
