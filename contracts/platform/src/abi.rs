//! The protocol's messages and terms in the Ethereum ABI, and their conversion.
//!
//! Field for field the structs of the protocol; amounts are base units, times seconds. The names are what wallets show.

mod bond;

pub use bond::{BookTerms, NoteValue, Position, RiskTerms, SeriesStatus, SeriesTerms};

use ink::prelude::vec::Vec;
use ringfence_protocol::{
    message,
    signature::SignerSet,
    terms::{self, TermsError},
    units::{Amount, Bps, Seconds, SignedAmount, Timestamp},
    vault, Address, Digest, Pair,
};

macro_rules! abi_struct {
    ($(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $ty:ty ),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, ink::SolDecode, ink::SolEncode)]
        #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
        pub struct $name { $( $(#[$field_meta])* pub $field: $ty ),+ }
    };
}

abi_struct! {
    /// What a CSA has per party.
    PartyTerms {
        /// Uncollateralised exposure to this party.
        threshold: u128,
        /// Least transfer by this party.
        minimum_transfer_amount: u128,
        /// Rounding of this party's transfers.
        rounding_amount: u128,
        /// Posted whatever the exposure.
        independent_amount: u128,
    }
}

abi_struct! {
    /// The clocks of a pair, seconds.
    Periods {
        /// Margin call to default.
        cure: u64,
        /// Oldest usable valuation.
        max_staleness: u64,
        /// Default to last value.
        close_out: u64,
        /// Silence to exit.
        oracle_timeout: u64,
    }
}

abi_struct! {
    /// The terms of a pair.
    CsaTerms {
        /// Settlement asset.
        asset: Address,
        /// Legal entity.
        entity: Address,
        /// Party A.
        party_a: Address,
        /// Party B.
        party_b: Address,
        /// A's CSA terms.
        terms_a: PartyTerms,
        /// B's CSA terms.
        terms_b: PartyTerms,
        /// Clocks.
        periods: Periods,
        /// Circuit breaker.
        max_move: u128,
        /// A's share of the uncovered tail, bps.
        tail_share_a: u16,
        /// Valuation agent's signers, strictly ascending.
        signers: Vec<Address>,
        /// How many must sign.
        signer_threshold: u8,
    }
}

impl CsaTerms {
    /// The protocol's terms and signer set, checked.
    pub fn into_protocol(self) -> Result<(terms::Terms, SignerSet), TermsError> {
        let signers = SignerSet::new(self.signers, self.signer_threshold)?;
        let terms = terms::Terms {
            asset: self.asset,
            entity: self.entity,
            parties: Pair { a: self.party_a, b: self.party_b },
            csa: Pair { a: self.terms_a.into(), b: self.terms_b.into() },
            periods: self.periods.into(),
            max_move: Amount::new(self.max_move),
            tail_share_a: Bps::new(self.tail_share_a),
        };
        Ok((terms, signers))
    }

    /// The terms as the contract shows them.
    pub fn from_protocol(terms: &terms::Terms, signers: &SignerSet) -> Self {
        Self {
            asset: terms.asset,
            entity: terms.entity,
            party_a: terms.parties.a,
            party_b: terms.parties.b,
            terms_a: terms.csa.a.into(),
            terms_b: terms.csa.b.into(),
            periods: terms.periods.into(),
            max_move: terms.max_move.get(),
            tail_share_a: terms.tail_share_a.get(),
            signers: signers.signers().to_vec(),
            signer_threshold: signers.threshold(),
        }
    }
}

impl From<PartyTerms> for terms::PartyTerms {
    fn from(abi: PartyTerms) -> Self {
        Self {
            threshold: Amount::new(abi.threshold),
            minimum_transfer_amount: Amount::new(abi.minimum_transfer_amount),
            rounding_amount: Amount::new(abi.rounding_amount),
            independent_amount: Amount::new(abi.independent_amount),
        }
    }
}

impl From<terms::PartyTerms> for PartyTerms {
    fn from(terms: terms::PartyTerms) -> Self {
        Self {
            threshold: terms.threshold.get(),
            minimum_transfer_amount: terms.minimum_transfer_amount.get(),
            rounding_amount: terms.rounding_amount.get(),
            independent_amount: terms.independent_amount.get(),
        }
    }
}

impl From<Periods> for terms::Periods {
    fn from(abi: Periods) -> Self {
        Self {
            cure: Seconds::new(abi.cure),
            max_staleness: Seconds::new(abi.max_staleness),
            close_out: Seconds::new(abi.close_out),
            oracle_timeout: Seconds::new(abi.oracle_timeout),
        }
    }
}

impl From<terms::Periods> for Periods {
    fn from(periods: terms::Periods) -> Self {
        Self {
            cure: periods.cure.get(),
            max_staleness: periods.max_staleness.get(),
            close_out: periods.close_out.get(),
            oracle_timeout: periods.oracle_timeout.get(),
        }
    }
}

abi_struct! {
    /// A signed valuation.
    MarginInstruction {
        /// The vault.
        vault: Address,
        /// Terms hash.
        terms_hash: Digest,
        /// One more than the last.
        sequence: u64,
        /// When valued.
        valuation_time: u64,
        /// Until when valid.
        expiry: u64,
        /// Agreed portfolio.
        portfolio_root: Digest,
        /// A's cumulative entitlement.
        entitlement_a: i128,
        /// A's initial margin.
        initial_margin_a: u128,
        /// B's initial margin.
        initial_margin_b: u128,
        /// Tail to be covered.
        tail_requirement: u128,
        /// Commitment to market data.
        market_data_root: Digest,
        /// Model version.
        model_version: u32,
    }
}

impl From<MarginInstruction> for message::MarginInstruction {
    fn from(abi: MarginInstruction) -> Self {
        Self {
            vault: abi.vault,
            terms_hash: abi.terms_hash,
            sequence: abi.sequence,
            valuation_time: Timestamp::new(abi.valuation_time),
            expiry: Timestamp::new(abi.expiry),
            portfolio_root: abi.portfolio_root,
            entitlement_a: SignedAmount::new(abi.entitlement_a),
            initial_margin_a: Amount::new(abi.initial_margin_a),
            initial_margin_b: Amount::new(abi.initial_margin_b),
            tail_requirement: Amount::new(abi.tail_requirement),
            market_data_root: abi.market_data_root,
            model_version: abi.model_version,
        }
    }
}

abi_struct! {
    /// A portfolio version signed by both parties.
    PortfolioAgreement {
        /// One more than the last.
        version: u64,
        /// Commitment to the trades.
        portfolio_root: Digest,
        /// Terms hash.
        terms_hash: Digest,
        /// Until when valid.
        expiry: u64,
    }
}

impl From<PortfolioAgreement> for message::PortfolioAgreement {
    fn from(abi: PortfolioAgreement) -> Self {
        Self {
            version: abi.version,
            portfolio_root: abi.portfolio_root,
            terms_hash: abi.terms_hash,
            expiry: Timestamp::new(abi.expiry),
        }
    }
}

abi_struct! {
    /// An end that both parties signed.
    MutualTermination {
        /// One more than the last sequence.
        nonce: u64,
        /// Final cumulative entitlement of A.
        entitlement_a: i128,
        /// Until when valid.
        expiry: u64,
    }
}

impl From<MutualTermination> for message::MutualTermination {
    fn from(abi: MutualTermination) -> Self {
        Self {
            nonce: abi.nonce,
            entitlement_a: SignedAmount::new(abi.entitlement_a),
            expiry: Timestamp::new(abi.expiry),
        }
    }
}

abi_struct! {
    /// The valuation agent's close-out amount.
    CloseOutDetermination {
        /// One more than the last determination.
        sequence: u64,
        /// The party in default.
        defaulter: Address,
        /// What the defaulter owes the survivor; negative if the survivor owes.
        amount: i128,
        /// Commitment to the evidence.
        evidence_root: Digest,
        /// Until when valid.
        expiry: u64,
    }
}

impl From<CloseOutDetermination> for message::CloseOutDetermination {
    fn from(abi: CloseOutDetermination) -> Self {
        Self {
            sequence: abi.sequence,
            defaulter: abi.defaulter,
            amount: SignedAmount::new(abi.amount),
            evidence_root: abi.evidence_root,
            expiry: Timestamp::new(abi.expiry),
        }
    }
}

abi_struct! {
    /// One side of a pair, as a wallet shows it.
    PartyStatus {
        /// Margin.
        margin: u128,
        /// What has to be posted.
        required: u128,
        /// Unpaid settlement.
        deficit: u128,
        /// What could be withdrawn now.
        withdrawable: u128,
        /// Open call, zero if none.
        call_amount: u128,
        /// Its deadline, zero if none.
        call_deadline: u64,
    }
}

abi_struct! {
    /// A pair, as a wallet shows it.
    VaultStatus {
        /// 0 proposed, 1 active, 2 defaulted, 3 closed.
        phase: u8,
        /// The party in default, zero if none.
        defaulter: Address,
        /// A's side.
        a: PartyStatus,
        /// B's side.
        b: PartyStatus,
        /// The entity's capital in this vault.
        first_loss: u128,
        /// What live bonds could pay now.
        live_cover: u128,
        /// Tail to be covered.
        tail_requirement: u128,
        /// A's cumulative entitlement.
        entitlement_a: i128,
        /// What has moved to A.
        settled_to_a: i128,
        /// Last instruction.
        sequence: u64,
        /// Its valuation time.
        valuation_time: u64,
        /// What the survivor is owed and no layer reached.
        residual: u128,
    }
}

impl VaultStatus {
    /// The status of a vault.
    pub fn new(state: &vault::VaultState, status: &vault::Status, terms: &terms::Terms) -> Self {
        let (phase, defaulter) = match status.phase {
            vault::Phase::Proposed => (0, None),
            vault::Phase::Active => (1, None),
            vault::Phase::Defaulted { party, .. } => (2, Some(party)),
            vault::Phase::Closed { defaulter } => (3, defaulter),
        };
        let side = |party| {
            let call = status.call.of(party).as_ref();
            PartyStatus {
                margin: status.margin.of(party).get(),
                required: status.required.of(party).get(),
                deficit: status.deficit.of(party).get(),
                withdrawable: status.withdrawable.of(party).get(),
                call_amount: call.map_or(0, |call| call.amount.get()),
                call_deadline: call.map_or(0, |call| call.deadline.get()),
            }
        };
        Self {
            phase,
            defaulter: defaulter.map_or(Address::zero(), |party| *terms.parties.of(party)),
            a: side(ringfence_protocol::Party::A),
            b: side(ringfence_protocol::Party::B),
            first_loss: status.first_loss.get(),
            live_cover: status.live_cover.get(),
            tail_requirement: status.tail_requirement.get(),
            entitlement_a: status.entitlement.get(),
            settled_to_a: state.settled.get(),
            sequence: status.last_instruction.0,
            valuation_time: status.last_instruction.1.get(),
            residual: state.residual.get(),
        }
    }
}
