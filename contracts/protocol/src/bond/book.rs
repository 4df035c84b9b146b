use super::{BondEnv, BondError, BondEvent, BondPhase, BondState, BondTerms, Holder, SealedBid};
use crate::{
    units::{Amount, Bps},
    Address, Digest, Keccak256, Step,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// One bid. A bidder has one in each of its slots, so it can bid a whole schedule of amounts and spreads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Bid {
    /// In escrow for it; zero: there is no bid.
    pub deposit: Amount,
    /// Notes it asks for; at most the deposit.
    pub amount: Amount,
    /// Number of the tick of its least spread.
    pub tick: u16,
    /// What a sealed bid committed to; zero once revealed, and in an open book.
    pub seal: Digest,
}

/// What a command gives back that touches one bid.
pub type BidStep = Step<(BondState, Bid), BondEvent>;

/// What a command gives back that touches one bid and the sum of its tick.
pub type BookStep = Step<(BondState, Bid, Amount), BondEvent>;

impl BondState {
    /// An investor bids in an open book and pays the whole amount in. `tick` is the sum of the bids at that spread.
    pub fn bid(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        holder: &Holder,
        (bid, tick): (Bid, Amount),
        (amount, spread): (Amount, Bps),
    ) -> Result<BookStep, BondError> {
        self.check_bidding(env, terms, holder, &bid, false)?;
        let number = terms.tick_of(spread)?;
        check_size(terms, amount)?;

        let bid = Bid { deposit: amount, amount, tick: number, seal: Digest::zero() };
        self.bids.put(amount)?;
        let event = BondEvent::BidPlaced { bidder: env.caller, amount, spread };
        Ok(Step::new((self, bid, tick.add(amount)?), event).taking(env.caller, amount))
    }

    /// An investor commits to a bid in a sealed book. The deposit is all that others learn of it.
    pub fn commit(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        holder: &Holder,
        bid: Bid,
        (deposit, seal): (Amount, Digest),
    ) -> Result<BidStep, BondError> {
        self.check_bidding(env, terms, holder, &bid, true)?;
        check_size(terms, deposit)?;
        if seal.is_zero() {
            return Err(BondError::SealMismatch);
        }

        self.bids.put(deposit)?;
        let event = BondEvent::BidCommitted { bidder: env.caller, deposit };
        Ok(Step::new((self, Bid { deposit, seal, ..Bid::default() }), event).taking(env.caller, deposit))
    }

    /// A bidder opens its sealed bid, which enters the book. `series` is the bond's own address and `tick` the sum of the
    /// bids at that spread.
    pub fn reveal<H: Keccak256>(
        self,
        env: &BondEnv,
        terms: &BondTerms,
        series: Address,
        (mut bid, tick): (Bid, Amount),
        opened: &SealedBid,
    ) -> Result<BookStep, BondError> {
        if self.phase != BondPhase::Book || env.now <= terms.bids_until || env.now > terms.reveal_until {
            return Err(BondError::NotRevealing);
        }
        if bid.seal.is_zero() {
            return Err(BondError::NoBid);
        }
        if opened.seal::<H>(series, env.caller) != bid.seal {
            return Err(BondError::SealMismatch);
        }
        check_size(terms, opened.amount)?;
        if opened.amount > bid.deposit {
            return Err(BondError::BidExceedsDeposit);
        }

        bid =
            Bid { deposit: bid.deposit, amount: opened.amount, tick: terms.tick_of(opened.spread)?, ..Bid::default() };
        let (amount, spread) = (opened.amount, opened.spread);
        let event = BondEvent::BidPlaced { bidder: env.caller, amount, spread };
        Ok(Step::new((self, bid, tick.add(amount)?), event))
    }

    /// A bidder takes a bid back, sealed or not, until the cut-off. `tick` is the sum of the bids at its spread.
    pub fn cancel(
        mut self,
        env: &BondEnv,
        terms: &BondTerms,
        (bid, tick): (Bid, Amount),
    ) -> Result<BookStep, BondError> {
        if self.phase != BondPhase::Book || env.now > terms.cancel_until {
            return Err(BondError::CancelOver);
        }
        if bid.deposit.is_zero() {
            return Err(BondError::NoBid);
        }
        self.bids.take(bid.deposit)?;
        let event = BondEvent::BidCancelled { bidder: env.caller, deposit: bid.deposit };
        Ok(Step::new((self, Bid::default(), tick.sub(bid.amount)?), event).paying(env.caller, bid.deposit))
    }

    fn check_bidding(
        &self,
        env: &BondEnv,
        terms: &BondTerms,
        holder: &Holder,
        bid: &Bid,
        sealed: bool,
    ) -> Result<(), BondError> {
        if self.phase != BondPhase::Book || env.now > terms.bids_until || terms.is_sealed() != sealed {
            return Err(BondError::BookClosed);
        }
        if self.premium < terms.premium_at_issue()? {
            return Err(BondError::PremiumNotFunded);
        }
        holder.check_admitted(terms)?;
        if bid.deposit.is_zero() {
            Ok(())
        } else {
            Err(BondError::SlotTaken)
        }
    }
}

fn check_size(terms: &BondTerms, amount: Amount) -> Result<(), BondError> {
    if amount < terms.minimum_bid || amount > Amount::MAX {
        return Err(BondError::AmountOutOfBounds);
    }
    Ok(())
}
