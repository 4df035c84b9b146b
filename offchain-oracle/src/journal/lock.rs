//! The lock file: one process at a time, and a witness of how far the journal had come.
//!
//! The witness is written after a record is durable and is not synced itself, so it is never ahead of the database that
//! wrote it. A database that has less than its lock file remembers is therefore an older copy.

use super::links::Head;
use super::JournalError;
use crate::files::lock;
use crate::keccak::keccak256;
use ringfence_protocol::Digest;
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"RFWITN01";
/// Magic, count, link and 16 bytes of their hash.
const WITNESS_BYTES: usize = 64;
/// Two places, written by turns: a write that breaks off spoils one of them, never the last good one.
const PLACES: usize = 2;
const BODY_BYTES: usize = 48;

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct LockFile {
    file: File,
    path: PathBuf,
    /// The place that is written next: not the one with the last good witness, however many records a step takes.
    place: usize,
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
        match lock(&file) {
            Ok(()) => Ok(Self { file, path, place: 0 }),
            Err(TryLockError::WouldBlock) => Err(JournalError::InUse(name.to_owned())),
            Err(TryLockError::Error(error)) => Err(storage(&error)),
        }
    }

    /// What the witness says; nothing if there is none yet.
    pub(super) fn witness(&mut self) -> Result<Option<Head>, JournalError> {
        let mut bytes = Vec::new();
        let read = self
            .file
            .seek(SeekFrom::Start(0))
            .and_then(|_| (&mut self.file).take(start_of(PLACES)).read_to_end(&mut bytes));
        read.map_err(|error| storage(&self.path, "read", &error))?;
        let found = latest(&bytes).map_err(|()| JournalError::Damaged {
            file: self.path.display().to_string(),
            what: "its witness does not read".to_owned(),
        })?;
        self.place = found.map_or(0, |(place, _)| other(place));
        Ok(found.map(|(_, head)| head))
    }

    /// Moves the witness forward.
    pub(super) fn remember(&mut self, head: Head) -> Result<(), JournalError> {
        let start = SeekFrom::Start(start_of(self.place));
        let written = self.file.seek(start).and_then(|_| self.file.write_all(&encode(head)));
        written.map_err(|error| storage(&self.path, "written", &error))?;
        self.place = other(self.place);
        Ok(())
    }
}

fn start_of(place: usize) -> u64 {
    u64::try_from(WITNESS_BYTES.saturating_mul(place)).unwrap_or(u64::MAX)
}

const fn other(place: usize) -> usize {
    if place == 0 {
        1
    } else {
        0
    }
}

/// The later of the two places, and which it is. One of them may be spoilt or empty; with both spoilt nothing can be said.
fn latest(bytes: &[u8]) -> Result<Option<(usize, Head)>, ()> {
    let places = [bytes.get(..WITNESS_BYTES).unwrap_or(bytes), bytes.get(WITNESS_BYTES..).unwrap_or_default()];
    let spoilt = places.iter().filter(|place| place.iter().any(|byte| *byte != 0) && decode(place).is_none()).count();
    if spoilt == places.len() {
        return Err(());
    }
    let read = places.into_iter().enumerate().filter_map(|(place, bytes)| Some((place, decode(bytes)?)));
    Ok(read.max_by_key(|(_, head)| head.count))
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
    fn a_spoilt_place_leaves_the_other_and_two_spoilt_ones_are_an_error() {
        let heads = [6, 7].map(|count| Head { count, link: Digest([9; 32]) });
        let both = heads.map(encode).concat();
        let latest = |bytes: &[u8]| latest(bytes).map(|found| found.map(|(_, head)| head));
        assert_eq!(latest(&both), Ok(Some(heads[1])));
        for cut in 64..128 {
            assert_eq!(latest(&both[..cut]), Ok(Some(heads[0])), "{cut}");
        }
        for cut in 0..64 {
            assert_eq!(latest(&both[..cut]), Ok(None), "{cut}");
        }
        let spoilt = |at: &[usize]| {
            let mut bytes = both.clone();
            at.iter().for_each(|index| bytes[*index] ^= 1);
            latest(&bytes)
        };
        assert_eq!(spoilt(&[0]), Ok(Some(heads[1])));
        assert_eq!(spoilt(&[127]), Ok(Some(heads[0])));
        assert_eq!(spoilt(&[0, 127]), Err(()));
    }

    #[test]
    fn steps_of_any_length_leave_the_last_witness_beside_the_new_one() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("signer.journal");
        let head = |count| Head { count, link: Digest([9; 32]) };
        let mut before = None;
        for count in [1, 2, 4, 8, 9, 11, 13, 20] {
            // Opened again every time: the place is found, not remembered.
            let mut lock = LockFile::take(&path, "x").unwrap();
            assert_eq!(lock.witness().unwrap(), before);
            lock.remember(head(count)).unwrap();
            lock.remember(head(count)).unwrap();
            lock.remember(head(count + 2)).unwrap();
            let bytes = std::fs::read(LockFile::path_of(&path)).unwrap();
            let mut counts = [&bytes[..64], &bytes[64..]].map(|place| decode(place).unwrap().count);
            counts.sort_unstable();
            assert_eq!(counts, [count, count + 2]);
            before = Some(head(count + 2));
        }
    }

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
