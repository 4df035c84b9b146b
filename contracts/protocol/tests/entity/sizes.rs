//! A storage value on the chain is at most 416 bytes, a page of the register and its cost are bounded: every value of the
//! entity at its fullest.

use crate::office::{hash, ALICE};
use ringfence_protocol::{
    entity::{
        Attestation, Change, Charter, Claim, Class, ClassAccount, Identity, Ledger, PairRecord, Reason, Scheduled,
        Seat, SeriesRecord, Stage, MAX_NAME,
    },
    units::{Amount, Bps, Seconds, Timestamp},
};
use scale::{Encode, MaxEncodedLen};

const MOST: usize = 416;

#[test]
fn every_value_fits_its_place() {
    let full_name = "n".repeat(MAX_NAME);
    let identity = Identity::parse(full_name.as_bytes(), b"506700GE1G29325QX363", b"GB-SCT").expect("well formed");
    let time = Timestamp::new(u64::MAX);
    let scheduled = Scheduled {
        number: u32::MAX,
        change: Change::Identity(identity.clone()),
        made: time,
        due: time,
        expires: time,
    };
    let ledger = Ledger {
        free: Amount::MAX,
        reserve: Amount::MAX,
        requirement: Amount::MAX,
        short_since: Some(time),
        stage: Stage::Reported { since: time, reason: Reason::Capital, at: time },
        classes: [ClassAccount { claims: Amount::MAX, assigned: Amount::MAX, paid: Amount::MAX }; 4],
        surplus: Amount::MAX,
        claims: u32::MAX,
        told: u32::MAX,
        settled: u32::MAX,
    };
    let claim =
        Claim { class: Class::Ordinary, holder: ALICE, amount: Amount::MAX, paid: Amount::MAX, evidence: hash(1) };
    let charter =
        Charter { fee_cap: Bps::new(1), delay: Seconds::new(1), seats: [Seat::default(); 3], ..Charter::default() };
    let sizes = [
        ("charter", charter.encoded_size(), Charter::max_encoded_len()),
        ("ledger", ledger.encoded_size(), Ledger::max_encoded_len()),
        ("pair", PairRecord::default().encoded_size(), PairRecord::max_encoded_len()),
        ("series", SeriesRecord::default().encoded_size(), SeriesRecord::max_encoded_len()),
        ("attestation", Attestation::default().encoded_size(), Attestation::max_encoded_len()),
        ("claim", claim.encoded_size(), Claim::max_encoded_len()),
        ("identity", identity.encoded_size(), identity.encoded_size()),
        ("scheduled", scheduled.encoded_size(), scheduled.encoded_size()),
    ];
    for (name, size, most) in sizes {
        assert!(size <= most && most <= MOST, "{name}: {size} of {most} bytes");
    }
}
