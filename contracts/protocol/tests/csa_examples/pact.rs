//! A pair with its vault, its clock and its valuation agent.

use ringfence_protocol::{
    collateral::{Mark, Schedule},
    eip712::{Domain, TypedMessage},
    message::{CloseOutDetermination, MarginInstruction, PortfolioAgreement},
    signature::{Recover, Signature, SignerSet},
    terms::{PartyTerms, Periods, Terms, NO_CUT_OFF},
    units::{Amount, Bps, Seconds, SignedAmount, Timestamp, Wad},
    vault::{Command, Env, SignedInstruction, Vault, VaultEvent},
    Address, Digest, Keccak256, Pair, Party,
};

/// A unit of the source's currency.
pub(crate) const UNIT: u128 = 1_000_000;
/// A thousand of them.
pub(crate) const THOUSAND: u128 = 1_000 * UNIT;
/// A million of them.
pub(crate) const MILLION: u128 = 1_000 * THOUSAND;

const ENTITY: Address = Address::repeat_byte(0xe0);
const ASSET: Address = Address::repeat_byte(0xe1);
const RULES: Address = Address::repeat_byte(0xe2);
const SIGNER: Address = Address::repeat_byte(0x11);
const DOMAIN: Domain = Domain { chain_id: 1, verifying_contract: Address::repeat_byte(0xe3) };
const ROOT: Digest = Digest::repeat_byte(0x55);
const NEVER: Timestamp = Timestamp::new(u64::MAX);
const HOUR: u64 = 3_600;

/// Keccak-256 by a library; a "signature" names its signer and repeats a part of the digest.
struct Stub;

impl Keccak256 for Stub {
    fn keccak256(input: &[u8]) -> Digest {
        Digest(alloy_primitives::keccak256(input).0)
    }
}

impl Recover for Stub {
    fn recover(digest: &Digest, signature: &Signature) -> Option<Address> {
        (signature.s[16..] == digest.0[..16]).then(|| Address::from_slice(&signature.r[12..]))
    }
}

fn sign(signer: Address, message: &impl TypedMessage) -> [u8; 65] {
    let digest = message.digest::<Stub>(&DOMAIN);
    let mut bytes = [0; 65];
    bytes[12..32].copy_from_slice(signer.as_bytes());
    bytes[48..64].copy_from_slice(&digest.0[..16]);
    bytes[64] = 27;
    bytes
}

/// What one party's CSA says.
pub(crate) fn csa(threshold: u128, minimum_transfer_amount: u128, rounding_amount: u128) -> PartyTerms {
    PartyTerms {
        threshold: Amount::new(threshold),
        minimum_transfer_amount: Amount::new(minimum_transfer_amount),
        rounding_amount: Amount::new(rounding_amount),
        independent_amount: Amount::ZERO,
    }
}

/// The same for both parties.
pub(crate) fn both(terms: PartyTerms) -> Pair<PartyTerms> {
    Pair { a: terms, b: terms }
}

fn terms(csa: Pair<PartyTerms>) -> Terms {
    Terms {
        asset: ASSET,
        entity: ENTITY,
        rules: RULES,
        parties: Pair { a: Address::repeat_byte(0xa1), b: Address::repeat_byte(0xb2) },
        csa,
        periods: Periods {
            cure: Seconds::new(HOUR),
            notification: NO_CUT_OFF,
            max_staleness: Seconds::DAY,
            dispute: Seconds::new(HOUR),
            replacement: Seconds::ZERO,
            close_out: Seconds::DAY,
            auction: Seconds::new(HOUR),
            oracle_timeout: Seconds::new(7 * 86_400),
        },
        max_move: Amount::MAX,
        dispute_deposit: Amount::ZERO,
        dispute_tolerance: Amount::ZERO,
        fee_cap: Bps::new(0),
        tail_share_a: Bps::new(5_000),
    }
}

/// A running pair.
pub(crate) struct Pact {
    /// Its vault.
    pub(crate) vault: Vault,
    now: u64,
    index: Wad,
    marks: Vec<Mark>,
}

impl Pact {
    /// Accepted by both, with a portfolio, each side holding `margin`; nothing but cash is eligible.
    pub(crate) fn new(csa: Pair<PartyTerms>, margin: u128) -> Self {
        Self::with_collateral(csa, margin, Schedule::default(), &[])
    }

