//! Each message with its twin in alloy's types, and its reading from the vectors.

use crate::sol;
use alloy_primitives::{Address as AlloyAddress, B256};
use alloy_sol_types::SolStruct;
use ringfence_protocol::{
    collateral::Mark,
    eip712::TypedMessage,
    message::{
        CallExtension, CloseOutDetermination, DisputeDetermination, DisputeResolution, DisputedValue,
        MarginInstruction, MutualTermination, PortfolioAgreement, SignerRotation, TermsAmendment,
    },
    units::{Amount, Bps, Seconds, SignedAmount, Timestamp, Wad},
    Address, Digest,
};
use serde_json::Value;
use std::str::FromStr;

/// A protocol message with alloy's twin and a reading from the vectors.
pub(crate) trait Twin: TypedMessage + Sized {
    const NAME: &'static str;
    const TYPE: &'static str;
    type Sol: SolStruct;
    fn twin(&self) -> Self::Sol;
    fn read(json: &Value) -> Self;
}

pub(crate) fn to_alloy(address: Address) -> AlloyAddress {
    AlloyAddress::from(address.0)
}

pub(crate) fn word(digest: Digest) -> B256 {
    B256::from(digest.0)
}

pub(crate) fn text<'a>(json: &'a Value, key: &str) -> &'a str {
    json[key].as_str().unwrap_or_else(|| panic!("{key} is missing"))
}

pub(crate) fn number<T: FromStr>(json: &Value, key: &str) -> T {
    let digits = text(json, key);
    digits.parse().unwrap_or_else(|_| panic!("{key} is not a number of its type: {digits}"))
}

pub(crate) fn bytes(hex_text: &str) -> Vec<u8> {
    hex::decode(hex_text.strip_prefix("0x").expect("0x")).expect("hex")
}

pub(crate) fn address(json: &Value, key: &str) -> Address {
    Address::from_slice(&bytes(text(json, key)))
}

pub(crate) fn digest(json: &Value, key: &str) -> Digest {
    Digest::from_slice(&bytes(text(json, key)))
}

pub(crate) fn amount(json: &Value, key: &str) -> Amount {
    Amount::new(number(json, key))
}

pub(crate) fn time(json: &Value, key: &str) -> Timestamp {
    Timestamp::new(number(json, key))
}

pub(crate) fn span(json: &Value, key: &str) -> Seconds {
    Seconds::new(number(json, key))
}

pub(crate) fn share(json: &Value, key: &str) -> Bps {
    Bps::new(number(json, key))
}

pub(crate) fn list<T>(json: &Value, key: &str, read: impl Fn(&Value) -> T) -> Vec<T> {
    json[key].as_array().unwrap_or_else(|| panic!("{key} is no list")).iter().map(read).collect()
}

fn to_mark(mark: &Mark) -> sol::CollateralMark {
    sol::CollateralMark { price: mark.price.get(), haircut: mark.haircut.get() }
}

fn read_mark(json: &Value) -> Mark {
    Mark { price: amount(json, "price"), haircut: share(json, "haircut") }
}

impl Twin for MarginInstruction {
    const NAME: &'static str = "MarginInstruction";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::MarginInstruction;

    fn twin(&self) -> Self::Sol {
        sol::MarginInstruction {
            vault: to_alloy(self.vault),
            termsHash: word(self.terms_hash),
            sequence: self.sequence,
            valuationTime: self.valuation_time.get(),
            expiry: self.expiry.get(),
            portfolioRoot: word(self.portfolio_root),
            entitlementA: self.entitlement_a.get(),
            initialMarginA: self.initial_margin_a.get(),
            initialMarginB: self.initial_margin_b.get(),
            tailRequirement: self.tail_requirement.get(),
            interestIndex: self.interest_index.get(),
            feeRate: self.fee_rate.get(),
            collateral: self.collateral.iter().map(to_mark).collect(),
            marketDataRoot: word(self.market_data_root),
            modelVersion: self.model_version,
        }
    }

    fn read(json: &Value) -> Self {
        Self {
            vault: address(json, "vault"),
            terms_hash: digest(json, "termsHash"),
            sequence: number(json, "sequence"),
            valuation_time: time(json, "valuationTime"),
            expiry: time(json, "expiry"),
            portfolio_root: digest(json, "portfolioRoot"),
            entitlement_a: SignedAmount::new(number(json, "entitlementA")),
            initial_margin_a: amount(json, "initialMarginA"),
            initial_margin_b: amount(json, "initialMarginB"),
            tail_requirement: amount(json, "tailRequirement"),
            interest_index: Wad::new(number(json, "interestIndex")),
            fee_rate: share(json, "feeRate"),
            collateral: list(json, "collateral", read_mark),
            market_data_root: digest(json, "marketDataRoot"),
            model_version: number(json, "modelVersion"),
        }
    }
}

impl Twin for PortfolioAgreement {
    const NAME: &'static str = "PortfolioAgreement";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::PortfolioAgreement;

