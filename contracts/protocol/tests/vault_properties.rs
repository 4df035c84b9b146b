//! The vault under random sequences of commands by anybody, against a shadow ledger that was written apart from it:
//! what came in and went out, what each command had to move, and whether it had to be accepted at all. After every step
//! every invariant is checked, and from the reached state one party alone, by waiting, gets everybody out.
//!
//! 20,000 cases by default; `PROPTEST_CASES` sets another number.

mod common;

use common::{amount, pack, plain_terms, Stub, World, ENTITY, KEEPER, PARTY_A, PARTY_B, SIGNERS, STRANGER};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use ringfence_protocol::{
    eip712::{Domain, TypedMessage},
    message::MarginInstruction,
    terms::{PartyTerms, Periods, Terms},
    units::{Amount, Bps, Seconds, Timestamp},
    vault::{Phase, VaultError, MAX_LAYERS},
    Address, Digest, Party,
};
use std::{cell::RefCell, collections::BTreeMap};

const MOST: u128 = Amount::MAX.get();

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Party(Party),
    Entity,
    Keeper,
}

/// What can be wrong with an instruction or its signatures; each alone must have it refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    OtherVault,
    OtherChain,
    OtherTerms,
    OtherPortfolio,
    Replayed,
    Skipped,
    Expired,
    Future,
    Stale,
    NotNewer,
    TooLarge,
    NoSigner,
    OneSigner,
    Stranger,
    Unsorted,
    Duplicate,
    HighS,
    BadV,
    Truncated,
    OtherDomain,
}

#[derive(Clone, Copy, Debug)]
enum Size {
    Exactly(u128),
    /// All there is, and a number more.
    AllAnd(u128),
}

#[derive(Clone, Debug)]
enum Command {
    Accept(Caller),
    Deposit(Caller, u128),
    Withdraw(Caller, Size),
    Agree { by_both: bool },
    Settle { entitlement: i128, margins: [u128; 2], tail: u128, age: u64, everyone: bool, flaw: Option<Flaw> },
    Replay { which: usize },
    DeclareDefault(Caller, Party),
    CloseOut { value: i128, everyone: bool, of_defaulter: bool },
    CloseOutAtLastValue,
    Leave(Caller),
    Terminate { entitlement: i128, by_both: bool },
    AddFirstLoss { caller: Caller, value: u128, sent: bool },
    ReleaseFirstLoss(Caller, Size),
    AddReserve(Caller, u128),
    RegisterCover { caller: Caller, bond: u8, limit: u128, gap: u128, term: u64 },
    CoverPaid { index: usize, size: Size },
    Donate(u128),
    Wait(u64),
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Self::Accept(_) => "accept",
            Self::Deposit(..) => "deposit",
            Self::Withdraw(..) => "withdraw",
            Self::Agree { .. } => "agree_portfolio",
            Self::Settle { .. } => "settle",
            Self::Replay { .. } => "replay",
            Self::DeclareDefault(..) => "declare_default",
            Self::CloseOut { .. } => "close_out",
            Self::CloseOutAtLastValue => "close_out_at_last_value",
            Self::Leave(_) => "close_after_oracle_timeout",
            Self::Terminate { .. } => "terminate",
            Self::AddFirstLoss { .. } => "add_first_loss",
            Self::ReleaseFirstLoss(..) => "release_first_loss",
            Self::AddReserve(..) => "add_reserve",
            Self::RegisterCover { .. } => "register_cover",
            Self::CoverPaid { .. } => "cover_paid",
            Self::Donate(_) => "donate",
            Self::Wait(_) => "wait",
        }
    }
}

/// What the tests keep apart from the vault.
#[derive(Clone, Debug, Default)]
struct Ledger {
    paid_in: [u128; 2],
    paid_out: [u128; 2],
    /// What moved from B to A by instructions, terminations and close-outs.
    between: i128,
    /// What each party got of the layers beyond the defaulter's margin.
    from_first_loss: [u128; 2],
    from_cover: [u128; 2],
    first_loss_in: u128,
    first_loss_out: u128,
    reserve: u128,
    /// Sent by mistake.
    donated: u128,
    deficit: [u128; 2],
    oracle_seen: u64,
    portfolios: u64,
    /// The version that the last instruction valued.
    valued_portfolio: u64,
    instructions: Vec<(MarginInstruction, Vec<u8>)>,
    close_outs: u64,
    /// After a default: the survivor and all that it has to get out, from its margin at the close-out on.
    survivor: Option<(Party, u128)>,
    residual: u128,
}

#[derive(Clone, Debug)]
struct Machine {
    world: World<Stub>,
    ledger: Ledger,
}

fn side(party: Party) -> usize {
    match party {
        Party::A => 0,
        Party::B => 1,
    }
}

/// `x` as money moving from B to A if `creditor` is A, else the other way.
fn towards(creditor: Party, x: u128) -> i128 {
    let x = i128::try_from(x).expect("bounded");
    if creditor == Party::A {
        x
    } else {
        -x
    }
}

