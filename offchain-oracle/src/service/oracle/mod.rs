//! The loop's two halves: a tick of the market, and a look at the chain.
//!
//! A tick looks at every pair whose coins moved: cheaply first, what B owes A now; in full only where that moved enough or an
//! instruction is due anyway. A look at the chain reads finalised state, carries on what is under way, and tells what
//! contracts said. Neither waits for the other's failure: a chain that is away for a moment does not stop signing, a mark that is
//! missing does not stop settlement. But nothing new is signed for a chain that has stood still for long, because a number
//! that is signed and not taken is lost, and nothing is signed for a pair that lacks a mark.

mod alarm;
mod look;
mod pair;
mod tick;

pub use pair::PairPlan;

use super::board::{Board, MarketBoard, PairBoard, Shared};
use super::metrics::{Kind, OfVault};
use crate::chain::Chain;
use crate::cycle::{Attest, LedgerError};
use crate::engine::Engine;
use crate::inputs::Inputs;
use crate::market::Bar;
use crate::portfolio::Portfolio;
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use crate::value::Looked;
use crate::Error;
use pair::{coins, lacks, stuck, Live};
use ringfence_protocol::units::{Amount, Timestamp};
use ringfence_protocol::Pair;
use std::sync::Arc;
use std::time::Duration;

/// When instructions are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At closes of bars, on their closing prices: whoever has the bars can recompute them with `verify`.
    Closes,
    /// At every tick that moves a pair enough. To recompute one takes the marks of its moment as well.
    Ticks,
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
            let (looked, unseen) = (Looked::default(), BySymbol::default());
            let (failed, margin_failed, late) = (None, false, 0);
            Ok(Live { coins, looked, unseen, root, plan, board, last, failed, margin_failed, lacks, stuck, late })
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

    /// From the last tick to each signature it led to, in order.
    pub fn take_latencies(&mut self) -> Vec<Duration> {
        std::mem::take(&mut self.latencies)
    }

    /// What it shares with those who ask.
    pub fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
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
            let seconds = |time: Timestamp| i64::try_from(time.get()).unwrap_or(i64::MAX);
            metrics.last_valuation.get_or_create(&of).set(seconds(view.valuation_time));
            let Pair { a, b } = &view.sides;
            let calls = [a, b].into_iter().filter(|side| side.call_amount > Amount::ZERO).count();
            metrics.calls_open.get_or_create(&of).set(i64::try_from(calls).unwrap_or(i64::MAX));
            let units = |amount: Amount| i64::try_from(amount.get()).unwrap_or(i64::MAX);
            metrics.tail_gap.get_or_create(&of).set(units(view.tail.gap));
            metrics.gap_after_lapse.get_or_create(&of).set(units(view.tail.gap_after_lapse));
            if let Some(time) = view.tail.lapses {
                metrics.cover_lapses.get_or_create(&of).set(seconds(time));
            } else {
                metrics.cover_lapses.remove(&of);
            }
        }
    }

    fn publish(&mut self) {
        self.board.pairs = self.pairs.iter().map(|pair| pair.board.clone()).collect();
        self.shared.publish(self.board.clone());
    }
}

fn count(metrics: &super::metrics::Metrics, stage: &str) {
    metrics.instructions.get_or_create(&Kind { kind: stage.to_owned() }).inc();
}
