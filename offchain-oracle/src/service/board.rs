//! What the loop saw last, for those who ask. Replaced as a whole; a reader keeps what it has.

pub use super::feeds::MarketBoard;
use super::metrics::Metrics;
use super::store::Store;
pub use super::watch::SignerBoard;
use crate::chain::{Block, BondView, VaultView};
use crate::engine::Market;
use crate::inputs::Inputs;
use crate::portfolio::Portfolio;
use crate::replay::PairStep;
use crate::symbol::BySymbol;
use crate::time::Clock;
use ringfence_protocol::units::{Seconds, Timestamp};
use ringfence_protocol::Address;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The state of everything after the last turn of the loop.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// The last finalised block.
    pub finalised: Option<Block>,
    /// When the chain last answered.
    pub chain_answered: Option<Timestamp>,
    /// Why it did not answer the last time.
    pub chain_error: Option<String>,
    /// The market of the last tick.
    pub market: Option<Arc<Market>>,
    /// Coins with a fresh mark.
    pub fresh: BySymbol<bool>,
    /// False until marks were looked at for the first time.
    pub marked: bool,
    /// Marks and their sources, as they were within the last second.
    pub sources: Arc<MarketBoard>,
    /// What is wrong with signers; one that was never asked is not in it.
    pub signers: BTreeMap<Address, SignerBoard>,
    /// Coins that some pair needs.
    pub needed: BySymbol<bool>,
    /// Every pair, in the order of the configuration.
    pub pairs: Vec<PairBoard>,
    /// Series that cover one of the vaults.
    pub bonds: BTreeMap<Address, BondView>,
}

/// One pair.
#[derive(Clone, Debug)]
pub struct PairBoard {
    /// Its vault.
    pub vault: Address,
    /// Its portfolio.
    pub portfolio: Arc<Portfolio>,
    /// The vault's finalised state.
    pub view: Option<Arc<VaultView>>,
    /// Its last valuation in full.
    pub valued: Option<Arc<Valued>>,
    /// Why it can't be valued.
    pub stopped: Option<String>,
    /// What holds up its instruction.
    pub trouble: Option<String>,
}

/// A valuation and the market it was made at.
#[derive(Clone, Debug)]
pub struct Valued {
    /// The market.
    pub market: Arc<Market>,
    /// The numbers.
    pub step: PairStep,
}

/// How old what is known may be for the service to be ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// Longest time since the chain answered.
    pub answer: Seconds,
    /// Oldest finalised block.
    pub block: Seconds,
}

/// What the loop and the routes share.
#[derive(Debug)]
pub struct Shared {
    /// The store.
    pub store: Store,
    /// The tables.
    pub inputs: Arc<Inputs>,
    /// The metrics.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// When it is ready.
    pub freshness: Freshness,
    board: RwLock<Arc<Board>>,
}

impl Shared {
    /// Before the first turn of the loop.
    pub fn new(store: Store, inputs: Arc<Inputs>, clock: Arc<dyn Clock>, freshness: Freshness) -> Self {
        Self { store, inputs, metrics: Metrics::default(), clock, freshness, board: RwLock::default() }
    }

    /// The newest board.
    pub fn board(&self) -> Arc<Board> {
        // A board is whole whatever happened to the thread that put it there.
        Arc::clone(&self.board.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts up a new board.
    pub fn publish(&self, board: Board) {
        *self.board.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(board);
        self.metrics.ready.set(i64::from(self.not_ready().is_empty()));
    }

    /// Why the service is not ready; empty if it is.
    pub fn not_ready(&self) -> Vec<String> {
        let (board, now) = (self.board(), self.clock.now());
        let mut reasons = Vec::new();
        match board.chain_answered {
            None => reasons.push("the chain has not answered yet".to_owned()),
            Some(at) if now.since(at) > self.freshness.answer => {
                let why = board.chain_error.clone().unwrap_or_else(|| "no reason is known".to_owned());
                reasons.push(format!("the chain has not answered for {} s: {why}", now.since(at)));
            }
            Some(_) => {}
        }
        if let Some(block) = board.finalised.filter(|block| now.since(block.time) > self.freshness.block) {
            reasons.push(format!("the last finalised block is {} s old", now.since(block.time)));
        }
        for symbol in crate::symbol::Symbol::ALL {
            if board.needed[symbol] && !board.fresh[symbol] {
                let why = board.sources.marks[symbol].as_ref().and_then(|mark| mark.as_ref().err());
                reasons.push(why.map_or_else(|| format!("{symbol} has no fresh mark"), ToString::to_string));
            }
        }
        reasons
    }
}
