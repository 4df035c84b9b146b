//! The loop's two halves: a tick of the market, and a look at the chain.
//!
//! A tick looks at every pair whose coins moved: cheaply first, what B owes A now; in full only where that moved enough or an
//! instruction is due anyway. A look at the chain reads finalised state, carries on what is under way, and tells what
//! contracts said. Neither waits for the other's failure: a chain that is away does not stop signing, a mark that is missing
//! does not stop settlement.

use super::bars::BarMaker;
use super::board::{Board, PairBoard, Shared, Valued};
use super::metrics::{Kind, OfMarket, OfVault};
use super::store::{EventKind, Store};
use crate::chain::{Block, Chain, ChainError, Fate, Outcome, VaultView};
use crate::cycle::{propose, send, sign, sign_many, under_way, Attest, LedgerError, PairTerms, Record, Stage};
use crate::engine::{Engine, Market};
use crate::inputs::Inputs;
use crate::portfolio::Portfolio;
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use crate::Error;
use rayon::prelude::*;
use ringfence_protocol::units::{Amount, Seconds, Timestamp};
use ringfence_protocol::{Address, Digest, Pair};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Most blocks whose events are asked for at once.
const EVENT_SPAN: u64 = 1_000;
/// Every vault is read again after so many looks, whatever was said of it: each look takes its share of them.
const REFRESH: u64 = 20;
/// Pairs whose instructions are valued, written down and signed together. The first of more does not wait for the last.
const GROUP: usize = 64;

/// When instructions are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At closes of bars, on their closing prices: whoever has the bars can recompute them with `verify`.
    Closes,
    /// At every tick that moves a pair enough. To recompute one takes the marks of its moment as well.
    Ticks,
}

/// A pair to look after.
#[derive(Clone, Debug)]
pub struct PairPlan {
    /// What its instructions are made with.
    pub terms: PairTerms,
    /// What it holds.
    pub portfolio: Arc<Portfolio>,
    /// A change of X that leads to an instruction at once, base units.
    pub trigger: Amount,
    /// Longest time between two instructions.
    pub every: Seconds,
}

#[derive(Debug)]
struct Live {
    plan: PairPlan,
    board: PairBoard,
    coins: BySymbol<bool>,
    root: Digest,
    /// The newest instruction.
    last: Option<Record>,
    /// True if it was its margin that could not be computed: a look at its entitlement alone does not clear that.
    margin_failed: bool,
}

/// The oracle of a set of pairs on one chain.
#[derive(Debug)]
pub struct Oracle<C, A> {
    chain: C,
    attest: A,
    engine: Engine<Arc<Inputs>, Arc<Portfolio>>,
    bars: BarMaker,
    pairs: Vec<Live>,
    shared: Arc<Shared>,
    board: Board,
    seen: BySymbol<Option<Price>>,
    looks: u64,
    when: When,
    /// From the last tick to each signature it led to.
    latencies: Vec<Duration>,
}

