//! The machine and the reference side by side: every command is given to both, and they must agree on whether it is
//! accepted.

use crate::{
    command::{part_of, Command, Moment, Part, HOLDERS, SERIES, SLOTS, SPONSOR, START, VAULT},
    reference::{Order, Reference, Stage},
};
use proptest::prelude::*;
use ringfence_protocol::{
    bond::{
        Bid, BondEnv, BondError, BondEvent, BondPhase, BondState, BondTerms, Holder, SealedBid, ACTIVATION_GRACE,
        COMMUTATION_WINDOW,
    },
    units::{Amount, Bps, Timestamp},
    Address, Digest, Keccak256, Step, Transfer,
};
use std::collections::BTreeMap;

pub(crate) type Outcome<T> = Result<T, TestCaseError>;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Keccak;

impl Keccak256 for Keccak {
    fn keccak256(input: &[u8]) -> Digest {
        Digest(alloy_primitives::keccak256(input).0)
    }
}

pub(crate) const RESERVE: u128 = 7;

pub(crate) fn address(who: usize) -> Address {
    Address::repeat_byte(u8::try_from(who + 1).expect("small"))
}

pub(crate) fn amount(value: u128) -> Amount {
    Amount::new(value)
}

#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) terms: BondTerms,
    pub(crate) state: BondState,
    pub(crate) holders: [Holder; HOLDERS],
    pub(crate) bids: [[Bid; SLOTS]; HOLDERS],
    pub(crate) ticks: BTreeMap<u16, Amount>,
    pub(crate) now: u64,
    /// The escrow account, and what of it was sent by mistake.
    pub(crate) balance: u128,
    pub(crate) donated: u128,
    /// What each holder took out of its notes, as the events say: premium, principal.
    pub(crate) paid: [(u128, u128); HOLDERS],
    /// How often each holder's account was rounded.
    pub(crate) touches: [u128; HOLDERS],
    pub(crate) exact: Reference,
}

impl Machine {
    pub(crate) fn new(terms: BondTerms) -> Self {
        assert_eq!(terms.validate(Timestamp::new(START)), Ok(()));
        Self {
            terms,
            state: BondState::default(),
            holders: [Holder::default(); HOLDERS],
            bids: [[Bid::default(); SLOTS]; HOLDERS],
            ticks: BTreeMap::new(),
            now: START,
            balance: 0,
            donated: 0,
            paid: [(0, 0); HOLDERS],
            touches: [0; HOLDERS],
            exact: Reference::new(),
        }
    }

    pub(crate) fn env(&self, caller: Address) -> BondEnv {
        BondEnv { now: Timestamp::new(self.now), caller }
    }

    fn by(&self, who: usize) -> BondEnv {
        self.env(address(who))
    }

    fn tick(&self, number: u16) -> Amount {
        self.ticks.get(&number).copied().unwrap_or(Amount::ZERO)
    }

    /// Holds the outcome against what the reference expects, and makes the transfers. Nothing of a refused step is kept.
    fn keep<T>(&mut self, result: Result<Step<T, BondEvent>, BondError>, fine: bool) -> Outcome<Option<T>> {
        let error = result.as_ref().err().copied();
        prop_assert_eq!(error.is_none(), fine, "accepted or refused against the rules: {:?}", error);
        let Ok(step) = result else {
            return Ok(None);
        };
        for transfer in &step.transfers {
            match transfer {
                Transfer::In { amount, .. } => self.balance += amount.get(),
                Transfer::Out { amount, .. } => {
                    let left = self.balance.checked_sub(amount.get());
                    prop_assert!(left.is_some(), "FUNDED: pays what is not there");
                    self.balance = left.unwrap_or_default();
                }
            }
        }
        Ok(Some(step.state))
    }

    fn keep_state(&mut self, result: Result<Step<BondState, BondEvent>, BondError>, fine: bool) -> Outcome<bool> {
        if let Some(state) = self.keep(result, fine)? {
            self.state = state;
        }
        Ok(fine)
    }

    pub(crate) fn run(&mut self, command: &Command) -> Outcome<bool> {
        self.exact.advance(&self.terms, self.now);
        let accepted = self.apply(command)?;
        self.exact.advance(&self.terms, self.now);
        self.check_all()?;
        Ok(accepted)
    }

