//! The loop's two halves: a tick of the market, and a look at the chain.
//!
//! A tick looks at every pair whose coins moved: cheaply first, what B owes A now; in full only where that moved enough or an
//! instruction is due anyway. A look at the chain reads finalised state, carries on what is under way, and tells what
//! contracts said. Neither waits for the other's failure: a chain that is away does not stop signing, a mark that is missing
//! does not stop settlement.

use super::board::{Board, MarketBoard, PairBoard, Shared, SignerBoard, Valued};
use super::metrics::{Kind, OfMarket, OfSigner, OfVault};
use super::store::{EventKind, Store};
use crate::chain::{Block, Chain, ChainError, Fate, Outcome, VaultView};
use crate::cycle::{can_follow, propose, send, sign, under_way, Attest, LedgerError, PairTerms, Record, Stage};
use crate::engine::{Engine, Market};
use crate::feed::coins_needed;
use crate::inputs::Inputs;
use crate::market::Bar;
use crate::portfolio::Portfolio;
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use crate::Error;
use rayon::prelude::*;
use ringfence_protocol::signature::SignerSet;
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
/// Pairs that are valued side by side before their instructions are signed.
const BATCH: usize = 8;

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
    /// Why it can't be valued, marks apart.
    failed: Option<String>,
    /// True if it was its margin that could not be computed: a look at its entitlement alone does not clear that.
    margin_failed: bool,
    /// The coins whose fresh marks it lacks. Nothing is signed for it until it has them.
    lacks: Option<String>,
    /// Why no instruction can follow the last one.
    stuck: Option<String>,
    /// The number of the last instruction that was said to be late.
    late: u64,
}

/// The oracle of a set of pairs on one chain.
#[derive(Debug)]
pub struct Oracle<C, A> {
    chain: C,
    attest: A,
    engine: Engine<Arc<Inputs>, Arc<Portfolio>>,
    pairs: Vec<Live>,
    shared: Arc<Shared>,
    board: Board,
    /// The last tick.
    looked: Option<(Timestamp, BySymbol<Option<Price>>)>,
    /// The marks of the last valuation.
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
        for bar in shared.store.bars()? {
            // What the table has since been given counts as the table has it.
            if engine.last_bar().is_none_or(|last| bar.open_time >= last.close_time()) {
                engine.advance(&bar);
            }
        }
        let now = engine.last_bar().map_or(Timestamp::new(0), Bar::close_time);
        for plan in &plans {
            crate::replay::check(&inputs, &plan.portfolio, now)?;
        }
        let live = |plan: PairPlan| -> Result<Live, LedgerError> {
            let last = shared.store.newest_record(plan.terms.vault)?;
            let trouble = last.as_ref().and_then(|record| record.trouble.clone());
            let (vault, portfolio) = (plan.terms.vault, Arc::clone(&plan.portfolio));
            let board = PairBoard { vault, portfolio, view: None, valued: None, stopped: None, trouble };
            let (coins, root) = (coins(&plan.portfolio), plan.portfolio.root());
            let lacks = lacks(&plan.portfolio, now, &BySymbol::default());
            let stuck = last.as_ref().and_then(|last| stuck(last, attest.set()));
            Ok(Live { coins, root, plan, board, last, failed: None, margin_failed: false, lacks, stuck, late: 0 })
        };
        let pairs = plans.into_iter().map(live).collect::<Result<Vec<_>, _>>()?;
        let needed = BySymbol::from_fn(|symbol| pairs.iter().any(|pair| pair.coins[symbol]));
        let board = Board { needed, ..Board::default() };
        let seen = BySymbol::default();
        let (looked, latencies) = (None, Vec::new());
        let mut oracle = Self { chain, attest, engine, pairs, shared, board, looked, seen, looks: 0, when, latencies };
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

    /// When the last bar closed that the engine has taken in.
    pub fn bars_end(&self) -> Timestamp {
        self.engine.last_bar().map_or(Timestamp::new(0), Bar::close_time)
    }

    /// True if some pair needs the coin.
    pub fn needs(&self, market: Symbol) -> bool {
        self.board.needed[market]
    }

    /// True if these marks, or this second, were not seen yet.
    pub fn is_news(&self, time: Timestamp, marks: &BySymbol<Option<Price>>) -> bool {
        self.looked.as_ref() != Some(&(time, *marks))
    }

    /// A tick between two closes: [`Oracle::on_tick`] without a bar.
    ///
    /// # Errors
    /// As [`Oracle::on_tick`].
    pub fn on_marks(&mut self, time: Timestamp, marks: BySymbol<Option<Price>>) -> Result<usize, Error> {
        self.on_tick(&[], time, marks)
    }

