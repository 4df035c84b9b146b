//! The entity's capital in a vault.

use ringfence_bindings::{
    IEntity::{self as entity, releaseCall},
    IMarginVault as vault,
};
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, FIRST_LOSS, LIMIT, PERIODS, USD};

/// A tail that leaves `SPARE` of the first loss free when the series is on risk.
const SPARE: u128 = 40_000 * USD;

#[test]
fn release_refused_while_the_tail_would_be_uncovered_and_accepted_up_to_it() {
    let mut stage = Stage::insured(1);
    stage.mark(0, Mark { tail: FIRST_LOSS + LIMIT - SPARE, ..Mark::default() });
    let (admin, entity, vault) = (stage.admin.clone(), stage.entity, stage.vault(0));
    let beyond = releaseCall { vault, amount: SPARE + 1 };
    stage.assert_refused::<entity::ChildCallFailed>(&admin, entity, beyond);
    let free = stage.read(entity, entity::capitalCall {})._1;
    stage.must(&admin, entity, releaseCall { vault, amount: SPARE });
    assert_eq!(stage.read(entity, entity::capitalCall {})._1, free + SPARE);
    assert_eq!(stage.status(0).tail.firstLoss, FIRST_LOSS - SPARE);
    stage.assert_conserved();
}

/// The entity reports any refusal of its vault as one error; a vault whose entity is an account shows which.
#[test]
fn release_refused_with_the_vaults_own_errors() {
    let mut stage = Stage::empty();
    let index = stage.add_ward_pair();
    let (ward, vault) = (stage.ward.clone(), stage.vault(index));
    let release = |amount| vault::releaseFirstLossCall { amount };
    // A unit can only be paid to an account that is above the asset's minimum balance.
    stage.mint(&ward, USD);
    stage.assert_refused::<vault::InsufficientFirstLoss>(&ward, vault, release(FIRST_LOSS + 1));
    stage.assert_refused::<vault::ZeroAmount>(&ward, vault, release(0));
    stage.start_pair(index);
    stage.assert_refused::<vault::ValuationStale>(&ward, vault, release(1));
    stage.mark(index, Mark { tail: FIRST_LOSS, ..Mark::default() });
    stage.assert_refused::<vault::TailUncovered>(&ward, vault, release(1));
    stage.mark(index, Mark { tail: FIRST_LOSS - 1, ..Mark::default() });
    stage.must(&ward, vault, release(1));
    stage.session.advance(PERIODS.max_staleness.get() + 1);
    stage.assert_refused::<vault::ValuationStale>(&ward, vault, release(1));
    stage.mark(index, Mark::default());
    stage.give_up(index, Party::A);
    stage.assert_refused::<vault::TailUncovered>(&ward, vault, release(1));
}

#[test]
fn first_loss_refused_without_the_money() {
    let mut stage = Stage::empty();
    let index = stage.add_ward_pair();
    let (ward, vault) = (stage.ward.clone(), stage.vault(index));
    stage.assert_refused::<vault::FundsMissing>(&ward, vault, vault::addFirstLossCall { amount: 1 });
    stage.assert_refused::<vault::FundsMissing>(&ward, vault, vault::addReserveCall { amount: 1 });
    // The parties' margin is no surplus.
    stage.start_pair(index);
    stage.assert_refused::<vault::FundsMissing>(&ward, vault, vault::addFirstLossCall { amount: 1 });
}

#[test]
fn first_loss_refused_after_a_default_and_free_after_the_close() {
    let mut stage = Stage::empty();
    let index = stage.add_ward_pair();
    stage.start_pair(index);
    stage.mark(index, Mark { tail: FIRST_LOSS, ..Mark::default() });
    stage.give_up(index, Party::A);
    let (ward, vault) = (stage.ward.clone(), stage.vault(index));
    stage.send_asset(&ward, vault, USD);
    stage.assert_refused::<vault::NotActive>(&ward, vault, vault::addFirstLossCall { amount: USD });
    let message = stage.determination(index, Party::A, 0);
    stage.close_out(index, &message, &[0, 1]);
    stage.must(&ward, vault, vault::releaseFirstLossCall { amount: FIRST_LOSS });
}

#[test]
fn cover_refused_when_misplaced_doubled_or_too_short() {
    let mut stage = Stage::empty();
    let index = stage.add_ward_pair();
    let (ward, vault) = (stage.ward.clone(), stage.vault(index));
    let now = stage.session.now();
    let ends = now + 100;
    let cover = vault::CoverTerms {
        bond: alloy_primitives::Address::repeat_byte(1),
        attachment: 0,
        limit: 50,
        starts: now,
        ends,
        waiting: 0,
        attestedUntil: ends,
        claimsUntil: ends + 2 * PERIODS.close_out.get() + PERIODS.auction.get(),
    };
    let with = |change: fn(&mut vault::CoverTerms)| {
        let mut cover = cover.clone();
        change(&mut cover);
        vault::registerCoverCall { cover }
    };
    stage.assert_refused::<vault::LayerMisplaced>(&ward, vault, with(|cover| cover.attachment = 1));
    stage.assert_refused::<vault::LayerMisplaced>(&ward, vault, with(|cover| cover.ends = cover.starts));
    stage.assert_refused::<vault::ZeroAmount>(&ward, vault, with(|cover| cover.limit = 0));
    stage.assert_refused::<vault::CoverTooShort>(&ward, vault, with(|cover| cover.claimsUntil -= 1));
    stage.must(&ward, vault, with(|_| ()));
    stage.assert_refused::<vault::LayerDuplicate>(&ward, vault, with(|cover| cover.attachment = 50));
    for layer in 2_u8..=4 {
        let bond = alloy_primitives::Address::repeat_byte(layer);
        let cover = vault::CoverTerms { bond, attachment: 50 * u128::from(layer - 1), ..cover.clone() };
        stage.must(&ward, vault, vault::registerCoverCall { cover });
    }
    let fifth = with(|cover| {
        cover.bond = alloy_primitives::Address::repeat_byte(5);
        cover.attachment = 200;
    });
    stage.assert_refused::<vault::LayerLimitReached>(&ward, vault, fifth);
    assert_eq!(stage.status(index).tail.liveCover, 200);
}
