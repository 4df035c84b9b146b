//! Premium, against figures computed by hand: Actual/365 Fixed on outstanding principal, per second, rounded down.

use alloy_primitives::U256;
use ringfence_bindings::ITailRiskBond as bond;
use ringfence_devchain::Located;
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, DAY, FIRST_LOSS, INVESTED, LIMIT, MARGIN, PREMIUM, RISK_PERIOD};

/// 300,000 dollars at 12 %: 36,000 a year, 98.630136986… a day; base units.
const TEN_DAYS: [u128; 3] = [986_301_369, 657_534_246, 328_767_123];
/// The same for 30 days.
const ALL: [u128; 3] = [2_958_904_109, 1_972_602_739, 986_301_369];

#[track_caller]
fn assert_accrued(stage: &mut Stage, expected: [u128; 3]) {
    for (index, expected) in expected.into_iter().enumerate() {
        let investor = stage.investor(index);
        assert_eq!(stage.accrued(&investor), expected, "investor {index}");
    }
}

#[test]
fn premium_accrues_per_second_to_the_unit() {
    let mut stage = Stage::insured(1);
    assert_accrued(&mut stage, [0; 3]);
    stage.session.advance(1);
    // 36,000 dollars over 31,536,000 seconds: 1,141.55 base units.
    assert_accrued(&mut stage, [1_141, 761, 380]);
    stage.session.advance(10 * DAY - 1);
    assert_accrued(&mut stage, TEN_DAYS);
}

#[test]
fn premium_stops_at_maturity() {
    let mut stage = Stage::insured(1);
    stage.session.advance(RISK_PERIOD);
    assert_accrued(&mut stage, ALL);
    stage.session.advance(10 * DAY);
    assert_accrued(&mut stage, ALL);
}

#[test]
fn premium_is_taken_once_and_from_escrow() {
    let mut stage = Stage::insured(1);
    let (bond, investor) = (stage.bond(), stage.investor(0));
    stage.assert_refused::<bond::NothingDue>(&investor, bond, bond::collectCall {});
    stage.session.advance(10 * DAY);
    stage.must(&investor, bond, bond::collectCall {});
    assert_eq!(stage.session.usdc(&investor), TEN_DAYS[0]);
    assert_eq!(stage.bond_status().premium, PREMIUM - TEN_DAYS[0]);
    stage.assert_refused::<bond::NothingDue>(&investor, bond, bond::collectCall {});
    let stranger = stage.keeper.clone();
    stage.assert_refused::<bond::NothingDue>(&stranger, bond, bond::collectCall {});
    stage.assert_conserved();
}

/// Accruing often costs at most a unit for each time that something is rounded.
#[test]
fn taking_premium_often_gives_no_more_and_hardly_less_than_taking_it_once() {
    let mut stage = Stage::insured(1);
    let (bond, often) = (stage.bond(), stage.investor(0));
    for _ in 0..10 {
        stage.session.advance(DAY);
        stage.must(&often, bond, bond::collectCall {});
    }
    let taken = stage.session.usdc(&often);
    assert!(taken <= TEN_DAYS[0] && taken + 10 >= TEN_DAYS[0], "{taken}");
    let once = stage.investor(1);
    assert_eq!(stage.accrued(&once), TEN_DAYS[1], "others are not touched");
}

#[test]
fn a_transfer_leaves_what_accrued_with_the_one_who_held_the_notes() {
    let mut stage = Stage::insured(1);
    let (bond, seller, buyer) = (stage.bond(), stage.investor(0), stage.keeper.clone());
    stage.session.advance(10 * DAY);
    let call = bond::transferCall { to: buyer.address(), value: U256::from(INVESTED[0]) };
    stage.must(&seller, bond, call);
    assert_eq!((stage.accrued(&seller), stage.accrued(&buyer)), (TEN_DAYS[0], 0));
    stage.session.advance(10 * DAY);
    assert_eq!((stage.accrued(&seller), stage.accrued(&buyer)), (TEN_DAYS[0], TEN_DAYS[0]));
    stage.must(&seller, bond, bond::collectCall {});
    stage.must(&buyer, bond, bond::collectCall {});
    stage.assert_conserved();
}

/// Half of the principal is lost after ten days: half of the rate from there on, and the sponsor gets back what will never
/// be earned.
#[test]
fn premium_stops_on_what_is_written_down_and_its_rest_goes_to_the_sponsor() {
    let mut stage = Stage::insured(1);
    let start = stage.session.now();
    stage.session.set_time(start + 10 * DAY - 6);
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::A);
    let claim = i128::try_from(MARGIN + FIRST_LOSS + LIMIT / 2).expect("small");
    let message = stage.determination(0, Party::A, claim);
    stage.close_out(0, &message, &[0, 1, 2]);
    assert_accrued(&mut stage, TEN_DAYS);
    // 300,000 dollars at 12 % for 20 of 365 days, rounded down.
    let status = stage.bond_status();
    assert_eq!(status.sponsorDue, 1_972_602_739);
    assert_eq!(status.premium, PREMIUM - 1_972_602_739);
    stage.session.advance(10 * DAY);
    // 986,301,369.863 and half of it.
    assert_accrued(&mut stage, [1_479_452_054, 986_301_369, 493_150_684]);
    assert_eq!(stage.cover_due(0, 0), 0);
    stage.assert_conserved();
}

#[test]
fn escrow_holds_all_premium_of_the_period_and_keeps_less_than_a_unit_for_each_holder() {
    let mut stage = Stage::insured(1);
    let bond = stage.bond();
    stage.session.advance(RISK_PERIOD);
    for index in 0..3 {
        let investor = stage.investor(index);
        stage.must(&investor, bond, bond::collectCall {});
    }
    let left = stage.bond_status().premium;
    assert_eq!(left, PREMIUM - ALL.iter().sum::<u128>());
    assert!(left <= 4, "{left}");
    stage.assert_conserved();
}