/// The delivery that a CSA asks for, in signed integers: positive to A.
fn reference_due(x: i128, settled: i128, terms: &Terms) -> i128 {
    let of = |party: Party| {
        let terms = terms.csa.of(party);
        let number = |amount: Amount| i128::try_from(amount.get()).expect("bounded");
        (number(terms.threshold), number(terms.minimum_transfer_amount), number(terms.rounding_amount).max(1))
    };
    let target = if x > 0 { (x - of(Party::B).0).max(0) } else { (x + of(Party::A).0).min(0) };
    let change = target - settled;
    let sign = change.signum();
    let (_, minimum, rounding) = of(if sign >= 0 { Party::B } else { Party::A });
    let size = change.abs();
    // What the debtor holds of the creditor's goes back first, rounded down; its own is delivered, rounded up.
    let held = (-settled * sign).max(0);
    let returned = size.min(held) / rounding * rounding;
    let delivered = ((size - held).max(0) + rounding - 1) / rounding * rounding;
    let total = returned + delivered;
    if total < minimum {
        0
    } else {
        sign * total
    }
}

impl Machine {
    fn new(terms: Terms) -> Self {
        Self { world: World::new(terms), ledger: Ledger::default() }
    }

    fn caller(&self, caller: Caller) -> Address {
        match caller {
            Caller::Party(party) => self.world.address(party),
            Caller::Entity => ENTITY,
            Caller::Keeper => KEEPER,
        }
    }

    fn terms(&self) -> Terms {
        self.world.agreement.terms
    }

    fn is_active(&self) -> bool {
        self.world.state.phase == Phase::Active
    }

    fn is_open(&self) -> bool {
        matches!(self.world.state.phase, Phase::Proposed | Phase::Active)
    }

    fn is_fresh(&self) -> bool {
        let last = self.ledger.instructions.last().map_or(0, |(message, _)| message.valuation_time.get());
        let of_agreed = self.ledger.valued_portfolio == self.ledger.portfolios;
        of_agreed && self.world.now - last <= self.terms().periods.max_staleness.get()
    }

    fn live_cover(&self, at: u64) -> Vec<u128> {
        let layers = self.world.cover.layers().iter();
        layers
            .map(|layer| {
                let live = layer.starts.get() <= at && at <= layer.ends.get();
                if live {
                    layer.limit.get() - layer.claimed.get()
                } else {
                    0
                }
            })
            .collect()
    }

    fn withdrawable(&self, party: Party) -> u128 {
        let state = &self.world.state;
        let margin = self.world.margin(party);
        match state.phase {
            Phase::Closed { .. } => margin,
            Phase::Active if self.ledger.portfolios == 0 => margin,
            Phase::Active if state.call.of(party).is_none() && self.is_fresh() => {
                margin.saturating_sub(state.required.of(party).get() + self.ledger.deficit[side(party)])
            }
            _ => 0,
        }
    }

    /// Runs a command; whether it was accepted is as predicted, and so is everything it moves.
    fn run(&mut self, command: &Command) -> Result<bool, TestCaseError> {
        let before = self.clone();
        let accepted = match command {
            Command::Accept(caller) => self.accept(*caller),
            Command::Deposit(caller, value) => self.deposit(*caller, *value),
            Command::Withdraw(caller, size) => self.withdraw(*caller, *size),
            Command::Agree { by_both } => self.agree(*by_both),
            Command::Settle { entitlement, margins, tail, age, everyone, flaw } => {
                self.settle(*entitlement, *margins, *tail, *age, *everyone, *flaw)
            }
            Command::Replay { which } => self.replay(*which),
            Command::DeclareDefault(caller, party) => self.declare_default(*caller, *party),
            Command::CloseOut { value, everyone, of_defaulter } => self.close_out(*value, *everyone, *of_defaulter),
            Command::CloseOutAtLastValue => self.close_out_at_last_value(),
            Command::Leave(caller) => self.leave(*caller),
            Command::Terminate { entitlement, by_both } => self.terminate(*entitlement, *by_both),
            Command::AddFirstLoss { caller, value, sent } => self.add_first_loss(*caller, *value, *sent),
            Command::ReleaseFirstLoss(caller, size) => self.release_first_loss(*caller, *size),
            Command::AddReserve(caller, value) => self.add_reserve(*caller, *value),
            Command::RegisterCover { caller, bond, limit, gap, term } => {
                self.register_cover(*caller, *bond, *limit, *gap, *term)
            }
            Command::CoverPaid { index, size } => self.cover_paid(*index, *size),
            Command::Donate(value) => {
                self.world.balance += value;
                self.ledger.donated += value;
                Ok(true)
            }
            Command::Wait(seconds) => {
                self.world.now += seconds;
                Ok(true)
            }
        }?;
        if !accepted {
            prop_assert_eq!(self.world.state, before.world.state, "a refused command changed the state");
            prop_assert_eq!(&self.world.cover, &before.world.cover);
            prop_assert_eq!(self.world.balance, before.world.balance);
        }
        self.check_all(&before)?;
        Ok(accepted)
    }

    fn accept(&mut self, caller: Caller) -> Result<bool, TestCaseError> {
        let Caller::Party(party) = caller else { return as_predicted(self.world.accept(self.caller(caller)), false) };
        let fine = self.world.state.phase == Phase::Proposed && !*self.world.state.accepted.of(party);
        as_predicted(self.world.accept(self.caller(caller)), fine)
    }

