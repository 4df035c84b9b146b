//! Documents that the service stores and serves. Amounts are base units of the settlement asset as text, so that no reader
//! loses digits; times are seconds since the Unix epoch.

use crate::chain::{Attempt, Entry, Fees, Standing};
use crate::cycle::{Record, Stage};
use crate::evidence::EvidenceText;
use crate::sign::Needed;
use crate::signer::{InstructionBody, SignBody};
use ringfence_protocol::{Address, Digest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An instruction and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordText {
    /// The chain's EIP-155 identifier.
    pub chain_id: u64,
    /// The instruction, its members as EIP-712 names them.
    pub instruction: InstructionBody,
    /// `threshold`, or `everyone` for a move beyond the circuit breaker.
    pub needed: String,
    /// `proposed`, `signed`, `sent`, `settled` or `expired`.
    pub stage: String,
    /// The transaction that carries it, once sent.
    pub transaction: Option<String>,
    /// 65 bytes a signer, packed; `0x` until signed.
    pub signatures: String,
    /// What stood in its way the last time.
    pub trouble: Option<String>,
    /// The market it was made on; left out of events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market: Option<EvidenceText>,
}

/// An event of the stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventText {
    /// Its number: one more than the one before, across restarts.
    pub id: u64,
    /// When it was written.
    pub time: u64,
    /// `instruction`, `marks`, `alarm` or `chain`.
    pub kind: String,
    /// The vault it is about, if it is about one.
    pub vault: Option<String>,
    /// What there is to say.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// The same as it is written.
#[derive(Serialize)]
pub(super) struct EventRow<'a, T> {
    pub(super) id: u64,
    pub(super) time: u64,
    pub(super) kind: &'a str,
    pub(super) vault: Option<String>,
    pub(super) data: &'a T,
}

/// A call under a nonce, as the store keeps it.
#[derive(Serialize, Deserialize)]
pub(super) struct EntryText {
    nonce: u64,
    vault: String,
    sequence: u64,
    data: String,
    gas: u64,
    attempts: Vec<AttemptText>,
    block: Option<(u64, String)>,
}

#[derive(Serialize, Deserialize)]
struct AttemptText {
    hash: String,
    raw: String,
    max_fee: String,
    tip: String,
    at: u64,
}

impl From<&Record> for RecordText {
    fn from(record: &Record) -> Self {
        let (stage, transaction) = match &record.stage {
            Stage::Proposed => ("proposed", None),
            Stage::Signed => ("signed", None),
            Stage::Sent(transaction) => ("sent", Some(hex0x(transaction))),
            Stage::Settled => ("settled", None),
            Stage::Expired => ("expired", None),
        };
        let needed = if record.needed == Needed::Everyone { "everyone" } else { "threshold" };
        Self {
            chain_id: record.chain_id,
            instruction: (&record.message).into(),
            needed: needed.to_owned(),
            stage: stage.to_owned(),
            transaction,
            signatures: hex0x(&record.signatures),
            trouble: record.trouble.clone(),
            market: record.evidence.as_ref().map(EvidenceText::from),
        }
    }
}

impl RecordText {
    /// The record, if everything reads.
    pub fn record(&self) -> Option<Record> {
        let stage = match (self.stage.as_str(), &self.transaction) {
            ("proposed", _) => Stage::Proposed,
            ("signed", _) => Stage::Signed,
            ("sent", Some(transaction)) => Stage::Sent(Digest(bytes(transaction)?.try_into().ok()?)),
            ("settled", _) => Stage::Settled,
            ("expired", _) => Stage::Expired,
            _ => return None,
        };
        let needed = match self.needed.as_str() {
            "everyone" => Needed::Everyone,
            "threshold" => Needed::Threshold,
            _ => return None,
        };
        let body = SignBody { chain_id: self.chain_id, instruction: self.instruction.clone() };
        let message = body.message("store").ok()?;
        let signatures = bytes(&self.signatures)?;
        let trouble = self.trouble.clone();
        let market = self.market.as_ref().map(|market| market.evidence(message.valuation_time));
        let evidence = market.transpose().ok()?;
        Some(Record { chain_id: self.chain_id, message, needed, signatures, stage, trouble, evidence })
    }
}

impl From<&Entry> for EntryText {
    fn from(entry: &Entry) -> Self {
        let attempt = |attempt: &Attempt| AttemptText {
            hash: hex0x(attempt.hash),
            raw: hex0x(&attempt.raw),
            max_fee: attempt.fees.max.to_string(),
            tip: attempt.fees.tip.to_string(),
            at: attempt.at,
        };
        let block = match entry.standing {
            Standing::Live => None,
            Standing::Final { number, hash } => Some((number, hex0x(hash))),
        };
        Self {
            nonce: entry.nonce,
            vault: hex0x(entry.vault.0),
            sequence: entry.sequence,
            data: hex0x(&entry.data),
            gas: entry.gas,
            attempts: entry.attempts.iter().map(attempt).collect(),
            block,
        }
    }
}

impl EntryText {
    pub(super) fn entry(&self) -> Option<Entry> {
        let attempt = |text: &AttemptText| {
            Some(Attempt {
                hash: Digest(bytes(&text.hash)?.try_into().ok()?),
                raw: bytes(&text.raw)?,
                fees: Fees { max: text.max_fee.parse().ok()?, tip: text.tip.parse().ok()? },
                at: text.at,
            })
        };
        let standing = match &self.block {
            None => Standing::Live,
            Some((number, hash)) => Standing::Final { number: *number, hash: Digest(bytes(hash)?.try_into().ok()?) },
        };
        Some(Entry {
            nonce: self.nonce,
            vault: Address(bytes(&self.vault)?.try_into().ok()?),
            sequence: self.sequence,
            data: bytes(&self.data)?,
            gas: self.gas,
            attempts: self.attempts.iter().map(attempt).collect::<Option<_>>()?,
            standing,
        })
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    hex::decode(text.strip_prefix("0x")?).ok()
}

pub(super) fn hex0x(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}
