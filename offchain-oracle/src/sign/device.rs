//! Keys in hardware modules and key services.

use super::{Cleared, KeyError, SignatureBytes, SigningKey};
use crate::keccak::address_of;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use ringfence_protocol::Address;
use std::fmt;

/// What a PKCS#11 token (`C_Sign` with `CKM_ECDSA` on a secp256k1 key) or a key service (AWS KMS `Sign` with
/// `ECC_SECG_P256K1` and `MessageType` `DIGEST`, and the like) can do: tell its public key and sign 32 bytes. Neither
/// promises a low `s`, a recovery id or a repeatable nonce; [`DeviceKey`] supplies what is missing.
pub trait KeyDevice: fmt::Debug + Send {
    /// The public key as SEC 1 encodes a point: 65 bytes uncompressed or 33 compressed, without the OCTET STRING around
    /// `CKA_EC_POINT` or the SubjectPublicKeyInfo around what a service returns.
    ///
    /// # Errors
    /// The device does not answer.
    fn public_key(&mut self) -> Result<Vec<u8>, KeyError>;

    /// Signs a digest as it is, without hashing it again.
    ///
    /// # Errors
    /// The device does not answer, or refuses.
    fn sign_digest(&mut self, digest: &[u8; 32]) -> Result<DeviceSignature, KeyError>;
}

/// A signature as devices give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceSignature {
    /// `r || s`: PKCS#11.
    Raw([u8; 64]),
    /// A DER sequence of two integers: key services.
    Der(Vec<u8>),
}

/// A key in a device. Its signatures are made low in `s`, completed by `v` and checked against the device's public key.
#[derive(Debug)]
pub struct DeviceKey<D> {
    device: D,
    public: VerifyingKey,
    address: Address,
}

impl<D: KeyDevice> DeviceKey<D> {
    /// Asks the device for its public key.
    ///
    /// # Errors
    /// The device does not answer, or its key is none of secp256k1.
    pub fn new(mut device: D) -> Result<Self, KeyError> {
        let point = device.public_key()?;
        let public = VerifyingKey::from_sec1_bytes(&point).map_err(|_| KeyError::NotOurs("no point of secp256k1"))?;
        Ok(Self { device, public, address: address_of(&public) })
    }
}

impl<D: KeyDevice> SigningKey for DeviceKey<D> {
    fn address(&self) -> Address {
        self.address
    }

    fn is_deterministic(&self) -> bool {
        false
    }

    fn sign(&mut self, cleared: &Cleared) -> Result<SignatureBytes, KeyError> {
        let signature = match self.device.sign_digest(&cleared.digest().0)? {
            DeviceSignature::Raw(bytes) => Signature::from_slice(&bytes),
            DeviceSignature::Der(bytes) => Signature::from_der(&bytes),
        };
        let signature = signature.map_err(|_| KeyError::NotOurs("not two numbers below the curve's order"))?;
        let signature = signature.normalize_s().unwrap_or(signature);
        let id = RecoveryId::trial_recovery_from_prehash(&self.public, cleared.digest().as_bytes(), &signature);
        let id = id.map_err(|_| KeyError::NotOurs("another key or another digest"))?;
        if id.is_x_reduced() {
            // r above the order: once in 2^127, and the vault takes only v 27 and 28.
            return Err(KeyError::NotOurs("r was reduced"));
        }
        Ok(SignatureBytes::of(&signature.to_bytes().into(), id.to_byte()))
    }
}
