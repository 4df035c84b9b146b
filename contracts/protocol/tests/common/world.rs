use super::{signer_set, TestCrypto, ASSET, CHAIN, ENTITY, KEEPER, PARTY_A, PARTY_B, START, SUCCESSORS, VAULT};
use ringfence_protocol::{
    collateral::Schedule,
    eip712::Domain,
    terms::Terms,
    units::{Amount, Seconds, Timestamp},
    vault::{BondCall, Command, Effects, Env, Estate, Vault, VaultError, VaultEvent, VaultStep},
    Address, Pair, Party, Transfer,
};
use std::{collections::BTreeMap, marker::PhantomData};

/// A bond as the vault sees it: it pays claims or does not, and takes recoveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bond {
    pub paid: u128,
    pub recovered: u128,
}

/// A pair with everything around it that its vault sees: it does what the shell does with [`Effects`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World<C> {
    pub vault: Vault,
    pub now: u64,
    pub domain: Domain,
    /// The vault's account at each asset.
    pub balances: BTreeMap<Address, u128>,
    /// What accounts can collect: by account and asset.
    pub credits: BTreeMap<(Address, Address), u128>,
    /// What each account paid in less what it got out, by account and asset.
    pub paid_in: BTreeMap<(Address, Address), i128>,
    pub bonds: BTreeMap<Address, Bond>,
    /// True if bonds pay claims at once.
    pub bonds_pay: bool,
    /// The waiting period of the next bond.
    pub waiting: Seconds,
    /// Until when its registration says that the owners are attested.
    pub attested_until: Timestamp,
    /// All that happened.
    pub events: Vec<VaultEvent>,
    pub(super) crypto: PhantomData<C>,
}

impl<C: TestCrypto> World<C> {
    pub fn new(terms: Terms, schedule: Schedule) -> Self {
        Self {
            vault: Vault::new::<C>(terms, schedule, signer_set::<C>()).expect("valid terms"),
            now: START,
            domain: Domain { chain_id: CHAIN, verifying_contract: VAULT },
            balances: BTreeMap::new(),
            credits: BTreeMap::new(),
            paid_in: BTreeMap::new(),
            bonds: BTreeMap::new(),
            bonds_pay: false,
            waiting: Seconds::ZERO,
            attested_until: Timestamp::new(u64::MAX / 2),
            events: Vec::new(),
            crypto: PhantomData,
        }
    }

    /// Accepted by both.
    pub fn active(terms: Terms, schedule: Schedule) -> Self {
        let mut world = Self::new(terms, schedule);
        for party in Party::BOTH {
            world.accept(world.address(party)).expect("accepted");
        }
        world
    }

    /// Accepted, with margin on both sides and a portfolio.
    pub fn running(terms: Terms, schedule: Schedule, margin: u128) -> Self {
        let mut world = Self::active(terms, schedule);
        for party in Party::BOTH {
            world.deposit(world.address(party), margin).expect("accepted");
        }
        world.agree().expect("accepted");
        world
    }

    pub fn address(&self, party: Party) -> Address {
        *self.vault.agreement.terms.parties.of(party)
    }

    /// The keys of the parties, whoever they are by now.
    pub fn keys(&self) -> [u8; 2] {
        let known = [PARTY_A, PARTY_B].into_iter().chain(SUCCESSORS).collect::<Vec<_>>();
        Party::BOTH.map(|party| {
            let key = known.iter().find(|key| C::address(**key) == self.address(party));
            *key.expect("a key of the tests")
        })
    }

    pub fn env(&self, caller: Address) -> Env {
        Env { now: Timestamp::new(self.now), caller, domain: self.domain }
    }

    pub fn margin(&self, party: Party) -> u128 {
        self.vault.state.margin.of(party).get()
    }

    pub fn margins(&self) -> [u128; 2] {
        Party::BOTH.map(|party| self.margin(party))
    }

    pub fn balance(&self) -> u128 {
        self.balance_of(ASSET)
    }

    pub fn balance_of(&self, asset: Address) -> u128 {
        self.balances.get(&asset).copied().unwrap_or_default()
    }

    pub fn credit_of(&self, account: Address, asset: Address) -> u128 {
        self.credits.get(&(account, asset)).copied().unwrap_or_default()
    }

    pub fn estate(&self, index: usize) -> Estate {
        self.vault.estates.0[index]
    }

