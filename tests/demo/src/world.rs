//! The chain with everything on it: contracts, desks, signers, investors.

use crate::{
    cast::{self, PairPlan, PAIRS, SERIES, SIGNERS, THRESHOLD, USD},
    error::DemoError,
    invariants::Watch,
};
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolValue};
use ringfence_bindings::{IEntity, IMarginVault, ITailRiskBond};
use ringfence_devchain::{
    address_of, h160_of, Actor, CallReport, Located, Session, CHAIN_ID, IERC20, USDC, USDC_MIN_BALANCE,
};
use ringfence_oracle::{
    cycle::MemoryLedger,
    keccak::{keccak256, Keccak},
    portfolio::Portfolio,
    sign::{LocalSigner, Quorum},
    symbol::Symbol,
};
use ringfence_protocol::{
    collateral::Schedule,
    eip712::{Domain, TypedMessage},
    message::PortfolioAgreement,
    terms::Terms,
    units::{Bps, Timestamp},
    Digest, Pair,
};
use std::{collections::BTreeMap, path::Path};

/// A pair on the chain.
pub(crate) struct LivePair {
    pub(crate) plan: PairPlan,
    pub(crate) a: Actor,
    pub(crate) b: Actor,
    pub(crate) vault: Address,
    pub(crate) terms_hash: Digest,
    pub(crate) portfolio_root: Digest,
    /// What the treasuries have left.
    pub(crate) treasury: (u128, u128),
}

impl LivePair {
    /// The signing domain of its vault.
    pub(crate) fn domain(&self) -> Domain {
        Domain { chain_id: CHAIN_ID, verifying_contract: h160_of(self.vault) }
    }
}

/// Everything.
pub(crate) struct World {
    pub(crate) session: Session,
    pub(crate) watch: Watch,
    pub(crate) keeper: Actor,
    pub(crate) admin: Actor,
    pub(crate) entity: Address,
    pub(crate) rules: Address,
    pub(crate) bond: Address,
    pub(crate) pairs: Vec<LivePair>,
    pub(crate) investors: Vec<Actor>,
    pub(crate) quorum: Quorum<LocalSigner>,
    pub(crate) ledger: MemoryLedger,
    /// Terms of vaults by their hash, as they were read.
    pub(crate) terms: BTreeMap<Digest, IMarginVault::CsaTerms>,
    pub(crate) calls: u64,
    /// Notes and refund of each investor.
    pub(crate) allotted: Vec<(u128, u128)>,
    /// What the entity put in escrow for the series.
    pub(crate) premium_escrowed: u128,
}

