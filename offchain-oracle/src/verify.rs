//! An instruction that somebody signed against the one that its inputs give.
//!
//! The engine is deterministic to the last bit, so two honest computations from the same tables, bars and portfolio agree in
//! every member. A difference is an argument in a dispute: either the inputs differ, and the two roots say so, or the
//! arithmetic does.

use crate::context::word;
use crate::error::{InputError, Place, Problem};
use crate::evidence::{Evidence, EvidenceText};
use crate::files::Source;
use crate::instruction::VaultContext;
use crate::portfolio::document;
use ringfence_protocol::units::{Bps, Seconds, Timestamp, Wad};
use ringfence_protocol::{Address, Digest};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The order in which members are compared: what was committed to before what was computed from it.
pub const ORDER: [&str; 7] = [
    "modelVersion",
    "portfolioRoot",
    "marketDataRoot",
    "entitlementA",
    "initialMarginA",
    "initialMarginB",
    "tailRequirement",
];

/// A signed instruction as a document says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Vault, terms, sequence, validity, interest index and fee: taken from the document, because the inputs don't give
    /// them.
    pub context: VaultContext,
    /// The moment that was valued.
    pub valuation_time: Timestamp,
    /// Every member, by its EIP-712 name.
    pub members: Map<String, Value>,
    /// What was signed, if the document says it.
    pub digest: Option<Digest>,
    /// The market it was made on, if the document says it; else it was made at a bar's close.
    pub evidence: Option<Evidence>,
}

#[derive(Deserialize)]
struct ClaimText {
    instruction: Map<String, Value>,
    chain_id: u64,
    #[serde(default)]
    digest: Option<String>,
    #[serde(default)]
    market: Option<EvidenceText>,
}

impl Claim {
    /// Reads a document with `instruction`, `chain_id` and perhaps `digest`, as signing prints it, and perhaps `market`, as the
    /// service gives it; other members are not looked at.
    ///
    /// # Errors
    /// The first member that is missing or wrong, with its JSON path.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let text: ClaimText = document(source)?;
        let fail = |member: &str, rule| {
            let problem = Problem::Rule { name: member.to_owned(), rule };
            InputError::new(&source.name, Place::Json(format!("instruction.{member}")), problem)
        };
        let string = |member: &str| text.instruction.get(member).and_then(Value::as_str).unwrap_or_default();
        let number = |member: &str| {
            let value = text.instruction.get(member).and_then(Value::as_u64);
            value.ok_or_else(|| fail(member, "must be a whole number"))
        };
        let vault: [u8; 20] =
            word(string("vault")).ok_or_else(|| fail("vault", "must be 0x and 40 hexadecimal digits"))?;
        let terms: [u8; 32] =
            word(string("termsHash")).ok_or_else(|| fail("termsHash", "must be 0x and 64 hexadecimal digits"))?;
        let (valued, expiry) = (number("valuationTime")?, number("expiry")?);
        let validity = expiry.checked_sub(valued).ok_or_else(|| fail("expiry", "must not be before valuationTime"))?;
        let index = string("interestIndex").parse().map_err(|_| fail("interestIndex", "must be a plain number"))?;
        let fee = u16::try_from(number("feeRate")?).map_err(|_| fail("feeRate", "must be basis points"))?;
        let digest = text.digest.as_deref().map(|digest| {
            let problem = Problem::Rule { name: "digest".to_owned(), rule: "must be 0x and 64 hexadecimal digits" };
            let fail = || InputError::new(&source.name, Place::Json("digest".to_owned()), problem);
            word::<32>(digest).map(Digest).ok_or_else(fail)
        });
        let evidence = text.market.as_ref().map(|market| market.evidence(Timestamp::new(valued)));
        let evidence = evidence.transpose().map_err(|(member, problem)| {
            InputError::new(&source.name, Place::Json(format!("market.{member}")), problem)
        })?;
        Ok(Self {
            evidence,
            context: VaultContext {
                chain_id: text.chain_id,
                vault: Address(vault),
                terms_hash: Digest(terms),
                sequence: number("sequence")?,
                validity: Seconds::new(validity),
                interest_index: Wad::new(index),
                fee_rate: Bps::new(fee),
            },
            valuation_time: Timestamp::new(valued),
            digest: digest.transpose()?,
            members: text.instruction,
        })
    }

    /// Every member beside the computed one, in [`ORDER`], then the rest by name. A member that only one side has is
    /// `null` on the other.
    pub fn compare(&self, computed: &Map<String, Value>) -> Vec<Comparison> {
        let rest = self.members.keys().chain(computed.keys()).map(String::as_str);
        let mut names: Vec<&str> = ORDER.to_vec();
        for name in rest {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let of = |members: &Map<String, Value>, name: &str| members.get(name).cloned().unwrap_or_default();
        names
            .into_iter()
            .map(|name| Comparison {
                name: name.to_owned(),
                claimed: of(&self.members, name),
                computed: of(computed, name),
            })
            .collect()
    }
}

/// Puts the comparison of two markets where it belongs: after what names model and portfolio, before the root.
pub fn with_market(mut members: Vec<Comparison>, market: Vec<Comparison>) -> Vec<Comparison> {
    let root = members.iter().position(|member| member.name == "marketDataRoot").unwrap_or(members.len());
    let rest = members.split_off(root);
    members.into_iter().chain(market).chain(rest).collect()
}

/// One member, twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The member's EIP-712 name.
    pub name: String,
    /// What the document says.
    pub claimed: Value,
    /// What the inputs give.
    pub computed: Value,
}

impl Comparison {
    /// True if they agree. Hexadecimal digits may be of either case.
    pub fn agrees(&self) -> bool {
        match (&self.claimed, &self.computed) {
            (Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
            (a, b) => a == b,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> Claim {
        let text = format!(
            r#"{{"chain_id":1,"instruction":{{"vault":"0x{}","termsHash":"0x{}","sequence":7,"valuationTime":600,
            "expiry":900,"interestIndex":"1000000000000000000","feeRate":0,"modelVersion":2,"entitlementA":"-5","portfolioRoot":"0xAB"}},"signatures":[]}}"#,
            "ab".repeat(20),
            "cd".repeat(32)
        );
        Claim::parse(&Source::new("i.json", text)).unwrap()
    }

    #[test]
    fn inputs_are_compared_before_results() {
        let claim = claim();
        assert_eq!(claim.context.validity, Seconds::new(300));
        let mut computed = claim.members.clone();
        assert!(claim.compare(&computed).iter().all(Comparison::agrees));
        computed.insert("portfolioRoot".to_owned(), "0xab".into());
        assert!(claim.compare(&computed).iter().all(Comparison::agrees), "case");
        computed.insert("entitlementA".to_owned(), "-6".into());
        computed.insert("portfolioRoot".to_owned(), "0xac".into());
        computed.insert("novel".to_owned(), 1.into());
        let differing: Vec<_> = claim.compare(&computed).into_iter().filter(|c| !c.agrees()).map(|c| c.name).collect();
        assert_eq!(differing, ["portfolioRoot", "entitlementA", "novel"]);
    }

    #[test]
    fn bad_documents_are_named() {
        let good = r#"{"chain_id":1,"instruction":{"vault":"0x00","termsHash":"0x00"}}"#;
        let error = |text: &str| Claim::parse(&Source::new("i.json", text)).unwrap_err().to_string();
        assert!(error(good).starts_with("i.json: instruction.vault: vault must be 0x and 40"));
        assert!(error("{}").contains("missing field `instruction`"));
        assert!(error("[1]").contains("i.json"));
    }
}
