//! The layout of the vault's arguments.

use crate::abi::{word_address, word_int128, word_uint, word_uint128, Malformed, Reader};
use ink::prelude::vec::Vec;
use ringfence_protocol::{
    collateral::{Eligible, Mark, Schedule, MAX_COLLATERAL},
    message::{
        CallExtension, CloseOutDetermination, DisputedValue, MarginInstruction, MutualTermination, PortfolioAgreement,
        SignerRotation, TermsAmendment,
    },
    signature::{SignerSet, SignerSetError, MAX_SIGNERS},
    terms::{PartyTerms, Periods, Terms},
    units::{Amount, Bps, Seconds, SignedAmount, Timestamp, Wad},
    vault::VaultError,
    Address, Digest, Pair,
};

/// Shorthands for the protocol's units.
impl<'a> Reader<'a> {
    #[inline(never)]
    pub(super) fn amount(&mut self) -> Result<Amount, Malformed> {
        self.uint128().map(Amount::new)
    }

    #[inline(never)]
    pub(super) fn signed(&mut self) -> Result<SignedAmount, Malformed> {
        self.int128().map(SignedAmount::new)
    }

    #[inline(never)]
    pub(super) fn time(&mut self) -> Result<Timestamp, Malformed> {
        self.uint().map(Timestamp::new)
    }

    #[inline(never)]
    pub(super) fn span(&mut self) -> Result<Seconds, Malformed> {
        self.uint().map(Seconds::new)
    }

    #[inline(never)]
    fn share(&mut self) -> Result<Bps, Malformed> {
        self.uint().map(Bps::new)
    }

    #[inline(never)]
    pub(super) fn index(&mut self) -> Result<usize, Malformed> {
        self.uint::<u8>().map(usize::from)
    }

    /// The 65 bytes of A and of B.
    #[inline(never)]
    pub(super) fn both_signatures(&mut self) -> Result<Pair<&'a [u8]>, Malformed> {
        Ok(Pair { a: self.bytes()?, b: self.bytes()? })
    }
}

/// The amount that is a message's only argument.
pub fn uint128_of(arguments: &[u8]) -> Result<u128, Malformed> {
    Reader::new(arguments).uint128()
}

/// Asset, entity and parties in terms that are a message's only argument.
pub fn roles_of(arguments: &[u8]) -> Result<Roles, Malformed> {
    let mut terms = Reader::new(arguments).dynamic()?;
    let (asset, entity, rules) = (terms.address()?, terms.address()?, terms.address()?);
    Ok(Roles { asset, entity, rules, party_a: terms.address()?, party_b: terms.address()? })
}

/// Who and what the terms of a pair name first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// The settlement asset.
    pub asset: Address,
    /// The legal entity.
    pub entity: Address,
    /// The rules contract.
    pub rules: Address,
    /// Party A.
    pub party_a: Address,
    /// Party B.
    pub party_b: Address,
}

/// Chain id, instruction and packed signatures of a `settle`.
pub fn instruction_of(arguments: &[u8]) -> Result<(u64, MarginInstruction, &[u8]), Malformed> {
    let mut signed = Reader::new(arguments).dynamic()?;
    let chain_id = signed.uint()?;
    let message = instruction(&mut signed.dynamic()?)?;
    Ok((chain_id, message, signed.bytes()?))
}

fn instruction(reader: &mut Reader<'_>) -> Result<MarginInstruction, Malformed> {
    let collateral = marks(&mut reader.at_word(12))?;
    let [vault, terms_hash, sequence, valuation_time, expiry, portfolio_root, entitlement_a, initial_margin_a, initial_margin_b, tail_requirement, interest_index, fee_rate, _, market_data_root, model_version] =
        reader.words()?;
    Ok(MarginInstruction {
        vault: word_address(vault)?,
        terms_hash: Digest::from(*terms_hash),
        sequence: word_uint(sequence)?,
        valuation_time: Timestamp::new(word_uint(valuation_time)?),
        expiry: Timestamp::new(word_uint(expiry)?),
        portfolio_root: Digest::from(*portfolio_root),
        entitlement_a: SignedAmount::new(word_int128(entitlement_a)?),
        initial_margin_a: Amount::new(word_uint128(initial_margin_a)?),
        initial_margin_b: Amount::new(word_uint128(initial_margin_b)?),
        tail_requirement: Amount::new(word_uint128(tail_requirement)?),
        interest_index: Wad::new(word_uint128(interest_index)?),
        fee_rate: Bps::new(word_uint(fee_rate)?),
        collateral,
        market_data_root: Digest::from(*market_data_root),
        model_version: word_uint(model_version)?,
    })
}

fn marks(reader: &mut Reader<'_>) -> Result<Vec<Mark>, Malformed> {
    let (count, mut items) = reader.array(MAX_COLLATERAL)?;
    (0..count).map(|_| Ok(Mark { price: items.amount()?, haircut: items.share()? })).collect()
}

