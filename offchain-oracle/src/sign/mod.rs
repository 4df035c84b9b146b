//! Signing: a request names what it is for, a signer never signs two different things for it, a quorum sorts the result.
//!
//! Warning: what a [`LocalSigner`] has signed is remembered in memory only. A restarted process has forgotten it; the
//! durable journal that makes double signing impossible across restarts is a later piece of work.

mod error;
pub mod keyfile;
mod local;
mod quorum;
mod request;

pub use error::SignError;
pub use local::{LocalSigner, MAX_REMEMBERED};
pub use quorum::{Needed, Quorum};
pub use request::{MessageKind, SigningRequest, Slot};

use ringfence_protocol::signature::SIGNATURE_LENGTH;
use ringfence_protocol::Address;

/// A signature as the vault takes it: `r || s || v`, low `s`, `v` 27 or 28.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureBytes(pub [u8; SIGNATURE_LENGTH]);

/// Something that holds a key. The key itself never leaves it.
pub trait Signer {
    /// The address that recovers from its signatures.
    fn address(&self) -> Address;

    /// Signs a request; the same request always gives the same signature.
    ///
    /// # Errors
    /// [`SignError::Conflict`] if it has signed something else for the same slot.
    fn sign(&mut self, request: &SigningRequest) -> Result<SignatureBytes, SignError>;
}

/// Signatures one after the other, as the contracts take them.
pub fn pack(signatures: &[SignatureBytes]) -> Vec<u8> {
    signatures.iter().flat_map(|signature| signature.0).collect()
}
