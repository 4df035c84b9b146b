//! Costs as they are measured.

use ringfence_devchain::{CallReport, Deposit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a message takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// Reference time, picoseconds.
    pub(crate) ref_time: u64,
    /// Proof, bytes.
    pub(crate) proof_size: u64,
    /// Storage deposit, plancks; negative if the caller gets some back.
    pub(crate) deposit: i64,
}

impl<R> From<&CallReport<R>> for Cost {
    fn from(report: &CallReport<R>) -> Self {
        let weight = report.total_weight();
        let plancks = |amount: u128| i64::try_from(amount).expect("a deposit is below nine million tokens");
        let deposit = match report.deposit {
            Deposit::Charged(amount) => plancks(amount),
            Deposit::Refunded(amount) => -plancks(amount),
        };
        Self { ref_time: weight.ref_time(), proof_size: weight.proof_size(), deposit }
    }
}

/// Costs by message; a message with several routes has their names after its own, in brackets.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    messages: BTreeMap<String, Cost>,
}

impl Ledger {
    /// Books a message.
    pub(crate) fn book<R>(&mut self, message: &str, report: &CallReport<R>) {
        let before = self.messages.insert(message.to_string(), report.into());
        assert!(before.is_none(), "{message} is measured twice");
    }

    /// The cost of a message that was booked.
    pub(crate) fn of(&self, message: &str) -> Cost {
        self.messages[message]
    }

    pub(crate) fn into_messages(self) -> BTreeMap<String, Cost> {
        self.messages
    }
}
