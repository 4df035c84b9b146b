//! Signatures: they recover, they are canonical, they repeat, and no slot is signed twice.

mod common;

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use proptest::prelude::*;
use ringfence_oracle::instruction::{build, VaultContext, NO_INTEREST};
use ringfence_oracle::keccak::{address_of, Keccak};
use ringfence_oracle::protocol::eip712::TypedMessage;
use ringfence_oracle::protocol::message::{CloseOutDetermination, MarginInstruction};
use ringfence_oracle::protocol::signature::{SignerSetError, MAX_LOW_S};
use ringfence_oracle::protocol::units::{Amount, Bps, Seconds, SignedAmount, Timestamp};
use ringfence_oracle::protocol::{Address, Digest};
use ringfence_oracle::sign::{pack, LocalSigner, Needed, Quorum, SignError, Signer, SigningRequest};

fn message(vault: u8, sequence: u64, entitlement: i128) -> MarginInstruction {
    MarginInstruction {
        vault: Address([vault; 20]),
        terms_hash: Digest([2; 32]),
        sequence,
        valuation_time: Timestamp::new(1_760_119_500),
        expiry: Timestamp::new(1_760_120_400),
        portfolio_root: Digest([3; 32]),
        entitlement_a: SignedAmount::new(entitlement),
        initial_margin_a: Amount::new(1),
        initial_margin_b: Amount::new(2),
        tail_requirement: Amount::new(3),
        interest_index: NO_INTEREST,
        fee_rate: Bps::new(0),
        collateral: Vec::new(),
        market_data_root: Digest([4; 32]),
        model_version: 1,
    }
}

fn request(vault: u8, sequence: u64, entitlement: i128) -> SigningRequest {
    SigningRequest::instruction(&message(vault, sequence, entitlement), 420)
}

fn signer(seed: u8) -> LocalSigner {
    LocalSigner::from_secret(&[seed; 32]).unwrap()
}

fn quorum() -> Quorum<LocalSigner> {
    Quorum::new([1, 2, 3].map(signer).into(), 2).unwrap()
}

