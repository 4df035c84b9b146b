//! The only place where the library opens input files; how a file is locked.

use crate::error::{InputError, Place, Problem};
use std::fs::TryLockError;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::{Duration, Instant};

/// Largest input file, bytes.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// A file's name and text.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name that messages use: the path as it was given.
    pub name: String,
    /// The content.
    pub text: String,
}

impl Source {
    /// A source that is already in memory; `name` stands in messages.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// Missing, unreadable, larger than [`MAX_FILE_BYTES`], or not UTF-8.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        let name = path.display().to_string();
        let fail = |problem| InputError::new(&name, Place::File, problem);
        let unreadable = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound => fail(Problem::Missing),
            kind => fail(Problem::Unreadable(kind)),
        };
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_FILE_BYTES {
            return Err(fail(Problem::TooLarge { limit: MAX_FILE_BYTES }));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { name, text }),
            Err(error) => {
                let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
                let lines = good.iter().filter(|byte| **byte == b'\n').count();
                let row = u64::try_from(lines).unwrap_or(u64::MAX).saturating_add(1);
                Err(InputError::new(&name, Place::Row(row), Problem::NotUtf8))
            }
        }
    }
}

/// How long [`lock`] waits.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);

/// Takes the lock of a file for this process alone; it ends with the file. A child that this process is starting just now
/// holds a copy of every open file until it runs its own program, so a lock that was let go a moment ago may look taken.
pub(crate) fn lock(file: &std::fs::File) -> Result<(), TryLockError> {
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if begun.elapsed() < LOCK_PATIENCE => {
                std::thread::sleep(Duration::from_millis(10));
            }
            outcome => return outcome,
        }
    }
}