    /// Sends something to the vault by mistake.
    pub fn donate(&mut self, asset: Address, value: u128) {
        *self.balances.entry(asset).or_default() += value;
    }

    fn transfer(&mut self, asset: Address, transfer: Transfer) {
        let balance = self.balances.entry(asset).or_default();
        match transfer {
            Transfer::In { from, amount } => {
                *balance += amount.get();
                *self.paid_in.entry((from, asset)).or_default() += i128::try_from(amount.get()).expect("fits");
            }
            Transfer::Out { to, amount } => {
                *balance = balance.checked_sub(amount.get()).expect("the account holds what is paid out");
                *self.paid_in.entry((to, asset)).or_default() -= i128::try_from(amount.get()).expect("fits");
            }
        }
    }

    /// Stores the ledger and makes the transfers of a step.
    pub fn apply(&mut self, step: VaultStep) {
        self.vault.state = step.state;
        self.events.extend(step.events);
        for transfer in step.transfers {
            self.transfer(ASSET, transfer);
        }
    }

    /// Emits, credits, transfers and calls bonds, in that order, as the shell does.
    fn apply_effects(&mut self, effects: Effects) -> Result<(), VaultError> {
        self.events.extend(effects.events);
        for credit in effects.credits {
            *self.credits.entry((credit.to, credit.asset)).or_default() += credit.amount.get();
        }
        for transfer in effects.transfers {
            self.transfer(ASSET, transfer);
        }
        for token in effects.tokens {
            self.transfer(token.asset, token.transfer);
        }
        for call in effects.bonds {
            match call {
                BondCall::Claim { estate, layer, bond, amount } if self.bonds_pay => {
                    self.bonds.entry(bond).or_default().paid += amount.get();
                    self.transfer(ASSET, Transfer::In { from: bond, amount });
                    self.run(bond, Command::CoverPaid { estate, layer, amount })?;
                }
                BondCall::Claim { .. } => {}
                BondCall::Recovery { bond, amount } => {
                    self.bonds.entry(bond).or_default().recovered += amount.get();
                }
            }
        }
        Ok(())
    }

    /// Has the vault carry out a command of `caller`; refused, nothing has changed.
    pub fn run(&mut self, caller: Address, command: Command<'_>) -> Result<(), VaultError> {
        let (vault, effects) = self.vault.clone().execute::<C>(&self.env(caller), command)?;
        self.vault = vault;
        self.apply_effects(effects)
    }

    /// A command of a keeper: anyone may send it.
    pub fn keep(&mut self, command: Command<'_>) -> Result<(), VaultError> {
        self.run(KEEPER, command)
    }

    pub fn accept(&mut self, caller: Address) -> Result<(), VaultError> {
        let terms_hash = self.vault.agreement.hash;
        self.run(caller, Command::Accept { terms_hash })
    }

    pub fn deposit(&mut self, caller: Address, value: u128) -> Result<(), VaultError> {
        let step = self.vault.state.deposit(&self.env(caller), &self.vault.agreement, Amount::new(value))?;
        self.apply(step);
        Ok(())
    }

    pub fn withdraw(&mut self, caller: Address, value: u128) -> Result<(), VaultError> {
        let step = self.vault.state.withdraw(&self.env(caller), &self.vault.agreement, Amount::new(value))?;
        self.apply(step);
        Ok(())
    }

    /// An account takes out all that it can collect of an asset.
    pub fn collect(&mut self, caller: Address, asset: Address) -> Result<(), VaultError> {
        let amount = Amount::new(self.credit_of(caller, asset));
        self.run(caller, Command::Collect { asset, amount })?;
        self.credits.remove(&(caller, asset));
        Ok(())
    }

    pub fn post(&mut self, caller: Address, index: usize, quantity: u128) -> Result<(), VaultError> {
        self.run(caller, Command::PostCollateral { index, quantity: Amount::new(quantity) })
    }

    pub fn take_back(&mut self, caller: Address, index: usize, quantity: u128) -> Result<(), VaultError> {
        self.run(caller, Command::ReturnCollateral { index, quantity: Amount::new(quantity) })
    }

    /// Swaps `posted` of one token for `returned` of another.
    pub fn substitute(&mut self, caller: Address, posted: [u128; 2], returned: [u128; 2]) -> Result<(), VaultError> {
        let index = |value: u128| usize::try_from(value).expect("small");
        let command = Command::SubstituteCollateral {
            into: index(posted[0]),
            posted: Amount::new(posted[1]),
            out_of: index(returned[0]),
            returned: Amount::new(returned[1]),
        };
        self.run(caller, command)
    }

