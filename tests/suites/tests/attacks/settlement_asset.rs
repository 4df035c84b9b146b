//! A settlement asset that does what none should, one thing at a time. Both parties chose it, and still: every fault is
//! refused or harmless, nothing is lost, and whoever is blocked holds up nobody else.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Located, IERC20};
use ringfence_protocol::Party;
use ringfence_suites::{calls, IHostileToken, Mark, Mode, Stage, MARGIN, USD};

/// A vault in the hostile token, accepted, with margin on both sides and a first valuation.
fn hostile() -> (Stage, Address, Address) {
    let mut stage = Stage::empty();
    let token = stage.deploy_token(1);
    let (mut contract, a, b) = stage.next_contract(stage.ward.h160());
    contract.terms.asset = token.h160();
    let index = stage.deploy_vault(contract, a, b);
    stage.accept(index);
    let pair = stage.pairs[index].clone();
    for party in [&pair.a, &pair.b] {
        stage.fund_token(token, party, pair.vault, 2 * MARGIN);
        stage.must(party, pair.vault, vault::depositCall { amount: MARGIN });
    }
    stage.agree(index);
    stage.mark(index, Mark::default());
    (stage, token, pair.vault)
}

/// What the vault must still hold and owe, once the token behaves again.
#[track_caller]
fn assert_intact(stage: &mut Stage, token: Address, vault: Address, owed: u128) {
    stage.misbehave(token, Mode::Honest, Address::ZERO);
    assert_eq!(stage.read(vault, vault::liabilitiesCall {}), owed);
    assert_eq!(stage.token_balance(token, vault), owed);
}

const BOTH: u128 = 2 * MARGIN;

#[test]
fn a_transfer_that_fails_lies_or_moves_another_amount_is_refused_both_ways() {
    let (mut stage, token, vault) = hostile();
    let a = stage.pairs[0].a.clone();
    let failed = [Mode::AnswersFalse, Mode::Reverts, Mode::AnswersNothing, Mode::Traps, Mode::HidesBalances];
    let inexact = [Mode::TakesFee, Mode::MovesNothing, Mode::MovesTwice];
    for mode in failed {
        stage.misbehave(token, mode, Address::ZERO);
        stage.assert_refused::<vault::AssetTransferFailed>(&a, vault, vault::depositCall { amount: USD });
        stage.assert_refused::<vault::AssetTransferFailed>(&a, vault, vault::withdrawCall { amount: USD });
    }
    for mode in inexact {
        stage.misbehave(token, mode, Address::ZERO);
        stage.assert_refused::<vault::AssetTransferInexact>(&a, vault, vault::depositCall { amount: USD });
    }
    for mode in [Mode::MovesNothing, Mode::MovesTwice] {
        stage.misbehave(token, mode, Address::ZERO);
        stage.assert_refused::<vault::AssetTransferInexact>(&a, vault, vault::withdrawCall { amount: USD });
    }
    assert_intact(&mut stage, token, vault, BOTH);
}

/// The vault pays what it owes; what the receiver is charged on the way is between it and its asset.
#[test]
fn a_fee_on_what_is_paid_out_is_the_receivers_and_costs_the_other_side_nothing() {
    let (mut stage, token, vault) = hostile();
    let (a, held) = (stage.pairs[0].a.clone(), MARGIN);
    stage.misbehave(token, Mode::TakesFee, Address::ZERO);
    stage.must(&a, vault, vault::withdrawCall { amount: 1_000 });
    assert_eq!(stage.token_balance(token, &a), held + 990);
    assert_intact(&mut stage, token, vault, BOTH - 1_000);
}

#[test]
fn settlement_needs_no_transfer_and_goes_on_whatever_the_asset_does() {
    for mode in [Mode::Reverts, Mode::Traps, Mode::AnswersFalse, Mode::HidesBalances, Mode::ReEnters, Mode::ShowsMore] {
        let (mut stage, token, vault) = hostile();
        stage.misbehave(token, mode, vault);
        stage.mark(0, Mark { x: 5_000_000_000, ..Mark::default() });
        assert_eq!(stage.side(0, Party::A).margin, MARGIN + 5_000 * USD);
        assert_intact(&mut stage, token, vault, BOTH);
    }
}

