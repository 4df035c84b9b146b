//! The stage itself: contracts, actors and the calls they make.

use crate::{artifacts, explain, Contract, LivePair, Series, USD};
use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolEventInterface, SolValue};
use ringfence_bindings::{
    IEntity::{self, IEntityEvents},
    IMarginVault::{self, IMarginVaultEvents},
    ITailRiskBond,
};
use ringfence_devchain::{address_of, h160_of, Actor, CallReport, Located, Session, IERC20, USDC, USDC_MIN_BALANCE};
use ringfence_protocol::{signature::SignerSet, Party};

/// Capital that the entity starts with.
pub const CAPITAL: u128 = 6_000_000 * USD;
/// What each contract keeps back.
pub const RESERVE: u128 = USDC_MIN_BALANCE;
/// Margin that each party of a started pair has paid in. Odd, so that a rounding shows.
pub const MARGIN: u128 = 1_000_000 * USD + 7;
/// First-loss capital in each vault.
pub const FIRST_LOSS: u128 = 150_000 * USD + 3;
/// Circuit breaker of every pair.
pub const MAX_MOVE: u128 = 500_000 * USD;
/// Both sides' minimum transfer amount.
pub const MINIMUM_TRANSFER: u128 = 1_000 * USD;
/// Keys of the valuation agent and how many must sign.
const AGENTS: [&str; 3] = ["valuation agent 1", "valuation agent 2", "valuation agent 3"];
const THRESHOLD: u8 = 2;

/// Contracts and people on one chain.
#[derive(Debug)]
pub struct Stage {
    /// The chain.
    pub session: Session,
    /// The entity's admin.
    pub admin: Actor,
    /// Anyone.
    pub keeper: Actor,
    /// In the place of the entity in pairs and series of [`Stage::add_ward_pair`] and tests of single messages: an
    /// account that can send what otherwise only the entity contract sends.
    pub ward: Actor,
    /// The entity.
    pub entity: Address,
    /// The rules of every vault.
    pub rules: Address,
    /// Pairs, in order of opening.
    pub pairs: Vec<LivePair>,
    /// The series on the first pair, if there is one.
    pub series: Option<Series>,
    /// The valuation agent's keys, ascending by address.
    pub agents: Vec<Actor>,
    /// Further contracts that a refused call must leave alone.
    pub(crate) others: Vec<Address>,
}

impl Stage {
    /// A funded entity and nothing else.
    pub fn empty() -> Self {
        let mut session = Session::new();
        let [admin, keeper, ward] = ["admin", "keeper", "ward"].map(|name| session.eth_actor(name));
        let mut agents = AGENTS.map(|name| session.eth_actor(name)).to_vec();
        agents.sort_by_key(Located::h160);
        let rules = deploy_rules(&mut session, &admin);
        let entity = deploy_entity(&mut session, &admin, rules);
        let (pairs, series) = Default::default();
        let others = vec![rules];
        let mut stage = Self { session, admin, keeper, ward, entity, rules, pairs, series, agents, others };
        let admin = stage.admin.clone();
        stage.fund(&admin, entity, CAPITAL + RESERVE);
        stage.must(&admin, entity, IEntity::depositCapitalCall { amount: CAPITAL + RESERVE });
        stage
    }

    /// Pairs with terms accepted, margin and first loss paid in and a portfolio agreed.
    pub fn open(pairs: usize) -> Self {
        let mut stage = Self::empty();
        for _ in 0..pairs {
            let index = stage.propose_pair();
            stage.start_pair(index);
        }
        stage
    }

    /// The same, with a series on risk on the first pair's tail.
    pub fn insured(pairs: usize) -> Self {
        let mut stage = Self::open(pairs);
        stage.issue_full_series();
        stage
    }

    /// Opens a pair under plain terms that nobody has accepted yet, with first-loss capital, and answers with its index.
    pub fn propose_pair(&mut self) -> usize {
        let (contract, a, b) = self.next_contract(h160_of(self.entity));
        self.propose(contract, a, b)
    }

    /// The same under terms of the test's own.
    pub fn propose(&mut self, contract: Contract, a: Actor, b: Actor) -> usize {
        let (admin, entity, signers) = (self.admin.clone(), self.entity, self.signers());
        let terms = contract.encoded(&signers);
        let vault = self.must(&admin, entity, IEntity::openPairCall { terms }).returned;
        self.must(&admin, entity, IEntity::allocateCall { vault, amount: FIRST_LOSS });
        for party in [&a, &b] {
            self.attest(party);
        }
        self.pairs.push(LivePair::new(a, b, vault, contract, &signers));
        self.pairs.len() - 1
    }

