use super::BondError;
use crate::{
    units::{Amount, Bps, Seconds, Timestamp},
    Address, Digest,
};
use scale::{Decode, Encode, MaxEncodedLen};

/// Largest annual spread: 100 %.
pub const MAX_SPREAD: Bps = Bps::ONE;
/// The most ticks from zero to the maximum spread, both included.
pub const MAX_TICKS: u16 = 256;
/// Longest time from issue to the end of the book.
pub const MAX_BOOK: Seconds = Seconds::new(90 * 86_400);
/// Shortest risk period.
pub const MIN_RISK_PERIOD: Seconds = Seconds::new(3_600);
/// Longest risk period: five years.
pub const MAX_RISK_PERIOD: Seconds = Seconds::new(5 * 31_536_000);
/// Shortest time to report an open default after the risk period.
pub const MIN_NOTICE: Seconds = Seconds::new(3_600);
/// Longest time to report an open default after the risk period.
pub const MAX_NOTICE: Seconds = Seconds::new(7 * 86_400);
/// Longest time that principal can stay behind after the risk period.
pub const MAX_EXTENSION: Seconds = Seconds::new(90 * 86_400);
/// Longest waiting period.
pub const MAX_WAITING: Seconds = Seconds::new(30 * 86_400);
/// Time after the end of the book to put the series on risk; then anyone may have it fail.
pub const ACTIVATION_GRACE: Seconds = Seconds::DAY;

/// What is fixed at issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct BondTerms {
    /// The covered vault, the only address that can claim.
    pub vault: Address,
    /// The entity: pays the premium, receives what of it is not earned.
    pub sponsor: Address,
    /// The settlement asset, an ERC-20.
    pub asset: Address,
    /// Loss above first-loss capital at which this series starts to pay: the sum of the limits below it.
    pub attachment: Amount,
    /// Most principal that is taken.
    pub limit: Amount,
    /// Least principal with which the series goes on risk.
    pub minimum: Amount,
    /// Least amount of a bid.
    pub minimum_bid: Amount,
    /// Highest annual spread that can be bid; the sponsor's premium in escrow is that of this spread.
    pub max_spread: Bps,
    /// Bids are at multiples of this; it divides the maximum spread.
    pub tick: Bps,
    /// The share of a deposit that a sealed bid loses when it is not revealed; it goes to the sponsor.
    pub forfeit: Bps,
    /// Last moment to take a bid back.
    pub cancel_until: Timestamp,
    /// Last moment to bid, or to commit to a sealed bid.
    pub bids_until: Timestamp,
    /// Last moment to reveal. Equal to `bids_until`: the book is open. Later: it is sealed.
    pub reveal_until: Timestamp,
    /// From going on risk to the end of risk and premium.
    pub risk_period: Seconds,
    /// From the end of the risk period to redemption: the time to report an open default.
    pub notice: Seconds,
    /// From the end of the risk period to the latest date of redemption, whatever is open.
    pub extension: Seconds,
    /// How long the series has to be on risk, and a portfolio to be valued, before a default for the loss to be eligible.
    /// The vault, which knows both, claims no more than that.
    pub waiting: Seconds,
    /// Root of the allow-list of holders; zero: everybody may hold notes.
    pub allow_list: Digest,
}

impl BondTerms {
    /// Checks every bound.
    pub fn validate(&self, now: Timestamp) -> Result<(), BondError> {
        let addressed = ![self.vault, self.sponsor, self.asset].iter().any(Address::is_zero);
        if !addressed || self.vault == self.sponsor {
            return Err(BondError::InvalidAddress);
        }
        let within = |amount: Amount, most: Amount| !amount.is_zero() && amount <= most;
        let sized = within(self.limit, Amount::MAX)
            && self.attachment <= Amount::MAX
            && within(self.minimum, self.limit)
            && within(self.minimum_bid, self.limit);
        if !sized {
            return Err(BondError::AmountOutOfBounds);
        }
        self.validate_spreads()?;
        self.validate_times(now)
    }

    fn validate_spreads(&self) -> Result<(), BondError> {
        let on_grid = self.tick_of(self.max_spread).is_ok_and(|highest| highest > 0 && highest < MAX_TICKS);
        if self.max_spread > MAX_SPREAD || self.forfeit > Bps::ONE || !on_grid {
            return Err(BondError::SpreadOutOfBounds);
        }
        Ok(())
    }

    fn validate_times(&self, now: Timestamp) -> Result<(), BondError> {
        let booked = now < self.cancel_until
            && self.cancel_until <= self.bids_until
            && self.bids_until <= self.reveal_until
            && self.reveal_until.since(now) <= MAX_BOOK;
        let timed = (MIN_RISK_PERIOD..=MAX_RISK_PERIOD).contains(&self.risk_period)
            && (MIN_NOTICE..=MAX_NOTICE).contains(&self.notice)
            && (self.notice..=MAX_EXTENSION).contains(&self.extension)
            && self.waiting <= MAX_WAITING
            && self.waiting < self.risk_period;
        if booked && timed {
            Ok(())
        } else {
            Err(BondError::PeriodOutOfBounds)
        }
    }

    /// True if bids are committed to first and revealed later.
    pub fn is_sealed(&self) -> bool {
        self.reveal_until > self.bids_until
    }

    /// The number of the tick of a spread, from zero.
    pub fn tick_of(&self, spread: Bps) -> Result<u16, BondError> {
        let (spread, tick) = (spread.get(), self.tick.get());
        if spread > self.max_spread.get() || spread.checked_rem(tick) != Some(0) {
            return Err(BondError::SpreadOffGrid);
        }
        spread.checked_div(tick).ok_or(BondError::SpreadOffGrid)
    }

    /// The spread of a tick.
    pub fn spread_of(&self, tick: u16) -> Result<Bps, BondError> {
        self.tick.get().checked_mul(tick).map(Bps::new).ok_or(BondError::ArithmeticOverflow)
    }

    /// The sponsor's premium for the whole period, at the limit and the maximum spread, rounded up.
    pub fn premium_at_issue(&self) -> Result<Amount, BondError> {
        Ok(self.max_spread.accrued_up(self.limit, self.risk_period)?)
    }
}
