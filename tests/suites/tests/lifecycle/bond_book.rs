//! The book: principal and premium are in escrow before anyone is on risk, and one spread clears it.

use alloy_primitives::{Address, B256, U256};
use ringfence_bindings::{IEntity as entity, ITailRiskBond as bond};
use ringfence_devchain::{Actor, Located};
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{
    bond::SealedBid,
    units::{Amount, Bps},
    Digest,
};
use ringfence_suites::{Stage, CANCEL, DAY, INVESTED, LIMIT, MINIMUM, PERIODS, PREMIUM, RESERVE, SPREAD, TICK, USD};

/// A series with an empty book.
fn issued() -> Stage {
    let mut stage = Stage::open(1);
    stage.issue_series();
    stage
}

/// A series whose bids are sealed for another half hour.
fn sealed() -> Stage {
    let mut stage = Stage::open(1);
    let (vault, entity) = (stage.vault(0), stage.entity);
    let mut terms = stage.series_terms(vault, entity);
    terms.book.revealUntil = terms.book.bidsUntil + 1_800;
    stage.issue(terms);
    stage
}

fn notes(stage: &mut Stage, owner: &Actor) -> u128 {
    let bond = stage.bond();
    stage.read(bond, bond::balanceOfCall { owner: owner.address() }).to::<u128>()
}

#[test]
fn the_premium_at_the_maximum_spread_is_in_escrow_before_the_first_bid() {
    let mut stage = issued();
    let bond = stage.bond();
    assert_eq!(stage.session.usdc(bond), PREMIUM + RESERVE);
    let status = stage.bond_status();
    assert_eq!((status.phase, status.premium, status.reserve, status.principal), (0, PREMIUM, RESERVE, 0));
    stage.assert_conserved();
}

#[test]
fn a_bid_pays_principal_in_and_is_in_the_book() {
    let mut stage = issued();
    let (bond, investor) = (stage.bond(), stage.investor(0));
    stage.fund(&investor, bond, INVESTED[0]);
    let call = bond::bidCall { slot: 3, amount: INVESTED[0], spread: 700 };
    let report = stage.must(&investor, bond, call);
    let placed = bond::BidPlaced { bidder: investor.address(), amount: INVESTED[0], spread: 700 };
    assert_eq!(report.events_from::<bond::BidPlaced>(bond), [placed]);
    assert_eq!(stage.session.usdc(bond), PREMIUM + RESERVE + INVESTED[0]);
    let held = stage.read(bond, bond::bidOfCall { bidder: investor.address(), slot: 3 });
    assert_eq!((held.deposit, held.amount), (INVESTED[0], INVESTED[0]));
    assert_eq!(stage.read(bond, bond::bidsAtCall { tick: 7 }), INVESTED[0]);
    assert_eq!(stage.read(bond, bond::totalSupplyCall {}), U256::ZERO, "notes come with the outcome");
    stage.assert_conserved();
}

#[test]
fn bids_are_refused_off_the_grid_too_small_unpaid_twice_and_late() {
    let mut stage = issued();
    let (bond, investor) = (stage.bond(), stage.investor(0));
    let bid = |amount, spread| bond::bidCall { slot: 0, amount, spread };
    stage.fund(&investor, bond, 2 * LIMIT);
    stage.assert_refused::<bond::SpreadOffGrid>(&investor, bond, bid(USD, TICK + 1));
    stage.assert_refused::<bond::SpreadOffGrid>(&investor, bond, bid(USD, SPREAD + TICK));
    stage.assert_refused::<bond::AmountOutOfBounds>(&investor, bond, bid(USD - 1, SPREAD));
    stage.assert_refused::<bond::AmountOutOfBounds>(&investor, bond, bid(u128::MAX, SPREAD));
    let pauper = stage.keeper.clone();
    stage.assert_refused::<bond::AssetTransferFailed>(&pauper, bond, bid(USD, SPREAD));
    let commit = bond::commitCall { slot: 0, deposit: USD, seal: B256::repeat_byte(1) };
    stage.assert_refused::<bond::BookClosed>(&investor, bond, commit);
    let here = stage.session.snapshot();
    let end = stage.series.as_ref().expect("issued").terms.book.bidsUntil;
    stage.session.set_time(end + 1);
    stage.assert_refused::<bond::BookClosed>(&investor, bond, bid(USD, SPREAD));
    stage.session.restore(&here);
    stage.session.set_time(end);
    stage.must(&investor, bond, bid(LIMIT, SPREAD));
    stage.assert_refused::<bond::SlotTaken>(&investor, bond, bid(USD, SPREAD));
}

