//! New signers of the valuation agent: both parties' signatures of the set.

use crate::bilateral;
use alloy_sol_types::SolError;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Actor, Located};
use ringfence_protocol::{message::SignerRotation, signature::SignerSet, units::Timestamp, Digest, Party};
use ringfence_suites::{addresses, calls, Mark, Stage};

/// Two pairs, and three other keys for the first.
fn ready() -> (Stage, Vec<Actor>, SignerSet, SignerRotation) {
    let mut stage = Stage::open(2);
    stage.mark(0, Mark::default());
    let mut keys: Vec<_> = (0..3).map(|number| stage.session.eth_actor(&format!("new agent {number}"))).collect();
    keys.sort_by_key(Located::h160);
    let set = SignerSet::new(keys.iter().map(Located::h160).collect(), 2).expect("three keys");
    let message = stage.rotation(0, 1, &set);
    (stage, keys, set, message)
}

#[track_caller]
fn refuses<E: SolError>(stage: &mut Stage, message: &SignerRotation, set: &SignerSet) {
    bilateral::refuses::<E, _>(stage, message, |a, b| calls::rotate_with(message, addresses(set), a, b));
}

/// The control: the old keys settle nothing any more and the new ones do.
#[track_caller]
fn accepts(mut stage: Stage, keys: Vec<Actor>, set: &SignerSet) {
    stage.rotate(0, set);
    let vault = stage.vault(0);
    assert_eq!(stage.read(vault, vault::signersCall {}), addresses(set));
    assert_eq!(stage.read(vault, vault::mandateCall {}).signerEpoch, 1);
    stage.adopt_agents(0, keys);
}

#[test]
fn rotation_refused_with_every_forged_signature() {
    let (mut stage, keys, set, message) = ready();
    let call = |a, b| calls::rotate_with(&message, addresses(&set), a, b);
    bilateral::refuses_every_forgery(&mut stage, &message, call);
    accepts(stage, keys, &set);
}

#[test]
fn rotation_refused_when_expired_skipped_or_replayed() {
    let (mut stage, _, set, message) = ready();
    let past = Timestamp::new(stage.session.now() - 1);
    refuses::<vault::Expired>(&mut stage, &SignerRotation { expiry: past, ..message }, &set);
    refuses::<vault::SequenceReplayed>(&mut stage, &SignerRotation { epoch: 0, ..message }, &set);
    refuses::<vault::SequenceSkipped>(&mut stage, &SignerRotation { epoch: 2, ..message }, &set);
    stage.rotate(0, &set);
    refuses::<vault::SequenceReplayed>(&mut stage, &message, &set);
}

#[test]
fn rotation_refused_under_other_terms() {
    let (mut stage, keys, set, message) = ready();
    let terms_hash = stage.pairs[1].terms_hash;
    refuses::<vault::TermsMismatch>(&mut stage, &SignerRotation { terms_hash, ..message }, &set);
    accepts(stage, keys, &set);
}

#[test]
fn rotation_refused_to_another_set_or_threshold_than_signed() {
    let (mut stage, keys, set, message) = ready();
    let zero = SignerRotation { signers_hash: Digest::zero(), ..message };
    refuses::<vault::SignersMismatch>(&mut stage, &zero, &set);
    let two = SignerSet::new(set.signers()[..2].to_vec(), 2).expect("two keys");
    refuses::<vault::SignersMismatch>(&mut stage, &message, &two);
    refuses::<vault::SignerThreshold>(&mut stage, &SignerRotation { threshold: 1, ..message }, &set);
    refuses::<vault::SignerThreshold>(&mut stage, &SignerRotation { threshold: 4, ..message }, &set);
    accepts(stage, keys, &set);
}

#[test]
fn rotation_refused_to_a_set_that_is_none() {
    let (mut stage, _, set, message) = ready();
    let mut turned = addresses(&set);
    turned.reverse();
    let twice = vec![turned[0], turned[0]];
    for signers in [turned, twice] {
        let call = |a, b| calls::rotate_with(&message, signers.clone(), a, b);
        bilateral::refuses::<vault::SignerOrder, _>(&mut stage, &message, call);
    }
    let nobody = |a, b| calls::rotate_with(&message, Vec::new(), a, b);
    bilateral::refuses::<vault::SignerCount, _>(&mut stage, &message, nobody);
    let nine = (1..=9).map(alloy_primitives::Address::repeat_byte).collect::<Vec<_>>();
    let call = |a, b| calls::rotate_with(&message, nine.clone(), a, b);
    bilateral::refuses::<vault::SignerCount, _>(&mut stage, &message, call);
}

#[test]
fn rotation_is_open_during_a_default_and_the_new_keys_determine_it() {
    let (mut stage, keys, set, _) = ready();
    stage.give_up(0, Party::A);
    stage.rotate(0, &set);
    let message = stage.determination(0, Party::A, 5);
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    let old = stage.signed_by(&[0, 1], stage.pairs[0].digest(&message));
    stage.assert_refused::<vault::UnknownSigner>(&keeper, vault, calls::close_out(&message, old));
    stage.agents = keys;
    stage.close_out(0, &message, &[0, 1]);
}
