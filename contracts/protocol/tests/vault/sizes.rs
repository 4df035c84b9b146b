//! A storage value on the chain is at most 416 bytes: every value of the vault at its fullest.

use crate::fixtures::{fresh, successor};
use ringfence_protocol::{
    collateral::{CollateralBook, Eligible, Mark, Schedule, MAX_COLLATERAL},
    signature::{SignerSet, MAX_SIGNERS},
    units::{Amount, Seconds, SignedAmount, Timestamp},
    vault::{
        Auction, Bid, CoverBook, DefaultCase, Dispute, DisputeFile, Estate, EstateLayer, Layer, Mandate, MarginCall,
        RotationNotice, RunOff, Standing, Successors, MAX_LAYERS, MAX_SUCCESSORS,
    },
    Address, Digest, Pair,
};
use scale::Encode;

const MOST: usize = 416;

fn full_cover() -> CoverBook {
    let mut book = CoverBook::default();
    for index in 0..MAX_LAYERS {
        let layer = Layer {
            bond: Address::repeat_byte(u8::try_from(index).expect("small")),
            limit: Amount::new(1),
            claimed: Amount::ZERO,
            starts: Timestamp::new(0),
            ends: Timestamp::new(u64::MAX),
            waiting: Seconds::ZERO,
        };
        let attachment = Amount::new(u128::try_from(index).expect("small"));
        book.register(layer, attachment, Timestamp::new(u64::MAX)).expect("fits");
    }
    book
}

fn full_collateral() -> CollateralBook {
    let mut book = CollateralBook::new(Schedule(vec![Eligible::default(); MAX_COLLATERAL]));
    book.marks = vec![Mark::default(); MAX_COLLATERAL];
    book.posted = Pair { a: [Amount::MAX; MAX_COLLATERAL], b: [Amount::MAX; MAX_COLLATERAL] };
    book
}

fn full_standing() -> Standing {
    let moment = Timestamp::new(1);
    let signers = full_mandate().signers;
    let rotation = Some(RotationNotice { signers, leave_from: moment, due: moment, expires: moment, disputes: 1 });
    Standing { run_off: Some(RunOff { by_entity: true, since: moment }), rotation, ..Default::default() }
}

fn full_mandate() -> Mandate {
    let signers = (1..=MAX_SIGNERS).map(|byte| Address::repeat_byte(u8::try_from(byte).expect("small"))).collect();
    let mut mandate = Mandate::new(SignerSet::new(signers, 8).expect("a valid set"));
    mandate.portfolio_root = Digest::repeat_byte(1);
    mandate
}

fn full_case() -> DefaultCase {
    let bid = Bid { bidder: successor(1), price: SignedAmount::new(-1), posted: Amount::MAX };
    DefaultCase {
        determined: Some(SignedAmount::new(1)),
        ends_pair: true,
        bid: Some(bid),
        auction: Some(Auction { since: Timestamp::new(1) }),
    }
}

fn full_disputes() -> DisputeFile {
    let dispute = Dispute {
        number: 1,
        sequence: 1,
        valued: SignedAmount::new(1),
        stated: SignedAmount::new(1),
        escrowed: Amount::MAX,
        suspended: Amount::MAX,
        deposit: Amount::MAX,
        deadline: Timestamp::new(1),
    };
    DisputeFile { count: 1, open: Pair { a: Some(dispute), b: Some(dispute) } }
}

#[test]
fn every_stored_value_fits_one_storage_value_at_its_fullest() {
    let mut state = fresh().vault.state;
    let call = MarginCall { amount: Amount::MAX, deadline: Timestamp::new(1) };
    state.phase =
        ringfence_protocol::vault::Phase::Defaulted { party: ringfence_protocol::Party::B, since: Timestamp::new(1) };
    state.call = Pair { a: Some(call), b: Some(call) };
    let names = vec![Address::repeat_byte(1); MAX_SUCCESSORS];
    let estate = Estate { layers: [EstateLayer::default(); MAX_LAYERS], ..Default::default() };
    let sizes = [
        ("ledger", state.encode().len()),
        ("agreement", fresh().vault.agreement.encode().len()),
        ("mandate", full_mandate().encode().len()),
        ("cover", full_cover().encode().len()),
        ("collateral", full_collateral().encode().len()),
        ("standing", full_standing().encode().len()),
        ("disputes", full_disputes().encode().len()),
        ("case", full_case().encode().len()),
        ("successors", Successors { accepted_by: Pair { a: names.clone(), b: names } }.encode().len()),
        ("estate", estate.encode().len()),
    ];
    println!("{sizes:?}");
    for (name, size) in sizes {
        assert!(size <= MOST, "{name}: {size} bytes");
    }
}