impl World {
    /// Deploys the contracts, opens the pairs and the series, and brings everybody's money in.
    pub(crate) fn new(artifacts: &Path, portfolios: &[Portfolio]) -> Result<Self, DemoError> {
        let blob = |name: &str| {
            let path = artifacts.join(format!("{name}.polkavm"));
            std::fs::read(&path).map_err(|reason| DemoError::Artifact { path: path.display().to_string(), reason })
        };
        let (vault_blob, rules_blob) = (blob("margin-vault")?, blob("vault-rules")?);
        let (bond_blob, entity_blob) = (blob("tail-risk-bond")?, blob("entity")?);

        let mut session = Session::builder().start_time(cast::START).build();
        let admin = session.eth_actor("Ringfence entity admin");
        let keeper = session.eth_actor("keeper");
        let failed = |step: &str| {
            let step = step.to_string();
            move |error| DemoError::call(step, &error)
        };
        let vault_code = session.upload(&admin, &vault_blob).map_err(failed("upload of the vault"))?;
        let bond_code = session.upload(&admin, &bond_blob).map_err(failed("upload of the bond"))?;
        let rules =
            session.deploy(&admin, &rules_blob, Vec::new(), [0; 32]).map_err(failed("deployment of the rules"))?;
        let rules = address_of(rules.contract);
        let arguments = (USDC.address(), rules, vault_code, bond_code, USDC_MIN_BALANCE).abi_encode_params();
        let deployed =
            session.deploy(&admin, &entity_blob, arguments, [0; 32]).map_err(failed("deployment of the entity"))?;
        let entity = address_of(deployed.contract);

        let mut world = Self {
            session,
            watch: Watch::default(),
            keeper,
            admin,
            entity,
            rules,
            bond: Address::ZERO,
            pairs: Vec::new(),
            investors: Vec::new(),
            allotted: Vec::new(),
            quorum: quorum()?,
            ledger: MemoryLedger::default(),
            terms: BTreeMap::new(),
            calls: 0,
            premium_escrowed: 0,
        };
        world.mint(&world.admin.clone(), cast::ENTITY_CAPITAL)?;
        let admin = world.admin.clone();
        world.approve(&admin, entity, cast::ENTITY_CAPITAL)?;
        world.call(
            "capital into the entity",
            &admin,
            entity,
            IEntity::depositCapitalCall { amount: cast::ENTITY_CAPITAL },
        )?;
        for (plan, portfolio) in PAIRS.iter().zip(portfolios) {
            world.open_pair(plan)?;
            world.check_portfolio(plan, portfolio)?;
        }
        world.issue_series()?;
        for (index, portfolio) in portfolios.iter().enumerate() {
            world.start_pair(index, portfolio)?;
        }
        world.watch.start(&mut world.session, entity, world.bond, &world.pairs)?;
        Ok(world)
    }

    /// Makes a call; a refusal ends the run and names the step.
    pub(crate) fn call<C: SolCall>(
        &mut self,
        step: &str,
        actor: &Actor,
        to: Address,
        call: C,
    ) -> Result<CallReport<C::Return>, DemoError> {
        self.calls += 1;
        self.session.call(actor, to, call).map_err(|error| DemoError::call(step, &error))
    }

    /// Reads a vault's status.
    pub(crate) fn status(&mut self, vault: Address) -> Result<IMarginVault::VaultStatus, DemoError> {
        let keeper = self.keeper.clone();
        let report = self.session.dry_run(&keeper, vault, IMarginVault::statusCall {});
        report.map(|report| report.returned).map_err(|error| DemoError::call("reading a vault", &error))
    }

    /// Lets `actor` pay `amount` of its treasury into `to`.
    pub(crate) fn approve(&mut self, actor: &Actor, to: Address, amount: u128) -> Result<(), DemoError> {
        let call = IERC20::approveCall { spender: to, value: U256::from(amount) };
        self.call("allowance", actor, USDC.address(), call).map(drop)
    }

    /// Pays margin in from a desk's treasury.
    pub(crate) fn deposit(&mut self, actor: &Actor, vault: Address, amount: u128) -> Result<(), DemoError> {
        self.mint(actor, amount)?;
        self.approve(actor, vault, amount)?;
        self.call("deposit of margin", actor, vault, IMarginVault::depositCall { amount }).map(drop)
    }

    /// Reads the series.
    pub(crate) fn bond_status(&mut self) -> Result<ITailRiskBond::SeriesStatus, DemoError> {
        let keeper = self.keeper.clone();
        let report = self.session.dry_run(&keeper, self.bond, ITailRiskBond::statusCall {});
        report.map(|report| report.returned).map_err(|error| DemoError::call("reading the series", &error))
    }

    /// The principal that is left.
    pub(crate) fn bond_principal(&mut self) -> Result<u128, DemoError> {
        self.bond_status().map(|status| status.principal)
    }

    /// The entity's free capital.
    pub(crate) fn capital(&mut self) -> Result<u128, DemoError> {
        let keeper = self.keeper.clone();
        let report = self.session.dry_run(&keeper, self.entity, IEntity::capitalCall {});
        report.map(|report| report.returned._1).map_err(|error| DemoError::call("reading the entity", &error))
    }

