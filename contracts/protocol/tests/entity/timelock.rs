//! Every change: too early, at its time, too late, cancelled, replaced, executed twice, by anybody.

use crate::office::{guards, hash, identity, refused, Office, ALICE, BOB, CAROL, FOUNDER, STRANGER};
use ringfence_protocol::{
    entity::{Change, EntityError, EntityEvent, Role, CHANGE_GRACE, MAX_DELAY, MIN_DELAY, SUBJECTS},
    terms::MAX_FEE_CAP,
    units::{Amount, Bps, Seconds},
    Address, Digest, U256,
};

fn every_change() -> Vec<Change> {
    vec![
        Change::Nominee(Role::Admin, ALICE),
        Change::Nominee(Role::Guardian, BOB),
        Change::Nominee(Role::Agent, CAROL),
        Change::VaultCode(hash(0x11)),
        Change::BondCode(hash(0x12)),
        Change::Rules(ALICE),
        Change::Delay(MAX_DELAY),
        Change::Requirement(Amount::new(500)),
        Change::FeeCap(Bps::new(50)),
        Change::Identity(identity()),
        Change::Document(0, hash(0x13)),
        Change::Document(15, hash(0x14)),
    ]
}

fn word(value: u128) -> Digest {
    Digest(U256::from(value).to_big_endian())
}

/// What a change is about, as the entity has it now.
fn in_force(office: &Office, change: &Change) -> Change {
    let charter = &office.state.charter;
    match change {
        Change::Nominee(role, _) => Change::Nominee(*role, charter.seat(*role).nominee),
        Change::VaultCode(_) => Change::VaultCode(charter.vault_code),
        Change::BondCode(_) => Change::BondCode(charter.bond_code),
        Change::Rules(_) => Change::Rules(charter.rules),
        Change::Delay(_) => Change::Delay(charter.delay),
        Change::Requirement(_) => Change::Requirement(office.state.ledger.requirement),
        Change::FeeCap(_) => Change::FeeCap(charter.fee_cap),
        Change::Identity(_) => Change::Identity(office.identity.clone().unwrap_or_default()),
        Change::Document(place, _) => {
            Change::Document(*place, office.documents.get(place).copied().unwrap_or_default())
        }
    }
}

#[test]
fn a_change_takes_effect_at_its_time_and_not_a_second_before() {
    for change in every_change() {
        let mut office = Office::founded();
        let before = in_force(&office, &change);
        assert_ne!(before, change);
        let number = office.schedule(FOUNDER, change.clone()).expect("accepted");
        assert_eq!(in_force(&office, &change), before, "scheduling changes nothing");
        office.wait(Seconds::new(MIN_DELAY.get() - 1));
        assert_eq!(refused(&mut office, |office| office.execute(number)), EntityError::ChangeNotDue, "{change:?}");
        office.wait(Seconds::new(1));
        office.execute(number).expect("due");
        assert_eq!(in_force(&office, &change), change);
    }
}

#[test]
fn a_change_can_be_executed_up_to_its_last_moment_and_not_later() {
    for change in every_change() {
        let mut office = Office::founded();
        let number = office.schedule(FOUNDER, change.clone()).expect("accepted");
        office.wait(MIN_DELAY);
        office.wait(CHANGE_GRACE);
        let mut later = office.clone();
        later.wait(Seconds::new(1));
        let before = in_force(&later, &change);
        assert_eq!(refused(&mut later, |office| office.execute(number)), EntityError::ChangeExpired, "{change:?}");
        assert_eq!(in_force(&later, &change), before);
        office.execute(number).expect("the last moment");
    }
}

#[test]
fn a_change_that_was_cancelled_never_takes_effect() {
    for change in every_change() {
        let mut office = Office::founded();
        office.hand_over(Role::Guardian, CAROL);
        for canceller in [FOUNDER, CAROL] {
            let number = office.schedule(FOUNDER, change.clone()).expect("accepted");
            let stranger = |office: &mut Office| office.cancel(STRANGER, number);
            assert_eq!(refused(&mut office, stranger), EntityError::NotTheAdmin);
            office.cancel(canceller, number).expect("admin or guardian");
            office.wait(MIN_DELAY);
            assert_eq!(refused(&mut office, |office| office.execute(number)), EntityError::NoSuchChange);
            assert_eq!(refused(&mut office, |office| office.cancel(FOUNDER, number)), EntityError::NoSuchChange);
        }
    }
}

#[test]
fn a_change_of_the_same_subject_takes_the_place_of_a_pending_one_with_a_delay_of_its_own() {
    for change in every_change() {
        let mut office = Office::founded();
        let first = office.schedule(FOUNDER, change.clone()).expect("accepted");
        office.wait(Seconds::new(MIN_DELAY.get() - 1));
        let second = office.schedule(FOUNDER, change.clone()).expect("accepted");
        assert!(office.events.contains(&EntityEvent::ChangeReplaced { number: first }));
        office.wait(Seconds::new(1));
        assert_eq!(refused(&mut office, |office| office.execute(first)), EntityError::NoSuchChange, "{change:?}");
        assert_eq!(refused(&mut office, |office| office.execute(second)), EntityError::ChangeNotDue);
        office.wait(Seconds::new(MIN_DELAY.get() - 1));
        office.execute(second).expect("due");
    }
}

