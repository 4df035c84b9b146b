use super::{funds::check_bound, Crypto, DefaultCase, Effects, Env, Phase, Valuation, Vault, VaultError, VaultEvent};
use crate::{
    terms::Terms,
    units::{Amount, Seconds, SignedAmount, Timestamp},
    waterfall::Waterfall,
    Address, Digest, Pair, Party,
};
use alloc::vec::Vec;
use scale::{Decode, Encode, MaxEncodedLen};

/// The most successors that a side can accept at a time.
pub const MAX_SUCCESSORS: usize = 8;

/// Whom each side accepts in the other's place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Successors {
    /// By the side that accepts, at most [`MAX_SUCCESSORS`] each.
    pub accepted_by: Pair<Vec<Address>>,
}

/// An offer to take over a defaulter's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Bid {
    /// The successor.
    pub bidder: Address,
    /// What it wants to be paid; negative if it pays.
    pub price: SignedAmount,
    /// What it paid in: the side's requirement, its unpaid settlement, and a negative price.
    pub posted: Amount,
}

impl Vault {
    /// A party accepts `successor` in the other's place.
    pub(super) fn approve_successor(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        successor: Address,
    ) -> Result<(), VaultError> {
        let party = self.agreement.party(env.caller)?;
        if !may_succeed(&self.agreement.terms, env, successor) {
            return Err(VaultError::SuccessorInvalid);
        }
        let accepted = self.successors.accepted_by.of_mut(party);
        if accepted.contains(&successor) {
            return Err(VaultError::SuccessorKnown);
        }
        if accepted.len() >= MAX_SUCCESSORS {
            return Err(VaultError::SuccessorLimitReached);
        }
        accepted.push(successor);
        fx.events.push(VaultEvent::SuccessorApproved { by: party, successor });
        Ok(())
    }

    /// A party takes its acceptance back. A bid that already stands is not touched by it.
    pub(super) fn revoke_successor(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        successor: Address,
    ) -> Result<(), VaultError> {
        let party = self.agreement.party(env.caller)?;
        let accepted = self.successors.accepted_by.of_mut(party);
        let index = accepted.iter().position(|known| *known == successor).ok_or(VaultError::SuccessorUnknown)?;
        accepted.swap_remove(index);
        fx.events.push(VaultEvent::SuccessorRevoked { by: party, successor });
        Ok(())
    }

