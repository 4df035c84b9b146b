//! A series with its investors, its escrow account and its clock.

use crate::common::Real;
use ringfence_protocol::{
    bond::{Bid, BondEnv, BondError, BondEvent, BondState, BondTerms, Holder, NoteValue, Position, SealedBid},
    units::{Amount, Bps, Seconds, Timestamp},
    Address, Digest, Step, Transfer,
};
use std::collections::BTreeMap;

pub(crate) const SPONSOR: Address = Address::repeat_byte(0xe0);
pub(crate) const VAULT: Address = Address::repeat_byte(0xe2);
pub(crate) const SERIES: Address = Address::repeat_byte(0xe3);
pub(crate) const ALICE: Address = Address::repeat_byte(1);
pub(crate) const BOB: Address = Address::repeat_byte(2);
pub(crate) const CAROL: Address = Address::repeat_byte(3);
pub(crate) const START: u64 = 1_760_000_000;
pub(crate) const DAY: u64 = 86_400;
pub(crate) const USDC: u128 = 1_000_000;

pub(crate) fn usdc(amount: u128) -> Amount {
    Amount::new(amount * USDC)
}

/// A million USDC for a year, at up to 12 % in steps of 25 basis points; the book is open for ten days.
pub(crate) fn terms() -> BondTerms {
    BondTerms {
        vault: VAULT,
        sponsor: SPONSOR,
        asset: Address::repeat_byte(0xe1),
        attachment: Amount::ZERO,
        limit: usdc(1_000_000),
        minimum: usdc(500_000),
        minimum_bid: usdc(1_000),
        max_spread: Bps::new(1_200),
        tick: Bps::new(25),
        forfeit: Bps::new(500),
        cancel_until: Timestamp::new(START + 8 * DAY),
        bids_until: Timestamp::new(START + 10 * DAY),
        reveal_until: Timestamp::new(START + 10 * DAY),
        risk_period: Seconds::new(365 * DAY),
        notice: Seconds::new(DAY),
        extension: Seconds::new(60 * DAY),
        waiting: Seconds::ZERO,
        allow_list: Digest::zero(),
    }
}

