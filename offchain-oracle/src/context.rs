//! The document that says what to sign: which vault, which portfolio, which moment.

use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::instruction::{VaultContext, NO_INTEREST};
use crate::portfolio::document;
use crate::time::parse_timestamp;
use ringfence_protocol::units::{Bps, Seconds, Timestamp, Wad};
use ringfence_protocol::vault::{MAX_INDEX, MIN_INDEX};
use ringfence_protocol::{Address, Digest};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Longest validity of an instruction: a day, the longest staleness that terms may allow.
pub const MAX_VALIDITY: Seconds = ringfence_protocol::terms::MAX_STALENESS;

/// A signing context, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningContext {
    /// The vault, its terms, the sequence and the validity.
    pub vault: VaultContext,
    /// The portfolio file; a relative path is taken from the context's own directory.
    pub portfolio: PathBuf,
    /// The moment to value: the close of a bar.
    pub at: Timestamp,
    /// The portfolio both parties signed, if the document says so: signing stops if the file gives another.
    pub agreed_root: Option<Digest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContextText {
    chain_id: u64,
    vault: String,
    terms_hash: String,
    sequence: u64,
    at: String,
    valid_for_seconds: u64,
    portfolio: PathBuf,
    /// In 10^-18; one if the document does not say.
    #[serde(default)]
    interest_index: Option<u128>,
    /// Basis points a year; nothing if the document does not say.
    #[serde(default)]
    fee_rate: u16,
    #[serde(default)]
    agreed_portfolio_root: Option<String>,
}

impl SigningContext {
    /// Reads a context document. Its file name gives the directory of a relative `portfolio`.
    ///
    /// # Errors
    /// The first member that is wrong, with its JSON path.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let text: ContextText = document(source)?;
        let fail = |member: &str, problem| InputError::new(&source.name, Place::Json(member.to_owned()), problem);
        let rule = |member: &str, rule| fail(member, Problem::Rule { name: member.to_owned(), rule });
        let digest = |member: &str, text: &str| {
            word::<32>(text).map(Digest).ok_or_else(|| rule(member, "must be 0x and 64 hexadecimal digits"))
        };
        let vault = word::<20>(&text.vault).ok_or_else(|| rule("vault", "must be 0x and 40 hexadecimal digits"))?;
        if text.sequence == 0 {
            return Err(rule("sequence", "must be at least 1: the vault's last plus one"));
        }
        if text.valid_for_seconds == 0 || text.valid_for_seconds > MAX_VALIDITY.get() {
            return Err(rule("valid_for_seconds", "must be between 1 and 86400"));
        }
        let at = parse_timestamp(&text.at).ok_or_else(|| {
            let (name, value) = ("at".to_owned(), quote(&text.at));
            fail("at", Problem::Time { name, value, example: "2025-10-10T21:20Z" })
        })?;
        let interest_index = text.interest_index.map_or(NO_INTEREST, Wad::new);
        if !(MIN_INDEX..=MAX_INDEX).contains(&interest_index) {
            return Err(rule("interest_index", "must be between 10^15 and 10^21: it begins at 10^18"));
        }
        let fee_rate = Bps::new(text.fee_rate);
        if fee_rate > ringfence_protocol::terms::MAX_FEE_CAP {
            return Err(rule("fee_rate", "must be at most 1000 basis points"));
        }
        let root = text.agreed_portfolio_root.as_deref();
        let agreed_root = root.map(|root| digest("agreed_portfolio_root", root)).transpose()?;
        let vault = VaultContext {
            chain_id: text.chain_id,
            vault: Address(vault),
            terms_hash: digest("terms_hash", &text.terms_hash)?,
            sequence: text.sequence,
            validity: Seconds::new(text.valid_for_seconds),
            interest_index,
            fee_rate,
        };
        let directory = Path::new(&source.name).parent().unwrap_or_else(|| Path::new(""));
        Ok(Self { vault, portfolio: directory.join(text.portfolio), at, agreed_root })
    }

    /// Refuses a portfolio other than the agreed one.
    ///
    /// # Errors
    /// [`Problem::Mismatch`], naming the context file.
    pub fn check_root(&self, file: &str, computed: Digest) -> Result<(), InputError> {
        match self.agreed_root {
            Some(agreed) if agreed != computed => {
                let name = "agreed_portfolio_root";
                let (found, computed) = (format!("{agreed:?}"), format!("{computed:?}"));
                Err(InputError::new(file, Place::Json(name.to_owned()), Problem::Mismatch { name, found, computed }))
            }
            _ => Ok(()),
        }
    }
}

/// Reads `0x` and `2 N` hexadecimal digits.
pub(crate) fn word<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text.strip_prefix("0x")?, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_member_is_named() {
        let good = format!(
            r#"{{"chain_id":1,"vault":"0x{}","terms_hash":"0x{}","sequence":7,"at":"2025-10-10T21:20Z","valid_for_seconds":900,"portfolio":"p.json"}}"#,
            "ab".repeat(20),
            "cd".repeat(32)
        );
        let parse = |text: &str| SigningContext::parse(&Source::new("dir/c.json", text));
        let context = parse(&good).unwrap();
        assert_eq!(context.portfolio, Path::new("dir/p.json"));
        assert_eq!(context.vault.vault, Address([0xab; 20]));
        for (from, to, message) in [
            ("0xab", "ab", "dir/c.json: vault: vault must be 0x and 40"),
            ("0xcd", "0xzz", "dir/c.json: terms_hash: terms_hash must be 0x and 64"),
            (":7", ":0", "dir/c.json: sequence: sequence must be at least 1"),
            (":900", ":86401", "dir/c.json: valid_for_seconds: valid_for_seconds must be"),
            ("21:20Z", "9pm", "dir/c.json: at: at is not a UTC time"),
            (":7", ":-7", "dir/c.json: sequence: invalid value"),
            (":900", ":900,\"interest_index\":1", "dir/c.json: interest_index: interest_index must be"),
            (":900", ":900,\"fee_rate\":1001", "dir/c.json: fee_rate: fee_rate must be"),
            ("sequence", "sequel", "dir/c.json: sequel: unknown field"),
        ] {
            let text = parse(&good.replace(from, to)).unwrap_err().to_string();
            assert!(text.starts_with(message), "{text}");
        }
    }
}
