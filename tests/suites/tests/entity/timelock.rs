//! A scheduled change on the blob: too early, too late, cancelled, replaced, executed twice; and that it reaches only what is
//! opened after it.

use alloy_primitives::B256;
use ringfence_bindings::IEntity as entity;
use ringfence_devchain::Actor;
use ringfence_protocol::entity::{CHANGE_GRACE, MIN_DELAY};
use ringfence_suites::Stage;

/// The subject of the code of vaults.
const VAULT_CODE: u8 = 3;

fn schedule(stage: &mut Stage, value: B256) -> u32 {
    let (admin, target) = (stage.admin.clone(), stage.entity);
    stage.must(&admin, target, entity::scheduleCall { subject: VAULT_CODE, value }).returned
}

fn execute(number: u32) -> entity::executeChangeCall {
    entity::executeChangeCall { subject: VAULT_CODE, number }
}

fn staged() -> (Stage, Actor, Actor, u32) {
    let mut stage = Stage::open(1);
    let (admin, keeper) = (stage.admin.clone(), stage.keeper.clone());
    let number = schedule(&mut stage, B256::repeat_byte(9));
    (stage, admin, keeper, number)
}

#[test]
fn a_change_is_executed_by_anyone_in_its_time_once_and_reaches_only_new_pairs() {
    let (mut stage, _, keeper, number) = staged();
    let (target, vault) = (stage.entity, stage.vault(0));
    let due = stage.session.now() + MIN_DELAY.get();
    let code = stage.read(target, entity::charterCall {}).vaultCode;
    let before = (stage.session.storage_of(vault), stage.session.code_hash(vault));
    stage.session.set_time(due - 1);
    stage.assert_refused::<entity::ChangeNotDue>(&keeper, target, execute(number));
    stage.session.set_time(due);
    stage.must(&keeper, target, execute(number));
    assert_eq!(stage.read(target, entity::charterCall {}).vaultCode, B256::repeat_byte(9));
    stage.assert_refused::<entity::NoSuchChange>(&keeper, target, execute(number));
    assert_eq!((stage.session.storage_of(vault), stage.session.code_hash(vault)), before);
    assert_eq!(
        stage.read(target, entity::pairsCall { from: 0 })[0].codeHash,
        code,
        "the record of a running pair stays"
    );
}

#[test]
fn a_change_refused_after_its_last_moment() {
    let (mut stage, _, keeper, number) = staged();
    let target = stage.entity;
    let last = stage.session.now() + MIN_DELAY.get() + CHANGE_GRACE.get();
    stage.session.set_time(last);
    let here = stage.session.snapshot();
    stage.must(&keeper, target, execute(number));
    stage.session.restore(&here);
    stage.session.advance(1);
    stage.assert_refused::<entity::ChangeExpired>(&keeper, target, execute(number));
}

#[test]
fn a_change_refused_once_it_is_cancelled_or_replaced() {
    let (mut stage, admin, keeper, number) = staged();
    let target = stage.entity;
    let cancel = |number| entity::cancelChangeCall { subject: VAULT_CODE, number };
    stage.assert_refused::<entity::NotTheAdmin>(&keeper, target, cancel(number));
    let second = schedule(&mut stage, B256::repeat_byte(8));
    assert_eq!(stage.read(target, entity::changesCall {}).len(), 1);
    stage.session.advance(MIN_DELAY.get());
    stage.assert_refused::<entity::NoSuchChange>(&keeper, target, execute(number));
    stage.must(&admin, target, cancel(second));
    stage.assert_refused::<entity::NoSuchChange>(&keeper, target, execute(second));
    assert!(stage.read(target, entity::changesCall {}).is_empty());
}

#[test]
fn values_out_of_bounds_and_unknown_subjects_are_refused() {
    let (mut stage, admin, ..) = staged();
    let target = stage.entity;
    let with = |subject, value| entity::scheduleCall { subject, value };
    stage.assert_refused::<entity::UnknownSubject>(&admin, target, with(9, B256::repeat_byte(1)));
    stage.assert_refused::<entity::UnknownSubject>(&admin, target, with(32, B256::repeat_byte(1)));
    stage.assert_refused::<entity::ValueOutOfBounds>(&admin, target, with(6, B256::with_last_byte(1)));
    stage.assert_refused::<entity::ValueOutOfBounds>(&admin, target, with(0, B256::ZERO));
}
