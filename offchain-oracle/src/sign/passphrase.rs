use super::{keyfile, SignError};
use std::path::Path;
use zeroize::Zeroizing;

/// Most bytes a passphrase may have.
pub const MAX_PASSPHRASE_BYTES: usize = 1_024;

/// A passphrase, wiped from memory when it is dropped.
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// From bytes in memory.
    ///
    /// # Errors
    /// Empty, or longer than [`MAX_PASSPHRASE_BYTES`]; `name` stands in the message.
    pub fn new(name: &str, bytes: &[u8]) -> Result<Self, SignError> {
        if bytes.is_empty() || bytes.len() > MAX_PASSPHRASE_BYTES {
            return Err(SignError::PassphraseUnusable(name.to_owned()));
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// From a file that only its owner can read; one line break at the end is not part of it.
    ///
    /// # Errors
    /// As for key files, and as [`Passphrase::new`].
    pub fn read(path: &Path) -> Result<Self, SignError> {
        let text = keyfile::read_secret(path)?;
        let bytes = text.strip_suffix(b"\n").unwrap_or(&text);
        Self::new(&path.display().to_string(), bytes.strip_suffix(b"\r").unwrap_or(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(..)")
    }
}