    /// The same with other eligible collateral.
    pub(crate) fn with_collateral(csa: Pair<PartyTerms>, margin: u128, schedule: Schedule, marks: &[Mark]) -> Self {
        let signers = SignerSet::new(vec![SIGNER], 1).expect("one of one");
        let vault = Vault::new::<Stub>(terms(csa), schedule, signers).expect("valid terms");
        let mut pact = Self { vault, now: 1_760_000_000, index: Wad::new(Wad::SCALE), marks: marks.to_vec() };
        let terms_hash = pact.vault.agreement.hash;
        for party in Party::BOTH {
            pact.execute(party, Command::Accept { terms_hash });
        }
        if margin > 0 {
            Party::BOTH.into_iter().for_each(|party| pact.deposit(party, margin));
        }
        let message = PortfolioAgreement { version: 1, portfolio_root: ROOT, terms_hash, expiry: NEVER };
        let (a, b) = (sign(pact.address(Party::A), &message), sign(pact.address(Party::B), &message));
        pact.execute(Party::A, Command::AgreePortfolio { message: &message, signatures: Pair { a: &a, b: &b } });
        pact
    }

    /// The account of a party.
    pub(crate) fn address(&self, party: Party) -> Address {
        *self.vault.agreement.terms.parties.of(party)
    }

    /// What a party holds in the settlement asset.
    pub(crate) fn margin(&self, party: Party) -> u128 {
        self.vault.state.margin.of(party).get()
    }

    /// What a party lacks.
    pub(crate) fn shortfall(&self, party: Party) -> u128 {
        self.vault.state.shortfall(party).expect("in range").get()
    }

    /// What a party could take out.
    pub(crate) fn excess(&self, party: Party) -> u128 {
        self.vault.state.excess(party).expect("in range").get()
    }

    fn env(&self, party: Party) -> Env {
        Env { now: Timestamp::new(self.now), caller: self.address(party), domain: DOMAIN }
    }

    /// A party adds cash.
    pub(crate) fn deposit(&mut self, party: Party, amount: u128) {
        let step = self.vault.state.deposit(&self.env(party), &self.vault.agreement, Amount::new(amount));
        self.vault.state = step.expect("accepted").state;
    }

    /// A party's command, and what happened.
    pub(crate) fn execute(&mut self, party: Party, command: Command<'_>) -> Vec<VaultEvent> {
        let env = self.env(party);
        let (vault, effects) = self.vault.clone().execute::<Stub>(&env, command).expect("accepted");
        self.vault = vault;
        effects.events
    }

    /// Values the pair two hours later, so that no dispute reaches back, and says what moved to A.
    pub(crate) fn value(&mut self, entitlement: u128) -> i128 {
        self.instruct(entitlement, 0)
    }

    /// The same with initial margin for B.
    pub(crate) fn instruct(&mut self, entitlement: u128, initial_margin_b: u128) -> i128 {
        self.now += 2 * HOUR;
        let now = Timestamp::new(self.now);
        let message = MarginInstruction {
            vault: DOMAIN.verifying_contract,
            terms_hash: self.vault.agreement.hash,
            sequence: self.vault.state.sequence + 1,
            valuation_time: now,
            expiry: now,
            portfolio_root: ROOT,
            entitlement_a: signed(entitlement),
            initial_margin_a: Amount::ZERO,
            initial_margin_b: Amount::new(initial_margin_b),
            tail_requirement: Amount::ZERO,
            interest_index: self.index,
            fee_rate: Bps::new(0),
            collateral: self.marks.clone(),
            market_data_root: Digest::zero(),
            model_version: 1,
        };
        let signatures = sign(SIGNER, &message);
        let signed = SignedInstruction { chain_id: DOMAIN.chain_id, message: &message, signatures: &signatures };
        let (env, vault) = (self.env(Party::A), &mut self.vault);
        let step = vault
            .state
            .settle::<Stub>(&env, &vault.agreement, &vault.mandate, &mut vault.cover, &mut vault.collateral, &signed)
            .expect("accepted");
        vault.state = step.state;
        match step.events.first() {
            Some(VaultEvent::Settled { transferred, .. }) => transferred.get(),
            other => panic!("{other:?}"),
        }
    }

    /// One day's interest at an annual rate, on a year of `basis` days.
    pub(crate) fn accrue(&mut self, rate_bps: u128, basis: u128) {
        let index = self.index.get();
        self.index = Wad::new(index + index * rate_bps / (10_000 * basis));
    }

    /// B defaults and the agent determines what it owes beyond what has been settled.
    pub(crate) fn close_out_b(&mut self, amount: SignedAmount) -> Vec<VaultEvent> {
        self.execute(Party::B, Command::DeclareDefault { party: Party::B });
        let message = CloseOutDetermination {
            sequence: 1,
            defaulter: self.address(Party::B),
            amount,
            evidence_root: Digest::zero(),
            expiry: NEVER,
        };
        let signatures = sign(SIGNER, &message);
        self.execute(Party::A, Command::DetermineCloseOut { message: &message, signatures: &signatures })
    }
}

/// An amount that is owed to A.
pub(crate) fn signed(amount: u128) -> SignedAmount {
    Amount::new(amount).to_signed().expect("in range")
}
