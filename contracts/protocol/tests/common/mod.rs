//! What the tests share: hosts with real and with stub cryptography, and a pair with its signers, clock and account.
#![allow(dead_code, unreachable_pub, reason = "every test file is a crate of its own and uses a part of this module")]

use k256::ecdsa::{RecoveryId, Signature as K256Signature, SigningKey, VerifyingKey};
use ringfence_protocol::{
    eip712::{Domain, TypedMessage},
    message::{CloseOutDetermination, MarginInstruction, MutualTermination, PortfolioAgreement},
    signature::{Recover, Signature, SignerSet},
    terms::{PartyTerms, Periods, Terms},
    units::{Amount, Bps, Seconds, SignedAmount, Timestamp},
    vault::{
        Agreement, Claim, CloseOut, CoverBook, Crypto, Env, Layer, SignedInstruction, VaultError, VaultState, VaultStep,
    },
    Address, Digest, Keccak256, Pair, Party, Transfer,
};
use std::marker::PhantomData;

/// Keccak-256 and recovery by libraries, as the chain does them.
#[derive(Clone, Debug)]
pub struct Real;

/// Keccak-256 by a library; a "signature" names its signer and repeats a part of the digest. For property tests, where
/// recovery would take all the time.
#[derive(Clone, Debug)]
pub struct Stub;

impl Keccak256 for Real {
    fn keccak256(input: &[u8]) -> Digest {
        Digest(alloy_primitives::keccak256(input).0)
    }
}

impl Keccak256 for Stub {
    fn keccak256(input: &[u8]) -> Digest {
        Real::keccak256(input)
    }
}

impl Recover for Real {
    fn recover(digest: &Digest, signature: &Signature) -> Option<Address> {
        let recovery = RecoveryId::from_byte(signature.v - 27)?;
        let parsed = K256Signature::from_scalars(signature.r, signature.s).ok()?;
        let key = VerifyingKey::recover_from_prehash(digest.as_bytes(), &parsed, recovery).ok()?;
        Some(address_of(&key))
    }
}

impl Recover for Stub {
    fn recover(digest: &Digest, signature: &Signature) -> Option<Address> {
        // Like the real one, a signature of another digest recovers to somebody, only not to the signer.
        let signed = signature.s[16..] == digest.0[..16];
        let signer = Address::from_slice(&signature.r[12..]);
        Some(if signed { signer } else { Address::from_slice(&Real::keccak256(&signature.r).0[12..]) })
    }
}

fn address_of(key: &VerifyingKey) -> Address {
    Address::from_slice(&Real::keccak256(&key.to_encoded_point(false).as_bytes()[1..]).0[12..])
}

fn signing_key(key: u8) -> SigningKey {
    SigningKey::from_slice(&[key; 32]).expect("not zero")
}

/// A host whose signatures the tests can make. A key is a byte.
pub trait TestCrypto: Crypto + Clone + std::fmt::Debug {
    /// The address of a key.
    fn address(key: u8) -> Address;
    /// The 65 bytes of a signature.
    fn sign(key: u8, digest: &Digest) -> [u8; 65];
}

impl TestCrypto for Real {
    fn address(key: u8) -> Address {
        address_of(signing_key(key).verifying_key())
    }

    fn sign(key: u8, digest: &Digest) -> [u8; 65] {
        let (signature, recovery) = signing_key(key).sign_prehash_recoverable(digest.as_bytes()).expect("signs");
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = 27 + recovery.to_byte();
        bytes
    }
}

impl TestCrypto for Stub {
    fn address(key: u8) -> Address {
        Address::repeat_byte(key)
    }

    fn sign(key: u8, digest: &Digest) -> [u8; 65] {
        let mut bytes = [0; 65];
        bytes[12..32].copy_from_slice(Self::address(key).as_bytes());
        bytes[48..64].copy_from_slice(&digest.0[..16]);
        bytes[64] = 27;
        bytes
    }
}

