//! Deposits and withdrawals of the parties, and money that nobody was credited with.

use alloy_primitives::U256;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Located, IERC20, USDC, USDC_MIN_BALANCE};
use ringfence_protocol::{units::Amount, Party};
use ringfence_suites::{Mark, Stage, MARGIN, PERIODS, USD};

/// B's excess is `EXCESS`, A's call is open.
const EXCESS: u128 = 100_000 * USD;

fn one_called() -> Stage {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark { margin_a: 2 * MARGIN, margin_b: MARGIN - EXCESS, ..Mark::default() });
    stage
}

#[test]
fn withdraw_refused_while_call_open() {
    let mut stage = one_called();
    let pair = stage.pairs[0].clone();
    stage.assert_refused::<vault::CallOpen>(&pair.a, pair.vault, vault::withdrawCall { amount: 1 });
    assert_eq!(stage.side(0, Party::A).withdrawable, 0);
    // The other side's call is no reason to hold this one's money.
    stage.withdraw(0, Party::B, EXCESS);
}

#[test]
fn withdraw_refused_beyond_excess_and_accepted_at_it() {
    let mut stage = one_called();
    let (b, vault) = (stage.pairs[0].b.clone(), stage.vault(0));
    assert_eq!(stage.side(0, Party::B).withdrawable, EXCESS);
    let beyond = vault::withdrawCall { amount: EXCESS + 1 };
    stage.assert_refused::<vault::WithdrawalExceedsExcess>(&b, vault, beyond);
    let before = stage.session.usdc(&b);
    stage.withdraw(0, Party::B, EXCESS);
    assert_eq!(stage.session.usdc(&b), before + EXCESS);
    stage.assert_refused::<vault::WithdrawalExceedsExcess>(&b, vault, vault::withdrawCall { amount: 1 });
    stage.assert_conserved();
}

#[test]
fn withdraw_refused_while_the_valuation_is_stale_and_accepted_at_the_bound() {
    let mut stage = one_called();
    let (b, vault) = (stage.pairs[0].b.clone(), stage.vault(0));
    let valued = stage.status(0).valuation.valuationTime;
    stage.session.set_time(valued + PERIODS.max_staleness.get());
    let here = stage.session.snapshot();
    stage.session.advance(1);
    stage.assert_refused::<vault::ValuationStale>(&b, vault, vault::withdrawCall { amount: 1 });
    stage.session.restore(&here);
    stage.withdraw(0, Party::B, EXCESS);
}

#[test]
fn withdraw_refused_while_defaulted() {
    let mut stage = one_called();
    stage.give_up(0, Party::A);
    let pair = stage.pairs[0].clone();
    for party in [&pair.a, &pair.b] {
        stage.assert_refused::<vault::NotActive>(party, pair.vault, vault::withdrawCall { amount: 1 });
    }
}

#[test]
fn funds_refused_from_anyone_but_the_parties_and_in_impossible_amounts() {
    let mut stage = one_called();
    let (keeper, admin, b, vault) =
        (stage.keeper.clone(), stage.admin.clone(), stage.pairs[0].b.clone(), stage.vault(0));
    stage.fund(&keeper, vault, USD);
    for stranger in [&keeper, &admin] {
        stage.assert_refused::<vault::NotAParty>(stranger, vault, vault::depositCall { amount: USD });
        stage.assert_refused::<vault::NotAParty>(stranger, vault, vault::withdrawCall { amount: 1 });
    }
    let over = Amount::MAX.get() + 1;
    stage.assert_refused::<vault::ZeroAmount>(&b, vault, vault::depositCall { amount: 0 });
    stage.assert_refused::<vault::ZeroAmount>(&b, vault, vault::withdrawCall { amount: 0 });
    stage.assert_refused::<vault::AmountOutOfBounds>(&b, vault, vault::depositCall { amount: over });
    stage.assert_refused::<vault::AmountOutOfBounds>(&b, vault, vault::withdrawCall { amount: over });
}

#[test]
fn deposit_refused_before_acceptance_without_an_allowance_and_after_the_end() {
    let mut stage = Stage::empty();
    stage.propose_pair();
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.fund(&a, vault, USD);
    let call = vault::depositCall { amount: USD };
    stage.assert_refused::<vault::NotActive>(&a, vault, call.clone());
    stage.start_pair(0);
    stage.fund(&a, vault, USD);
    stage.must(&a, vault, call.clone());
    stage.assert_refused::<vault::AssetTransferFailed>(&a, vault, call.clone());
    let message = stage.termination(0, 0);
    stage.terminate(0, &message);
    stage.fund(&a, vault, USD);
    stage.assert_refused::<vault::NotActive>(&a, vault, call);
}

/// The asset takes the rest along when a transfer leaves its sender below the minimum balance. The vault books exact
/// amounts only, so it refuses such a deposit rather than keep the dust.
#[test]
fn deposit_refused_when_the_payers_dust_would_move_along() {
    let mut stage = Stage::open(1);
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    let all = stage.session.usdc(&a);
    stage.fund(&a, vault, all);
    let leaves = |rest| vault::depositCall { amount: 2 * all - rest };
    let call = IERC20::approveCall { spender: vault, value: U256::from(2 * all) };
    stage.must(&a, USDC.address(), call);
    stage.assert_refused::<vault::AssetTransferInexact>(&a, vault, leaves(USDC_MIN_BALANCE - 1));
    stage.must(&a, vault, leaves(USDC_MIN_BALANCE));
}

#[test]
fn a_donation_to_a_vault_credits_nobody() {
    let mut stage = one_called();
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    let (before, owed) = (stage.status(0), stage.read(vault, vault::liabilitiesCall {}));
    stage.send_asset(&keeper, vault, 777 * USD);
    assert_eq!(stage.status(0), before);
    assert_eq!(stage.read(vault, vault::liabilitiesCall {}), owed);
    assert_eq!(stage.session.usdc(vault), owed + 777 * USD);

    // A's call is still open and B can't reach the money either.
    let b = stage.pairs[0].b.clone();
    let beyond = vault::withdrawCall { amount: EXCESS + 1 };
    stage.assert_refused::<vault::WithdrawalExceedsExcess>(&b, vault, beyond);
}
