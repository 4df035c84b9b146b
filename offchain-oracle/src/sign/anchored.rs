use super::{ChainCounters, Guarded, SignError, SignatureBytes, Signer, SigningKey, SigningRequest};
use crate::journal::{Behind, Journal};
use ringfence_protocol::Address;

/// A guarded key that reads the chain's counter before each signature, and signs only the number that follows it.
#[derive(Debug)]
pub struct Anchored<K, C> {
    guarded: Guarded<K, Journal>,
    chain: C,
}

impl<K: SigningKey, C: ChainCounters> Anchored<K, C> {
    /// Ties a guarded key to a chain.
    pub const fn new(guarded: Guarded<K, Journal>, chain: C) -> Self {
        Self { guarded, chain }
    }

    /// The journal.
    pub const fn journal(&self) -> &Journal {
        self.guarded.record()
    }
}

impl<K: SigningKey, C: ChainCounters> Signer for Anchored<K, C> {
    fn address(&self) -> Address {
        self.guarded.address()
    }

    fn sign(&mut self, request: &SigningRequest) -> Result<SignatureBytes, SignError> {
        let counter = request.slot().counter();
        let chain = self.chain.counter(&counter)?;
        self.guarded.record_mut().anchor(&counter, chain, Behind::Refuse)?;
        self.guarded.sign(request)
    }
}
