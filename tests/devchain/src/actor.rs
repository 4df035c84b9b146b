//! Actors: named, deterministic signers of calls.

use crate::located::{h160_of, Located};
use alloy_primitives::{keccak256, Address};
use k256::ecdsa::SigningKey;
use pallet_revive::AddressMapper;
use sp_core::{crypto::AccountId32, H160};

use crate::runtime::Runtime;

/// Asked a native actor for an Ethereum signature. Only actors made by [`Actor::ethereum`] have a secp256k1 key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("actor `{0}` is a native account and has no secp256k1 key")]
pub struct NoSigningKey(pub String);

/// A signer of calls. The same name and kind give the same account in every session and every run.
///
/// An actor is only a name and its keys: [`Session::substrate_actor`](crate::Session::substrate_actor) and
/// [`Session::eth_actor`](crate::Session::eth_actor) also fund it and map it, so that it can call.
#[derive(Clone)]
pub struct Actor {
    name: String,
    account: AccountId32,
    address: H160,
    key: Option<SigningKey>,
}

impl Actor {
    /// A native account, as a Polkadot wallet has it. Its address is the last 20 bytes of the hash of its account id,
    /// so it must be mapped before it can call.
    ///
    /// Warning: what is sent to its address before it is mapped goes to a fallback account it does not hold.
    pub fn substrate(name: &str) -> Self {
        let account = AccountId32::new(keccak256(format!("ringfence/actor/{name}")).0);
        let address = <Runtime as pallet_revive::Config>::AddressMapper::to_address(&account);
        Self { name: name.into(), account, address, key: None }
    }

    /// An Ethereum account: the secret key is the Keccak-256 hash of the name, the address is the key's Ethereum
    /// address and the account id is that address followed by twelve bytes `0xEE`. It needs no mapping.
    ///
    /// Warning: anyone who knows the name knows the key.
    pub fn ethereum(name: &str) -> Self {
        let key = key_from(name);
        let address = ethereum_address(&key);
        let account = <Runtime as pallet_revive::Config>::AddressMapper::to_fallback_account_id(&address);
        Self { name: name.into(), account, address, key: Some(key) }
    }

    /// The name it was made from.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The native account that pays its deposits.
    pub fn account(&self) -> &AccountId32 {
        &self.account
    }

    /// The secp256k1 key behind the address.
    ///
    /// # Errors
    /// [`NoSigningKey`] for a native actor.
    pub fn signing_key(&self) -> Result<&SigningKey, NoSigningKey> {
        self.key.as_ref().ok_or_else(|| NoSigningKey(self.name.clone()))
    }

    /// Signs a 32-byte digest as Ethereum does: `r || s || v`, low `s`, `v` 27 or 28. Deterministic (RFC 6979).
    ///
    /// # Errors
    /// [`NoSigningKey`] for a native actor.
    pub fn sign(&self, digest: impl Into<[u8; 32]>) -> Result<[u8; 65], NoSigningKey> {
        let (signature, recovery) = self
            .signing_key()?
            .sign_prehash_recoverable(&digest.into())
            .expect("signing a 32-byte digest fails only for a nonce of zero, which RFC 6979 never answers with");
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = 27 + recovery.to_byte();
        Ok(bytes)
    }
}

impl Located for Actor {
    fn h160(&self) -> H160 {
        self.address
    }
}

/// The key itself is left out, so that a failed assertion never prints a secret.
impl std::fmt::Debug for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({:?})", self.name, self.address)
    }
}

/// The last 20 bytes of the hash of the uncompressed public key, without its leading format byte.
fn ethereum_address(key: &SigningKey) -> H160 {
    let point = key.verifying_key().to_encoded_point(false);
    h160_of(Address::from_raw_public_key(&point.as_bytes()[1..]))
}

/// Hashes the name until the hash is a valid scalar. All but one name in 2^127 take one round.
fn key_from(name: &str) -> SigningKey {
    let mut seed = keccak256(name);
    loop {
        match SigningKey::from_slice(seed.as_slice()) {
            Ok(key) => return key,
            Err(_) => seed = keccak256(seed),
        }
    }
}