#[test]
fn no_bid_before_the_premium_is_funded() {
    let mut stage = Stage::empty();
    let bond = stage.add_ward_bond().address();
    let (ward, keeper) = (stage.ward.clone(), stage.keeper.clone());
    stage.fund(&keeper, bond, USD);
    let bid = bond::bidCall { slot: 0, amount: USD, spread: SPREAD };
    stage.assert_refused::<bond::PremiumNotFunded>(&keeper, bond, bid.clone());
    stage.send_asset(&ward, bond, PREMIUM + RESERVE - 1);
    let fund = bond::fundPremiumCall { reserve: RESERVE };
    stage.assert_refused::<bond::FundsMissing>(&ward, bond, fund.clone());
    stage.send_asset(&ward, bond, RESERVE);
    stage.must(&ward, bond, fund.clone());
    stage.assert_refused::<bond::PremiumAlreadyFunded>(&ward, bond, fund);
    stage.must(&keeper, bond, bid);
}

#[test]
fn a_bid_is_cancelled_until_the_cut_off() {
    let mut stage = issued();
    let (bond, first, second) = (stage.bond(), stage.investor(0), stage.investor(1));
    stage.bid(0, INVESTED[0]);
    stage.bid(1, INVESTED[1]);
    let issue = stage.series.as_ref().expect("issued").terms.book.cancelUntil - CANCEL;
    stage.session.set_time(issue + CANCEL);
    stage.must(&first, bond, bond::cancelCall { slot: 0 });
    assert_eq!(stage.session.usdc(&first), INVESTED[0]);
    assert_eq!(stage.read(bond, bond::bidsAtCall { tick: SPREAD / TICK }), INVESTED[1]);
    stage.assert_refused::<bond::NoBid>(&first, bond, bond::cancelCall { slot: 0 });
    stage.session.advance(1);
    stage.assert_refused::<bond::CancelOver>(&second, bond, bond::cancelCall { slot: 0 });
    stage.assert_conserved();
}

/// Two bids below 9 %, two at it for what is left, one above: everybody who is filled earns 9 %.
#[test]
fn the_cheapest_bids_fill_the_limit_at_one_spread_pro_rata_at_the_margin() {
    let mut stage = issued();
    let bond = stage.bond();
    stage.bid_at(0, 0, 200_000 * USD, 500);
    stage.bid_at(1, 0, 100_000 * USD, 800);
    stage.bid_at(0, 1, 300_000 * USD, 900);
    stage.bid_at(2, 0, 100_000 * USD, 900);
    stage.bid_at(1, 1, 400_000 * USD, 1_000);
    stage.close_book();
    let status = stage.bond_status();
    assert_eq!((status.phase, status.spread, status.face), (3, 900, LIMIT));
    stage.activate_series();
    // 9 % of 600,000 for 30 of 365 days, and what 12 % would have been on top.
    let needed = 4_438_356_165;
    let status = stage.bond_status();
    assert_eq!((status.phase, status.premium, status.sponsorDue), (1, needed, PREMIUM - needed));

    for (index, slot) in [(2, 0), (0, 1), (0, 0), (1, 1), (1, 0)] {
        let investor = stage.investor(index);
        stage.must(&investor, bond, bond::allotCall { slot });
        stage.assert_refused::<bond::NoBid>(&investor, bond, bond::allotCall { slot });
    }
    let (first, second, third) = (stage.investor(0), stage.investor(1), stage.investor(2));
    // 300,000 are left at the margin for bids of 400,000.
    assert_eq!(notes(&mut stage, &first), 425_000 * USD);
    assert_eq!(notes(&mut stage, &second), 100_000 * USD);
    assert_eq!(notes(&mut stage, &third), 75_000 * USD);
    assert_eq!(stage.session.usdc(&first), 75_000 * USD);
    assert_eq!(stage.session.usdc(&second), 400_000 * USD);
    assert_eq!(stage.session.usdc(&third), 25_000 * USD);
    assert_eq!(stage.session.usdc(bond), PREMIUM + RESERVE + LIMIT);
    stage.assert_conserved();
}

