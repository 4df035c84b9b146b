//! Keccak-256 and recovery of addresses, as the protocol's traits want them.

use k256::ecdsa::{RecoveryId, Signature as EcdsaSignature, VerifyingKey};
use k256::elliptic_curve::ops::{Invert, LinearCombination, Reduce};
use k256::elliptic_curve::point::DecompressPoint;
use k256::elliptic_curve::scalar::IsHigh;
use k256::{AffinePoint, ProjectivePoint, Scalar, U256};
use ringfence_protocol::signature::{Recover, Signature};
use ringfence_protocol::{Address, Digest, Keccak256};
use sha3::Digest as _;

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

/// Address recovery from the `k256` crate: off chain, what precompile 0x01 does on chain.
#[derive(Clone, Copy, Debug, Default)]
pub struct K256Recover;

impl Recover for K256Recover {
    fn recover(digest: &Digest, signature: &Signature) -> Option<Address> {
        let id = RecoveryId::from_byte(signature.v.checked_sub(27)?)?;
        let ecdsa = EcdsaSignature::from_scalars(signature.r, signature.s).ok()?;
        recovered(digest, &ecdsa, id).map(|key| address_of(&key))
    }
}

/// The key that a signature was made with: `Q = (s R - z G) / r` (SEC 1, 4.1.6). What `VerifyingKey::recover_from_prehash`
/// does, high s refused like there, without verifying the signature against `Q` once more: that holds by the way `Q` was made,
/// and doubles the time.
#[allow(clippy::arithmetic_side_effects)] // Scalars wrap at the order of the curve, as they must.
fn recovered(digest: &Digest, signature: &EcdsaSignature, id: RecoveryId) -> Option<VerifyingKey> {
    if id.is_x_reduced() || bool::from(signature.s().is_high()) {
        return None;
    }
    // Neither is zero: a signature with a zero is not made.
    let (r, s) = signature.split_scalars();
    let parity = u8::from(id.is_y_odd());
    let point: Option<AffinePoint> = AffinePoint::decompress(&r.to_bytes(), parity.into()).into();
    let z = <Scalar as Reduce<U256>>::reduce_bytes(&digest.0.into());
    let inverse = *r.invert();
    let generator = ProjectivePoint::GENERATOR;
    let key = ProjectivePoint::lincomb(&generator, &-(inverse * z), &point?.into(), &(inverse * *s));
    // The point at infinity is no key.
    VerifyingKey::from_affine(key.to_affine()).ok()
}

/// The Ethereum address of a public key: the last 20 bytes of the Keccak-256 of its two coordinates (Yellow Paper,
/// appendix F).
pub fn address_of(key: &VerifyingKey) -> Address {
    let point = key.to_encoded_point(false);
    let hash = keccak256(point.as_bytes().get(1..).unwrap_or_default());
    let mut address = [0; 20];
    address.copy_from_slice(hash.as_bytes().get(12..).unwrap_or(&[0; 20]));
    Address(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use k256::ecdsa::SigningKey;

    fn by_the_library(digest: &Digest, signature: &Signature) -> Option<Address> {
        let id = RecoveryId::from_byte(signature.v.checked_sub(27)?)?;
        let ecdsa = EcdsaSignature::from_scalars(signature.r, signature.s).ok()?;
        VerifyingKey::recover_from_prehash(digest.as_bytes(), &ecdsa, id).ok().map(|key| address_of(&key))
    }

    #[test]
    fn recovery_agrees_with_the_library() {
        let mut recovered = 0;
        for seed in 0..400_u64 {
            let digest = keccak256(&seed.to_be_bytes());
            let key = SigningKey::from_slice(keccak256(digest.as_bytes()).as_bytes()).unwrap();
            let (made, id) = key.sign_prehash_recoverable(digest.as_bytes()).unwrap();
            let (r, s) = made.split_bytes();
            let good = Signature { r: r.into(), s: s.into(), v: 27 + id.to_byte() };
            assert_eq!(K256Recover::recover(&digest, &good), Some(address_of(key.verifying_key())));
            // Signatures that nobody made: some recover to some key, some to none.
            let (zero, edge) = ([0; 32], [0xff; 32]);
            let other = keccak256(&good.s).0;
            for (r, s) in
                [(good.r, good.s), (other, good.s), (good.r, other), (zero, good.s), (good.r, zero), (edge, other)]
            {
                for v in [26, 27, 28, 29, 30, 31] {
                    let bent = Signature { r, s, v };
                    let expected = by_the_library(&digest, &bent).filter(|_| matches!(v, 27 | 28));
                    assert_eq!(K256Recover::recover(&digest, &bent), expected, "{bent:?}");
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
        assert_eq!(K256Recover::recover(&Digest(one), &Signature { r, s: one, v }), None);
        assert_eq!(by_the_library(&Digest(one), &Signature { r, s: one, v }), None);
    }
}
