//! A look at the chain: finalised state is read, and what is under way is carried on.

use super::pair::{Live, PairPlan};
use super::{count, Oracle};
use crate::chain::{Block, Chain, ChainError, Fate, Outcome, VaultView};
use crate::cycle::{send, sign, under_way, Attest, LedgerError, Record, Stage};
use crate::service::metrics::Kind;
use crate::service::store::{EventKind, Store};
use crate::Error;
use ringfence_protocol::Address;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most blocks whose events are asked for at once.
const EVENT_SPAN: u64 = 1_000;
/// Every vault is read again after so many looks, whatever was said of it: each look takes its share of them.
const REFRESH: u64 = 20;

impl<C: Chain, A: Attest> Oracle<C, A> {
    /// Reads the chain and carries on what is under way.
    ///
    /// # Errors
    /// The store can't be used. A chain that is away is on the board instead.
    pub fn on_chain(&mut self) -> Result<(), Error> {
        let looked = self.look();
        let now = self.shared.clock.now();
        match looked {
            Ok(()) => {
                self.board.chain_answered = Some(now);
                self.board.chain_error = None;
            }
            Err(error @ Error::Store(_)) => return Err(error),
            Err(error) => {
                self.shared.metrics.chain_errors.inc();
                tracing::warn!(%error, "the chain was not read");
                self.board.chain_error = Some(error.to_string());
            }
        }
        self.measure();
        self.publish();
        Ok(())
    }

    fn look(&mut self) -> Result<(), Error> {
        let head = self.chain.finalised()?;
        let whole = self.reorganised(&head)?;
        let mut touched = self.outcomes()?;
        touched.extend(self.events(&head)?);
        self.refresh(whole, &touched)?;
        self.carry_on(&head)?;
        self.hear()?;
        // From here on the look counts: what failed above is done again.
        self.looks = self.looks.saturating_add(1);
        self.board.finalised = Some(head);
        self.shared.store.keep_block(&head)?;
        let metrics = &self.shared.metrics;
        metrics.finalised_block.set(i64::try_from(head.number).unwrap_or(i64::MAX));
        metrics.finalised_time.set(i64::try_from(head.time.get()).unwrap_or(i64::MAX));
        let open = self.pairs.iter().filter(|pair| matches!(&pair.last, Some(Record { stage: Stage::Sent(_), .. })));
        metrics.under_way.set(i64::try_from(open.count()).unwrap_or(i64::MAX));
        Ok(())
    }

    /// True if a block that was read is gone; everything is read again then.
    fn reorganised(&mut self, head: &Block) -> Result<bool, Error> {
        let known = self.shared.store.blocks()?;
        let Some((newest, hash)) = known.first().copied() else { return Ok(false) };
        let same = |chain: &mut C, number, hash| -> Result<bool, ChainError> {
            Ok(chain.block(number)?.is_some_and(|block| block.hash == hash))
        };
        if newest <= head.number && same(&mut self.chain, newest, hash)? {
            return Ok(false);
        }
        let mut common = 0;
        for (number, hash) in known {
            if number <= head.number && same(&mut self.chain, number, hash)? {
                common = number;
                break;
            }
        }
        self.shared.metrics.reorganisations.inc();
        let what = json!({ "what": "finalised blocks are gone", "from": common.saturating_add(1), "to": newest });
        self.alarm("reorganisation", None, what)?;
        // The cursor goes back, so that events of the new branch are read.
        let back = self.chain.block(common)?.unwrap_or_default();
        self.shared.store.keep_block(&Block { number: common, ..back })?;
        Ok(true)
    }

    fn outcomes(&mut self) -> Result<BTreeSet<Address>, Error> {
        let mut touched = BTreeSet::new();
        for outcome in self.chain.pursue()? {
            touched.insert(outcome.vault);
            self.ended(&outcome)?;
        }
        Ok(touched)
    }

    fn ended(&mut self, outcome: &Outcome) -> Result<(), Error> {
        let store = &self.shared.store;
        let Some(mut record) = store.record(outcome.vault, outcome.sequence)? else { return Ok(()) };
        let (stage, trouble) = match &outcome.fate {
            Fate::Final(_) => (Stage::Settled, None),
            Fate::Reverted(block) => {
                (Stage::Signed, Some(format!("the transaction was included in block {} and reverted", block.number)))
            }
            Fate::Displaced => (Stage::Signed, Some("its nonce was used by another transaction".to_owned())),
            Fate::Reopened => (Stage::Sent(outcome.transaction), Some("its finalised block is gone".to_owned())),
        };
        if stage == Stage::Settled {
            count(&self.shared.metrics, "settled");
        }
        record.stage = stage;
        record.trouble = trouble;
        crate::cycle::Ledger::keep(&mut store.clone(), &record)?;
        let newest = |pair: &&mut Live| pair.plan.terms.vault == outcome.vault;
        if let Some(pair) = self.pairs.iter_mut().find(newest) {
            if pair.last.as_ref().is_none_or(|last| last.message.sequence <= record.message.sequence) {
                pair.keep(record, self.attest.set());
            }
        }
        Ok(())
    }

