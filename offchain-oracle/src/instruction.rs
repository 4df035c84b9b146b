//! From a valuation to the message that moves a vault.

use crate::commit::MODEL_VERSION;
use crate::engine::Moment;
use crate::replay::{PairStep, Step};
use crate::units::MicroUsd;
use crate::value::ValueError;
use ringfence_protocol::eip712::Domain;
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::units::{Amount, Bps, Seconds, SignedAmount, Timestamp, Wad};
use ringfence_protocol::{Address, Digest};

/// The interest index of an agreement without interest on cash.
pub const NO_INTEREST: Wad = Wad::new(Wad::SCALE);

/// The vault an instruction is for, and the agreement it is made under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VaultContext {
    /// The chain's EIP-155 identifier.
    pub chain_id: u64,
    /// The vault.
    pub vault: Address,
    /// Hash of its terms.
    pub terms_hash: Digest,
    /// The sequence to use: the vault's last plus one.
    pub sequence: u64,
    /// How long after the valuation the vault may still take it.
    pub validity: Seconds,
    /// What one unit of cash posted at inception has grown to; [`NO_INTEREST`] where the agreement has none.
    pub interest_index: Wad,
    /// The entity's annual fee since the last instruction.
    pub fee_rate: Bps,
}

impl VaultContext {
    /// The EIP-712 domain: this chain, this vault.
    pub const fn domain(&self) -> Domain {
        Domain { chain_id: self.chain_id, verifying_contract: self.vault }
    }
}

/// The instruction of one pair at one step of a replay.
///
/// # Errors
/// As [`build_at`].
pub fn build(context: &VaultContext, step: &Step, pair: &PairStep) -> Result<MarginInstruction, ValueError> {
    build_at(context, &step.moment(), pair)
}

/// The instruction of one pair at one moment.
///
/// # Errors
/// An amount beyond the protocol's bound of 2^96 base units, or an expiry past the end of time.
pub fn build_at(context: &VaultContext, at: &Moment, pair: &PairStep) -> Result<MarginInstruction, ValueError> {
    let requirement = |money, what| amount(money).ok_or_else(|| not_an_amount(pair, what));
    Ok(MarginInstruction {
        vault: context.vault,
        terms_hash: context.terms_hash,
        sequence: context.sequence,
        valuation_time: at.valuation_time,
        expiry: expiry(at.valuation_time, context.validity).ok_or_else(|| not_an_amount(pair, "the expiry"))?,
        portfolio_root: pair.portfolio_root,
        entitlement_a: signed_amount(pair.entitlement_a).ok_or_else(|| not_an_amount(pair, "the entitlement"))?,
        initial_margin_a: requirement(pair.margin.initial.a, "initial margin A")?,
        initial_margin_b: requirement(pair.margin.initial.b, "initial margin B")?,
        tail_requirement: requirement(pair.margin.tail, "the tail requirement")?,
        interest_index: context.interest_index,
        fee_rate: context.fee_rate,
        // The pairs of a replay take nothing but the settlement asset.
        collateral: Vec::new(),
        market_data_root: at.market_data_root,
        model_version: MODEL_VERSION,
    })
}

/// Micro-dollars as base units of USDC, one to one; nothing if negative or above the protocol's bound.
pub fn amount(money: MicroUsd) -> Option<Amount> {
    u128::try_from(money.get()).ok().map(Amount::new).filter(|amount| *amount <= Amount::MAX)
}

/// The same for either sign.
pub fn signed_amount(money: MicroUsd) -> Option<SignedAmount> {
    Some(SignedAmount::new(money.get())).filter(|amount| amount.magnitude() <= Amount::MAX)
}

fn expiry(valued: Timestamp, validity: Seconds) -> Option<Timestamp> {
    valued.after(validity).ok()
}

fn not_an_amount(pair: &PairStep, what: &'static str) -> ValueError {
    ValueError::NotAnAmount { pair: pair.pair.clone(), what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_stop_at_the_protocol_bound() {
        assert_eq!(amount(MicroUsd::new(1 << 96)), Some(Amount::MAX));
        assert_eq!(amount(MicroUsd::new((1 << 96) + 1)), None);
        assert_eq!(amount(MicroUsd::new(-1)), None);
        assert_eq!(signed_amount(MicroUsd::new(-(1 << 96))), Some(SignedAmount::new(-(1 << 96))));
        assert_eq!(signed_amount(MicroUsd::new(i128::MIN)), None);
    }
}