/// Terms, schedule of collateral, and signers.
pub(super) fn terms(reader: &mut Reader<'_>) -> Result<(Terms, Schedule, SignerSet), VaultError> {
    let terms = Terms {
        asset: reader.address()?,
        entity: reader.address()?,
        rules: reader.address()?,
        parties: Pair { a: reader.address()?, b: reader.address()? },
        csa: Pair { a: party_terms(reader)?, b: party_terms(reader)? },
        periods: Periods {
            cure: reader.span()?,
            notification: reader.span()?,
            max_staleness: reader.span()?,
            dispute: reader.span()?,
            replacement: reader.span()?,
            close_out: reader.span()?,
            auction: reader.span()?,
            oracle_timeout: reader.span()?,
        },
        max_move: reader.amount()?,
        dispute_deposit: reader.amount()?,
        dispute_tolerance: reader.amount()?,
        fee_cap: reader.share()?,
        tail_share_a: reader.share()?,
    };
    let schedule = schedule(reader)?;
    let signers = signers(reader)?;
    Ok((terms, schedule, signer_set(signers, reader.uint()?)?))
}

fn party_terms(reader: &mut Reader<'_>) -> Result<PartyTerms, Malformed> {
    Ok(PartyTerms {
        threshold: reader.amount()?,
        minimum_transfer_amount: reader.amount()?,
        rounding_amount: reader.amount()?,
        independent_amount: reader.amount()?,
    })
}

fn schedule(reader: &mut Reader<'_>) -> Result<Schedule, VaultError> {
    let (count, mut items) = reader.array(MAX_COLLATERAL).map_err(|_| VaultError::CollateralSchedule)?;
    let eligible = |_| -> Result<Eligible, VaultError> {
        Ok(Eligible { asset: items.address()?, haircut: items.share()?, limit: items.amount()? })
    };
    (0..count).map(eligible).collect::<Result<Vec<_>, _>>().map(Schedule)
}

pub(super) fn signers(reader: &mut Reader<'_>) -> Result<Vec<Address>, VaultError> {
    let (count, mut items) = reader.array(MAX_SIGNERS).map_err(|_| VaultError::SignerCount)?;
    Ok((0..count).map(|_| items.address()).collect::<Result<_, _>>()?)
}

pub(super) fn signer_set(signers: Vec<Address>, threshold: u8) -> Result<SignerSet, VaultError> {
    SignerSet::new(signers, threshold).map_err(|error| match error {
        SignerSetError::SignerCount => VaultError::SignerCount,
        SignerSetError::SignerThreshold => VaultError::SignerThreshold,
        SignerSetError::SignerOrder => VaultError::SignerOrder,
    })
}

pub(super) fn portfolio(reader: &mut Reader<'_>) -> Result<PortfolioAgreement, Malformed> {
    Ok(PortfolioAgreement {
        version: reader.uint()?,
        portfolio_root: reader.digest()?,
        terms_hash: reader.digest()?,
        expiry: reader.time()?,
    })
}

pub(super) fn amendment(reader: &mut Reader<'_>) -> Result<TermsAmendment, Malformed> {
    Ok(TermsAmendment { nonce: reader.uint()?, from: reader.digest()?, to: reader.digest()?, expiry: reader.time()? })
}

pub(super) fn rotation(reader: &mut Reader<'_>) -> Result<SignerRotation, Malformed> {
    Ok(SignerRotation {
        terms_hash: reader.digest()?,
        epoch: reader.uint()?,
        signers_hash: reader.digest()?,
        threshold: reader.uint()?,
        expiry: reader.time()?,
    })
}

pub(super) fn extension(reader: &mut Reader<'_>) -> Result<CallExtension, Malformed> {
    Ok(CallExtension {
        party: reader.address()?,
        deadline: reader.time()?,
        extended: reader.time()?,
        expiry: reader.time()?,
    })
}

pub(super) fn disputed_value(reader: &mut Reader<'_>) -> Result<DisputedValue, Malformed> {
    Ok(DisputedValue { dispute: reader.uint()?, entitlement_a: reader.signed()?, expiry: reader.time()? })
}

pub(super) fn determination(reader: &mut Reader<'_>) -> Result<CloseOutDetermination, Malformed> {
    Ok(CloseOutDetermination {
        sequence: reader.uint()?,
        defaulter: reader.address()?,
        amount: reader.signed()?,
        evidence_root: reader.digest()?,
        expiry: reader.time()?,
    })
}

pub(super) fn termination(reader: &mut Reader<'_>) -> Result<MutualTermination, Malformed> {
    Ok(MutualTermination {
        terms_hash: reader.digest()?,
        nonce: reader.uint()?,
        entitlement_a: reader.signed()?,
        expiry: reader.time()?,
    })
}

impl From<Malformed> for VaultError {
    fn from(_: Malformed) -> Self {
        Self::MalformedInput
    }
}
