//! Replacement: a successor takes the defaulter's side, and the survivor's stays as it is to the unit.

use crate::{phase, signed};
use alloy_primitives::{Address, B256};
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Actor, Located, USDC};
use ringfence_protocol::{message::MutualTermination, vault::MAX_SUCCESSORS, Party};
use ringfence_suites::{Mark, Stage, FIRST_LOSS, FULL_PERIODS, MARGIN, USD};

/// A owes B and has paid; both sides have a requirement.
const LIVE: Mark = Mark { x: -50_000_000_000, margin_a: 300_000 * USD, margin_b: 200_000 * USD, tail: 0 };
const MOVED: u128 = 50_000 * USD;
/// What the successor's side has to hold.
const POSTED: u128 = 300_000 * USD;

/// Two pairs; A of the first is in default, and B accepts two successors.
fn defaulted() -> (Stage, Actor, Actor) {
    let mut stage = Stage::full(2);
    stage.mark(0, LIVE);
    let [first, second] = ["successor 1", "successor 2"].map(|name| stage.session.eth_actor(name));
    stage.approve(0, Party::B, &first);
    stage.give_up(0, Party::A);
    stage.approve(0, Party::B, &second);
    (stage, first, second)
}

fn determine(stage: &mut Stage, amount: i128) {
    let message = stage.determination(0, Party::A, amount);
    stage.close_out(0, &message, &[0, 1, 2]);
}

/// What a replacement must leave alone: the survivor's money, what it is owed, its portfolio, and every other pair.
#[derive(Debug, PartialEq)]
struct Survivor {
    margin: u128,
    settled: i128,
    entitlement: i128,
    mandate: vault::MandateStatus,
    other_pair: B256,
    balance: u128,
}

fn survivor(stage: &mut Stage) -> Survivor {
    let status = stage.status(0);
    let (vault, other, b) = (stage.vault(0), stage.vault(1), stage.pairs[0].b.clone());
    Survivor {
        margin: status.sides[1].margin,
        settled: status.valuation.settledToA,
        entitlement: status.valuation.entitlementA,
        mandate: stage.read(vault, vault::mandateCall {}),
        other_pair: stage.session.state_fingerprint(other),
        balance: stage.session.usdc(&b),
    }
}

#[track_caller]
fn assert_replaced(stage: &mut Stage, before: &Survivor, by: &Actor, price: i128) {
    let former = stage.pairs[0].a.clone();
    stage.succeed(0, Party::A, by);
    assert_eq!(&survivor(stage), before);
    let (status, vault) = (stage.status(0), stage.vault(0));
    assert_eq!(status.phase, phase::ACTIVE);
    let hash = stage.pairs[0].terms_hash;
    assert_eq!(stage.read(vault, vault::termsHashCall {}).0, hash.0, "the terms with the successor");
    assert_eq!(stage.read(vault, vault::termsCall {}).partyA, by.address());
    assert_eq!(status.sides[0].margin, POSTED + price.max(0).unsigned_abs());
    let left = (signed(MARGIN - MOVED) - price).unsigned_abs();
    assert_eq!(stage.collectable(0, &former), left, "the defaulter's rest is its own");
    stage.assert_conserved();

    // The pair runs on under the new terms: the survivor's gain is still there and grows.
    stage.mark(0, Mark { x: LIVE.x - 1_000_000_000, ..LIVE });
    assert_eq!(stage.side(0, Party::B).margin, before.margin + 1_000 * USD);
    let held = stage.session.usdc(&former);
    stage.collect(0, &former, USDC.address());
    assert_eq!(stage.session.usdc(&former), held + left);
    let again = vault::collectCall { asset: USDC.address() };
    stage.assert_refused::<vault::NothingDue>(&former, vault, again);
    stage.assert_conserved();
}

#[test]
fn the_lowest_price_wins_at_the_windows_end_and_the_survivor_is_untouched_to_the_unit() {
    let (mut stage, first, second) = defaulted();
    stage.bid_for_side(0, Party::A, &first, 40_000_000_000);
    stage.bid_for_side(0, Party::A, &second, 30_000_000_000);
    determine(&mut stage, 50_000_000_000);
    let before = survivor(&mut stage);
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    let end = stage.session.now() + FULL_PERIODS.replacement.get();
    let resolve = vault::resolveDefaultCall {};
    stage.assert_refused::<vault::ReplacementWindowOpen>(&keeper, vault, resolve);
    stage.session.set_time(end + 1);
    stage.resolve_default(0);
    assert_replaced(&mut stage, &before, &second, 30_000_000_000);
}