    fn deposit(&mut self, caller: Caller, value: u128) -> Result<bool, TestCaseError> {
        let fine = matches!(caller, Caller::Party(_)) && self.is_active() && value > 0 && value <= MOST;
        let accepted = as_predicted(self.world.deposit(self.caller(caller), value), fine)?;
        if let (true, Caller::Party(party)) = (accepted, caller) {
            let index = side(party);
            // What it owes is paid at once. A party that owes has nothing else.
            let owed = self.ledger.deficit[index].min(value);
            self.ledger.paid_in[index] += value;
            self.ledger.deficit[index] -= owed;
            self.ledger.between += towards(party.other(), owed);
        }
        Ok(accepted)
    }

    fn withdraw(&mut self, caller: Caller, size: Size) -> Result<bool, TestCaseError> {
        let cap = if let Caller::Party(party) = caller { self.withdrawable(party) } else { 0 };
        let value = sized(size, cap);
        let fine = value > 0 && value <= MOST && value <= cap;
        if let Caller::Party(party) = caller {
            let world = &self.world;
            let told = world.state.withdrawable(&world.env(KEEPER), &world.agreement, party).map(Amount::get);
            prop_assert_eq!(told, Ok(cap), "what a wallet shows is what can be withdrawn");
        }
        let accepted = as_predicted(self.world.withdraw(self.caller(caller), value), fine)?;
        if let (true, Caller::Party(party)) = (accepted, caller) {
            self.ledger.paid_out[side(party)] += value;
        }
        Ok(accepted)
    }

