//! Who signed: quorum, order, duplicates, malleability, other domains.

use crate::{
    common::{mirrored, pack, Real, TestCrypto, CHAIN, KEEPER, PARTY_A, PARTY_B, SIGNERS, STRANGER},
    fixtures::{called, defaulted, full, guards, refused, running, Pair},
};
use ringfence_protocol::{
    eip712::{Domain, TypedMessage},
    message::MarginInstruction,
    signature::{Signature, SignatureError, MAX_LOW_S, SIGNATURE_LENGTH},
    vault::{Command, VaultError},
    Address, Digest, Party,
};

/// Lets `flaw` change the two signatures of the next instruction.
fn flawed_signatures(flaw: impl Fn(&Pair, &Digest, &mut Vec<u8>)) -> VaultError {
    let mut world = running();
    let message = world.instruction(20);
    let digest = message.digest::<Real>(&world.domain);
    let good = pack::<Real>(&digest, &SIGNERS[..2]);
    world.clone().submit(CHAIN, &message, &good).expect("positive control");
    let mut bad = good.clone();
    flaw(&world, &digest, &mut bad);
    assert_ne!(good, bad);
    let error = refused(&mut world, |world| world.submit(CHAIN, &message, &bad));
    world.submit(CHAIN, &message, &good).expect("still accepted after the refusal");
    error
}

/// Signatures of another domain recover to accidental addresses, in accidental order: whichever way round they come,
/// they are refused, and in ascending order as nobody's.
fn refused_out_of_order(world: &mut Pair, message: &MarginInstruction, packed: &[u8]) -> VaultError {
    let one = refused(world, |world| world.submit(CHAIN, message, packed));
    let mut swapped = packed.to_vec();
    swapped.rotate_left(65);
    let other = refused(world, |world| world.submit(CHAIN, message, &swapped));
    assert_eq!((one, other), (VaultError::UnknownSigner, VaultError::UnknownSigner));
    world.clone().settle(message).expect("positive control");
    one
}

