//! From a valuation to the chain, one pair at a time: proposal, signatures, submission.
//!
//! A proposal is in a [`Ledger`] before anybody is asked to sign it. Signers sign one message for a number and no other, so
//! from then on it is *this* message that is carried on, across restarts, until the vault has taken it or it has expired.

use crate::chain::{Chain, ChainError, VaultView};
use crate::engine::Moment;
use crate::evidence::Evidence;
use crate::instruction::{build_at, VaultContext};
use crate::keccak::{EcdsaRecover, Keccak};
use crate::replay::PairStep;
use crate::sign::{pack, Heard, Needed, Quorum, SignError, SignatureBytes, Signer, SigningRequest};
use crate::submit::{submit, submit_to, Submission, SubmitError};
use crate::Error;
use ringfence_protocol::eip712::{Domain, TypedMessage};
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::signature::{verify_one, SignatureError, SignerSet, SIGNATURE_LENGTH};
use ringfence_protocol::units::{Bps, Seconds, Timestamp, Wad};
use ringfence_protocol::{Address, Digest};
use std::collections::BTreeMap;
use thiserror::Error;

/// What a pair's instructions are made with, beside its valuation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairTerms {
    /// The chain's EIP-155 identifier.
    pub chain_id: u64,
    /// The vault.
    pub vault: Address,
    /// How long an instruction stays valid; never longer than the vault takes a valuation.
    pub validity: Seconds,
    /// What one unit of cash posted at inception has grown to.
    pub interest_index: Wad,
    /// The entity's annual fee.
    pub fee_rate: Bps,
}

/// How far an instruction has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Written down; signers may have been asked.
    Proposed,
    /// Signed by enough.
    Signed,
    /// Handed to the chain in this transaction.
    Sent(Digest),
    /// The vault took it.
    Settled,
    /// It expired before the vault took it; see [`can_follow`] for what may follow.
    Expired,
}

/// An instruction and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The chain's EIP-155 identifier.
    pub chain_id: u64,
    /// The instruction.
    pub message: MarginInstruction,
    /// Who has to sign it.
    pub needed: Needed,
    /// Packed as the vault takes them; empty until signed.
    pub signatures: Vec<u8>,
    /// How far it has come.
    pub stage: Stage,
    /// What stood in its way the last time it was carried on.
    pub trouble: Option<String>,
    /// The market it was made on, if it was kept: what `verify` needs between two closes.
    pub evidence: Option<Evidence>,
}

impl Record {
    /// True until the vault took it or it expired.
    pub const fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Proposed | Stage::Signed | Stage::Sent(_))
    }
}

/// True unless a record has expired with so many signatures that too few signers are left for its number: a key that has
/// signed for a number signs nothing else for it, and the vault takes no later number first.
///
/// Others may have signed as well, whose signatures were not needed; they refuse when they are asked.
pub fn can_follow(record: &Record, set: &SignerSet) -> bool {
    if record.stage != Stage::Expired {
        return true;
    }
    let domain = Domain { chain_id: record.chain_id, verifying_contract: record.message.vault };
    let digest = record.message.digest::<Keccak>(&domain);
    let signed = |signer: &&Address| {
        let mut each = record.signatures.chunks_exact(SIGNATURE_LENGTH);
        each.any(|signature| verify_one::<EcdsaRecover>(&digest, signature, **signer).is_ok())
    };
    let left = set.signers().len().saturating_sub(set.signers().iter().filter(signed).count());
    left >= usize::from(set.threshold())
}

/// Where instructions are written down.
pub trait Ledger {
    /// The vault's newest.
    ///
    /// # Errors
    /// It can't be read.
    fn last(&mut self, chain_id: u64, vault: Address) -> Result<Option<Record>, LedgerError>;

    /// Writes one down in the place of the one with its vault and sequence; durable when it returns.
    ///
    /// # Errors
    /// It can't be written. Nothing is signed or sent then.
    fn keep(&mut self, record: &Record) -> Result<(), LedgerError>;

    /// The same for several of different vaults, in order: all or none where the ledger is on a disk, with one wait for it.
    ///
    /// # Errors
    /// As [`Ledger::keep`].
    fn keep_many(&mut self, records: &[&Record]) -> Result<(), LedgerError> {
        records.iter().try_for_each(|record| self.keep(record))
    }

    /// The same without the wait, for what could be had again if it were lost: signatures, which signers repeat. It is
    /// durable after [`Ledger::sync`].
    ///
    /// # Errors
    /// As [`Ledger::keep`].
    fn note_many(&mut self, records: &[&Record]) -> Result<(), LedgerError> {
        self.keep_many(records)
    }

    /// Waits until everything that was noted is durable.
    ///
    /// # Errors
    /// As [`Ledger::keep`].
    fn sync(&mut self) -> Result<(), LedgerError> {
        Ok(())
    }
}