/// The same with two days to reveal.
pub(crate) fn sealed_terms() -> BondTerms {
    BondTerms { reveal_until: Timestamp::new(START + 12 * DAY), ..terms() }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Market {
    pub(crate) terms: BondTerms,
    pub(crate) state: BondState,
    pub(crate) holders: BTreeMap<Address, Holder>,
    pub(crate) bids: BTreeMap<(Address, u8), Bid>,
    pub(crate) ticks: BTreeMap<u16, Amount>,
    pub(crate) now: u64,
    /// The escrow account.
    pub(crate) balance: u128,
    /// What each address got less what it paid.
    pub(crate) cash: BTreeMap<Address, i128>,
    pub(crate) events: Vec<BondEvent>,
}

impl Market {
    pub(crate) fn new(terms: BondTerms) -> Self {
        assert_eq!(terms.validate(Timestamp::new(START)), Ok(()));
        Self {
            terms,
            state: BondState::default(),
            holders: BTreeMap::new(),
            bids: BTreeMap::new(),
            ticks: BTreeMap::new(),
            now: START,
            balance: 0,
            cash: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    pub(crate) fn funded_with(terms: BondTerms) -> Self {
        let mut market = Self::new(terms);
        market.fund().expect("accepted");
        market
    }

    pub(crate) fn funded() -> Self {
        Self::funded_with(terms())
    }

    /// Alice has 600,000 notes and Bob 400,000, at 10 %, since ten days and a second after the start.
    pub(crate) fn on_risk_with(terms: BondTerms) -> Self {
        let mut market = Self::funded_with(terms);
        market.bid(ALICE, 0, usdc(600_000), 1_000).expect("accepted");
        market.bid(BOB, 0, usdc(400_000), 1_000).expect("accepted");
        market.close();
        market.activate().expect("accepted");
        market.allot(ALICE, 0).expect("accepted");
        market.allot(BOB, 0).expect("accepted");
        market
    }

    pub(crate) fn on_risk() -> Self {
        Self::on_risk_with(terms())
    }

    /// The first second after notice.
    pub(crate) fn redeeming() -> Self {
        let mut market = Self::on_risk();
        market.now += 366 * DAY + 1;
        market
    }

    pub(crate) fn env(&self, caller: Address) -> BondEnv {
        BondEnv { now: Timestamp::new(self.now), caller }
    }

    pub(crate) fn holder(&self, who: Address) -> Holder {
        self.holders.get(&who).copied().unwrap_or_default()
    }

    pub(crate) fn slot(&self, who: Address, slot: u8) -> Bid {
        self.bids.get(&(who, slot)).copied().unwrap_or_default()
    }

    pub(crate) fn tick(&self, tick: u16) -> Amount {
        self.ticks.get(&tick).copied().unwrap_or(Amount::ZERO)
    }

    pub(crate) fn cash(&self, who: Address) -> i128 {
        self.cash.get(&who).copied().unwrap_or(0)
    }

    /// Makes the transfers, notes the events and hands on the new values.
    fn keep<T>(&mut self, step: Step<T, BondEvent>) -> T {
        for transfer in &step.transfers {
            let (who, signed) = match *transfer {
                Transfer::In { from, amount } => (from, -i128::try_from(amount.get()).expect("small")),
                Transfer::Out { to, amount } => (to, i128::try_from(amount.get()).expect("small")),
            };
            *self.cash.entry(who).or_default() += signed;
            self.balance = self.balance.checked_add_signed(-signed).expect("the escrow pays only what it has");
        }
        self.events.extend(step.events);
        step.state
    }

    /// The account is what is owed.
    fn done(&self) {
        assert_eq!(self.state.liabilities().map(Amount::get), Ok(self.balance), "CONSERVE");
    }

    /// Sends `amount` to the account without a call.
    pub(crate) fn send(&mut self, from: Address, amount: Amount) {
        self.balance += amount.get();
        *self.cash.entry(from).or_default() -= i128::try_from(amount.get()).expect("small");
    }

    pub(crate) fn fund(&mut self) -> Result<(), BondError> {
        let premium = self.terms.premium_at_issue().expect("in range");
        let mut funded = self.clone();
        funded.send(SPONSOR, premium.add(Amount::new(7)).expect("small"));
        funded.fund_as(SPONSOR)?;
        *self = funded;
        self.done();
        Ok(())
    }

    pub(crate) fn fund_as(&mut self, caller: Address) -> Result<(), BondError> {
        let balance = Amount::new(self.balance);
        let step = self.state.fund_premium(&self.env(caller), &self.terms, balance, Amount::new(7))?;
        self.state = self.keep(step);
        Ok(())
    }

    pub(crate) fn bid(&mut self, who: Address, slot: u8, amount: Amount, spread: u16) -> Result<(), BondError> {
        let number = self.terms.tick_of(Bps::new(spread)).unwrap_or(0);
        let loaded = (self.slot(who, slot), self.tick(number));
        let step =
            self.state.bid(&self.env(who), &self.terms, &self.holder(who), loaded, (amount, Bps::new(spread)))?;
        let (state, bid, tick) = self.keep(step);
        self.state = state;
        self.bids.insert((who, slot), bid);
        self.ticks.insert(number, tick);
        self.done();
        Ok(())
    }

    pub(crate) fn commit(&mut self, who: Address, slot: u8, deposit: Amount, seal: Digest) -> Result<(), BondError> {
        let (holder, bid) = (self.holder(who), self.slot(who, slot));
        let step = self.state.commit(&self.env(who), &self.terms, &holder, bid, (deposit, seal))?;
        let (state, bid) = self.keep(step);
        self.state = state;
        self.bids.insert((who, slot), bid);
        self.done();
        Ok(())
    }

    pub(crate) fn reveal(&mut self, who: Address, slot: u8, opened: &SealedBid) -> Result<(), BondError> {
        let number = self.terms.tick_of(opened.spread).unwrap_or(0);
        let loaded = (self.slot(who, slot), self.tick(number));
        let step = self.state.reveal::<Real>(&self.env(who), &self.terms, SERIES, loaded, opened)?;
        let (state, bid, tick) = self.keep(step);
        self.state = state;
        self.bids.insert((who, slot), bid);
        self.ticks.insert(number, tick);
        self.done();
        Ok(())
    }

    pub(crate) fn cancel(&mut self, who: Address, slot: u8) -> Result<(), BondError> {
        let bid = self.slot(who, slot);
        let step = self.state.cancel(&self.env(who), &self.terms, (bid, self.tick(bid.tick)))?;
        let (state, empty, tick) = self.keep(step);
        self.state = state;
        self.bids.insert((who, slot), empty);
        self.ticks.insert(bid.tick, tick);
        self.done();
        Ok(())
    }

    /// Clears at most `count` ticks.
    pub(crate) fn clear(&mut self, count: u16) -> Result<(), BondError> {
        let from = self.state.cursor;
        let ticks: Vec<Amount> = (from..from + count).map(|number| self.tick(number)).collect();
        let step = self.state.clear(&self.env(CAROL), &self.terms, &ticks)?;
        self.state = self.keep(step);
        self.done();
        Ok(())
    }

    /// Lets the time of the book pass and clears it.
    pub(crate) fn close(&mut self) {
        self.now = self.terms.reveal_until.get() + 1;
        self.clear(256).expect("accepted");
    }

    pub(crate) fn activate(&mut self) -> Result<(), BondError> {
        self.activate_as(SPONSOR)
    }

    pub(crate) fn activate_as(&mut self, caller: Address) -> Result<(), BondError> {
        let step = self.state.activate(&self.env(caller), &self.terms)?;
        self.state = self.keep(step);
        self.done();
        Ok(())
    }

    pub(crate) fn expire(&mut self) -> Result<(), BondError> {
        let step = self.state.expire(&self.env(CAROL), &self.terms)?;
        self.state = self.keep(step);
        self.done();
        Ok(())
    }

    pub(crate) fn allot(&mut self, who: Address, slot: u8) -> Result<(), BondError> {
        let step = self.state.allot(&self.env(who), &self.terms, self.holder(who), self.slot(who, slot))?;
        let (state, holder, bid) = self.keep(step);
        self.state = state;
        self.holders.insert(who, holder);
        self.bids.insert((who, slot), bid);
        self.done();
        Ok(())
    }

    pub(crate) fn transfer(&mut self, from: Address, to: Address, amount: Amount) -> Result<(), BondError> {
        let (sender, receiver) = ((from, self.holder(from)), (to, self.holder(to)));
        let step = self.state.transfer(&self.env(from), &self.terms, sender, receiver, amount)?;
        let (state, sender, receiver) = self.keep(step);
        self.state = state;
        self.holders.insert(from, sender);
        self.holders.insert(to, receiver);
        self.done();
        Ok(())
    }

    pub(crate) fn claim(&mut self, caller: Address, amount: Amount) -> Result<(), BondError> {
        let step = self.state.claim(&self.env(caller), &self.terms, amount)?;
        self.state = self.keep(step);
        self.done();
        Ok(())
    }

    /// The vault sends money and records it.
    pub(crate) fn recover(&mut self, amount: Amount) -> Result<(), BondError> {
        let mut sent = self.clone();
        sent.send(VAULT, amount);
        sent.recovered_as(VAULT, amount)?;
        *self = sent;
        self.done();
        Ok(())
    }

    pub(crate) fn recovered_as(&mut self, caller: Address, amount: Amount) -> Result<(), BondError> {
        let step = self.state.recovered(&self.env(caller), &self.terms, Amount::new(self.balance), amount)?;
        self.state = self.keep(step);
        Ok(())
    }

    pub(crate) fn extend(&mut self, caller: Address, claimable: Amount) -> Result<(), BondError> {
        let step = self.state.extend(&self.env(caller), &self.terms, claimable)?;
        self.state = self.keep(step);
        self.done();
        Ok(())
    }

    pub(crate) fn propose(&mut self, caller: Address) -> Result<(), BondError> {
        let step = self.state.propose_commutation(&self.env(caller), &self.terms)?;
        self.state = self.keep(step);
        Ok(())
    }

    pub(crate) fn agree(&mut self, who: Address) -> Result<(), BondError> {
        let step = self.state.agree(&self.env(who), &self.terms, self.holder(who))?;
        let (state, holder) = self.keep(step);
        self.state = state;
        self.holders.insert(who, holder);
        self.done();
        Ok(())
    }

    pub(crate) fn admit(&mut self, who: Address, proof: &[Digest]) -> Result<(), BondError> {
        let step = self.state.admit::<Real>(&self.terms, (who, self.holder(who)), proof)?;
        let (state, holder) = self.keep(step);
        self.state = state;
        self.holders.insert(who, holder);
        Ok(())
    }

    /// Takes out what is due and returns how much came.
    pub(crate) fn collect(&mut self, who: Address) -> Result<u128, BondError> {
        let before = self.cash(who);
        let step = self.state.collect(&self.env(who), &self.terms, self.holder(who))?;
        let (state, holder) = self.keep(step);
        self.state = state;
        self.holders.insert(who, holder);
        self.done();
        Ok(u128::try_from(self.cash(who) - before).expect("a payment"))
    }

    pub(crate) fn refund(&mut self, caller: Address) -> Result<u128, BondError> {
        let before = self.cash(caller);
        let step = self.state.refund_sponsor(&self.env(caller), &self.terms)?;
        self.state = self.keep(step);
        self.done();
        Ok(u128::try_from(self.cash(caller) - before).expect("a payment"))
    }

    pub(crate) fn position(&self, who: Address) -> Position {
        self.state.position(&self.env(who), &self.terms, self.holder(who)).expect("in range")
    }

    pub(crate) fn note_value(&self) -> NoteValue {
        self.state.note_value(&self.env(CAROL), &self.terms).expect("in range")
    }

    /// How many base units of the asset are behind a million notes, for readable numbers.
    pub(crate) fn per_million(index: ringfence_protocol::units::Index) -> u128 {
        index.times_notes_down(Amount::new(USDC)).expect("in range").get()
    }
}

/// The error of a command that must be refused; nothing may have moved.
pub(crate) fn refused<T: std::fmt::Debug>(
    market: &mut Market,
    command: impl FnOnce(&mut Market) -> Result<T, BondError>,
) -> BondError {
    let before = market.clone();
    let error = command(market).expect_err("refused");
    assert_eq!(*market, before, "something moved");
    error
}

macro_rules! guards {
    ($( $variant:ident: $name:ident $body:block )+) => {
        $( #[test] fn $name() { assert_eq!($body, ringfence_protocol::bond::BondError::$variant); } )+

        /// What the tests above prove.
        pub(crate) const PROVED: &[ringfence_protocol::bond::BondError] =
            &[ $( ringfence_protocol::bond::BondError::$variant ),+ ];
    };
}
pub(crate) use guards;