    fn apply(&mut self, command: &Command) -> Outcome<bool> {
        match *command {
            Command::Fund { short } => self.fund(short),
            Command::Bid { who, slot, part, tick, off_grid } => self.bid(who, slot, part, tick, off_grid),
            Command::Commit { who, slot, part } => self.commit(who, slot, part),
            Command::Reveal { who, slot, part, tick, honest } => self.reveal(who, slot, part, tick, honest),
            Command::Cancel { who, slot } => self.cancel(who, slot),
            Command::Clear { count } => self.clear(count),
            Command::Activate => self.activate(),
            Command::Expire => self.expire(),
            Command::Allot { who, slot } => self.allot(who, slot),
            Command::Transfer { from, to, part } => self.transfer(from, to, part),
            Command::Claim { part, by_vault } => self.claim(part, by_vault),
            Command::Recover { part, short } => self.recover(part, short),
            Command::Extend { part } => self.extend(part),
            Command::Propose => self.propose(),
            Command::Agree { who } => self.agree(who),
            Command::Collect { who } => self.collect(who),
            Command::RefundSponsor => self.refund(),
            Command::Wait { part } => {
                let span = if self.exact.stage == Stage::Risk { self.terms.risk_period.get() } else { 50_000 };
                self.now += span / 1_000 * u64::from(part) + 1;
                Ok(true)
            }
            Command::WaitTo(moment, after) => {
                self.now = self.now.max(self.moment(moment) + u64::from(after));
                Ok(true)
            }
            Command::Donate(value) => {
                self.balance += value;
                self.donated += value;
                Ok(true)
            }
        }
    }

    fn moment(&self, moment: Moment) -> u64 {
        match moment {
            Moment::CancelUntil => self.terms.cancel_until.get(),
            Moment::BidsUntil => self.terms.bids_until.get(),
            Moment::RevealUntil => self.terms.reveal_until.get(),
            Moment::Grace => self.terms.reveal_until.get() + ACTIVATION_GRACE.get(),
            Moment::Maturity => self.exact.matures,
            Moment::Redemption => self.exact.matures + self.terms.notice.get(),
            Moment::Latest => self.exact.matures + self.terms.extension.get(),
        }
    }

    fn fund(&mut self, short: bool) -> Outcome<bool> {
        let exact = crate::reference::premium(
            self.terms.limit.get(),
            self.terms.max_spread.get(),
            self.terms.risk_period.get(),
        );
        let needed = u128::try_from(exact.ceil().to_integer()).expect("small") + RESERVE;
        let sent = needed - u128::from(short);
        let in_time = self.exact.stage == Stage::Book && self.now <= self.terms.bids_until.get();
        let fine = in_time && !self.exact.funded && sent + self.donated >= needed;
        let balance = amount(self.balance + sent);
        let result = self.state.fund_premium(&self.env(SPONSOR), &self.terms, balance, amount(RESERVE));
        if self.keep_state(result, fine)? {
            self.balance += sent;
            self.donated -= needed - sent;
            self.exact.funded = true;
        }
        Ok(fine)
    }

    fn bidding(&self, who: usize, slot: usize, size: u128, sealed: bool) -> bool {
        let in_time = self.exact.stage == Stage::Book && self.now <= self.terms.bids_until.get();
        let sized = size >= self.terms.minimum_bid.get() && size <= 1 << 96;
        let kind = (self.terms.reveal_until > self.terms.bids_until) == sealed;
        in_time && sized && kind && self.exact.funded && self.exact.orders[who][slot].is_none()
    }

    /// Spread and whether it is on the grid.
    fn spread(&self, tick: u16, off_grid: bool) -> (u16, bool) {
        let step = self.terms.tick.get();
        let spread = step.saturating_mul(tick).saturating_add(u16::from(off_grid));
        (spread, spread % step == 0 && spread <= self.terms.max_spread.get())
    }

    fn bid(&mut self, who: usize, slot: usize, part: Part, tick: u16, off_grid: bool) -> Outcome<bool> {
        let size = part_of(self.terms.limit.get(), part).max(1);
        let (spread, on_grid) = self.spread(tick, off_grid);
        let fine = self.bidding(who, slot, size, false) && on_grid;
        let number = spread / self.terms.tick.get();
        let loaded = (self.bids[who][slot], self.tick(number));
        let order = (amount(size), Bps::new(spread));
        let result = self.state.bid(&self.by(who), &self.terms, &self.holders[who], loaded, order);
        if let Some((state, bid, sum)) = self.keep(result, fine)? {
            (self.state, self.bids[who][slot]) = (state, bid);
            self.ticks.insert(number, sum);
            self.exact.orders[who][slot] = Some(Order { deposit: size, open: Some((size, spread)) });
        }
        Ok(fine)
    }

