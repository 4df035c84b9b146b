use super::{BondEnv, BondError, BondEvent, BondPhase, BondState, BondStep, BondTerms};
use crate::{units::Amount, Step};
use alloc::vec::Vec;
use scale::{Decode, Encode, MaxEncodedLen};

/// The tick at which the book clears, shared pro rata by its bids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Margin {
    /// The number of the highest tick so far that holds bids; the marginal one after the close.
    pub tick: u16,
    /// The sum of the bids there.
    pub total: Amount,
    /// How many notes they get together.
    pub fill: Amount,
    /// The sum of those of its bids that are settled.
    pub settled: Amount,
}

impl Margin {
    /// The notes of the next bid that is settled at the marginal tick.
    ///
    /// Bids are laid end to end in the order in which they are settled, and each gets the difference of the rounded-down
    /// shares up to its end and to its beginning. So each gets its exact share to within one note, and all together get
    /// exactly the fill: no dust, and no bid has to wait for another.
    pub(super) fn settle(&mut self, amount: Amount) -> Result<Amount, BondError> {
        let before = self.settled.mul_div_down(self.fill.get(), self.total.get())?;
        self.settled.put(amount)?;
        Ok(self.settled.mul_div_down(self.fill.get(), self.total.get())?.sub(before)?)
    }
}

impl BondState {
    /// Anyone clears the next ticks of the book, given their sums in order from the cursor on. The spread of the tick that
    /// reaches the limit, or else of the highest that holds a bid, is what every note earns. Below the minimum the
    /// series fails.
    ///
    /// Cost: the ticks given, however many bids they hold. The rest can be cleared in further calls.
    pub fn clear(mut self, env: &BondEnv, terms: &BondTerms, ticks: &[Amount]) -> Result<BondStep, BondError> {
        if self.phase != BondPhase::Book {
            return Err(BondError::BookCleared);
        }
        if env.now <= terms.reveal_until {
            return Err(BondError::BookOpen);
        }
        if ticks.is_empty() {
            return Err(BondError::AmountOutOfBounds);
        }
        let end = terms.tick_of(terms.max_spread)?;
        for total in ticks.iter().copied() {
            if self.cursor > end {
                break;
            }
            let fill = total.min(terms.limit.sub(self.face)?);
            if !fill.is_zero() {
                self.margin = Margin { tick: self.cursor, total, fill, settled: Amount::ZERO };
                self.face.put(fill)?;
            }
            self.cursor = self.cursor.checked_add(1).ok_or(BondError::ArithmeticOverflow)?;
            if self.face == terms.limit {
                return self.close(terms);
            }
        }
        if self.cursor > end {
            return self.close(terms);
        }
        Ok(Step { state: self, events: Vec::new(), transfers: Vec::new() })
    }

    fn close(mut self, terms: &BondTerms) -> Result<BondStep, BondError> {
        if self.face < terms.minimum {
            return self.fail();
        }
        self.phase = BondPhase::Cleared;
        self.spread = terms.spread_of(self.margin.tick)?;
        Ok(BondStep::new(self, BondEvent::Cleared { spread: self.spread, face: self.face }))
    }
}
