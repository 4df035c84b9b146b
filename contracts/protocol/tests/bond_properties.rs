//! A series under random sequences by many holders, against an exact reference in whole numbers over one common
//! denominator, written apart from the crate: nothing in it is rounded.
//!
//! 20,000 cases by default; `PROPTEST_CASES` sets another number.

mod common;

use alloy_primitives::U512;
use common::amount;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use ringfence_protocol::{
    bond::{BondEnv, BondError, BondPhase, BondState, BondTerms, Holder, HolderStep, ACTIVATION_GRACE},
    units::{Amount, Bps, Seconds, Timestamp},
    Address, Step, Transfer,
};
use std::{cell::RefCell, collections::BTreeMap};

const SPONSOR: Address = Address::repeat_byte(0xe0);
const VAULT: Address = Address::repeat_byte(0xe2);
const HOLDERS: usize = 6;
const START: u64 = 1_760_000_000;
const YEAR: u64 = 31_536_000;

fn address(holder: usize) -> Address {
    Address::repeat_byte(u8::try_from(holder + 1).expect("small"))
}

#[derive(Clone, Copy, Debug)]
enum Command {
    Fund { reserve: u128, short: bool },
    Subscribe { holder: usize, part: u16 },
    Activate,
    Expire,
    Transfer { from: usize, to: usize, part: u16 },
    TakePremium { holder: usize },
    Claim { part: u16, by_vault: bool },
    Redeem { holder: usize },
    RefundSponsor,
    Wait { part: u16 },
    Donate(u128),
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Self::Fund { .. } => "fund_premium",
            Self::Subscribe { .. } => "subscribe",
            Self::Activate => "activate",
            Self::Expire => "expire",
            Self::Transfer { .. } => "transfer",
            Self::TakePremium { .. } => "take_premium",
            Self::Claim { .. } => "claim",
            Self::Redeem { .. } => "redeem",
            Self::RefundSponsor => "refund_sponsor",
            Self::Wait { .. } => "wait",
            Self::Donate(_) => "donate",
        }
    }
}

/// What is true without rounding. Premium is counted in units of 1 / (10,000 * YEAR * face), face being that of the day
/// the series went on risk: it does not change before redemption, and nothing accrues after.
#[derive(Clone, Copy, Debug, Default)]
struct Reference {
    earned: [U512; HOLDERS],
    paid: [u128; HOLDERS],
    face: [u128; HOLDERS],
    at_risk: u128,
    principal: u128,
    accrued_at: u64,
    maturity: u64,
    /// How often a holder's account was rounded, and how often the index was.
    touches: [u128; HOLDERS],
    accruals: u128,
}

impl Reference {
    fn unit(&self) -> U512 {
        U512::from(10_000u64 * YEAR) * U512::from(self.at_risk)
    }

    /// Accrues everybody to `now`.
    fn accrue(&mut self, spread: u16, now: u64) {
        let until = now.min(self.maturity);
        if until <= self.accrued_at {
            return;
        }
        let rate = U512::from(spread) * U512::from(until - self.accrued_at) * U512::from(self.principal);
        for (earned, face) in self.earned.iter_mut().zip(self.face) {
            *earned += rate * U512::from(face);
        }
        self.accrued_at = until;
        self.accruals += 1;
    }
}

#[derive(Clone, Debug)]
struct Machine {
    terms: BondTerms,
    state: BondState,
    holders: [Holder; HOLDERS],
    now: u64,
    balance: u128,
    donated: u128,
    reference: Reference,
    principal_out: [u128; HOLDERS],
    sponsor_in: u128,
    sponsor_out: u128,
    claimed: u128,
}

fn part_of(all: u128, part: u16) -> u128 {
    // 1,000 is all of it; more is too much.
    all / 1_000 * u128::from(part) + all % 1_000 * u128::from(part) / 1_000
}

