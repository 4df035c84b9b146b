//! A successor takes the defaulter's place; the survivor's side never changes.

use crate::{
    common::{
        amount, full_terms, plain_terms, schedule, signed, Real, TestCrypto, ASSET, ENTITY, KEEPER, RULES, SIGNERS,
        SUCCESSORS, VAULT,
    },
    fixtures::{full, guards, refused, replaceable, successor, Pair},
};
use ringfence_protocol::{
    units::Amount,
    vault::{Command, Phase, VaultError, MAX_SUCCESSORS},
    Address, Digest, Party,
};

const FIRST: u8 = SUCCESSORS[0];
const SECOND: u8 = SUCCESSORS[1];
const THIRD: u8 = SUCCESSORS[2];

fn approve(successor: Address) -> Command<'static> {
    Command::ApproveSuccessor { successor }
}

/// A bid of 0 by the first successor stands: it posted the requirement of 400 and the unpaid 200.
fn bidden() -> Pair {
    let mut world = replaceable();
    world.bid(FIRST, 0).expect("accepted");
    assert_eq!((world.vault.standing.escrow, world.balance()), (amount(600), 2_600));
    world
}

fn accept_bid(world: &mut Pair) -> Result<(), VaultError> {
    world.run(world.address(Party::A), Command::AcceptBid)
}