#[test]
fn clearing_is_refused_before_the_end_and_can_be_spread_over_calls_by_anyone() {
    let mut stage = issued();
    let (bond, keeper) = (stage.bond(), stage.keeper.clone());
    stage.bid(0, MINIMUM);
    let clear = |ticks| bond::clearCall { ticks };
    let end = stage.series.as_ref().expect("issued").terms.book.revealUntil;
    stage.session.set_time(end);
    stage.assert_refused::<bond::BookOpen>(&keeper, bond, clear(5));
    stage.session.advance(1);
    stage.assert_refused::<bond::AmountOutOfBounds>(&keeper, bond, clear(0));
    for _ in 0..2 {
        stage.must(&keeper, bond, clear(5));
        assert_eq!(stage.bond_status().phase, 0);
    }
    let report = stage.must(&keeper, bond, clear(5));
    let cleared = bond::Cleared { spread: SPREAD, face: MINIMUM };
    assert_eq!(report.events_from::<bond::Cleared>(bond), [cleared]);
    stage.assert_refused::<bond::BookCleared>(&keeper, bond, clear(5));
}

#[test]
fn a_series_goes_on_risk_once_cleared_and_only_once() {
    let mut stage = issued();
    let (keeper, entity, bond) = (stage.keeper.clone(), stage.entity, stage.bond());
    stage.bid(0, INVESTED[0]);
    let activate = entity::activateSeriesCall { bond };
    stage.assert_refused::<entity::ChildCallFailed>(&keeper, entity, activate.clone());
    stage.close_book();
    stage.must(&keeper, entity, activate.clone());
    let status = stage.bond_status();
    assert_eq!((status.phase, status.principal), (1, INVESTED[0]));
    assert_eq!(stage.status(0).tail.liveCover, INVESTED[0]);
    stage.assert_refused::<entity::ChildCallFailed>(&keeper, entity, activate);
}

/// Half of the limit: half of the premium is needed, rounded up, and the rest goes back.
#[test]
fn premium_that_the_taken_principal_does_not_need_goes_back_to_the_sponsor() {
    let mut stage = issued();
    let (keeper, entity, bond) = (stage.keeper.clone(), stage.entity, stage.bond());
    stage.bid(0, INVESTED[0]);
    stage.put_on_risk();
    // 300,000 dollars at 12 % for 30 of 365 days.
    let needed = 2_958_904_110;
    let status = stage.bond_status();
    assert_eq!((status.premium, status.sponsorDue), (needed, PREMIUM - needed));
    let free = stage.read(entity, entity::capitalCall {})._1;
    stage.must(&keeper, entity, entity::collectPremiumCall { bond });
    assert_eq!(stage.read(entity, entity::capitalCall {})._1, free + PREMIUM - needed);
    stage.assert_refused::<entity::ChildCallFailed>(&keeper, entity, entity::collectPremiumCall { bond });
    stage.assert_conserved();
}

#[test]
fn a_series_below_its_minimum_fails_and_refunds_everybody_in_full() {
    let mut stage = issued();
    let (keeper, entity, bond, investor) = (stage.keeper.clone(), stage.entity, stage.bond(), stage.investor(0));
    stage.bid(0, MINIMUM - 1);
    stage.assert_refused::<bond::BookOpen>(&investor, bond, bond::allotCall { slot: 0 });
    stage.close_book();
    assert_eq!(stage.bond_status().phase, 2);
    stage.assert_refused::<entity::ChildCallFailed>(&keeper, entity, entity::activateSeriesCall { bond });
    assert_eq!(stage.status(0).tail.liveCover, 0, "a failed series covers nothing");
    stage.must(&investor, bond, bond::allotCall { slot: 0 });
    assert_eq!(stage.session.usdc(&investor), MINIMUM - 1);
    stage.must(&keeper, entity, entity::collectPremiumCall { bond });
    assert_eq!(stage.session.usdc(bond), RESERVE);
    stage.assert_conserved();
}

#[test]
fn a_series_that_nobody_put_on_risk_is_expired_by_anyone_after_the_grace() {
    let mut stage = issued();
    let (keeper, bond) = (stage.keeper.clone(), stage.bond());
    stage.bid(0, INVESTED[0]);
    stage.close_book();
    let end = stage.series.as_ref().expect("issued").terms.book.revealUntil;
    stage.session.set_time(end + DAY);
    stage.assert_refused::<bond::GraceRunning>(&keeper, bond, bond::expireCall {});
    stage.session.advance(1);
    stage.must(&keeper, bond, bond::expireCall {});
    assert_eq!(stage.bond_status().phase, 2);
    let investor = stage.investor(0);
    stage.must(&investor, bond, bond::allotCall { slot: 0 });
    assert_eq!(stage.session.usdc(&investor), INVESTED[0]);
    stage.assert_refused::<bond::BookCleared>(&keeper, bond, bond::expireCall {});
}