impl Machine {
    fn new(terms: BondTerms) -> Self {
        assert_eq!(terms.validate(Timestamp::new(START)), Ok(()));
        Self {
            terms,
            state: BondState::default(),
            holders: [Holder::default(); HOLDERS],
            now: START,
            balance: 0,
            donated: 0,
            reference: Reference::default(),
            principal_out: [0; HOLDERS],
            sponsor_in: 0,
            sponsor_out: 0,
            claimed: 0,
        }
    }

    fn env(&self, caller: Address) -> BondEnv {
        BondEnv { now: Timestamp::new(self.now), caller }
    }

    fn on_risk(&self) -> bool {
        matches!(self.state.phase, BondPhase::OnRisk { .. })
    }

    fn claims_until(&self) -> u64 {
        self.reference.maturity + self.terms.extension.get()
    }

    fn make(&mut self, transfers: &[Transfer]) {
        for transfer in transfers {
            match transfer {
                Transfer::In { amount, .. } => self.balance += amount.get(),
                Transfer::Out { amount, .. } => self.balance -= amount.get(),
            }
        }
    }

    /// Stores a step that touches no holder.
    fn keep<E>(&mut self, result: Result<Step<BondState, E>, BondError>, fine: bool) -> Result<bool, TestCaseError> {
        let error = result.as_ref().err().copied();
        prop_assert_eq!(error.is_none(), fine, "accepted or refused against the rules: {:?}", error);
        if let Ok(step) = result {
            self.make(&step.transfers);
            self.state = step.state;
        }
        Ok(fine)
    }

    fn keep_holder(
        &mut self,
        holder: usize,
        result: Result<HolderStep, BondError>,
        fine: bool,
    ) -> Result<bool, TestCaseError> {
        let error = result.as_ref().err().copied();
        prop_assert_eq!(error.is_none(), fine, "accepted or refused against the rules: {:?}", error);
        if let Ok(step) = result {
            self.make(&step.transfers);
            (self.state, self.holders[holder]) = step.state;
        }
        Ok(fine)
    }

    fn accrued(&self, holder: usize) -> u128 {
        let env = self.env(address(holder));
        self.state.premium_accrued(&env, &self.terms, self.holders[holder]).expect("in range").get()
    }

    fn premium_at_limit(&self) -> u128 {
        let exact = U512::from(self.terms.limit.get())
            * U512::from(self.terms.spread.get())
            * U512::from(self.terms.risk_period.get());
        let unit = U512::from(10_000u64 * YEAR);
        ((exact + unit - U512::from(1)) / unit).to()
    }

