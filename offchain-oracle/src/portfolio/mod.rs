//! Portfolios: what one pair has open, and the commitment to it that both parties sign.

mod json;
mod root;

pub(crate) use json::document;

pub use root::position_leaf;

use crate::error::InputError;
use crate::files::Source;
use crate::symbol::{BySymbol, Symbol};
use crate::units::{MicroUsd, Price, Quantity};
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::Digest;

/// Most positions of one portfolio.
pub const MAX_POSITIONS: usize = 1_024;

/// A linear perpetual: pays `quantity * (mark - entry)` less funding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The coin.
    pub symbol: Symbol,
    /// Coins, seen from A: positive is long for A, short for B.
    pub quantity: Quantity,
    /// The price at which it was opened.
    pub entry: Price,
    /// When it was opened; funding runs from here.
    pub opened: Timestamp,
    /// Funding that A has paid on it, net, before the first bar that the oracle replays. Needed when `opened` is earlier
    /// than that bar; negative if A received it.
    pub funding_paid: Option<MicroUsd>,
}

/// A pair's positions, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portfolio {
    file: String,
    pair: String,
    positions: Vec<Position>,
}

impl Portfolio {
    /// Reads a portfolio document:
    ///
    /// ```json
    /// { "pair": "btc-desk", "positions": [
    ///   { "symbol": "BTC", "quantity": "180", "entry_price": "117624.03", "opened": "2025-10-10T18:00Z" } ] }
    /// ```
    ///
    /// Numbers are decimal strings, so that no reader turns them into floats. `funding_paid` (US dollars) is optional.
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

    /// Net coins per symbol in 10^-8, seen from A. Exact, so the order of positions can't matter.
    pub fn net(&self) -> BySymbol<i128> {
        BySymbol::from_fn(|symbol| {
            let of_symbol = self.positions.iter().filter(|position| position.symbol == symbol);
            // At most 1,024 quantities of at most 10^17: the sum can't saturate.
            of_symbol.fold(0_i128, |sum, position| sum.saturating_add(position.quantity.get().into()))
        })
    }

    /// The commitment to the positions; see [`position_leaf`] for the encoding.
    pub fn root(&self) -> Digest {
        root::root(&self.positions)
    }

    /// The positions in another order. For tests that show that order can't matter.
    #[must_use]
    pub fn reordered(&self, order: impl FnOnce(&mut [Position])) -> Self {
        let mut copy = self.clone();
        order(&mut copy.positions);
        copy
    }
}
