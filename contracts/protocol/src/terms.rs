//! The Credit Support Annex of a pair: what both parties accept before anything is at risk.

use crate::{
    collateral::Schedule,
    eip712::Encoder,
    keccak::hash_of,
    layout::fixed,
    signature::{SignerSet, SignerSetError},
    units::{Amount, ArithmeticError, Bps, Seconds, Timestamp},
    Address, Digest, Keccak256, Pair, Party,
};

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
/// Longest time in which an instruction can be disputed, and in which a dispute lapses; zero means no disputes.
pub const MAX_DISPUTE: Seconds = Seconds::new(7 * 86_400);
/// Longest time for successors to bid for a defaulter's side; zero means no replacement. Never longer than the close-out.
pub const MAX_REPLACEMENT: Seconds = Seconds::new(7 * 86_400);
/// Shortest auction of seized collateral: the price falls to zero over it, so it must leave buyers time to act.
pub const MIN_AUCTION: Seconds = Seconds::new(300);
/// Longest auction of seized collateral.
pub const MAX_AUCTION: Seconds = Seconds::new(7 * 86_400);
/// A notification time at the end of the day: every call counts from when it is made.
pub const NO_CUT_OFF: Seconds = Seconds::DAY;
/// Largest rounding amount: 10^12 base units (a million USDC). Rounding moves at most this beyond the exposure.
pub const MAX_ROUNDING: Amount = Amount::new(1_000_000_000_000);
/// Largest fee that terms can allow: 10 % a year of the requirement.
pub const MAX_FEE_CAP: Bps = Bps::new(1_000);

/// What a CSA has per party. Paragraphs are those of the 1994 Credit Support Annex (ISDA, New York law); the annex of
/// 2016 for variation margin keeps the minimum transfer amount and rounding, in paragraph 13(c)(vii), and has no
/// threshold and no independent amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartyTerms {
    /// Exposure to this party that stays uncollateralised (paragraph 13(b)(iv)(B)).
    pub threshold: Amount,
    /// Transfers by this party below this are not made (paragraph 13(b)(iv)(C)).
    pub minimum_transfer_amount: Amount,
    /// Deliveries by this party are rounded up, returns down, to a multiple of this (paragraph 13(b)(iv)(D)).
    pub rounding_amount: Amount,
    /// Independent amount: posted on top of initial margin whatever the exposure (paragraph 13(b)(iv)(A)).
    pub independent_amount: Amount,
}

fixed!(PartyTerms {
    threshold: Amount,
    minimum_transfer_amount: Amount,
    rounding_amount: Amount,
    independent_amount: Amount,
});

impl PartyTerms {
    const TYPE: &'static str =
        "PartyTerms(uint128 threshold,uint128 minimumTransferAmount,uint128 roundingAmount,uint128 independentAmount)";

    fn struct_hash<H: Keccak256>(&self) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) })
            .amount(self.threshold)
            .amount(self.minimum_transfer_amount)
            .amount(self.rounding_amount)
            .amount(self.independent_amount)
            .hash::<H>()
    }
}

/// The clocks of a pair. Paragraphs are those of the 2016 Credit Support Annex for Variation Margin (ISDA, New York
/// law).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Periods {
    /// From a margin call to the moment its party can be declared in default: the regular settlement day (paragraph
    /// 4(b)) and the grace period after notice of a failure to transfer (paragraph 7(i)) in one.
    pub cure: Seconds,
    /// Notification time, seconds after midnight UTC: a call made after it counts from the next one (paragraph 4(b)).
    /// [`NO_CUT_OFF`] if calls count from when they are made.
    pub notification: Seconds,
    /// The oldest valuation that may settle, release margin or support a default.
    pub max_staleness: Seconds,
    /// From an instruction to the last moment it can be disputed, and from a dispute to its lapse (paragraph 5).
    pub dispute: Seconds,
    /// From a default to the last moment at which a successor can bid.
    pub replacement: Seconds,
    /// From a default to the moment the last settled value stands.
    pub close_out: Seconds,
    /// Over which the price of seized collateral falls to zero.
    pub auction: Seconds,
    /// From the last accepted instruction to the moment either party may leave at the last value.
    pub oracle_timeout: Seconds,
}