    fn run(&mut self, command: &Command) -> Result<bool, TestCaseError> {
        let spread = self.terms.spread.get();
        let open = self.state.phase == BondPhase::Subscribing && self.now <= self.terms.subscription_end.get();
        let sold: u128 = self.reference.face.iter().sum();
        // The reference knows of the passing time by itself; the crate only when it is touched.
        if self.on_risk() {
            self.reference.accrue(spread, self.now);
        }
        let accepted = match *command {
            Command::Fund { reserve, short } => {
                let needed = self.premium_at_limit() + reserve;
                let sent = if short { needed.saturating_sub(1) } else { needed };
                let untouched = self.state.premium.is_zero() && self.state.reserve.is_zero();
                let fine = open && untouched && sent + self.donated >= needed;
                let balance = amount(self.balance + sent);
                let result = self.state.fund_premium(&self.env(SPONSOR), &self.terms, balance, amount(reserve));
                let accepted = self.keep(result, fine)?;
                if accepted {
                    self.balance += sent;
                    self.sponsor_in += needed - reserve;
                    self.donated -= needed - sent;
                }
                accepted
            }
            Command::Subscribe { holder, part } => {
                let left = self.terms.limit.get() - sold;
                let value = part_of(self.terms.limit.get(), part).max(1);
                let fine =
                    open && self.sponsor_in >= self.premium_at_limit() && value <= left && value <= Amount::MAX.get();
                let env = self.env(address(holder));
                let result = self.state.subscribe(&env, &self.terms, self.holders[holder], amount(value));
                let accepted = self.keep_holder(holder, result, fine)?;
                if accepted {
                    self.reference.face[holder] += value;
                }
                accepted
            }
            Command::Activate => {
                let full = sold == self.terms.limit.get();
                let fine = self.state.phase == BondPhase::Subscribing && (full || !open);
                let accepted = self.keep(self.state.activate(&self.env(SPONSOR), &self.terms), fine)?;
                if accepted {
                    let goes_on_risk = sold >= self.terms.minimum.get();
                    prop_assert_eq!(self.on_risk(), goes_on_risk);
                    if goes_on_risk {
                        self.reference.at_risk = sold;
                        self.reference.principal = sold;
                        self.reference.accrued_at = self.now;
                        self.reference.maturity = self.now + self.terms.risk_period.get();
                    }
                }
                accepted
            }
            Command::Expire => {
                let late = self.now > self.terms.subscription_end.get() + ACTIVATION_GRACE.get();
                let fine = self.state.phase == BondPhase::Subscribing && late;
                self.keep(self.state.expire(&self.env(address(0)), &self.terms), fine)?
            }
            Command::Transfer { from, to, part } => self.transfer(from, to, part)?,
            Command::TakePremium { holder } => {
                let due = self.accrued(holder);
                let env = self.env(address(holder));
                let result = self.state.take_premium(&env, &self.terms, self.holders[holder]);
                let accepted = self.keep_holder(holder, result, due > 0)?;
                if accepted {
                    self.reference.paid[holder] += due;
                    self.reference.touches[holder] += 1;
                }
                accepted
            }
            Command::Claim { part, by_vault } => {
                let value = part_of(self.state.principal.get(), part);
                let in_time = self.on_risk() && self.now <= self.claims_until();
                let fine = by_vault && in_time && value > 0 && value <= self.reference.principal;
                let caller = if by_vault { VAULT } else { SPONSOR };
                let accepted = self.keep(self.state.claim(&self.env(caller), &self.terms, amount(value)), fine)?;
                if accepted {
                    self.reference.principal -= value;
                    self.claimed += value;
                }
                accepted
            }
            Command::Redeem { holder } => self.redeem(holder)?,
            Command::RefundSponsor => {
                let due = self.state.sponsor_due.get();
                let accepted = self.keep(self.state.refund_sponsor(&self.env(SPONSOR), &self.terms), due > 0)?;
                if accepted {
                    self.sponsor_out += due;
                }
                accepted
            }
            Command::Wait { part } => {
                let span = if self.on_risk() { self.terms.risk_period.get() } else { 100_000 };
                self.now += span / 1_000 * u64::from(part) + 1;
                true
            }
            Command::Donate(value) => {
                self.balance += value;
                self.donated += value;
                true
            }
        };
        if self.on_risk() {
            self.reference.accrue(spread, self.now);
        }
        self.check_all()?;
        Ok(accepted)
    }

    /// Premium that was earned before a transfer is nobody else's after it, to the last unit.
    fn transfer(&mut self, from: usize, to: usize, part: u16) -> Result<bool, TestCaseError> {
        let value = part_of(self.holders[from].face.get(), part);
        let fine = self.on_risk() && value <= self.reference.face[from];
        let earned: Vec<u128> = (0..HOLDERS).map(|holder| self.accrued(holder)).collect();
        let sender = (address(from), self.holders[from]);
        let receiver = (address(to), self.holders[to]);
        let result = self.state.transfer(&self.env(address(from)), &self.terms, sender, receiver, amount(value));
        let error = result.as_ref().err().copied();
        prop_assert_eq!(error.is_none(), fine, "accepted or refused against the rules: {:?}", error);
        if let Ok(step) = result {
            prop_assert!(step.transfers.is_empty());
            (self.state, self.holders[from], self.holders[to]) = step.state;
            self.reference.face[from] -= value;
            self.reference.face[to] += value;
            self.reference.touches[from] += 1;
            self.reference.touches[to] += 1;
        }
        let after: Vec<u128> = (0..HOLDERS).map(|holder| self.accrued(holder)).collect();
        prop_assert_eq!(earned, after, "a transfer moved premium");
        Ok(fine)
    }

