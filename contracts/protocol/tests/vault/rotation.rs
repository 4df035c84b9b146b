//! New signers of the valuation agent, signed by both parties, in every phase.

use crate::{
    common::{PARTY_A, PARTY_B, SIGNERS, STRANGER},
    fixtures::{cover_due, defaulted, fresh, guards, refused, successor, valued, Pair},
};
use ringfence_protocol::{signature::SignerSet, vault::VaultError, Party};

const BOTH: [u8; 2] = [PARTY_A, PARTY_B];

/// One new signer.
fn new_set() -> SignerSet {
    SignerSet::new(vec![successor(STRANGER)], 1).expect("a valid set")
}

fn rotate(world: &mut Pair) -> Result<(), VaultError> {
    let message = world.rotation(&new_set());
    world.rotate(&message, &new_set(), BOTH)
}

guards! {
    TermsMismatch: a_rotation_names_its_terms {
        let mut world = valued();
        let mut message = world.rotation(&new_set());
        message.terms_hash.0[0] ^= 1;
        refused(&mut world, |world| world.rotate(&message, &new_set(), BOTH))
    }
    SequenceReplayed: a_rotation_takes_effect_once {
        let mut world = valued();
        let message = world.rotation(&new_set());
        world.rotate(&message, &new_set(), BOTH).expect("accepted");
        refused(&mut world, |world| world.rotate(&message, &new_set(), BOTH))
    }
    SequenceSkipped: a_rotation_cannot_skip_one {
        let mut world = valued();
        let mut message = world.rotation(&new_set());
        message.epoch += 1;
        refused(&mut world, |world| world.rotate(&message, &new_set(), BOTH))
    }
    Expired: a_rotation_is_good_up_to_its_expiry {
        let mut world = valued();
        let message = world.rotation(&new_set());
        world.now = message.expiry.get();
        world.clone().rotate(&message, &new_set(), BOTH).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.rotate(&message, &new_set(), BOTH))
    }
    SignersMismatch: the_signers_are_those_that_were_signed {
        let mut world = valued();
        let message = world.rotation(&new_set());
        let other = SignerSet::new(vec![successor(SIGNERS[0])], 1).expect("a valid set");
        refused(&mut world, |world| world.rotate(&message, &other, BOTH))
    }
    SignersMismatch: the_threshold_is_the_one_that_was_signed {
        let mut world = valued();
        let mut signers = SIGNERS.map(successor).to_vec();
        signers.sort();
        let message = world.rotation(&SignerSet::new(signers.clone(), 2).expect("a valid set"));
        let all = SignerSet::new(signers, 3).expect("a valid set");
        refused(&mut world, |world| world.rotate(&message, &all, BOTH))
    }
    UnknownSigner: both_parties_sign_new_signers {
        refused(&mut valued(), |world| {
            let message = world.rotation(&new_set());
            world.rotate(&message, &new_set(), [PARTY_A, STRANGER])
        })
    }
    UnknownSigner: an_old_signer_is_nobody_after_a_rotation {
        let mut world = valued();
        rotate(&mut world).expect("accepted");
        world.now += 1;
        world.clone().settle_by(&world.instruction(5), &[STRANGER]).expect("the new one signs");
        refused(&mut world, |world| world.settle_by(&world.instruction(5), &SIGNERS[..1]))
    }
}

/// A default needs an agent too.
#[test]
fn signers_rotate_in_every_phase() {
    for mut world in [fresh(), valued(), defaulted(), cover_due()] {
        rotate(&mut world).expect("accepted");
        assert_eq!((world.vault.mandate.epoch, world.vault.mandate.signers.clone()), (1, new_set()));
    }
    let mut world = defaulted();
    rotate(&mut world).expect("accepted");
    world.determine(&world.determination(Party::B, 5), &[STRANGER]).expect("by the new agent");
}