pub const PARTY_A: u8 = 0xa1;
pub const PARTY_B: u8 = 0xb2;
pub const SIGNERS: [u8; 3] = [0x11, 0x22, 0x33];
pub const STRANGER: u8 = 0x77;
pub const ENTITY: Address = Address::repeat_byte(0xe0);
pub const ASSET: Address = Address::repeat_byte(0xe1);
pub const VAULT: Address = Address::repeat_byte(0xe2);
pub const KEEPER: Address = Address::repeat_byte(0xe3);
pub const CHAIN: u64 = 420_420_417;
pub const START: u64 = 1_760_000_000;

pub fn amount(value: u128) -> Amount {
    Amount::new(value)
}

/// Terms without frills: no threshold, no minimum, no rounding, half of the tail each.
pub fn plain_terms<C: TestCrypto>() -> Terms {
    Terms {
        asset: ASSET,
        entity: ENTITY,
        parties: Pair { a: C::address(PARTY_A), b: C::address(PARTY_B) },
        csa: Pair::<PartyTerms>::default(),
        periods: Periods {
            cure: Seconds::new(900),
            max_staleness: Seconds::new(600),
            close_out: Seconds::new(3_600),
            oracle_timeout: Seconds::new(7_200),
        },
        max_move: amount(10_000),
        tail_share_a: Bps::new(5_000),
    }
}

/// The three signers in ascending order of address, two of which must sign.
pub fn signer_set<C: TestCrypto>() -> SignerSet {
    let mut signers: Vec<Address> = SIGNERS.iter().map(|key| C::address(*key)).collect();
    signers.sort();
    SignerSet::new(signers, 2).expect("a valid set")
}

/// Signatures by `keys`, packed in ascending order of address.
pub fn pack<C: TestCrypto>(digest: &Digest, keys: &[u8]) -> Vec<u8> {
    let mut keys = keys.to_vec();
    keys.sort_by_key(|key| C::address(*key));
    keys.iter().flat_map(|key| C::sign(*key, digest)).collect()
}

/// A pair with everything around it that its vault sees.
#[derive(Clone, Debug)]
pub struct World<C> {
    pub state: VaultState,
    pub cover: CoverBook,
    pub agreement: Agreement,
    pub signers: SignerSet,
    pub now: u64,
    pub domain: Domain,
    /// The vault's account at the asset.
    pub balance: u128,
    crypto: PhantomData<C>,
}

impl<C: TestCrypto> World<C> {
    pub fn new(terms: Terms) -> Self {
        let signers = signer_set::<C>();
        Self {
            state: VaultState::default(),
            cover: CoverBook::default(),
            agreement: Agreement::new::<C>(terms, &signers).expect("valid terms"),
            signers,
            now: START,
            domain: Domain { chain_id: CHAIN, verifying_contract: VAULT },
            balance: 0,
            crypto: PhantomData,
        }
    }

    /// Accepted, with margin on both sides and a portfolio.
    pub fn running(terms: Terms, margin: u128) -> Self {
        let mut world = Self::new(terms);
        world.accept_both();
        for party in Party::BOTH {
            world.deposit(world.address(party), margin).expect("accepted");
        }
        world.agree().expect("accepted");
        world
    }

    pub fn address(&self, party: Party) -> Address {
        *self.agreement.terms.parties.of(party)
    }

    pub fn env(&self, caller: Address) -> Env {
        Env { now: Timestamp::new(self.now), caller, domain: self.domain }
    }

    pub fn margin(&self, party: Party) -> u128 {
        self.state.margin.of(party).get()
    }

    /// Stores the state and makes the transfers of a step.
    pub fn apply(&mut self, step: VaultStep) {
        for transfer in &step.transfers {
            match transfer {
                Transfer::In { amount, .. } => self.balance += amount.get(),
                Transfer::Out { amount, .. } => self.balance -= amount.get(),
            }
        }
        self.state = step.state;
    }

    pub fn accept(&mut self, caller: Address) -> Result<(), VaultError> {
        let step = self.state.accept(&self.env(caller), &self.agreement, self.agreement.hash)?;
        self.apply(step);
        Ok(())
    }

    pub fn accept_both(&mut self) {
        for party in Party::BOTH {
            self.accept(self.address(party)).expect("accepted");
        }
    }

    pub fn deposit(&mut self, caller: Address, value: u128) -> Result<(), VaultError> {
        let step = self.state.deposit(&self.env(caller), &self.agreement, amount(value))?;
        self.apply(step);
        Ok(())
    }

