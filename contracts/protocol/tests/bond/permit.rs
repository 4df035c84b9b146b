use crate::{
    common::Real,
    market::{guards, ALICE, BOB, SERIES, START},
};
use alloy_sol_types::{eip712_domain, sol, SolStruct};
use k256::ecdsa::{RecoveryId, Signature, SigningKey};
use ringfence_protocol::{
    bond::{BondEnv, BondError, Holder, Permit},
    eip712::{Domain, TypedMessage},
    units::Timestamp,
    Address, Keccak256, U256,
};

const DOMAIN: Domain = Domain { chain_id: 420_420_419, verifying_contract: SERIES };

fn key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).expect("a key")
}

fn owner() -> Address {
    let point = key().verifying_key().to_encoded_point(false);
    Address::from_slice(&Real::keccak256(&point.as_bytes()[1..]).0[12..])
}

fn permit() -> Permit {
    Permit { owner: owner(), spender: BOB, value: U256::MAX, nonce: 0, deadline: U256::from(START) }
}

fn sign(permit: &Permit) -> Vec<u8> {
    let digest = permit.digest::<Real>(&DOMAIN);
    let (signature, id): (Signature, RecoveryId) = key().sign_prehash_recoverable(digest.as_bytes()).expect("signs");
    [&signature.to_bytes()[..], &[27 + id.to_byte()]].concat()
}

fn accept(permit: &Permit, now: u64, holder: Holder, signature: &[u8]) -> Result<Holder, BondError> {
    let env = BondEnv { now: Timestamp::new(now), caller: BOB };
    permit.accept::<Real, Real>(&env, &DOMAIN, holder, signature)
}

guards! {
    PermitExpired: a_permit_has_a_deadline {
        let used = accept(&permit(), START, Holder::default(), &sign(&permit())).expect("at the bound");
        assert_eq!(used.nonce, 1);
        accept(&permit(), START + 1, Holder::default(), &sign(&permit())).expect_err("refused")
    }
    PermitInvalid: a_permit_is_used_once {
        let used = accept(&permit(), START, Holder::default(), &sign(&permit())).expect("accepted");
        let again = Permit { nonce: used.nonce, ..permit() };
        assert_eq!(accept(&again, START, used, &sign(&permit())), Err(BondError::PermitInvalid));
        accept(&permit(), START, used, &sign(&permit())).expect_err("refused")
    }
    PermitInvalid: only_the_owner_permits {
        let others = Permit { owner: ALICE, ..permit() };
        accept(&others, START, Holder::default(), &sign(&others)).expect_err("refused")
    }
    PermitInvalid: nothing_else_is_permitted {
        for other in [
            Permit { spender: ALICE, ..permit() },
            Permit { value: U256::from(1), ..permit() },
            Permit { deadline: U256::MAX, ..permit() },
        ] {
            let error = accept(&other, START, Holder::default(), &sign(&permit()));
            assert_eq!(error, Err(BondError::PermitInvalid));
        }
        accept(&permit(), START, Holder::default(), &sign(&permit())[..64]).expect_err("refused")
    }
    PermitInvalid: a_signature_has_one_form {
        let mut high = sign(&permit());
        let order = U256::from_big_endian(&hex::decode(
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        ).expect("hex"));
        let s = order - U256::from_big_endian(&high[32..64]);
        high[32..64].copy_from_slice(&s.to_big_endian());
        high[64] = 55 - high[64];
        accept(&permit(), START, Holder::default(), &high).expect_err("refused")
    }
}

mod standard {
    use super::sol;
    sol! {
        struct Permit { address owner; address spender; uint256 value; uint256 nonce; uint256 deadline; }
    }
}

/// EIP-2612's digest, by an implementation from elsewhere.
#[test]
fn the_digest_is_the_standards() {
    let ours = permit();
    let theirs = standard::Permit {
        owner: ours.owner.0.into(),
        spender: ours.spender.0.into(),
        value: alloy_primitives::U256::MAX,
        nonce: alloy_primitives::U256::ZERO,
        deadline: alloy_primitives::U256::from(START),
    };
    let domain = eip712_domain! {
        name: "Ringfence Tail-Risk Note",
        version: "1",
        chain_id: DOMAIN.chain_id,
        verifying_contract: alloy_primitives::Address::from(SERIES.0),
    };
    assert_eq!(ours.digest::<Real>(&DOMAIN).0, theirs.eip712_signing_hash(&domain).0);
}