    /// Takes in the bars that have closed, oldest first; values what moved at the marks that are fresh at `time`, or at the
    /// last close, and makes instructions where they are due. Gives how many were signed. A pair is left alone while a coin
    /// that it needs has no fresh mark.
    ///
    /// # Errors
    /// The store can't be used: nothing may be signed. What concerns one pair only is on its board instead.
    pub fn on_tick(&mut self, closed: &[Bar], time: Timestamp, marks: BySymbol<Option<Price>>) -> Result<usize, Error> {
        let started = Instant::now();
        self.latencies.clear();
        self.looked = Some((time, marks));
        if !closed.is_empty() {
            self.shared.store.keep_bars(closed)?;
            closed.iter().for_each(|bar| self.engine.advance(bar));
        }
        self.note_fresh(BySymbol::from_fn(|symbol| marks[symbol].is_some()), time, !closed.is_empty())?;
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
        for batch in due.chunks(BATCH) {
            let engine = &self.engine;
            let valued: Vec<_> = batch.par_iter().map(|index| (*index, engine.value(&market, *index))).collect();
            for (index, step) in valued {
                match step {
                    Ok(step) => {
                        if self.instruct(index, Valued { market: Arc::clone(&market), step }, started)? {
                            signed = signed.saturating_add(1);
                        }
                    }
                    Err(error) => self.fail_margin(index, &error.into())?,
                }
            }
        }
        self.shared.metrics.tick.observe(started.elapsed().as_secs_f64());
        self.publish();
        Ok(signed)
    }

    /// Notes which coins have a fresh mark, and which pairs lack one that they need.
    fn note_fresh(&mut self, fresh: BySymbol<bool>, now: Timestamp, closed: bool) -> Result<(), LedgerError> {
        // What a pair needs changes with a close at most, when a position settles.
        if self.board.fresh == fresh && !closed && self.board.marked {
            return Ok(());
        }
        for symbol in Symbol::ALL {
            let of = OfMarket { market: symbol.to_string() };
            self.shared.metrics.mark_fresh.get_or_create(&of).set(fresh[symbol].into());
        }
        (self.board.fresh, self.board.marked) = (fresh, true);
        for index in 0..self.pairs.len() {
            if let Some(pair) = self.pairs.get_mut(index) {
                pair.lacks = lacks(&pair.plan.portfolio, now, &fresh);
            }
            self.noted(index)?;
        }
        self.publish();
        Ok(())
    }

