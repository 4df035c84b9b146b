//! `settle` with 3 of 5 signers beside a contract that only recovers three signatures and touches the same storage, in one
//! run on one chain.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{sol, SolValue};
use ringfence_bindings::IMarginVault;
use ringfence_devchain::{address_of, h160_of, Actor, CallReport, Located, Session, CHAIN_ID, IERC20, USDC};
use ringfence_oracle::{instruction::NO_INTEREST, keccak::Keccak};
use ringfence_protocol::{
    collateral::Schedule,
    eip712::{Domain, TypedMessage},
    message::{MarginInstruction, PortfolioAgreement},
    signature::SignerSet,
    terms::{PartyTerms, Periods, Terms, NO_CUT_OFF},
    units::{Amount, Bps, Seconds, SignedAmount, Timestamp},
    vault::{Agreement, CoverBook, Mandate, VaultState},
    Digest, Pair,
};
use scale::Encode;
use std::path::PathBuf;

sol! {
    function settle(bytes arguments) external returns (bytes answer);
}

/// What a settlement may cost at most, as a multiple of the floor, in hundredths: processing time.
const MOST_REF_TIME: u64 = 160;
/// What it may cost at most in proof size, less each contract's own code, in hundredths.
const MOST_PROOF: u64 = 140;
/// The largest blob of the vault, bytes.
const MOST_BYTES: u64 = 80 * 1024;
/// Bytes of the floor's root value.
const LEDGER: usize = 393;
/// Signers that sign here, of five.
const SIGNING: usize = 3;
const USD: u128 = 1_000_000;

fn blob(contract: &str) -> Vec<u8> {
    let directory = std::env::var_os("RINGFENCE_ARTIFACTS")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/artifacts")), PathBuf::from);
    let path = directory.join(format!("{contract}.polkavm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run ./scripts/build.sh first", path.display()))
}

/// A pair that has been settled once.
struct Bench {
    session: Session,
    keeper: Actor,
    agents: Vec<Actor>,
    vault: Address,
    agreement: Agreement,
    mandate: Mandate,
}

impl Bench {
    fn new() -> Self {
        let mut session = Session::new();
        let [keeper, a, b, entity] = ["keeper", "A", "B", "entity"].map(|name| session.eth_actor(name));
        let mut agents: Vec<Actor> = (1..=5).map(|number| session.eth_actor(&format!("agent {number}"))).collect();
        agents.sort_by_key(Located::h160);
        let rules = deploy(&mut session, &entity, "vault-rules", Vec::new());
        let signers = SignerSet::new(agents.iter().map(Located::h160).collect(), 3).expect("five signers");
        let csa = PartyTerms {
            minimum_transfer_amount: Amount::new(1_000 * USD),
            rounding_amount: Amount::new(100 * USD),
            ..PartyTerms::default()
        };
        let terms = Terms {
            asset: USDC.h160(),
            entity: entity.h160(),
            rules: h160_of(rules),
            parties: Pair { a: a.h160(), b: b.h160() },
            csa: Pair { a: csa, b: csa },
            periods: Periods {
                cure: Seconds::new(3_600),
                notification: NO_CUT_OFF,
                max_staleness: Seconds::new(900),
                dispute: Seconds::new(600),
                replacement: Seconds::new(3_600),
                close_out: Seconds::new(7_200),
                auction: Seconds::new(3_600),
                oracle_timeout: Seconds::new(86_400),
            },
            max_move: Amount::new(500_000 * USD),
            dispute_deposit: Amount::new(1_000 * USD),
            dispute_tolerance: Amount::new(100 * USD),
            fee_cap: Bps::new(50),
            tail_share_a: Bps::new(5_000),
        };
        let schedule = Schedule::default();
        let agreement = Agreement::new::<Keccak>(terms, &schedule, &signers).expect("valid terms");
        let arguments = (IMarginVault::CsaTerms::from((&terms, &schedule, &signers)),).abi_encode_params();
        let vault = deploy(&mut session, &entity, "margin-vault", arguments);
        let mut bench = Self { session, keeper, agents, vault, agreement, mandate: Mandate::new(signers) };
        bench.start(&a, &b);
        bench
    }

    /// Acceptance, margin, portfolio and a first settlement.
    fn start(&mut self, a: &Actor, b: &Actor) {
        let vault = self.vault;
        for party in [a, b] {
            self.session.mint_usdc(party, 2_000_000 * USD).expect("minted");
            let allowance = IERC20::approveCall { spender: vault, value: U256::from(1_000_000 * USD) };
            self.session.call(party, USDC.address(), allowance).expect("approved");
            let accept = IMarginVault::acceptCall { termsHash: self.agreement.hash.0.into() };
            self.session.call(party, vault, accept).expect("accepted");
        }
        for party in [a, b] {
            let deposit = IMarginVault::depositCall { amount: 1_000_000 * USD };
            self.session.call(party, vault, deposit).expect("deposited");
        }
        let portfolio = PortfolioAgreement {
            version: 1,
            portfolio_root: Digest::repeat_byte(7),
            terms_hash: self.agreement.hash,
            expiry: Timestamp::new(self.session.now() + 60),
        };
        let digest = portfolio.digest::<Keccak>(&self.domain());
        let sign = |party: &Actor| party.sign(digest.0).expect("an Ethereum key").to_vec().into();
        let signed =
            IMarginVault::SignedPortfolio { portfolio: (&portfolio).into(), signatureA: sign(a), signatureB: sign(b) };
        self.session.call(&self.keeper, vault, IMarginVault::agreePortfolioCall { signed }).expect("agreed");
        self.settle(1, 50_000 * USD);
    }

