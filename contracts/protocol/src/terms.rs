//! The Credit Support Annex of a pair: what both parties accept before anything is at risk.

use crate::{
    eip712::Encoder,
    signature::{SignerSet, SignerSetError},
    units::{Amount, Bps, Seconds},
    Address, Digest, Keccak256, Pair, Party,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// Shortest cure period: two blocks of a slow treasury system would be too few, five minutes is one bar.
pub const MIN_CURE: Seconds = Seconds::new(300);
/// Longest cure period.
pub const MAX_CURE: Seconds = Seconds::new(7 * 86_400);
/// Shortest staleness bound.
pub const MIN_STALENESS: Seconds = Seconds::new(60);
/// Longest staleness bound.
pub const MAX_STALENESS: Seconds = Seconds::new(86_400);
/// Shortest time for the valuation agent to determine a close-out amount.
pub const MIN_CLOSE_OUT: Seconds = Seconds::new(300);
/// Longest time for it; with the oracle time-out it bounds how long anybody waits.
pub const MAX_CLOSE_OUT: Seconds = Seconds::new(14 * 86_400);
/// Longest silence of the oracle before either party may leave at the last value.
pub const MAX_ORACLE_TIMEOUT: Seconds = Seconds::new(30 * 86_400);

/// What a CSA has per party.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct PartyTerms {
    /// Exposure to this party that stays uncollateralised (ISDA CSA paragraph 13(b)(iv)(B)).
    pub threshold: Amount,
    /// Transfers by this party below this are not made (paragraph 13(b)(iv)(C)).
    pub minimum_transfer_amount: Amount,
    /// Deliveries by this party are rounded up, returns down, to a multiple of this (paragraph 13(b)(iv)(D)).
    pub rounding_amount: Amount,
    /// Independent amount: posted on top of initial margin whatever the exposure (paragraph 13(b)(iv)(A)).
    pub independent_amount: Amount,
}

impl PartyTerms {
    const TYPE: &'static str =
        "PartyTerms(uint128 threshold,uint128 minimumTransferAmount,uint128 roundingAmount,uint128 independentAmount)";

    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new::<H>(Self::TYPE)
            .amount(self.threshold)
            .amount(self.minimum_transfer_amount)
            .amount(self.rounding_amount)
            .amount(self.independent_amount)
            .hash::<H>()
    }
}

/// The clocks of a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Periods {
    /// From a margin call to the moment its party can be declared in default.
    pub cure: Seconds,
    /// The oldest valuation that may settle, release margin or support a default.
    pub max_staleness: Seconds,
    /// From a default to the moment the last settled value stands.
    pub close_out: Seconds,
    /// From the last accepted instruction to the moment either party may leave at the last value.
    pub oracle_timeout: Seconds,
}

impl Periods {
    const TYPE: &'static str = "Periods(uint64 cure,uint64 maxStaleness,uint64 closeOut,uint64 oracleTimeout)";

    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new::<H>(Self::TYPE)
            .span(self.cure)
            .span(self.max_staleness)
            .span(self.close_out)
            .span(self.oracle_timeout)
            .hash::<H>()
    }
}

/// The terms that never change while the pair lives; the signer set is kept apart because it can rotate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Terms {
    /// The settlement asset, an ERC-20.
    pub asset: Address,
    /// The legal entity between the parties.
    pub entity: Address,
    /// The counterparties.
    pub parties: Pair<Address>,
    /// What the CSA has per party.
    pub csa: Pair<PartyTerms>,
    /// The clocks.
    pub periods: Periods,
    /// A move of the entitlement beyond this needs every signer.
    pub max_move: Amount,
    /// A's share of an uncovered tail; B bears the rest.
    pub tail_share_a: Bps,
}

