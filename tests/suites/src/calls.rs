//! Calls of a vault's signed messages, as wallets encode them.

#![allow(non_snake_case, reason = "fields of the bindings are named as in Solidity")]

use crate::LivePair;
use alloy_primitives::Address;
use ringfence_bindings::IMarginVault::{
    agreePortfolioCall, amendTermsCall, closeOutCall, determineDisputeCall, extendCallCall, resolveDisputeCall,
    rotateSignersCall, settleCall, terminateCall, CsaTerms, DeterminedDispute, ResolvedDispute, SignedAmendment,
    SignedDetermination, SignedExtension, SignedInstruction, SignedPortfolio, SignedRotation, SignedTermination,
};
use ringfence_devchain::{Actor, Located, CHAIN_ID};
use ringfence_protocol::{
    message::{
        CallExtension, CloseOutDetermination, DisputedValue, MarginInstruction, MutualTermination, PortfolioAgreement,
        SignerRotation, TermsAmendment,
    },
    Digest,
};

/// An instruction for this chain.
pub fn settle(message: &MarginInstruction, signatures: Vec<u8>) -> settleCall {
    settle_on(CHAIN_ID, message, signatures)
}

/// An instruction that claims to be for `chain`.
pub fn settle_on(chain: u64, message: &MarginInstruction, signatures: Vec<u8>) -> settleCall {
    let signatures = signatures.into();
    settleCall { signed: SignedInstruction { chainId: chain, instruction: message.into(), signatures } }
}

/// A close-out determination.
pub fn close_out(message: &CloseOutDetermination, signatures: Vec<u8>) -> closeOutCall {
    closeOutCall { signed: SignedDetermination { determination: message.into(), signatures: signatures.into() } }
}

/// A portfolio with both parties' signatures of `digest`.
pub fn agree(message: &PortfolioAgreement, pair: &LivePair, digest: Digest) -> agreePortfolioCall {
    agree_with(message, signature(&pair.a, digest), signature(&pair.b, digest))
}

/// A portfolio with any signatures.
pub fn agree_with(message: &PortfolioAgreement, a: Vec<u8>, b: Vec<u8>) -> agreePortfolioCall {
    let (signatureA, signatureB) = (a.into(), b.into());
    agreePortfolioCall { signed: SignedPortfolio { portfolio: message.into(), signatureA, signatureB } }
}

/// A termination with both parties' signatures of `digest`.
pub fn terminate(message: &MutualTermination, pair: &LivePair, digest: Digest) -> terminateCall {
    terminate_with(message, signature(&pair.a, digest), signature(&pair.b, digest))
}

/// A termination with any signatures.
pub fn terminate_with(message: &MutualTermination, a: Vec<u8>, b: Vec<u8>) -> terminateCall {
    let (signatureA, signatureB) = (a.into(), b.into());
    terminateCall { signed: SignedTermination { termination: message.into(), signatureA, signatureB } }
}

/// An amendment with any signatures.
pub fn amend_with(message: &TermsAmendment, terms: CsaTerms, a: Vec<u8>, b: Vec<u8>) -> amendTermsCall {
    let (signatureA, signatureB) = (a.into(), b.into());
    amendTermsCall { signed: SignedAmendment { amendment: message.into(), terms, signatureA, signatureB } }
}

/// A rotation with any signatures.
pub fn rotate_with(message: &SignerRotation, signers: Vec<Address>, a: Vec<u8>, b: Vec<u8>) -> rotateSignersCall {
    let (signatureA, signatureB) = (a.into(), b.into());
    rotateSignersCall { signed: SignedRotation { rotation: message.into(), signers, signatureA, signatureB } }
}

/// An extension of a call with any signature.
pub fn extend(message: &CallExtension, signature: Vec<u8>) -> extendCallCall {
    extendCallCall { signed: SignedExtension { extension: message.into(), signature: signature.into() } }
}

/// The agent's value of a party's dispute.
pub fn determine(party: impl Located, value: &DisputedValue, signatures: Vec<u8>) -> determineDisputeCall {
    let signed = DeterminedDispute { party: party.address(), value: value.into(), signatures: signatures.into() };
    determineDisputeCall { signed }
}

/// The parties' value of a party's dispute, with any signatures.
pub fn resolve_with(party: impl Located, value: &DisputedValue, a: Vec<u8>, b: Vec<u8>) -> resolveDisputeCall {
    let (signatureA, signatureB) = (a.into(), b.into());
    let signed = ResolvedDispute { party: party.address(), value: value.into(), signatureA, signatureB };
    resolveDisputeCall { signed }
}

/// An actor's 65 bytes: `r || s || v`.
///
/// # Panics
/// For a native actor, of which the stage has none.
pub fn signature(actor: &Actor, digest: Digest) -> Vec<u8> {
    actor.sign(digest.0).expect("every actor of the stage has an Ethereum key").to_vec()
}
