use super::{funds::check_amount, Credit, Effects, Env, Vault, VaultError, VaultEvent};
use crate::{
    collateral::PRICE_UNIT,
    units::{Amount, Bps, Timestamp},
    Address, Party,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// Where the price of seized collateral ends, as a share of its last mark. Of what nobody buys above it, as much as would
/// have brought in what is missing goes to whom the loss is owed, in kind.
pub const LAST_PRICE: Bps = Bps::new(1_000);

/// The sale of a debtor's collateral: anyone buys at a price that falls from the last mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Auction {
    /// When it began.
    pub since: Timestamp,
}

impl Vault {
    /// Begins the sale of the debtor's collateral.
    pub(super) fn begin_auction(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        self.case.auction = Some(Auction { since: env.now });
        let deadline = env.now.after(self.agreement.terms.periods.auction)?;
        fx.events.push(VaultEvent::AuctionBegun { deadline });
        Ok(())
    }

    /// True while a debt has to wait for the sale of collateral: it is more than the debtor's margin, and the debtor has
    /// posted something that could still be sold.
    pub(super) fn auction_blocks(&self, env: &Env, debtor: Party, owed: Amount) -> Result<bool, VaultError> {
        if owed <= *self.state.margin.of(debtor) || !self.collateral.has_posted(debtor) {
            return Ok(false);
        }
        match self.case.auction {
            None => Ok(true),
            Some(auction) => Ok(env.now <= auction.since.after(self.agreement.terms.periods.auction)?),
        }
    }

    /// Anyone buys collateral of the debtor at its price of now, paid into the debtor's margin. No more is sold than the
    /// claim needs.
    pub(super) fn buy_collateral(
        &mut self,
        env: &Env,
        fx: &mut Effects,
        index: usize,
        quantity: Amount,
        limit: Amount,
    ) -> Result<(), VaultError> {
        let (defaulter, since) = self.default()?;
        check_amount(quantity)?;
        let period = self.agreement.terms.periods.auction;
        let auction = self.case.auction.ok_or(VaultError::NoAuction)?;
        if env.now > auction.since.after(period)? {
            return Err(VaultError::NoAuction);
        }
        let claim = self.claim(env, defaulter, since)?.ok_or(VaultError::CloseOutUndetermined)?;
        let debtor = if claim.get() < 0 { defaulter.other() } else { defaulter };
        let missing = claim.magnitude().saturating_sub(*self.state.margin.of(debtor));
        let asset = self.collateral.asset(index)?;
        let cost = self.price_up(env, auction, index, quantity)?;
        if cost > limit {
            return Err(VaultError::PriceAboveLimit);
        }
        if cost.is_zero() || cost > missing {
            return Err(VaultError::MoreThanNeeded);
        }

        self.collateral.take(debtor, index, quantity)?;
        self.state.margin.of_mut(debtor).put(cost)?;
        fx.events.push(VaultEvent::CollateralSold { asset, quantity, cost, buyer: env.caller });
        fx.take(env.caller, cost);
        fx.pay_token(asset, env.caller, quantity);
        Ok(())
    }

    /// What `quantity` of the collateral for sale costs now.
    pub fn auction_price_up(&self, env: &Env, index: usize, quantity: Amount) -> Result<Amount, VaultError> {
        self.price_up(env, self.case.auction.ok_or(VaultError::NoAuction)?, index, quantity)
    }

    /// Lets `to` collect what nobody bought of the debtor's collateral, in kind: as much as would have brought in what is
    /// missing at the last price of the sale. The rest is the debtor's own.
    pub(super) fn hand_over_missing(
        &mut self,
        fx: &mut Effects,
        debtor: Party,
        missing: Amount,
        to: Address,
    ) -> Result<(), VaultError> {
        let mut missing = missing;
        for index in 0..self.collateral.schedule.count() {
            let asset = self.collateral.asset(index)?;
            let posted = self.collateral.posted(debtor, index)?;
            // Without a mark there is no price, and nothing says that less would do.
            let price = self.collateral.price(index).unwrap_or_default();
            let last_price = LAST_PRICE.share_down(price)?;
            let quantity = match missing.mul_div_up(PRICE_UNIT, last_price.get()) {
                Ok(enough) => enough.min(posted),
                Err(_) => posted,
            };
            if missing.is_zero() || quantity.is_zero() {
                continue;
            }
            self.collateral.take(debtor, index, quantity)?;
            missing = missing.saturating_sub(quantity.mul_div_down(last_price.get(), PRICE_UNIT)?);
            fx.credits.push(Credit { to, asset, amount: quantity });
        }
        Ok(())
    }

    /// What `quantity` costs now: the last mark, less what has fallen in equal steps towards [`LAST_PRICE`], rounded up.
    fn price_up(&self, env: &Env, auction: Auction, index: usize, quantity: Amount) -> Result<Amount, VaultError> {
        let period = u128::from(self.agreement.terms.periods.auction.get());
        let passed = u128::from(env.now.since(auction.since).get()).min(period);
        let whole = u128::from(Bps::ONE.get());
        let falls = u128::from(LAST_PRICE.complement()?.get());
        let scale = whole.checked_mul(period).ok_or(VaultError::ArithmeticOverflow)?;
        let fallen = falls.checked_mul(passed).ok_or(VaultError::ArithmeticOverflow)?;
        let share = scale.checked_sub(fallen).ok_or(VaultError::ArithmeticOverflow)?;
        let gross = quantity.mul_div_up(self.collateral.price(index)?.get(), PRICE_UNIT)?;
        Ok(gross.mul_div_up(share, scale)?)
    }
}