fixed!(Periods {
    cure: Seconds,
    notification: Seconds,
    max_staleness: Seconds,
    dispute: Seconds,
    replacement: Seconds,
    close_out: Seconds,
    auction: Seconds,
    oracle_timeout: Seconds,
});

impl Periods {
    const TYPE: &'static str = "Periods(uint64 cure,uint64 notification,uint64 maxStaleness,uint64 dispute,\
        uint64 replacement,uint64 closeOut,uint64 auction,uint64 oracleTimeout)";

    fn struct_hash<H: Keccak256>(&self) -> Digest {
        [
            self.cure,
            self.notification,
            self.max_staleness,
            self.dispute,
            self.replacement,
            self.close_out,
            self.auction,
            self.oracle_timeout,
        ]
        .into_iter()
        .fold(Encoder::new(const { hash_of(Self::TYPE) }), Encoder::span)
        .hash::<H>()
    }

    /// The moment from which a call made at `now` counts.
    pub fn notified_at(&self, now: Timestamp) -> Result<Timestamp, ArithmeticError> {
        let time_of_day = now.time_of_day();
        if time_of_day <= self.notification {
            return Ok(now);
        }
        let to_midnight = Seconds::new(Seconds::DAY.get().saturating_sub(time_of_day.get()));
        now.after(to_midnight)?.after(self.notification)
    }

    /// The earliest moment at which a call with this deadline can have been made, if nobody extended it.
    pub fn called_at_earliest(&self, deadline: Timestamp) -> Timestamp {
        let notified = Timestamp::new(deadline.get().saturating_sub(self.cure.get()));
        // A call after the notification time of a day is notified at that of the next one.
        if notified.time_of_day() == self.notification {
            return Timestamp::new(notified.get().saturating_sub(Seconds::DAY.get()));
        }
        notified
    }

    /// The longest time from a default to the moment anyone can have its loss paid, if everybody acts when they first
    /// can: the last value stands, then collateral is sold.
    pub fn latest_distribution(&self) -> Result<Seconds, ArithmeticError> {
        self.close_out.add(self.auction)
    }
}

/// The terms that never change while the pair lives; the signer set is kept apart because it can rotate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The settlement asset, an ERC-20.
    pub asset: Address,
    /// The legal entity between the parties.
    pub entity: Address,
    /// The contract that holds the vault's rules for everything but deposit, withdrawal and settlement. It keeps nothing
    /// and can move nothing; like the vault's own code it never changes.
    pub rules: Address,
    /// The counterparties.
    pub parties: Pair<Address>,
    /// What the CSA has per party.
    pub csa: Pair<PartyTerms>,
    /// The clocks.
    pub periods: Periods,
    /// A move of the entitlement beyond this needs every signer.
    pub max_move: Amount,
    /// What a party posts with a dispute and loses if the agent confirms its first value.
    pub dispute_deposit: Amount,
    /// A re-signed value that differs by at most this confirms the first.
    pub dispute_tolerance: Amount,
    /// Largest annual fee of the entity, on each side's requirement.
    pub fee_cap: Bps,
    /// A's share of an uncovered tail; B bears the rest.
    pub tail_share_a: Bps,
}

fixed!(Terms {
    asset: Address,
    entity: Address,
    rules: Address,
    parties: Pair<Address>,
    csa: Pair<PartyTerms>,
    periods: Periods,
    max_move: Amount,
    dispute_deposit: Amount,
    dispute_tolerance: Amount,
    fee_cap: Bps,
    tail_share_a: Bps,
});