    /// Tells what contracts said since the last look, and gives the vaults concerned.
    fn events(&mut self, head: &Block) -> Result<BTreeSet<Address>, Error> {
        let known = self.shared.store.blocks()?;
        // The first look begins at the present: what was before is in the vaults' state.
        let Some((newest, _)) = known.first().copied() else { return Ok(BTreeSet::new()) };
        let bonds = self.board.bonds.keys().copied();
        let contracts: Vec<Address> = self.pairs.iter().map(|pair| pair.plan.terms.vault).chain(bonds).collect();
        let (mut from, mut touched) = (newest.saturating_add(1), BTreeSet::new());
        while from <= head.number {
            let to = head.number.min(from.saturating_add(EVENT_SPAN.saturating_sub(1)));
            for event in self.chain.events(&contracts, from, to)? {
                touched.insert(event.contract);
                let data =
                    json!({ "block": event.block, "index": event.index, "event": event.name, "fields": event.fields });
                self.shared.store.tell(EventKind::Chain, Some(event.contract), data)?;
            }
            from = to.saturating_add(1);
        }
        Ok(touched)
    }

    fn refresh(&mut self, whole: bool, touched: &BTreeSet<Address>) -> Result<(), Error> {
        let turn = self.looks.checked_rem(REFRESH).unwrap_or_default();
        for (pair, place) in self.pairs.iter_mut().zip(0_u64..) {
            let vault = pair.plan.terms.vault;
            let whole = whole || place.checked_rem(REFRESH) == Some(turn);
            if whole || touched.contains(&vault) || pair.board.view.is_none() {
                pair.board.view = Some(Arc::new(self.chain.vault(vault)?));
            }
        }
        let views = self.pairs.iter().filter_map(|pair| pair.board.view.as_ref());
        let bonds: BTreeSet<Address> = views.flat_map(|view| view.layers.iter().map(|layer| layer.bond)).collect();
        self.board.bonds.retain(|bond, _| bonds.contains(bond));
        for bond in bonds {
            if whole || turn == 0 || touched.contains(&bond) || !self.board.bonds.contains_key(&bond) {
                let view = self.chain.bond(bond)?;
                self.board.bonds.insert(bond, view);
            }
        }
        Ok(())
    }

    /// Reads every vault again.
    ///
    /// # Errors
    /// The chain can't be read.
    pub fn refresh_all(&mut self) -> Result<(), Error> {
        self.refresh(true, &BTreeSet::new())
    }

    /// Signs and sends what is not through. One pair's trouble is its own. What is not signed waits while the pair lacks a
    /// mark or the chain makes no blocks.
    ///
    /// # Errors
    /// The store can't be used.
    fn carry_on(&mut self, head: &Block) -> Result<(), LedgerError> {
        let mut store = self.shared.store.clone();
        let late = self.shared.clock.now().since(head.time) > self.shared.freshness.block;
        for index in 0..self.pairs.len() {
            let Some(pair) = self.pairs.get_mut(index) else { continue };
            if !pair.last.as_ref().is_some_and(Record::is_open) {
                continue;
            }
            let Some(view) = pair.board.view.clone() else { continue };
            let may_sign = !late && pair.lacks.is_none();
            let record = carry(&mut self.chain, &mut self.attest, &mut store, &pair.plan, &view, head, may_sign)?;
            if record.stage == Stage::Expired {
                self.shared.metrics.alarms.get_or_create(&Kind { kind: "expired".to_owned() }).inc();
                count(&self.shared.metrics, "expired");
            }
            pair.keep(record, self.attest.set());
            let warning = pair.is_late_for(head.time);
            let (name, vault) = (pair.plan.portfolio.pair().to_owned(), pair.plan.terms.vault);
            self.noted(index)?;
            if let Some((sequence, expiry)) = warning {
                let what = "half of its time is over and the vault has not taken it; anybody may bring it there";
                let data = json!({ "pair": name, "sequence": sequence, "expiry": expiry.get(), "what": what });
                self.alarm("instruction_late", Some(vault), data)?;
            }
        }
        Ok(())
    }
}

/// One pair's open instruction, a step further. A record of what is in its way is kept before this returns it.
fn carry<C: Chain, A: Attest>(
    chain: &mut C,
    attest: &mut A,
    store: &mut Store,
    plan: &PairPlan,
    view: &VaultView,
    head: &Block,
    may_sign: bool,
) -> Result<Record, LedgerError> {
    let Some(mut record) = under_way(store, view, &plan.terms, head.time)? else {
        let closed = store.newest_record(plan.terms.vault)?;
        return closed.ok_or_else(|| LedgerError("a row of it is gone".to_owned()));
    };
    if record.stage == Stage::Proposed && !may_sign {
        return Ok(record);
    }
    let signed = sign(attest, store, &mut record);
    let sent = signed.and_then(|()| send(chain, store, &mut record).map(drop));
    match sent {
        Err(Error::Store(error)) => return Err(error),
        Err(error) => tracing::warn!(pair = plan.portfolio.pair(), %error, "an instruction is held up"),
        Ok(()) => {}
    }
    Ok(record)
}