    /// The entity takes back premium that was not earned; returns how much.
    pub(crate) fn collect_premium(&mut self) -> Result<u128, DemoError> {
        let (keeper, entity, bond) = (self.keeper.clone(), self.entity, self.bond);
        let before = self.capital()?;
        self.call("return of premium", &keeper, entity, IEntity::collectPremiumCall { bond })?;
        self.observe("return of premium", &[entity, bond])?;
        Ok(self.capital()? - before)
    }

    /// Brings money onto the chain.
    pub(crate) fn mint(&mut self, actor: &Actor, amount: u128) -> Result<(), DemoError> {
        self.watch.minted(amount);
        let minted = self.session.mint_usdc(actor, amount);
        minted.map_err(|error| DemoError::Plan(format!("issue of USDC to {}: {error}", actor.name())))
    }

    fn open_pair(&mut self, plan: &PairPlan) -> Result<(), DemoError> {
        let (a, b) = (self.session.eth_actor(plan.a.name), self.session.eth_actor(plan.b.name));
        let signers = self.quorum.set().clone();
        let terms = Terms {
            asset: USDC.h160(),
            entity: h160_of(self.entity),
            rules: h160_of(self.rules),
            parties: Pair { a: a.h160(), b: b.h160() },
            csa: Pair { a: cast::CSA, b: cast::CSA },
            periods: cast::periods(plan.cure),
            max_move: plan.max_move,
            dispute_deposit: cast::DISPUTE_DEPOSIT,
            dispute_tolerance: cast::DISPUTE_TOLERANCE,
            fee_cap: cast::FEE_CAP,
            tail_share_a: Bps::new(5_000),
        };
        // Desks of perpetuals post nothing but the settlement asset.
        let schedule = Schedule::default();
        let terms_hash = terms.hash::<Keccak>(&schedule, &signers);
        let (admin, entity) = (self.admin.clone(), self.entity);
        let call = IEntity::openPairCall { terms: (&terms, &schedule, &signers).into() };
        let vault = self.call("opening a pair", &admin, entity, call)?.returned;
        self.call("first loss", &admin, entity, IEntity::allocateCall { vault, amount: plan.first_loss })?;
        for party in [&a, &b] {
            let (owner, until) = (keccak256(party.name().as_bytes()).0.into(), self.session.now() + cast::ATTESTED_FOR);
            let call = IEntity::attestOwnerCall { party: party.address(), owner, until };
            self.call("attestation of a party's owner", &admin, entity, call)?;
            let call = IMarginVault::acceptCall { termsHash: terms_hash.0.into() };
            self.call("acceptance of terms", party, vault, call)?;
        }
        self.pairs.push(LivePair {
            plan: *plan,
            a,
            b,
            vault,
            terms_hash,
            portfolio_root: Digest::zero(),
            treasury: (plan.a.treasury, plan.b.treasury),
        });
        Ok(())
    }

    fn check_portfolio(&self, plan: &PairPlan, portfolio: &Portfolio) -> Result<(), DemoError> {
        let symbol = Symbol::parse(plan.name);
        let holds =
            symbol.is_some_and(|symbol| portfolio.positions().iter().any(|held| held.instrument.underlying == symbol));
        if holds {
            return Ok(());
        }
        Err(DemoError::Plan(format!("{}: the portfolio of the {} pair holds none of it", plan.portfolio, plan.name)))
    }

    /// Margin in, portfolio signed by both.
    fn start_pair(&mut self, index: usize, portfolio: &Portfolio) -> Result<(), DemoError> {
        let pair = &mut self.pairs[index];
        pair.portfolio_root = portfolio.root();
        let (a, b, vault, plan) = (pair.a.clone(), pair.b.clone(), pair.vault, pair.plan);
        let message = PortfolioAgreement {
            version: 1,
            portfolio_root: pair.portfolio_root,
            terms_hash: pair.terms_hash,
            expiry: Timestamp::new(cast::START + 3_600),
        };
        let digest = message.digest::<Keccak>(&pair.domain()).0;
        self.deposit(&a, vault, plan.a.margin)?;
        self.deposit(&b, vault, plan.b.margin)?;
        let signed = IMarginVault::SignedPortfolio {
            portfolio: (&message).into(),
            signatureA: party_signature(&a, digest),
            signatureB: party_signature(&b, digest),
        };
        let call = IMarginVault::agreePortfolioCall { signed };
        let keeper = self.keeper.clone();
        self.call("agreement on the portfolio", &keeper, vault, call).map(drop)
    }

