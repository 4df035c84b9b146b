use super::{SignatureBytes, SigningRequest};
use ringfence_protocol::{Address, Digest};
use thiserror::Error;

/// A digest that a journal holds: what a key may sign. Only the guard makes one, after the record is durable, so a key can't
/// be asked to sign anything else.
#[derive(Debug)]
pub struct Cleared(Digest);

impl Cleared {
    /// For [`super::Guarded`] alone.
    pub(super) fn journalled(request: &SigningRequest) -> Self {
        Self(request.digest())
    }

    /// What to sign.
    pub const fn digest(&self) -> &Digest {
        &self.0
    }
}

/// A signing key, wherever it is: in this process, in a token, in a service. The secret never leaves it.
pub trait SigningKey {
    /// The address that recovers from its signatures.
    fn address(&self) -> Address;

    /// True if the same digest always gives the same signature (RFC 6979). If not, the first one is kept in the journal
    /// and given again.
    fn is_deterministic(&self) -> bool;

    /// Signs: `r || s || v`, low `s`.
    ///
    /// # Errors
    /// The key can't be reached or refuses.
    fn sign(&mut self, cleared: &Cleared) -> Result<SignatureBytes, KeyError>;
}

/// Why a key gave no signature.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The curve library refused, which it never does for a valid key.
    #[error("the key could not sign; check it")]
    Failed,
    /// The token or service did not answer as it should.
    #[error("the key device failed ({0}); check its connection and log, nothing was sent")]
    Device(String),
    /// What the device returned is no signature of its key.
    #[error("the key device returned no signature of its key ({0}); check that it holds the right key")]
    NotOurs(&'static str),
}