    fn domain(&self) -> Domain {
        Domain { chain_id: CHAIN_ID, verifying_contract: h160_of(self.vault) }
    }

    /// Signatures of a digest by the first three of five.
    fn signatures(&self, digest: Digest) -> Vec<u8> {
        let signing = self.agents.iter().take(SIGNING);
        signing.flat_map(|agent| agent.sign(digest.0).expect("an Ethereum key")).collect()
    }

    fn settle(&mut self, sequence: u64, entitlement: u128) -> CallReport<()> {
        self.session.advance(300);
        let now = self.session.now();
        let message = MarginInstruction {
            vault: h160_of(self.vault),
            terms_hash: self.agreement.hash,
            sequence,
            valuation_time: Timestamp::new(now),
            expiry: Timestamp::new(now + 60),
            portfolio_root: Digest::repeat_byte(7),
            entitlement_a: SignedAmount::new(i128::try_from(entitlement).expect("small")),
            initial_margin_a: Amount::new(500_000 * USD),
            initial_margin_b: Amount::new(500_000 * USD),
            tail_requirement: Amount::new(100_000 * USD),
            interest_index: NO_INTEREST,
            fee_rate: Bps::new(25),
            collateral: Vec::new(),
            market_data_root: Digest::repeat_byte(8),
            model_version: 1,
        };
        let signatures = self.signatures(message.digest::<Keccak>(&self.domain()));
        let instruction = (&message).into();
        let signed = IMarginVault::SignedInstruction { chainId: CHAIN_ID, instruction, signatures: signatures.into() };
        let report = self.session.call(&self.keeper, self.vault, IMarginVault::settleCall { signed });
        report.expect("settled").map(drop)
    }

    /// The floor contract's message, over values as large as those that a settlement touches.
    fn floor(&mut self) -> CallReport<Vec<u8>> {
        assert_eq!(VaultState::default().encode().len(), LEDGER, "the floor's root is as large as a ledger");
        let sizes = [self.agreement.encode().len(), self.mandate.encode().len(), CoverBook::default().encode().len()];
        let listed: Vec<u8> =
            sizes.iter().flat_map(|size| u16::try_from(*size).expect("small").to_be_bytes()).collect();
        let arguments = (alloy_primitives::Bytes::from(listed),).abi_encode_params();
        let floor = deploy(&mut self.session, &self.keeper.clone(), "floor", arguments);
        let digest = Digest::repeat_byte(9);
        let head = (U256::from(sizes.len()), alloy_primitives::B256::from(digest.0)).abi_encode();
        let call = settleCall { arguments: [head, self.signatures(digest)].concat().into() };
        self.session.advance(300);
        let report = self.session.call(&self.keeper, floor, call).expect("the floor refuses nothing");
        let read: usize = sizes.iter().sum();
        let expected = [(SIGNING as u64).to_be_bytes(), (read as u64).to_be_bytes()].concat();
        assert_eq!(report.returned.to_vec(), expected, "the floor recovers every signature and reads every value");
        report.map(|answer| answer.to_vec())
    }
}

fn deploy(session: &mut Session, by: &Actor, contract: &str, arguments: Vec<u8>) -> Address {
    let deployed = session.deploy(by, &blob(contract), arguments, [1; 32]);
    address_of(deployed.unwrap_or_else(|error| panic!("{contract}: {error}")).contract)
}

#[test]
fn a_settlement_costs_little_more_than_its_signatures_and_storage() {
    let mut bench = Bench::new();
    let vault = bench.settle(2, 80_000 * USD).weight;
    let floor = bench.floor().weight;

    let size = |contract: &str| u64::try_from(blob(contract).len()).expect("small");
    let own_proof = |proof: u64, contract: &str| proof - size(contract);
    let proofs = (own_proof(vault.proof_size(), "margin-vault"), own_proof(floor.proof_size(), "floor"));
    let hundredths = |of: u64, to: u64| (of * 100).div_ceil(to);
    let ratios = (hundredths(vault.ref_time(), floor.ref_time()), hundredths(proofs.0, proofs.1));
    let figures = [("settle, 3 of 5", vault, proofs.0, "margin-vault"), ("floor", floor, proofs.1, "floor")];
    for (name, weight, proof, contract) in figures {
        println!(
            "{name}: {} ps, {} bytes of proof ({proof} without its code of {})",
            weight.ref_time(),
            weight.proof_size(),
            size(contract)
        );
    }
    println!("hundredths of the floor: time {}, proof {}", ratios.0, ratios.1);
    assert!(ratios.0 <= MOST_REF_TIME, "processing time: {} hundredths of the floor", ratios.0);
    assert!(ratios.1 <= MOST_PROOF, "proof size: {} hundredths of the floor", ratios.1);
    assert!(size("margin-vault") <= MOST_BYTES, "blob: {} bytes", size("margin-vault"));
}
