//! Keccak-256 and recovery of addresses, as the protocol's traits want them.

use k256::ecdsa::VerifyingKey;
use ringfence_protocol::signature::{Recover, Signature, MAX_LOW_S};
use ringfence_protocol::{Address, Digest, Keccak256};
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{All, Message, Secp256k1};
use sha3::Digest as _;
use std::sync::LazyLock;

/// Keccak-256 from the `sha3` crate, for [`ringfence_protocol::eip712::TypedMessage::digest`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Keccak;

impl Keccak256 for Keccak {
    fn keccak256(input: &[u8]) -> Digest {
        Digest(sha3::Keccak256::digest(input).into())
    }
}

/// Keccak-256 of `input`.
pub fn keccak256(input: &[u8]) -> Digest {
    Keccak::keccak256(input)
}

/// Bitcoin Core's tables and blinding, made once.
pub(crate) fn secp256k1() -> &'static Secp256k1<All> {
    static CONTEXT: LazyLock<Secp256k1<All>> = LazyLock::new(Secp256k1::new);
    &CONTEXT
}

/// Address recovery from the `secp256k1` crate: off chain, what precompile 0x01 does on chain. A high `s` recovers to nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct EcdsaRecover;

impl Recover for EcdsaRecover {
    fn recover(digest: &Digest, signature: &Signature) -> Option<Address> {
        let id = match signature.v {
            27 => RecoveryId::Zero,
            28 => RecoveryId::One,
            _ => return None,
        };
        if signature.s > MAX_LOW_S {
            return None;
        }
        let compact = [signature.r, signature.s].concat();
        let signature = RecoverableSignature::from_compact(&compact, id).ok()?;
        let key = secp256k1().recover_ecdsa(Message::from_digest(digest.0), &signature).ok()?;
        Some(address_of_point(&key.serialize_uncompressed()))
    }
}

/// The Ethereum address of a public key: the last 20 bytes of the Keccak-256 of its two coordinates (Yellow Paper,
/// appendix F).
pub fn address_of(key: &VerifyingKey) -> Address {
    address_of_point(key.to_encoded_point(false).as_bytes())
}

/// The same of a point as SEC 1 writes it uncompressed: a byte, then the two coordinates.
pub(crate) fn address_of_point(point: &[u8]) -> Address {
    let hash = keccak256(point.get(1..).unwrap_or_default());
    let mut address = [0; 20];
    address.copy_from_slice(hash.as_bytes().get(12..).unwrap_or(&[0; 20]));
    Address(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use k256::ecdsa::{RecoveryId, Signature as EcdsaSignature, SigningKey};
    use k256::ProjectivePoint;

    fn by_k256(digest: &Digest, signature: &Signature) -> Option<Address> {
        let id = RecoveryId::from_byte(signature.v.checked_sub(27)?)?;
        let ecdsa = EcdsaSignature::from_scalars(signature.r, signature.s).ok()?;
        VerifyingKey::recover_from_prehash(digest.as_bytes(), &ecdsa, id).ok().map(|key| address_of(&key))
    }

    #[test]
    fn recovery_agrees_with_k256() {
        let mut recovered = 0;
        for seed in 0..400_u64 {
            let digest = keccak256(&seed.to_be_bytes());
            let key = SigningKey::from_slice(keccak256(digest.as_bytes()).as_bytes()).unwrap();
            let (made, id) = key.sign_prehash_recoverable(digest.as_bytes()).unwrap();
            let (r, s) = made.split_bytes();
            let good = Signature { r: r.into(), s: s.into(), v: 27 + id.to_byte() };
            assert_eq!(EcdsaRecover::recover(&digest, &good), Some(address_of(key.verifying_key())));
            // Signatures that nobody made: some recover to some key, some to none.
            let (zero, edge) = ([0; 32], [0xff; 32]);
            let other = keccak256(&good.s).0;
            for (r, s) in
                [(good.r, good.s), (other, good.s), (good.r, other), (zero, good.s), (good.r, zero), (edge, other)]
            {
                for v in [26, 27, 28, 29, 30, 31] {
                    let bent = Signature { r, s, v };
                    let expected = by_k256(&digest, &bent).filter(|_| matches!(v, 27 | 28));
                    assert_eq!(EcdsaRecover::recover(&digest, &bent), expected, "{bent:?}");
                    recovered += u32::from(expected.is_some());
                }
            }
        }
        assert!((1_200..2_800).contains(&recovered), "{recovered}");
    }

    #[test]
    fn what_gives_no_key_gives_no_address() {
        // R = G, z = 1, s = 1: the key would be the point at infinity.
        let generator = ProjectivePoint::GENERATOR.to_affine();
        let point = k256::elliptic_curve::sec1::ToEncodedPoint::to_encoded_point(&generator, false);
        let mut one = [0; 32];
        one[31] = 1;
        let r: [u8; 32] = (*point.x().unwrap()).into();
        let v = 27 + (point.y().unwrap()[31] & 1);
        assert_eq!(EcdsaRecover::recover(&Digest(one), &Signature { r, s: one, v }), None);
        assert_eq!(by_k256(&Digest(one), &Signature { r, s: one, v }), None);
    }
}
