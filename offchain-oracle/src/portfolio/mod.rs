//! Portfolios: what one pair has open, and the commitment to it that both parties sign.

mod json;
mod root;

pub(crate) use json::document;

pub use root::position_leaf;

use crate::error::InputError;
use crate::files::Source;
use crate::instrument::{Instrument, Quote};
use crate::symbol::Symbol;
use crate::units::{MicroUsd, Price, Quantity};
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::{Digest, Party};

/// Most positions of one portfolio.
pub const MAX_POSITIONS: usize = 1_024;

/// An open contract; [`crate::instrument`] says what its numbers mean and what it pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The contract.
    pub instrument: Instrument,
    /// Coins, or US dollars of an inverse perpetual or future, seen from A: positive is long for A, short for B.
    pub quantity: Quantity,
    /// The price at which it was opened.
    pub entry: Price,
    /// When it was opened; funding runs from here, and a premium in coins is paid here.
    pub opened: Timestamp,
    /// Cash that A has paid on it (funding, a premium in coins), net, before the first bar that the oracle replays. Needed when `opened` is earlier
    /// than that bar; negative if A received it.
    pub funding_paid: Option<MicroUsd>,
}

impl Position {
    /// True for an inverse perpetual or future, whose quantity is in dollars.
    pub fn is_inverse_linear(&self) -> bool {
        self.instrument.quote == Quote::Inverse && !self.instrument.is_option()
    }
}

/// Most entries of collateral of one portfolio.
pub const MAX_COLLATERAL: usize = 64;

/// Coins that one side has pledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collateral {
    /// Whose.
    pub party: Party,
    /// The coin.
    pub symbol: Symbol,
    /// Coins; above zero.
    pub quantity: Quantity,
}

/// A pair's positions and collateral, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portfolio {
    file: String,
    pair: String,
    positions: Vec<Position>,
    collateral: Vec<Collateral>,
}

impl Portfolio {
    /// Reads a portfolio document:
    ///
    /// ```json
    /// { "pair": "btc-desk", "positions": [
    ///   { "symbol": "BTC", "quantity": "180", "entry_price": "117624.03", "opened": "2025-10-10T18:00Z" } ] }
    /// ```
    ///
    /// Numbers are decimal strings, so that no reader turns them into floats. Optional members are `funding_paid` (US
    /// dollars), `contract` (`perpetual`, `future`, `forward`, `call`, `put`), `quote` (`USD`, a ticker, `inverse`),
    /// `expiry` (all but perpetuals) and `strike` (options). Beside `positions` may stand `collateral`, a list of `party`
    /// (`A` or `B`), `symbol` and `quantity`.
    ///
    /// # Errors
    /// Anything that is not that, with the JSON path of the first thing that is wrong.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        json::parse(source)
    }

    /// The file it came from, for messages.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The pair's label. Not part of the commitment: renaming a file changes no agreement.
    pub fn pair(&self) -> &str {
        &self.pair
    }

    /// The positions, in file order; never empty.
    pub fn positions(&self) -> &[Position] {
        &self.positions
    }

    /// The collateral in coins, in file order.
    pub fn collateral(&self) -> &[Collateral] {
        &self.collateral
    }

    /// The commitment to positions and collateral; see [`position_leaf`] for the encoding.
    pub fn root(&self) -> Digest {
        root::root(&self.positions, &self.collateral)
    }

    /// One position alone, without collateral: for explanations.
    #[must_use]
    pub fn single(&self, index: usize) -> Option<Self> {
        let positions = vec![*self.positions.get(index)?];
        Some(Self { positions, collateral: Vec::new(), pair: self.pair.clone(), file: self.file.clone() })
    }

    /// The positions in another order. For tests that show that order can't matter.
    #[must_use]
    pub fn reordered(&self, order: impl FnOnce(&mut [Position])) -> Self {
        let mut copy = self.clone();
        order(&mut copy.positions);
        copy
    }
}
