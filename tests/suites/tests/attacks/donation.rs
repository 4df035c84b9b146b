//! What is sent without a message is credited to nobody and changes nothing.

use alloy_primitives::U256;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Located, IERC20, USDC, USDT};
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, FIRST_LOSS, MARGIN, USD};

#[test]
fn collateral_sent_to_a_vault_is_nobodys_and_no_part_of_a_return() {
    let mut stage = Stage::full(1);
    let (keeper, a, vault) = (stage.keeper.clone(), stage.pairs[0].a.clone(), stage.vault(0));
    stage.post(0, Party::A, 10 * USD);
    stage.session.mint(USDT, &keeper, 100 * USD).expect("above the minimum");
    let before = stage.status(0);
    let send = IERC20::transferCall { to: vault, value: U256::from(50 * USD) };
    stage.must(&keeper, USDT.address(), send);
    assert_eq!(stage.status(0), before);
    let more = vault::CollateralMove { index: 0, quantity: 10 * USD + 1 };
    let call = vault::returnCollateralCall { returned: more };
    stage.assert_refused::<vault::InsufficientCollateral>(&a, vault, call);
}

/// The entity can record a surplus as its capital, which stands behind the pair; it can take none out that it did not
/// record, and no margin.
#[test]
fn a_surplus_counts_as_capital_only_as_far_as_it_is_there() {
    let mut stage = Stage::empty();
    let index = stage.add_ward_pair();
    stage.start_pair(index);
    let (keeper, ward, vault) = (stage.keeper.clone(), stage.ward.clone(), stage.vault(index));
    stage.send_asset(&keeper, vault, 5 * USD);
    let add = |amount| vault::addFirstLossCall { amount };
    stage.assert_refused::<vault::FundsMissing>(&ward, vault, add(5 * USD + 1));
    stage.must(&ward, vault, add(5 * USD));
    assert_eq!(stage.status(index).tail.firstLoss, FIRST_LOSS + 5 * USD);
    assert_eq!(stage.side(index, Party::A).margin, MARGIN);
}

#[test]
fn money_sent_to_the_rules_moves_nothing_and_changes_no_answer() {
    let mut stage = Stage::full(1);
    let (keeper, rules) = (stage.keeper.clone(), stage.rules);
    let (before, fingerprint) = (stage.status(0), stage.session.state_fingerprint(rules));
    stage.send_asset(&keeper, rules, 5 * USD);
    assert_eq!(stage.session.usdc(rules), 5 * USD);
    assert_eq!(stage.status(0), before);
    assert_eq!(stage.session.state_fingerprint(rules), fingerprint);
    stage.mark(0, Mark { x: 5_000_000_000, ..Mark::default() });
    let call = vault::collectCall { asset: USDC.address() };
    let vault = stage.vault(0);
    stage.assert_refused::<vault::NothingDue>(&keeper, vault, call);
}