/// The ledger can't be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the store can't be used ({0}); check its disk and that no other process has it open")]
pub struct LedgerError(pub String);

/// A ledger that lasts as long as the process: for replays.
#[derive(Clone, Debug, Default)]
pub struct MemoryLedger(BTreeMap<(u64, Address), Record>);

impl Ledger for MemoryLedger {
    fn last(&mut self, chain_id: u64, vault: Address) -> Result<Option<Record>, LedgerError> {
        Ok(self.0.get(&(chain_id, vault)).cloned())
    }

    fn keep(&mut self, record: &Record) -> Result<(), LedgerError> {
        self.0.insert((record.chain_id, record.message.vault), record.clone());
        Ok(())
    }
}

/// Signatures of a valuation agent, from this process or from others.
pub trait Attest {
    /// As many signatures as are needed, in ascending order of address.
    ///
    /// # Errors
    /// Too few sign.
    fn attest(
        &mut self,
        chain_id: u64,
        message: &MarginInstruction,
        needed: Needed,
    ) -> Result<Vec<SignatureBytes>, Error>;

    /// Who signs, and how many have to.
    fn set(&self) -> &SignerSet;

    /// What each signer has said since this was last asked. Some may answer after the others were enough.
    fn heard(&mut self) -> Vec<Heard>;

    /// The same for several records, with an answer for each, in order.
    fn attest_many(&mut self, records: &[&Record]) -> Vec<Result<Vec<SignatureBytes>, Error>> {
        records.iter().map(|record| self.attest(record.chain_id, &record.message, record.needed)).collect()
    }
}

impl<S: Signer + Send> Attest for Quorum<S> {
    fn attest(
        &mut self,
        chain_id: u64,
        message: &MarginInstruction,
        needed: Needed,
    ) -> Result<Vec<SignatureBytes>, Error> {
        Ok(self.sign(&SigningRequest::instruction(message, chain_id), needed)?)
    }

    fn set(&self) -> &SignerSet {
        Self::set(self)
    }

    fn heard(&mut self) -> Vec<Heard> {
        Self::heard(self)
    }

    fn attest_many(&mut self, records: &[&Record]) -> Vec<Result<Vec<SignatureBytes>, Error>> {
        let request = |record: &&Record| (SigningRequest::instruction(&record.message, record.chain_id), record.needed);
        let asked: Vec<_> = records.iter().map(request).collect();
        self.sign_many(&asked).into_iter().map(|signed| Ok(signed?)).collect()
    }
}

/// What an instruction goes through.
pub struct Parts<'a, C> {
    /// The chain.
    pub chain: &'a mut C,
    /// The signers.
    pub attest: &'a mut dyn Attest,
    /// The ledger.
    pub ledger: &'a mut dyn Ledger,
}

impl<C> std::fmt::Debug for Parts<'_, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// The instruction that a valuation makes for a vault as it stands.
///
/// # Errors
/// An amount or a time out of range.
pub fn propose(view: &VaultView, terms: &PairTerms, at: &Moment, valued: &PairStep) -> Result<Record, Error> {
    let context = VaultContext {
        chain_id: terms.chain_id,
        vault: terms.vault,
        terms_hash: view.terms_hash,
        sequence: view.sequence.saturating_add(1),
        validity: terms.validity.min(view.max_staleness),
        interest_index: terms.interest_index,
        fee_rate: terms.fee_rate,
    };
    let message = build_at(&context, at, valued)?;
    let needed = if view.breaks_circuit(message.entitlement_a) { Needed::Everyone } else { Needed::Threshold };
    let (signatures, stage) = (Vec::new(), Stage::Proposed);
    Ok(Record { chain_id: terms.chain_id, message, needed, signatures, stage, trouble: None, evidence: None })
}

/// What is under way for a vault: closed if the vault has taken it, or if it can't be taken any more at `chain_time`, the time
/// of the block that `view` is of.
///
/// # Errors
/// The ledger can't be used.
pub fn under_way(
    ledger: &mut dyn Ledger,
    view: &VaultView,
    terms: &PairTerms,
    chain_time: Timestamp,
) -> Result<Option<Record>, LedgerError> {
    let Some(mut record) = ledger.last(terms.chain_id, terms.vault)?.filter(Record::is_open) else { return Ok(None) };
    if view.sequence >= record.message.sequence {
        record.stage = Stage::Settled;
    } else if record.message.expiry < chain_time {
        record.stage = Stage::Expired;
    } else {
        return Ok(Some(record));
    }
    record.trouble = None;
    ledger.keep(&record)?;
    Ok(None)
}

/// Signs what is not signed.
///
/// # Errors
/// Too few sign, or the ledger can't be used. The reason is in the record.
pub fn sign(attest: &mut dyn Attest, ledger: &mut dyn Ledger, record: &mut Record) -> Result<(), Error> {
    let signed = sign_many(attest, ledger, std::slice::from_mut(record))?.pop().unwrap_or(Ok(()));
    ledger.sync()?;
    signed
}