impl<C: Chain, A: Attest> Oracle<C, A> {
    /// Goes on where the store says: after its last bar, with the newest instruction of each pair.
    ///
    /// # Errors
    /// A portfolio that does not fit the tables, or a store that can't be read.
    pub fn new(chain: C, attest: A, plans: Vec<PairPlan>, shared: Arc<Shared>, when: When) -> Result<Self, Error> {
        let inputs = Arc::clone(&shared.inputs);
        let mut engine = Engine::new(Arc::clone(&inputs), plans.iter().map(|plan| Arc::clone(&plan.portfolio)))?;
        let table = inputs.bars().as_slice();
        table.iter().for_each(|bar| engine.advance(bar));
        let mut bars = BarMaker::after(table.last().map(crate::market::Bar::close_time));
        for bar in shared.store.bars()? {
            // What the table has since been given counts as the table has it.
            if engine.last_bar().is_none_or(|last| bar.open_time >= last.close_time()) {
                bars = BarMaker::after(Some(bar.close_time()));
                engine.advance(&bar);
            }
        }
        let now = engine.last_bar().map_or(Timestamp::new(0), crate::market::Bar::close_time);
        for plan in &plans {
            crate::replay::check(&inputs, &plan.portfolio, now)?;
        }
        let live = |plan: PairPlan| -> Result<Live, LedgerError> {
            let last = shared.store.newest_record(plan.terms.vault)?;
            let trouble = last.as_ref().and_then(|record| record.trouble.clone());
            let (vault, portfolio) = (plan.terms.vault, Arc::clone(&plan.portfolio));
            let board = PairBoard { vault, portfolio, view: None, valued: None, stopped: None, trouble };
            let (coins, root) = (coins(&plan.portfolio), plan.portfolio.root());
            Ok(Live { coins, root, plan, board, last, margin_failed: false })
        };
        let pairs = plans.into_iter().map(live).collect::<Result<Vec<_>, _>>()?;
        let needed = BySymbol::from_fn(|symbol| pairs.iter().any(|pair| pair.coins[symbol]));
        let board = Board { needed, ..Board::default() };
        let seen = BySymbol::default();
        let mut oracle =
            Self { chain, attest, engine, bars, pairs, shared, board, seen, looks: 0, when, latencies: Vec::new() };
        oracle.publish();
        Ok(oracle)
    }

    /// The signers.
    pub const fn attest_mut(&mut self) -> &mut A {
        &mut self.attest
    }

    /// The chain.
    pub const fn chain(&self) -> &C {
        &self.chain
    }

    /// Values what moved at these marks, and makes instructions where they are due. Gives how many were signed.
    ///
    /// # Errors
    /// The store can't be used: nothing may be signed. What concerns one pair only is on its board instead.
    pub fn on_marks(&mut self, time: Timestamp, marks: BySymbol<Option<Price>>) -> Result<usize, Error> {
        let started = Instant::now();
        self.latencies.clear();
        let closed = self.bars.take(time, &marks);
        for bar in &closed {
            self.shared.store.keep_bar(bar)?;
            self.engine.advance(bar);
        }
        if !closed.is_empty() {
            let text = |symbol: Symbol| marks[symbol].map(|price| price.to_string());
            let marks: serde_json::Map<_, _> =
                Symbol::ALL.into_iter().map(|symbol| (symbol.to_string(), json!(text(symbol)))).collect();
            self.shared.store.tell(EventKind::Marks, None, json!({ "time": time.get(), "marks": marks }))?;
        }
        let (time, marks) = match (self.when, closed.last()) {
            (When::Ticks, _) => (time, marks),
            (When::Closes, Some(bar)) => (bar.close_time(), bar.marks()),
            (When::Closes, None) => return Ok(0),
        };
        let market = Arc::new(self.engine.market(time, marks)?);
        let moved = BySymbol::from_fn(|symbol| marks[symbol] != self.seen[symbol]);
        self.seen = marks;
        self.board.market = Some(Arc::clone(&market));
        let due = self.due(&market, &moved);
        let mut signed = 0_usize;
        for group in due.chunks(GROUP) {
            let engine = &self.engine;
            let valued: Vec<_> = group.par_iter().map(|index| (*index, engine.value(&market, *index))).collect();
            let mut good = Vec::with_capacity(valued.len());
            for (index, step) in valued {
                match step {
                    Ok(step) => good.push((index, Valued { market: Arc::clone(&market), step })),
                    Err(error) => self.fail_margin(index, &error.into())?,
                }
            }
            signed = signed.saturating_add(self.instruct(good, started)?);
        }
        self.shared.metrics.tick.observe(started.elapsed().as_secs_f64());
        self.publish();
        Ok(signed)
    }