/// The blob's seal is the protocol's: the hash of series, bidder, amount, spread and salt.
#[test]
fn sealed_bids_are_revealed_and_an_unrevealed_one_forfeits_its_part() {
    let mut stage = sealed();
    let (bond, honest, silent) = (stage.bond(), stage.investor(0), stage.investor(1));
    let opened = SealedBid { amount: Amount::new(LIMIT), spread: Bps::new(400), salt: Digest::repeat_byte(0x5a) };
    let series = ringfence_devchain::h160_of(bond);
    let seal = |who: &Actor| B256::from(opened.seal::<Keccak>(series, who.h160()).0);
    stage.fund(&honest, bond, LIMIT + USD);
    let commit = |who: &Actor, deposit| bond::commitCall { slot: 0, deposit, seal: seal(who) };
    stage.must(&honest, bond, commit(&honest, LIMIT + USD));
    stage.fund(&silent, bond, 100 * USD);
    stage.must(&silent, bond, commit(&silent, 100 * USD));

    let reveal = bond::revealCall { slot: 0, amount: LIMIT, spread: 400, salt: B256::repeat_byte(0x5a) };
    stage.assert_refused::<bond::NotRevealing>(&honest, bond, reveal.clone());
    let ends = stage.series.as_ref().expect("issued").terms.book.clone();
    stage.session.set_time(ends.bidsUntil + 1);
    let other = bond::revealCall { amount: LIMIT - 1, ..reveal.clone() };
    stage.assert_refused::<bond::SealMismatch>(&honest, bond, other);
    let stranger = stage.investor(2);
    stage.assert_refused::<bond::NoBid>(&stranger, bond, reveal.clone());
    stage.must(&honest, bond, reveal.clone());
    stage.assert_refused::<bond::NoBid>(&honest, bond, reveal.clone());

    stage.close_book();
    stage.assert_refused::<bond::NotRevealing>(&silent, bond, reveal);
    stage.activate_series();
    let due = stage.bond_status().sponsorDue;
    for investor in [&silent, &honest] {
        stage.must(investor, bond, bond::allotCall { slot: 0 });
    }
    assert_eq!((notes(&mut stage, &honest), stage.session.usdc(&honest)), (LIMIT, USD));
    assert_eq!((notes(&mut stage, &silent), stage.session.usdc(&silent)), (0, 95 * USD));
    assert_eq!(stage.bond_status().sponsorDue, due + 5 * USD, "the forfeit is the sponsor's");
    stage.assert_conserved();
}

#[test]
fn a_frozen_bidder_does_not_hold_up_the_others() {
    let mut stage = issued();
    let (bond, frozen, other) = (stage.bond(), stage.investor(0), stage.investor(1));
    stage.bid(0, LIMIT);
    stage.bid(1, LIMIT);
    stage.mint(&frozen, USD);
    stage.session.block(ringfence_devchain::USDC, &frozen).expect("it holds the asset");
    stage.close_book();
    stage.activate_series();
    stage.assert_refused::<bond::AssetTransferFailed>(&frozen, bond, bond::allotCall { slot: 0 });
    stage.must(&other, bond, bond::allotCall { slot: 0 });
    assert_eq!((notes(&mut stage, &other), stage.session.usdc(&other)), (LIMIT / 2, LIMIT / 2));
}

#[test]
fn terms_of_a_series_for_another_sponsor_or_asset_are_refused() {
    let mut stage = Stage::open(1);
    let (admin, entity, vault) = (stage.admin.clone(), stage.entity, stage.vault(0));
    let terms = stage.series_terms(vault, entity);
    let foreign = [
        bond::SeriesTerms { sponsor: admin.address(), ..terms.clone() },
        bond::SeriesTerms { asset: ringfence_devchain::USDT.address(), ..terms.clone() },
    ];
    for terms in foreign {
        stage.assert_refused::<entity::TermsMismatch>(&admin, entity, entity::issueSeriesCall { terms });
    }
}