crate::errors::error_list! {
    /// Why terms are refused at construction.
    TermsError, each_terms_error {
        /// Returned when an address is zero or two roles that must differ are the same.
        InvalidAddress,
        /// Returned when an amount in the terms is above the largest amount.
        AmountOutOfBounds,
        /// Returned when a period is outside its bounds, or the oracle time-out is shorter than staleness plus cure.
        PeriodOutOfBounds,
        /// Returned when a share or a haircut is above 100 %, or a fee cap above its bound.
        ShareOutOfBounds,
        /// Returned when more collateral is eligible than a vault keeps, twice the same, or the settlement asset.
        CollateralSchedule,
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
    pub const TYPE: &'static str = "CsaTerms(address asset,address entity,address rules,address partyA,address partyB,\
        PartyTerms termsA,PartyTerms termsB,Periods periods,uint128 maxMove,uint128 disputeDeposit,\
        uint128 disputeTolerance,uint16 feeCap,uint16 tailShareA,EligibleCollateral[] collateral,address[] signers,\
        uint8 signerThreshold)EligibleCollateral(address asset,uint16 haircut,uint128 limit)\
        PartyTerms(uint128 threshold,uint128 minimumTransferAmount,uint128 roundingAmount,uint128 independentAmount)\
        Periods(uint64 cure,uint64 notification,uint64 maxStaleness,uint64 dispute,uint64 replacement,uint64 closeOut,\
        uint64 auction,uint64 oracleTimeout)";

    /// Checks every bound.
    pub fn validate(&self, schedule: &Schedule) -> Result<(), TermsError> {
        self.validate_roles()?;
        self.validate_amounts()?;
        self.validate_periods()?;
        if self.tail_share_a > Bps::ONE || self.fee_cap > MAX_FEE_CAP {
            return Err(TermsError::ShareOutOfBounds);
        }
        schedule.validate(self)
    }

    fn validate_roles(&self) -> Result<(), TermsError> {
        let roles = [self.asset, self.entity, self.rules, self.parties.a, self.parties.b];
        let distinct = roles
            .iter()
            .enumerate()
            .all(|(i, role)| !role.is_zero() && !roles.iter().skip(i.saturating_add(1)).any(|other| other == role));
        if distinct {
            Ok(())
        } else {
            Err(TermsError::InvalidAddress)
        }
    }

    fn validate_amounts(&self) -> Result<(), TermsError> {
        let per_party = |terms: &PartyTerms| {
            [terms.threshold, terms.minimum_transfer_amount, terms.independent_amount]
                .into_iter()
                .all(|amount| amount <= Amount::MAX)
                && terms.rounding_amount <= MAX_ROUNDING
        };
        let common = [self.max_move, self.dispute_deposit, self.dispute_tolerance];
        if per_party(&self.csa.a) && per_party(&self.csa.b) && common.into_iter().all(|amount| amount <= Amount::MAX) {
            Ok(())
        } else {
            Err(TermsError::AmountOutOfBounds)
        }
    }

    fn validate_periods(&self) -> Result<(), TermsError> {
        let periods = self.periods;
        // A party must be able to cure what the last instruction asked for before the other may leave with it.
        let shortest_timeout = periods.cure.get().saturating_add(periods.max_staleness.get());
        let fine = (MIN_CURE..=MAX_CURE).contains(&periods.cure)
            && periods.notification <= NO_CUT_OFF
            && (MIN_STALENESS..=MAX_STALENESS).contains(&periods.max_staleness)
            && periods.dispute <= MAX_DISPUTE
            && periods.replacement <= MAX_REPLACEMENT
            && periods.replacement <= periods.close_out
            && (MIN_CLOSE_OUT..=MAX_CLOSE_OUT).contains(&periods.close_out)
            && (MIN_AUCTION..=MAX_AUCTION).contains(&periods.auction)
            && (shortest_timeout..=MAX_ORACLE_TIMEOUT.get()).contains(&periods.oracle_timeout.get());
        if fine {
            Ok(())
        } else {
            Err(TermsError::PeriodOutOfBounds)
        }
    }

    /// The EIP-712 hash that both parties accept and every instruction names.
    #[inline(never)]
    pub fn hash<H: Keccak256>(&self, schedule: &Schedule, signers: &SignerSet) -> Digest {
        Encoder::new(const { hash_of(Self::TYPE) })
            .address(self.asset)
            .address(self.entity)
            .address(self.rules)
            .address(self.parties.a)
            .address(self.parties.b)
            .word(self.csa.a.struct_hash::<H>().0)
            .word(self.csa.b.struct_hash::<H>().0)
            .word(self.periods.struct_hash::<H>().0)
            .amount(self.max_move)
            .amount(self.dispute_deposit)
            .amount(self.dispute_tolerance)
            .share(self.fee_cap)
            .share(self.tail_share_a)
            .word(schedule.hash::<H>().0)
            .word(signers.hash::<H>().0)
            .uint(u128::from(signers.threshold()))
            .hash::<H>()
    }

    /// Which party an address is.
    pub fn party(&self, address: Address) -> Option<Party> {
        Party::BOTH.into_iter().find(|party| *self.parties.of(*party) == address)
    }
}