    pub fn declare_default(&mut self, caller: Address, party: Party) -> Result<(), VaultError> {
        self.run(caller, Command::DeclareDefault { party })
    }

    /// A party leaves for the oracle's silence.
    pub fn leave(&mut self, caller: Address) -> Result<(), VaultError> {
        self.run(caller, Command::LeaveSilentOracle)
    }

    pub fn resolve(&mut self) -> Result<(), VaultError> {
        self.keep(Command::ResolveDefault)
    }

    /// The entity sends `sent` and records `value` as first-loss capital; refused, what was sent goes back.
    pub fn add_first_loss(&mut self, caller: Address, sent: u128, value: u128) -> Result<(), VaultError> {
        let balance = Amount::new(self.balance() + sent);
        self.run(caller, Command::AddFirstLoss { balance, amount: Amount::new(value) })?;
        self.transfer(ASSET, Transfer::In { from: caller, amount: Amount::new(sent) });
        Ok(())
    }

    pub fn add_reserve(&mut self, caller: Address, sent: u128, value: u128) -> Result<(), VaultError> {
        let balance = Amount::new(self.balance() + sent);
        self.run(caller, Command::AddReserve { balance, amount: Amount::new(value) })?;
        self.transfer(ASSET, Transfer::In { from: caller, amount: Amount::new(sent) });
        Ok(())
    }

    pub fn release_first_loss(&mut self, caller: Address, value: u128) -> Result<(), VaultError> {
        self.run(caller, Command::ReleaseFirstLoss { amount: Amount::new(value) })
    }

    /// Registers a bond from now for `term` seconds, that takes claims just long enough.
    pub fn register_cover(
        &mut self,
        caller: Address,
        bond: u8,
        limit: u128,
        term: u64,
        attachment: u128,
    ) -> Result<(), VaultError> {
        let periods = self.vault.agreement.terms.periods;
        let until = self.now + term + 2 * periods.close_out.get() + periods.auction.get();
        self.register_cover_until(caller, (bond, limit, term), attachment, until)
    }

    /// Registers a bond that takes claims until a moment of its own.
    pub fn register_cover_until(
        &mut self,
        caller: Address,
        (bond, limit, term): (u8, u128, u64),
        attachment: u128,
        claims_until: u64,
    ) -> Result<(), VaultError> {
        let layer = ringfence_protocol::vault::Layer {
            bond: Address::repeat_byte(bond),
            limit: Amount::new(limit),
            claimed: Amount::ZERO,
            starts: Timestamp::new(self.now),
            ends: Timestamp::new(self.now + term),
            waiting: self.waiting,
        };
        let (attachment, claims_until) = (Amount::new(attachment), Timestamp::new(claims_until));
        let attested_until = self.attested_until;
        self.run(caller, Command::RegisterCover { layer, attachment, claims_until, attested_until })
    }

    /// The entity passes on an attestation.
    pub fn attest(&mut self, until: Timestamp) -> Result<(), VaultError> {
        self.run(ENTITY, Command::AttestOwners { until })
    }

    pub fn entity(&mut self, command: Command<'_>) -> Result<(), VaultError> {
        self.run(ENTITY, command)
    }

    /// CONSERVE: each account holds what the vault owes in that asset, and what was sent by mistake.
    pub fn surplus(&self, asset: Address) -> u128 {
        let owed = if asset == ASSET {
            self.vault.liabilities().expect("in range").get()
        } else {
            let book = &self.vault.collateral;
            let index = book.schedule.0.iter().position(|eligible| eligible.asset == asset);
            let posted = |party| index.map_or(0, |index| book.posted(party, index).expect("eligible").get());
            let collectable = self.credits.iter().filter(|((_, of), _)| *of == asset).map(|(_, value)| value);
            posted(Party::A) + posted(Party::B) + collectable.sum::<u128>()
        };
        self.balance_of(asset).checked_sub(owed).expect("CONSERVE: less than is owed")
    }

    /// What a side has posted of the token at `index`.
    pub fn posted(&self, party: Party, index: usize) -> u128 {
        self.vault.collateral.posted(party, index).expect("eligible").get()
    }

    pub fn required(&self) -> Pair<Amount> {
        self.vault.state.required
    }
}
