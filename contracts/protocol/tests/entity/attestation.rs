//! Different owners: who attests, how long it holds, and what it is for.

use crate::office::{guards, hash, refused, Office, ALICE, BOB, CAROL, DAY, FOUNDER, STRANGER};
use ringfence_protocol::{
    entity::{different_owners, EntityError, Role, MAX_ATTESTATION},
    units::Timestamp,
    Address, Digest,
};

fn differ(office: &Office) -> Result<u64, EntityError> {
    let of = |party: Address| office.attestations.get(&party).copied();
    let until = different_owners(Timestamp::new(office.now), of(ALICE), of(BOB)).map(Timestamp::get);
    let cover = office.state.check_cover(&office.env(STRANGER), of(ALICE), of(BOB));
    assert_eq!(until, cover.map(Timestamp::get), "cover goes on risk while owners are attested to differ");
    until
}

fn attested() -> Office {
    let mut office = Office::founded();
    office.attest(FOUNDER, ALICE, 1, office.now + DAY).expect("accepted");
    office.attest(FOUNDER, BOB, 2, office.now + 2 * DAY).expect("accepted");
    office
}

#[test]
fn owners_differ_until_the_earlier_expiry_and_not_a_second_longer() {
    let mut office = attested();
    let until = office.now + DAY;
    assert_eq!(differ(&office), Ok(until));
    office.now = until;
    assert_eq!(differ(&office), Ok(until));
    office.now += 1;
    assert_eq!(differ(&office), Err(EntityError::NotAttested));
}

#[test]
fn a_renewal_keeps_the_partys_place_and_takes_the_owner_it_names() {
    let mut office = attested();
    office.attest(FOUNDER, ALICE, 2, office.now + DAY).expect("accepted");
    assert_eq!(differ(&office), Err(EntityError::SameOwner));
    office.attest(FOUNDER, CAROL, 3, office.now + DAY).expect("accepted");
    let places = [ALICE, BOB, CAROL].map(|party| office.attestations[&party].place);
    assert_eq!((places, office.state.charter.attested), ([0, 1, 2], 3));
}

#[test]
fn the_guardian_can_take_an_attestation_back_and_give_none() {
    let mut office = attested();
    office.hand_over(Role::Guardian, CAROL);
    office.attest(FOUNDER, ALICE, 1, office.now + DAY).expect("accepted");
    office.attest(FOUNDER, BOB, 2, office.now + DAY).expect("accepted");
    let give = |office: &mut Office| office.attest(CAROL, ALICE, 5, office.now + DAY);
    assert_eq!(refused(&mut office, give), EntityError::NotTheAdmin);
    assert_eq!(refused(&mut office, |office| office.revoke(STRANGER, ALICE)), EntityError::NotTheAdmin);
    office.revoke(CAROL, ALICE).expect("the guardian");
    assert_eq!(differ(&office), Err(EntityError::NotAttested));
    assert_eq!(refused(&mut office, |office| office.revoke(FOUNDER, ALICE)), EntityError::NotAttested);
    office.attest(FOUNDER, ALICE, 1, office.now + DAY).expect("anew");
    assert!(differ(&office).is_ok());
}

guards! {
    NotAttested: owners_that_nobody_attested_are_not_known_to_differ {
        let mut office = Office::founded();
        assert_eq!(differ(&office), Err(EntityError::NotAttested));
        office.attest(FOUNDER, ALICE, 1, office.now + DAY).expect("accepted");
        differ(&office).expect_err("one is not attested")
    }
    SameOwner: one_owner_is_no_two {
        let mut office = attested();
        office.attest(FOUNDER, BOB, 1, office.now + DAY).expect("accepted");
        differ(&office).expect_err("both are owner 1's")
    }
    PeriodOutOfBounds: an_attestation_holds_for_a_year_at_most {
        let mut office = Office::founded();
        let most = office.now + MAX_ATTESTATION.get();
        office.attest(FOUNDER, ALICE, 1, most).expect("at the bound");
        for until in [0, office.now, most + 1, u64::MAX] {
            let error = refused(&mut office, |office| office.attest(FOUNDER, ALICE, 1, until));
            assert_eq!(error, EntityError::PeriodOutOfBounds);
        }
        refused(&mut office, |office| office.attest(FOUNDER, BOB, 1, office.now))
    }
    InvalidAddress: nobody_is_no_party {
        refused(&mut Office::founded(), |office| office.attest(FOUNDER, Address::zero(), 1, office.now + 1))
    }
    ValueOutOfBounds: an_owner_has_a_hash {
        let office = Office::founded();
        let until = Timestamp::new(office.now + 1);
        assert!(office.state.attest(&office.env(FOUNDER), None, ALICE, hash(1), until).is_ok());
        office.state.attest(&office.env(FOUNDER), None, ALICE, Digest::zero(), until).expect_err("refused")
    }
}