guards! {
    MalformedSignatures: half_a_signature_is_none {
        flawed_signatures(|_, _, packed| packed.truncate(SIGNATURE_LENGTH + 1))
    }
    MalformedSignatures: garbage_after_the_signatures_is_refused { flawed_signatures(|_, _, packed| packed.push(0)) }
    MalformedSignatures: more_signatures_than_signers_are_refused {
        flawed_signatures(|_, digest, packed| *packed = pack::<Real>(digest, &[0x11, 0x22, 0x33, STRANGER]))
    }
    MalformedSignatures: a_party_gives_one_signature {
        let mut world = running();
        let message = world.portfolio();
        let digest = message.digest::<Real>(&world.domain);
        let (a, b) = (Real::sign(PARTY_A, &digest), pack::<Real>(&digest, &[PARTY_B, STRANGER]));
        refused(&mut world, |world| {
            let signatures = ringfence_protocol::Pair::<&[u8]> { a: &a, b: &b };
            world.keep(Command::AgreePortfolio { message: &message, signatures })
        })
    }
    QuorumNotMet: one_of_two_is_too_few { flawed_signatures(|_, _, packed| packed.truncate(SIGNATURE_LENGTH)) }
    QuorumNotMet: none_is_too_few { flawed_signatures(|_, _, packed| packed.clear()) }
    QuorumNotMet: a_move_beyond_the_breaker_needs_everyone {
        let mut world = running();
        let most = i128::try_from(world.vault.agreement.terms.max_move.get()).expect("fits");
        for entitlement in [most, -most] {
            world.clone().settle_by(&world.instruction(entitlement), &SIGNERS[1..]).expect("at the bound");
        }
        world.clone().settle_by(&world.instruction(-most - 1), &SIGNERS).expect("everyone signed");
        let down = refused(&mut world, |world| world.settle_by(&world.instruction(-most - 1), &SIGNERS[1..]));
        assert_eq!(down, VaultError::QuorumNotMet);
        refused(&mut world, |world| world.settle_by(&world.instruction(most + 1), &SIGNERS[1..]))
    }
    QuorumNotMet: the_breaker_counts_from_the_last_entitlement {
        let mut world = running();
        world.settle(&world.instruction(-6_000)).expect("accepted");
        world.now += 1;
        world.clone().settle_by(&world.instruction(4_000), &SIGNERS[..2]).expect("at the bound");
        refused(&mut world, |world| world.settle_by(&world.instruction(4_001), &SIGNERS[..2]))
    }
    /// Else two signers could move any amount by calling it interest.
    QuorumNotMet: the_breaker_counts_interest {
        let mut world = running();
        world.deposit(world.address(Party::B), 20_000).expect("accepted");
        world.settle(&world.instruction(8_000)).expect("accepted");
        world.now += 1;
        let mut message = world.instruction(8_000);
        message.interest_index = ringfence_protocol::units::Wad::new(2_250_000_000_000_000_000);
        world.clone().settle_by(&message, &SIGNERS[..2]).expect("at the bound");
        message.interest_index = ringfence_protocol::units::Wad::new(2_250_130_000_000_000_000);
        refused(&mut world, |world| world.settle_by(&message, &SIGNERS[..2]))
    }
    QuorumNotMet: a_close_out_far_from_the_last_value_needs_everyone {
        let mut world = defaulted();
        world.clone().determine(&world.determination(Party::B, 10_000), &SIGNERS[..2]).expect("at the bound");
        world.clone().determine(&world.determination(Party::B, 10_001), &SIGNERS).expect("everyone");
        refused(&mut world, |world| world.determine(&world.determination(Party::B, 10_001), &SIGNERS[..2]))
    }
    QuorumNotMet: a_close_out_needs_two {
        refused(&mut defaulted(), |world| world.determine(&world.determination(Party::B, 1), &SIGNERS[..1]))
    }
    QuorumNotMet: a_second_close_out_amount_needs_everyone {
        let mut world = crate::fixtures::replaceable();
        world.determine(&world.determination(Party::B, 10), &SIGNERS[..2]).expect("the first by two");
        world.clone().determine(&world.determination(Party::B, 11), &SIGNERS).expect("everyone");
        refused(&mut world, |world| world.determine(&world.determination(Party::B, 11), &SIGNERS[..2]))
    }
    QuorumNotMet: a_disputed_value_needs_everyone {
        let mut world = full();
        world.value(100, [0, 0]);
        world.dispute(world.address(Party::B), 0).expect("accepted");
        let value = world.disputed_value(0);
        world.clone().determine_dispute(Party::B, value, &SIGNERS).expect("everyone");
        refused(&mut world, |world| world.determine_dispute(Party::B, value, &SIGNERS[..2]))
    }
    InvalidRecoveryId: v_is_27_or_28_and_not_29 { flawed_signatures(|_, _, packed| packed[64] = 29) }
    InvalidRecoveryId: v_is_27_or_28_and_not_26 { flawed_signatures(|_, _, packed| packed[64] = 26) }
    InvalidRecoveryId: v_is_27_or_28_and_not_0_or_1 {
        assert_eq!(flawed_signatures(|_, _, packed| packed[64] = 1), VaultError::InvalidRecoveryId);
        flawed_signatures(|_, _, packed| packed[129] = 0)
    }
    HighS: the_mirrored_signature_is_refused {
        flawed_signatures(|_, _, packed| {
            let mirror = mirrored(&packed[..65]);
            assert_eq!(mirrored(&mirror), packed[..65].to_vec());
            packed[..65].copy_from_slice(&mirror);
        })
    }
    HighS: a_party_has_one_signature_too {
        let mut world = running();
        let message = world.termination(20);
        let digest = message.digest::<Real>(&world.domain);
        let (a, b) = (Real::sign(PARTY_A, &digest), mirrored(&Real::sign(PARTY_B, &digest)));
        refused(&mut world, |world| {
            let signatures = ringfence_protocol::Pair::<&[u8]> { a: &a, b: &b };
            world.run(KEEPER, Command::Terminate { message: &message, signatures })
        })
    }
    UnrecoverableSignature: an_r_of_zero_is_nobody { flawed_signatures(|_, _, packed| packed[..32].fill(0)) }
    UnrecoverableSignature: an_r_beyond_the_order_is_nobody {
        flawed_signatures(|_, _, packed| packed[..32].fill(0xff))
    }
    UnrecoverableSignature: an_s_of_zero_is_nobody { flawed_signatures(|_, _, packed| packed[32..64].fill(0)) }
    DuplicateSigner: one_signer_counts_once {
        flawed_signatures(|_, _, packed| *packed = packed[..65].repeat(2))
    }
    UnsortedSigners: signers_come_in_order { flawed_signatures(|_, _, packed| packed.rotate_left(65)) }
    UnsortedSigners: a_signer_cannot_come_again_later {
        flawed_signatures(|_, digest, packed| {
            *packed = pack::<Real>(digest, &SIGNERS[..2]);
            packed.extend_from_within(..65);
        })
    }
    UnknownSigner: a_stranger_is_no_signer {
        flawed_signatures(|_, digest, packed| *packed = pack::<Real>(digest, &[SIGNERS[0], STRANGER]))
    }
    UnknownSigner: a_stranger_beside_a_quorum_is_refused_too {
        flawed_signatures(|_, digest, packed| *packed = pack::<Real>(digest, &[SIGNERS[0], SIGNERS[1], STRANGER]))
    }
    UnknownSigner: a_signature_of_another_vaults_domain_is_void {
        let mut world = running();
        let message = world.instruction(20);
        let there = Domain { verifying_contract: Address::repeat_byte(1), ..world.domain };
        let pair = pack::<Real>(&message.digest::<Real>(&there), &SIGNERS[..2]);
        refused_out_of_order(&mut world, &message, &pair)
    }
    UnknownSigner: a_signature_of_another_chains_domain_is_void {
        let mut world = running();
        let message = world.instruction(20);
        let there = Domain { chain_id: CHAIN + 1, ..world.domain };
        let pair = pack::<Real>(&message.digest::<Real>(&there), &SIGNERS[..2]);
        refused_out_of_order(&mut world, &message, &pair)
    }
    UnknownSigner: a_portfolio_is_signed_by_both_parties {
        let mut world = running();
        let message = world.portfolio();
        for keys in [[PARTY_A, PARTY_A], [PARTY_B, PARTY_B], [STRANGER, PARTY_B]] {
            let error = refused(&mut world, |world| world.submit_portfolio(&message, keys));
            assert_eq!(error, VaultError::UnknownSigner);
        }
        refused(&mut world, |world| world.submit_portfolio(&message, [PARTY_B, PARTY_A]))
    }
    UnknownSigner: a_termination_is_signed_by_both_parties {
        let mut world = running();
        let message = world.termination(20);
        world.clone().terminate(&message, [PARTY_A, PARTY_B]).expect("positive control");
        refused(&mut world, |world| world.terminate(&message, [PARTY_A, STRANGER]))
    }
    UnknownSigner: a_determination_is_not_signed_by_the_parties {
        refused(&mut defaulted(), |world| world.determine(&world.determination(Party::B, 1), &[PARTY_A, PARTY_B]))
    }
    UnknownSigner: a_call_is_extended_by_the_other_party_alone {
        let mut world = called();
        let message = world.extension(Party::B, 60);
        world.clone().extend(&message, PARTY_A).expect("positive control");
        for key in [STRANGER, SIGNERS[0]] {
            assert_eq!(refused(&mut world, |world| world.extend(&message, key)), VaultError::UnknownSigner);
        }
        refused(&mut world, |world| world.extend(&message, PARTY_B))
    }
    UnknownSigner: a_dispute_is_resolved_by_both_parties {
        let mut world = full();
        world.value(100, [0, 0]);
        world.dispute(world.address(Party::B), 0).expect("accepted");
        let value = world.disputed_value(0);
        world.clone().resolve_dispute(Party::B, value, [PARTY_A, PARTY_B]).expect("positive control");
        refused(&mut world, |world| world.resolve_dispute(Party::B, value, [PARTY_B, PARTY_B]))
    }
    /// The two messages say the same and are different types: neither can stand for the other.
    UnknownSigner: what_both_parties_signed_is_not_what_the_agent_signed {
        let mut world = full();
        world.value(100, [0, 0]);
        world.dispute(world.address(Party::B), 0).expect("accepted");
        let value = world.disputed_value(0);
        let signatures =
            pack::<Real>(&ringfence_protocol::message::DisputeResolution(value).digest::<Real>(&world.domain), &SIGNERS);
        // Of another digest a signature recovers to an accidental account, and three of them in accidental order.
        let error = refused(&mut world, |world| {
            let message = ringfence_protocol::message::DisputeDetermination(value);
            world.keep(Command::DetermineDispute { party: Party::B, message: &message, signatures: &signatures })
        });
        assert!(matches!(error, VaultError::UnknownSigner | VaultError::UnsortedSigners), "{error:?}");
        VaultError::UnknownSigner
    }
}

/// The largest `s` that is accepted is half the order, rounded down.
#[test]
fn s_is_low_at_half_the_order_and_high_one_past_it() {
    let with_s = |s: [u8; 32]| {
        let mut bytes = [1; SIGNATURE_LENGTH];
        bytes[32..64].copy_from_slice(&s);
        bytes[64] = 27;
        Signature::parse(&bytes).map(|signature| signature.s)
    };
    assert_eq!(with_s(MAX_LOW_S), Ok(MAX_LOW_S));
    let past = ringfence_protocol::U256::from_big_endian(&MAX_LOW_S) + 1;
    assert_eq!(with_s(past.to_big_endian()), Err(SignatureError::HighS));
    assert_eq!(Signature::parse(&[1; SIGNATURE_LENGTH - 1]), Err(SignatureError::MalformedSignatures));
    assert_eq!(Signature::parse(&[1; SIGNATURE_LENGTH + 1]), Err(SignatureError::MalformedSignatures));
}