    /// Pairs that get an instruction now, in order. Those that can't be valued are stopped, and go on when they can.
    fn due(&mut self, market: &Market, moved: &BySymbol<bool>) -> Vec<usize> {
        let (engine, now) = (&self.engine, market.moment.valuation_time);
        let look = |(index, pair): (usize, &Live)| {
            let touched = Symbol::ALL.into_iter().any(|symbol| moved[symbol] && pair.coins[symbol]);
            let waiting = pair.is_waiting(now);
            if !(touched || waiting && pair.is_late(now)) {
                return None;
            }
            let looked = pair.is_agreed().and_then(|()| Ok(engine.entitlement(market, index)?));
            let looked = looked.map_err(|error: Error| error.to_string());
            let due = looked.as_ref().is_ok_and(|x| waiting && (pair.is_late(now) || pair.has_moved(x.get())));
            Some((index, due, looked.err()))
        };
        let looks: Vec<_> = self.pairs.par_iter().enumerate().filter_map(look).collect();
        let mut due = Vec::new();
        for (index, is_due, error) in looks {
            let failed = error.is_none() && self.pairs.get(index).is_some_and(|pair| pair.margin_failed);
            let noted = if failed { Ok(()) } else { self.stop(index, error) };
            if let Err(error) = noted {
                tracing::error!(%error, "an alarm can't be kept");
            }
            due.extend(is_due.then_some(index));
        }
        due
    }

