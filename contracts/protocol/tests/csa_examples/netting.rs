//! Close-out netting: one amount over all trades of the pair.

use super::pact::{both, csa, Pact, MILLION};
use ringfence_protocol::{
    units::{Amount, SignedAmount},
    vault::VaultEvent,
    Party,
};

/// What the survivor is owed over all trades, and what it would be owed without netting.
fn owed(values: &[i128]) -> (u128, u128) {
    let value = |millions: &i128| SignedAmount::new(millions * 1_000_000_000_000);
    let net = values.iter().fold(SignedAmount::ZERO, |sum, trade| sum.add(value(trade)).expect("in range"));
    let gross = values.iter().map(|trade| value(trade).owed_to(Party::A).get()).sum::<u128>();

    // The trades are not collateralised; B defaults with 100 of margin, and the net amount is all that leaves it.
    let mut pact = Pact::new(both(csa(Amount::MAX.get(), 0, 0)), 100 * MILLION);
    assert_eq!(pact.value(net.owed_to(Party::A).get()), 0);
    assert_eq!(pact.vault.state.outstanding(Party::B), Ok(net));
    let events = pact.close_out_b(net);
    let closed = events.iter().find_map(|event| match event {
        VaultEvent::ClosedOut { amount, from_margin, residual, .. } => Some((*amount, *from_margin, *residual)),
        _ => None,
    });
    assert_eq!(closed, Some((net, net.owed_to(Party::A), Amount::ZERO)));
    assert_eq!(pact.margin(Party::B), 100 * MILLION - net.owed_to(Party::A).get());
    (pact.margin(Party::A) - 100 * MILLION, gross)
}

#[test]
fn gregory_four_positions_net_and_gross() {
    assert_eq!(owed(&[32, 12, -16, -8]), (20 * MILLION, 44 * MILLION));
}

#[test]
fn acadifi_ten_trades_net_and_gross() {
    assert_eq!(owed(&[12, -8, 5, -15, 20, -3, 7, -11, 2, -6]), (3 * MILLION, 46 * MILLION));
}

#[test]
fn hull_three_contracts_net() {
    assert_eq!(owed(&[10, -20, 25]).0, 15 * MILLION);
}
