//! Bonds behind a pair: registration, and what they owe after a loss.

use crate::{
    common::{amount, ENTITY, SIGNERS},
    fixtures::{cover_due, guards, refused, running, valued, Pair},
};
use ringfence_protocol::{
    units::Amount,
    vault::{Command, MAX_LAYERS},
    Address, Party,
};

guards! {
    ZeroAmount: a_layer_covers_something {
        refused(&mut running(), |world| world.register_cover(ENTITY, 1, 0, 10, 0))
    }
    AmountOutOfBounds: a_layer_is_bounded {
        let mut world = running();
        let most = Amount::MAX.get();
        world.clone().register_cover(ENTITY, 1, most, 10, 0).expect("at the bound");
        refused(&mut world, |world| world.register_cover(ENTITY, 1, most + 1, 10, 0))
    }
    LayerLimitReached: the_book_is_bounded {
        let mut world = running();
        for index in 0..u8::try_from(MAX_LAYERS).expect("small") {
            world.register_cover(ENTITY, index + 1, 10, 10, u128::from(index) * 10).expect("accepted");
        }
        refused(&mut world, |world| world.register_cover(ENTITY, 9, 10, 10, 40))
    }
    LayerMisplaced: layers_leave_no_gap {
        refused(&mut running(), |world| world.register_cover(ENTITY, 1, 10, 10, 1))
    }
    LayerMisplaced: layers_do_not_overlap {
        let mut world = running();
        world.register_cover(ENTITY, 1, 10, 10, 0).expect("accepted");
        refused(&mut world, |world| world.register_cover(ENTITY, 2, 10, 10, 9))
    }
    LayerMisplaced: a_layer_has_a_term {
        let mut world = running();
        world.clone().register_cover(ENTITY, 1, 10, 1, 0).expect("at the bound");
        refused(&mut world, |world| world.register_cover(ENTITY, 1, 10, 0, 0))
    }
    CoverTooShort: a_bond_takes_claims_until_the_latest_close_out {
        let mut world = running();
        let periods = world.vault.agreement.terms.periods;
        let latest = world.now + 10 + 2 * periods.close_out.get() + periods.auction.get();
        world.clone().register_cover_until(ENTITY, (1, 10, 10), 0, latest).expect("at the bound");
        refused(&mut world, |world| world.register_cover_until(ENTITY, (1, 10, 10), 0, latest - 1))
    }
    LayerDuplicate: a_bond_covers_once {
        let mut world = running();
        world.register_cover(ENTITY, 1, 10, 10, 0).expect("accepted");
        refused(&mut world, |world| world.register_cover(ENTITY, 1, 10, 10, 10))
    }

    NothingDue: no_layer_no_claim {
        let mut world = cover_due();
        world.clone().keep(Command::CollectCover { estate: 0, layer: 0 }).expect("positive control");
        refused(&mut world, |world| world.keep(Command::CollectCover { estate: 0, layer: 1 }))
    }
    NothingDue: a_layer_beyond_the_book_is_none {
        refused(&mut cover_due(), |world| world.keep(Command::CollectCover { estate: 0, layer: MAX_LAYERS }))
    }
    NothingDue: no_layer_no_payment {
        let paid = |layer: usize| Command::CoverPaid { estate: 0, layer, amount: amount(1) };
        cover_due().keep(paid(0)).expect("positive control");
        let beyond = refused(&mut cover_due(), |world| world.keep(paid(MAX_LAYERS)));
        assert_eq!(beyond, ringfence_protocol::vault::VaultError::NothingDue);
        refused(&mut cover_due(), |world| world.keep(paid(1)))
    }
    NothingDue: a_layer_pays_what_is_due_and_no_more {
        let mut world = cover_due();
        world.bonds_pay = true;
        world.keep(Command::CollectCover { estate: 0, layer: 0 }).expect("accepted");
        assert_eq!(world.margin(Party::A), 2_400);
        refused(&mut world, |world| world.keep(Command::CollectCover { estate: 0, layer: 0 }))
    }
    NoEstate: no_default_no_claim {
        let mut world = running();
        world.register_cover(ENTITY, 1, 700, 100_000, 0).expect("accepted");
        refused(&mut world, |world| world.keep(Command::CollectCover { estate: 0, layer: 0 }))
    }
    NoEstate: cover_is_booked_only_after_a_loss {
        let mut world = running();
        world.register_cover(ENTITY, 1, 700, 100_000, 0).expect("accepted");
        refused(&mut world, |world| world.keep(Command::CoverPaid { estate: 0, layer: 0, amount: amount(1) }))
    }
    ArithmeticOverflow: a_bond_cannot_pay_more_than_is_due {
        refused(&mut cover_due(), |world| {
            world.keep(Command::CoverPaid { estate: 0, layer: 0, amount: amount(401) })
        })
    }
}

#[test]
fn cover_that_ended_before_the_default_pays_nothing_and_cover_that_ended_after_it_pays() {
    for (term, due) in [(99, 0), (100, 70)] {
        let mut world = valued();
        world.register_cover(ENTITY, 1, 70, term, 0).expect("accepted");
        world.now += 100;
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        world.now += 1_000;
        world.determine(&world.determination(Party::B, 5_000), &SIGNERS).expect("accepted");
        assert_eq!(world.estate(0).layers[0].due.get(), due);
    }
}

/// A bond that fails to pay holds nobody up: the claim stays due, and anyone tries again.
#[test]
fn a_bond_that_does_not_pay_can_be_asked_again() {
    let mut world = cover_due();
    assert_eq!((world.margin(Party::A), world.estate(0).layers[0].due), (2_000, amount(400)));
    world.keep(Command::CollectCover { estate: 0, layer: 0 }).expect("asked");
    assert_eq!(world.estate(0).layers[0].due, amount(400), "still not paid");
    world.bonds_pay = true;
    world.keep(Command::CollectCover { estate: 0, layer: 0 }).expect("asked");
    assert_eq!((world.margin(Party::A), world.estate(0).layers[0].due), (2_400, Amount::ZERO));
    assert_eq!(world.estate(0).layers[0].paid, amount(400));
}

/// A bond's principal is kept back beyond its term for its own layer and no more: what is due of it, also after a successor
/// has come and the pair runs on, and while a default is open what the layer covered when that began.
#[test]
fn a_vault_says_how_much_it_may_still_claim_of_each_bond() {
    let claimable =
        |world: &Pair| [1, 2, 9].map(|bond| world.vault.claimable(Address::repeat_byte(bond)).expect("in range").get());
    let mut world = cover_due();
    assert_eq!(claimable(&world), [400, 0, 0], "what is due of the only layer");
    world.bonds_pay = true;
    world.keep(Command::CollectCover { estate: 0, layer: 0 }).expect("paid");
    assert_eq!(claimable(&world), [0, 0, 0]);

    let mut world = valued();
    world.register_cover(ENTITY, 1, 300, 100_000, 0).expect("accepted");
    world.register_cover(ENTITY, 2, 700, 500, 300).expect("accepted");
    assert_eq!(claimable(&world), [0, 0, 0], "nobody is in default");
    let mut late = world.clone();
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.now += 1_000;
    assert_eq!(claimable(&world), [300, 700, 0], "the second layer was live when the default began");
    world.determine(&world.determination(Party::B, 1_400), &SIGNERS).expect("accepted");
    assert_eq!(claimable(&world), [300, 100, 0], "1,000 of margin, 300 of the first layer, the rest of the second");

    late.now += 501;
    late.declare_default(late.address(Party::B), Party::B).expect("accepted");
    assert_eq!(claimable(&late), [300, 0, 0], "it was over before the default");
}
