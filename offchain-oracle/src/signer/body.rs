//! Bodies of requests and answers. Members of an instruction have their EIP-712 names; 128-bit numbers are strings.

use crate::error::{quote, InputError, Place, Problem};
use crate::sign::SignatureBytes;
use ringfence_protocol::collateral::Mark;
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::units::{Amount, Bps, SignedAmount, Timestamp, Wad};
use ringfence_protocol::{Address, Digest};
use serde::{Deserialize, Serialize};

/// Largest body, either way.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// `POST /v1/sign`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignBody {
    /// The chain's EIP-155 identifier.
    pub chain_id: u64,
    /// The proposal.
    pub instruction: InstructionBody,
}

/// A [`MarginInstruction`] as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(missing_docs)] // The members are those of the message.
pub struct InstructionBody {
    pub vault: String,
    pub terms_hash: String,
    pub sequence: u64,
    pub valuation_time: u64,
    pub expiry: u64,
    pub portfolio_root: String,
    pub entitlement_a: String,
    pub initial_margin_a: String,
    pub initial_margin_b: String,
    pub tail_requirement: String,
    pub interest_index: String,
    pub fee_rate: u16,
    pub collateral: Vec<MarkBody>,
    pub market_data_root: String,
    pub model_version: u32,
}

/// A mark of eligible collateral as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkBody {
    /// Base units of the settlement asset for 10^18 base units of this one.
    pub price: String,
    /// Basis points.
    pub haircut: u16,
}

/// The answer when signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureBody {
    /// Whose signature.
    pub signer: String,
    /// The digest that was signed.
    pub digest: String,
    /// 65 bytes.
    pub signature: String,
}

/// The answer when not signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorBody {
    /// What kind of refusal.
    pub code: Refused,
    /// In words.
    pub error: String,
}

/// Kinds of refusals, each with an HTTP status of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    /// 400: the body does not read.
    BadRequest,
    /// 409: another digest was signed for this slot. An alarm was raised.
    Conflict,
    /// 412: the journal does not let this number be signed now.
    NotNow,
    /// 422: the signer computes something else, or does not serve the vault.
    Declined,
    /// 503: the journal or the key can't be used.
    Unavailable,
}

impl From<&MarginInstruction> for InstructionBody {
    fn from(message: &MarginInstruction) -> Self {
        // Every member is named: one that is added to the message does not compile until it travels, too.
        let MarginInstruction {
            vault,
            terms_hash,
            sequence,
            valuation_time,
            expiry,
            portfolio_root,
            entitlement_a,
            initial_margin_a,
            initial_margin_b,
            tail_requirement,
            interest_index,
            fee_rate,
            ref collateral,
            market_data_root,
            model_version,
        } = *message;
        let mark = |mark: &Mark| MarkBody { price: mark.price.to_string(), haircut: mark.haircut.get() };
        Self {
            vault: hex0x(vault),
            terms_hash: hex0x(terms_hash),
            sequence,
            valuation_time: valuation_time.get(),
            expiry: expiry.get(),
            portfolio_root: hex0x(portfolio_root),
            entitlement_a: entitlement_a.to_string(),
            initial_margin_a: initial_margin_a.to_string(),
            initial_margin_b: initial_margin_b.to_string(),
            tail_requirement: tail_requirement.to_string(),
            interest_index: interest_index.to_string(),
            fee_rate: fee_rate.get(),
            collateral: collateral.iter().map(mark).collect(),
            market_data_root: hex0x(market_data_root),
            model_version,
        }
    }
}

impl SignBody {
    /// Reads a body; `name` stands in messages.
    ///
    /// # Errors
    /// Too large, or the member that is wrong.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, InputError> {
        parse(name, bytes)
    }

    /// The message, checked.
    ///
    /// # Errors
    /// The member that is wrong.
    pub fn message(&self, name: &str) -> Result<MarginInstruction, InputError> {
        let body = &self.instruction;
        Ok(MarginInstruction {
            vault: Address(bytes(name, "vault", &body.vault)?),
            terms_hash: Digest(bytes(name, "termsHash", &body.terms_hash)?),
            sequence: body.sequence,
            valuation_time: Timestamp::new(body.valuation_time),
            expiry: Timestamp::new(body.expiry),
            portfolio_root: Digest(bytes(name, "portfolioRoot", &body.portfolio_root)?),
            entitlement_a: signed(name, &body.entitlement_a)?,
            initial_margin_a: amount(name, "initialMarginA", &body.initial_margin_a)?,
            initial_margin_b: amount(name, "initialMarginB", &body.initial_margin_b)?,
            tail_requirement: amount(name, "tailRequirement", &body.tail_requirement)?,
            interest_index: Wad::new(amount(name, "interestIndex", &body.interest_index)?.get()),
            fee_rate: Bps::new(body.fee_rate),
            collateral: body.collateral.iter().map(|mark| self::mark(name, mark)).collect::<Result<_, _>>()?,
            market_data_root: Digest(bytes(name, "marketDataRoot", &body.market_data_root)?),
            model_version: body.model_version,
        })
    }
}

impl SignatureBody {
    /// Reads an answer; `name` stands in messages.
    ///
    /// # Errors
    /// Too large, or the member that is wrong.
    pub fn parse(name: &str, body: &[u8]) -> Result<(Address, Digest, SignatureBytes), InputError> {
        let text: Self = parse(name, body)?;
        Ok((
            Address(bytes(name, "signer", &text.signer)?),
            Digest(bytes(name, "digest", &text.digest)?),
            SignatureBytes(bytes(name, "signature", &text.signature)?),
        ))
    }
}

