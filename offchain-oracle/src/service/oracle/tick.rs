//! A tick of the market: what moved is valued, and instructions are made where they are due.

use super::pair::{lacks, Live};
use super::{count, Oracle, When};
use crate::chain::Chain;
use crate::cycle::{propose, sign_many, Attest, Ledger, LedgerError, Record};
use crate::engine::Market;
use crate::market::Bar;
use crate::service::board::Valued;
use crate::service::metrics::OfMarket;
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use crate::Error;
use rayon::prelude::*;
use ringfence_protocol::units::Timestamp;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Pairs whose instructions are valued, written down and signed together. The first of more does not wait for the last.
const GROUP: usize = 64;

impl<C: Chain, A: Attest> Oracle<C, A> {
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
        let look = |(index, pair): (usize, &mut Live)| {
            let touched = Symbol::ALL.into_iter().any(|symbol| moved[symbol] && pair.coins[symbol]);
            pair.unseen = BySymbol::from_fn(|symbol| pair.unseen[symbol] || moved[symbol]);
            let waiting = chain_is_current && pair.is_waiting(now);
            if pair.lacks.is_some() || pair.stuck.is_some() || !(touched || waiting && pair.is_late(now)) {
                return None;
            }
            let unseen = std::mem::take(&mut pair.unseen);
            let agreed = pair.is_agreed();
            let looked = agreed.and_then(|()| Ok(engine.look(market, index, &mut pair.looked, &unseen)?));
            let looked = looked.map_err(|error: Error| error.to_string());
            let due = looked.as_ref().is_ok_and(|x| waiting && (pair.is_late(now) || pair.has_moved(x.get())));
            if looked.is_err() {
                pair.unseen = unseen;
            }
            Some((index, due, looked.err()))
        };
        let looks: Vec<_> = self.pairs.par_iter_mut().enumerate().filter_map(look).collect();
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

    /// Proposes and signs for a group of pairs, and gives how many were signed. Store and journals wait for their disks
    /// together for all of them. What is in the way of a pair is on its record.
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
        store.keep_many(&records.iter().collect::<Vec<_>>())?;
        let outcomes = sign_many(&mut self.attest, &mut store, &mut records)?;
        let latency = started.elapsed();
        // Nothing is told or sent before it is on the disk.
        store.sync()?;
        let mut signed = 0_usize;
        for ((index, record), outcome) in places.into_iter().zip(records).zip(outcomes) {
            signed = signed.saturating_add(usize::from(self.took(index, record, outcome, latency)?));
        }
        self.hear()?;
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
        pair.keep(record, self.attest.set());
        let name = pair.plan.portfolio.pair().to_owned();
        if recovered {
            self.fail(index, None)?;
        }
        if let Err(error) = &outcome {
            tracing::warn!(pair = name, %error, "not signed");
            self.count_alarm("not_signed");
        }
        Ok(outcome.is_ok())
    }
}