guards! {
    NotAParty: only_parties_approve_and_revoke {
        let error = refused(&mut full(), |world| world.run(ENTITY, approve(KEEPER)));
        assert_eq!(error, VaultError::NotAParty);
        refused(&mut full(), |world| world.run(KEEPER, Command::RevokeSuccessor { successor: KEEPER }))
    }
    SuccessorInvalid: no_other_role_takes_a_side {
        let parties = Party::BOTH.map(|party| full().address(party));
        let roles = [ASSET, ENTITY, RULES, VAULT, Address::zero(), parties[0], parties[1]];
        for role in roles {
            let error = refused(&mut full(), |world| world.run(world.address(Party::A), approve(role)));
            assert_eq!(error, VaultError::SuccessorInvalid);
        }
        refused(&mut full(), |world| world.run(world.address(Party::A), approve(VAULT)))
    }
    SuccessorInvalid: a_party_by_now_does_not_take_the_other_side_too {
        // Each side accepts C in the other's place; C takes B's side, then A defaults.
        let mut world = replaceable();
        world.bid(FIRST, 0).expect("accepted");
        world.determine(&world.determination(Party::B, 200), &SIGNERS).expect("accepted");
        accept_bid(&mut world).expect("accepted");
        world.value(1_200, [0, 0]);
        world.vault.successors.accepted_by.b.push(successor(FIRST));
        world.declare_default(world.address(Party::A), Party::A).expect("accepted");
        refused(&mut world, |world| world.bid(FIRST, 0))
    }
    SuccessorKnown: a_successor_is_accepted_once {
        refused(&mut replaceable(), |world| world.approve(Party::A, FIRST))
    }
    SuccessorLimitReached: a_list_is_bounded {
        let mut world = full();
        for index in 0..MAX_SUCCESSORS {
            let successor = Address::from_low_u64_be(1 + u64::try_from(index).expect("small"));
            world.run(world.address(Party::A), approve(successor)).expect("within the bound");
        }
        world.clone().approve(Party::B, FIRST).expect("each side has its own list");
        refused(&mut world, |world| world.approve(Party::A, FIRST))
    }
    SuccessorUnknown: a_list_ends_where_it_ends {
        refused(&mut replaceable(), |world| {
            world.run(world.address(Party::A), Command::RevokeSuccessor { successor: successor(THIRD) })
        })
    }
    SuccessorUnknown: nobody_gets_a_counterparty_it_did_not_choose {
        let mut world = replaceable();
        world.approve(Party::B, THIRD).expect("the defaulter's choice is not the survivor's");
        refused(&mut world, |world| world.bid(THIRD, 0))
    }
    SuccessorUnknown: a_revoked_successor_does_not_bid {
        let mut world = replaceable();
        world.run(world.address(Party::A), Command::RevokeSuccessor { successor: successor(FIRST) }).expect("accepted");
        world.clone().bid(SECOND, 0).expect("the other one does");
        refused(&mut world, |world| world.bid(FIRST, 0))
    }
    NotDefaulted: no_bid_without_a_default {
        let mut world = full();
        world.approve(Party::A, FIRST).expect("standing");
        refused(&mut world, |world| world.bid(FIRST, 0))
    }
    NotDefaulted: no_bid_to_accept_without_a_default { refused(&mut full(), accept_bid) }
    AmountOutOfBounds: a_price_is_bounded { refused(&mut replaceable(), |world| world.bid(FIRST, i128::MIN)) }
    TermsMismatch: a_successor_names_the_terms_it_takes_over {
        refused(&mut replaceable(), |world| {
            let terms_hash = Digest::repeat_byte(1);
            world.run(successor(FIRST), Command::BidForSide { price: signed(0), terms_hash })
        })
    }
    TermsMismatch: a_successor_does_not_bid_with_anothers_terms {
        refused(&mut replaceable(), |world| {
            let terms_hash = world.novated(Party::B, successor(SECOND));
            world.run(successor(FIRST), Command::BidForSide { price: signed(0), terms_hash })
        })
    }
    ReplacementWindowClosed: successors_bid_within_the_window {
        let mut world = replaceable();
        world.now += 1_800;
        world.clone().bid(FIRST, 0).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.bid(FIRST, 0))
    }
    ReplacementWindowClosed: terms_without_a_window_have_no_replacement {
        let mut terms = full_terms::<Real>();
        terms.periods.replacement = plain_terms::<Real>().periods.replacement;
        let mut world = Pair::running(terms, schedule(), 1_000);
        world.value(0, [0, 0]);
        world.approve(Party::A, FIRST).expect("accepted");
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        refused(&mut world, |world| world.bid(FIRST, 0))
    }
    BidNotBetter: the_lowest_price_wins {
        let mut world = bidden();
        world.clone().bid(SECOND, -1).expect("a unit lower");
        refused(&mut world, |world| world.bid(SECOND, 0))
    }
    BidUnfunded: a_price_is_within_what_the_layers_reach {
        let mut world = full();
        world.add_first_loss(ENTITY, 50, 50).expect("accepted");
        world.register_cover(ENTITY, 1, 70, 100_000, 0).expect("accepted");
        world.approve(Party::A, FIRST).expect("accepted");
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        world.clone().bid(FIRST, 1_000 + 50 + 70).expect("at the bound");
        refused(&mut world, |world| world.bid(FIRST, 1_000 + 50 + 70 + 1))
    }
    ReplacementWindowOpen: a_bid_waits_for_better_ones {
        let mut world = bidden();
        world.determine(&world.determination(Party::B, 200), &SIGNERS).expect("accepted");
        world.now += 1_800;
        let error = refused(&mut world, |world| world.resolve());
        world.now += 1;
        world.resolve().expect("past the bound");
        assert_eq!(world.address(Party::B), successor(FIRST));
        error
    }
    ReplacementWindowOpen: the_default_waits_for_bids {
        refused(&mut replaceable(), |world| world.resolve())
    }
    NotTheSurvivor: only_the_survivor_accepts_early {
        refused(&mut bidden(), |world| world.run(world.address(Party::B), Command::AcceptBid))
    }
    NotAParty: no_stranger_accepts_a_bid { refused(&mut bidden(), |world| world.run(KEEPER, Command::AcceptBid)) }
    NoBid: there_has_to_be_a_bid { refused(&mut replaceable(), accept_bid) }
    CloseOutUndetermined: nothing_is_accepted_before_the_agent_said_what_it_is_worth {
        refused(&mut bidden(), accept_bid)
    }
    BidAboveReserve: survivor_and_successor_cannot_share_what_is_not_theirs {
        let mut world = full();
        world.approve(Party::A, FIRST).expect("accepted");
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        world.bid(FIRST, 301).expect("accepted");
        let mut at = world.clone();
        at.determine(&at.determination(Party::B, 301), &SIGNERS).expect("accepted");
        accept_bid(&mut at).expect("at the bound");
        world.determine(&world.determination(Party::B, 300), &SIGNERS).expect("accepted");
        refused(&mut world, accept_bid)
    }
}