    /// What a holder commits to does not matter before the reveal, so the seal is made of what `reveal` will open: it is
    /// the same function of holder and slot.
    fn sealed(&self, who: usize, slot: usize) -> SealedBid {
        let deposit = self.exact.orders[who][slot].map_or(1, |order| order.deposit);
        self.sealed_for(who, slot, deposit)
    }

    fn sealed_for(&self, who: usize, slot: usize, deposit: u128) -> SealedBid {
        // A third of the bids leave a part of the deposit unused; some ask for more than it, or less than the minimum.
        let asked = match (who + slot) % 6 {
            0 | 1 => deposit,
            2 | 3 => part_of(deposit, 700).max(1),
            4 => part_of(deposit, 1).max(1),
            _ => deposit + u128::from(deposit.is_multiple_of(3)),
        };
        let spread = self.terms.tick.get().saturating_mul(u16::try_from((who + slot) % 4).expect("small"));
        SealedBid { amount: amount(asked), spread: Bps::new(spread), salt: Digest::repeat_byte(1) }
    }

    fn commit(&mut self, who: usize, slot: usize, part: Part) -> Outcome<bool> {
        let size = part_of(self.terms.limit.get(), part).max(1);
        let fine = self.bidding(who, slot, size, true);
        let seal = self.sealed_for(who, slot, size).seal::<Keccak>(SERIES, address(who));
        let bid = self.bids[who][slot];
        let result = self.state.commit(&self.by(who), &self.terms, &self.holders[who], bid, (amount(size), seal));
        if let Some((state, bid)) = self.keep(result, fine)? {
            (self.state, self.bids[who][slot]) = (state, bid);
            self.exact.orders[who][slot] = Some(Order { deposit: size, open: None });
        }
        Ok(fine)
    }

    fn reveal(&mut self, who: usize, slot: usize, part: Part, tick: u16, honest: bool) -> Outcome<bool> {
        let truth = self.sealed(who, slot);
        let lie = SealedBid {
            amount: amount(part_of(truth.amount.get(), part)),
            spread: Bps::new(self.spread(tick, false).0),
            ..truth
        };
        let opened = if honest { truth } else { lie };
        let order = self.exact.orders[who][slot];
        let in_time = self.exact.stage == Stage::Book
            && self.now > self.terms.bids_until.get()
            && self.now <= self.terms.reveal_until.get();
        let covered = order.is_some_and(|order| order.open.is_none() && opened.amount.get() <= order.deposit);
        let sized = opened.amount >= self.terms.minimum_bid && opened.amount.get() <= 1 << 96;
        let fine = in_time && covered && sized && opened == truth && opened.spread <= self.terms.max_spread;
        let number = opened.spread.get() / self.terms.tick.get();
        let loaded = (self.bids[who][slot], self.tick(number));
        let result = self.state.reveal::<Keccak>(&self.by(who), &self.terms, SERIES, loaded, &opened);
        if let Some((state, bid, sum)) = self.keep(result, fine)? {
            (self.state, self.bids[who][slot]) = (state, bid);
            self.ticks.insert(number, sum);
            let deposit = order.map_or(0, |order| order.deposit);
            let open = Some((opened.amount.get(), opened.spread.get()));
            self.exact.orders[who][slot] = Some(Order { deposit, open });
        }
        Ok(fine)
    }

    fn cancel(&mut self, who: usize, slot: usize) -> Outcome<bool> {
        let order = self.exact.orders[who][slot];
        let in_time = self.exact.stage == Stage::Book && self.now <= self.terms.cancel_until.get();
        let fine = in_time && order.is_some();
        let (bid, before) = (self.bids[who][slot], self.balance);
        let result = self.state.cancel(&self.by(who), &self.terms, (bid, self.tick(bid.tick)));
        if let Some((state, empty, sum)) = self.keep(result, fine)? {
            (self.state, self.bids[who][slot]) = (state, empty);
            self.ticks.insert(bid.tick, sum);
            prop_assert_eq!(Some(before - self.balance), order.map(|order| order.deposit), "all of it comes back");
            self.exact.orders[who][slot] = None;
        }
        Ok(fine)
    }

