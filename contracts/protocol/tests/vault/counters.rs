//! Every message but the instruction takes effect once, in turn, in its time, and names what it is for.

use crate::{
    common::{PARTY_A, PARTY_B, SIGNERS},
    fixtures::{called, defaulted, full, guards, refused, running, Pair},
};
use ringfence_protocol::{message::DisputedValue, vault::VaultError, Digest, Party};

const BOTH: [u8; 2] = [PARTY_A, PARTY_B];

/// The full pair with B's dispute of 100 open.
fn disputed() -> Pair {
    let mut world = full();
    world.value(100, [0, 0]);
    world.dispute(world.address(Party::B), 0).expect("accepted");
    world
}

/// A command refused one second after its message's expiry and accepted at it.
fn expires(mut world: Pair, expiry: u64, command: impl Fn(&mut Pair) -> Result<(), VaultError>) -> VaultError {
    world.now = expiry;
    command(&mut world.clone()).expect("at the bound");
    world.now += 1;
    refused(&mut world, command)
}

guards! {
    TermsMismatch: a_portfolio_names_its_terms {
        let mut world = running();
        let mut message = world.portfolio();
        message.terms_hash = Digest::repeat_byte(1);
        refused(&mut world, |world| world.submit_portfolio(&message, BOTH))
    }
    SequenceReplayed: a_portfolio_takes_effect_once {
        let mut world = running();
        let message = world.portfolio();
        world.submit_portfolio(&message, BOTH).expect("accepted");
        refused(&mut world, |world| world.submit_portfolio(&message, BOTH))
    }
    SequenceReplayed: a_determination_starts_at_one {
        let mut world = defaulted();
        let mut message = world.determination(Party::B, 1);
        message.sequence = 0;
        refused(&mut world, |world| world.determine(&message, &SIGNERS))
    }
    TermsMismatch: a_termination_names_its_terms {
        let mut world = running();
        let mut message = world.termination(20);
        message.terms_hash.0[0] ^= 1;
        refused(&mut world, |world| world.terminate(&message, BOTH))
    }
    SequenceReplayed: a_termination_dies_with_the_next_instruction {
        let mut world = running();
        let message = world.termination(20);
        world.clone().terminate(&message, BOTH).expect("positive control");
        world.value(50, [0, 0]);
        refused(&mut world, |world| world.terminate(&message, BOTH))
    }
    SequenceSkipped: a_portfolio_cannot_skip_one {
        let mut world = running();
        let mut message = world.portfolio();
        message.version += 1;
        refused(&mut world, |world| world.submit_portfolio(&message, BOTH))
    }
    SequenceSkipped: a_termination_cannot_skip_one {
        let mut world = running();
        let mut message = world.termination(20);
        message.nonce += 1;
        refused(&mut world, |world| world.terminate(&message, BOTH))
    }
    SequenceSkipped: a_determination_cannot_skip_one {
        let mut world = defaulted();
        let mut message = world.determination(Party::B, 1);
        message.sequence += 1;
        refused(&mut world, |world| world.determine(&message, &SIGNERS))
    }

    Expired: a_portfolio_is_good_up_to_its_expiry {
        let (world, message) = (running(), running().portfolio());
        expires(world, message.expiry.get(), |world| world.submit_portfolio(&message, BOTH))
    }
    Expired: a_termination_is_good_up_to_its_expiry {
        let (world, message) = (running(), running().termination(20));
        expires(world, message.expiry.get(), |world| world.terminate(&message, BOTH))
    }
    Expired: a_determination_is_good_up_to_its_expiry {
        let (world, message) = (defaulted(), defaulted().determination(Party::B, 1));
        expires(world, message.expiry.get(), |world| world.determine(&message, &SIGNERS))
    }
    Expired: an_extension_is_good_up_to_its_expiry {
        let (world, message) = (called(), called().extension(Party::B, 60));
        expires(world, message.expiry.get(), |world| world.extend(&message, PARTY_A))
    }
    Expired: a_determined_dispute_is_good_up_to_its_expiry {
        let (world, value) = (disputed(), disputed().disputed_value(0));
        expires(world, value.expiry.get(), |world| world.determine_dispute(Party::B, value, &SIGNERS))
    }
    Expired: a_resolved_dispute_is_good_up_to_its_expiry {
        let (world, value) = (disputed(), disputed().disputed_value(0));
        expires(world, value.expiry.get(), |world| world.resolve_dispute(Party::B, value, BOTH))
    }

    AmountOutOfBounds: a_termination_value_is_bounded {
        refused(&mut running(), |world| world.terminate(&world.termination(i128::MIN), BOTH))
    }
    AmountOutOfBounds: a_disputed_value_is_bounded {
        let value = disputed().disputed_value(i128::MIN);
        refused(&mut disputed(), |world| world.determine_dispute(Party::B, value, &SIGNERS))
    }
    DisputeMismatch: a_value_is_for_one_dispute {
        let value = disputed().disputed_value(0);
        let later = DisputedValue { dispute: value.dispute + 1, ..value };
        refused(&mut disputed(), |world| world.determine_dispute(Party::B, later, &SIGNERS))
    }
    /// A value signed for the first dispute can't end the second.
    DisputeMismatch: a_value_for_the_first_dispute_does_not_end_the_second {
        let mut world = disputed();
        let mut first = world.disputed_value(0);
        first.expiry = ringfence_protocol::units::Timestamp::new(u64::MAX);
        world.resolve_dispute(Party::B, world.disputed_value(100), BOTH).expect("accepted");
        world.value(200, [0, 0]);
        world.dispute(world.address(Party::B), 100).expect("accepted");
        let error = refused(&mut world, |world| world.determine_dispute(Party::B, first, &SIGNERS));
        assert_eq!(error, VaultError::DisputeMismatch);
        refused(&mut world, |world| world.resolve_dispute(Party::B, first, BOTH))
    }
}
