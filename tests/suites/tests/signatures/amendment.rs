//! New terms: both parties' signatures of the old and the new hash, and what they may not change.

use crate::bilateral;
use alloy_sol_types::SolError;
use ringfence_bindings::{IEntity, IMarginVault as vault};
use ringfence_devchain::{Located, USDT};
use ringfence_protocol::{
    message::TermsAmendment,
    units::{Amount, Seconds, Timestamp},
    Address, Digest, Party,
};
use ringfence_suites::{addresses, calls, Contract, Mark, Stage, DAY, MARGIN, USD};

/// Two pairs under full terms, and terms for the first with a wider circuit breaker.
fn ready() -> (Stage, Contract, TermsAmendment) {
    let mut stage = Stage::full(2);
    let wider = widened(&stage);
    let message = stage.amendment(0, 1, &wider);
    (stage, wider, message)
}

fn widened(stage: &Stage) -> Contract {
    let mut contract = stage.pairs[0].contract();
    contract.terms.max_move = Amount::new(700_000 * USD);
    contract
}

#[track_caller]
fn refuses<E: SolError>(stage: &mut Stage, message: &TermsAmendment, contract: &Contract) {
    let terms = contract.encoded(&stage.signers());
    bilateral::refuses::<E, _>(stage, message, |a, b| calls::amend_with(message, terms.clone(), a, b));
}

/// The same for terms of which the message is right.
#[track_caller]
fn refuses_to<E: SolError>(stage: &mut Stage, change: impl FnOnce(&mut Contract)) {
    let mut contract = stage.pairs[0].contract();
    change(&mut contract);
    let message = stage.amendment(0, 1, &contract);
    refuses::<E>(stage, &message, &contract);
}

#[track_caller]
fn accepts(stage: &mut Stage, contract: Contract) {
    let before = stage.pairs[0].terms_hash;
    stage.amend(0, contract.clone());
    let (vault, hash) = (stage.vault(0), stage.pairs[0].terms_hash);
    assert_ne!(hash, before);
    assert_eq!(stage.read(vault, vault::termsHashCall {}).0, hash.0);
    assert_eq!(stage.read(vault, vault::termsCall {}), contract.encoded(&stage.signers()));
    stage.mark(0, Mark::default());
    stage.assert_conserved();
}

#[test]
fn amendment_refused_with_every_forged_signature() {
    let (mut stage, contract, message) = ready();
    let terms = contract.encoded(&stage.signers());
    bilateral::refuses_every_forgery(&mut stage, &message, |a, b| calls::amend_with(&message, terms.clone(), a, b));
    accepts(&mut stage, contract);
}

#[test]
fn amendment_refused_when_expired_skipped_or_replayed() {
    let (mut stage, contract, message) = ready();
    let past = Timestamp::new(stage.session.now() - 1);
    refuses::<vault::Expired>(&mut stage, &TermsAmendment { expiry: past, ..message }, &contract);
    refuses::<vault::SequenceReplayed>(&mut stage, &TermsAmendment { nonce: 0, ..message }, &contract);
    refuses::<vault::SequenceSkipped>(&mut stage, &TermsAmendment { nonce: 2, ..message }, &contract);
    accepts(&mut stage, contract.clone());
    refuses::<vault::SequenceReplayed>(&mut stage, &message, &contract);
}

#[test]
fn amendment_refused_from_or_to_other_terms_than_those_signed() {
    let (mut stage, contract, message) = ready();
    let elsewhere = stage.pairs[1].terms_hash;
    for from in [elsewhere, Digest::zero(), message.to] {
        refuses::<vault::TermsMismatch>(&mut stage, &TermsAmendment { from, ..message }, &contract);
    }
    refuses::<vault::TermsMismatch>(&mut stage, &TermsAmendment { to: elsewhere, ..message }, &contract);
    let mut other = contract.clone();
    other.terms.max_move = Amount::new(1);
    refuses::<vault::TermsMismatch>(&mut stage, &message, &other);
    accepts(&mut stage, contract);
}

#[test]
fn amendment_refused_of_asset_entity_rules_and_parties() {
    let mut stage = Stage::full(2);
    let other = Address::repeat_byte(0x77);
    refuses_to::<vault::TermsFixed>(&mut stage, |contract| contract.terms.asset = other);
    refuses_to::<vault::TermsFixed>(&mut stage, |contract| contract.terms.entity = other);
    refuses_to::<vault::TermsFixed>(&mut stage, |contract| contract.terms.rules = other);
    refuses_to::<vault::TermsFixed>(&mut stage, |contract| contract.terms.parties.a = other);
    refuses_to::<vault::TermsFixed>(&mut stage, |contract| contract.terms.parties.b = other);
}

