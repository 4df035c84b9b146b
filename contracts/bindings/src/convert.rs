//! Between the protocol's types and the bindings'.

use crate::interfaces::IMarginVault;
use alloy_primitives::{Address, FixedBytes};
use ringfence_protocol::{
    collateral::{Mark, Schedule},
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

impl From<terms::Periods> for IMarginVault::Periods {
    fn from(periods: terms::Periods) -> Self {
        Self {
            cure: periods.cure.get(),
            notification: periods.notification.get(),
            maxStaleness: periods.max_staleness.get(),
            dispute: periods.dispute.get(),
            replacement: periods.replacement.get(),
            closeOut: periods.close_out.get(),
            auction: periods.auction.get(),
            oracleTimeout: periods.oracle_timeout.get(),
        }
    }
}

impl From<(&Terms, &Schedule, &SignerSet)> for IMarginVault::CsaTerms {
    fn from((terms, schedule, signers): (&Terms, &Schedule, &SignerSet)) -> Self {
        let eligible = schedule.0.iter().map(|eligible| IMarginVault::EligibleCollateral {
            asset: address(eligible.asset),
            haircut: eligible.haircut.get(),
            limit: eligible.limit.get(),
        });
        Self {
            asset: address(terms.asset),
            entity: address(terms.entity),
            rules: address(terms.rules),
            partyA: address(terms.parties.a),
            partyB: address(terms.parties.b),
            csa: [terms.csa.a.into(), terms.csa.b.into()],
            periods: terms.periods.into(),
            limits: IMarginVault::Limits {
                maxMove: terms.max_move.get(),
                disputeDeposit: terms.dispute_deposit.get(),
                disputeTolerance: terms.dispute_tolerance.get(),
                feeCap: terms.fee_cap.get(),
                tailShareA: terms.tail_share_a.get(),
            },
            collateral: eligible.collect(),
            signers: signers.signers().iter().copied().map(address).collect(),
            signerThreshold: signers.threshold(),
        }
    }
}

impl From<&Mark> for IMarginVault::CollateralMark {
    fn from(mark: &Mark) -> Self {
        Self { price: mark.price.get(), haircut: mark.haircut.get() }
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
            interestIndex: message.interest_index.get(),
            feeRate: message.fee_rate.get(),
            collateral: message.collateral.iter().map(Into::into).collect(),
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

impl From<&message::TermsAmendment> for IMarginVault::TermsAmendment {
    fn from(message: &message::TermsAmendment) -> Self {
        Self { nonce: message.nonce, from: digest(message.from), to: digest(message.to), expiry: message.expiry.get() }
    }
}

impl From<&message::SignerRotation> for IMarginVault::SignerRotation {
    fn from(message: &message::SignerRotation) -> Self {
        Self {
            termsHash: digest(message.terms_hash),
            epoch: message.epoch,
            signersHash: digest(message.signers_hash),
            threshold: message.threshold,
            expiry: message.expiry.get(),
        }
    }
}

impl From<&message::CallExtension> for IMarginVault::CallExtension {
    fn from(message: &message::CallExtension) -> Self {
        Self {
            party: address(message.party),
            deadline: message.deadline.get(),
            extended: message.extended.get(),
            expiry: message.expiry.get(),
        }
    }
}

impl From<&message::DisputedValue> for IMarginVault::DisputedValue {
    fn from(value: &message::DisputedValue) -> Self {
        Self { dispute: value.dispute, entitlementA: value.entitlement_a.get(), expiry: value.expiry.get() }
    }
}

impl From<&message::MutualTermination> for IMarginVault::MutualTermination {
    fn from(message: &message::MutualTermination) -> Self {
        Self {
            termsHash: digest(message.terms_hash),
            nonce: message.nonce,
            entitlementA: message.entitlement_a.get(),
            expiry: message.expiry.get(),
        }
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
