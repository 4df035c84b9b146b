//! The vault's messages, each on one route.

use crate::ledger::Ledger;
use alloy_primitives::Address;
use alloy_sol_types::SolValue;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Located, USDC, USDT};
use ringfence_protocol::{signature::SignerSet, Party};
use ringfence_suites::{
    calls, Mark, Stage, DAY, FEE_CAP, FIRST_LOSS, FULL_PERIODS, LIMIT, MARGIN, MINIMUM_TRANSFER, PERIODS, RESERVE, USD,
};

/// An ordinary valuation: margins that both sides have, a tail that the layers cover.
const CALM: Mark = Mark { x: 0, margin_a: 500_000 * USD, margin_b: 400_000 * USD, tail: 100_000 * USD };

pub(crate) fn measure(ledger: &mut Ledger) {
    beginning(ledger);
    running(ledger);
    closing(ledger);
    agreeing(ledger);
    posting(ledger);
    disputing(ledger);
    replacing(ledger);
    selling(ledger);
    recovering(ledger);
    leaving(ledger);
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
        waiting: 0,
        claimsUntil: now + 2 * DAY,
        attestedUntil: now + DAY,
    };
    let call = vault::registerCoverCall { cover };
    ledger.book("registerCover", &stage.must(&ward, pair.vault, call));
    let renewed = vault::attestOwnersCall { until: now + 2 * DAY };
    ledger.book("attestOwners", &stage.must(&ward, pair.vault, renewed));
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

/// What both parties sign while the pair runs, and more time for a call.
fn agreeing(ledger: &mut Ledger) {
    let mut stage = Stage::full(1);
    let mut wider = stage.pairs[0].contract();
    wider.terms.max_move = ringfence_protocol::units::Amount::new(MARGIN);
    ledger.book("amendTerms", &stage.amend(0, wider));
    stage.mark(0, Mark { margin_a: 2 * MARGIN, ..CALM });
    ledger.book("extendCall", &stage.extend(0, Party::A, DAY));
    let signers = SignerSet::new(stage.signers().signers()[..2].to_vec(), 2).expect("two keys");
    ledger.book("rotateSigners", &stage.rotate(0, &signers));
}

fn posting(ledger: &mut Ledger) {
    let (mut stage, token, index) = Stage::with_token();
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    let other = 1 - index;
    stage.fund_with(USDT, &a, vault, 200 * USD);
    stage.fund_token(token, &a, vault, 200 * USD);
    let posted = vault::CollateralMove { index: other, quantity: 100 * USD };
    ledger.book("postCollateral", &stage.must(&a, vault, vault::postCollateralCall { posted: posted.clone() }));
    let substitution = vault::Substitution { into: index, posted: 100 * USD, outOf: other, returned: 50 * USD };
    let report = stage.must(&a, vault, vault::substituteCollateralCall { substitution });
    ledger.book("substituteCollateral", &report);
    let returned = vault::CollateralMove { index: other, quantity: 50 * USD };
    ledger.book("returnCollateral", &stage.must(&a, vault, vault::returnCollateralCall { returned }));
    stage.session.next_block();
    let message = stage.instruction(0, CALM);
    ledger.book("settle (2 of 3, with collateral)", &stage.settle(0, &message, &[0, 1]));
}

fn disputing(ledger: &mut Ledger) {
    let mut stage = Stage::full(1);
    stage.mark(0, Mark { x: 100_000_000_000, ..CALM });
    ledger.book("dispute", &stage.dispute(0, Party::B, 0));
    let disputed = stage.session.snapshot();
    ledger.book("determineDispute", &stage.determine(0, Party::B, 50_000_000_000));
    stage.session.restore(&disputed);
    ledger.book("resolveDispute", &stage.resolve(0, Party::B, 50_000_000_000));
    stage.session.restore(&disputed);
    stage.session.advance(FULL_PERIODS.dispute.get() + 1);
    let (keeper, b, vault) = (stage.keeper.clone(), stage.pairs[0].b.address(), stage.vault(0));
    ledger.book("lapseDispute", &stage.must(&keeper, vault, vault::lapseDisputeCall { party: b }));
}

fn replacing(ledger: &mut Ledger) {
    let mut stage = Stage::full(1);
    stage.mark(0, CALM);
    let names = ["successor 1", "successor 2", "successor 3"];
    let [first, second, third] = names.map(|name| stage.session.eth_actor(name));
    ledger.book("approveSuccessor", &stage.approve(0, Party::B, &first));
    stage.approve(0, Party::B, &second);
    stage.approve(0, Party::B, &third);
    let (b, vault) = (stage.pairs[0].b.clone(), stage.vault(0));
    let revoke = vault::revokeSuccessorCall { successor: third.address() };
    ledger.book("revokeSuccessor", &stage.must(&b, vault, revoke));
    stage.give_up(0, Party::A);
    ledger.book("bidForSide (first)", &stage.bid_for_side(0, Party::A, &first, 40_000_000_000));
    ledger.book("bidForSide (better)", &stage.bid_for_side(0, Party::A, &second, 30_000_000_000));
    ledger.book("collect", &stage.collect(0, &first, USDC.address()));
    let message = stage.determination(0, Party::A, 50_000_000_000);
    ledger.book("closeOut (in the window)", &stage.close_out(0, &message, &[0, 1]));
    ledger.book("acceptBid", &stage.must(&b, vault, vault::acceptBidCall {}));
}