    fn agree(&mut self, by_both: bool) -> Result<bool, TestCaseError> {
        let keys = if by_both { [PARTY_A, PARTY_B] } else { [PARTY_A, PARTY_A] };
        let accepted =
            as_predicted(self.world.submit_portfolio(&self.world.portfolio(), keys), by_both && self.is_active())?;
        if accepted {
            if self.ledger.portfolios == 0 {
                self.ledger.oracle_seen = self.world.now;
            }
            self.ledger.portfolios += 1;
        }
        Ok(accepted)
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of one command")]
    fn settle(
        &mut self,
        entitlement: i128,
        margins: [u128; 2],
        tail: u128,
        age: u64,
        everyone: bool,
        flaw: Option<Flaw>,
    ) -> Result<bool, TestCaseError> {
        let terms = self.terms();
        let staleness = terms.periods.max_staleness.get();
        let mut message = self.world.instruction(entitlement);
        message.valuation_time = Timestamp::new(self.world.now - age.min(staleness));
        message.initial_margin_a = amount(margins[0]);
        message.initial_margin_b = amount(margins[1]);
        message.tail_requirement = amount(tail);
        let mut chain_id = self.world.domain.chain_id;
        let mut domain = self.world.domain;
        let last = self.world.state.valuation_time;
        match flaw {
            Some(Flaw::OtherVault) => message.vault = Address::repeat_byte(9),
            Some(Flaw::OtherChain) => chain_id += 1,
            Some(Flaw::OtherTerms) => message.terms_hash = Digest::repeat_byte(9),
            Some(Flaw::OtherPortfolio) => message.portfolio_root = Digest::repeat_byte(9),
            Some(Flaw::Replayed) => message.sequence -= 1,
            Some(Flaw::Skipped) => message.sequence += 1,
            Some(Flaw::Expired) => message.expiry = Timestamp::new(self.world.now - 1),
            Some(Flaw::Future) => message.valuation_time = Timestamp::new(self.world.now + 1),
            Some(Flaw::Stale) => message.valuation_time = Timestamp::new(self.world.now - staleness - 1),
            Some(Flaw::NotNewer) => message.valuation_time = last,
            Some(Flaw::TooLarge) => message.tail_requirement = amount(MOST + 1),
            Some(Flaw::OtherDomain) => domain = Domain { chain_id: chain_id + 1, ..domain },
            _ => {}
        }
        let keys: &[u8] = match flaw {
            Some(Flaw::NoSigner) => &[],
            Some(Flaw::OneSigner) => &SIGNERS[..1],
            Some(Flaw::Stranger) => &[SIGNERS[0], SIGNERS[1], STRANGER],
            Some(Flaw::Duplicate) => &[SIGNERS[0], SIGNERS[0], SIGNERS[1]],
            _ if everyone => &SIGNERS,
            _ => &SIGNERS[..2],
        };
        let mut packed = pack::<Stub>(&message.digest::<Stub>(&domain), keys);
        match flaw {
            Some(Flaw::Unsorted) => packed.rotate_left(65),
            Some(Flaw::HighS) => packed[32] = 0xff,
            Some(Flaw::BadV) => packed[64] = 26,
            Some(Flaw::Truncated) => drop(packed.pop()),
            _ => {}
        }

        let change = entitlement - self.world.state.entitlement.get();
        let enough = everyone || change.unsigned_abs() <= terms.max_move.get();
        let fine =
            flaw.is_none() && self.is_active() && self.ledger.portfolios > 0 && message.valuation_time > last && enough;
        let margin_before = Party::BOTH.map(|party| self.world.margin(party));
        let due = reference_due(entitlement, self.ledger.between, &terms);
        let accepted = as_predicted(self.world.submit(chain_id, &message, &packed), fine)?;
        if accepted {
            let debtor = if due >= 0 { Party::B } else { Party::A };
            let paid = due.unsigned_abs().min(margin_before[side(debtor)]);
            self.ledger.between += towards(debtor.other(), paid);
            self.ledger.deficit = [0; 2];
            self.ledger.deficit[side(debtor)] = due.unsigned_abs() - paid;
            self.ledger.oracle_seen = self.world.now;
            self.ledger.instructions.push((message, packed));
            self.ledger.valued_portfolio = self.ledger.portfolios;
            self.check_round(margins, tail)?;
        }
        Ok(accepted)
    }

    /// ROUND: both sides together post the uncovered tail and at most one base unit each more, nobody less than its
    /// share.
    fn check_round(&self, margins: [u128; 2], tail: u128) -> Result<(), TestCaseError> {
        let covered = self.world.state.first_loss.get() + self.live_cover(self.world.now).iter().sum::<u128>();
        let gap = tail.saturating_sub(covered);
        let share_a = u128::from(self.terms().tail_share_a.get());
        let mut sum = 0;
        for (party, share) in [(Party::A, share_a), (Party::B, 10_000 - share_a)] {
            let independent = self.terms().csa.of(party).independent_amount.get();
            let part = self.world.state.required.of(party).get() - margins[side(party)] - independent;
            prop_assert!(part * 10_000 >= gap * share, "ROUND: less than a share of the tail");
            prop_assert!(part * 10_000 < gap * share + 10_000, "ROUND: a unit too much");
            sum += part;
        }
        prop_assert!(sum >= gap && sum <= gap + 1);
        Ok(())
    }

    /// ONCE: an instruction that was accepted is never accepted again.
    fn replay(&mut self, which: usize) -> Result<bool, TestCaseError> {
        if self.ledger.instructions.is_empty() {
            return Ok(false);
        }
        let (message, packed) = self.ledger.instructions[which % self.ledger.instructions.len()].clone();
        as_predicted(self.world.submit(self.world.domain.chain_id, &message, &packed), false)
    }

    fn declare_default(&mut self, caller: Caller, party: Party) -> Result<bool, TestCaseError> {
        let overdue = self.world.state.call.of(party).is_some_and(|call| self.world.now > call.deadline.get());
        let fine = self.is_active()
            && self.ledger.portfolios > 0
            && self.is_fresh()
            && (caller == Caller::Party(party) || overdue);
        as_predicted(self.world.declare_default(self.caller(caller), party), fine)
    }

    fn open_default(&self) -> Option<(Party, u64)> {
        match self.world.state.phase {
            Phase::Defaulted { party, since } => Some((party, since.get())),
            _ => None,
        }
    }

    /// What `debtor` has not paid of the last entitlement.
    fn last_value_claim(&self, debtor: Party) -> i128 {
        let entitlement = self.ledger.instructions.last().map_or(0, |(message, _)| message.entitlement_a.get());
        let owed_to_a = entitlement - self.ledger.between;
        if debtor == Party::B {
            owed_to_a
        } else {
            -owed_to_a
        }
    }

    fn close_out(&mut self, value: i128, everyone: bool, of_defaulter: bool) -> Result<bool, TestCaseError> {
        let keys = if everyone { &SIGNERS[..] } else { &SIGNERS[1..] };
        let Some((defaulter, since)) = self.open_default() else {
            return as_predicted(self.world.close_out(&self.world.determination(Party::A, value), keys), false);
        };
        let named = if of_defaulter { defaulter } else { defaulter.other() };
        let near = (value - self.last_value_claim(defaulter)).unsigned_abs() <= self.terms().max_move.get();
        let in_time = self.world.now <= since + self.terms().periods.close_out.get();
        let before = self.clone();
        let result = self.world.close_out(&self.world.determination(named, value), keys);
        let accepted = as_predicted(result, of_defaulter && in_time && (everyone || near))?;
        if accepted {
            self.ledger.close_outs += 1;
            self.book_close_out(&before, defaulter, since, value)?;
        }
        Ok(accepted)
    }

    fn close_out_at_last_value(&mut self) -> Result<bool, TestCaseError> {
        let before = self.clone();
        let Some((defaulter, since)) = self.open_default() else {
            return as_predicted(self.world.close_out_at_last_value(), false);
        };
        let late = self.world.now > since + self.terms().periods.close_out.get();
        let accepted = as_predicted(self.world.close_out_at_last_value(), late)?;
        if accepted {
            self.book_close_out(&before, defaulter, since, before.last_value_claim(defaulter))?;
        }
        Ok(accepted)
    }

    fn leave(&mut self, caller: Caller) -> Result<bool, TestCaseError> {
        let silent = self.world.now.saturating_sub(self.ledger.oracle_seen) > self.terms().periods.oracle_timeout.get();
        let fine = matches!(caller, Caller::Party(_)) && self.is_active() && self.ledger.portfolios > 0 && silent;
        let before = self.clone();
        let accepted = as_predicted(self.world.close_after_oracle_timeout(self.caller(caller)), fine)?;
        if accepted {
            let debtor = if before.last_value_claim(Party::A) > 0 { Party::A } else { Party::B };
            self.book_close_out(&before, debtor, before.world.now, before.last_value_claim(debtor))?;
        }
        Ok(accepted)
    }

    /// The waterfall, layer by layer, apart from the crate's.
    fn book_close_out(
        &mut self,
        before: &Self,
        defaulter: Party,
        since: u64,
        value: i128,
    ) -> Result<(), TestCaseError> {
        let survivor = defaulter.other();
        let own = before.world.margin(survivor);
        self.ledger.deficit = [0; 2];
        if value < 0 {
            let owed = value.unsigned_abs();
            let paid = owed.min(own);
            self.ledger.between += towards(defaulter, paid);
            self.ledger.residual = owed - paid;
            self.ledger.survivor = Some((survivor, own - paid));
            prop_assert_eq!(self.world.state.first_loss, before.world.state.first_loss, "no layer pays a defaulter");
            prop_assert_eq!(&self.world.cover, &before.world.cover, "no layer pays a defaulter");
            return Ok(());
        }
        let mut left = value.unsigned_abs();
        let mut take = |limit: u128| {
            let taken = left.min(limit);
            left -= taken;
            taken
        };
        let from_margin = take(before.world.margin(defaulter));
        let from_first_loss = take(before.world.state.first_loss.get());
        let from_layers: Vec<u128> = before.live_cover(since).into_iter().map(&mut take).collect();
        self.ledger.between += towards(survivor, from_margin);
        self.ledger.from_first_loss[side(survivor)] += from_first_loss;
        self.ledger.residual = left;
        let reached = from_margin + from_first_loss + from_layers.iter().sum::<u128>();
        self.ledger.survivor = Some((survivor, own + reached));
        for (layer, due) in self.world.cover.layers().iter().zip(from_layers) {
            prop_assert_eq!(layer.due.get(), due, "a layer pays out of its turn");
        }
        Ok(())
    }

    fn terminate(&mut self, entitlement: i128, by_both: bool) -> Result<bool, TestCaseError> {
        let keys = if by_both { [PARTY_A, PARTY_B] } else { [STRANGER, PARTY_B] };
        let moved = entitlement - self.ledger.between;
        let debtor = if moved >= 0 { Party::B } else { Party::A };
        let fine = by_both && self.is_active() && moved.unsigned_abs() <= self.world.margin(debtor);
        let accepted = as_predicted(self.world.terminate(&self.world.termination(entitlement), keys), fine)?;
        if accepted {
            self.ledger.between += moved;
            self.ledger.deficit = [0; 2];
        }
        Ok(accepted)
    }

    fn add_first_loss(&mut self, caller: Caller, value: u128, sent: bool) -> Result<bool, TestCaseError> {
        let sent = if sent { value } else { 0 };
        let fine = caller == Caller::Entity
            && self.is_open()
            && value > 0
            && value <= MOST
            && value <= sent + self.ledger.donated;
        let accepted = as_predicted(self.world.add_first_loss(self.caller(caller), sent, value), fine)?;
        if accepted {
            self.ledger.first_loss_in += value;
            self.ledger.donated -= value - sent;
        }
        Ok(accepted)
    }

    fn release_first_loss(&mut self, caller: Caller, size: Size) -> Result<bool, TestCaseError> {
        let state = self.world.state;
        let there = state.first_loss.get();
        let value = sized(size, there);
        let kept = there.saturating_sub(value) + self.live_cover(self.world.now).iter().sum::<u128>();
        let free = match state.phase {
            Phase::Proposed | Phase::Closed { .. } => true,
            Phase::Active => (self.ledger.portfolios == 0 || self.is_fresh()) && kept >= state.tail_requirement.get(),
            Phase::Defaulted { .. } => false,
        };
        let fine = caller == Caller::Entity && value > 0 && value <= MOST && value <= there && free;
        let accepted = as_predicted(self.world.release_first_loss(self.caller(caller), value), fine)?;
        if accepted {
            self.ledger.first_loss_out += value;
        }
        Ok(accepted)
    }

    fn add_reserve(&mut self, caller: Caller, value: u128) -> Result<bool, TestCaseError> {
        let fine = caller == Caller::Entity && self.is_open() && value > 0 && value <= MOST;
        let accepted = as_predicted(self.world.add_reserve(self.caller(caller), value, value), fine)?;
        if accepted {
            self.ledger.reserve += value;
        }
        Ok(accepted)
    }

    fn register_cover(
        &mut self,
        caller: Caller,
        bond: u8,
        limit: u128,
        gap: u128,
        term: u64,
    ) -> Result<bool, TestCaseError> {
        let layer = self.world.layer(bond, limit, term);
        let layers = self.world.cover.layers();
        let below: u128 = layers.iter().map(|layer| layer.limit.get()).sum();
        let fine = caller == Caller::Entity
            && self.is_open()
            && limit > 0
            && layers.len() < MAX_LAYERS
            && layers.iter().all(|other| other.bond != layer.bond)
            && gap == 0
            && term > 0;
        as_predicted(self.world.register_cover(self.caller(caller), layer, below + gap), fine)
    }

    fn cover_paid(&mut self, index: usize, size: Size) -> Result<bool, TestCaseError> {
        let due = self.world.cover.layers().get(index).map_or(0, |layer| layer.due.get());
        let value = sized(size, due);
        let fine = due > 0 && value <= due;
        let accepted = as_predicted(self.world.cover_paid(index, value), fine)?;
        if accepted {
            let (survivor, _) = self.ledger.survivor.expect("cover is due only after a close-out");
            self.ledger.from_cover[side(survivor)] += value;
        }
        Ok(accepted)
    }

    /// Every invariant, after every step.
    fn check_all(&self, before: &Self) -> Result<(), TestCaseError> {
        self.check_conserve()?;
        self.check_no_adl()?;
        self.check_once()?;
        self.check_calls(before)?;
        self.check_cover()
    }

    /// CONSERVE: the account holds what came in and has not gone out, and all of it is somebody's.
    fn check_conserve(&self) -> Result<(), TestCaseError> {
        let ledger = &self.ledger;
        let came = ledger.paid_in.iter().chain(&ledger.from_cover).sum::<u128>()
            + ledger.first_loss_in
            + ledger.reserve
            + ledger.donated;
        let went = ledger.paid_out.iter().sum::<u128>() + ledger.first_loss_out;
        prop_assert_eq!(self.world.balance, came - went, "CONSERVE: account");
        let liabilities = self.world.state.liabilities().map(Amount::get);
        prop_assert_eq!(liabilities, Ok(self.world.balance - ledger.donated), "CONSERVE: liabilities");
        let first_loss = ledger.first_loss_in - ledger.first_loss_out - ledger.from_first_loss.iter().sum::<u128>();
        prop_assert_eq!(self.world.state.first_loss.get(), first_loss, "CONSERVE: first loss");
        Ok(())
    }

    /// NO-ADL: a party has what it paid in, less what it took out, with what an instruction, a termination or a
    /// close-out moved, and never anything less; after a default the survivor has its own and the claim as far as
    /// layers reach.
    fn check_no_adl(&self) -> Result<(), TestCaseError> {
        let ledger = &self.ledger;
        for party in Party::BOTH {
            let index = side(party);
            let into = ledger.paid_in[index] + ledger.from_first_loss[index] + ledger.from_cover[index];
            let gained = towards(party, into) + ledger.between;
            let left = gained - towards(party, ledger.paid_out[index]);
            prop_assert_eq!(towards(party, self.world.margin(party)), left, "NO-ADL: margin of {:?}", party);
            prop_assert_eq!(self.world.state.deficit.of(party).get(), ledger.deficit[index], "NO-ADL: deficit");
            prop_assert!(ledger.deficit[index] == 0 || self.world.margin(party) == 0, "a deficit beside margin");
        }
        prop_assert_eq!(self.world.state.settled.get(), ledger.between, "NO-ADL: settled");
        prop_assert_eq!(self.world.state.residual.get(), ledger.residual, "NO-ADL: residual");
        Ok(())
    }

    /// ONCE: as many steps of each counter as messages took effect.
    fn check_once(&self) -> Result<(), TestCaseError> {
        let state = &self.world.state;
        prop_assert_eq!(state.sequence, u64::try_from(self.ledger.instructions.len()).expect("small"), "ONCE");
        prop_assert_eq!(state.portfolio_version, self.ledger.portfolios, "ONCE");
        prop_assert_eq!(state.close_out_sequence, self.ledger.close_outs, "ONCE");
        prop_assert!(self.ledger.close_outs <= 1, "ONCE");
        Ok(())
    }

    /// A call is open exactly while something callable is missing, and nothing but an outage moves its deadline.
    fn check_calls(&self, before: &Self) -> Result<(), TestCaseError> {
        if !self.is_active() {
            return Ok(());
        }
        for party in Party::BOTH {
            let state = &self.world.state;
            let needed = state.required.of(party).get() + self.ledger.deficit[side(party)];
            let missing = needed.saturating_sub(self.world.margin(party));
            let minimum = self.terms().csa.of(party).minimum_transfer_amount.get();
            let opens = missing >= minimum || self.ledger.deficit[side(party)] > 0;
            let was_open = before.world.state.call.of(party).is_some();
            let is_open = missing > 0 && (opens || was_open);
            prop_assert_eq!(state.call.of(party).map(|call| call.amount.get()), is_open.then_some(missing));
            if let (Some(was), Some(is)) = (before.world.state.call.of(party), state.call.of(party)) {
                let silence = self.world.now - before.ledger.oracle_seen;
                let outage = self.ledger.instructions.len() > before.ledger.instructions.len()
                    && silence > self.terms().periods.max_staleness.get();
                prop_assert!(was.deadline == is.deadline || outage, "a deadline moved without an outage");
                prop_assert!(is.deadline >= was.deadline, "a deadline moved back");
            }
        }
        Ok(())
    }

    fn check_cover(&self) -> Result<(), TestCaseError> {
        for layer in self.world.cover.layers() {
            prop_assert!(layer.claimed <= layer.limit, "more claimed than there was");
            prop_assert!(layer.due <= layer.claimed);
        }
        Ok(())
    }

    /// EXIT: from here `party` alone, by waiting, ends the pair by a known time; then everybody takes out what is
    /// theirs and nothing is left but the reserve.
    fn check_exit(&self, party: Party, by_own_default: bool) -> Result<(), TestCaseError> {
        let mut end = self.clone();
        let (me, periods) = (Caller::Party(party), self.terms().periods);
        if end.world.state.phase == Phase::Proposed {
            prop_assert!(end.world.state.margin.a.is_zero() && end.world.state.margin.b.is_zero());
        }
        if end.is_active() && end.ledger.portfolios > 0 {
            if by_own_default && end.is_fresh() {
                prop_assert!(end.run(&Command::DeclareDefault(me, party))?, "EXIT: own default");
            } else {
                let opens = end.ledger.oracle_seen + periods.oracle_timeout.get() + 1;
                end.world.now = end.world.now.max(opens);
                prop_assert!(end.run(&Command::Leave(me))?, "EXIT: oracle time-out");
            }
        }
        if let Some((_, since)) = end.open_default() {
            end.world.now = end.world.now.max(since + periods.close_out.get() + 1);
            prop_assert!(end.run(&Command::CloseOutAtLastValue)?, "EXIT: close-out deadline");
        }
        let longest = periods.oracle_timeout.get().max(periods.close_out.get()) + 1;
        prop_assert!(end.world.now <= self.world.now + longest, "EXIT: later than the terms allow");

        for index in 0..end.world.cover.layers().len() {
            if !end.world.cover.layers()[index].due.is_zero() {
                let pay = Command::CoverPaid { index, size: Size::AllAnd(0) };
                prop_assert!(end.run(&pay)?, "EXIT: cover");
            }
        }
        let already_out = end.ledger.paid_out;
        for party in [party, party.other()] {
            while end.world.margin(party) > 0 {
                // One withdrawal is bounded, and there can be more.
                let size = Size::Exactly(end.world.margin(party).min(MOST));
                prop_assert!(end.run(&Command::Withdraw(Caller::Party(party), size))?, "EXIT: margin");
            }
        }
        if self.ledger.survivor.is_none() {
            if let Some((survivor, promised)) = end.ledger.survivor {
                let out = end.ledger.paid_out[side(survivor)] - already_out[side(survivor)];
                prop_assert_eq!(out, promised, "NO-ADL: the survivor's own margin and its claim on the layers");
            }
        }
        while !end.world.state.first_loss.is_zero() {
            let size = Size::Exactly(end.world.state.first_loss.get().min(MOST));
            let release = Command::ReleaseFirstLoss(Caller::Entity, size);
            prop_assert!(end.run(&release)?, "EXIT: first loss");
        }
        prop_assert_eq!(end.world.balance, end.ledger.reserve + end.ledger.donated, "EXIT: something is left");
        Ok(())
    }
}

fn sized(size: Size, all: u128) -> u128 {
    match size {
        Size::Exactly(value) => value,
        Size::AllAnd(more) => all + more,
    }
}

/// Whether a command was accepted, if that is as predicted.
fn as_predicted<T>(result: Result<T, VaultError>, fine: bool) -> Result<bool, TestCaseError> {
    let error = result.err();
    prop_assert_eq!(error.is_none(), fine, "accepted or refused against the rules: {:?}", error);
    Ok(fine)
}

// Random commands.

fn any_party() -> impl Strategy<Value = Party> {
    prop_oneof![Just(Party::A), Just(Party::B)]
}

fn party_mostly() -> impl Strategy<Value = Caller> {
    prop_oneof![8 => any_party().prop_map(Caller::Party), 1 => Just(Caller::Entity), 1 => Just(Caller::Keeper)]
}

fn entity_mostly() -> impl Strategy<Value = Caller> {
    prop_oneof![8 => Just(Caller::Entity), 1 => any_party().prop_map(Caller::Party), 1 => Just(Caller::Keeper)]
}

fn any_caller() -> impl Strategy<Value = Caller> {
    prop_oneof![3 => any_party().prop_map(Caller::Party), 1 => Just(Caller::Entity), 3 => Just(Caller::Keeper)]
}

fn any_value() -> impl Strategy<Value = u128> {
    prop_oneof![12 => 1..2_000u128, 2 => 1..20u128, 1 => Just(0), 1 => Just(MOST), 1 => Just(MOST + 1), 1 => 1..MOST]
}

fn any_size() -> impl Strategy<Value = Size> {
    prop_oneof![any_value().prop_map(Size::Exactly), Just(Size::AllAnd(0)), Just(Size::AllAnd(1))]
}

fn any_entitlement() -> impl Strategy<Value = i128> {
    let most = i128::try_from(MOST).expect("fits");
    prop_oneof![20 => -3_000..3_000i128, 4 => -50..50i128, 1 => Just(most), 1 => Just(-most), 1 => -most..most]
}

fn any_requirement() -> impl Strategy<Value = u128> {
    prop_oneof![4 => Just(0), 8 => 0..1_500u128, 1 => Just(MOST)]
}

fn any_flaw() -> impl Strategy<Value = Flaw> {
    use Flaw::*;
    prop::sample::select(vec![
        OtherVault,
        OtherChain,
        OtherTerms,
        OtherPortfolio,
        Replayed,
        Skipped,
        Expired,
        Future,
        Stale,
        NotNewer,
        TooLarge,
        NoSigner,
        OneSigner,
        Stranger,
        Unsorted,
        Duplicate,
        HighS,
        BadV,
        Truncated,
        OtherDomain,
    ])
}

prop_compose! {
    fn any_settlement()(
        entitlement in any_entitlement(),
        margins in [any_requirement(), any_requirement()],
        tail in any_requirement(),
        age in prop_oneof![4 => Just(0), 1 => 0..700u64],
        everyone in prop::bool::weighted(0.7),
        flaw in prop::option::weighted(0.25, any_flaw()),
    ) -> Command {
        Command::Settle { entitlement, margins, tail, age, everyone, flaw }
    }
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        1 => party_mostly().prop_map(Command::Accept),
        6 => (party_mostly(), any_value()).prop_map(|(caller, value)| Command::Deposit(caller, value)),
        5 => (party_mostly(), any_size()).prop_map(|(caller, size)| Command::Withdraw(caller, size)),
        2 => prop::bool::weighted(0.8).prop_map(|by_both| Command::Agree { by_both }),
        14 => any_settlement(),
        1 => any::<usize>().prop_map(|which| Command::Replay { which }),
        3 => (any_caller(), any_party()).prop_map(|(caller, party)| Command::DeclareDefault(caller, party)),
        2 => (any_entitlement(), prop::bool::weighted(0.7), prop::bool::weighted(0.9))
            .prop_map(|(value, everyone, of_defaulter)| Command::CloseOut { value, everyone, of_defaulter }),
        2 => Just(Command::CloseOutAtLastValue),
        1 => party_mostly().prop_map(Command::Leave),
        1 => (any_entitlement(), prop::bool::weighted(0.8))
            .prop_map(|(entitlement, by_both)| Command::Terminate { entitlement, by_both }),
        2 => (entity_mostly(), any_value(), prop::bool::weighted(0.8))
            .prop_map(|(caller, value, sent)| Command::AddFirstLoss { caller, value, sent }),
        2 => (entity_mostly(), any_size()).prop_map(|(caller, size)| Command::ReleaseFirstLoss(caller, size)),
        1 => (entity_mostly(), 0..50u128).prop_map(|(caller, value)| Command::AddReserve(caller, value)),
        2 => (entity_mostly(), 1..6u8, 0..1_000u128, prop_oneof![6 => Just(0), 1 => Just(1)], 0..20_000u64).prop_map(
            |(caller, bond, limit, gap, term)| Command::RegisterCover { caller, bond, limit, gap, term }
        ),
        2 => (0..5usize, any_size()).prop_map(|(index, size)| Command::CoverPaid { index, size }),
        1 => (0..100u128).prop_map(Command::Donate),
        10 => prop_oneof![6 => 1..400u64, 2 => 400..2_000u64, 1 => 2_000..10_000u64].prop_map(Command::Wait),
    ]
}