crate::errors::error_list! {
    /// Why terms are refused at construction.
    TermsError, each_terms_error {
        /// Returned when an address is zero or two roles that must differ are the same.
        InvalidAddress,
        /// Returned when an amount in the terms is above the largest amount.
        AmountOutOfBounds,
        /// Returned when a period is outside its bounds, or the oracle time-out is shorter than staleness plus cure.
        PeriodOutOfBounds,
        /// Returned when a share is above 100 %.
        ShareOutOfBounds,
        /// Returned when there is no signer or more than eight.
        SignerCount,
        /// Returned when the threshold is not a majority of the signers or above their number.
        SignerThreshold,
        /// Returned when the signers are not strictly ascending or one is zero.
        SignerOrder,
        /// Returned when a sum leaves its range.
        ArithmeticOverflow,
    }
}

impl From<SignerSetError> for TermsError {
    fn from(error: SignerSetError) -> Self {
        match error {
            SignerSetError::SignerCount => Self::SignerCount,
            SignerSetError::SignerThreshold => Self::SignerThreshold,
            SignerSetError::SignerOrder => Self::SignerOrder,
        }
    }
}

impl Terms {
    /// The EIP-712 type, with the types it refers to in alphabetical order.
    pub const TYPE: &'static str = "CsaTerms(address asset,address entity,address partyA,address partyB,\
        PartyTerms termsA,PartyTerms termsB,Periods periods,uint128 maxMove,uint16 tailShareA,address[] signers,\
        uint8 signerThreshold)PartyTerms(uint128 threshold,uint128 minimumTransferAmount,uint128 roundingAmount,\
        uint128 independentAmount)Periods(uint64 cure,uint64 maxStaleness,uint64 closeOut,uint64 oracleTimeout)";

    /// Checks every bound.
    pub fn validate(&self) -> Result<(), TermsError> {
        let roles = [self.asset, self.entity, self.parties.a, self.parties.b];
        let distinct = roles
            .iter()
            .enumerate()
            .all(|(i, role)| !role.is_zero() && !roles.iter().skip(i.saturating_add(1)).any(|other| other == role));
        if !distinct {
            return Err(TermsError::InvalidAddress);
        }
        let per_party = |terms: &PartyTerms| {
            [terms.threshold, terms.minimum_transfer_amount, terms.rounding_amount, terms.independent_amount]
        };
        let bounded =
            per_party(&self.csa.a).into_iter().chain(per_party(&self.csa.b)).all(|amount| amount <= Amount::MAX);
        if !bounded || self.max_move > Amount::MAX {
            return Err(TermsError::AmountOutOfBounds);
        }
        self.validate_periods()?;
        if self.tail_share_a > Bps::ONE {
            return Err(TermsError::ShareOutOfBounds);
        }
        Ok(())
    }

    fn validate_periods(&self) -> Result<(), TermsError> {
        let Periods { cure, max_staleness, close_out, oracle_timeout } = self.periods;
        // A party must be able to cure what the last instruction asked for before the other may leave with it.
        let shortest_timeout = cure.get().saturating_add(max_staleness.get());
        let fine = (MIN_CURE..=MAX_CURE).contains(&cure)
            && (MIN_STALENESS..=MAX_STALENESS).contains(&max_staleness)
            && (MIN_CLOSE_OUT..=MAX_CLOSE_OUT).contains(&close_out)
            && (shortest_timeout..=MAX_ORACLE_TIMEOUT.get()).contains(&oracle_timeout.get());
        if fine {
            Ok(())
        } else {
            Err(TermsError::PeriodOutOfBounds)
        }
    }

    /// The EIP-712 hash that both parties accept and every instruction names.
    pub fn hash<H: Keccak256>(&self, signers: &SignerSet) -> Digest {
        Encoder::new::<H>(Self::TYPE)
            .address(self.asset)
            .address(self.entity)
            .address(self.parties.a)
            .address(self.parties.b)
            .word(self.csa.a.struct_hash::<H>().0)
            .word(self.csa.b.struct_hash::<H>().0)
            .word(self.periods.struct_hash::<H>().0)
            .amount(self.max_move)
            .uint(u128::from(self.tail_share_a.get()))
            .word(signers.hash::<H>().0)
            .uint(u128::from(signers.threshold()))
            .hash::<H>()
    }

    /// Which party an address is.
    pub fn party(&self, address: Address) -> Option<Party> {
        Party::BOTH.into_iter().find(|party| *self.parties.of(*party) == address)
    }
}
