//! What each fuzz target does with its bytes; shared with `tests/fuzz_corpus.rs`.
#![allow(dead_code)] // Each target uses one of them.

use ringfence_oracle::files::Source;
use ringfence_oracle::journal::Export;
use ringfence_oracle::sign::keystore::Keystore;
use ringfence_oracle::sign::{ChainState, Passphrase};
use ringfence_oracle::signer::{ErrorBody, InstructionBody, Roster, SignBody, SignatureBody};
use serde_json::Value;

/// An export that reads must say the same when it is read again, and hold as many records as its first line announces.
pub(crate) fn journal_export(data: &[u8]) {
    let Ok(export) = Export::read("fuzz", &mut &data[..]) else { return };
    assert_eq!(Export::read("fuzz", &mut &data[..]).as_ref(), Ok(&export));
    let header: Value = serde_json::from_slice(data.split(|byte| *byte == b'\n').next().unwrap_or_default()).unwrap();
    assert_eq!(header["records"].as_u64(), u64::try_from(export.records.len()).ok());
    assert_eq!(header["marks"].as_u64(), u64::try_from(export.marks.len()).ok());
}

/// Any document may be read; only cheap ones are unlocked here.
pub(crate) fn keystore(data: &[u8]) {
    let Ok(keystore) = Keystore::parse("fuzz", data) else { return };
    if cheap(data) {
        let passphrase = Passphrase::new("fuzz", b"passphrase").unwrap();
        let _ = keystore.unlock(&passphrase);
    }
}

fn cheap(data: &[u8]) -> bool {
    let Ok(document) = serde_json::from_slice::<Value>(data) else { return false };
    let crypto = document.get("crypto").or_else(|| document.get("Crypto"));
    let Some(params) = crypto.and_then(|crypto| crypto.get("kdfparams")) else { return false };
    // A number that is missing or odd is refused before any work is done.
    ["n", "r", "p", "c"].iter().all(|name| params.get(name).and_then(Value::as_u64).is_none_or(|value| value <= 16))
}

/// A request that reads must come out the same when it is written and read again.
pub(crate) fn http_bodies(data: &[u8]) {
    if let Ok(body) = SignBody::parse("fuzz", data) {
        if let Ok(message) = body.message("fuzz") {
            let again = SignBody { chain_id: body.chain_id, instruction: InstructionBody::from(&message) };
            let text = serde_json::to_vec(&again).unwrap();
            assert_eq!(SignBody::parse("fuzz", &text).unwrap().message("fuzz").as_ref(), Ok(&message));
        }
    }
    let _ = SignatureBody::parse("fuzz", data);
    let _ = ErrorBody::parse("fuzz", data);
}

/// The documents that operators write.
pub(crate) fn documents(data: &[u8]) {
    let source = Source::new("fuzz", String::from_utf8_lossy(data));
    let _ = ChainState::parse(&source).map(|state| state.counters().count());
    let _ = Roster::parse(&source).map(|roster| roster.set().threshold());
}
