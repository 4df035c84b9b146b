use super::{
    funds::check_bound,
    portfolio::{check_expiry, check_next},
    settle::signers_needed,
    Crypto, Effects, Env, Phase, Vault, VaultError, VaultEvent,
};
use crate::{
    eip712::TypedMessage,
    message::CloseOutDetermination,
    units::{Amount, SignedAmount, Timestamp},
    Party,
};

impl Vault {
    /// Records the valuation agent's close-out amount, before the close-out deadline, and takes the default as far as it
    /// goes. A second determination needs every signer.
    pub(super) fn determine_close_out<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        message: &CloseOutDetermination,
        signatures: &[u8],
    ) -> Result<(), VaultError> {
        let (defaulter, since) = self.default()?;
        if message.defaulter != *self.agreement.terms.parties.of(defaulter) {
            return Err(VaultError::DefaulterMismatch);
        }
        check_next(self.standing.close_out_sequence, message.sequence)?;
        check_expiry(env, message.expiry)?;
        if env.now > since.after(self.agreement.terms.periods.close_out)? {
            return Err(VaultError::CloseOutDeadlinePassed);
        }
        check_bound(message.amount.magnitude())?;
        let change = message.amount.sub(self.state.outstanding(defaulter)?)?;
        let signers = &self.mandate.signers;
        let needed = match self.case.determined {
            None => signers_needed(&self.agreement, signers, change),
            Some(_) => signers.everyone(),
        };
        signers.verify::<C>(&message.digest::<C>(&env.domain), signatures, needed)?;

        // The sale of one side's collateral is no sale of the other's.
        let turned = self.case.determined.is_some_and(|before| (before.get() < 0) != (message.amount.get() < 0));
        if turned {
            self.case.auction = None;
        }
        self.standing.close_out_sequence = message.sequence;
        self.case.determined = Some(message.amount);
        fx.events.push(VaultEvent::CloseOutDetermined { party: defaulter, amount: message.amount });
        self.progress::<C>(env, fx).map(drop)
    }

    /// Takes a default as far as its time allows; anyone may.
    pub(super) fn resolve_default<C: Crypto>(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        match self.progress::<C>(env, fx)? {
            None => Ok(()),
            Some(reason) => Err(reason),
        }
    }

    /// What the defaulter owes: as determined, or, once the agent let the deadline pass, the last value.
    pub(super) fn claim(
        &self,
        env: &Env,
        defaulter: Party,
        since: Timestamp,
    ) -> Result<Option<SignedAmount>, VaultError> {
        if self.case.determined.is_some() {
            return Ok(self.case.determined);
        }
        if env.now <= since.after(self.agreement.terms.periods.close_out)? {
            return Ok(None);
        }
        Ok(Some(self.state.outstanding(defaulter)?))
    }

    /// Replaces the defaulter by the best bid if the window is over and the bid is not above the claim; else begins the
    /// sale of collateral if the claim needs it, or closes out. Says what it waits for if nothing can be done yet. The
    /// survivor need not wait for the window if no bid that could win stands.
    pub(super) fn progress<C: Crypto>(
        &mut self,
        env: &Env,
        fx: &mut Effects,
    ) -> Result<Option<VaultError>, VaultError> {
        let (defaulter, since) = self.default()?;
        let window_is_over = self.window_is_over(env, since)?;
        let Some(claim) = self.claim(env, defaulter, since)? else {
            let open = VaultError::ReplacementWindowOpen;
            return Ok(Some(if window_is_over { VaultError::CloseOutUndetermined } else { open }));
        };
        let bid = match self.case.bid {
            Some(bid) if bid.price <= claim && self.is_funded(defaulter, since, bid.price)? => Some(bid),
            _ => None,
        };
        let by_survivor = self.agreement.terms.party(env.caller) == Some(defaulter.other());
        if !window_is_over && (bid.is_some() || !by_survivor) {
            return Ok(Some(VaultError::ReplacementWindowOpen));
        }
        let debtor = if claim.get() < 0 { defaulter.other() } else { defaulter };
        let blocks = match bid {
            Some(bid) => self.auction_blocks(env, defaulter, bid.price.positive_part())?,
            None => self.auction_blocks(env, debtor, claim.magnitude())?,
        };
        if blocks {
            if self.case.auction.is_some() {
                return Ok(Some(VaultError::AuctionRunning));
            }
            self.begin_auction(env, fx)?;
            return Ok(None);
        }
        match bid {
            Some(bid) => self.replace::<C>(env, fx, defaulter, since, bid)?,
            None => self.close_out(fx, defaulter, since, claim)?,
        }
        Ok(None)
    }

    /// Runs the claim through the pair's own layers and closes the accounts.
    pub(super) fn close_out(
        &mut self,
        fx: &mut Effects,
        defaulter: Party,
        since: Timestamp,
        claim: SignedAmount,
    ) -> Result<(), VaultError> {
        let survivor = defaulter.other();
        let debtor = *self.agreement.terms.parties.of(defaulter);
        let creditor = *self.agreement.terms.parties.of(survivor);
        self.release_bid(fx)?;
        // A survivor may owe: then it is the debtor, and the layers, which stand for the defaulter alone, pay nothing.
        let owed_by_survivor = claim.negative_part();
        let from_survivor = self.state.pay(survivor, owed_by_survivor)?;
        let mut split = self.split(defaulter, since, claim.positive_part());
        let from_defaulter = self.state.pay(defaulter, split.margin)?;
        self.state.first_loss.take(split.first_loss)?;
        self.state.margin.of_mut(survivor).put(split.first_loss)?;
        split.residual.put(owed_by_survivor.sub(from_survivor)?)?;
        let owed = if claim.get() < 0 { (survivor, creditor, debtor) } else { (defaulter, debtor, creditor) };
        let missing = claim.magnitude().sub(from_defaulter.add(from_survivor)?)?;
        if !missing.is_zero() {
            // What nobody bought goes to whom the claim is owed, in kind.
            self.hand_over_missing(fx, owed.0, missing, owed.2)?;
            self.open_estate(fx, owed.1, owed.2, &split)?;
        }

        self.state.phase = Phase::Closed { defaulter: Some(defaulter) };
        self.state.clear_requirements();
        let from_cover = split.layers.iter().try_fold(Amount::ZERO, |sum, layer| sum.add(*layer))?;
        fx.events.push(VaultEvent::ClosedOut {
            amount: claim,
            from_margin: from_defaulter.add(from_survivor)?,
            from_first_loss: split.first_loss,
            from_cover,
            residual: split.residual,
        });
        Ok(())
    }
}