#[test]
fn the_survivor_takes_the_best_bid_early_once_the_amount_is_determined() {
    let (mut stage, first, _) = defaulted();
    let (keeper, pair) = (stage.keeper.clone(), stage.pairs[0].clone());
    let accept = vault::acceptBidCall {};
    stage.assert_refused::<vault::NoBid>(&pair.b, pair.vault, accept.clone());
    stage.bid_for_side(0, Party::A, &first, 40_000_000_000);
    stage.assert_refused::<vault::CloseOutUndetermined>(&pair.b, pair.vault, accept.clone());
    let here = stage.session.snapshot();
    determine(&mut stage, 39_999_999_999);
    stage.assert_refused::<vault::BidAboveReserve>(&pair.b, pair.vault, accept.clone());
    stage.session.restore(&here);
    determine(&mut stage, 40_000_000_000);
    stage.assert_refused::<vault::NotTheSurvivor>(&pair.a, pair.vault, accept.clone());
    stage.assert_refused::<vault::NotAParty>(&keeper, pair.vault, accept.clone());
    let before = survivor(&mut stage);
    stage.must(&pair.b, pair.vault, accept);
    assert_replaced(&mut stage, &before, &first, 40_000_000_000);
}

#[test]
fn a_successor_may_pay_for_the_side_and_the_defaulter_gets_it() {
    let (mut stage, first, _) = defaulted();
    stage.bid_for_side(0, Party::A, &first, -20_000_000_000);
    determine(&mut stage, -10_000_000_000);
    let before = survivor(&mut stage);
    stage.must(&stage.pairs[0].b.clone(), stage.vault(0), vault::acceptBidCall {});
    assert_replaced(&mut stage, &before, &first, -20_000_000_000);
}

#[test]
fn a_bid_that_is_beaten_is_collected_at_once_and_only_once() {
    let (mut stage, first, second) = defaulted();
    stage.bid_for_side(0, Party::A, &first, 40_000_000_000);
    let (vault, held) = (stage.vault(0), stage.session.usdc(&first));
    let collect = vault::collectCall { asset: USDC.address() };
    stage.assert_refused::<vault::NothingDue>(&first, vault, collect.clone());
    stage.bid_for_side(0, Party::A, &second, 39_999_999_999);
    assert_eq!(stage.collectable(0, &first), POSTED);
    stage.must(&first, vault, collect.clone());
    assert_eq!(stage.session.usdc(&first), held + POSTED);
    stage.assert_refused::<vault::NothingDue>(&first, vault, collect);
    stage.assert_conserved();
}

#[test]
fn bid_refused_of_strangers_not_better_unfunded_under_other_terms_and_late() {
    let (mut stage, first, second) = defaulted();
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    for actor in [&keeper, &first, &second] {
        stage.fund(actor, vault, 2 * MARGIN);
    }
    let bid = |stage: &Stage, actor: &Actor, price| stage.bid_call(0, Party::A, actor, price);
    let call = bid(&stage, &keeper, 1);
    stage.assert_refused::<vault::SuccessorUnknown>(&keeper, vault, call);
    let call = bid(&stage, &second, 1);
    stage.assert_refused::<vault::TermsMismatch>(&first, vault, call);
    let all = signed(MARGIN - MOVED + FIRST_LOSS);
    let call = bid(&stage, &first, all + 1);
    stage.assert_refused::<vault::BidUnfunded>(&first, vault, call);
    let call = bid(&stage, &first, i128::MIN);
    stage.assert_refused::<vault::AmountOutOfBounds>(&first, vault, call);
    let call = bid(&stage, &first, all);
    stage.must(&first, vault, call.clone());
    stage.assert_refused::<vault::BidNotBetter>(&first, vault, call);
    let call = bid(&stage, &second, all);
    stage.assert_refused::<vault::BidNotBetter>(&second, vault, call);
    let end = stage.session.now() + FULL_PERIODS.replacement.get();
    stage.session.set_time(end + 1);
    let call = bid(&stage, &second, 1);
    stage.assert_refused::<vault::ReplacementWindowClosed>(&second, vault, call);
}

#[test]
fn bid_refused_without_a_default_or_the_money() {
    let mut stage = Stage::full(1);
    let first = stage.session.eth_actor("successor 1");
    stage.approve(0, Party::B, &first);
    stage.mark(0, LIVE);
    let (vault, call) = (stage.vault(0), stage.bid_call(0, Party::A, &first, 1));
    stage.assert_refused::<vault::NotDefaulted>(&first, vault, call.clone());
    stage.give_up(0, Party::A);
    stage.assert_refused::<vault::AssetTransferFailed>(&first, vault, call);
}

