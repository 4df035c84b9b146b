//! Attempts on the money of a defaulter, its successor and its survivor.

use crate::{
    common::{amount, schedule, World, ASSET, PARTY_A, PARTY_B, SIGNERS, STRANGER, SUCCESSORS, TOKENS},
    fixtures::{full, refused, replaceable, successor, terms, Pair},
};
use ringfence_protocol::{
    signature::SignerSet,
    vault::{Command, Phase, VaultError},
    Party,
};

/// Survivor and defaulter change the signers under a bid that can't be taken back: the bid falls and is collected.
#[test]
fn nobody_is_bound_by_a_bid_under_signers_it_did_not_see() {
    let mut world = replaceable();
    world.bid(SUCCESSORS[0], 0).expect("accepted");
    let evil = SignerSet::new(vec![successor(STRANGER)], 1).expect("a valid set");
    world.rotate(&world.rotation(&evil), &evil, [PARTY_A, PARTY_B]).expect("accepted");
    assert_eq!(world.vault.case.bid, None);
    world.collect(successor(SUCCESSORS[0]), ASSET).expect("its own");
    assert_eq!(world.surplus(ASSET), 0);
    world.bid(SUCCESSORS[0], 0).expect("again, if it wants to");
}

/// The survivor once signed an end of the pair and new signers for it, and its counterparty never did. The successor can
/// use neither: both were for the pair with its predecessor.
#[test]
fn a_successor_cannot_countersign_what_was_meant_for_its_predecessor() {
    let mut world = replaceable();
    let own = SignerSet::new(vec![successor(SUCCESSORS[0])], 1).expect("a valid set");
    let (end, rotation) = (world.termination(0), world.rotation(&own));
    world.bid(SUCCESSORS[0], 0).expect("accepted");
    world.determine(&world.determination(Party::B, 0), &SIGNERS).expect("accepted");
    world.now += 1_801;
    world.resolve().expect("replaced");
    assert_eq!(world.address(Party::B), successor(SUCCESSORS[0]));
    // The counters have not moved: nothing but the terms' hash stands against them.
    assert_eq!((end.nonce, rotation.epoch), (world.vault.state.sequence + 1, world.vault.mandate.epoch + 1));
    let both = [PARTY_A, SUCCESSORS[0]];
    assert_eq!(refused(&mut world, |world| world.terminate(&end, both)), VaultError::TermsMismatch);
    assert_eq!(refused(&mut world, |world| world.rotate(&rotation, &own, both)), VaultError::TermsMismatch);
    let fresh = world.rotation(&own);
    world.rotate(&fresh, &own, both).expect("signed for this pair");
}

/// B's 1,000 of cash and 1,000 of each token are behind a claim.
fn owing(claim: i128) -> Pair {
    let mut world = World::running(terms(), schedule(), 1_000);
    for index in [0, 1] {
        world.post(world.address(Party::B), index, 1_000).expect("accepted");
    }
    world.value(0, [0, 0]);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.determine(&world.determination(Party::B, claim), &SIGNERS).expect("the sale begins");
    world.now += 901;
    world.resolve().expect("nobody bought");
    world
}

/// Nobody bothers to buy for a claim of one unit more than the cash: the survivor does not get all there is.
#[test]
fn a_survivor_gets_no_more_in_kind_than_is_missing_at_the_last_price() {
    let handed = |claim: i128| {
        let world = owing(claim);
        for token in TOKENS {
            assert_eq!(world.surplus(token), 0);
        }
        let survivor = world.address(Party::A);
        let handed = TOKENS.map(|token| world.credit_of(survivor, token));
        assert_eq!([world.posted(Party::B, 0), world.posted(Party::B, 1)], handed.map(|quantity| 1_000 - quantity));
        handed
    };
    assert_eq!(handed(1_001), [10, 0]);
    assert_eq!(handed(1_100), [1_000, 0]);
    assert_eq!(handed(1_101), [1_000, 10]);
    assert_eq!(handed(1_200), [1_000, 1_000]);
    assert_eq!(handed(5_000), [1_000, 1_000]);
}

#[test]
fn what_the_survivor_does_not_get_in_kind_the_defaulter_takes_back() {
    let mut world = owing(1_001);
    world.take_back(world.address(Party::B), 0, 990).expect("its own");
    world.take_back(world.address(Party::B), 1, 1_000).expect("its own");
    world.collect(world.address(Party::A), TOKENS[0]).expect("what was missing");
    assert_eq!((world.balance_of(TOKENS[0]), world.balance_of(TOKENS[1])), (0, 0));
}

