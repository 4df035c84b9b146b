//! The same token as collateral: cash and the other side go on whatever it does.

use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Actor, Located, USDT};
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Mode, Stage, FULL_PERIODS, MARGIN, USD};

const POSTED: u128 = 1_000 * USD;

/// A has posted the token.
fn posted() -> (Stage, Address, u8, Actor) {
    let (mut stage, token, index) = Stage::with_token();
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.fund_token(token, &a, vault, 10 * POSTED);
    stage.must(&a, vault, post(index, POSTED));
    (stage, token, index, a)
}

fn post(index: u8, quantity: u128) -> vault::postCollateralCall {
    vault::postCollateralCall { posted: vault::CollateralMove { index, quantity } }
}

fn back(index: u8, quantity: u128) -> vault::returnCollateralCall {
    vault::returnCollateralCall { returned: vault::CollateralMove { index, quantity } }
}

#[track_caller]
fn assert_intact(stage: &mut Stage, token: Address) {
    stage.misbehave(token, Mode::Honest, Address::ZERO);
    assert_eq!(stage.token_balance(token, stage.vault(0)), POSTED);
    stage.assert_conserved();
}

#[test]
fn a_transfer_that_fails_or_moves_another_amount_is_refused_both_ways() {
    let (mut stage, token, index, a) = posted();
    let vault = stage.vault(0);
    for mode in [Mode::AnswersFalse, Mode::Reverts, Mode::AnswersNothing, Mode::Traps, Mode::HidesBalances] {
        stage.misbehave(token, mode, Address::ZERO);
        stage.assert_refused::<vault::AssetTransferFailed>(&a, vault, post(index, USD));
        stage.assert_refused::<vault::AssetTransferFailed>(&a, vault, back(index, USD));
    }
    for mode in [Mode::MovesNothing, Mode::MovesTwice] {
        stage.misbehave(token, mode, Address::ZERO);
        stage.assert_refused::<vault::AssetTransferInexact>(&a, vault, post(index, USD));
        // Of all that is posted twice as much is not there.
        if mode == Mode::MovesNothing {
            stage.assert_refused::<vault::AssetTransferInexact>(&a, vault, back(index, USD));
        }
    }
    stage.misbehave(token, Mode::TakesFee, Address::ZERO);
    stage.assert_refused::<vault::AssetTransferInexact>(&a, vault, post(index, USD));
    assert_intact(&mut stage, token);
}

#[test]
fn cash_the_other_asset_and_settlement_go_on_whatever_the_collateral_does() {
    for mode in [Mode::AnswersFalse, Mode::Reverts, Mode::Traps, Mode::HidesBalances] {
        let (mut stage, token, _, a) = posted();
        stage.misbehave(token, mode, Address::ZERO);
        stage.mark(0, Mark { x: -5_000_000_000, ..Mark::default() });
        stage.deposit(0, Party::A, USD);
        stage.withdraw(0, Party::A, USD);
        let index = u8::from(stage.pairs[0].schedule.0[1].asset == USDT.h160());
        let vault = stage.vault(0);
        stage.fund_with(USDT, &a, vault, 2 * USD);
        stage.must(&a, vault, post(index, USD));
        stage.must(&a, vault, back(index, USD));
        assert_intact(&mut stage, token);
    }
}

/// Seized collateral that can't move holds up no close-out: it becomes collectable, and cash is paid.
#[test]
fn a_default_closes_out_though_its_collateral_can_not_move() {
    let (mut stage, token, index, a) = posted();
    stage.give_up(0, Party::A);
    let message = stage.determination(0, Party::A, i128::try_from(MARGIN + USD).expect("small"));
    stage.close_out(0, &message, &[0, 1, 2]);
    stage.misbehave(token, Mode::Reverts, Address::ZERO);
    stage.session.advance(FULL_PERIODS.replacement.get() + 1);
    stage.resolve_default(0);
    let (keeper, b, vault) = (stage.keeper.clone(), stage.pairs[0].b.clone(), stage.vault(0));
    stage.fund(&keeper, vault, USD);
    let purchase = vault::Purchase { index, quantity: USD, limit: USD };
    stage.assert_refused::<vault::AssetTransferFailed>(&keeper, vault, vault::buyCollateralCall { purchase });
    stage.session.advance(FULL_PERIODS.auction.get() + 1);
    stage.resolve_default(0);
    assert_eq!(stage.status(0).phase, 3);
    let all = stage.side(0, Party::B).margin;
    assert_eq!(all, 2 * MARGIN + USD);
    stage.withdraw(0, Party::B, all);

    // In kind, at a tenth of the mark: ten times what was missing.
    assert_eq!(stage.collectable_of(0, &b, token), 10 * USD);
    let collect = vault::collectCall { asset: token };
    stage.assert_refused::<vault::AssetTransferFailed>(&b, vault, collect.clone());
    stage.misbehave(token, Mode::Honest, Address::ZERO);
    stage.must(&b, vault, collect);
    assert_eq!(stage.token_balance(token, &b), 10 * USD);
    stage.must(&a, vault, back(index, POSTED - 10 * USD));
    stage.assert_conserved();
}

#[test]
fn the_vault_is_not_entered_again_from_within_a_transfer_of_collateral() {
    let (mut stage, token, index, a) = posted();
    let vault = stage.vault(0);
    let payloads = [
        vault::withdrawCall { amount: 1 }.abi_encode(),
        back(index, 1).abi_encode(),
        vault::collectCall { asset: token }.abi_encode(),
        vault::statusCall {}.abi_encode(),
    ];
    for payload in payloads {
        stage.load(token, payload);
        stage.misbehave(token, Mode::ReEnters, vault);
        stage.assert_refused::<vault::AssetTransferFailed>(&a, vault, post(index, USD));
        stage.assert_refused::<vault::AssetTransferFailed>(&a, vault, back(index, USD));
        assert_intact(&mut stage, token);
    }
}
