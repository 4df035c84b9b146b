//! Between the protocol's types and the bindings'.

use crate::interfaces::IMarginVault;
use alloy_primitives::{Address, FixedBytes};
use ringfence_protocol::{
    message,
    signature::SignerSet,
    terms::{self, Terms},
};

/// An address of the protocol as alloy has it.
pub fn address(address: ringfence_protocol::Address) -> Address {
    Address::from(address.0)
}

fn digest(digest: ringfence_protocol::Digest) -> FixedBytes<32> {
    FixedBytes(digest.0)
}

impl From<terms::PartyTerms> for IMarginVault::PartyTerms {
    fn from(terms: terms::PartyTerms) -> Self {
        Self {
            threshold: terms.threshold.get(),
            minimumTransferAmount: terms.minimum_transfer_amount.get(),
            roundingAmount: terms.rounding_amount.get(),
            independentAmount: terms.independent_amount.get(),
        }
    }
}

impl From<(&Terms, &SignerSet)> for IMarginVault::CsaTerms {
    fn from((terms, signers): (&Terms, &SignerSet)) -> Self {
        Self {
            asset: address(terms.asset),
            entity: address(terms.entity),
            partyA: address(terms.parties.a),
            partyB: address(terms.parties.b),
            termsA: terms.csa.a.into(),
            termsB: terms.csa.b.into(),
            periods: IMarginVault::Periods {
                cure: terms.periods.cure.get(),
                maxStaleness: terms.periods.max_staleness.get(),
                closeOut: terms.periods.close_out.get(),
                oracleTimeout: terms.periods.oracle_timeout.get(),
            },
            maxMove: terms.max_move.get(),
            tailShareA: terms.tail_share_a.get(),
            signers: signers.signers().iter().copied().map(address).collect(),
            signerThreshold: signers.threshold(),
        }
    }
}

impl From<&message::MarginInstruction> for IMarginVault::MarginInstruction {
    fn from(message: &message::MarginInstruction) -> Self {
        Self {
            vault: address(message.vault),
            termsHash: digest(message.terms_hash),
            sequence: message.sequence,
            valuationTime: message.valuation_time.get(),
            expiry: message.expiry.get(),
            portfolioRoot: digest(message.portfolio_root),
            entitlementA: message.entitlement_a.get(),
            initialMarginA: message.initial_margin_a.get(),
            initialMarginB: message.initial_margin_b.get(),
            tailRequirement: message.tail_requirement.get(),
            marketDataRoot: digest(message.market_data_root),
            modelVersion: message.model_version,
        }
    }
}

impl From<&message::PortfolioAgreement> for IMarginVault::PortfolioAgreement {
    fn from(message: &message::PortfolioAgreement) -> Self {
        Self {
            version: message.version,
            portfolioRoot: digest(message.portfolio_root),
            termsHash: digest(message.terms_hash),
            expiry: message.expiry.get(),
        }
    }
}

impl From<&message::MutualTermination> for IMarginVault::MutualTermination {
    fn from(message: &message::MutualTermination) -> Self {
        Self { nonce: message.nonce, entitlementA: message.entitlement_a.get(), expiry: message.expiry.get() }
    }
}

impl From<&message::CloseOutDetermination> for IMarginVault::CloseOutDetermination {
    fn from(message: &message::CloseOutDetermination) -> Self {
        Self {
            sequence: message.sequence,
            defaulter: address(message.defaulter),
            amount: message.amount.get(),
            evidenceRoot: digest(message.evidence_root),
            expiry: message.expiry.get(),
        }
    }
}