prop_compose! {
    fn any_party_terms()(
        threshold in prop_oneof![2 => Just(0), 1 => 0..500u128],
        minimum in prop_oneof![1 => Just(0), 1 => 0..200u128],
        rounding in prop_oneof![1 => 0..2u128, 1 => 2..100u128],
        independent in prop_oneof![2 => Just(0), 1 => 0..300u128],
    ) -> PartyTerms {
        PartyTerms {
            threshold: amount(threshold),
            minimum_transfer_amount: amount(minimum),
            rounding_amount: amount(rounding),
            independent_amount: amount(independent),
        }
    }
}

prop_compose! {
    fn any_terms()(
        (a, b) in (any_party_terms(), any_party_terms()),
        (cure, max_staleness, close_out, extra) in (300..1_200u64, 60..900u64, 300..5_000u64, 0..5_000u64),
        max_move in prop_oneof![Just(0), 0..4_000u128, Just(MOST)],
        share in prop_oneof![Just(5_000), 0..=10_000u16],
    ) -> Terms {
        let mut terms = plain_terms::<Stub>();
        terms.csa = ringfence_protocol::Pair { a, b };
        terms.periods = Periods {
            cure: Seconds::new(cure),
            max_staleness: Seconds::new(max_staleness),
            close_out: Seconds::new(close_out),
            oracle_timeout: Seconds::new(cure + max_staleness + extra),
        };
        terms.max_move = amount(max_move);
        terms.tail_share_a = Bps::new(share);
        terms
    }
}