#[test]
fn a_change_is_executed_once() {
    for change in every_change() {
        let mut office = Office::founded();
        let number = office.schedule(FOUNDER, change.clone()).expect("accepted");
        office.wait(MIN_DELAY);
        office.execute(number).expect("due");
        assert_eq!(refused(&mut office, |office| office.execute(number)), EntityError::NoSuchChange, "{change:?}");
    }
}

#[test]
fn changes_of_different_subjects_wait_beside_each_other() {
    let mut office = Office::founded();
    let numbers: Vec<u32> =
        every_change().into_iter().map(|change| office.schedule(FOUNDER, change).expect("accepted")).collect();
    office.wait(MIN_DELAY);
    for number in numbers.into_iter().rev() {
        office.execute(number).expect("due");
    }
    for change in every_change() {
        assert_eq!(in_force(&office, &change), change);
    }
}

#[test]
fn a_longer_delay_counts_for_what_is_scheduled_after_it() {
    let mut office = Office::founded();
    let before = office.schedule(FOUNDER, Change::VaultCode(hash(9))).expect("accepted");
    office.change(Change::Delay(MAX_DELAY));
    office.execute(before).expect("the delay of its time");
    let after = office.schedule(FOUNDER, Change::VaultCode(hash(8))).expect("accepted");
    office.wait(Seconds::new(MAX_DELAY.get() - 1));
    assert_eq!(refused(&mut office, |office| office.execute(after)), EntityError::ChangeNotDue);
    office.wait(Seconds::new(1));
    office.execute(after).expect("due");
}

#[test]
fn what_the_admin_scheduled_ends_with_a_resolution_and_what_the_agent_schedules_does_not() {
    let mut office = Office::founded();
    let number = office.schedule(FOUNDER, Change::Nominee(Role::Agent, ALICE)).expect("accepted");
    office.wait(Seconds::new(1));
    office.declare(FOUNDER).expect("the admin");
    office.wait(MIN_DELAY);
    assert_eq!(refused(&mut office, |office| office.execute(number)), EntityError::UnderResolution);
    let own = office.schedule(FOUNDER, Change::Nominee(Role::Agent, BOB)).expect("the agent");
    office.wait(MIN_DELAY);
    office.execute(own).expect("due");
}

#[test]
fn every_value_is_a_word_and_comes_back_from_it() {
    for change in every_change() {
        if !matches!(change, Change::Identity(_)) {
            assert_eq!(Change::of_word(change.subject(), change.word()), Ok(change));
        }
    }
}

#[test]
fn values_are_accepted_at_their_bounds_and_refused_beyond_them() {
    let bounds: [(u8, u128, u128); 3] = [
        (6, MIN_DELAY.get().into(), MAX_DELAY.get().into()),
        (7, 0, Amount::MAX.get()),
        (8, 0, MAX_FEE_CAP.get().into()),
    ];
    for (subject, least, most) in bounds {
        assert!(Change::of_word(subject, word(least)).is_ok());
        assert!(Change::of_word(subject, word(most)).is_ok());
        assert_eq!(Change::of_word(subject, word(most + 1)), Err(EntityError::ValueOutOfBounds));
        assert_eq!(Change::of_word(subject, Digest::repeat_byte(0xff)), Err(EntityError::ValueOutOfBounds));
        if least > 0 {
            assert_eq!(Change::of_word(subject, word(least - 1)), Err(EntityError::ValueOutOfBounds));
        }
    }
    for subject in [0, 1, 2, 5] {
        assert_eq!(Change::of_word(subject, Digest::zero()), Err(EntityError::ValueOutOfBounds));
        assert_eq!(Change::of_word(subject, hash(1)), Err(EntityError::ValueOutOfBounds), "no address");
    }
    for subject in [3, 4] {
        assert_eq!(Change::of_word(subject, Digest::zero()), Err(EntityError::ValueOutOfBounds));
    }
    // A change that does not come from a word is held to the same.
    let mut office = Office::founded();
    let nobody = |office: &mut Office| office.schedule(FOUNDER, Change::Nominee(Role::Admin, Address::zero()));
    assert_eq!(refused(&mut office, nobody), EntityError::ValueOutOfBounds);
}

guards! {
    NoSuchChange: nothing_is_pending_at_first { refused(&mut Office::founded(), |office| office.execute(1)) }
    ChangeNotDue: a_change_waits {
        let mut office = Office::founded();
        let number = office.schedule(FOUNDER, Change::VaultCode(hash(9))).expect("accepted");
        refused(&mut office, |office| office.execute(number))
    }
    ChangeExpired: a_change_does_not_wait_for_ever {
        let mut office = Office::founded();
        let number = office.schedule(FOUNDER, Change::VaultCode(hash(9))).expect("accepted");
        office.now = u64::MAX;
        refused(&mut office, |office| office.execute(number))
    }
    UnknownSubject: subjects_are_numbered {
        for subject in [9, 10, 15, SUBJECTS, u8::MAX] {
            assert_eq!(Change::of_word(subject, hash(1)), Err(EntityError::UnknownSubject), "{subject}");
        }
        Change::of_word(SUBJECTS, hash(1)).expect_err("refused")
    }
    ArithmeticOverflow: a_change_past_the_end_of_time_is_no_change {
        let mut office = Office::founded();
        office.now = u64::MAX;
        refused(&mut office, |office| office.schedule(FOUNDER, Change::VaultCode(hash(9))))
    }
}
