use super::{
    alarm::StandardError, Alarm, Alert, Cleared, KeyError, SignError, SignatureBytes, Signer, SigningKey,
    SigningRequest,
};
use crate::journal::{JournalError, Record};
use crate::keccak::EcdsaRecover;
use ringfence_protocol::signature::verify_one;
use ringfence_protocol::Address;

/// A key behind a record of what it signed: the record is durable before the key is asked, a slot that stands for another
/// digest is refused and raises an alarm, and the same request gives the same signature.
#[derive(Debug)]
pub struct Guarded<K, R> {
    key: K,
    record: R,
    alarm: Box<dyn Alarm>,
}

impl<K: SigningKey, R: Record> Guarded<K, R> {
    /// Puts a key behind a record; alarms go to standard error.
    pub fn new(key: K, record: R) -> Self {
        Self::with_alarm(key, record, Box::new(StandardError))
    }

    /// The same with another way to raise alarms.
    pub fn with_alarm(key: K, record: R, alarm: Box<dyn Alarm>) -> Self {
        Self { key, record, alarm }
    }

    /// The record, to anchor or to list it.
    pub fn record_mut(&mut self) -> &mut R {
        &mut self.record
    }

    /// The record.
    pub const fn record(&self) -> &R {
        &self.record
    }

    /// The signature of what was recorded: the kept one, or a new one. What is kept is checked before.
    fn make(
        &mut self,
        request: &SigningRequest,
        recorded: Result<(), JournalError>,
    ) -> Result<SignatureBytes, SignError> {
        recorded.map_err(|error| self.refused(request, error))?;
        let (signer, slot) = (self.key.address(), request.slot());
        if let Some(kept) = self.record.signature(&slot)? {
            return Ok(kept);
        }
        let signed = self.key.sign(&Cleared::journalled(request));
        let signature = signed.map_err(|error| SignError::Key { signer, error })?;
        if !self.key.is_deterministic() {
            check(request, &signature, signer)?;
            self.record.keep_signature(&slot, &signature)?;
        }
        Ok(signature)
    }

    fn refused(&mut self, request: &SigningRequest, error: JournalError) -> SignError {
        let signer = self.key.address();
        if let JournalError::Conflict { slot, signed } = error {
            // The alarm comes first: a disk that can't take the note must not silence it.
            self.alarm.raise(&Alert { signer, slot, signed, refused: request.digest() });
            // A note that can't be written poisons the journal, which then says so itself.
            let _ = self.record.note_refusal(&slot, &request.digest());
            return SignError::Conflict { signer, slot };
        }
        SignError::Journal(error)
    }
}

impl<K: SigningKey, R: Record> Signer for Guarded<K, R> {
    fn address(&self) -> Address {
        self.key.address()
    }

    fn sign(&mut self, request: &SigningRequest) -> Result<SignatureBytes, SignError> {
        let signer = self.key.address();
        let unanswered = || Err(SignError::Key { signer, error: KeyError::Failed });
        let signature = self.sign_many(std::slice::from_ref(request)).pop().unwrap_or_else(unanswered)?;
        check(request, &signature, signer).map(|()| signature)
    }

    fn sign_many(&mut self, requests: &[SigningRequest]) -> Vec<Result<SignatureBytes, SignError>> {
        let entries: Vec<_> = requests.iter().map(|request| (request.slot(), request.digest())).collect();
        let recorded = self.record.record_many(&entries);
        // From here on what was recorded is durable.
        requests.iter().zip(recorded).map(|(request, recorded)| self.make(request, recorded)).collect()
    }
}

/// A signature recovers to its signer.
fn check(request: &SigningRequest, signature: &SignatureBytes, signer: Address) -> Result<(), SignError> {
    verify_one::<EcdsaRecover>(&request.digest(), &signature.0, signer).map_err(SignError::SelfCheck)
}
