//! Name, LEI and jurisdiction.

use crate::office::{guards, hash, identity, refused, Office, FOUNDER, STRANGER};
use ringfence_protocol::{
    entity::{Change, EntityError, Identity, Lei, Role, MAX_NAME},
    Digest,
};

/// Identifiers in the public register at search.gleif.org.
const PUBLIC: [&str; 12] = [
    "506700GE1G29325QX363",
    "HWUPKR0MPOU8FGXBT394",
    "7LTWFZYICNSX8D621K86",
    "549300B56MD0ZC402L06",
    "INR2EJN1ERAN0W5ZP974",
    "784F5XWPLTWKTBV3E584",
    "8I5DZWZKVSZI1NUHU748",
    "G5GSEF7VJP5I7OUK5573",
    "MP6I5ZYZBEU3UXPYFY54",
    "5493001KJTIIGC8Y1R12",
    "2138002YAB7Z9KO21397",
    "969500WU8KVE8U3TL824",
];

#[test]
fn public_identifiers_pass_and_come_back_as_they_were() {
    for lei in PUBLIC {
        assert_eq!(
            Lei::parse(lei.as_bytes()).map(|lei| *lei.as_bytes()).as_ref().map(<[u8; 20]>::as_slice),
            Ok(lei.as_bytes())
        );
    }
}

/// What MOD 97-10 finds for certain: another digit for a digit, another letter for a letter, and two neighbours of a kind in
/// the wrong order. A letter for a digit shifts the rest of the number and can, one time in 97, go unseen.
#[test]
fn no_wrong_character_of_a_kind_and_no_swapped_neighbours_of_a_kind_pass() {
    for lei in PUBLIC {
        let right = lei.as_bytes();
        for place in 0..20 {
            for other in b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
                let mut wrong = right.to_vec();
                wrong[place] = *other;
                if other.is_ascii_digit() == right[place].is_ascii_digit() {
                    assert_eq!(Lei::parse(&wrong).is_ok(), *other == right[place], "{lei} {place} {other}");
                }
            }
            let mut swapped = right.to_vec();
            if place > 0 && swapped[place] != swapped[place - 1] {
                swapped.swap(place, place - 1);
                if right[place].is_ascii_digit() == right[place - 1].is_ascii_digit() {
                    assert!(Lei::parse(&swapped).is_err(), "{lei} {place}");
                }
            }
        }
    }
}

#[test]
fn check_digits_that_only_leave_the_right_remainder_are_refused() {
    // 98 and 01, 97 and 00, and 02 and 99 are the same number modulo 97; the standard makes 02 to 98 only.
    let mut found = [false; 3];
    for number in 0..1_000 {
        let body =
            format!("529900T8BM49AURS{number:03}").chars().take(15).collect::<String>() + &format!("{number:03}");
        for (seen, [right, alias]) in found.iter_mut().zip([["98", "01"], ["97", "00"], ["02", "99"]]) {
            if Lei::parse(format!("{body}{right}").as_bytes()).is_ok() {
                *seen = true;
                assert_eq!(Lei::parse(format!("{body}{alias}").as_bytes()), Err(EntityError::LeiChecksum));
            }
        }
    }
    assert_eq!(found, [true; 3], "the cases prove too little");
}

#[test]
fn names_are_bounded_utf8_and_jurisdictions_have_two_forms() {
    let of = |name: &str, jurisdiction: &str| {
        Identity::parse(name.as_bytes(), PUBLIC[0].as_bytes(), jurisdiction.as_bytes()).map(drop)
    };
    assert_eq!(of(&"n".repeat(MAX_NAME), "DE"), Ok(()));
    assert_eq!(of("Société Générale", "US-DE"), Ok(()));
    assert_eq!(of("a", "GB-SCT"), Ok(()));
    for name in ["", " a", "a ", "a\nb", &"n".repeat(MAX_NAME + 1)] {
        assert_eq!(of(name, "DE"), Err(EntityError::NameMalformed), "{name:?}");
    }
    for jurisdiction in ["", "D", "de", "DEU", "DE-", "DE-ABCD", "DE-a", "DE_A", "D1"] {
        assert_eq!(of("a", jurisdiction), Err(EntityError::JurisdictionMalformed), "{jurisdiction:?}");
    }
    assert_eq!(Identity::parse(&[0xff], PUBLIC[0].as_bytes(), b"DE"), Err(EntityError::NameMalformed));
}

#[test]
fn the_founder_says_once_who_the_entity_is_and_later_changes_are_scheduled() {
    let mut office = Office::founded();
    office.incorporate(FOUNDER).expect("accepted");
    assert_eq!(office.identity, Some(identity()));
    let other = Identity::parse(b"Other plc", PUBLIC[1].as_bytes(), b"GB").expect("well formed");
    office.change(Change::Identity(other.clone()));
    assert_eq!(office.identity, Some(other));
    office.change(Change::of_word(16, hash(9)).expect("a document"));
    assert_eq!(office.documents[&0], hash(9));
    office.change(Change::of_word(31, Digest::zero()).expect("a document can be taken out"));
}

#[test]
fn an_identity_that_came_by_schedule_can_not_be_founded_over() {
    let mut office = Office::founded();
    office.change(Change::Identity(identity()));
    assert_eq!(refused(&mut office, |office| office.incorporate(FOUNDER)), EntityError::AlreadyIncorporated);
}

guards! {
    LeiMalformed: identifiers_have_twenty_capitals_and_digits {
        for text in ["", "506700GE1G29325QX36", "506700GE1G29325QX3633", "506700ge1g29325qx363", "506700GE1G29325Q-363",
            "506700GE1G29325QX3A3"] {
            assert_eq!(Lei::parse(text.as_bytes()), Err(EntityError::LeiMalformed), "{text}");
        }
        Lei::parse("506700GE1G29325QX36Ä".as_bytes()).expect_err("refused")
    }
    LeiChecksum: check_digits_are_verified { Lei::parse(b"506700GE1G29325QX364").expect_err("refused") }
    NameMalformed: a_name_is_needed { Identity::parse(b"", PUBLIC[0].as_bytes(), b"DE").expect_err("refused") }
    JurisdictionMalformed: a_jurisdiction_is_needed {
        Identity::parse(b"a", PUBLIC[0].as_bytes(), b"").expect_err("refused")
    }
    AlreadyIncorporated: the_founder_says_it_once {
        let mut office = Office::founded();
        office.incorporate(FOUNDER).expect("accepted");
        refused(&mut office, |office| office.incorporate(FOUNDER))
    }
    ValueOutOfBounds: documents_of_the_foundation_are_not_empty {
        let office = Office::founded();
        let with = |agreement, plan| office.state.incorporate(&office.env(FOUNDER), &identity(), agreement, plan);
        assert!(with(hash(1), hash(2)).is_ok());
        assert_eq!(with(Digest::zero(), hash(1)).map(drop), Err(EntityError::ValueOutOfBounds));
        with(hash(1), Digest::zero()).expect_err("refused")
    }
    NotTheAdmin: only_the_founder_says_it { refused(&mut Office::founded(), |office| office.incorporate(STRANGER)) }
    UnknownRole: roles_have_three_numbers { Role::numbered(3).expect_err("refused") }
}