    fn issue_series(&mut self) -> Result<(), DemoError> {
        let covered = self.pairs.iter().find(|pair| pair.plan.name == SERIES.pair).map(|pair| pair.vault);
        let vault = covered.ok_or_else(|| DemoError::Plan(format!("no pair {} to cover", SERIES.pair)))?;
        let (admin, entity) = (self.admin.clone(), self.entity);
        let end = self.session.now() + SERIES.book;
        let terms = ITailRiskBond::SeriesTerms {
            vault,
            sponsor: entity,
            asset: USDC.address(),
            attachment: 0,
            limit: SERIES.limit,
            minimum: SERIES.minimum,
            allowList: B256::ZERO,
            book: ITailRiskBond::BookTerms {
                minimumBid: USD,
                maxSpread: SERIES.max_spread,
                tick: SERIES.tick,
                forfeit: 0,
                cancelUntil: end,
                bidsUntil: end,
                revealUntil: end,
            },
            risk: ITailRiskBond::RiskTerms {
                riskPeriod: SERIES.risk_period,
                notice: SERIES.notice,
                extension: SERIES.extension,
                waiting: SERIES.waiting,
            },
        };
        let report = self.call("issue of the series", &admin, entity, IEntity::issueSeriesCall { terms })?;
        self.bond = report.returned;
        self.premium_escrowed =
            report.events_from::<IEntity::SeriesIssued>(entity).iter().map(|event| event.premium).sum();
        self.build_book(end)
    }

    /// Investors bid, the book clears, the series goes on risk, and each bid is settled.
    fn build_book(&mut self, end: u64) -> Result<(), DemoError> {
        let (keeper, entity, bond) = (self.keeper.clone(), self.entity, self.bond);
        for (name, amount, spread) in SERIES.bids {
            let investor = self.session.eth_actor(name);
            self.mint(&investor, amount)?;
            self.approve(&investor, bond, amount)?;
            self.call("bid", &investor, bond, ITailRiskBond::bidCall { slot: 0, amount, spread })?;
            self.investors.push(investor);
        }
        self.session.set_time(end + 1);
        self.call("clearing of the book", &keeper, bond, ITailRiskBond::clearCall { ticks: 25 })?;
        self.call("start of the risk period", &keeper, entity, IEntity::activateSeriesCall { bond })?;
        for investor in self.investors.clone() {
            let report = self.call("allotment", &investor, bond, ITailRiskBond::allotCall { slot: 0 })?;
            let allotted = report.events_from::<ITailRiskBond::Allotted>(bond);
            self.allotted.extend(allotted.iter().map(|event| (event.notes, event.refund)));
        }
        Ok(())
    }
}

/// A party's signature as calldata.
pub(crate) fn party_signature(actor: &Actor, digest: [u8; 32]) -> alloy_primitives::Bytes {
    // Desks are made as Ethereum actors, which always have a key.
    actor.sign(digest).map(|signature| signature.to_vec().into()).unwrap_or_default()
}

fn quorum() -> Result<Quorum<LocalSigner>, DemoError> {
    let signers = SIGNERS.iter().filter_map(|name| LocalSigner::from_secret(&keccak256(name.as_bytes()).0)).collect();
    Quorum::new(signers, THRESHOLD).map_err(|error| DemoError::Oracle(error.into()))
}

/// Whole dollars of an amount, for messages.
pub(crate) fn dollars(amount: u128) -> u128 {
    amount / USD
}