#[test]
fn a_frozen_party_holds_up_nobody_else() {
    let (mut stage, token, vault) = hostile();
    let pair = stage.pairs[0].clone();
    stage.misbehave(token, Mode::FreezesTarget, &pair.a);
    stage.assert_refused::<vault::AssetTransferFailed>(&pair.a, vault, vault::withdrawCall { amount: USD });
    stage.mark(0, Mark { x: 5_000_000_000, ..Mark::default() });
    stage.must(&pair.b, vault, vault::depositCall { amount: USD });
    stage.must(&pair.b, vault, vault::withdrawCall { amount: USD });
    stage.give_up(0, Party::A);
    let message = stage.determination(0, Party::A, 7);
    stage.close_out(0, &message, &[0, 1]);
    let all = stage.side(0, Party::B).margin;
    assert_eq!(all, MARGIN - 5_000 * USD + 7);
    stage.must(&pair.b, vault, vault::withdrawCall { amount: all });
    let rest = stage.side(0, Party::A).margin;
    assert_intact(&mut stage, token, vault, rest);
    stage.must(&pair.a, vault, vault::withdrawCall { amount: rest });
}

/// A balance that is shown too large lets the entity record capital that is not there: `Known limits` of the asset. The
/// parties' margin is recorded apart and still adds up to what was paid in.
#[test]
fn a_balance_shown_too_large_credits_no_party() {
    let (mut stage, token, vault) = hostile();
    let pair = stage.pairs[0].clone();
    stage.misbehave(token, Mode::ShowsMore, Address::ZERO);
    let before = stage.status(0);
    stage.must(&pair.a, vault, vault::depositCall { amount: USD });
    stage.must(&pair.a, vault, vault::withdrawCall { amount: USD });
    assert_eq!(stage.status(0), before);
    assert_intact(&mut stage, token, vault, BOTH);
}

/// Every message that could profit from running inside of another one, sent by the token itself, for whom it is meant.
fn re_entries(stage: &mut Stage, token: Address) -> Vec<(&'static str, Vec<u8>)> {
    stage.session.next_block();
    let message = stage.instruction(0, Mark { x: 5_000_000_000, ..Mark::default() });
    let signatures = stage.signed_by(&[0, 1, 2], stage.pairs[0].digest(&message));
    vec![
        ("deposit", vault::depositCall { amount: 1 }.abi_encode()),
        ("withdraw", vault::withdrawCall { amount: 1 }.abi_encode()),
        ("settle", calls::settle(&message, signatures).abi_encode()),
        ("collect", vault::collectCall { asset: token }.abi_encode()),
        ("status", vault::statusCall {}.abi_encode()),
        ("liabilities", vault::liabilitiesCall {}.abi_encode()),
        ("resolveDefault", vault::resolveDefaultCall {}.abi_encode()),
    ]
}

/// Whoever enters the vault a second time is stopped by the chain, and takes the transfer it came from along: the outer
/// message is refused too.
#[test]
fn the_vault_is_not_entered_again_from_within_a_transfer() {
    let (mut stage, token, vault) = hostile();
    let a = stage.pairs[0].a.clone();
    for (name, payload) in re_entries(&mut stage, token) {
        println!("{name}");
        stage.load(token, payload);
        stage.misbehave(token, Mode::ReEnters, vault);
        stage.assert_refused::<vault::AssetTransferFailed>(&a, vault, vault::depositCall { amount: USD });
        stage.assert_refused::<vault::AssetTransferFailed>(&a, vault, vault::withdrawCall { amount: USD });
        assert_intact(&mut stage, token, vault, BOTH);
    }
}

/// The control of the test above: outside of a transfer the token's call of the same vault goes through.
#[test]
fn the_token_can_call_the_vault_when_the_vault_is_not_running() {
    let (mut stage, token, vault) = hostile();
    let a = stage.pairs[0].a.clone();
    stage.load(token, vault::statusCall {}.abi_encode());
    stage.misbehave(token, Mode::ReEnters, vault);
    stage.must(&a, token, IERC20::transferCall { to: stage.keeper.address(), value: U256::from(1) });
    assert_eq!(stage.read(token, IHostileToken::outcomeCall {}), 2);
}

/// From within one pair's transfer the token can call another pair's vault, where it is nobody.
#[test]
fn a_transfer_of_one_pair_reaches_no_money_of_another() {
    let (mut stage, token, vault) = hostile();
    stage.propose_full_pair();
    stage.start_pair(1);
    let (a, other) = (stage.pairs[0].a.clone(), stage.vault(1));
    let before = stage.image_of(&[other]);
    for payload in [vault::withdrawCall { amount: 1 }.abi_encode(), vault::collectCall { asset: token }.abi_encode()] {
        stage.load(token, payload);
        stage.misbehave(token, Mode::ReEnters, other);
        stage.must(&a, vault, vault::withdrawCall { amount: USD });
        assert_eq!(stage.read(token, IHostileToken::outcomeCall {}), 1);
        assert_eq!(stage.image_of(&[other]), before);
    }
}
