//! Entity, three pairs and a series on the first one's tail, wired as the shells wire them.

use crate::{
    common::{plain_terms, Stub, World, ASSET, ENTITY},
    market::{self, Market, ALICE, BOB, SERIES},
    office::{vault, Office, CAROL, FOUNDER, RESERVE},
};
use ringfence_protocol::{
    bond::BondError,
    collateral::Schedule,
    entity::{different_owners, EntityError, RUN_OFF_PAGE},
    units::Timestamp,
    vault::{Command, Phase, VaultError},
    Address, Party,
};

pub(crate) const PAIRS: usize = 3;
/// Paid in by each party.
pub(crate) const MARGIN: u128 = 1_000;
/// Allocated to each vault.
pub(crate) const FIRST_LOSS: u128 = 300;
/// What the entity keeps free at first.
pub(crate) const FREE: u128 = 5_000;

/// Why a command was refused, by whichever machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Entity(EntityError),
    Vault(VaultError),
    Bond(BondError),
}

impl From<EntityError> for Refusal {
    fn from(error: EntityError) -> Self {
        Self::Entity(error)
    }
}

impl From<VaultError> for Refusal {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<BondError> for Refusal {
    fn from(error: BondError) -> Self {
        Self::Bond(error)
    }
}

pub(crate) type Outcome = Result<(), Refusal>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct System {
    pub(crate) office: Office,
    pub(crate) worlds: Vec<World<Stub>>,
    pub(crate) market: Market,
    /// Recovered money that the bond has been told of.
    passed: u128,
}

impl System {
    /// Pairs with margin, first loss, a portfolio and a first valuation that requires half of the margin; the series is on
    /// risk and covers the first pair.
    pub(crate) fn running() -> Self {
        let market = Market::on_risk();
        let mut office = Office::founded();
        office.now = market.now;
        let pairs = u128::try_from(PAIRS).expect("small");
        office.deposit(CAROL, RESERVE + FREE + pairs * (RESERVE + FIRST_LOSS)).expect("accepted");
        let worlds = (0..PAIRS).map(|index| world(&mut office, index, market.now)).collect();
        let mut system = Self { office, worlds, market, passed: 0 };
        let term = system.market.terms.risk_period.get();
        let limit = system.market.state.principal.get();
        let until = system.market.state.claims_until(&system.market.terms).expect("in range").get();
        system.worlds[0].register_cover_until(ENTITY, (0xe3, limit, term), 0, until).expect("registered");
        system
    }

    pub(crate) fn now(&self) -> u64 {
        self.market.now
    }

    pub(crate) fn set_time(&mut self, now: u64) {
        self.office.now = now;
        self.market.now = now;
        for world in &mut self.worlds {
            world.now = now;
        }
    }

    pub(crate) fn advance(&mut self, seconds: u64) {
        self.set_time(self.now() + seconds);
    }

    /// Runs something that takes effect as a whole or not at all, then what vault and bond tell each other.
    pub(crate) fn attempt(&mut self, command: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let before = self.clone();
        let outcome = command(self);
        if outcome.is_err() {
            *self = before;
        }
        self.wire();
        outcome
    }

    /// Claims go to the bond, its payments to the vault, recoveries back to it.
    fn wire(&mut self) {
        // A world may have gone a second on for a valuation.
        let now = self.worlds.iter().map(|world| world.now).max().unwrap_or_default().max(self.now());
        self.set_time(now);
        let world = &mut self.worlds[0];
        for estate in 0..world.vault.estates.0.len() {
            let amount = world.estate(estate).layers[0].due;
            if !amount.is_zero() && self.market.claim(market::VAULT, amount).is_ok() {
                world.donate(ASSET, amount.get());
                world.run(SERIES, Command::CoverPaid { estate, layer: 0, amount }).expect("it is due");
            }
        }
        let recovered = world.bonds.get(&SERIES).map_or(0, |bond| bond.recovered);
        if recovered > self.passed {
            let amount = ringfence_protocol::units::Amount::new(recovered - self.passed);
            self.market.recover(amount).expect("a bond takes what it lost");
            self.passed = recovered;
        }
    }

    /// Allocates free capital to a vault, as the shell does.
    pub(crate) fn allocate(&mut self, caller: Address, index: usize, amount: u128) -> Outcome {
        self.office.allocate(caller, vault(number(index)), amount)?;
        self.worlds[index].add_first_loss(ENTITY, amount, amount)?;
        Ok(())
    }

    /// Takes first loss back, as the shell does.
    pub(crate) fn release(&mut self, caller: Address, index: usize, amount: u128) -> Outcome {
        let at_rest = self.at_rest(index);
        self.office.state.check_release(&self.office.env(caller), at_rest)?;
        self.worlds[index].release_first_loss(ENTITY, amount)?;
        self.office.give_back(vault(number(index)), amount)?;
        Ok(())
    }

