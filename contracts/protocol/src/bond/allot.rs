use super::{Bid, BondEnv, BondError, BondEvent, BondPhase, BondState, BondTerms, Holder};
use crate::{units::Amount, Address, Step};

/// What settling a bid gives back: the ledger, the bidder as a holder, and the slot, empty.
pub type AllotStep = Step<(BondState, Holder, Bid), BondEvent>;

impl BondState {
    /// A bidder settles a bid once the outcome of the book stands: gets its notes, with all they have earned since the
    /// series went on risk, and its refund. A sealed bid that was not revealed forfeits the part that the terms say,
    /// whatever became of the series.
    pub fn allot(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        mut holder: Holder,
        bid: Bid,
    ) -> Result<AllotStep, BondError> {
        if matches!(self.phase, BondPhase::Book | BondPhase::Cleared) {
            return Err(BondError::BookOpen);
        }
        if bid.deposit.is_zero() {
            return Err(BondError::NoBid);
        }
        self.sync(env, terms)?;
        self.book(&mut holder)?;

        let notes = self.notes_of(&bid)?;
        let forfeited = if bid.seal.is_zero() { Amount::ZERO } else { terms.forfeit.share_up(bid.deposit)? };
        let refund = bid.deposit.sub(notes)?.sub(forfeited)?;
        self.bids.take(refund.add(forfeited)?)?;
        self.sponsor_due.put(forfeited)?;
        self.issue(&mut holder, notes)?;

        let event = BondEvent::Allotted { bidder: env.caller, notes, refund, forfeited };
        let mut step = Step::new((self, holder, Bid::default()), event);
        if !notes.is_zero() {
            step.events.push(BondEvent::Transfer { from: Address::zero(), to: env.caller, amount: notes });
        }
        Ok(step.paying(env.caller, refund))
    }

    /// The notes that a bid gets: all it asked for below the clearing spread, its share at it, none above.
    fn notes_of(&mut self, bid: &Bid) -> Result<Amount, BondError> {
        if self.phase == BondPhase::Failed || !bid.seal.is_zero() || bid.tick > self.margin.tick {
            Ok(Amount::ZERO)
        } else if bid.tick < self.margin.tick {
            Ok(bid.amount)
        } else {
            self.margin.settle(bid.amount)
        }
    }
}
