use super::{
    alarm::StandardError, Alarm, Alert, Cleared, KeyError, SignError, SignatureBytes, Signer, SigningKey,
    SigningRequest,
};
use crate::journal::{JournalError, Record};
use crate::keccak::K256Recover;
use rayon::prelude::*;
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

/// A signature, and whether it was seen to recover to its signer.
struct Made {
    signature: SignatureBytes,
    is_checked: bool,
}

impl Made {
    fn checked(self, request: &SigningRequest, signer: Address) -> Result<Self, SignError> {
        if !self.is_checked {
            verify_one::<K256Recover>(&request.digest(), &self.signature.0, signer).map_err(SignError::SelfCheck)?;
        }
        Ok(Self { is_checked: true, ..self })
    }
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

    /// The signature of what was recorded: the kept one, or a new one. Only a new one of a deterministic key is not checked
    /// yet: any other is kept, and what is kept is checked.
    fn make(&mut self, request: &SigningRequest, recorded: Result<(), JournalError>) -> Result<Made, SignError> {
        recorded.map_err(|error| self.refused(request, error))?;
        let (signer, slot) = (self.key.address(), request.slot());
        if let Some(signature) = self.record.signature(&slot)? {
            return Made { signature, is_checked: false }.checked(request, signer);
        }
        let signed = self.key.sign(&Cleared::journalled(request));
        let signature = signed.map_err(|error| SignError::Key { signer, error })?;
        let made = Made { signature, is_checked: false };
        if self.key.is_deterministic() {
            return Ok(made);
        }
        let made = made.checked(request, signer)?;
        self.record.keep_signature(&slot, &signature)?;
        Ok(made)
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
        self.sign_many(std::slice::from_ref(request)).pop().unwrap_or_else(unanswered)
    }

    fn sign_many(&mut self, requests: &[SigningRequest]) -> Vec<Result<SignatureBytes, SignError>> {
        let entries: Vec<_> = requests.iter().map(|request| (request.slot(), request.digest())).collect();
        let recorded = self.record.record_many(&entries);
        // From here on what was recorded is durable.
        let made: Vec<_> =
            requests.iter().zip(recorded).map(|(request, recorded)| self.make(request, recorded)).collect();
        let signer = self.key.address();
        // A recovery costs more than a signature, and needs no key.
        let check = |(request, made): (&SigningRequest, Result<Made, SignError>)| {
            made.and_then(|made| made.checked(request, signer)).map(|made| made.signature)
        };
        if requests.len() < 2 {
            // Not worth another thread.
            return requests.iter().zip(made).map(check).collect();
        }
        requests.par_iter().zip(made).map(check).collect()
    }
}