#[test]
fn successors_are_each_sides_own_no_role_of_the_pair_and_at_most_eight() {
    let mut stage = Stage::full(1);
    let pair = stage.pairs[0].clone();
    let approve = |successor| vault::approveSuccessorCall { successor };
    let revoke = |successor| vault::revokeSuccessorCall { successor };
    let keeper = stage.keeper.clone();
    stage.assert_refused::<vault::NotAParty>(&keeper, pair.vault, approve(keeper.address()));
    let roles = [Address::ZERO, pair.a.address(), pair.b.address(), stage.entity, stage.rules, pair.vault];
    for role in roles.into_iter().chain([USDC.address()]) {
        stage.assert_refused::<vault::SuccessorInvalid>(&pair.b, pair.vault, approve(role));
    }
    let candidates: Vec<_> = (1..=9).map(Address::repeat_byte).collect();
    for candidate in &candidates[..MAX_SUCCESSORS] {
        stage.must(&pair.b, pair.vault, approve(*candidate));
    }
    stage.assert_refused::<vault::SuccessorKnown>(&pair.b, pair.vault, approve(candidates[0]));
    stage.assert_refused::<vault::SuccessorLimitReached>(&pair.b, pair.vault, approve(candidates[8]));
    let listed = stage.read(pair.vault, vault::successorsCall { party: pair.b.address() });
    assert_eq!(listed, candidates[..MAX_SUCCESSORS]);
    assert!(stage.read(pair.vault, vault::successorsCall { party: pair.a.address() }).is_empty());
    stage.assert_refused::<vault::SuccessorUnknown>(&pair.a, pair.vault, revoke(candidates[0]));
    stage.must(&pair.b, pair.vault, revoke(candidates[0]));
    stage.assert_refused::<vault::SuccessorUnknown>(&pair.b, pair.vault, revoke(candidates[0]));
}

#[test]
fn with_no_bid_that_pays_the_pair_is_closed_out_and_a_bid_above_the_claim_goes_back() {
    let (mut stage, first, _) = defaulted();
    stage.bid_for_side(0, Party::A, &first, 40_000_000_000);
    determine(&mut stage, 10_000_000_000);
    let end = stage.session.now() + FULL_PERIODS.replacement.get();
    stage.session.set_time(end + 1);
    stage.resolve_default(0);
    let status = stage.status(0);
    assert_eq!(status.phase, phase::CLOSED);
    assert_eq!(status.sides[1].margin, MARGIN + MOVED + 10_000 * USD);
    assert_eq!(stage.collectable(0, &first), POSTED);
    stage.assert_conserved();
}

#[test]
fn a_price_beyond_the_defaulters_margin_is_paid_by_first_loss_and_owed_by_its_estate() {
    let (mut stage, first, _) = defaulted();
    let price = MARGIN - MOVED + 7;
    stage.bid_for_side(0, Party::A, &first, signed(price));
    determine(&mut stage, signed(price));
    let (former, b, vault) = (stage.pairs[0].a.clone(), stage.pairs[0].b.clone(), stage.vault(0));
    let margin = stage.side(0, Party::B).margin;
    stage.must(&b, vault, vault::acceptBidCall {});
    assert_eq!(stage.side(0, Party::B).margin, margin);
    assert_eq!(stage.side(0, Party::A).margin, POSTED + price);
    assert_eq!(stage.status(0).tail.firstLoss, FIRST_LOSS - 7);
    let estate = stage.estate(0, 0).expect("an estate");
    assert_eq!((estate.debtor, estate.creditor), (former.address(), first.address()));
    assert_eq!((estate.residual, estate.firstLoss), (0, 7));
    stage.assert_conserved();
}

#[test]
fn what_a_defaulter_signed_does_not_bind_its_successor() {
    let (mut stage, first, _) = defaulted();
    let old = stage.termination(0, LIVE.x);
    let pair = stage.pairs[0].clone();
    stage.bid_for_side(0, Party::A, &first, 1);
    determine(&mut stage, 1);
    stage.must(&pair.b, pair.vault, vault::acceptBidCall {});
    let call = ringfence_suites::calls::terminate(&old, &pair, pair.digest(&old));
    let keeper = stage.keeper.clone();
    stage.assert_refused::<vault::TermsMismatch>(&keeper, pair.vault, call);
    // The same under the pair's new terms is not what the former party signed.
    let terms_hash = stage.read(pair.vault, vault::termsHashCall {}).0.into();
    let renewed = MutualTermination { terms_hash, ..old };
    let call = ringfence_suites::calls::terminate(&renewed, &pair, pair.digest(&renewed));
    stage.assert_refused::<vault::UnknownSigner>(&keeper, pair.vault, call);
    stage.assert_refused::<vault::NotAParty>(&pair.a, pair.vault, vault::depositCall { amount: 1 });
}