/// A price a little above the cash does not bring the successor all collateral either.
#[test]
fn a_successor_gets_no_more_in_kind_than_its_price_misses() {
    let mut world = full();
    world.post(world.address(Party::B), 0, 1_000).expect("accepted");
    world.add_first_loss(crate::common::ENTITY, 50, 50).expect("accepted");
    world.value(0, [0, 0]);
    world.approve(Party::A, SUCCESSORS[0]).expect("accepted");
    let former = world.address(Party::B);
    world.declare_default(former, Party::B).expect("accepted");
    world.bid(SUCCESSORS[0], 1_002).expect("accepted");
    world.determine(&world.determination(Party::B, 1_500), &SIGNERS).expect("accepted");
    // The survivor accepts: the sale begins, and then the bid is taken.
    let accept = |world: &mut Pair| world.run(world.address(Party::A), Command::AcceptBid);
    accept(&mut world).expect("the sale begins");
    assert_eq!(refused(&mut world, accept), VaultError::AuctionRunning);
    world.now += 901;
    accept(&mut world).expect("accepted");
    assert_eq!((world.vault.state.phase, world.address(Party::B)), (Phase::Active, successor(SUCCESSORS[0])));
    assert_eq!(world.credit_of(successor(SUCCESSORS[0]), TOKENS[0]), 20);
    assert_eq!(world.credit_of(former, TOKENS[0]), 980);
    assert_eq!((world.vault.state.first_loss, world.surplus(ASSET)), (amount(48), 0));
}

/// Without a mark there is nothing that says how much would do: all of it goes to whom the loss is owed.
#[test]
fn collateral_without_a_mark_goes_in_kind_as_a_whole() {
    let mut world: Pair = World::running(terms(), schedule(), 1_000);
    world.post(world.address(Party::B), 0, 7).expect("accepted");
    world.value(1_300, [0, 0]);
    world.vault.collateral.marks.clear();
    world.now += 7_201;
    world.leave(world.address(Party::A)).expect("the sale begins");
    world.now += 901;
    world.resolve().expect("nobody could buy");
    assert_eq!(world.credit_of(world.address(Party::A), TOKENS[0]), 7);
}

/// Survivor and successor are one: the successor is paid for a gap of 2,000 beyond margin, and wants to leave with it,
/// default, and have the layers pay the gap to the survivor once more.
#[test]
fn a_successor_leaves_with_no_price_before_it_has_paid_for_what_it_took_over() {
    let mut world = full();
    world.value(0, [0, 400]);
    world.register_cover(crate::common::ENTITY, 1, 5_000, 100_000, 0).expect("accepted");
    world.bonds_pay = true;
    world.approve(Party::A, SUCCESSORS[0]).expect("accepted");
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.bid(SUCCESSORS[0], 3_000).expect("accepted");
    world.determine(&world.determination(Party::B, 3_000), &SIGNERS).expect("accepted");
    world.run(world.address(Party::A), Command::AcceptBid).expect("accepted");
    assert_eq!(world.margin(Party::B), 400 + 3_000);
    let c = successor(SUCCESSORS[0]);
    assert_eq!(refused(&mut world, |world| world.withdraw(c, 1)), VaultError::ValuationStale);
    let default = refused(&mut world, |world| world.declare_default(c, Party::B));
    assert_eq!(default, VaultError::ValuationStale);
    world.value(3_000, [0, 400]);
    assert_eq!(world.margins(), [4_000, 400], "the price pays for what it was for");
}

/// The agent thinks again and the other side owes: its collateral has a sale of its own.
#[test]
fn a_claim_that_turns_begins_a_sale_of_its_own() {
    let mut world = World::running(terms(), schedule(), 1_000);
    for party in Party::BOTH {
        world.post(world.address(party), 0, 1_000).expect("accepted");
    }
    world.value(0, [0, 0]);
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.determine(&world.determination(Party::B, 1_400), &SIGNERS).expect("the sale begins");
    world.now += 900;
    world.determine(&world.determination(Party::B, -1_400), &SIGNERS).expect("the other sale begins");
    let since = world.vault.case.auction.expect("running").since.get();
    assert_eq!(since, world.now);
    world.now += 1;
    let price: crate::fixtures::Pair = world.clone();
    let command = Command::BuyCollateral { index: 0, quantity: amount(100), limit: amount(99) };
    assert_eq!(refused(&mut price.clone(), |world| world.keep(command)), VaultError::PriceAboveLimit);
}

/// A survivor that owes and has its collateral sold pays with what that brought in, whoever comes in the end.
#[test]
fn a_survivor_pays_what_it_owes_from_what_its_collateral_brought_in() {
    let mut world = full();
    world.post(world.address(Party::B), 0, 1_000).expect("accepted");
    world.value(1_300, [0, 0]);
    world.approve(Party::B, SUCCESSORS[2]).expect("accepted");
    world.declare_default(world.address(Party::A), Party::A).expect("accepted");
    let message = world.determination(Party::A, -300);
    world.determine_as(world.address(Party::B), &message, &SIGNERS).expect("B's collateral is for sale");
    world.keep(Command::BuyCollateral { index: 0, quantity: amount(200), limit: amount(200) }).expect("accepted");
    world.bid(SUCCESSORS[2], -300).expect("accepted");
    world.now += 1_801;
    world.resolve().expect("replaced");
    assert_eq!((world.vault.state.phase, world.address(Party::A)), (Phase::Active, successor(SUCCESSORS[2])));
    assert_eq!((world.margins(), world.vault.state.deficit.b), ([200, 0], amount(100)));
}