    fn clear(&mut self, count: u16) -> Outcome<bool> {
        let ended = self.now > self.terms.reveal_until.get();
        let fine = self.exact.stage == Stage::Book && ended && count > 0;
        let from = self.state.cursor;
        let ticks: Vec<Amount> = (from..from + count).map(|number| self.tick(number)).collect();
        let result = self.state.clear(&self.env(address(5)), &self.terms, &ticks);
        if self.keep_state(result, fine)? {
            prop_assert!(self.state.cursor > from || self.state.phase != BondPhase::Book, "BOUNDED: no progress");
            prop_assert!(self.state.cursor - from <= count, "BOUNDED: more ticks than asked for");
            if self.state.phase != BondPhase::Book {
                self.exact.clear(&self.terms);
            }
        }
        Ok(fine)
    }

    fn activate(&mut self) -> Outcome<bool> {
        let fine = self.exact.stage == Stage::Cleared;
        let result = self.state.activate(&self.env(SPONSOR), &self.terms);
        if self.keep_state(result, fine)? {
            self.exact.stage = Stage::Risk;
            self.exact.principal = self.exact.face;
            self.exact.accrued_at = self.now;
            self.exact.matures = self.now + self.terms.risk_period.get();
        }
        Ok(fine)
    }

    fn expire(&mut self) -> Outcome<bool> {
        let late = self.now > self.terms.reveal_until.get() + ACTIVATION_GRACE.get();
        let fine = matches!(self.exact.stage, Stage::Book | Stage::Cleared) && late;
        let result = self.state.expire(&self.env(address(4)), &self.terms);
        if self.keep_state(result, fine)? {
            self.exact.fail();
        }
        Ok(fine)
    }

    fn allot(&mut self, who: usize, slot: usize) -> Outcome<bool> {
        let order = self.exact.orders[who][slot];
        let fine = !matches!(self.exact.stage, Stage::Book | Stage::Cleared) && order.is_some();
        let before = self.balance;
        let result = self.state.allot(&self.by(who), &self.terms, self.holders[who], self.bids[who][slot]);
        let Some((state, holder, bid)) = self.keep(result, fine)? else {
            return Ok(false);
        };
        let notes = holder.face.get() - self.holders[who].face.get();
        (self.state, self.holders[who], self.bids[who][slot]) = (state, holder, bid);
        self.check_allotment(&order.expect("accepted"), notes, before - self.balance)?;
        self.exact.orders[who][slot] = None;
        self.exact.issue(who, notes);
        self.touches[who] += 2;
        Ok(true)
    }

    /// What was earned before a transfer is nobody else's after it, to the last unit.
    fn transfer(&mut self, from: usize, to: usize, part: Part) -> Outcome<bool> {
        let value = part_of(self.exact.holders[from].notes, part);
        let fine = value <= self.exact.holders[from].notes;
        let before: Vec<_> = (0..HOLDERS).map(|who| self.collectable(who)).collect();
        let (sender, receiver) = ((address(from), self.holders[from]), (address(to), self.holders[to]));
        let result = self.state.transfer(&self.by(from), &self.terms, sender, receiver, amount(value));
        if let Some((state, sender, receiver)) = self.keep(result, fine)? {
            self.state = state;
            self.holders[from] = sender;
            self.holders[to] = receiver;
            self.exact.holders[from].notes -= value;
            self.exact.holders[to].notes += value;
            if from != to {
                self.exact.agreed[from] = self.exact.agreed[from].min(self.exact.holders[from].notes);
            }
            self.touches[from] += 1;
            self.touches[to] += 1;
        }
        let after: Vec<_> = (0..HOLDERS).map(|who| self.collectable(who)).collect();
        prop_assert_eq!(before, after, "a transfer moved what was earned before it");
        Ok(fine)
    }

    fn claim(&mut self, part: Part, by_vault: bool) -> Outcome<bool> {
        let value = part_of(self.exact.principal, part);
        let in_time = self.exact.stage == Stage::Risk && self.now <= self.moment(Moment::Latest);
        let fine = by_vault && in_time && value > 0 && value <= self.exact.principal;
        let before = self.balance;
        let caller = if by_vault { VAULT } else { SPONSOR };
        let result = self.state.claim(&self.env(caller), &self.terms, amount(value));
        if self.keep_state(result, fine)? {
            prop_assert_eq!(before - self.balance, value, "paid exactly");
            self.exact.principal -= value;
            self.exact.lost += value;
            self.exact.locked = self.exact.locked.saturating_sub(value);
        }
        Ok(fine)
    }