    /// The admin attests for a year that a party has an owner of its own.
    pub fn attest(&mut self, party: &Actor) {
        let (admin, entity, party) = (self.admin.clone(), self.entity, party.address());
        let (owner, until) = (alloy_primitives::keccak256(party), self.session.now() + 365 * crate::DAY);
        self.must(&admin, entity, IEntity::attestOwnerCall { party, owner, until });
    }

    /// Deploys a vault in which [`Stage::ward`] stands in the entity's place, with reserve and first loss, not accepted.
    pub fn add_ward_pair(&mut self) -> usize {
        let (contract, a, b) = self.next_contract(self.ward.h160());
        self.add_ward_pair_under(contract, a, b)
    }

    /// The same under terms of the test's own.
    ///
    /// # Panics
    /// If the vault is refused.
    pub fn add_ward_pair_under(&mut self, contract: Contract, a: Actor, b: Actor) -> usize {
        let index = self.deploy_vault(contract, a, b);
        let (ward, vault) = (self.ward.clone(), self.pairs[index].vault);
        self.send_asset(&ward, vault, RESERVE);
        self.must(&ward, vault, IMarginVault::addReserveCall { amount: RESERVE });
        self.send_asset(&ward, vault, FIRST_LOSS);
        self.must(&ward, vault, IMarginVault::addFirstLossCall { amount: FIRST_LOSS });
        index
    }

    /// Deploys a vault that holds nothing.
    ///
    /// # Panics
    /// If the vault is refused.
    pub fn deploy_vault(&mut self, contract: Contract, a: Actor, b: Actor) -> usize {
        let (ward, signers) = (self.ward.clone(), self.signers());
        let arguments = (contract.encoded(&signers),).abi_encode_params();
        let deployed = self.session.deploy(&ward, &artifacts::blob("margin-vault"), arguments, [1; 32]);
        let vault = address_of(deployed.unwrap_or_else(|error| panic!("the vault: {}", explain(&error))).contract);
        self.pairs.push(LivePair::new(a, b, vault, contract, &signers));
        self.pairs.len() - 1
    }

    /// Acceptance by both, margin by both, first portfolio.
    pub fn start_pair(&mut self, index: usize) {
        self.accept(index);
        for party in Party::BOTH {
            self.deposit(index, party, MARGIN);
        }
        self.agree(index);
    }

    /// Both parties accept the terms.
    pub fn accept(&mut self, index: usize) {
        let pair = self.pairs[index].clone();
        for party in [&pair.a, &pair.b] {
            self.must(party, pair.vault, IMarginVault::acceptCall { termsHash: pair.terms_hash.0.into() });
        }
    }

    /// A party pays margin in, out of money that is minted for it.
    pub fn deposit(&mut self, index: usize, party: Party, amount: u128) -> CallReport<()> {
        let pair = &self.pairs[index];
        let (actor, vault) = (pair.party(party).clone(), pair.vault);
        self.fund(&actor, vault, amount);
        self.must(&actor, vault, IMarginVault::depositCall { amount }).map(drop)
    }

    /// A party takes margin out.
    pub fn withdraw(&mut self, index: usize, party: Party, amount: u128) {
        let pair = &self.pairs[index];
        let (actor, vault) = (pair.party(party).clone(), pair.vault);
        self.must(&actor, vault, IMarginVault::withdrawCall { amount });
    }

    /// Sends a call that has to go through.
    #[track_caller]
    pub fn must<C: SolCall>(&mut self, caller: &Actor, target: impl Located, call: C) -> CallReport<C::Return> {
        match self.session.call(caller, target, call) {
            Ok(report) => {
                self.assert_decodable(&report);
                report
            }
            Err(error) => panic!("{} was refused: {}", C::SIGNATURE, explain(&error)),
        }
    }

    /// Every event of a vault or of the entity is one that clients know, to the last topic and byte.
    #[track_caller]
    fn assert_decodable<R>(&self, report: &CallReport<R>) {
        for event in &report.events {
            let emitter = address_of(event.emitter);
            let topics = event.topics.iter().copied();
            let known = if self.pairs.iter().any(|pair| pair.vault == emitter) {
                IMarginVaultEvents::decode_raw_log(&topics.collect::<Vec<_>>(), &event.data).is_ok()
            } else if emitter == self.entity {
                IEntityEvents::decode_raw_log(&topics.collect::<Vec<_>>(), &event.data).is_ok()
            } else {
                continue;
            };
            assert!(known, "an event that clients can't read: {event:?}");
        }
    }

    /// Reads.
    #[track_caller]
    pub fn read<C: SolCall>(&mut self, target: impl Located, call: C) -> C::Return {
        let keeper = self.keeper.clone();
        match self.session.dry_run(&keeper, target, call) {
            Ok(report) => report.returned,
            Err(error) => panic!("{} was refused: {}", C::SIGNATURE, explain(&error)),
        }
    }

