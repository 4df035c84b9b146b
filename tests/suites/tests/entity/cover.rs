//! A series goes on risk only while both parties of its vault are attested to have different owners.

use alloy_primitives::{Address, B256};
use ringfence_bindings::IEntity as entity;
use ringfence_devchain::Located;
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, DAY, FIRST_LOSS, INVESTED, LIMIT, MARGIN, USD};

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

/// The vault is told by anyone, and keeps to its notice: nobody loses cover from one block to the next.
#[test]
fn a_vault_is_told_of_renewed_and_of_revoked_attestations() {
    let mut stage = Stage::insured(1);
    let (admin, keeper, target, vault) = (stage.admin.clone(), stage.keeper.clone(), stage.entity, stage.vault(0));
    let a = stage.pairs[0].a.address();
    let told = |stage: &mut Stage| stage.status(0).entity.attestedUntil;
    let tell = entity::attestOwnersCall { vault };
    stage.assert_refused::<entity::ChildCallFailed>(&keeper, target, tell.clone());
    let unknown = entity::attestOwnersCall { vault: Address::repeat_byte(9) };
    stage.assert_refused::<entity::UnknownVault>(&keeper, target, unknown);

    stage.session.advance(DAY);
    let until = stage.session.now() + 366 * DAY;
    for (party, owner) in [(a, 1), (stage.pairs[0].b.address(), 2)] {
        attest(&mut stage, party, owner, until);
    }
    let report = stage.must(&keeper, target, tell.clone());
    let events = report.events_from::<ringfence_bindings::IMarginVault::OwnersAttested>(vault);
    assert_eq!(events.iter().map(|event| event.until).collect::<Vec<_>>(), [told(&mut stage)]);
    assert_eq!(told(&mut stage), until);

    stage.must(&admin, target, entity::revokeAttestationCall { party: a });
    stage.must(&keeper, target, tell.clone());
    let lapses = stage.session.now() + 7 * DAY;
    let tail = stage.status(0).tail;
    assert_eq!((told(&mut stage), tail.coverLapses, tail.liveCover), (lapses, lapses, LIMIT));
    stage.assert_refused::<entity::ChildCallFailed>(&keeper, target, tell);
    stage.session.set_time(lapses + 1);
    assert_eq!(stage.status(0).tail.liveCover, 0);
}

/// A portfolio that was agreed a moment before the default is covered as far as the one before it was.
#[test]
fn a_bond_pays_only_for_what_had_been_at_risk_for_its_waiting_period() {
    const WAITING: u64 = 2 * 3_600;
    let mut stage = Stage::open(1);
    let mut terms = stage.series_terms(stage.pairs[0].vault, stage.entity);
    terms.risk.waiting = WAITING;
    stage.issue(terms);
    stage.bid(0, LIMIT);
    stage.put_on_risk();
    assert_eq!(stage.status(0).tail.liveCover, 0, "in its waiting period");
    stage.session.advance(WAITING);
    assert_eq!(stage.status(0).tail.liveCover, LIMIT);
    let tail = FIRST_LOSS + 40_000 * USD;
    stage.mark(0, Mark { tail, ..Mark::default() });

    let version = stage.read(stage.vault(0), ringfence_bindings::IMarginVault::mandateCall {}).portfolioVersion + 1;
    let root = ringfence_protocol::Digest::repeat_byte(0x5a);
    let agreement = stage.agreement(0, version, root);
    stage.submit_agreement(0, &agreement);
    stage.pairs[0].portfolio_root = root;
    let loss = i128::try_from(MARGIN + FIRST_LOSS + LIMIT).expect("small");
    let pays = |stage: &mut Stage, expected: u128| {
        stage.mark(0, Mark { tail, ..Mark::default() });
        stage.give_up(0, Party::A);
        let claimable =
            stage.read(stage.vault(0), ringfence_bindings::IMarginVault::claimableCall { bond: stage.bond() });
        let message = stage.determination(0, Party::A, loss);
        stage.close_out(0, &message, &[0, 1, 2]);
        let estate = stage.estate(0, 0).expect("an estate");
        assert_eq!((claimable, estate.layers[0].paid, estate.residual), (expected, expected, LIMIT - expected));
        stage.assert_conserved();
    };
    let here = stage.session.snapshot();
    pays(&mut stage, 40_000 * USD);
    // Nobody knows what a portfolio is worth before it is valued: it does not grow old until then.
    stage.session.restore(&here);
    stage.session.advance(WAITING);
    pays(&mut stage, 40_000 * USD);
    stage.session.restore(&here);
    stage.mark(0, Mark { tail, ..Mark::default() });
    stage.session.advance(WAITING);
    pays(&mut stage, LIMIT);
}
