//! A series goes on risk only while both parties of its vault are attested to have different owners.

use alloy_primitives::{Address, B256};
use ringfence_bindings::IEntity as entity;
use ringfence_devchain::Located;
use ringfence_suites::{Stage, DAY, INVESTED};

/// A cleared series on the first pair.
fn cleared() -> Stage {
    let mut stage = Stage::open(1);
    stage.issue_series();
    stage.bid(0, INVESTED[0]);
    stage.close_book();
    stage
}

fn attest(stage: &mut Stage, party: Address, owner: u8, until: u64) {
    let (admin, target) = (stage.admin.clone(), stage.entity);
    stage.must(&admin, target, entity::attestOwnerCall { party, owner: B256::repeat_byte(owner), until });
}

#[test]
fn activation_refused_when_a_party_is_not_attested_or_no_longer() {
    let mut stage = cleared();
    let (admin, keeper, target, bond) = (stage.admin.clone(), stage.keeper.clone(), stage.entity, stage.bond());
    let (a, b) = (stage.pairs[0].a.address(), stage.pairs[0].b.address());
    let activate = entity::activateSeriesCall { bond };
    stage.must(&admin, target, entity::revokeAttestationCall { party: a });
    stage.assert_refused::<entity::NotAttested>(&keeper, target, activate.clone());
    let until = stage.session.now() + 600;
    attest(&mut stage, a, 1, until);
    let shown = stage.read(target, entity::differentOwnersCall { a, b });
    assert_eq!((shown._0, shown._1), (true, until));
    stage.session.set_time(until + 1);
    stage.assert_refused::<entity::NotAttested>(&keeper, target, activate);
    let shown = stage.read(target, entity::differentOwnersCall { a, b });
    assert_eq!((shown._0, shown._1), (false, 0));
}

#[test]
fn activation_refused_between_parties_of_one_owner_and_goes_through_between_those_of_two() {
    let mut stage = cleared();
    let (keeper, target, bond) = (stage.keeper.clone(), stage.entity, stage.bond());
    let (a, b) = (stage.pairs[0].a.address(), stage.pairs[0].b.address());
    let until = stage.session.now() + DAY;
    attest(&mut stage, a, 1, until);
    attest(&mut stage, b, 1, until);
    stage.assert_refused::<entity::SameOwner>(&keeper, target, entity::activateSeriesCall { bond });
    attest(&mut stage, b, 2, until);
    stage.activate_series();
    assert_eq!(stage.bond_status().principal, INVESTED[0]);
    assert_eq!(stage.status(0).tail.liveCover, INVESTED[0]);
}

#[test]
fn activation_refused_in_a_pause_and_in_a_resolution_and_every_bid_comes_back() {
    let mut stage = cleared();
    let (admin, keeper, target, bond) = (stage.admin.clone(), stage.keeper.clone(), stage.entity, stage.bond());
    let activate = entity::activateSeriesCall { bond };
    let here = stage.session.snapshot();
    stage.must(&admin, target, entity::pauseNewRiskCall { span: 60 });
    stage.assert_refused::<entity::NewRiskStopped>(&keeper, target, activate.clone());
    stage.session.advance(61);
    stage.activate_series();
    stage.session.restore(&here);

    stage.must(&admin, target, entity::declareResolutionCall {});
    stage.assert_refused::<entity::UnderResolution>(&keeper, target, activate);
    stage.session.advance(DAY + 1);
    stage.must(&keeper, bond, ringfence_bindings::ITailRiskBond::expireCall {});
    let investor = stage.investor(0);
    stage.must(&investor, bond, ringfence_bindings::ITailRiskBond::allotCall { slot: 0 });
    let held = stage.session.usdc(&investor);
    if held < INVESTED[0] {
        stage.must(&investor, bond, ringfence_bindings::ITailRiskBond::collectCall {});
    }
    assert_eq!(stage.session.usdc(&investor), INVESTED[0]);
}
