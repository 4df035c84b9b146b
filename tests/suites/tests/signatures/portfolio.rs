//! Portfolio agreements: both parties' signatures, in the order of the parties.

use alloy_sol_types::SolError;
use ringfence_bindings::IMarginVault as vault;
use ringfence_protocol::{message::PortfolioAgreement, units::Timestamp, Digest};
use ringfence_suites::{calls, high_s_twin, with_v, Stage};

/// A running pair and its second portfolio.
fn ready() -> (Stage, PortfolioAgreement) {
    let mut stage = Stage::open(2);
    let message = stage.agreement(0, 2, Digest::repeat_byte(0x51));
    (stage, message)
}

#[track_caller]
fn refuses<E: SolError>(stage: &mut Stage, message: &PortfolioAgreement) {
    let pair = &stage.pairs[0];
    let digest = pair.digest(message);
    let (a, b) = (calls::signature(&pair.a, digest), calls::signature(&pair.b, digest));
    refuses_signed::<E>(stage, message, a, b);
}

#[track_caller]
fn refuses_signed<E: SolError>(stage: &mut Stage, message: &PortfolioAgreement, a: Vec<u8>, b: Vec<u8>) {
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.assert_refused::<E>(&keeper, vault, calls::agree_with(message, a, b));
}

#[track_caller]
fn accepts(stage: &mut Stage, message: &PortfolioAgreement) {
    stage.submit_agreement(0, message);
    let vault = stage.vault(0);
    let agreed = stage.read(vault, vault::mandateCall {});
    assert_eq!((agreed.portfolioVersion, agreed.portfolioRoot.0), (message.version, message.portfolio_root.0));
}

#[test]
fn portfolio_refused_with_signatures_of_others_than_the_two_parties() {
    let (mut stage, message) = ready();
    let digest = stage.pairs[0].digest(&message);
    let sign = |actor| calls::signature(actor, digest);
    let (a, b) = (sign(&stage.pairs[0].a), sign(&stage.pairs[0].b));
    let (stranger, other_pair) = (sign(&stage.keeper), sign(&stage.pairs[1].a));
    let wrong = [(&b, &a), (&a, &a), (&b, &b), (&stranger, &b), (&a, &stranger), (&other_pair, &b)];
    for (first, second) in wrong {
        refuses_signed::<vault::UnknownSigner>(&mut stage, &message, first.clone(), second.clone());
    }
    accepts(&mut stage, &message);
}

#[test]
fn portfolio_refused_with_malformed_signatures() {
    let (mut stage, message) = ready();
    let digest = stage.pairs[0].digest(&message);
    let (a, b) = (calls::signature(&stage.pairs[0].a, digest), calls::signature(&stage.pairs[0].b, digest));
    let (short, both) = (a[..64].to_vec(), [a.clone(), b.clone()].concat());
    refuses_signed::<vault::MalformedSignatures>(&mut stage, &message, Vec::new(), b.clone());
    refuses_signed::<vault::MalformedSignatures>(&mut stage, &message, short, b.clone());
    refuses_signed::<vault::MalformedSignatures>(&mut stage, &message, both, b.clone());
    refuses_signed::<vault::MalformedSignatures>(&mut stage, &message, a.clone(), Vec::new());
    refuses_signed::<vault::HighS>(&mut stage, &message, a.clone(), high_s_twin(&b));
    for v in [0, 1, 26, 29] {
        refuses_signed::<vault::InvalidRecoveryId>(&mut stage, &message, with_v(a.clone(), v), b.clone());
    }
    let nothing = with_v(vec![0; 65], 28);
    refuses_signed::<vault::UnrecoverableSignature>(&mut stage, &message, a, nothing);
    accepts(&mut stage, &message);
}

#[test]
fn portfolio_refused_when_replayed_or_skipped() {
    let (mut stage, message) = ready();
    for version in [0, 1] {
        refuses::<vault::SequenceReplayed>(&mut stage, &PortfolioAgreement { version, ..message });
    }
    refuses::<vault::SequenceSkipped>(&mut stage, &PortfolioAgreement { version: 3, ..message });
    accepts(&mut stage, &message);
    refuses::<vault::SequenceReplayed>(&mut stage, &message);
}

#[test]
fn portfolio_refused_when_expired() {
    let (mut stage, message) = ready();
    let past = Timestamp::new(stage.session.now() - 1);
    refuses::<vault::Expired>(&mut stage, &PortfolioAgreement { expiry: past, ..message });
    accepts(&mut stage, &message);
}

#[test]
fn portfolio_refused_for_other_terms() {
    let (mut stage, message) = ready();
    let terms_hash = stage.pairs[1].terms_hash;
    refuses::<vault::TermsMismatch>(&mut stage, &PortfolioAgreement { terms_hash, ..message });
    accepts(&mut stage, &message);
}

#[test]
fn portfolio_refused_when_signed_for_another_vault() {
    let (mut stage, message) = ready();
    let digest = stage.pairs[1].digest(&message);
    let (a, b) = (calls::signature(&stage.pairs[0].a, digest), calls::signature(&stage.pairs[0].b, digest));
    refuses_signed::<vault::UnknownSigner>(&mut stage, &message, a, b);
    accepts(&mut stage, &message);
}

#[test]
fn portfolio_refused_with_every_forged_signature_and_for_another_chain() {
    let (mut stage, message) = ready();
    let call = |a, b| calls::agree_with(&message, a, b);
    crate::bilateral::refuses_every_forgery(&mut stage, &message, call);
    accepts(&mut stage, &message);
}

#[test]
fn portfolio_refused_before_the_pair_is_active() {
    let mut stage = Stage::empty();
    stage.propose_pair();
    let message = stage.agreement(0, 1, Digest::repeat_byte(0x50));
    refuses::<vault::NotActive>(&mut stage, &message);
}