    pub fn withdraw(&mut self, caller: Address, value: u128) -> Result<(), VaultError> {
        let step = self.state.withdraw(&self.env(caller), &self.agreement, amount(value))?;
        self.apply(step);
        Ok(())
    }

    /// The next portfolio agreement.
    pub fn portfolio(&self) -> PortfolioAgreement {
        let version = self.state.portfolio_version + 1;
        PortfolioAgreement {
            version,
            portfolio_root: C::keccak256(&version.to_be_bytes()),
            terms_hash: self.agreement.hash,
            expiry: Timestamp::new(self.now + 60),
        }
    }

    pub fn submit_portfolio(&mut self, message: &PortfolioAgreement, keys: [u8; 2]) -> Result<(), VaultError> {
        let [a, b] = keys.map(|key| C::sign(key, &message.digest::<C>(&self.domain)));
        let signatures: Pair<&[u8]> = Pair { a: &a, b: &b };
        let step = self.state.agree_portfolio::<C>(&self.env(KEEPER), &self.agreement, message, signatures)?;
        self.apply(step);
        Ok(())
    }

    pub fn agree(&mut self) -> Result<(), VaultError> {
        self.submit_portfolio(&self.portfolio(), [PARTY_A, PARTY_B])
    }

    /// The next instruction, valued now, with requirements of zero.
    pub fn instruction(&self, entitlement_a: i128) -> MarginInstruction {
        MarginInstruction {
            vault: self.domain.verifying_contract,
            terms_hash: self.agreement.hash,
            sequence: self.state.sequence + 1,
            valuation_time: Timestamp::new(self.now),
            expiry: Timestamp::new(self.now + 60),
            portfolio_root: self.state.portfolio_root,
            entitlement_a: SignedAmount::new(entitlement_a),
            initial_margin_a: Amount::ZERO,
            initial_margin_b: Amount::ZERO,
            tail_requirement: Amount::ZERO,
            market_data_root: Digest::repeat_byte(0x5a),
            model_version: 1,
        }
    }

    /// Submits an instruction with packed signatures as they are.
    pub fn submit(&mut self, chain_id: u64, message: &MarginInstruction, signatures: &[u8]) -> Result<(), VaultError> {
        let signed = SignedInstruction { chain_id, message, signatures };
        let step = self.state.settle::<C>(&self.env(KEEPER), &self.agreement, &self.signers, &self.cover, &signed)?;
        self.apply(step);
        Ok(())
    }

    /// Signs by `keys` and submits.
    pub fn settle_by(&mut self, message: &MarginInstruction, keys: &[u8]) -> Result<(), VaultError> {
        let packed = pack::<C>(&message.digest::<C>(&self.domain), keys);
        self.submit(self.domain.chain_id, message, &packed)
    }

    /// Signs by everyone and submits.
    pub fn settle(&mut self, message: &MarginInstruction) -> Result<(), VaultError> {
        self.settle_by(message, &SIGNERS)
    }

    pub fn declare_default(&mut self, caller: Address, party: Party) -> Result<(), VaultError> {
        let step = self.state.declare_default(&self.env(caller), &self.agreement, party)?;
        self.apply(step);
        Ok(())
    }

    /// The next determination for a default of `party`.
    pub fn determination(&self, party: Party, value: i128) -> CloseOutDetermination {
        CloseOutDetermination {
            sequence: self.state.close_out_sequence + 1,
            defaulter: self.address(party),
            amount: SignedAmount::new(value),
            evidence_root: Digest::repeat_byte(0x5b),
            expiry: Timestamp::new(self.now + 60),
        }
    }

    /// Stores a close-out and returns the claims to make.
    fn apply_close_out(&mut self, closed: CloseOut) -> Vec<Claim> {
        self.cover = closed.cover;
        self.apply(closed.step);
        closed.claims
    }

    pub fn close_out(&mut self, message: &CloseOutDetermination, keys: &[u8]) -> Result<Vec<Claim>, VaultError> {
        let packed = pack::<C>(&message.digest::<C>(&self.domain), keys);
        let closed = self.state.close_out::<C>(
            &self.env(KEEPER),
            &self.agreement,
            &self.signers,
            self.cover.clone(),
            message,
            &packed,
        )?;
        Ok(self.apply_close_out(closed))
    }

