//! Other signers by the entity's notice, through the entity: a party can be gone before they sign.

use alloy_primitives::Address;
use ringfence_bindings::{IEntity as entity, IMarginVault as vault};
use ringfence_devchain::{Actor, Located};
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, DAY, USD};

fn others(stage: &mut Stage) -> Vec<Actor> {
    let mut keys: Vec<_> = (0..3).map(|number| stage.session.eth_actor(&format!("other agent {number}"))).collect();
    keys.sort_by_key(Located::h160);
    keys
}

fn notice(vault: Address, keys: &[Actor]) -> entity::noticeRotationCall {
    let signers = keys.iter().map(Located::address).collect();
    entity::noticeRotationCall { notice: entity::NoticedRotation { vault, signers, threshold: 2 } }
}

/// Valued, with the admin's notice.
fn noticed() -> (Stage, Vec<Actor>) {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark::default());
    let keys = others(&mut stage);
    let (admin, target) = (stage.admin.clone(), stage.entity);
    let call = notice(stage.vault(0), &keys);
    stage.must(&admin, target, call);
    (stage, keys)
}

#[test]
fn notice_refused_from_everyone_but_who_speaks_for_the_entity() {
    let (mut stage, keys) = noticed();
    let (target, vault) = (stage.entity, stage.vault(0));
    for actor in [stage.keeper.clone(), stage.pairs[0].a.clone(), stage.agents[0].clone()] {
        stage.assert_refused::<entity::NotTheAdmin>(&actor, target, notice(vault, &keys));
        stage.assert_refused::<entity::NotTheAdmin>(&actor, target, entity::withdrawRotationCall { vault });
    }
    let admin = stage.admin.clone();
    stage.assert_refused::<entity::UnknownVault>(&admin, target, notice(Address::repeat_byte(9), &keys));
    // The vault looks at the set itself.
    stage.assert_refused::<entity::ChildCallFailed>(&admin, target, notice(vault, &keys[..1]));
    let mut turned = keys.clone();
    turned.reverse();
    stage.assert_refused::<entity::ChildCallFailed>(&admin, target, notice(vault, &turned));
    stage.must(&admin, target, notice(vault, &keys));
}

#[test]
fn the_notice_is_shown_runs_a_week_and_can_be_taken_back() {
    let (mut stage, keys) = noticed();
    let (admin, keeper, target, vault) = (stage.admin.clone(), stage.keeper.clone(), stage.entity, stage.vault(0));
    let shown = stage.read(vault, vault::rotationNoticeCall {});
    let now = stage.session.now();
    assert_eq!(shown.signers, keys.iter().map(Located::address).collect::<Vec<_>>());
    assert_eq!((shown.threshold, shown.leaveFrom, shown.due), (2, now + DAY, now + 7 * DAY));
    stage.session.set_time(shown.due);
    stage.assert_refused::<vault::NoticeRunning>(&keeper, vault, vault::takeUpRotationCall {});
    let here = stage.session.snapshot();
    stage.must(&admin, target, entity::withdrawRotationCall { vault });
    stage.session.advance(1);
    stage.assert_refused::<vault::NoRotationNoticed>(&keeper, vault, vault::takeUpRotationCall {});
    let shown = stage.read(vault, vault::rotationNoticeCall {});
    assert_eq!((shown.due, shown.signers.len()), (0, 0));

    stage.session.restore(&here);
    stage.session.advance(1);
    stage.must(&keeper, vault, vault::takeUpRotationCall {});
    stage.assert_refused::<vault::NoRotationNoticed>(&keeper, vault, vault::takeUpRotationCall {});
    stage.adopt_agents(0, keys);
    assert_eq!(stage.read(vault, vault::mandateCall {}).signerEpoch, 1);
}

#[test]
fn a_party_leaves_at_the_old_signers_value_before_others_sign() {
    let (mut stage, _) = noticed();
    let (a, keeper, vault) = (stage.pairs[0].a.clone(), stage.keeper.clone(), stage.vault(0));
    let x = 20_000 * USD;
    stage.assert_refused::<vault::NoticeRunning>(&a, vault, vault::leaveRotationCall {});
    stage.session.advance(DAY + 1);
    stage.assert_refused::<vault::ValuationStale>(&a, vault, vault::leaveRotationCall {});
    stage.mark(0, Mark { x: i128::try_from(x).expect("small"), ..Mark::default() });
    stage.assert_refused::<vault::NotAParty>(&keeper, vault, vault::leaveRotationCall {});
    let margins = [Party::A, Party::B].map(|party| stage.side(0, party).margin);
    stage.must(&a, vault, vault::leaveRotationCall {});
    assert_eq!(stage.status(0).phase, crate::phase::CLOSED);
    for (party, amount) in [Party::A, Party::B].into_iter().zip(margins) {
        stage.withdraw(0, party, amount);
    }
    stage.assert_conserved();
}