    fn redeem(&mut self, holder: usize) -> Result<bool, TestCaseError> {
        let face = self.reference.face[holder];
        let over = self.on_risk() && self.now > self.claims_until();
        let fine = face > 0 && (over || self.state.phase == BondPhase::Failed);
        let (premium, principal, all) = (self.accrued(holder), self.state.principal.get(), self.state.face.get());
        let before = self.balance;
        let result = self.state.redeem(&self.env(address(holder)), &self.terms, self.holders[holder]);
        let accepted = self.keep_holder(holder, result, fine)?;
        if accepted {
            let out = before - self.balance;
            let share: u128 = (U512::from(principal) * U512::from(face) / U512::from(all)).to();
            prop_assert_eq!(out, premium + share, "a share of the principal and the premium");
            self.principal_out[holder] += share;
            self.reference.paid[holder] += premium;
            self.reference.touches[holder] += 1;
            self.reference.face[holder] = 0;
            if all == face {
                prop_assert_eq!(share, principal, "the last one gets the rest");
            }
        }
        Ok(accepted)
    }

    fn check_all(&self) -> Result<(), TestCaseError> {
        self.check_conserve()?;
        self.check_funded()?;
        self.check_round()
    }

    /// CONSERVE: the account is what is owed, and what came in less what went out.
    fn check_conserve(&self) -> Result<(), TestCaseError> {
        let state = &self.state;
        prop_assert_eq!(state.liabilities().map(Amount::get), Ok(self.balance - self.donated), "CONSERVE");
        let supply: u128 = self.holders.iter().map(|holder| holder.face.get()).sum();
        prop_assert_eq!(state.face.get(), supply, "CONSERVE: notes");
        prop_assert_eq!(supply, self.reference.face.iter().sum::<u128>(), "CONSERVE: notes");
        let paid: u128 = self.reference.paid.iter().sum();
        let premium = self.sponsor_in - self.sponsor_out - paid;
        prop_assert_eq!(state.premium.get() + state.sponsor_due.get(), premium, "CONSERVE: premium");
        Ok(())
    }

    /// FUNDED: the escrow covers all principal, all that has accrued, all that can still accrue, the sponsor and the
    /// reserve.
    fn check_funded(&self) -> Result<(), TestCaseError> {
        let state = &self.state;
        let accrued: u128 = (0..HOLDERS).map(|holder| self.accrued(holder)).sum();
        prop_assert!(accrued <= state.premium.get(), "FUNDED: accrued premium");
        let booked: u128 = self.holders.iter().map(|holder| holder.accrued.get()).sum();
        prop_assert_eq!(booked, state.booked.get(), "FUNDED: booked premium");
        let owed = state.principal.get() + accrued + state.sponsor_due.get() + state.reserve.get();
        prop_assert!(self.balance >= owed, "FUNDED");
        // While notes are out: even if everything not yet paid were paid exactly, up to maturity.
        if self.on_risk() && !state.face.is_zero() && state.face.get() == self.reference.at_risk {
            let reference = &self.reference;
            let left = reference.maturity.saturating_sub(reference.accrued_at);
            let future = U512::from(self.terms.spread.get())
                * U512::from(left)
                * U512::from(reference.principal)
                * U512::from(reference.at_risk);
            let earned = reference.earned.iter().fold(future, |sum, earned| sum + earned);
            let paid = U512::from(reference.paid.iter().sum::<u128>()) * reference.unit();
            prop_assert!(paid + U512::from(state.premium.get()) * reference.unit() >= earned, "FUNDED: to maturity");
        }
        Ok(())
    }

