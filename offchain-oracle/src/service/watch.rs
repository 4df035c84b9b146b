//! What is wrong with single signers, although the others may be enough.

use crate::sign::{Heard, Said};
use ringfence_protocol::Address;
use std::collections::BTreeMap;

/// One signer, as it last answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignerBoard {
    /// Why it signs nothing at all.
    pub away: Option<String>,
    /// Vaults whose last instruction it did not sign, and its words.
    pub refused: BTreeMap<Address, Refusal>,
}

/// Why a signer did not sign one vault's instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// True if it has signed another instruction with the number.
    pub conflict: bool,
    /// Its words.
    pub what: String,
}

/// An alarm to raise, or to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) kind: &'static str,
    pub(super) vault: Option<Address>,
    /// What happened; nothing if it is well again.
    pub(super) what: Option<String>,
}

impl SignerBoard {
    /// True if it signs nothing, or not everything.
    pub fn is_troubled(&self) -> bool {
        self.away.is_some() || !self.refused.is_empty()
    }

    /// Takes in an answer. An alarm is raised once, however often the same thing happens again.
    pub(super) fn hear(&mut self, heard: &Heard) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut change = |kind, vault, what| changes.push(Change { kind, vault, what });
        if let Said::Failed(what) = &heard.said {
            if self.away.replace(what.clone()).is_none() {
                change("signer_away", None, Some(what.clone()));
            }
            return changes;
        }
        if self.away.take().is_some() {
            change("signer_back", None, None);
        }
        let (conflict, what) = match &heard.said {
            Said::Refused(what) => (false, what.clone()),
            Said::Conflict(what) => (true, what.clone()),
            Said::Signed | Said::Failed(_) => {
                if self.refused.remove(&heard.vault).is_some() {
                    change("signer_agrees", Some(heard.vault), None);
                }
                return changes;
            }
        };
        let before = self.refused.insert(heard.vault, Refusal { conflict, what: what.clone() });
        if before.is_none_or(|before| before.conflict != conflict) {
            let kind = if conflict { "signer_conflict" } else { "signer_refused" };
            change(kind, Some(heard.vault), Some(what));
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(board: &mut SignerBoard, vault: u8, said: Said) -> Vec<&'static str> {
        let heard = Heard { signer: Address([1; 20]), vault: Address([vault; 20]), said };
        board.hear(&heard).into_iter().map(|change| change.kind).collect()
    }

    #[test]
    fn an_alarm_is_raised_once_and_ended_once() {
        let mut board = SignerBoard::default();
        let text = |text: &str| text.to_owned();
        assert_eq!(kinds(&mut board, 1, Said::Signed), [""; 0]);
        assert_eq!(kinds(&mut board, 1, Said::Refused(text("a"))), ["signer_refused"]);
        assert_eq!(kinds(&mut board, 1, Said::Refused(text("b"))), [""; 0]);
        assert_eq!(board.refused[&Address([1; 20])].what, "b", "its newest words");
        assert_eq!(kinds(&mut board, 2, Said::Signed), [""; 0], "another pair says nothing of this one");
        assert!(board.is_troubled());
        assert_eq!(kinds(&mut board, 1, Said::Conflict(text("c"))), ["signer_conflict"]);
        assert_eq!(kinds(&mut board, 2, Said::Failed(text("d"))), ["signer_away"]);
        assert_eq!(kinds(&mut board, 1, Said::Failed(text("e"))), [""; 0]);
        assert_eq!(kinds(&mut board, 1, Said::Signed), ["signer_back", "signer_agrees"]);
        assert!(!board.is_troubled());
    }
}