/// The survivor gets what the defaulter owed it and is otherwise untouched.
#[test]
fn the_successor_takes_the_side_and_pays_what_the_defaulter_owed() {
    let mut world = bidden();
    let before = world.vault.clone();
    world.determine(&world.determination(Party::B, 200), &SIGNERS).expect("accepted");
    accept_bid(&mut world).expect("accepted");
    let (state, vault) = (&world.vault.state, &world.vault);
    assert_eq!((state.phase, world.address(Party::B)), (Phase::Active, successor(FIRST)));
    assert_eq!(world.margins(), [2_000 + 200, 400]);
    assert_eq!((state.settled, state.deficit.b, vault.standing.escrow), (signed(1_200), amount(0), amount(0)));
    assert_eq!(
        (state.entitlement, vault.mandate.portfolio_version),
        (before.state.entitlement, before.mandate.portfolio_version)
    );
    assert_ne!(vault.agreement.hash, before.agreement.hash);
    assert_eq!(vault.agreement.hash, world.novated(Party::B, successor(FIRST)));
}

/// A price above the defaulter's margin is its debt; one below zero is paid to it.
#[test]
fn the_price_runs_through_the_defaulters_margin_and_layers_or_goes_to_it() {
    let price = |price: i128| {
        let mut world = full();
        world.value(0, [0, 400]);
        world.add_first_loss(ENTITY, 50, 50).expect("accepted");
        world.register_cover(ENTITY, 1, 70, 100_000, 0).expect("accepted");
        world.bonds_pay = true;
        world.approve(Party::A, FIRST).expect("accepted");
        let former = world.address(Party::B);
        world.declare_default(former, Party::B).expect("accepted");
        world.bid(FIRST, price).expect("accepted");
        world.determine(&world.determination(Party::B, 2_000), &SIGNERS).expect("accepted");
        accept_bid(&mut world).expect("accepted");
        assert_eq!(world.surplus(ASSET), 0);
        assert_eq!(world.margin(Party::A), 1_000);
        let estate = world.vault.estates.0.first().map(|estate| (estate.first_loss.get(), estate.layers[0].paid.get()));
        (world.margin(Party::B), world.credit_of(former, ASSET), world.vault.state.first_loss.get(), estate)
    };
    assert_eq!(price(-30), (400, 1_030, 50, None));
    assert_eq!(price(0), (400, 1_000, 50, None));
    assert_eq!(price(1_000), (1_400, 0, 50, None));
    assert_eq!(price(1_020), (1_420, 0, 30, Some((20, 0))));
    assert_eq!(price(1_120), (1_520, 0, 0, Some((50, 70))));
}

#[test]
fn a_beaten_bid_is_collected_at_once_and_a_standing_one_when_the_pair_closes() {
    let mut world = bidden();
    world.bid(SECOND, -5).expect("accepted");
    world.collect(successor(FIRST), ASSET).expect("beaten");
    assert_eq!(world.vault.standing.escrow, amount(605));
    world.determine(&world.determination(Party::B, -6), &SIGNERS).expect("accepted");
    world.now += 1_801;
    world.resolve().expect("the bid is above the close-out amount");
    assert_eq!(world.vault.state.phase, Phase::Closed { defaulter: Some(Party::B) });
    world.collect(successor(SECOND), ASSET).expect("the pair closed");
    assert_eq!((world.vault.standing.escrow, world.surplus(ASSET)), (amount(0), 0));
}

/// The survivor does not wait for bids that cannot win.
#[test]
fn the_survivor_closes_out_early_when_no_bid_can_win() {
    let mut world = replaceable();
    let message = world.determination(Party::B, 200);
    world.determine_as(world.address(Party::A), &message, &SIGNERS).expect("accepted");
    assert_eq!(world.vault.state.phase, Phase::Closed { defaulter: Some(Party::B) });
}

/// What the oracle signed for the old pair is nothing to the new one, and its time-out starts anew.
#[test]
fn after_a_replacement_the_oracle_has_its_time_again() {
    let mut world = bidden();
    let old = world.instruction(1_200);
    world.determine(&world.determination(Party::B, 200), &SIGNERS).expect("accepted");
    accept_bid(&mut world).expect("accepted");
    assert_eq!(refused(&mut world, |world| world.settle(&old)), VaultError::TermsMismatch);
    world.now += 7_200;
    assert_eq!(refused(&mut world, |world| world.leave(world.address(Party::A))), VaultError::OracleNotTimedOut);
    assert_eq!(world.vault.state.suspended.a, Amount::ZERO);
    assert_eq!(Real::address(FIRST), world.address(Party::B));
}
