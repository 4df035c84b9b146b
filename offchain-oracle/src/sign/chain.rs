//! What the chain's finalised state says of the counters.

use super::{Counter, MessageKind, SignError, Slot};
use crate::error::{InputError, Place, Problem};
use crate::files::Source;
use crate::portfolio::document;
use ringfence_protocol::Address;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Most vaults in one chain state.
pub const MAX_VAULTS: usize = 100_000;

/// A source of finalised counters: a client of a node, or a document that one writes.
pub trait ChainCounters {
    /// The last number that the vault took.
    ///
    /// # Errors
    /// The chain can't be read, or does not know the vault.
    fn counter(&mut self, counter: &Counter) -> Result<u64, SignError>;
}

impl<C: ChainCounters + ?Sized> ChainCounters for Box<C> {
    fn counter(&mut self, counter: &Counter) -> Result<u64, SignError> {
        (**self).counter(counter)
    }
}

/// One slot, by the word of whoever asks: its counter stands just before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowedBy(pub Slot);

impl ChainCounters for FollowedBy {
    fn counter(&mut self, counter: &Counter) -> Result<u64, SignError> {
        if *counter == self.0.counter() {
            return Ok(self.0.sequence.saturating_sub(1));
        }
        Err(crate::journal::JournalError::NotAnchored(*counter).into())
    }
}

/// Counters of vaults, read from a document.
///
/// ```json
/// {"vaults": [{"chain_id": 420, "vault": "0x...", "instruction": 7, "close_out": 0, "portfolio": 1, "rotation": 0}]}
/// ```
/// `instruction` is the last settled sequence, which is also what a mutual termination follows; `close_out` the last
/// determination; `portfolio` the version; `rotation` the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainState {
    counters: BTreeMap<Counter, u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StateText {
    vaults: Vec<VaultText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VaultText {
    chain_id: u64,
    vault: String,
    instruction: u64,
    close_out: u64,
    portfolio: u64,
    rotation: u64,
}

impl ChainState {
    /// Reads a chain state.
    ///
    /// # Errors
    /// The first member that is wrong, a vault given twice, or too many vaults.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let text: StateText = document(source)?;
        if text.vaults.len() > MAX_VAULTS {
            let problem = Problem::TooMany { what: "vaults", limit: MAX_VAULTS };
            return Err(InputError::new(&source.name, Place::Json("vaults".to_owned()), problem));
        }
        let mut counters = BTreeMap::new();
        for (index, text) in text.vaults.iter().enumerate() {
            let place = || Place::Json(format!("vaults[{index}].vault"));
            let vault = address(&text.vault).ok_or_else(|| {
                let rule = "must be 0x and 40 hexadecimal digits";
                InputError::new(&source.name, place(), Problem::Rule { name: "vault".to_owned(), rule })
            })?;
            for kind in MessageKind::ALL {
                let counter = Counter { chain_id: text.chain_id, vault, kind };
                if counters.insert(counter, text.of(kind)).is_some() {
                    let problem = Problem::Duplicate(format!("vault {}", text.vault));
                    return Err(InputError::new(&source.name, place(), problem));
                }
            }
        }
        Ok(Self { counters })
    }

    /// Every counter it names.
    pub fn counters(&self) -> impl Iterator<Item = (&Counter, u64)> {
        self.counters.iter().map(|(counter, value)| (counter, *value))
    }
}

impl VaultText {
    const fn of(&self, kind: MessageKind) -> u64 {
        match kind {
            MessageKind::Instruction | MessageKind::Termination => self.instruction,
            MessageKind::CloseOut => self.close_out,
            MessageKind::Portfolio => self.portfolio,
            MessageKind::Rotation => self.rotation,
        }
    }
}

fn address(text: &str) -> Option<Address> {
    let mut bytes = [0; 20];
    hex::decode_to_slice(text.strip_prefix("0x")?, &mut bytes).ok()?;
    Some(Address(bytes))
}

/// A document that a node client keeps up to date; read again for each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainStateFile {
    path: PathBuf,
}

impl ChainStateFile {
    /// Names the document; nothing is read yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }
}

impl ChainCounters for ChainStateFile {
    fn counter(&mut self, counter: &Counter) -> Result<u64, SignError> {
        let state = ChainState::parse(&Source::read(&self.path)?)?;
        let found = state.counters.get(counter).copied();
        found.ok_or_else(|| crate::journal::JournalError::NotAnchored(*counter).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"vaults":[{"chain_id":420,"vault":"0xabababababababababababababababababababab",
        "instruction":7,"close_out":1,"portfolio":2,"rotation":3}]}"#;

    fn parse(text: &str) -> Result<ChainState, InputError> {
        ChainState::parse(&Source::new("s.json", text))
    }

    #[test]
    fn every_kind_has_its_counter_and_terminations_follow_instructions() {
        let state = parse(GOOD).unwrap();
        let of = |kind| state.counters[&Counter { chain_id: 420, vault: Address([0xab; 20]), kind }];
        assert_eq!(MessageKind::ALL.map(of), [7, 1, 2, 7, 3]);
    }

    #[test]
    fn a_vault_twice_or_a_bad_member_is_named() {
        let twice = GOOD.replace("}]", &format!("}},{}]", &GOOD[11..GOOD.len() - 2]));
        assert!(parse(&twice).unwrap_err().to_string().contains("vaults[1].vault: vault 0xab"), "{twice}");
        let bad = parse(&GOOD.replace("0xab", "0x")).unwrap_err().to_string();
        assert!(bad.starts_with("s.json: vaults[0].vault: vault must be 0x and 40"), "{bad}");
        assert!(parse(&GOOD.replace("rotation", "rotatoin")).is_err());
        assert!(parse(&GOOD.replace(":7", ":-7")).is_err());
    }
}