    /// ROUND: nobody ever gets more than the exact premium, nor less by more than a base unit for each time the account
    /// was touched, with two units of the index's last place for each time that accrued.
    fn check_round(&self) -> Result<(), TestCaseError> {
        let reference = &self.reference;
        if reference.at_risk == 0 {
            return Ok(());
        }
        for holder in 0..HOLDERS {
            let got = U512::from(reference.paid[holder] + self.accrued(holder)) * reference.unit();
            let exact = reference.earned[holder];
            prop_assert!(got <= exact, "ROUND: more than was earned");
            let index_loss = reference.accruals * 2 * reference.at_risk / 1_000_000_000_000_000_000 + 1;
            let bound = U512::from(reference.touches[holder] + 1 + index_loss) * reference.unit();
            prop_assert!(exact - got <= bound, "ROUND: too little");
        }
        Ok(())
    }

    /// EXIT: by waiting alone everybody gets out, and nothing is left but the reserve.
    fn check_exit(&self) -> Result<(), TestCaseError> {
        let mut end = self.clone();
        if end.state.phase == BondPhase::Subscribing {
            end.now = end.now.max(end.terms.subscription_end.get() + ACTIVATION_GRACE.get() + 1);
            prop_assert!(end.run(&Command::Expire)?, "EXIT: a sponsor that does nothing");
        }
        if end.on_risk() {
            end.now = end.now.max(end.claims_until() + 1);
        }
        // Whoever sold all notes comes last: what it earned is still there.
        for holder in (0..HOLDERS).filter(|holder| self.reference.face[*holder] > 0) {
            prop_assert!(end.run(&Command::Redeem { holder })?, "EXIT: principal");
        }
        for holder in 0..HOLDERS {
            if end.accrued(holder) > 0 {
                prop_assert!(end.run(&Command::TakePremium { holder })?, "EXIT: premium");
            }
        }
        prop_assert!(end.state.premium.is_zero() || end.reference.at_risk == 0, "EXIT: premium dust");
        let dust_and_refund = end.state.sponsor_due.get();
        if dust_and_refund > 0 {
            prop_assert!(end.run(&Command::RefundSponsor)?, "EXIT: sponsor");
        }
        end.check_redeemed()?;
        prop_assert_eq!(end.balance, end.state.reserve.get() + end.donated, "EXIT: something is left");
        Ok(())
    }

    /// ROUND, after everybody left: principal went out exactly, each got its share of it to within a unit for each
    /// redemption, and the sponsor got back what nobody earned and no more than the rounding on top.
    fn check_redeemed(&self) -> Result<(), TestCaseError> {
        let reference = &self.reference;
        prop_assert!(self.state.principal.is_zero() && self.state.face.is_zero() && self.state.booked.is_zero());
        if reference.at_risk == 0 {
            prop_assert_eq!(self.sponsor_out, self.sponsor_in, "a failed series costs the sponsor nothing");
            return Ok(());
        }
        let paid: u128 = reference.paid.iter().sum();
        prop_assert_eq!(self.principal_out.iter().sum::<u128>() + self.claimed, reference.at_risk);
        prop_assert_eq!(self.sponsor_out + paid, self.sponsor_in);
        let earned = reference.earned.iter().fold(U512::ZERO, |sum, earned| sum + earned);
        let dust = earned - U512::from(paid) * reference.unit();
        let touches: u128 = reference.touches.iter().sum();
        let index_loss = reference.accruals * 2 * reference.at_risk / 1_000_000_000_000_000_000 + 1;
        prop_assert!(dust <= U512::from(touches + index_loss) * reference.unit(), "ROUND: dust");
        Ok(())
    }
}

fn any_part() -> impl Strategy<Value = u16> {
    prop_oneof![10 => 1..=1_000u16, 3 => Just(1_000), 1 => Just(0), 1 => Just(1_001), 3 => 1..50u16]
}