/// Signs those of several records, of different vaults, that are not signed, and notes them together: they are durable after
/// the ledger's [`Ledger::sync`]. Gives an answer for each, in order: too few sign; the reason is in the record.
///
/// # Errors
/// The ledger can't be used.
pub fn sign_many(
    attest: &mut dyn Attest,
    ledger: &mut dyn Ledger,
    records: &mut [Record],
) -> Result<Vec<Result<(), Error>>, LedgerError> {
    let is_open = |record: &Record| record.stage == Stage::Proposed;
    let open: Vec<&Record> = records.iter().filter(|record| is_open(record)).collect();
    if open.is_empty() {
        return Ok(records.iter().map(|_| Ok(())).collect());
    }
    let mut signed = attest.attest_many(&open).into_iter();
    let (mut answers, mut changed) = (Vec::with_capacity(records.len()), Vec::new());
    for record in records {
        if !is_open(record) {
            answers.push(Ok(()));
            continue;
        }
        let refused = || Err(Error::Sign(SignError::SelfCheck(SignatureError::QuorumNotMet)));
        match signed.next().unwrap_or_else(refused) {
            Ok(signatures) => {
                record.signatures = pack(&signatures);
                record.stage = Stage::Signed;
                record.trouble = None;
                answers.push(Ok(()));
                changed.push(&*record);
            }
            Err(error) => {
                if note_trouble(record, &error) {
                    changed.push(&*record);
                }
                answers.push(Err(error));
            }
        }
    }
    ledger.note_many(&changed)?;
    Ok(answers)
}

/// Hands a signed instruction over, or finds that it was handed over before.
///
/// # Errors
/// The chain refuses or can't be reached, or the ledger can't be used. The reason is in the record.
pub fn send<C: Chain>(
    chain: &mut C,
    ledger: &mut dyn Ledger,
    record: &mut Record,
) -> Result<Submission<C::Receipt>, Error> {
    let submitted = submit(chain, &record.message, &record.signatures);
    sent(ledger, record, submitted)
}

/// Notes how a submission ended.
fn sent<R>(
    ledger: &mut dyn Ledger,
    record: &mut Record,
    submitted: Result<Submission<R>, SubmitError>,
) -> Result<Submission<R>, Error> {
    let submission = match submitted {
        Ok(submission) => submission,
        Err(error) => return troubled(ledger, record, error.into()),
    };
    let stage = match &submission {
        Submission::Pending(transaction) => Stage::Sent(*transaction),
        Submission::Settled(_) | Submission::AlreadySettled => Stage::Settled,
    };
    if record.stage != stage || record.trouble.is_some() {
        record.stage = stage;
        record.trouble = None;
        ledger.keep(record)?;
    }
    Ok(submission)
}

fn troubled<T>(ledger: &mut dyn Ledger, record: &mut Record, error: Error) -> Result<T, Error> {
    if note_trouble(record, &error) {
        ledger.keep(record)?;
    }
    Err(error)
}

/// Puts what is in its way on a record; true if that is news.
fn note_trouble(record: &mut Record, error: &Error) -> bool {
    let text = Some(error.to_string());
    let passes = matches!(error, Error::Submit(SubmitError::Chain(ChainError::Early)));
    let is_news = record.trouble != text && !passes;
    if is_news {
        record.trouble = text;
    }
    is_news
}

/// The whole way for one pair: what is under way is carried on, else a new instruction is made of the valuation.
///
/// # Errors
/// Whatever stands in its way; the record of it stays and is carried on the next time.
pub fn instruct<C: Chain>(
    parts: &mut Parts<'_, C>,
    terms: &PairTerms,
    at: &Moment,
    valued: &PairStep,
) -> Result<(Record, Submission<C::Receipt>), Error> {
    let chain_time = parts.chain.finalised()?.time;
    let view = parts.chain.vault(terms.vault)?;
    if !view.accepts_instructions() {
        return Err(SubmitError::Closed(terms.vault).into());
    }
    let mut record = match under_way(parts.ledger, &view, terms, chain_time)? {
        Some(record) => record,
        None => {
            let record = propose(&view, terms, at, valued)?;
            parts.ledger.keep(&record)?;
            record
        }
    };
    sign(parts.attest, parts.ledger, &mut record)?;
    // In here nothing happens between the look at the vault and the submission, so that it is not read again.
    let submitted = submit_to(parts.chain, &view, &record.message, &record.signatures);
    let submission = sent(parts.ledger, &mut record, submitted)?;
    Ok((record, submission))
}

impl From<ChainError> for Error {
    fn from(error: ChainError) -> Self {
        Self::Submit(error.into())
    }
}