    /// Pairs that get an instruction now, in order. Those that can't be valued are stopped, and go on when they can.
    fn due(&mut self, market: &Market, moved: &BySymbol<bool>) -> Vec<usize> {
        let (engine, now) = (&self.engine, market.moment.valuation_time);
        let chain_is_current = self.chain_is_current();
        let look = |(index, pair): (usize, &Live)| {
            let touched = Symbol::ALL.into_iter().any(|symbol| moved[symbol] && pair.coins[symbol]);
            let waiting = chain_is_current && pair.is_waiting(now);
            if pair.lacks.is_some() || pair.stuck.is_some() || !(touched || waiting && pair.is_late(now)) {
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
            let noted = if failed { Ok(()) } else { self.fail(index, error) };
            if let Err(error) = noted {
                tracing::error!(%error, "an alarm can't be kept");
            }
            due.extend(is_due.then_some(index));
        }
        due
    }

    /// True while the chain answers and makes blocks. A number that is signed for a chain that can't take it is lost with its
    /// expiry, so nothing new is signed then.
    fn chain_is_current(&self) -> bool {
        let (now, freshness) = (self.shared.clock.now(), self.shared.freshness);
        let answers = self.board.chain_answered.is_some_and(|at| now.since(at) <= freshness.answer);
        answers && self.board.finalised.is_some_and(|head| now.since(head.time) <= freshness.block)
    }

    /// Notes why a pair can't be valued, or that it can again.
    fn fail(&mut self, index: usize, why: Option<String>) -> Result<(), LedgerError> {
        if let Some(pair) = self.pairs.get_mut(index) {
            pair.failed = why;
        }
        self.noted(index)
    }

    /// Puts up why a pair is stopped; an alarm when that changes.
    fn noted(&mut self, index: usize) -> Result<(), LedgerError> {
        let Some(pair) = self.pairs.get_mut(index) else { return Ok(()) };
        let why = [&pair.stuck, &pair.lacks, &pair.failed].into_iter().find_map(Clone::clone);
        if pair.board.stopped == why {
            return Ok(());
        }
        let was = pair.board.stopped.is_some();
        pair.board.stopped.clone_from(&why);
        let (name, vault) = (pair.plan.portfolio.pair().to_owned(), pair.plan.terms.vault);
        let of = OfVault { pair: name.clone(), vault: super::document::hex0x(vault.0) };
        self.shared.metrics.pair_stopped.get_or_create(&of).set(why.is_some().into());
        match why {
            Some(what) => self.alarm("pair_stopped", Some(vault), json!({ "pair": name, "what": what })),
            None if was => self.note("pair_back", Some(vault), json!({ "pair": name })),
            None => Ok(()),
        }
    }

    fn fail_margin(&mut self, index: usize, error: &Error) -> Result<(), LedgerError> {
        if let Some(pair) = self.pairs.get_mut(index) {
            pair.margin_failed = true;
        }
        self.fail(index, Some(error.to_string()))
    }

    /// Proposes and signs for one pair; true if it was signed. What is in the way is on the record.
    fn instruct(&mut self, index: usize, valued: Valued, started: Instant) -> Result<bool, Error> {
        let Some(pair) = self.pairs.get_mut(index) else { return Ok(false) };
        let valued = Arc::new(valued);
        pair.board.valued = Some(Arc::clone(&valued));
        let Some(view) = pair.board.view.clone() else { return Ok(false) };
        let mut store = self.shared.store.clone();
        let mut record = match propose(&view, &pair.plan.terms, &valued.market.moment, &valued.step) {
            Ok(proposal) => proposal,
            Err(error) => return Ok(self.fail_margin(index, &error).map(|()| false)?),
        };
        let recovered = std::mem::take(&mut pair.margin_failed);
        crate::cycle::Ledger::keep(&mut store, &record)?;
        let outcome = sign(&mut self.attest, &mut store, &mut record);
        let metrics = &self.shared.metrics;
        count(metrics, "proposed");
        let good = outcome.is_ok();
        if good {
            let latency = started.elapsed();
            self.latencies.push(latency);
            metrics.tick_to_signed.observe(latency.as_secs_f64());
            count(metrics, "signed");
        }
        pair.keep(record, self.attest.set());
        let name = pair.plan.portfolio.pair().to_owned();
        if recovered {
            self.fail(index, None)?;
        }
        self.hear()?;
        match outcome {
            Err(error @ Error::Store(_)) => Err(error),
            Err(error) => {
                tracing::warn!(pair = name, %error, "not signed");
                self.count_alarm("not_signed");
                Ok(false)
            }
            Ok(()) => Ok(good),
        }
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

    /// Takes in what signers have said since the last time, and raises or ends alarms about them by name.
    ///
    /// # Errors
    /// The store can't be used.
    pub fn hear(&mut self) -> Result<(), LedgerError> {
        for heard in self.attest.heard() {
            let signer = super::document::hex0x(heard.signer.0);
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

    /// Puts up what is known of marks and sources.
    pub fn note_sources(&mut self, sources: MarketBoard) {
        self.board.sources = Arc::new(sources);
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

    /// The number and expiry of a signed instruction that half its time was not enough for; once for each.
    fn is_late_for(&mut self, chain_time: Timestamp) -> Option<(u64, Timestamp)> {
        let last = self.last.as_ref().filter(|last| matches!(last.stage, Stage::Signed | Stage::Sent(_)))?;
        let (message, number) = (&last.message, last.message.sequence);
        let left = message.expiry.since(chain_time);
        if number == self.late || left > chain_time.since(message.valuation_time) {
            return None;
        }
        let found = (number, message.expiry);
        self.late = number;
        Some(found)
    }

    fn keep(&mut self, record: Record, set: &SignerSet) {
        self.board.trouble.clone_from(&record.trouble);
        self.stuck = stuck(&record, set);
        self.last = Some(record);
    }
}

/// Why no instruction can follow a record with these signers.
fn stuck(record: &Record, set: &SignerSet) -> Option<String> {
    (!can_follow(record, set)).then(|| {
        let (number, needed) = (record.message.sequence, set.threshold());
        format!(
            "instruction {number} expired after it was signed; its signers sign no other for the number, and fewer than \
             {needed} are left: the parties have to rotate signers"
        )
    })
}

fn count(metrics: &super::metrics::Metrics, stage: &str) {
    metrics.instructions.get_or_create(&Kind { kind: stage.to_owned() }).inc();
}

/// The coins that a pair needs at a moment and that have no fresh mark; nothing if there are none.
fn lacks(portfolio: &Portfolio, now: Timestamp, fresh: &BySymbol<bool>) -> Option<String> {
    let needed = coins_needed(portfolio, now);
    let missing = Symbol::ALL.into_iter().filter(|symbol| needed[*symbol] && !fresh[*symbol]);
    let names: Vec<String> = missing.map(|symbol| symbol.to_string()).collect();
    (!names.is_empty()).then(|| format!("no fresh mark for {}", names.join(" and ")))
}

/// Coins whose marks a portfolio ever needs.
fn coins(portfolio: &Portfolio) -> BySymbol<bool> {
    let mut coins = BySymbol::default();
    let positions = portfolio.positions().iter().flat_map(|position| position.instrument.coins());
    for symbol in positions.chain(portfolio.collateral().iter().map(|pledged| pledged.symbol)) {
        *coins.get_mut(symbol) = true;
    }
    coins
}
