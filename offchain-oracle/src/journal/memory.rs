use super::{JournalError, Record};
use crate::sign::{SignatureBytes, Slot};
use ringfence_protocol::Digest;
use std::collections::BTreeMap;

/// Most slots one signer remembers; a five-minute cycle of a thousand pairs fills it in three and a half days.
pub const MAX_REMEMBERED: usize = 1_000_000;

/// A journal that ends with the process: for replays and tests, never for a key that guards money.
#[derive(Debug, Default)]
pub struct MemoryRecord {
    slots: BTreeMap<Slot, (Digest, Option<SignatureBytes>)>,
}

impl Record for MemoryRecord {
    fn record(&mut self, slot: &Slot, digest: &Digest) -> Result<(), JournalError> {
        match self.slots.get(slot) {
            Some((signed, _)) if signed == digest => Ok(()),
            Some((signed, _)) => Err(JournalError::Conflict { slot: *slot, signed: *signed }),
            None if self.slots.len() >= MAX_REMEMBERED => Err(JournalError::Full),
            None => {
                self.slots.insert(*slot, (*digest, None));
                Ok(())
            }
        }
    }

    fn signature(&mut self, slot: &Slot) -> Result<Option<SignatureBytes>, JournalError> {
        Ok(self.slots.get(slot).and_then(|(_, signature)| *signature))
    }

    fn keep_signature(&mut self, slot: &Slot, signature: &SignatureBytes) -> Result<(), JournalError> {
        let (_, kept) = self.slots.get_mut(slot).ok_or(JournalError::NotRecorded(*slot))?;
        *kept = Some(*signature);
        Ok(())
    }

    fn note_refusal(&mut self, _: &Slot, _: &Digest) -> Result<(), JournalError> {
        Ok(())
    }
}