fn selling(ledger: &mut Ledger) {
    let mut stage = Stage::full(1);
    stage.mark(0, CALM);
    stage.post(0, Party::A, 200_000 * USD);
    stage.give_up(0, Party::A);
    let message = stage.determination(0, Party::A, i128::try_from(MARGIN + 500_000 * USD).expect("small"));
    stage.close_out(0, &message, &[0, 1, 2]);
    stage.session.advance(FULL_PERIODS.replacement.get() + 1);
    ledger.book("resolveDefault (begins the sale)", &stage.resolve_default(0));
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.fund(&keeper, vault, 200_000 * USD);
    stage.session.mint(USDT, &keeper, USD).expect("above the minimum");
    let purchase = vault::Purchase { index: 0, quantity: 100_000 * USD, limit: 100_000 * USD };
    ledger.book("buyCollateral", &stage.must(&keeper, vault, vault::buyCollateralCall { purchase }));
    stage.session.advance(FULL_PERIODS.auction.get() + 1);
    ledger.book("resolveDefault (in kind)", &stage.resolve_default(0));
    stage.fund(&keeper, vault, USD);
    let recovery = vault::Recovery { estate: 0, amount: USD };
    ledger.book("recover", &stage.must(&keeper, vault, vault::recoverCall { recovery }));
    let b = stage.pairs[0].b.clone();
    let claim = vault::ClaimTransfer { estate: 0, to: keeper.address() };
    ledger.book("transferClaim", &stage.must(&b, vault, vault::transferClaimCall { claim }));
}

/// A bond is told of money that its loss got back.
fn recovering(ledger: &mut Ledger) {
    let mut stage = Stage::insured(1);
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::A);
    let loss = i128::try_from(MARGIN + FIRST_LOSS + LIMIT).expect("small");
    let message = stage.determination(0, Party::A, loss);
    stage.close_out(0, &message, &[0, 1, 2]);
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.fund(&keeper, vault, USD);
    let recovery = vault::Recovery { estate: 0, amount: USD };
    stage.must(&keeper, vault, vault::recoverCall { recovery });
    let layer = vault::EstateLayer { estate: 0, layer: 0 };
    ledger.book("passRecovery", &stage.must(&keeper, vault, vault::passRecoveryCall { layer }));
}

fn leaving(ledger: &mut Ledger) {
    let mut stage = Stage::empty();
    let index = stage.add_ward_pair();
    stage.start_pair(index);
    stage.mark(index, Mark::default());
    let (ward, a, vault) = (stage.ward.clone(), stage.pairs[index].a.clone(), stage.vault(index));
    ledger.book("pause", &stage.must(&ward, vault, vault::pauseCall { span: DAY }));
    let running = stage.session.snapshot();
    ledger.book("beginRunOff", &stage.must(&ward, vault, vault::beginRunOffCall {}));
    ledger.book("closeRunOff", &stage.must(&a, vault, vault::closeRunOffCall {}));
    stage.session.restore(&running);
    stage.must(&ward, vault, vault::beginRunOffCall {});
    stage.session.advance(DAY + 1);
    stage.mark(index, Mark { margin_a: USD, ..Mark::default() });
    ledger.book("leaveRunOff", &stage.must(&a, vault, vault::leaveRunOffCall {}));
    stage.session.restore(&running);
    other_signers(ledger, stage, index);
    fees(ledger);
}

/// By the entity's notice, of the largest set.
fn other_signers(ledger: &mut Ledger, mut stage: Stage, index: usize) {
    let (ward, a, vault) = (stage.ward.clone(), stage.pairs[index].a.clone(), stage.vault(index));
    let signers = (1..=8).map(Address::repeat_byte).collect();
    let notice = vault::noticeRotationCall { signers: vault::NoticedSigners { signers, threshold: 5 } };
    ledger.book("noticeRotation", &stage.must(&ward, vault, notice));
    let noticed = stage.session.snapshot();
    ledger.book("withdrawRotation", &stage.must(&ward, vault, vault::withdrawRotationCall {}));
    stage.session.restore(&noticed);
    stage.session.advance(7 * DAY + 1);
    ledger.book("takeUpRotation", &stage.must(&a, vault, vault::takeUpRotationCall {}));
    stage.session.restore(&noticed);
    stage.session.advance(DAY + 1);
    stage.mark(index, Mark { margin_a: USD, ..Mark::default() });
    ledger.book("leaveRotation", &stage.must(&a, vault, vault::leaveRotationCall {}));
}

/// The fees of a month.
fn fees(ledger: &mut Ledger) {
    let mut stage = Stage::empty();
    let (contract, a, b) = stage.next_contract(stage.ward.h160());
    let index = stage.add_ward_pair_under(contract.full(), a, b);
    stage.start_pair(index);
    stage.mark(index, CALM);
    stage.session.advance(30 * DAY);
    stage.pairs[index].fee_rate = ringfence_protocol::units::Bps::new(FEE_CAP);
    stage.mark(index, CALM);
    let (ward, vault) = (stage.ward.clone(), stage.vault(index));
    ledger.book("collectFees", &stage.must(&ward, vault, vault::collectFeesCall {}));
}