#[test]
fn a_well_known_key_has_its_well_known_address() {
    // The address of secret key 1, printed in countless places.
    let mut one = [0; 32];
    one[31] = 1;
    let address = LocalSigner::from_secret(&one).unwrap().address();
    assert_eq!(hex::encode(address), "7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    assert!(LocalSigner::from_secret(&[0; 32]).is_none());
    assert!(LocalSigner::from_secret(&[255; 32]).is_none());
}

#[test]
fn the_digest_signed_is_the_protocols() {
    let context = VaultContext {
        chain_id: 420,
        vault: Address([9; 20]),
        terms_hash: Digest([2; 32]),
        sequence: 5,
        validity: Seconds::new(900),
        interest_index: NO_INTEREST,
        fee_rate: Bps::new(25),
    };
    let inputs = common::inputs();
    let desks = common::desks();
    let step = ringfence_oracle::replay::Replay::new(&inputs, &desks).unwrap().next().unwrap().unwrap();
    let built = build(&context, &step, &step.pairs[2]).unwrap();
    assert_eq!(built.expiry.get(), step.valuation_time.get() + 900);
    assert_eq!((built.interest_index, built.fee_rate), (NO_INTEREST, Bps::new(25)));
    assert_eq!(built.portfolio_root, desks[2].root());
    assert_eq!(built.market_data_root, step.market_data_root);
    assert_eq!(u128::try_from(step.pairs[2].margin.initial.b.get()), Ok(built.initial_margin_b.get()));
    let request = SigningRequest::instruction(&built, 420);
    assert_eq!(request.digest(), built.digest::<Keccak>(&context.domain()));
}

#[test]
fn quorums_sign_in_ascending_order_and_everyone_when_asked() {
    let mut quorum = quorum();
    for (needed, count) in [(Needed::Threshold, 2), (Needed::Everyone, 3)] {
        let signatures = quorum.sign(&request(1, 1, 0), needed).unwrap();
        assert_eq!(signatures.len(), count);
        assert_eq!(pack(&signatures).len(), 65 * count);
        let digest = request(1, 1, 0).digest();
        let addresses: Vec<_> = signatures
            .iter()
            .map(|bytes| {
                let id = RecoveryId::from_byte(bytes.0[64] - 27).unwrap();
                let signature = Signature::from_slice(&bytes.0[..64]).unwrap();
                address_of(&VerifyingKey::recover_from_prehash(digest.as_bytes(), &signature, id).unwrap())
            })
            .collect();
        assert!(addresses.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(addresses, quorum.set().signers()[..count]);
    }
}

#[test]
fn bad_quorums_are_refused() {
    let refused = |seeds: &[u8], threshold| {
        let signers = seeds.iter().map(|seed| signer(*seed)).collect();
        Quorum::<LocalSigner>::new(signers, threshold).map(|_| ()).unwrap_err()
    };
    assert_eq!(refused(&[], 1), SignError::SignerSet(SignerSetError::SignerCount));
    assert_eq!(refused(&[1, 2, 3, 4, 5, 6, 7, 8, 9], 5), SignError::SignerSet(SignerSetError::SignerCount));
    assert_eq!(refused(&[1, 2, 3], 1), SignError::SignerSet(SignerSetError::SignerThreshold));
    assert_eq!(refused(&[1, 2, 3], 4), SignError::SignerSet(SignerSetError::SignerThreshold));
    assert_eq!(refused(&[1, 1, 3], 2), SignError::SignerSet(SignerSetError::SignerOrder));
}

#[test]
fn a_second_message_for_a_slot_is_refused_and_the_first_still_signs() {
    let mut signer = signer(1);
    let first = signer.sign(&request(1, 7, 100)).unwrap();
    let conflict = signer.sign(&request(1, 7, 101)).unwrap_err();
    assert!(matches!(conflict, SignError::Conflict { .. }), "{conflict}");
    assert!(!conflict.is_key_problem());
    assert_eq!(signer.sign(&request(1, 7, 100)), Ok(first));
    // Other slots are free: the next sequence, another vault, another chain, another counter.
    signer.sign(&request(1, 8, 101)).unwrap();
    signer.sign(&request(2, 7, 101)).unwrap();
    signer.sign(&SigningRequest::instruction(&message(1, 7, 101), 421)).unwrap();
    let close_out = CloseOutDetermination {
        sequence: 7,
        defaulter: Address([5; 20]),
        amount: SignedAmount::new(1),
        evidence_root: Digest([6; 32]),
        expiry: Timestamp::new(9),
    };
    let domain = ringfence_oracle::protocol::eip712::Domain { chain_id: 420, verifying_contract: Address([1; 20]) };
    signer.sign(&SigningRequest::close_out(&close_out, &domain)).unwrap();
}

#[test]
fn one_refusal_stops_the_quorum() {
    let mut quorum = quorum();
    quorum.sign(&request(1, 1, 0), Needed::Threshold).unwrap();
    let error = quorum.sign(&request(1, 1, 1), Needed::Everyone).unwrap_err();
    assert!(matches!(error, SignError::Conflict { .. }));
}

#[test]
fn all_are_asked_and_one_refusal_does_not_stop_the_others() {
    let mut quorum = quorum();
    let first = quorum.sign(&request(1, 1, 5), Needed::Threshold).unwrap();
    assert_eq!(first.len(), 2);
    // The third signed, too: it refuses another message for the number.
    let third = quorum.signers_mut()[2].sign(&request(1, 1, 6));
    assert!(matches!(third, Err(SignError::Conflict { .. })));
    // One that has signed something else is left out; everyone can't be had any more.
    quorum.signers_mut()[0].sign(&request(1, 2, 7)).unwrap();
    assert_eq!(quorum.sign(&request(1, 2, 8), Needed::Threshold).unwrap().len(), 2);
    assert!(matches!(quorum.sign(&request(1, 2, 8), Needed::Everyone), Err(SignError::Conflict { .. })));
    assert!(quorum.sign(&request(1, 2, 9), Needed::Threshold).is_err());
}

#[test]
fn debug_output_never_shows_a_key() {
    let text = format!("{:?}", quorum());
    assert!(!text.contains(&"01".repeat(32)) && text.contains("address"), "{text}");
}

proptest! {
    #[test]
    fn every_signature_is_canonical_and_repeats(seed in 1_u8..=255, sequence in any::<u64>(), entitlement in any::<i128>()) {
        prop_assume!(LocalSigner::from_secret(&[seed; 32]).is_some());
        let request = request(1, sequence, entitlement);
        let bytes = signer(seed).sign(&request).unwrap();
        prop_assert_eq!(signer(seed).sign(&request).unwrap(), bytes, "another process, the same signature");
        prop_assert!(bytes.0[64] == 27 || bytes.0[64] == 28);
        prop_assert!(bytes.0[32..64] <= MAX_LOW_S[..]);
        let id = RecoveryId::from_byte(bytes.0[64] - 27).unwrap();
        let signature = Signature::from_slice(&bytes.0[..64]).unwrap();
        let key = VerifyingKey::recover_from_prehash(request.digest().as_bytes(), &signature, id).unwrap();
        prop_assert_eq!(address_of(&key), signer(seed).address());
    }
}

#[test]
fn a_group_is_signed_as_one_by_one() {
    let asked: Vec<_> = (1..=40)
        .map(|vault| {
            (request(vault, 1, i128::from(vault)), if vault % 3 == 0 { Needed::Everyone } else { Needed::Threshold })
        })
        .collect();
    let mut alone = quorum();
    let expected: Vec<_> = asked.iter().map(|(request, needed)| alone.sign(request, *needed)).collect();
    let mut together = quorum();
    assert_eq!(together.sign_many(&asked), expected);
    let set = together.set().clone();
    for ((request, needed), signatures) in asked.iter().zip(&expected) {
        let count = if *needed == Needed::Everyone { 3 } else { 2 };
        let packed = pack(signatures.as_ref().unwrap());
        assert_eq!(set.verify::<ringfence_oracle::keccak::EcdsaRecover>(&request.digest(), &packed, count), Ok(()));
    }
    // One that is taken is refused, the others of its group are not; the same again gives the same again.
    let mut bent = asked.clone();
    bent[7].0 = request(8, 1, 99);
    let again = together.sign_many(&bent);
    for (index, answer) in again.iter().enumerate() {
        if index == 7 {
            assert!(matches!(answer, Err(SignError::Conflict { .. })), "{answer:?}");
        } else {
            assert_eq!(answer, &expected[index]);
        }
    }
    // Two messages for one slot in one group: the first counts.
    let twice = [(request(50, 1, 1), Needed::Threshold), (request(50, 1, 2), Needed::Threshold)];
    let answers = together.sign_many(&twice);
    assert!(answers[0].is_ok() && matches!(answers[1], Err(SignError::Conflict { .. })), "{answers:?}");
    assert_eq!(together.sign_many(&[]), []);
}