#[test]
fn amendment_refused_of_signers_which_rotate_instead() {
    let (mut stage, contract, message) = ready();
    let mut terms = contract.encoded(&stage.signers());
    terms.signers = addresses(&stage.signers()).into_iter().take(2).collect();
    let call = |a, b| calls::amend_with(&message, terms.clone(), a, b);
    bilateral::refuses::<vault::SignersMismatch, _>(&mut stage, &message, call);
}

#[test]
fn amendment_refused_out_of_bounds() {
    let mut stage = Stage::full(2);
    refuses_to::<vault::PeriodOutOfBounds>(&mut stage, |contract| contract.terms.periods.cure = Seconds::new(1));
    refuses_to::<vault::ShareOutOfBounds>(&mut stage, |contract| {
        contract.terms.fee_cap = ringfence_protocol::units::Bps::new(1_001);
    });
    refuses_to::<vault::AmountOutOfBounds>(&mut stage, |contract| {
        contract.terms.dispute_deposit = Amount::new(Amount::MAX.get() + 1);
    });
}

#[test]
fn amendment_refused_while_a_call_or_a_dispute_is_open() {
    let (mut stage, contract, message) = ready();
    let here = stage.session.snapshot();
    stage.mark(0, Mark { margin_a: 2 * MARGIN, ..Mark::default() });
    refuses::<vault::CallOpen>(&mut stage, &message, &contract);
    stage.session.restore(&here);
    stage.mark(0, Mark { x: 100_000_000_000, ..Mark::default() });
    stage.dispute(0, Party::B, 0);
    refuses::<vault::DisputeOpen>(&mut stage, &message, &contract);
    stage.resolve(0, Party::B, 0);
    accepts(&mut stage, contract);
}

#[test]
fn amendment_refused_while_a_bond_is_live() {
    let mut stage = Stage::insured(2);
    let wider = widened(&stage);
    let message = stage.amendment(0, 1, &wider);
    refuses::<vault::CoverLive>(&mut stage, &message, &wider);
}

#[test]
fn amendment_of_the_collateral_refused_while_some_is_posted() {
    let mut stage = Stage::full(2);
    stage.post(0, Party::A, 10 * USD);
    refuses_to::<vault::CollateralInUse>(&mut stage, |contract| contract.schedule.0.clear());
    let posted = vault::CollateralMove { index: 0, quantity: 10 * USD };
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.must(&a, vault, vault::returnCollateralCall { returned: posted });
    let mut without = stage.pairs[0].contract();
    without.schedule.0.clear();
    accepts(&mut stage, without);
    assert_eq!(stage.session.balance(USDT, vault.address()), 0);
}

#[test]
fn amendment_refused_while_paused_in_run_off_and_before_the_pair_is_active() {
    let (mut stage, contract, message) = ready();
    let (admin, entity, vault) = (stage.admin.clone(), stage.entity, stage.vault(0));
    let here = stage.session.snapshot();
    stage.must(&admin, entity, IEntity::pauseVaultCall { vault, span: DAY });
    refuses::<vault::NewRiskPaused>(&mut stage, &message, &contract);
    stage.session.restore(&here);
    stage.must(&admin, entity, IEntity::runOffVaultCall { vault });
    refuses::<vault::RunningOff>(&mut stage, &message, &contract);

    let mut stage = Stage::empty();
    stage.propose_full_pair();
    let contract = widened(&stage);
    let message = stage.amendment(0, 1, &contract);
    refuses::<vault::NotActive>(&mut stage, &message, &contract);
}

#[test]
fn nothing_is_withdrawn_and_no_old_instruction_settles_after_an_amendment() {
    let (mut stage, contract, _) = ready();
    stage.session.next_block();
    let old = stage.instruction(0, Mark::default());
    let signatures = stage.signed_by(&[0, 1], stage.pairs[0].digest(&old));
    stage.amend(0, contract);
    let (a, keeper, vault) = (stage.pairs[0].a.clone(), stage.keeper.clone(), stage.vault(0));
    stage.assert_refused::<vault::TermsMismatch>(&keeper, vault, calls::settle(&old, signatures));
    stage.assert_refused::<vault::ValuationStale>(&a, vault, vault::withdrawCall { amount: 1 });
    stage.mark(0, Mark::default());
    stage.withdraw(0, Party::A, 1);
}
