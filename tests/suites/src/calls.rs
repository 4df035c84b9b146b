//! Calls of a vault's signed messages, as wallets encode them.

use crate::LivePair;
use ringfence_bindings::IMarginVault::{agreePortfolioCall, closeOutCall, settleCall, terminateCall};
use ringfence_devchain::{Actor, CHAIN_ID};
use ringfence_protocol::{
    message::{CloseOutDetermination, MarginInstruction, MutualTermination, PortfolioAgreement},
    Digest,
};

/// An instruction for this chain.
pub fn settle(message: &MarginInstruction, signatures: Vec<u8>) -> settleCall {
    settle_on(CHAIN_ID, message, signatures)
}

/// An instruction that claims to be for `chain`.
pub fn settle_on(chain: u64, message: &MarginInstruction, signatures: Vec<u8>) -> settleCall {
    settleCall { chainId: chain, instruction: message.into(), signatures: signatures.into() }
}

/// A close-out determination.
pub fn close_out(message: &CloseOutDetermination, signatures: Vec<u8>) -> closeOutCall {
    closeOutCall { determination: message.into(), signatures: signatures.into() }
}

/// A portfolio with both parties' signatures of `digest`.
pub fn agree(message: &PortfolioAgreement, pair: &LivePair, digest: Digest) -> agreePortfolioCall {
    agree_with(message, signature(&pair.a, digest), signature(&pair.b, digest))
}

/// A portfolio with any signatures.
pub fn agree_with(message: &PortfolioAgreement, a: Vec<u8>, b: Vec<u8>) -> agreePortfolioCall {
    agreePortfolioCall { portfolio: message.into(), signatureA: a.into(), signatureB: b.into() }
}

/// A termination with both parties' signatures of `digest`.
pub fn terminate(message: &MutualTermination, pair: &LivePair, digest: Digest) -> terminateCall {
    terminate_with(message, signature(&pair.a, digest), signature(&pair.b, digest))
}

/// A termination with any signatures.
pub fn terminate_with(message: &MutualTermination, a: Vec<u8>, b: Vec<u8>) -> terminateCall {
    terminateCall { termination: message.into(), signatureA: a.into(), signatureB: b.into() }
}

/// An actor's 65 bytes: `r || s || v`.
///
/// # Panics
/// For a native actor, of which the stage has none.
pub fn signature(actor: &Actor, digest: Digest) -> Vec<u8> {
    actor.sign(digest.0).expect("every actor of the stage has an Ethereum key").to_vec()
}
