//! What stops a pair, what signers say, and how it is told.

use super::Oracle;
use crate::chain::Chain;
use crate::cycle::{Attest, LedgerError};
use crate::service::board::SignerBoard;
use crate::service::document::hex0x;
use crate::service::metrics::{Kind, OfSigner, OfVault};
use crate::service::store::EventKind;
use crate::Error;
use ringfence_protocol::Address;
use serde_json::json;

impl<C: Chain, A: Attest> Oracle<C, A> {
    /// Notes why a pair can't be valued, or that it can again.
    pub(super) fn fail(&mut self, index: usize, why: Option<String>) -> Result<(), LedgerError> {
        if let Some(pair) = self.pairs.get_mut(index) {
            pair.failed = why;
        }
        self.noted(index)
    }

    /// Puts up why a pair is stopped; an alarm when that changes.
    pub(super) fn noted(&mut self, index: usize) -> Result<(), LedgerError> {
        let Some(pair) = self.pairs.get_mut(index) else { return Ok(()) };
        let why = [&pair.stuck, &pair.lacks, &pair.failed].into_iter().find_map(Clone::clone);
        if pair.board.stopped == why {
            return Ok(());
        }
        let was = pair.board.stopped.is_some();
        pair.board.stopped.clone_from(&why);
        let (name, vault) = (pair.plan.portfolio.pair().to_owned(), pair.plan.terms.vault);
        let of = OfVault { pair: name.clone(), vault: hex0x(vault.0) };
        self.shared.metrics.pair_stopped.get_or_create(&of).set(why.is_some().into());
        match why {
            Some(what) => self.alarm("pair_stopped", Some(vault), json!({ "pair": name, "what": what })),
            None if was => self.note("pair_back", Some(vault), json!({ "pair": name })),
            None => Ok(()),
        }
    }

    pub(super) fn fail_margin(&mut self, index: usize, error: &Error) -> Result<(), LedgerError> {
        if let Some(pair) = self.pairs.get_mut(index) {
            pair.margin_failed = true;
        }
        self.fail(index, Some(error.to_string()))
    }

    /// Takes in what signers have said since the last time, and raises or ends alarms about them by name.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn hear(&mut self) -> Result<(), LedgerError> {
        for heard in self.attest.heard() {
            let signer = hex0x(heard.signer.0);
            let changes = self.board.signers.entry(heard.signer).or_default().hear(&heard);
            let bad = self.board.signers.get(&heard.signer).is_some_and(SignerBoard::is_troubled);
            let of = OfSigner { signer: signer.clone() };
            self.shared.metrics.signer_trouble.get_or_create(&of).set(bad.into());
            for change in changes {
                let vault = change.vault;
                match change.what {
                    Some(what) => self.alarm(change.kind, vault, json!({ "signer": signer, "what": what }))?,
                    None => self.note(change.kind, vault, json!({ "signer": signer }))?,
                }
            }
        }
        Ok(())
    }

    /// Raises an alarm: an event, a metric and a line.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn alarm(&self, kind: &str, vault: Option<Address>, mut data: serde_json::Value) -> Result<(), LedgerError> {
        tracing::error!(alarm = kind, %data, "ALARM");
        self.count_alarm(kind);
        if let Some(members) = data.as_object_mut() {
            members.insert("alarm".to_owned(), json!(kind));
        }
        self.shared.store.tell(EventKind::Alarm, vault, data).map(drop)
    }

    /// Tells that something is well again.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn note(&self, kind: &str, vault: Option<Address>, mut data: serde_json::Value) -> Result<(), LedgerError> {
        tracing::info!(kind, %data, "well again");
        if let Some(members) = data.as_object_mut() {
            members.insert("alarm".to_owned(), json!(kind));
        }
        self.shared.store.tell(EventKind::Alarm, vault, data).map(drop)
    }

    pub(super) fn count_alarm(&self, kind: &str) {
        self.shared.metrics.alarms.get_or_create(&Kind { kind: kind.to_owned() }).inc();
    }
}
