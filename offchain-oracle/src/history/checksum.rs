use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;

/// Reads a checksum file: 64 hexadecimal digits, spaces, and the name of the archive. Nothing for any other text, or for the
/// checksum of another file.
pub fn parse_checksum(text: &str, archive: &str) -> Option<[u8; 32]> {
    let mut words = text.split_ascii_whitespace();
    let (digits, name) = (words.next()?, words.next()?);
    let mut digest = [0; 32];
    hex::decode_to_slice(digits, &mut digest).ok()?;
    // An asterisk marks binary mode in the output of sha256sum.
    (name.trim_start_matches('*') == archive && words.next().is_none()).then_some(digest)
}

/// SHA-256 of a file.
pub(super) fn sha256(path: &Path) -> std::io::Result<[u8; 32]> {
    let mut file = std::fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read) {
            Some([]) | None => return Ok(hash.finalize().into()),
            Some(bytes) => hash.update(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_archives_own_checksum_reads() {
        let digits = "ab".repeat(32);
        let name = "BTCUSDT-1d-2025-01.zip";
        assert_eq!(parse_checksum(&format!("{digits}  {name}\n"), name), Some([0xab; 32]));
        assert_eq!(parse_checksum(&format!("{digits} *{name}"), name), Some([0xab; 32]));
        for bad in [
            String::new(),
            digits.clone(),
            format!("{digits}  OTHER.zip"),
            format!("{}  {name}", "ab".repeat(31)),
            format!("{}  {name}", "zz".repeat(32)),
            format!("{digits}  {name} more"),
            format!("<html>{digits}  {name}"),
        ] {
            assert_eq!(parse_checksum(&bad, name), None, "{bad}");
        }
    }
}
