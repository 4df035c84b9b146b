//! EXIT under full terms: every state is driven out to zero by time and one party alone, each side in turn.

use crate::{phase, signed};
use ringfence_bindings::{IEntity, IMarginVault as vault};
use ringfence_devchain::{Actor, Located, USDC, USDT};
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, DAY, FULL_PERIODS, MARGIN, RESERVE, USD};

/// The clock runs beyond every deadline of a pair.
fn wait(stage: &mut Stage) {
    stage.session.advance(FULL_PERIODS.oracle_timeout.get() + FULL_PERIODS.close_out.get() + 2 * DAY);
}

/// All that is anybody's is taken out, and only the reserve is left.
#[track_caller]
fn everyone_leaves(stage: &mut Stage, others: &[Actor]) {
    assert_eq!(stage.status(0).phase, phase::CLOSED);
    let (admin, entity, pair) = (stage.admin.clone(), stage.entity, stage.pairs[0].clone());
    for party in Party::BOTH {
        let (actor, side) = (pair.party(party).clone(), stage.side(0, party));
        assert_eq!(side.withdrawable, side.margin, "{party:?} is held back");
        if side.margin > 0 {
            stage.withdraw(0, party, side.margin);
        }
        let view = stage.read(pair.vault, vault::collateralCall { index: 0 });
        let quantity = if party == Party::A { view.postedA } else { view.postedB };
        if quantity > 0 {
            let returned = vault::CollateralMove { index: 0, quantity };
            stage.must(&actor, pair.vault, vault::returnCollateralCall { returned });
        }
    }
    for account in [&pair.a, &pair.b].into_iter().chain(others) {
        for asset in [USDC, USDT] {
            if stage.collectable_of(0, account, asset.address()) > 0 {
                stage.collect(0, account, asset.address());
            }
        }
    }
    let amount = stage.status(0).tail.firstLoss;
    if amount > 0 {
        stage.must(&admin, entity, IEntity::releaseCall { vault: pair.vault, amount });
    }
    assert_eq!(stage.session.usdc(pair.vault), RESERVE);
    assert_eq!(stage.session.balance(USDT, pair.vault), 0);
    stage.assert_conserved();
}

/// Goes a way out once for each side alone.
#[track_caller]
fn each_alone(ready: impl Fn() -> (Stage, Vec<Actor>), way: impl Fn(&mut Stage, &Actor)) {
    for party in Party::BOTH {
        let (mut stage, others) = ready();
        let actor = stage.pairs[0].party(party).clone();
        way(&mut stage, &actor);
        everyone_leaves(&mut stage, &others);
    }
}

fn leave(stage: &mut Stage, actor: &Actor) {
    wait(stage);
    let vault = stage.vault(0);
    stage.must(actor, vault, vault::leaveSilentOracleCall {});
}

/// Whatever a default still waits for, its next step is taken by the one party until the pair is closed.
fn resolve(stage: &mut Stage, actor: &Actor) {
    let vault = stage.vault(0);
    for _ in 0..3 {
        wait(stage);
        if stage.status(0).phase == phase::CLOSED {
            return;
        }
        stage.must(actor, vault, vault::resolveDefaultCall {});
    }
}

fn running(mark: Mark) -> (Stage, Vec<Actor>) {
    let mut stage = Stage::full(1);
    stage.post(0, Party::A, 1_000 * USD);
    stage.post(0, Party::B, 2_000 * USD);
    stage.mark(0, mark);
    (stage, Vec::new())
}

#[test]
fn from_active_with_collateral_posted_and_the_oracle_fallen_silent() {
    let mark = Mark { x: 70_000_000_001, margin_a: MARGIN, margin_b: MARGIN, tail: 50 * MARGIN };
    each_alone(|| running(mark), leave);
}

#[test]
fn from_an_open_call_for_more_than_the_debtor_has() {
    let mark = Mark { x: -signed(MARGIN + 5 * USD), margin_a: MARGIN, ..Mark::default() };
    each_alone(
        || running(mark),
        |stage, actor| {
            leave(stage, actor);
            resolve(stage, actor);
        },
    );
}

#[test]
fn from_open_disputes_of_both_sides() {
    let ready = || {
        let (mut stage, others) = running(Mark { x: 100_000_000_000, ..Mark::default() });
        stage.dispute(0, Party::B, 0);
        stage.mark(0, Mark { x: -50_000_000_000, ..Mark::default() });
        stage.dispute(0, Party::A, 0);
        (stage, others)
    };
    each_alone(ready, leave);
}

#[test]
fn from_a_dispute_by_its_lapse() {
    let ready = || {
        let (mut stage, others) = running(Mark { x: 100_000_000_000, ..Mark::default() });
        stage.dispute(0, Party::B, 0);
        (stage, others)
    };
    each_alone(ready, |stage, actor| {
        wait(stage);
        let (b, vault) = (stage.pairs[0].b.address(), stage.vault(0));
        stage.must(actor, vault, vault::lapseDisputeCall { party: b });
        leave(stage, actor);
    });
}

#[test]
fn from_a_default_that_nobody_determines() {
    let ready = || {
        let (mut stage, others) = running(Mark { x: -1_000_000_000, margin_a: USD, ..Mark::default() });
        stage.give_up(0, Party::A);
        (stage, others)
    };
    each_alone(ready, resolve);
}

#[test]
fn from_a_default_with_a_bid_above_the_last_value_whose_bidder_gets_its_money_back() {
    let ready = || {
        let (mut stage, _) = running(Mark { margin_a: USD, ..Mark::default() });
        let bidder = stage.session.eth_actor("successor");
        stage.approve(0, Party::B, &bidder);
        stage.give_up(0, Party::A);
        stage.bid_for_side(0, Party::A, &bidder, 10_000_000_000);
        (stage, vec![bidder])
    };
    each_alone(ready, resolve);
}

#[test]
fn from_a_sale_in_which_nobody_buys() {
    let ready = || {
        let (mut stage, others) = running(Mark::default());
        stage.give_up(0, Party::A);
        let message = stage.determination(0, Party::A, signed(MARGIN + 500_000 * USD));
        stage.close_out(0, &message, &[0, 1, 2]);
        (stage, others)
    };
    each_alone(ready, resolve);
}

#[test]
fn from_a_replacement_whose_oracle_never_comes_back() {
    let ready = || {
        let (mut stage, _) = running(Mark { margin_a: USD, ..Mark::default() });
        let (bidder, former) = (stage.session.eth_actor("successor"), stage.pairs[0].a.clone());
        stage.approve(0, Party::B, &bidder);
        stage.give_up(0, Party::A);
        stage.bid_for_side(0, Party::A, &bidder, 0);
        wait(&mut stage);
        stage.resolve_default(0);
        stage.succeed(0, Party::A, &bidder);
        (stage, vec![former])
    };
    each_alone(ready, leave);
}

#[test]
fn from_a_pause_and_a_run_off_without_an_oracle() {
    let ready = || {
        let (mut stage, others) = running(Mark { x: 5_000_000_000, margin_a: USD, ..Mark::default() });
        let (admin, entity, vault) = (stage.admin.clone(), stage.entity, stage.vault(0));
        stage.must(&admin, entity, IEntity::pauseVaultCall { vault, span: DAY });
        stage.must(&admin, entity, IEntity::runOffVaultCall { vault });
        (stage, others)
    };
    each_alone(ready, leave);
}
