use super::{ChainCounters, Counter, Guarded, KeyError, SignError, SignatureBytes, Signer, SigningKey, SigningRequest};
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

    /// Compares counters with the chain before anything is asked for: what a signer does when it starts.
    ///
    /// # Errors
    /// The journal ends before the chain does, or the chain does not know a counter.
    pub fn start(&mut self, counters: impl IntoIterator<Item = Counter>) -> Result<(), SignError> {
        counters.into_iter().try_for_each(|counter| self.anchor(&counter))
    }

    fn anchor(&mut self, counter: &Counter) -> Result<(), SignError> {
        let chain = self.chain.counter(counter)?;
        Ok(self.guarded.record_mut().anchor(counter, chain, Behind::Refuse)?)
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
        self.anchor(&request.slot().counter())?;
        self.guarded.sign(request)
    }

    fn sign_many(&mut self, requests: &[SigningRequest]) -> Vec<Result<SignatureBytes, SignError>> {
        let anchored: Vec<_> = requests.iter().map(|request| self.anchor(&request.slot().counter())).collect();
        let pass = requests.iter().zip(&anchored).filter(|(_, anchored)| anchored.is_ok());
        let pass: Vec<_> = pass.map(|(request, _)| *request).collect();
        let mut signed = self.guarded.sign_many(&pass).into_iter();
        let unanswered = || SignError::Key { signer: self.guarded.address(), error: KeyError::Failed };
        let answer = |anchored: Result<(), SignError>| {
            anchored.and_then(|()| signed.next().unwrap_or_else(|| Err(unanswered())))
        };
        anchored.into_iter().map(answer).collect()
    }
}
