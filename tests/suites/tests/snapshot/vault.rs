//! The vault's messages, each on one route.

use crate::ledger::Ledger;
use alloy_primitives::Address;
use alloy_sol_types::SolValue;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Located, USDC};
use ringfence_protocol::Party;
use ringfence_suites::{calls, Mark, Stage, DAY, FIRST_LOSS, LIMIT, MARGIN, MINIMUM_TRANSFER, PERIODS, RESERVE, USD};

/// An ordinary valuation: margins that both sides have, a tail that the layers cover.
const CALM: Mark = Mark { x: 0, margin_a: 500_000 * USD, margin_b: 400_000 * USD, tail: 100_000 * USD };

pub(crate) fn measure(ledger: &mut Ledger) {
    beginning(ledger);
    running(ledger);
    closing(ledger);
}

/// From the constructor to the first valuation; the ward sends what the entity would.
fn beginning(ledger: &mut Ledger) {
    let mut stage = Stage::empty();
    let index = stage.add_ward_pair();
    let (pair, ward, keeper) = (stage.pairs[index].clone(), stage.ward.clone(), stage.keeper.clone());
    let code = stage.session.code_hash(pair.vault).expect("the vault has code");
    let terms = pair.contract().encoded(&stage.signers());
    let twin = stage.session.instantiate(&ward, code, (terms,).abi_encode_params(), [9; 32]);
    ledger.book("constructor", &twin.expect("the same terms under another salt").report);

    stage.send_asset(&ward, pair.vault, RESERVE + FIRST_LOSS);
    let report = stage.must(&ward, pair.vault, vault::addReserveCall { amount: RESERVE });
    ledger.book("addReserve", &report);
    let report = stage.must(&ward, pair.vault, vault::addFirstLossCall { amount: FIRST_LOSS });
    ledger.book("addFirstLoss", &report);
    let accept = vault::acceptCall { termsHash: pair.terms_hash.0.into() };
    ledger.book("accept (first)", &stage.must(&pair.a, pair.vault, accept.clone()));
    ledger.book("accept (second)", &stage.must(&pair.b, pair.vault, accept));
    ledger.book("deposit (first)", &stage.deposit(index, Party::A, MARGIN));
    stage.deposit(index, Party::B, MARGIN);

    let now = stage.session.now();
    let cover = vault::CoverTerms {
        bond: Address::repeat_byte(1),
        attachment: 0,
        limit: LIMIT,
        starts: now,
        ends: now + DAY,
        claimsUntil: now + 2 * DAY,
    };
    let call = vault::registerCoverCall { cover };
    ledger.book("registerCover", &stage.must(&ward, pair.vault, call));
    let agreement = stage.agreement(index, 1, pair.portfolio_root);
    let call = calls::agree(&agreement, &pair, pair.digest(&agreement));
    ledger.book("agreePortfolio", &stage.must(&keeper, pair.vault, call));
    let first = stage.instruction(index, CALM);
    ledger.book("settle (first, 2 of 3)", &stage.settle(index, &first, &[0, 1]));
    let release = vault::releaseFirstLossCall { amount: USD };
    ledger.book("releaseFirstLoss", &stage.must(&ward, pair.vault, release));
}

/// An insured pair between its first valuation and its end.
fn running(ledger: &mut Ledger) {
    let mut stage = Stage::insured(1);
    stage.mark(0, CALM);
    let pair = stage.pairs[0].clone();
    for (name, keys, x) in [("settle (2 of 3)", &[0, 1][..], 20_000), ("settle (3 of 3)", &[0, 1, 2], -20_000)] {
        stage.session.next_block();
        let message = stage.instruction(0, Mark { x: x * 1_000_000, ..CALM });
        ledger.book(name, &stage.settle(0, &message, keys));
    }
    stage.session.next_block();
    let call = stage.instruction(0, Mark { margin_a: 2_000_000 * USD, ..CALM });
    ledger.book("settle (opens a call)", &stage.settle(0, &call, &[0, 1]));
    ledger.book("deposit (part of a call)", &stage.deposit(0, Party::A, MINIMUM_TRANSFER));
    stage.mark(0, CALM);
    let withdraw = vault::withdrawCall { amount: USD };
    ledger.book("withdraw (excess)", &stage.must(&pair.a, pair.vault, withdraw));
    let message = stage.termination(0, 0);
    ledger.book("terminate", &stage.terminate(0, &message));
    ledger.book("withdraw (closed)", &stage.must(&pair.b, pair.vault, vault::withdrawCall { amount: USD }));
}

/// Every way to a close-out of an insured pair.
fn closing(ledger: &mut Ledger) {
    let mut stage = Stage::insured(1);
    stage.mark(0, CALM);
    let (pair, keeper, bond) = (stage.pairs[0].clone(), stage.keeper.clone(), stage.bond());
    let running = stage.session.snapshot();

    stage.session.advance(PERIODS.oracle_timeout.get() + 7);
    let report = stage.must(&pair.a, pair.vault, vault::leaveSilentOracleCall {});
    ledger.book("leaveSilentOracle", &report);
    stage.session.restore(&running);

    ledger.book("declareDefault", &stage.give_up(0, Party::A));
    let defaulted = stage.session.snapshot();
    stage.session.advance(PERIODS.close_out.get() + 1);
    ledger.book("resolveDefault (last value)", &stage.must(&keeper, pair.vault, vault::resolveDefaultCall {}));
    stage.session.restore(&defaulted);

    let margin_only = stage.determination(0, Party::A, 1_000_000);
    ledger.book("closeOut (margin only)", &stage.close_out(0, &margin_only, &[0, 1]));
    stage.session.restore(&defaulted);

    // Into the bond: all margin, all first loss, a part of the principal.
    let deep = i128::try_from(MARGIN + FIRST_LOSS + LIMIT / 3).expect("small");
    let message = stage.determination(0, Party::A, deep);
    ledger.book("closeOut (bond claim)", &stage.close_out(0, &message, &[0, 1, 2]));
    stage.session.restore(&defaulted);

    stage.session.freeze(USDC, bond.address()).expect("the bond holds the asset");
    ledger.book("closeOut (bond cannot pay)", &stage.close_out(0, &message, &[0, 1, 2]));
    stage.session.thaw(USDC, bond.address()).expect("it was frozen");
    ledger.book(
        "collectCover",
        &stage.must(&keeper, pair.vault, vault::collectCoverCall { layer: vault::EstateLayer { estate: 0, layer: 0 } }),
    );
}
