//! The issuer of the asset can freeze any account. One frozen account holds up nobody else.

use crate::phase;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Located, USDC};
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, FIRST_LOSS, LIMIT, MARGIN, USD};

/// What the bond has to pay.
const FROM_BOND: u128 = 200_000 * USD + 1;

/// Closes the first pair out deep into a bond whose account is frozen.
fn closed_with_a_frozen_bond() -> Stage {
    let mut stage = Stage::insured(1);
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::A);
    let bond = stage.bond();
    stage.session.freeze(USDC, bond).expect("the bond holds the asset");
    let claim = i128::try_from(MARGIN + FIRST_LOSS + FROM_BOND).expect("small");
    let message = stage.determination(0, Party::A, claim);
    stage.close_out(0, &message, &[0, 1, 2]);
    stage
}

#[test]
fn a_frozen_bond_does_not_hold_up_the_close_out_and_its_share_stays_due() {
    let mut stage = closed_with_a_frozen_bond();
    let status = stage.status(0);
    assert_eq!((status.phase, stage.residual(0)), (phase::CLOSED, 0));
    assert_eq!(status.sides[1].margin, 2 * MARGIN + FIRST_LOSS, "all but the bond's share");
    assert_eq!(stage.cover_due(0, 0), FROM_BOND);
    assert_eq!(stage.bond_status().principal, LIMIT, "the bond's own call was rolled back");
    stage.assert_conserved();
    stage.withdraw(0, Party::B, 2 * MARGIN + FIRST_LOSS);
}

#[test]
fn what_a_bond_owes_is_collected_by_anyone_after_the_thaw_and_only_once() {
    let mut stage = closed_with_a_frozen_bond();
    let (keeper, vault, bond) = (stage.keeper.clone(), stage.vault(0), stage.bond());
    let collect = vault::collectCoverCall { layer: vault::EstateLayer { estate: 0, layer: 0 } };
    stage.assert_refused::<vault::AssetTransferFailed>(&keeper, vault, collect.clone());
    stage.session.thaw(USDC, bond).expect("it was frozen");
    stage.must(&keeper, vault, collect.clone());

    assert_eq!(stage.side(0, Party::B).margin, 2 * MARGIN + FIRST_LOSS + FROM_BOND);
    assert_eq!(stage.cover_due(0, 0), 0);
    assert_eq!(stage.bond_status().principal, LIMIT - FROM_BOND);
    stage.assert_refused::<vault::NothingDue>(&keeper, vault, collect);
    stage.assert_refused::<vault::NothingDue>(
        &keeper,
        vault,
        vault::collectCoverCall { layer: vault::EstateLayer { estate: 0, layer: 1 } },
    );
    stage.assert_conserved();
}

#[test]
fn the_survivor_withdraws_though_the_defaulters_account_is_blocked() {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark::default());
    let pair = stage.pairs[0].clone();
    stage.session.block(USDC, &pair.a).expect("it holds the asset");
    stage.give_up(0, Party::A);
    let message = stage.determination(0, Party::A, 5);
    stage.close_out(0, &message, &[0, 1]);
    stage.withdraw(0, Party::B, MARGIN + 5);

    let rest = vault::withdrawCall { amount: MARGIN - 5 };
    stage.assert_refused::<vault::AssetTransferFailed>(&pair.a, pair.vault, rest.clone());
    stage.session.thaw(USDC, &pair.a).expect("it was blocked");
    stage.must(&pair.a, pair.vault, rest);
    stage.assert_conserved();
}

#[test]
fn valuations_settle_though_both_parties_accounts_are_blocked() {
    let mut stage = Stage::open(1);
    let pair = stage.pairs[0].clone();
    for party in [&pair.a, &pair.b] {
        stage.session.block(USDC, party).expect("it holds the asset");
    }
    stage.mark(0, Mark { x: 5_000_000_000, ..Mark::default() });
    assert_eq!(stage.side(0, Party::A).margin, MARGIN + 5_000 * USD);
}

/// The limit that is stated wherever these promises are: a frozen vault pays nobody until it is thawed, and nothing is lost.
#[test]
fn a_frozen_vault_pays_nobody_and_loses_nothing() {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark::default());
    let message = stage.termination(0, 0);
    stage.terminate(0, &message);
    let pair = stage.pairs[0].clone();
    stage.session.freeze(USDC, pair.vault).expect("it holds the asset");
    let all = vault::withdrawCall { amount: MARGIN };
    stage.assert_refused::<vault::AssetTransferFailed>(&pair.a, pair.vault.address(), all.clone());
    stage.session.thaw(USDC, pair.vault).expect("it was frozen");
    stage.must(&pair.a, pair.vault, all);
}
