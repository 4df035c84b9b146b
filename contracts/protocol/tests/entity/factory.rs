//! What a pair and a series are opened under.

use crate::office::{guards, hash, offer, refused, vault, Office, ALICE, BOB, FOUNDER, RESERVE, STRANGER};
use ringfence_protocol::{
    entity::{Change, EntityError, EntityEvent, PairOffer, PairRecord},
    units::Bps,
};

#[test]
fn a_pair_gets_its_reserve_and_a_series_its_premium_and_reserve_from_free_capital() {
    let mut office = Office::with_free(2 * RESERVE + 30);
    office.open(FOUNDER, 0).expect("accepted");
    assert_eq!(office.cash(vault(0)), RESERVE.cast_signed());
    assert_eq!(refused(&mut office, |office| office.issue(FOUNDER, 0, 31)), EntityError::InsufficientFreeCapital);
    office.issue(FOUNDER, 0, 30).expect("all that is free");
    assert_eq!((office.free(), office.state.charter.pairs, office.state.charter.series), (0, 1, 1));
    assert_eq!(refused(&mut office, |office| office.open(FOUNDER, 1)), EntityError::InsufficientFreeCapital);
}

#[test]
fn new_pairs_and_series_are_of_the_code_and_rules_in_force_and_old_ones_stay_what_they_are() {
    let mut office = Office::with_free(1_000);
    office.open(FOUNDER, 0).expect("accepted");
    office.issue(FOUNDER, 0, 1).expect("accepted");
    office.change(Change::VaultCode(hash(0x61)));
    office.change(Change::BondCode(hash(0x62)));
    office.change(Change::Rules(BOB));
    assert_eq!(refused(&mut office, |office| office.open(FOUNDER, 1)), EntityError::TermsMismatch);
    office.open_under(FOUNDER, 1, &PairOffer { rules: BOB, ..offer() }).expect("accepted");
    office.issue(FOUNDER, 1, 1).expect("accepted");
    let codes = [office.pairs[0].code_hash, office.pairs[1].code_hash];
    assert_eq!(codes, [hash(1), hash(0x61)]);
    assert_eq!([office.series[0].code_hash, office.series[1].code_hash], [hash(2), hash(0x62)]);
}

#[test]
fn a_record_is_read_again_without_touching_what_never_changes() {
    let mut office = Office::with_free(100);
    office.open(FOUNDER, 0).expect("accepted");
    let before = office.pairs[0];
    let (step, after) = office.state.pair_read(&before, (STRANGER, BOB), hash(0x71), (hash(0x72), 3));
    let expected =
        PairRecord { party_a: STRANGER, terms_hash: hash(0x71), signers_hash: hash(0x72), signer_epoch: 3, ..before };
    assert_eq!((after, step.state), (expected, office.state));
    assert_eq!(step.events, [EntityEvent::PairUpdated { record: expected }]);
}

guards! {
    TermsMismatch: terms_name_this_entity_its_asset_and_its_rules {
        let mut office = Office::with_free(100);
        let foreign = [
            PairOffer { asset: ALICE, ..offer() },
            PairOffer { rules: ALICE, ..offer() },
        ];
        for offer in foreign {
            let error = refused(&mut office, |office| office.open_under(FOUNDER, 0, &offer));
            assert_eq!(error, EntityError::TermsMismatch);
        }
        refused(&mut office, |office| office.open_under(FOUNDER, 0, &PairOffer { entity: ALICE, ..offer() }))
    }
    FeeCapTooHigh: terms_allow_no_more_than_the_entity {
        let mut office = Office::with_free(100);
        office.change(Change::FeeCap(Bps::new(100)));
        office.open(FOUNDER, 0).expect("at the bound");
        refused(&mut office, |office| {
            office.open_under(FOUNDER, 1, &PairOffer { fee_cap: Bps::new(101), ..offer() })
        })
    }
}
