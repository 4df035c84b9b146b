//! The lock file: one process at a time, and a witness of how far the journal had come.
//!
//! The witness is written after a record is durable and is not synced itself, so it is never ahead of the database that
//! wrote it. A database that has less than its lock file remembers is therefore an older copy.

use super::links::Head;
use super::JournalError;
use crate::keccak::keccak256;
use ringfence_protocol::Digest;
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"RFWITN01";
/// Magic, count, link and 16 bytes of their hash: well below a sector, so that it is written whole or not at all.
const WITNESS_BYTES: usize = 64;
const BODY_BYTES: usize = 48;

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    /// Where the lock of a journal is.
    pub(super) fn path_of(journal: &Path) -> PathBuf {
        let mut name = OsString::from(journal);
        name.push(".lock");
        name.into()
    }

    /// Takes the lock of a journal, or says that another process has it; `name` stands in the message.
    pub(super) fn take(journal: &Path, name: &str) -> Result<Self, JournalError> {
        let path = Self::path_of(journal);
        let storage = |error: &std::io::Error| storage(&path, "locked", error);
        let file = owner_only().open(&path).map_err(|error| storage(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file, path }),
            Err(TryLockError::WouldBlock) => Err(JournalError::InUse(name.to_owned())),
            Err(TryLockError::Error(error)) => Err(storage(&error)),
        }
    }

    /// What the witness says; nothing if there is none yet.
    pub(super) fn witness(&mut self) -> Result<Option<Head>, JournalError> {
        let mut bytes = Vec::new();
        let read = self.file.seek(SeekFrom::Start(0)).and_then(|_| {
            let limit = u64::try_from(WITNESS_BYTES).unwrap_or(u64::MAX);
            (&mut self.file).take(limit).read_to_end(&mut bytes)
        });
        read.map_err(|error| storage(&self.path, "read", &error))?;
        if bytes.is_empty() || bytes.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        decode(&bytes).map(Some).ok_or_else(|| JournalError::Damaged {
            file: self.path.display().to_string(),
            what: "its witness does not read".to_owned(),
        })
    }

    /// Moves the witness forward.
    pub(super) fn remember(&mut self, head: Head) -> Result<(), JournalError> {
        let written = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.write_all(&encode(head)));
        written.map_err(|error| storage(&self.path, "written", &error))
    }
}

fn encode(head: Head) -> [u8; WITNESS_BYTES] {
    let mut bytes = [0; WITNESS_BYTES];
    let body = [&MAGIC[..], &head.count.to_be_bytes(), head.link.as_bytes()].concat();
    let check = keccak256(&body);
    for (slot, byte) in bytes.iter_mut().zip(body.iter().chain(check.as_bytes())) {
        *slot = *byte;
    }
    bytes
}

fn decode(bytes: &[u8]) -> Option<Head> {
    let (body, check) = bytes.split_at_checked(BODY_BYTES)?;
    let expected = keccak256(body);
    if check.is_empty() || check != expected.as_bytes().get(..16)? {
        return None;
    }
    let (magic, rest) = body.split_at_checked(8)?;
    let (count, link) = rest.split_at_checked(8)?;
    let head = Head { count: u64::from_be_bytes(count.try_into().ok()?), link: Digest(link.try_into().ok()?) };
    (magic == MAGIC).then_some(head)
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn storage(path: &Path, doing: &'static str, error: &std::io::Error) -> JournalError {
    JournalError::Storage { file: path.display().to_string(), doing, reason: error.kind().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn witness_round_trips_and_a_flipped_bit_is_seen() {
        let head = Head { count: 7, link: Digest([9; 32]) };
        let bytes = encode(head);
        assert_eq!(decode(&bytes), Some(head));
        for index in 0..WITNESS_BYTES {
            let mut flipped = bytes;
            flipped[index] ^= 1;
            assert_eq!(decode(&flipped), None, "byte {index}");
        }
        assert_eq!(decode(&bytes[..63]), None);
        assert_eq!(decode(&[]), None);
    }
}