fn any_command() -> impl Strategy<Value = Command> {
    let holder = || 0..HOLDERS;
    prop_oneof![
        1 => (0..100u128, prop::bool::weighted(0.3)).prop_map(|(reserve, short)| Command::Fund { reserve, short }),
        2 => (holder(), any_part()).prop_map(|(holder, part)| Command::Subscribe { holder, part }),
        1 => Just(Command::Activate),
        1 => Just(Command::Expire),
        10 => (holder(), holder(), any_part()).prop_map(|(from, to, part)| Command::Transfer { from, to, part }),
        6 => holder().prop_map(|holder| Command::TakePremium { holder }),
        2 => (any_part(), prop::bool::weighted(0.9)).prop_map(|(part, by_vault)| Command::Claim { part, by_vault }),
        3 => holder().prop_map(|holder| Command::Redeem { holder }),
        1 => Just(Command::RefundSponsor),
        10 => prop_oneof![20 => 0..20u16, 8 => 0..400u16, 1 => Just(1_000)].prop_map(|part| Command::Wait { part }),
        1 => (0..50u128).prop_map(Command::Donate),
    ]
}

prop_compose! {
    fn any_terms()(
        limit in prop_oneof![
            4 => 1..10_000u128, 4 => 10_000..10_000_000_000_000u128, 1 => Just(Amount::MAX.get()), 1 => Just(1)
        ],
        minimum in 1..=1_000u16,
        spread in prop_oneof![8 => 1..=10_000u16, 1 => Just(10_000), 1 => Just(0)],
        risk_period in prop_oneof![Just(3_600), 3_600..YEAR, Just(YEAR), Just(5 * YEAR)],
        extension in prop_oneof![Just(0), 0..7_776_000u64],
        subscription in 1..200_000u64,
    ) -> BondTerms {
        BondTerms {
            vault: VAULT,
            sponsor: SPONSOR,
            asset: Address::repeat_byte(0xe1),
            attachment: Amount::ZERO,
            limit: amount(limit),
            minimum: amount(part_of(limit, minimum).max(1)),
            spread: Bps::new(spread),
            subscription_end: Timestamp::new(START + subscription),
            risk_period: Seconds::new(risk_period),
            extension: Seconds::new(extension),
        }
    }
}

/// Nine in ten cases begin on risk, with notes spread by weights.
fn beginning(on_risk: bool, first_part: u16) -> Vec<Command> {
    if !on_risk {
        return Vec::new();
    }
    let rest = 1_000 - first_part;
    vec![
        Command::Fund { reserve: 7, short: false },
        Command::Subscribe { holder: 0, part: first_part },
        Command::Subscribe { holder: 1, part: rest / 2 },
        Command::Subscribe { holder: 2, part: rest - rest / 2 },
        Command::Wait { part: 1_000 },
        Command::Wait { part: 1_000 },
        Command::Activate,
    ]
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000)
}

#[test]
fn every_invariant_holds_after_every_step_of_random_sequences() {
    let seen: RefCell<BTreeMap<&'static str, [u64; 2]>> = RefCell::default();
    let on_risk_cases = RefCell::new(0u32);
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let inputs = (any_terms(), prop::bool::weighted(0.9), 1..900u16, prop::collection::vec(any_command(), 1..60));
    let outcome = TestRunner::new(config).run(&inputs, |(terms, on_risk, first, commands)| {
        let mut machine = Machine::new(terms);
        for command in beginning(on_risk, first).iter().chain(&commands) {
            let accepted = machine.run(command)?;
            seen.borrow_mut().entry(command.name()).or_default()[usize::from(accepted)] += 1;
            machine.check_exit()?;
        }
        *on_risk_cases.borrow_mut() += u32::from(machine.on_risk());
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let seen = seen.into_inner();
    println!("refused and accepted: {seen:?}; on risk: {}", on_risk_cases.borrow());
    if cases() >= 500 {
        for (name, [refused, accepted]) in seen {
            assert!(refused > 0 || matches!(name, "donate" | "wait"), "{name} was never refused");
            assert!(accepted > 0, "{name} was never accepted");
        }
        assert!(*on_risk_cases.borrow() > cases() / 2, "too few series went on risk");
    }
}
