use crate::error::{InputError, Place, Problem};
use crate::files::Source;
use crate::instruction::{VaultContext, NO_INTEREST};
use crate::portfolio::{document, Portfolio};
use crate::sign::{Counter, MessageKind, Tolerance};
use ringfence_protocol::units::{Amount, Bps, Seconds};
use ringfence_protocol::{Address, Digest};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Most vaults one signer serves.
const MAX_VAULTS: usize = 10_000;
/// Widest tolerance: a tenth. Beyond that two signers don't agree on anything.
const MAX_RELATIVE_BPS: u16 = 1_000;

/// Which vaults a signer serves, and how far from its own figures it signs.
///
/// ```json
/// {"tolerance": {"absolute": "1000000", "relative_bps": 10, "other_market_data": true},
///  "vaults": [{"chain_id": 420, "vault": "0x...", "terms_hash": "0x...", "portfolio": "btc.json",
///              "max_validity_seconds": 900, "fee_rate": 25}]}
/// ```
///
/// A signer serves pairs without interest on cash: it signs no other index than [`NO_INTEREST`].
#[derive(Clone, Debug)]
pub struct Policy {
    /// How far amounts may differ.
    pub tolerance: Tolerance,
    vaults: BTreeMap<(u64, Address), VaultPolicy>,
}

/// What a signer knows of a vault by agreement.
#[derive(Clone, Debug)]
pub struct VaultPolicy {
    /// Hash of its terms.
    pub terms_hash: Digest,
    /// The portfolio that both parties signed.
    pub portfolio: Portfolio,
    /// Longest validity of an instruction after its valuation.
    pub max_validity: Seconds,
    /// The entity's annual fee.
    pub fee_rate: Bps,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyText {
    tolerance: ToleranceText,
    vaults: Vec<VaultText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToleranceText {
    absolute: String,
    relative_bps: u16,
    other_market_data: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VaultText {
    chain_id: u64,
    vault: String,
    terms_hash: String,
    portfolio: PathBuf,
    max_validity_seconds: u64,
    /// Basis points a year; nothing if the document does not say.
    #[serde(default)]
    fee_rate: u16,
}

impl Policy {
    /// Reads a policy and the portfolios it names; a relative path is taken from the policy's own directory.
    ///
    /// # Errors
    /// The first member that is wrong, or a portfolio that is.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        let source = Source::read(path)?;
        let text: PolicyText = document(&source)?;
        let rule = |place: String, name: &str, rule| {
            InputError::new(&source.name, Place::Json(place), Problem::Rule { name: name.to_owned(), rule })
        };
        let tolerance =
            tolerance(&text.tolerance).map_err(|(name, why)| rule(format!("tolerance.{name}"), name, why))?;
        if text.vaults.is_empty() || text.vaults.len() > MAX_VAULTS {
            return Err(rule("vaults".to_owned(), "vaults", "must name between 1 and 10000 vaults"));
        }
        let directory = path.parent().unwrap_or_else(|| Path::new(""));
        let mut vaults = BTreeMap::new();
        for (index, text) in text.vaults.iter().enumerate() {
            let (key, vault) = vault(text, directory).map_err(|error| match error {
                BadVault::Portfolio(error) => error,
                BadVault::Member(name, why) => rule(format!("vaults[{index}].{name}"), name, why),
            })?;
            if vaults.insert(key, vault).is_some() {
                return Err(rule(format!("vaults[{index}].vault"), "vault", "must appear only once on its chain"));
            }
        }
        Ok(Self { tolerance, vaults })
    }

    /// The counters that this signer signs for.
    pub fn counters(&self) -> impl Iterator<Item = Counter> + '_ {
        self.vaults.keys().map(|(chain_id, vault)| Counter {
            chain_id: *chain_id,
            vault: *vault,
            kind: MessageKind::Instruction,
        })
    }

    /// What is known of a vault.
    pub fn vault(&self, chain_id: u64, vault: Address) -> Option<&VaultPolicy> {
        self.vaults.get(&(chain_id, vault))
    }
}

impl VaultPolicy {
    /// For building this signer's own instruction.
    pub const fn context(&self, chain_id: u64, vault: Address, sequence: u64) -> VaultContext {
        VaultContext {
            chain_id,
            vault,
            terms_hash: self.terms_hash,
            sequence,
            validity: self.max_validity,
            interest_index: NO_INTEREST,
            fee_rate: self.fee_rate,
        }
    }
}

enum BadVault {
    Portfolio(InputError),
    Member(&'static str, &'static str),
}

fn tolerance(text: &ToleranceText) -> Result<Tolerance, (&'static str, &'static str)> {
    let absolute = text.absolute.parse::<u128>().map(Amount::new).ok().filter(|amount| *amount <= Amount::MAX);
    let absolute = absolute.ok_or(("absolute", "must be base units in quotation marks"))?;
    if text.relative_bps > MAX_RELATIVE_BPS {
        return Err(("relative_bps", "must be at most 1000"));
    }
    Ok(Tolerance { absolute, relative_bps: text.relative_bps, other_market_data: text.other_market_data })
}

fn vault(text: &VaultText, directory: &Path) -> Result<((u64, Address), VaultPolicy), BadVault> {
    let address = bytes(&text.vault).ok_or(BadVault::Member("vault", "must be 0x and 40 hexadecimal digits"))?;
    let terms =
        bytes(&text.terms_hash).ok_or(BadVault::Member("terms_hash", "must be 0x and 64 hexadecimal digits"))?;
    let max_validity = Seconds::new(text.max_validity_seconds);
    if max_validity == Seconds::new(0) || max_validity > crate::context::MAX_VALIDITY {
        return Err(BadVault::Member("max_validity_seconds", "must be between 1 and 86400"));
    }
    let fee_rate = Bps::new(text.fee_rate);
    if fee_rate > ringfence_protocol::terms::MAX_FEE_CAP {
        return Err(BadVault::Member("fee_rate", "must be at most 1000 basis points"));
    }
    let source = Source::read(&directory.join(&text.portfolio)).map_err(BadVault::Portfolio)?;
    let portfolio = Portfolio::parse(&source).map_err(BadVault::Portfolio)?;
    Ok((
        (text.chain_id, Address(address)),
        VaultPolicy { terms_hash: Digest(terms), portfolio, max_validity, fee_rate },
    ))
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text.strip_prefix("0x")?, &mut bytes).ok()?;
    Some(bytes)
}
