//! The terms with their collateral and their signers: what the EIP-712 type `CsaTerms` covers.

use crate::{
    sol,
    twin::{address, amount, bytes, list, number, share, span, to_alloy, Twin},
};
use ringfence_protocol::{
    collateral::{Eligible, Schedule},
    eip712::TypedMessage,
    signature::SignerSet,
    terms::{PartyTerms, Periods, Terms},
    Address, Digest, Pair,
};
use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) struct CsaTerms {
    pub(crate) terms: Terms,
    pub(crate) schedule: Schedule,
    pub(crate) signers: SignerSet,
}

impl TypedMessage for CsaTerms {
    fn struct_hash<H: ringfence_protocol::Keccak256>(&self) -> Digest {
        self.terms.hash::<H>(&self.schedule, &self.signers)
    }
}

fn to_party(terms: &PartyTerms) -> sol::PartyTerms {
    sol::PartyTerms {
        threshold: terms.threshold.get(),
        minimumTransferAmount: terms.minimum_transfer_amount.get(),
        roundingAmount: terms.rounding_amount.get(),
        independentAmount: terms.independent_amount.get(),
    }
}

fn to_periods(periods: &Periods) -> sol::Periods {
    sol::Periods {
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

fn to_eligible(eligible: &Eligible) -> sol::EligibleCollateral {
    sol::EligibleCollateral {
        asset: to_alloy(eligible.asset),
        haircut: eligible.haircut.get(),
        limit: eligible.limit.get(),
    }
}

fn read_party(json: &Value) -> PartyTerms {
    PartyTerms {
        threshold: amount(json, "threshold"),
        minimum_transfer_amount: amount(json, "minimumTransferAmount"),
        rounding_amount: amount(json, "roundingAmount"),
        independent_amount: amount(json, "independentAmount"),
    }
}

fn read_periods(json: &Value) -> Periods {
    Periods {
        cure: span(json, "cure"),
        notification: span(json, "notification"),
        max_staleness: span(json, "maxStaleness"),
        dispute: span(json, "dispute"),
        replacement: span(json, "replacement"),
        close_out: span(json, "closeOut"),
        auction: span(json, "auction"),
        oracle_timeout: span(json, "oracleTimeout"),
    }
}

fn read_eligible(json: &Value) -> Eligible {
    Eligible { asset: address(json, "asset"), haircut: share(json, "haircut"), limit: amount(json, "limit") }
}

fn read_terms(json: &Value) -> Terms {
    Terms {
        asset: address(json, "asset"),
        entity: address(json, "entity"),
        rules: address(json, "rules"),
        parties: Pair { a: address(json, "partyA"), b: address(json, "partyB") },
        csa: Pair { a: read_party(&json["termsA"]), b: read_party(&json["termsB"]) },
        periods: read_periods(&json["periods"]),
        max_move: amount(json, "maxMove"),
        dispute_deposit: amount(json, "disputeDeposit"),
        dispute_tolerance: amount(json, "disputeTolerance"),
        fee_cap: share(json, "feeCap"),
        tail_share_a: share(json, "tailShareA"),
    }
}

impl Twin for CsaTerms {
    const NAME: &'static str = "CsaTerms";
    const TYPE: &'static str = Terms::TYPE;
    type Sol = sol::CsaTerms;

    fn twin(&self) -> Self::Sol {
        let terms = &self.terms;
        sol::CsaTerms {
            asset: to_alloy(terms.asset),
            entity: to_alloy(terms.entity),
            rules: to_alloy(terms.rules),
            partyA: to_alloy(terms.parties.a),
            partyB: to_alloy(terms.parties.b),
            termsA: to_party(&terms.csa.a),
            termsB: to_party(&terms.csa.b),
            periods: to_periods(&terms.periods),
            maxMove: terms.max_move.get(),
            disputeDeposit: terms.dispute_deposit.get(),
            disputeTolerance: terms.dispute_tolerance.get(),
            feeCap: terms.fee_cap.get(),
            tailShareA: terms.tail_share_a.get(),
            collateral: self.schedule.0.iter().map(to_eligible).collect(),
            signers: self.signers.signers().iter().copied().map(to_alloy).collect(),
            signerThreshold: self.signers.threshold(),
        }
    }

    fn read(json: &Value) -> Self {
        let signers = list(json, "signers", |signer| Address::from_slice(&bytes(signer.as_str().expect("address"))));
        Self {
            terms: read_terms(json),
            schedule: Schedule(list(json, "collateral", read_eligible)),
            signers: SignerSet::new(signers, number(json, "signerThreshold")).expect("a valid set"),
        }
    }
}
