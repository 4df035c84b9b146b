//! Key files, readable by their owner only: a keystore under a passphrase, or 64 hexadecimal digits for tests.

use super::keystore::{seal, Cost, Keystore, MAX_KEYSTORE_BYTES};
use super::{LocalKey, Passphrase, SignError, SigningKey};
use ringfence_protocol::Address;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// Reads a key: a keystore, which takes a passphrase, or plain digits, which take none. Around the digits one trailing line
/// break and a leading `0x` are accepted, nothing else.
///
/// # Errors
/// Missing or unreadable file, permissions wider than the owner, no valid key, a missing or wrong passphrase.
pub fn load(path: &Path, passphrase: Option<&Passphrase>) -> Result<LocalKey, SignError> {
    let file = path.display().to_string();
    let bytes = read_secret(path)?;
    if bytes.trim_ascii_start().first() == Some(&b'{') {
        let passphrase = passphrase.ok_or_else(|| SignError::PassphraseNeeded(file.clone()))?;
        return Keystore::parse(&file, &bytes)?.unlock(passphrase);
    }
    std::str::from_utf8(&bytes).ok().and_then(parse).ok_or(SignError::KeyMalformed(file))
}

/// Reads a small file that only its owner can read.
pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, SignError> {
    let file = path.display().to_string();
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => SignError::KeyMissing(file.clone()),
        kind => SignError::KeyUnreadable { file: file.clone(), kind },
    };
    let handle = std::fs::File::open(path).map_err(unreadable)?;
    check_owner_only(&file, &handle.metadata().map_err(unreadable)?)?;
    // All of the room at once: a buffer that grows leaves copies behind that nobody wipes.
    let limit = MAX_KEYSTORE_BYTES.saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit));
    handle.take(u64::try_from(limit).unwrap_or(u64::MAX)).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Writes a fresh key to a new file with mode 0600 and gives its address: as a keystore if there is a passphrase, else as
/// digits. Nothing is ever overwritten.
///
/// # Errors
/// The file exists or can't be written, or the system has no randomness.
pub fn create(path: &Path, passphrase: Option<&Passphrase>) -> Result<Address, SignError> {
    let file = path.display().to_string();
    let unwritable = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => SignError::KeyExists(file.clone()),
        kind => SignError::KeyUnreadable { file: file.clone(), kind },
    };
    let key = LocalKey::random()?;
    let text = match passphrase {
        Some(passphrase) => Zeroizing::new(seal(&key, passphrase, Cost::STANDARD)?),
        None => Zeroizing::new(hex::encode(*key.secret())),
    };
    let mut handle = owner_only().open(path).map_err(unwritable)?;
    let written = handle.write_all(text.as_bytes()).and_then(|()| handle.write_all(b"\n"));
    written.and_then(|()| handle.sync_all()).map_err(unwritable)?;
    Ok(key.address())
}

fn parse(text: &str) -> Option<LocalKey> {
    let digits = text.strip_suffix('\n').unwrap_or(text);
    let digits = digits.strip_suffix('\r').unwrap_or(digits);
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    let mut secret = Zeroizing::new([0_u8; 32]);
    hex::decode_to_slice(digits, secret.as_mut_slice()).ok()?;
    LocalKey::from_secret(&secret)
}

#[cfg(unix)]
fn check_owner_only(file: &str, metadata: &std::fs::Metadata) -> Result<(), SignError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(SignError::KeyPermissions { file: file.to_owned(), mode })
    }
}

/// There are no mode bits to check on this platform.
#[cfg(not(unix))]
fn check_owner_only(_: &str, _: &std::fs::Metadata) -> Result<(), SignError> {
    Ok(())
}

fn owner_only() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
