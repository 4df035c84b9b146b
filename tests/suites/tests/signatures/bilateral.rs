//! Forged signatures of messages that both parties sign, whatever the message.

use alloy_sol_types::{SolCall, SolError};
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::CHAIN_ID;
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::eip712::{Domain, TypedMessage};
use ringfence_suites::{calls, high_s_twin, with_v, Stage};

/// Refuses a properly signed message of the first pair with this error.
#[track_caller]
pub(crate) fn refuses<E: SolError, C: SolCall>(
    stage: &mut Stage,
    message: &impl TypedMessage,
    call: impl Fn(Vec<u8>, Vec<u8>) -> C,
) {
    let pair = stage.pairs[0].clone();
    let [a, b] = ringfence_suites::both(&pair, pair.digest(message));
    let keeper = stage.keeper.clone();
    stage.assert_refused::<E>(&keeper, pair.vault, call(a, b));
}

/// Refuses a message of the first pair, which has to be valid but for its signatures, for every fault that two signatures
/// can have: other signers, other vaults, other chains, and malformed ones.
#[track_caller]
pub(crate) fn refuses_every_forgery<C: SolCall>(
    stage: &mut Stage,
    message: &impl TypedMessage,
    call: impl Fn(Vec<u8>, Vec<u8>) -> C,
) {
    let (pair, other, keeper) = (stage.pairs[0].clone(), stage.pairs[1].clone(), stage.keeper.clone());
    let digest = pair.digest(message);
    let sign = |actor| calls::signature(actor, digest);
    let [a, b] = ringfence_suites::both(&pair, digest);
    let (agent, stranger, foreign) = (sign(&stage.agents[0]), sign(&stage.keeper), sign(&other.a));

    let wrong = [(&b, &a), (&a, &a), (&b, &b), (&agent, &b), (&a, &stranger), (&foreign, &b)];
    for (first, second) in wrong {
        stage.assert_refused::<vault::UnknownSigner>(&keeper, pair.vault, call(first.clone(), second.clone()));
    }
    let elsewhere = [0, 1, CHAIN_ID + 1, CHAIN_ID | 1 << 32]
        .map(|chain_id| message.digest::<Keccak>(&Domain { chain_id, ..pair.domain() }));
    for digest in elsewhere.into_iter().chain([other.digest(message)]) {
        let [a, b] = ringfence_suites::both(&pair, digest);
        stage.assert_refused::<vault::UnknownSigner>(&keeper, pair.vault, call(a, b));
    }
    for short in [Vec::new(), a[..64].to_vec(), [a.clone(), b.clone()].concat()] {
        stage.assert_refused::<vault::MalformedSignatures>(&keeper, pair.vault, call(short.clone(), b.clone()));
        stage.assert_refused::<vault::MalformedSignatures>(&keeper, pair.vault, call(a.clone(), short));
    }
    stage.assert_refused::<vault::HighS>(&keeper, pair.vault, call(high_s_twin(&a), b.clone()));
    stage.assert_refused::<vault::HighS>(&keeper, pair.vault, call(a.clone(), high_s_twin(&b)));
    for v in [0, 1, 26, 29] {
        let call = call(with_v(a.clone(), v), b.clone());
        stage.assert_refused::<vault::InvalidRecoveryId>(&keeper, pair.vault, call);
    }
    let nothing = with_v(vec![0; 65], 28);
    stage.assert_refused::<vault::UnrecoverableSignature>(&keeper, pair.vault, call(a, nothing));
}
