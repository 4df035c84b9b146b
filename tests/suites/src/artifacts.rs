//! What `scripts/build.sh` left behind.

use serde_json::Value;
use std::path::PathBuf;

/// The contracts, by the names of their artifacts.
pub const CONTRACTS: [&str; 4] = ["margin-vault", "vault-rules", "tail-risk-bond", "entity"];

/// The code of a contract.
///
/// # Panics
/// If it was not built; the message says what to run.
pub fn blob(contract: &str) -> Vec<u8> {
    read(&format!("{contract}.polkavm"))
}

/// The Solidity ABI of a contract.
///
/// # Panics
/// If it was not built, or is not JSON.
pub fn abi(contract: &str) -> Value {
    json(&format!("{contract}.abi.json"))
}

/// The compiler and the contract builder that made the blobs. Blobs of one toolchain are equal bit for bit.
///
/// # Panics
/// If nothing was built.
pub fn toolchain() -> String {
    let build = json("build.json");
    let part = |key: &str| build[key].as_str().unwrap_or("unknown").to_string();
    format!("{}, cargo-contract {}", part("rustc"), part("cargoContract"))
}

fn json(file: &str) -> Value {
    serde_json::from_slice(&read(file)).unwrap_or_else(|error| panic!("{file} is not JSON: {error}"))
}

fn read(file: &str) -> Vec<u8> {
    let path = directory().join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run ./scripts/build.sh first", path.display()))
}

/// `RINGFENCE_ARTIFACTS`, or where the build script of this clone puts them.
fn directory() -> PathBuf {
    std::env::var_os("RINGFENCE_ARTIFACTS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/artifacts")), PathBuf::from)
}