    /// A successor that the survivor accepts bids for the defaulter's side, below every bid before. It names the terms
    /// that it would be a party to and pays in what the side has to hold; the bid it beats can be collected at once. A bid
    /// that stands can't be taken back: it is the survivor's hedge.
    pub(super) fn bid<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        price: SignedAmount,
        terms_hash: Digest,
    ) -> Result<(), VaultError> {
        let (defaulter, since) = self.default()?;
        if self.window_is_over(env, since)? {
            return Err(VaultError::ReplacementWindowClosed);
        }
        if !self.successors.accepted_by.of(defaulter.other()).contains(&env.caller) {
            return Err(VaultError::SuccessorUnknown);
        }
        // A role may have changed since the survivor accepted it.
        if !may_succeed(&self.agreement.terms, env, env.caller) {
            return Err(VaultError::SuccessorInvalid);
        }
        check_bound(price.magnitude())?;
        if terms_hash != self.novated::<C>(defaulter, env.caller).1 {
            return Err(VaultError::TermsMismatch);
        }
        if self.case.bid.is_some_and(|best| price >= best.price) {
            return Err(VaultError::BidNotBetter);
        }
        if !self.is_funded(defaulter, since, price)? {
            return Err(VaultError::BidUnfunded);
        }

        let needed = self.state.required.of(defaulter).add(*self.state.deficit.of(defaulter))?;
        let posted = needed.add(price.negative_part())?;
        self.release_bid(fx)?;
        self.case.bid = Some(Bid { bidder: env.caller, price, posted });
        self.standing.escrow.put(posted)?;
        fx.events.push(VaultEvent::BidPlaced { bidder: env.caller, price, posted });
        fx.take(env.caller, posted);
        Ok(())
    }

    /// Lets whoever made the standing bid collect what it paid in.
    pub(super) fn release_bid(&mut self, fx: &mut Effects) -> Result<(), VaultError> {
        if let Some(bid) = self.case.bid.take() {
            self.standing.escrow.take(bid.posted)?;
            self.credit(fx, bid.bidder, bid.posted)?;
        }
        Ok(())
    }

    /// The survivor takes the best bid before the window ends, once the valuation agent has determined the close-out
    /// amount: a bid above it is refused, so that no survivor and successor can share what is not theirs. A bid that the
    /// defaulter's cash does not pay begins the sale of its collateral, and is accepted again after it.
    pub(super) fn accept_bid<C: Crypto>(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        let (defaulter, since) = self.default()?;
        if self.agreement.party(env.caller)? != defaulter.other() {
            return Err(VaultError::NotTheSurvivor);
        }
        let bid = self.case.bid.ok_or(VaultError::NoBid)?;
        let claim = self.claim(env, defaulter, since)?.ok_or(VaultError::CloseOutUndetermined)?;
        if bid.price > claim {
            return Err(VaultError::BidAboveReserve);
        }
        if self.auction_blocks(env, defaulter, bid.price.positive_part())? {
            return match self.case.auction {
                Some(_) => Err(VaultError::AuctionRunning),
                None => self.begin_auction(env, fx),
            };
        }
        self.replace::<C>(env, fx, defaulter, since, bid)
    }

    /// True once successors can't bid any more, or never could.
    pub(super) fn window_is_over(&self, env: &Env, since: Timestamp) -> Result<bool, VaultError> {
        let window = self.agreement.terms.periods.replacement;
        Ok(self.case.ends_pair || window == Seconds::ZERO || env.now > since.after(window)?)
    }

    /// True if the defaulter's margin and the layers behind it reach a price, and there is room to record what they paid.
    pub(super) fn is_funded(
        &self,
        defaulter: Party,
        since: Timestamp,
        price: SignedAmount,
    ) -> Result<bool, VaultError> {
        let split = self.split(defaulter, since, price.positive_part());
        let from_layers = split.margin < price.positive_part();
        Ok(split.residual.is_zero() && (!from_layers || self.estates.has_room()))
    }

    /// How a loss of `amount` would run through the pair's own layers.
    pub(super) fn split(&self, defaulter: Party, since: Timestamp, amount: Amount) -> Waterfall {
        let margin = *self.state.margin.of(defaulter);
        Waterfall::distribute(amount, margin, self.state.first_loss, self.limits(defaulter, since))
    }

    /// What each layer can still pay for the default of `defaulter`.
    pub(super) fn limits(&self, defaulter: Party, since: Timestamp) -> impl Iterator<Item = Amount> + '_ {
        let loss = self.state.loss_time(since, &self.agreement.terms.periods, &[defaulter]);
        self.cover.limits_at(loss, self.state.first_loss)
    }

    /// The terms and their hash with `successor` in the place of `defaulter`.
    fn novated<C: Crypto>(&self, defaulter: Party, successor: Address) -> (Terms, Digest) {
        let mut terms = self.agreement.terms;
        *terms.parties.of_mut(defaulter) = successor;
        let hash = terms.hash::<C>(&self.collateral.schedule, &self.mandate.signers);
        (terms, hash)
    }

    /// Puts the successor in the defaulter's place. The survivor's margin, entitlement and portfolio stay as they are; it
    /// only receives what the defaulter owed it.
    pub(super) fn replace<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        defaulter: Party,
        since: Timestamp,
        bid: Bid,
    ) -> Result<(), VaultError> {
        let former = *self.agreement.terms.parties.of(defaulter);
        let split = self.split(defaulter, since, bid.price.positive_part());
        let paid_by_successor = bid.price.negative_part();
        let left = self.state.margin.of(defaulter).sub(split.margin)?.add(paid_by_successor)?;
        // What the successor is paid by the layers above the defaulter's margin is the defaulter's debt from now on.
        self.standing.escrow.take(bid.posted)?;
        self.state.first_loss.take(split.first_loss)?;
        self.open_estate(fx, former, bid.bidder, &split)?;
        let missing = bid.price.positive_part().sub(split.margin)?;
        self.hand_over_missing(fx, defaulter, missing, bid.bidder)?;
        self.hand_over_collateral(fx, defaulter, former)?;
        self.credit(fx, former, left)?;

        let (terms, hash) = self.novated::<C>(defaulter, bid.bidder);
        if self.cover.eligibility().is_some() {
            // Nobody has said yet who owns the successor.
            self.cover.attest(Timestamp::default());
        }
        self.agreement.terms = terms;
        self.agreement.hash = hash;
        let state = &mut self.state;
        *state.margin.of_mut(defaulter) =
            bid.posted.sub(paid_by_successor)?.add(split.margin)?.add(split.first_loss)?;
        *state.credit.of_mut(defaulter) = Amount::ZERO;
        *state.call.of_mut(defaulter) = None;
        state.phase = Phase::Active;
        // The oracle needs the new terms first; nobody's time runs while it had nothing to sign. Until then the price is
        // for what the successor took over: it can't take it out, default, and have the loss paid once more.
        state.oracle_seen = env.now;
        state.valuation = Valuation::Outdated;
        state.reset_baselines(env.now);
        state.restart_calls(env, &self.agreement)?;
        let arrears = state.pay_deficit(defaulter)?;
        // The survivor may have got cash for what it owed while nothing was paid.
        state.pay_deficit(defaulter.other())?;
        self.successors.accepted_by.of_mut(defaulter).clear();
        self.case = DefaultCase::default();
        fx.events.push(VaultEvent::Replaced {
            party: defaulter,
            former,
            successor: bid.bidder,
            price: bid.price,
            arrears,
            from_margin: split.margin,
            from_first_loss: split.first_loss,
            terms_hash: hash,
        });
        self.refresh(env, fx)
    }

    /// Lets an account collect all that `party` has posted.
    pub(super) fn hand_over_collateral(
        &mut self,
        fx: &mut Effects,
        party: Party,
        to: Address,
    ) -> Result<(), VaultError> {
        for (index, amount) in self.collateral.take_all(party) {
            fx.credits.push(super::Credit { to, asset: self.collateral.asset(index)?, amount });
        }
        Ok(())
    }
}

/// No role of the pair can take a side of it.
fn may_succeed(terms: &Terms, env: &Env, successor: Address) -> bool {
    let taken = [terms.asset, terms.entity, terms.rules, terms.parties.a, terms.parties.b];
    !successor.is_zero() && !taken.contains(&successor) && successor != env.domain.verifying_contract
}