    /// A vault's status.
    pub fn status(&mut self, index: usize) -> IMarginVault::VaultStatus {
        let vault = self.pairs[index].vault;
        self.read(vault, IMarginVault::statusCall {})
    }

    /// Mints `amount` to an account and lets `spender` take it.
    pub fn fund(&mut self, actor: &Actor, spender: Address, amount: u128) {
        self.mint(actor, amount);
        self.must(actor, USDC.address(), IERC20::approveCall { spender, value: U256::from(amount) });
    }

    /// Mints `amount` to an account.
    pub fn mint(&mut self, actor: &Actor, amount: u128) {
        self.session.mint_usdc(actor, amount).expect("the issuer mints above the minimum balance");
    }

    /// Mints `amount` and sends it to a contract without a message.
    pub fn send_asset(&mut self, actor: &Actor, to: Address, amount: u128) {
        self.mint(actor, amount);
        self.must(actor, USDC.address(), IERC20::transferCall { to, value: U256::from(amount) });
    }

    /// The signer set of every pair.
    pub fn signers(&self) -> SignerSet {
        SignerSet::new(self.agents.iter().map(Located::h160).collect(), THRESHOLD).expect("three distinct keys")
    }

    /// CONSERVE, with equality: every contract holds exactly what it owes.
    #[track_caller]
    pub fn assert_conserved(&mut self) {
        for pair in self.pairs.clone() {
            let owed = self.read(pair.vault, IMarginVault::liabilitiesCall {});
            assert_eq!(self.session.usdc(pair.vault), owed, "vault of {:?}", pair.a);
            self.assert_collateral_conserved(&pair);
        }
        if let Some(bond) = self.series.as_ref().map(|series| series.bond) {
            let owed = self.read(bond, ITailRiskBond::liabilitiesCall {});
            assert_eq!(self.session.usdc(bond), owed, "bond");
        }
        let entity = self.entity;
        let owed = self.read(entity, IEntity::liabilitiesCall {});
        assert_eq!(self.session.usdc(entity), owed, "entity");
    }

    /// The same for each collateral asset: what is posted and what can be collected.
    #[track_caller]
    fn assert_collateral_conserved(&mut self, pair: &LivePair) {
        for (index, eligible) in pair.schedule.0.iter().enumerate() {
            let index = u8::try_from(index).expect("at most four");
            let asset = address_of(eligible.asset);
            let view = self.read(pair.vault, IMarginVault::collateralCall { index });
            let mut owed = view.postedA + view.postedB;
            for account in self.everyone() {
                let holding = IMarginVault::Holding { account, asset };
                owed += self.read(pair.vault, IMarginVault::collectableCall { holding });
            }
            assert_eq!(self.token_balance(asset, pair.vault), owed, "collateral {index} of {:?}", pair.a);
        }
    }

    /// What an account holds of a token.
    pub fn token_balance(&mut self, token: Address, account: impl Located) -> u128 {
        self.read(token, IERC20::balanceOfCall { account: account.address() }).to::<u128>()
    }

    /// Every contract and account that money can be on.
    pub(crate) fn everyone(&self) -> Vec<Address> {
        let pairs = self.pairs.iter().flat_map(|pair| [pair.vault, pair.a.address(), pair.b.address()]);
        let series = self
            .series
            .iter()
            .flat_map(|series| std::iter::once(series.bond).chain(series.investors.iter().map(Located::address)));
        let staff = [&self.admin, &self.keeper, &self.ward].map(Located::address);
        pairs.chain(series).chain(staff).chain(self.others.iter().copied()).chain([self.entity]).collect()
    }
}

fn deploy_rules(session: &mut Session, admin: &Actor) -> Address {
    let deployed = session.deploy(admin, &artifacts::blob("vault-rules"), Vec::new(), [0; 32]);
    address_of(deployed.unwrap_or_else(|error| panic!("the rules: {}", explain(&error))).contract)
}

fn deploy_entity(session: &mut Session, admin: &Actor, rules: Address) -> Address {
    let mut upload = |contract: &str| {
        let code = session.upload(admin, &artifacts::blob(contract));
        code.unwrap_or_else(|error| panic!("upload of {contract}: {}", explain(&error)))
    };
    let (vault, bond) = (upload("margin-vault"), upload("tail-risk-bond"));
    let arguments = (USDC.address(), rules, vault, bond, RESERVE).abi_encode_params();
    let deployed = session.deploy(admin, &artifacts::blob("entity"), arguments, [0; 32]);
    address_of(deployed.unwrap_or_else(|error| panic!("the entity: {}", explain(&error))).contract)
}