    /// Notes why a pair can't be valued, or that it can again; an alarm when that changes.
    fn stop(&mut self, index: usize, why: Option<String>) -> Result<(), LedgerError> {
        let Some(pair) = self.pairs.get_mut(index).filter(|pair| pair.board.stopped != why) else { return Ok(()) };
        let was = pair.board.stopped.is_some();
        pair.board.stopped.clone_from(&why);
        let (name, vault) = (pair.plan.portfolio.pair().to_owned(), pair.plan.terms.vault);
        let of = OfVault { pair: name.clone(), vault: super::document::hex0x(vault.0) };
        self.shared.metrics.pair_stopped.get_or_create(&of).set(why.is_some().into());
        match why {
            Some(what) => self.alarm("pair_stopped", Some(vault), json!({ "pair": name, "what": what })),
            None if was => {
                self.shared.store.tell(EventKind::Alarm, Some(vault), json!({ "alarm": "pair_back", "pair": name }))?;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn fail_margin(&mut self, index: usize, error: &Error) -> Result<(), LedgerError> {
        if let Some(pair) = self.pairs.get_mut(index) {
            pair.margin_failed = true;
        }
        self.stop(index, Some(error.to_string()))
    }

    /// Proposes and signs for a group of pairs, and gives how many were signed. Store and journals wait for their disks once
    /// for all of them. What is in the way of a pair is on its record.
    fn instruct(&mut self, group: Vec<(usize, Valued)>, started: Instant) -> Result<usize, Error> {
        let (mut places, mut records) = (Vec::with_capacity(group.len()), Vec::with_capacity(group.len()));
        for (index, valued) in group {
            let Some(pair) = self.pairs.get_mut(index) else { continue };
            let valued = Arc::new(valued);
            pair.board.valued = Some(Arc::clone(&valued));
            let Some(view) = pair.board.view.clone() else { continue };
            match propose(&view, &pair.plan.terms, &valued.market.moment, &valued.step) {
                Ok(proposal) => {
                    places.push(index);
                    records.push(Record { evidence: Some(valued.market.evidence), ..proposal });
                }
                Err(error) => self.fail_margin(index, &error)?,
            }
        }
        if records.is_empty() {
            return Ok(0);
        }
        let mut store = self.shared.store.clone();
        crate::cycle::Ledger::keep_many(&mut store, &records.iter().collect::<Vec<_>>())?;
        let outcomes = sign_many(&mut self.attest, &mut store, &mut records)?;
        let latency = started.elapsed();
        let mut signed = 0_usize;
        for ((index, record), outcome) in places.into_iter().zip(records).zip(outcomes) {
            signed = signed.saturating_add(usize::from(self.took(index, record, outcome, latency)?));
        }
        Ok(signed)
    }

    /// Notes what became of a proposal; true if it was signed.
    fn took(
        &mut self,
        index: usize,
        record: Record,
        outcome: Result<(), Error>,
        latency: Duration,
    ) -> Result<bool, Error> {
        let Some(pair) = self.pairs.get_mut(index) else { return Ok(false) };
        let recovered = std::mem::take(&mut pair.margin_failed);
        let metrics = &self.shared.metrics;
        count(metrics, "proposed");
        if outcome.is_ok() {
            self.latencies.push(latency);
            metrics.tick_to_signed.observe(latency.as_secs_f64());
            count(metrics, "signed");
        }
        pair.keep(record);
        let name = pair.plan.portfolio.pair().to_owned();
        if recovered {
            self.stop(index, None)?;
        }
        if let Err(error) = &outcome {
            tracing::warn!(pair = name, %error, "not signed");
            self.count_alarm("not_signed");
        }
        Ok(outcome.is_ok())
    }

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
        self.carry_on(&head);
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
                pair.keep(record);
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

    /// Signs and sends what is not through. One pair's trouble is its own.
    fn carry_on(&mut self, head: &Block) {
        let mut store = self.shared.store.clone();
        for pair in &mut self.pairs {
            if !pair.last.as_ref().is_some_and(Record::is_open) {
                continue;
            }
            let Some(view) = pair.board.view.clone() else { continue };
            let carried = carry(&mut self.chain, &mut self.attest, &mut store, &pair.plan, &view, head);
            match carried {
                Ok(record) => {
                    if record.stage == Stage::Expired {
                        self.shared.metrics.alarms.get_or_create(&Kind { kind: "expired".to_owned() }).inc();
                        count(&self.shared.metrics, "expired");
                    }
                    pair.keep(record);
                }
                Err(error) => tracing::error!(%error, "the store can't be used"),
            }
        }
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
    pub fn note(&self, kind: &str, mut data: serde_json::Value) -> Result<(), LedgerError> {
        if let Some(members) = data.as_object_mut() {
            members.insert("alarm".to_owned(), json!(kind));
        }
        self.shared.store.tell(EventKind::Alarm, None, data).map(drop)
    }

    /// From the last tick to each signature it led to, in order.
    pub fn take_latencies(&mut self) -> Vec<Duration> {
        std::mem::take(&mut self.latencies)
    }

    /// Reads every vault again.
    ///
    /// # Errors
    /// The chain can't be read.
    pub fn refresh_all(&mut self) -> Result<(), Error> {
        self.refresh(true, &BTreeSet::new())
    }

    /// What it shares with those who ask.
    pub fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    fn count_alarm(&self, kind: &str) {
        self.shared.metrics.alarms.get_or_create(&Kind { kind: kind.to_owned() }).inc();
    }

    /// Says which coins have a fresh mark.
    pub fn note_fresh(&mut self, fresh: BySymbol<bool>) {
        if self.board.fresh == fresh {
            return;
        }
        for symbol in Symbol::ALL {
            let of = OfMarket { market: symbol.to_string() };
            self.shared.metrics.mark_fresh.get_or_create(&of).set(fresh[symbol].into());
        }
        self.board.fresh = fresh;
        self.publish();
    }

    /// Metrics of each vault. Not at every tick: they change when the chain is read.
    fn measure(&self) {
        let metrics = &self.shared.metrics;
        for pair in &self.pairs {
            let Live { plan, board, .. } = pair;
            let of = OfVault { pair: plan.portfolio.pair().to_owned(), vault: super::document::hex0x(board.vault.0) };
            metrics.pair_stopped.get_or_create(&of).set(board.stopped.is_some().into());
            metrics.pair_trouble.get_or_create(&of).set(board.trouble.is_some().into());
            let Some(view) = &board.view else { continue };
            let time = i64::try_from(view.valuation_time.get()).unwrap_or(i64::MAX);
            metrics.last_valuation.get_or_create(&of).set(time);
            let Pair { a, b } = &view.sides;
            let calls = [a, b].into_iter().filter(|side| side.call_amount > Amount::ZERO).count();
            metrics.calls_open.get_or_create(&of).set(i64::try_from(calls).unwrap_or(i64::MAX));
            metrics.tail_gap.get_or_create(&of).set(i64::try_from(view.tail.gap.get()).unwrap_or(i64::MAX));
        }
    }

    fn publish(&mut self) {
        self.board.pairs = self.pairs.iter().map(|pair| pair.board.clone()).collect();
        self.shared.publish(self.board.clone());
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
) -> Result<Record, LedgerError> {
    let Some(mut record) = under_way(store, view, &plan.terms, head.time)? else {
        let closed = store.newest_record(plan.terms.vault)?;
        return closed.ok_or_else(|| LedgerError("a row of it is gone".to_owned()));
    };
    let signed = sign(attest, store, &mut record);
    let sent = signed.and_then(|()| send(chain, store, &mut record).map(drop));
    match sent {
        Err(Error::Store(error)) => return Err(error),
        Err(error) => tracing::warn!(pair = plan.portfolio.pair(), %error, "an instruction is held up"),
        Ok(()) => {}
    }
    Ok(record)
}

impl Live {
    /// True if an instruction could follow the last one now. What the vault has taken must show in its state first, or the
    /// same number would be proposed again.
    fn is_waiting(&self, now: Timestamp) -> bool {
        let Some(view) = self.board.view.as_ref() else { return false };
        let follows = self.last.as_ref().is_none_or(|last| match last.stage {
            Stage::Settled => view.sequence >= last.message.sequence,
            Stage::Expired => true,
            Stage::Proposed | Stage::Signed | Stage::Sent(_) => false,
        });
        let newer = self.last.as_ref().is_none_or(|last| now > last.message.valuation_time);
        view.accepts_instructions() && now > view.valuation_time && follows && newer
    }

    /// The vault has the portfolio that is valued here.
    fn is_agreed(&self) -> Result<(), Error> {
        match self.board.view.as_ref().filter(|view| view.portfolio_root != self.root) {
            None => Ok(()),
            Some(view) => Err(Error::Check(format!(
                "the vault has another portfolio ({:?}) than the file ({:?}); put the agreed one into place and restart",
                view.portfolio_root, self.root
            ))),
        }
    }

    fn last_time(&self) -> Timestamp {
        self.board.view.as_ref().map_or(Timestamp::new(0), |view| view.valuation_time)
    }

    fn is_late(&self, now: Timestamp) -> bool {
        now.since(self.last_time()) >= self.plan.every
    }

    fn has_moved(&self, entitlement: i128) -> bool {
        let settled = self.board.view.as_ref().map_or(0, |view| view.entitlement_a.get());
        entitlement.abs_diff(settled) >= self.plan.trigger.get()
    }

    fn keep(&mut self, record: Record) {
        self.board.trouble.clone_from(&record.trouble);
        self.last = Some(record);
    }
}

fn count(metrics: &super::metrics::Metrics, stage: &str) {
    metrics.instructions.get_or_create(&Kind { kind: stage.to_owned() }).inc();
}

/// Coins whose marks a portfolio needs.
fn coins(portfolio: &Portfolio) -> BySymbol<bool> {
    let mut coins = BySymbol::default();
    let positions = portfolio.positions().iter().flat_map(|position| position.instrument.coins());
    for symbol in positions.chain(portfolio.collateral().iter().map(|pledged| pledged.symbol)) {
        *coins.get_mut(symbol) = true;
    }
    coins
}