    fn twin(&self) -> Self::Sol {
        sol::PortfolioAgreement {
            version: self.version,
            portfolioRoot: word(self.portfolio_root),
            termsHash: word(self.terms_hash),
            expiry: self.expiry.get(),
        }
    }

    fn read(json: &Value) -> Self {
        Self {
            version: number(json, "version"),
            portfolio_root: digest(json, "portfolioRoot"),
            terms_hash: digest(json, "termsHash"),
            expiry: time(json, "expiry"),
        }
    }
}

impl Twin for MutualTermination {
    const NAME: &'static str = "MutualTermination";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::MutualTermination;

    fn twin(&self) -> Self::Sol {
        sol::MutualTermination {
            termsHash: word(self.terms_hash),
            nonce: self.nonce,
            entitlementA: self.entitlement_a.get(),
            expiry: self.expiry.get(),
        }
    }

    fn read(json: &Value) -> Self {
        Self {
            terms_hash: digest(json, "termsHash"),
            nonce: number(json, "nonce"),
            entitlement_a: SignedAmount::new(number(json, "entitlementA")),
            expiry: time(json, "expiry"),
        }
    }
}

impl Twin for CloseOutDetermination {
    const NAME: &'static str = "CloseOutDetermination";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::CloseOutDetermination;

    fn twin(&self) -> Self::Sol {
        sol::CloseOutDetermination {
            sequence: self.sequence,
            defaulter: to_alloy(self.defaulter),
            amount: self.amount.get(),
            evidenceRoot: word(self.evidence_root),
            expiry: self.expiry.get(),
        }
    }

    fn read(json: &Value) -> Self {
        Self {
            sequence: number(json, "sequence"),
            defaulter: address(json, "defaulter"),
            amount: SignedAmount::new(number(json, "amount")),
            evidence_root: digest(json, "evidenceRoot"),
            expiry: time(json, "expiry"),
        }
    }
}

impl Twin for SignerRotation {
    const NAME: &'static str = "SignerRotation";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::SignerRotation;

    fn twin(&self) -> Self::Sol {
        sol::SignerRotation {
            termsHash: word(self.terms_hash),
            epoch: self.epoch,
            signersHash: word(self.signers_hash),
            threshold: self.threshold,
            expiry: self.expiry.get(),
        }
    }

    fn read(json: &Value) -> Self {
        Self {
            terms_hash: digest(json, "termsHash"),
            epoch: number(json, "epoch"),
            signers_hash: digest(json, "signersHash"),
            threshold: number(json, "threshold"),
            expiry: time(json, "expiry"),
        }
    }
}

impl Twin for TermsAmendment {
    const NAME: &'static str = "TermsAmendment";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::TermsAmendment;

    fn twin(&self) -> Self::Sol {
        sol::TermsAmendment { nonce: self.nonce, from: word(self.from), to: word(self.to), expiry: self.expiry.get() }
    }

    fn read(json: &Value) -> Self {
        Self {
            nonce: number(json, "nonce"),
            from: digest(json, "from"),
            to: digest(json, "to"),
            expiry: time(json, "expiry"),
        }
    }
}

impl Twin for CallExtension {
    const NAME: &'static str = "CallExtension";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::CallExtension;

    fn twin(&self) -> Self::Sol {
        sol::CallExtension {
            party: to_alloy(self.party),
            deadline: self.deadline.get(),
            extended: self.extended.get(),
            expiry: self.expiry.get(),
        }
    }

    fn read(json: &Value) -> Self {
        Self {
            party: address(json, "party"),
            deadline: time(json, "deadline"),
            extended: time(json, "extended"),
            expiry: time(json, "expiry"),
        }
    }
}

fn read_disputed(json: &Value) -> DisputedValue {
    DisputedValue {
        dispute: number(json, "dispute"),
        entitlement_a: SignedAmount::new(number(json, "entitlementA")),
        expiry: time(json, "expiry"),
    }
}

impl Twin for DisputeDetermination {
    const NAME: &'static str = "DisputeDetermination";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::DisputeDetermination;

    fn twin(&self) -> Self::Sol {
        let value = &self.0;
        sol::DisputeDetermination {
            dispute: value.dispute,
            entitlementA: value.entitlement_a.get(),
            expiry: value.expiry.get(),
        }
    }

    fn read(json: &Value) -> Self {
        Self(read_disputed(json))
    }
}

impl Twin for DisputeResolution {
    const NAME: &'static str = "DisputeResolution";
    const TYPE: &'static str = Self::TYPE;
    type Sol = sol::DisputeResolution;

    fn twin(&self) -> Self::Sol {
        let value = &self.0;
        sol::DisputeResolution {
            dispute: value.dispute,
            entitlementA: value.entitlement_a.get(),
            expiry: value.expiry.get(),
        }
    }

    fn read(json: &Value) -> Self {
        Self(read_disputed(json))
    }
}
