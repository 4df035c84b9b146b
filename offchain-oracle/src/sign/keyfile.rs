//! Key files: 64 hexadecimal digits, readable by their owner only.

use super::{LocalKey, SignError, SigningKey};
use ringfence_protocol::Address;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// More than any key file holds.
const MAX_KEY_BYTES: u64 = 256;

/// Reads a key. One trailing line break and a leading `0x` are accepted, nothing else around the digits.
///
/// # Errors
/// Missing or unreadable file, permissions wider than the owner, or no valid key.
pub fn load(path: &Path) -> Result<LocalKey, SignError> {
    let file = path.display().to_string();
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => SignError::KeyMissing(file.clone()),
        kind => SignError::KeyUnreadable { file: file.clone(), kind },
    };
    let handle = std::fs::File::open(path).map_err(unreadable)?;
    check_owner_only(&file, &handle.metadata().map_err(unreadable)?)?;
    let mut text = Zeroizing::new(String::new());
    handle.take(MAX_KEY_BYTES).read_to_string(&mut text).map_err(unreadable)?;
    parse(&text).ok_or(SignError::KeyMalformed(file))
}

/// Writes a fresh key to a new file with mode 0600 and gives its address. Nothing is ever overwritten.
///
/// # Errors
/// The file exists or can't be written, or the system has no randomness.
pub fn create(path: &Path) -> Result<Address, SignError> {
    let file = path.display().to_string();
    let unwritable = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => SignError::KeyExists(file.clone()),
        kind => SignError::KeyUnreadable { file: file.clone(), kind },
    };
    let signer = LocalKey::random()?;
    let text = Zeroizing::new(format!("{}\n", Zeroizing::new(hex::encode(*signer.secret())).as_str()));
    let mut handle = owner_only().open(path).map_err(unwritable)?;
    handle.write_all(text.as_bytes()).and_then(|()| handle.sync_all()).map_err(unwritable)?;
    Ok(signer.address())
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
