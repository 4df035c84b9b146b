//! Signing: a request names what it is for, a guard never lets two different things be signed for it, a quorum sorts the
//! result.
//!
//! A key ([`SigningKey`]) signs only what is [`Cleared`], and only [`Guarded`] clears: after a
//! [`Record`](crate::journal::Record) holds the digest. With a [`Journal`](crate::journal::Journal) as the record that holds
//! across `kill -9`, power loss and restart; with a [`MemoryRecord`](crate::journal::MemoryRecord) while the process runs.

mod alarm;
mod anchored;
mod chain;
mod device;
mod error;
mod guard;
mod heard;
mod key;
pub mod keyfile;
pub mod keystore;
mod local;
mod passphrase;
mod quorum;
mod request;
mod tolerance;

pub use alarm::{Alarm, Alert, StandardError};
pub use anchored::Anchored;
pub use chain::{ChainCounters, ChainState, ChainStateFile, FollowedBy, MAX_VAULTS};
pub use device::{DeviceKey, DeviceSignature, KeyDevice};
pub use error::SignError;
pub use guard::Guarded;
pub use heard::{Heard, Said};
pub use key::{Cleared, KeyError, SigningKey};
pub use local::{LocalKey, LocalSigner};
pub use passphrase::{Passphrase, MAX_PASSPHRASE_BYTES};
pub use quorum::{Needed, Quorum};
pub use request::{Counter, MessageKind, SigningRequest, Slot};
pub use tolerance::{within, Deviation, Tolerance};

use ringfence_protocol::signature::SIGNATURE_LENGTH;
use ringfence_protocol::Address;

/// A signature as the vault takes it: `r || s || v`, low `s`, `v` 27 or 28.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureBytes(pub [u8; SIGNATURE_LENGTH]);

impl SignatureBytes {
    /// `r || s || 27 + parity`.
    fn of(compact: &[u8; 64], parity: u8) -> Self {
        let mut bytes = [27_u8.saturating_add(parity); SIGNATURE_LENGTH];
        bytes.iter_mut().zip(compact).for_each(|(slot, byte)| *slot = *byte);
        Self(bytes)
    }
}

/// Something that signs requests, in this process or elsewhere. The key itself never leaves it.
pub trait Signer {
    /// The address that recovers from its signatures.
    fn address(&self) -> Address;

    /// Signs a request; the same request always gives the same signature, and it was seen to recover to the address.
    ///
    /// # Errors
    /// [`SignError::Conflict`] if it has signed something else for the same slot.
    fn sign(&mut self, request: &SigningRequest) -> Result<SignatureBytes, SignError>;

    /// Signs several, with an answer for each, in order: as one by one, but a journal waits for its disk once, and the
    /// signatures are not checked. Whoever uses one sees it recover first; most of a quorum's are never used.
    fn sign_many(&mut self, requests: &[SigningRequest]) -> Vec<Result<SignatureBytes, SignError>> {
        requests.iter().map(|request| self.sign(request)).collect()
    }
}

/// Signatures one after the other, as the contracts take them.
pub fn pack(signatures: &[SignatureBytes]) -> Vec<u8> {
    signatures.iter().flat_map(|signature| signature.0).collect()
}