    pub fn close_out_at_last_value(&mut self) -> Result<Vec<Claim>, VaultError> {
        let closed = self.state.close_out_at_last_value(&self.env(KEEPER), &self.agreement, self.cover.clone())?;
        Ok(self.apply_close_out(closed))
    }

    pub fn close_after_oracle_timeout(&mut self, caller: Address) -> Result<Vec<Claim>, VaultError> {
        let closed = self.state.close_after_oracle_timeout(&self.env(caller), &self.agreement, self.cover.clone())?;
        Ok(self.apply_close_out(closed))
    }

    /// A mutual termination at `entitlement_a`.
    pub fn termination(&self, entitlement_a: i128) -> MutualTermination {
        MutualTermination {
            nonce: self.state.sequence + 1,
            entitlement_a: SignedAmount::new(entitlement_a),
            expiry: Timestamp::new(self.now + 60),
        }
    }

    pub fn terminate(&mut self, message: &MutualTermination, keys: [u8; 2]) -> Result<(), VaultError> {
        let [a, b] = keys.map(|key| C::sign(key, &message.digest::<C>(&self.domain)));
        let signatures: Pair<&[u8]> = Pair { a: &a, b: &b };
        let step = self.state.terminate::<C>(&self.env(KEEPER), &self.agreement, message, signatures)?;
        self.apply(step);
        Ok(())
    }

    /// The entity sends `sent` and records `value` as first-loss capital; refused, what was sent goes back.
    pub fn add_first_loss(&mut self, caller: Address, sent: u128, value: u128) -> Result<(), VaultError> {
        let balance = amount(self.balance + sent);
        let step = self.state.add_first_loss(&self.env(caller), &self.agreement, balance, amount(value))?;
        self.balance += sent;
        self.apply(step);
        Ok(())
    }

    pub fn add_reserve(&mut self, caller: Address, sent: u128, value: u128) -> Result<(), VaultError> {
        let balance = amount(self.balance + sent);
        self.state = self.state.add_reserve(&self.env(caller), &self.agreement, balance, amount(value))?;
        self.balance += sent;
        Ok(())
    }

    pub fn release_first_loss(&mut self, caller: Address, value: u128) -> Result<(), VaultError> {
        let step = self.state.release_first_loss(&self.env(caller), &self.agreement, &self.cover, amount(value))?;
        self.apply(step);
        Ok(())
    }

    /// A layer from now for `term` seconds.
    pub fn layer(&self, bond: u8, limit: u128, term: u64) -> Layer {
        Layer {
            bond: Address::repeat_byte(bond),
            limit: amount(limit),
            claimed: Amount::ZERO,
            due: Amount::ZERO,
            starts: Timestamp::new(self.now),
            ends: Timestamp::new(self.now + term),
        }
    }

    /// Registers a layer whose bond takes claims just long enough.
    pub fn register_cover(&mut self, caller: Address, layer: Layer, attachment: u128) -> Result<(), VaultError> {
        let claims_until = layer.ends.get() + 2 * self.agreement.terms.periods.close_out.get();
        self.register_cover_until(caller, layer, attachment, claims_until)
    }

    /// Registers a bond that takes claims until a moment of its own.
    pub fn register_cover_until(
        &mut self,
        caller: Address,
        layer: Layer,
        attachment: u128,
        claims_until: u64,
    ) -> Result<(), VaultError> {
        let (step, cover) = self.state.register_cover(
            &self.env(caller),
            &self.agreement,
            self.cover.clone(),
            layer,
            amount(attachment),
            Timestamp::new(claims_until),
        )?;
        self.cover = cover;
        self.apply(step);
        Ok(())
    }

    /// The bond of the layer at `index` pays `value` of what is due from it.
    pub fn cover_paid(&mut self, index: usize, value: u128) -> Result<(), VaultError> {
        let mut claim = self.cover.due(index)?;
        claim.amount = amount(value);
        let (step, cover) = self.state.cover_paid(self.cover.clone(), claim)?;
        self.balance += value;
        self.cover = cover;
        self.apply(step);
        Ok(())
    }
}