    /// Passes on to a vault until when the office has attested its owners to differ, as the shell does.
    pub(crate) fn attest_owners(&mut self, index: usize) -> Outcome {
        let of = |party: Party| self.office.attestations.get(&self.worlds[index].address(party)).copied();
        let until = different_owners(Timestamp::new(self.now()), of(Party::A), of(Party::B)).unwrap_or_default();
        Ok(self.worlds[index].attest(until)?)
    }

    /// Lets a pair run off.
    pub(crate) fn run_off(&mut self, caller: Address, index: usize) -> Outcome {
        self.office.state.check_winding_up(&self.office.env(caller))?;
        Ok(self.worlds[index].entity(Command::BeginRunOff)?)
    }

    /// Tells the next page of pairs to run off.
    pub(crate) fn tell_next(&mut self) -> Outcome {
        for index in self.office.tell_next(RUN_OFF_PAGE)? {
            // One that is over or runs off already is passed over.
            let _ = self.worlds[usize::try_from(index).expect("small")].entity(Command::BeginRunOff);
        }
        Ok(())
    }

    /// Takes back what is the entity's of a pair at rest, and ticks it off.
    pub(crate) fn settle_pair(&mut self, index: usize) -> Outcome {
        let at_rest = self.at_rest(index);
        self.office.settle(index, at_rest)?;
        let first_loss = self.worlds[index].vault.state.first_loss.get();
        if first_loss > 0 {
            self.release(CAROL, index, first_loss)?;
        }
        Ok(())
    }

    /// True if a pair is closed, or was never accepted.
    pub(crate) fn at_rest(&self, index: usize) -> bool {
        matches!(self.worlds[index].vault.state.phase, Phase::Closed { .. } | Phase::Proposed)
    }

    /// By parties, holders and passers-by alone, everybody gets out; nobody signs, and no role acts. The time that each pair
    /// takes is at most what its terms say, and that of the series is its latest date.
    pub(crate) fn everybody_out(&mut self) {
        for index in 0..self.worlds.len() {
            self.pair_out(index);
        }
        let latest = self.market.state.claims_until(&self.market.terms).expect("in range").get();
        self.set_time(self.now().max(latest + 1));
        for holder in [ALICE, BOB] {
            let _ = self.market.collect(holder);
            let left = self.market.position(holder);
            assert_eq!((left.premium.get(), left.principal.get()), (0, 0), "a holder is not out");
        }
    }

    fn pair_out(&mut self, index: usize) {
        let periods = self.worlds[index].vault.agreement.terms.periods;
        let begun = self.now();
        let bound =
            periods.oracle_timeout.get() + periods.cure.get() + periods.close_out.get() + periods.auction.get() + 4;
        for span in [0, periods.oracle_timeout.get() + 1, periods.cure.get() + 1, periods.close_out.get() + 1] {
            if matches!(self.worlds[index].vault.state.phase, Phase::Closed { .. }) {
                break;
            }
            self.advance(span);
            let a = self.worlds[index].address(Party::A);
            let _ = self.attempt(|system| Ok(system.worlds[index].leave(a)?));
            let _ = self.attempt(|system| Ok(system.worlds[index].resolve()?));
        }
        for party in Party::BOTH {
            let (who, margin) = (self.worlds[index].address(party), self.worlds[index].margin(party));
            if margin > 0 {
                self.attempt(|system| Ok(system.worlds[index].withdraw(who, margin)?)).expect("a party gets out");
            }
            if self.worlds[index].credit_of(who, ASSET) > 0 {
                self.attempt(|system| Ok(system.worlds[index].collect(who, ASSET)?)).expect("a credit is collected");
            }
        }
        assert_eq!(self.worlds[index].margins(), [0, 0]);
        assert!(self.now() - begun <= bound, "pair {index} took {} s of {bound}", self.now() - begun);
    }

    /// CONSERVE in every contract.
    pub(crate) fn check_conserved(&self) {
        self.office.check();
        for (index, world) in self.worlds.iter().enumerate() {
            assert_eq!(world.surplus(ASSET), 0, "pair {index}");
        }
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("small")
}

fn world(office: &mut Office, index: usize, now: u64) -> World<Stub> {
    office.open(FOUNDER, number(index)).expect("accepted");
    office.allocate(FOUNDER, vault(number(index)), FIRST_LOSS).expect("accepted");
    let mut world = World::<Stub>::new(plain_terms::<Stub>(), Schedule::default());
    world.now = now;
    world.domain.verifying_contract = vault(number(index));
    world.add_reserve(ENTITY, RESERVE, RESERVE).expect("accepted");
    world.add_first_loss(ENTITY, FIRST_LOSS, FIRST_LOSS).expect("accepted");
    for party in Party::BOTH {
        world.accept(world.address(party)).expect("accepted");
    }
    for party in Party::BOTH {
        world.deposit(world.address(party), MARGIN).expect("accepted");
    }
    world.agree().expect("accepted");
    world.value(0, [MARGIN / 2, MARGIN / 2]);
    world.now = now;
    world
}
