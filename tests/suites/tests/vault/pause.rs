//! The pause: new risk only, at most 72 hours, and over by itself.

use ringfence_bindings::{IEntity, IMarginVault as vault};
use ringfence_devchain::Located;
use ringfence_protocol::{
    vault::{MAX_PAUSE, PAUSE_COOL_DOWN},
    Digest, Party,
};
use ringfence_suites::{calls, Mark, Stage, DAY, MARGIN, USD};

#[test]
fn a_pause_holds_up_portfolios_and_bonds_until_its_end_and_nothing_else() {
    let mut stage = Stage::full(1);
    let (admin, keeper, entity) = (stage.admin.clone(), stage.keeper.clone(), stage.entity);
    let pair = stage.pairs[0].clone();
    stage.must(&admin, entity, IEntity::pauseVaultCall { vault: pair.vault, span: DAY });
    let until = stage.session.now() + DAY;
    assert_eq!(stage.status(0).entity.pausedUntil, until);

    let called = Mark { margin_a: 2 * MARGIN, ..Mark::default() };
    stage.mark(0, called);
    stage.deposit(0, Party::A, USD);
    stage.withdraw(0, Party::B, USD);
    stage.let_call_lapse(0, Party::A, called);
    let here = stage.session.snapshot();
    stage.must(&keeper, pair.vault, vault::declareDefaultCall { party: pair.a.address() });
    stage.session.restore(&here);

    stage.session.set_time(until);
    let call = |stage: &mut Stage| {
        let message = stage.agreement(0, 2, Digest::repeat_byte(0x52));
        calls::agree(&message, &pair, pair.digest(&message))
    };
    let agree = call(&mut stage);
    stage.assert_refused::<vault::NewRiskPaused>(&keeper, pair.vault, agree.clone());
    stage.session.advance(1);
    stage.must(&keeper, pair.vault, agree);
}

#[test]
fn no_bond_is_registered_in_a_pause() {
    let mut stage = Stage::empty();
    let index = stage.add_ward_pair();
    let (ward, vault, now) = (stage.ward.clone(), stage.vault(index), stage.session.now());
    stage.must(&ward, vault, vault::pauseCall { span: 60 });
    let bond = alloy_primitives::Address::repeat_byte(1);
    let (starts, ends, claims) = (now, now + 100, now + 10 * DAY);
    let cover = vault::CoverTerms {
        bond,
        attachment: 0,
        limit: 50,
        starts,
        ends,
        waiting: 0,
        claimsUntil: claims,
        attestedUntil: ends,
    };
    stage.assert_refused::<vault::NewRiskPaused>(&ward, vault, vault::registerCoverCall { cover: cover.clone() });
    stage.session.advance(61);
    stage.must(&ward, vault, vault::registerCoverCall { cover });
}

#[test]
fn pause_refused_of_no_time_or_more_than_72_hours_and_too_soon_after_the_last_one() {
    let mut stage = Stage::empty();
    let index = stage.add_ward_pair();
    let (ward, vault) = (stage.ward.clone(), stage.vault(index));
    let pause = |span| vault::pauseCall { span };
    for span in [0, MAX_PAUSE.get() + 1, u64::MAX] {
        stage.assert_refused::<vault::PauseOutOfBounds>(&ward, vault, pause(span));
    }
    stage.must(&ward, vault, pause(MAX_PAUSE.get()));
    stage.assert_refused::<vault::PausedBefore>(&ward, vault, pause(1));
    let again = stage.session.now() + MAX_PAUSE.get() + PAUSE_COOL_DOWN.get();
    stage.session.set_time(again);
    stage.assert_refused::<vault::PausedBefore>(&ward, vault, pause(1));
    stage.session.advance(1);
    stage.must(&ward, vault, pause(1));
}