    fn recover(&mut self, part: Part, short: bool) -> Outcome<bool> {
        let value = part_of(self.exact.lost, part);
        let sent = value - u128::from(short && value > 0);
        let there = sent + self.donated >= value;
        let fine = value > 0 && value <= self.exact.lost && there;
        let balance = amount(self.balance + sent);
        let result = self.state.recovered(&self.env(VAULT), &self.terms, balance, amount(value));
        if self.keep_state(result, fine)? {
            self.balance += sent;
            self.donated -= value - sent;
            self.exact.lost -= value;
            self.exact.recovered += value;
        }
        Ok(fine)
    }

    fn extend(&mut self, part: Part) -> Outcome<bool> {
        let value = part_of(self.exact.face.max(1), part);
        let fine = self.exact.stage == Stage::Risk && self.now <= self.moment(Moment::Latest);
        let redeems = self.exact.redeems(&self.terms, self.now);
        let result = self.state.extend(&self.env(SPONSOR), &self.terms, amount(value));
        if self.keep_state(result, fine)? {
            let most = if redeems { self.exact.locked } else { self.exact.principal };
            self.exact.locked = value.min(most);
        }
        Ok(fine)
    }

    fn propose(&mut self) -> Outcome<bool> {
        let fine = self.exact.stage == Stage::Risk;
        let result = self.state.propose_commutation(&self.env(SPONSOR), &self.terms);
        if self.keep_state(result, fine)? {
            self.exact.proposed_until = Some(self.now + COMMUTATION_WINDOW.get());
            self.exact.agreed = [0; HOLDERS];
        }
        Ok(fine)
    }

    fn agree(&mut self, who: usize) -> Outcome<bool> {
        let open = self.exact.proposed_until.is_some_and(|until| self.now <= until);
        let adds = self.exact.holders[who].notes > self.exact.agreed[who];
        let fine = self.exact.stage == Stage::Risk && open && adds;
        let result = self.state.agree(&self.by(who), &self.terms, self.holders[who]);
        if let Some((state, holder)) = self.keep(result, fine)? {
            (self.state, self.holders[who]) = (state, holder);
            self.exact.agreed[who] = self.exact.holders[who].notes;
            if self.exact.agreement_reached() {
                self.exact.stage = Stage::Commuted;
                self.exact.locked = 0;
                self.exact.matures = self.exact.matures.min(self.now);
            }
        }
        Ok(fine)
    }

    /// What a holder could take out now, as the crate shows it: premium and principal.
    pub(crate) fn collectable(&self, who: usize) -> (u128, u128) {
        let position = self.state.position(&self.by(who), &self.terms, self.holders[who]).expect("in range");
        (position.premium.get(), position.redeemable.get())
    }

    fn collect(&mut self, who: usize) -> Outcome<bool> {
        let due = self.collectable(who);
        let exact = &self.exact;
        let spent = matches!(exact.stage, Stage::Risk | Stage::Commuted) && exact.principal + exact.recovered == 0;
        let ends = spent && exact.lost == 0 && exact.holders[who].notes > 0;
        let fine = due.0 + due.1 > 0 || ends;
        let before = self.balance;
        let result = self.state.collect(&self.by(who), &self.terms, self.holders[who]);
        if let Some((state, holder)) = self.keep(result, fine)? {
            (self.state, self.holders[who]) = (state, holder);
            prop_assert_eq!(before - self.balance, due.0 + due.1, "paid as shown");
            self.paid[who] = (self.paid[who].0 + due.0, self.paid[who].1 + due.1);
            self.touches[who] += 1;
            if ends {
                self.exact.face -= self.exact.holders[who].notes;
                self.exact.holders[who].notes = 0;
                self.exact.agreed[who] = 0;
            }
        }
        Ok(fine)
    }

    fn refund(&mut self) -> Outcome<bool> {
        let due = self.state.sponsor_due.get();
        let before = self.balance;
        let result = self.state.refund_sponsor(&self.env(SPONSOR), &self.terms);
        let accepted = self.keep_state(result, due > 0)?;
        prop_assert_eq!(before - self.balance, due);
        Ok(accepted)
    }
}