/// Nine in ten cases begin with a running pair, half of them with layers.
fn beginning(running: bool, covered: bool, margins: [u128; 2]) -> Vec<Command> {
    if !running {
        return Vec::new();
    }
    let [a, b] = Party::BOTH.map(Caller::Party);
    let mut commands = vec![
        Command::Accept(a),
        Command::Accept(b),
        Command::Deposit(a, margins[0]),
        Command::Deposit(b, margins[1]),
        Command::Agree { by_both: true },
    ];
    if covered {
        let layer = |bond: u8, limit, term| Command::RegisterCover {
            caller: Caller::Entity,
            bond: 100 + bond,
            limit,
            gap: 0,
            term,
        };
        commands.push(Command::AddFirstLoss { caller: Caller::Entity, value: 100, sent: true });
        commands.extend([layer(0, 200, 30_000), layer(1, 150, 3_000), layer(2, 300, 30_000)]);
    }
    commands
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000)
}

#[test]
fn every_invariant_holds_after_every_step_of_random_sequences() {
    let seen: RefCell<BTreeMap<&'static str, [u64; 2]>> = RefCell::default();
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let inputs = (
        any_terms(),
        (prop::bool::weighted(0.9), any::<bool>()),
        [1..2_000u128, 1..2_000u128],
        prop::collection::vec(any_command(), 1..50),
    );
    let outcome = TestRunner::new(config).run(&inputs, |(terms, (running, covered), margins, commands)| {
        let mut machine = Machine::new(terms);
        for command in beginning(running, covered, margins).iter().chain(&commands) {
            let accepted = machine.run(command)?;
            seen.borrow_mut().entry(command.name()).or_default()[usize::from(accepted)] += 1;
            for party in Party::BOTH {
                machine.check_exit(party, false)?;
                machine.check_exit(party, true)?;
            }
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let seen = seen.into_inner();
    println!("refused and accepted: {seen:?}");
    if cases() >= 500 {
        for (name, [refused, accepted]) in seen {
            let (needs_refusal, needs_acceptance) = (!matches!(name, "donate" | "wait"), name != "replay");
            assert!(refused > 0 || !needs_refusal, "{name} was never refused: the cases prove too little");
            assert!(accepted > 0 || !needs_acceptance, "{name} was never accepted: the cases prove too little");
        }
    }
}