#[test]
fn terms_of_a_series_out_of_bounds_are_refused() {
    let mut stage = Stage::open(1);
    let (admin, entity, vault) = (stage.admin.clone(), stage.entity, stage.vault(0));
    let terms = stage.series_terms(vault, entity);
    let (book, risk) = (terms.book.clone(), terms.risk.clone());
    let wrong = [
        bond::SeriesTerms { limit: 0, ..terms.clone() },
        bond::SeriesTerms { minimum: LIMIT + 1, ..terms.clone() },
        bond::SeriesTerms { book: bond::BookTerms { maxSpread: 10_100, ..book.clone() }, ..terms.clone() },
        bond::SeriesTerms { book: bond::BookTerms { tick: 7, ..book.clone() }, ..terms.clone() },
        bond::SeriesTerms { book: bond::BookTerms { cancelUntil: stage.session.now(), ..book }, ..terms.clone() },
        bond::SeriesTerms { risk: bond::RiskTerms { riskPeriod: 3_599, ..risk.clone() }, ..terms.clone() },
        bond::SeriesTerms { risk: bond::RiskTerms { notice: 0, ..risk }, ..terms.clone() },
    ];
    for terms in wrong {
        stage.assert_refused::<entity::SeriesNotIssued>(&admin, entity, entity::issueSeriesCall { terms });
    }
    stage.must(&admin, entity, entity::issueSeriesCall { terms: terms.clone() });
    stage.assert_refused::<entity::SeriesNotIssued>(&admin, entity, entity::issueSeriesCall { terms });
}

/// The vault counts on cover until the latest close-out of a default in its risk period, so the bond must pay until then.
#[test]
fn a_series_whose_extension_is_shorter_than_the_close_out_never_goes_on_risk() {
    let mut stage = Stage::open(1);
    let (keeper, entity, vault) = (stage.keeper.clone(), stage.entity, stage.vault(0));
    let mut terms = stage.series_terms(vault, entity);
    terms.risk.notice = 3_600;
    terms.risk.extension = PERIODS.close_out.get();
    stage.issue(terms);
    stage.bid(0, LIMIT);
    stage.close_book();
    let (bond, investor) = (stage.bond(), stage.investor(0));
    stage.assert_refused::<entity::ChildCallFailed>(&keeper, entity, entity::activateSeriesCall { bond });
    stage.session.advance(DAY);
    stage.must(&keeper, bond, bond::expireCall {});
    stage.must(&investor, bond, bond::allotCall { slot: 0 });
    assert_eq!(stage.session.usdc(&investor), LIMIT);
}

/// Only those on the list bid and receive notes; the tree is the standard one of two leaves.
#[test]
fn an_allow_list_is_proved_once_and_holds_for_bids_and_transfers() {
    let mut stage = Stage::open(1);
    let (vault, entity, keeper) = (stage.vault(0), stage.entity, stage.keeper.clone());
    let [first, second, third] = [1, 2, 3].map(|number| stage.session.eth_actor(&format!("investor {number}")));
    let (mine, other) = (leaf(first.address()), leaf(second.address()));
    let root = alloy_primitives::keccak256([mine.min(other).0, mine.max(other).0].concat());
    let terms = bond::SeriesTerms { allowList: root, ..stage.series_terms(vault, entity) };
    stage.issue(terms);
    let bond = stage.bond();
    stage.fund(&first, bond, LIMIT);
    let bid = bond::bidCall { slot: 0, amount: LIMIT, spread: SPREAD };
    stage.assert_refused::<bond::NotAdmitted>(&first, bond, bid.clone());
    let admit = |account: &Actor, proof: B256| bond::admitCall { account: account.address(), proof: vec![proof] };
    stage.assert_refused::<bond::ProofInvalid>(&keeper, bond, admit(&third, other));
    stage.must(&keeper, bond, admit(&first, other));
    stage.must(&keeper, bond, admit(&second, mine));
    stage.must(&first, bond, bid);
    stage.put_on_risk();
    let to = |who: &Actor| bond::transferCall { to: who.address(), value: U256::from(USD) };
    stage.assert_refused::<bond::NotAdmitted>(&first, bond, to(&third));
    stage.must(&first, bond, to(&second));
}

fn leaf(account: Address) -> B256 {
    alloy_primitives::keccak256(alloy_primitives::keccak256(account.into_word()))
}