impl ErrorBody {
    /// Reads a refusal; `name` stands in messages.
    ///
    /// # Errors
    /// Too large, or the member that is wrong.
    pub fn parse(name: &str, body: &[u8]) -> Result<Self, InputError> {
        parse(name, body)
    }
}

fn parse<T: for<'de> Deserialize<'de>>(name: &str, body: &[u8]) -> Result<T, InputError> {
    if body.len() > MAX_BODY_BYTES {
        let limit = u64::try_from(MAX_BODY_BYTES).unwrap_or(u64::MAX);
        return Err(InputError::new(name, Place::File, Problem::TooLarge { limit }));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = Place::Json(error.path().to_string());
        InputError::new(name, place, Problem::Json(quote(&error.inner().to_string())))
    })?;
    reader.end().map_err(|error| InputError::new(name, Place::File, Problem::Json(quote(&error.to_string()))))?;
    Ok(value)
}

fn rule(name: &str, member: &str, rule: &'static str) -> InputError {
    InputError::new(name, Place::Json(member.to_owned()), Problem::Rule { name: member.to_owned(), rule })
}

fn bytes<const N: usize>(name: &str, member: &str, text: &str) -> Result<[u8; N], InputError> {
    let mut bytes = [0; N];
    let read = hex::decode_to_slice(text.strip_prefix("0x").unwrap_or_default(), &mut bytes);
    read.map_err(|_| rule(name, member, "must be 0x and hexadecimal digits of the right number"))?;
    Ok(bytes)
}

/// At most the protocol's bound: what the vault would refuse is not signed.
fn amount(name: &str, member: &str, text: &str) -> Result<Amount, InputError> {
    let value = text.parse::<u128>().ok().filter(|value| value.to_string() == text).map(Amount::new);
    let value = value.filter(|value| *value <= Amount::MAX);
    value.ok_or_else(|| rule(name, member, "must be a plain number of at most 2^96 in quotation marks"))
}

fn signed(name: &str, text: &str) -> Result<SignedAmount, InputError> {
    let value = text.parse::<i128>().ok().filter(|value| value.to_string() == text).map(SignedAmount::new);
    let value = value.filter(|value| value.magnitude() <= Amount::MAX);
    value.ok_or_else(|| rule(name, "entitlementA", "must be a plain number within 2^96 of zero in quotation marks"))
}

fn mark(name: &str, body: &MarkBody) -> Result<Mark, InputError> {
    Ok(Mark { price: amount(name, "price", &body.price)?, haircut: Bps::new(body.haircut) })
}

pub(super) fn hex0x(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(word: [u8; 32], number: u64, x: i128, amount: u128) -> MarginInstruction {
        MarginInstruction {
            vault: Address([word[0]; 20]),
            terms_hash: Digest(word),
            sequence: number,
            valuation_time: Timestamp::new(number),
            expiry: Timestamp::new(!number),
            portfolio_root: Digest(word),
            entitlement_a: SignedAmount::new(x),
            initial_margin_a: Amount::new(amount),
            initial_margin_b: Amount::new(amount / 2),
            tail_requirement: Amount::new(amount / 3),
            interest_index: Wad::new(amount / 5),
            fee_rate: Bps::new(u16::from(word[1])),
            collateral: vec![Mark { price: Amount::new(amount / 7), haircut: Bps::new(u16::from(word[2])) }],
            market_data_root: Digest(word),
            model_version: 7,
        }
    }

    proptest! {
        #[test]
        fn what_travels_arrives(word: [u8; 32], number: u64, x in -(1_i128 << 96)..=(1 << 96), amount in 0..=(1_u128 << 96)) {
            let message = message(word, number, x, amount);
            let body = SignBody { chain_id: number, instruction: (&message).into() };
            let text = serde_json::to_vec(&body).unwrap();
            prop_assert!(text.len() < MAX_BODY_BYTES);
            let read = SignBody::parse("body", &text).unwrap();
            prop_assert_eq!(read.message("body").unwrap(), message);
            prop_assert_eq!(read.chain_id, number);
        }
    }

    #[test]
    fn bad_members_are_named_and_amounts_stop_at_the_protocol_bound() {
        let body = SignBody { chain_id: 1, instruction: (&message([1; 32], 2, -3, 4)).into() };
        let text = serde_json::to_string(&body).unwrap();
        for (from, to, expected) in [
            ("\"-3\"", "\"-03\"", "body: entitlementA: entitlementA must be a plain number"),
            ("\"4\"", "\"79228162514264337593543950337\"", "body: initialMarginA: initialMarginA must be"),
            ("\"4\"", "4", "body: instruction.initialMarginA: \"invalid type: integer"),
            ("0x0101", "0x01", "body: vault: vault must be 0x"),
            ("\"chain_id\":1", "\"chain_id\":1,\"chain\":2", "body: chain: \"unknown field `chain`"),
            ("}}", "}}x", "body: \"trailing characters"),
        ] {
            let read = SignBody::parse("body", text.replacen(from, to, 1).as_bytes());
            let error = read.and_then(|body| body.message("body").map(|_| ())).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}\nexpected {expected}");
        }
        assert!(SignBody::parse("body", &[b' '; MAX_BODY_BYTES + 1]).is_err());
    }
}
