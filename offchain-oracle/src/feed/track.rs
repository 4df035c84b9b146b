//! What is known of one coin at one source, and the checks that need no other source.

use super::median::{distance_bps_up, median_down};
use super::{in_band, MarkRules, Millis, PriceKind, Quote, Reason, SourceClock};
use crate::units::Price;

/// A quote that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) price: Price,
    pub(super) stated: Millis,
    pub(super) arrived: Millis,
}

/// One coin at one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Track {
    taken: Option<Taken>,
    /// What was wrong with the newest quote. The one before it is no longer what the source says, so it does not count.
    fault: Option<Reason>,
    /// A move that waits for confirmation, and when it was stated.
    unconfirmed: Option<(Price, Millis)>,
    /// The latest stated time, of whatever quality.
    latest: Option<Millis>,
}

impl Track {
    /// Checks a quote and takes it in.
    pub(super) fn update(
        &mut self,
        quote: &Quote,
        kind: PriceKind,
        rules: &MarkRules,
        clock: &SourceClock,
    ) -> Result<(), Reason> {
        // A message that was overtaken says nothing about now: what is known stays.
        if let Some(latest) = self.latest.filter(|latest| quote.exchange_time < *latest) {
            return Err(Reason::Backwards { by: latest.since(quote.exchange_time) });
        }
        let checked = self.check(quote, kind, rules, clock);
        // A time from the future would shut out every honest quote after it.
        if !matches!(checked, Err(Reason::Future { .. })) {
            self.latest = Some(quote.exchange_time);
        }
        match checked {
            Ok(price) => {
                let taken = Taken { price, stated: quote.exchange_time, arrived: quote.receive_time };
                *self = Self { taken: Some(taken), fault: None, unconfirmed: None, latest: self.latest };
                Ok(())
            }
            Err(reason) => {
                self.fault = Some(reason);
                Err(reason)
            }
        }
    }

    fn check(
        &mut self,
        quote: &Quote,
        kind: PriceKind,
        rules: &MarkRules,
        clock: &SourceClock,
    ) -> Result<Price, Reason> {
        let ahead = quote.exchange_time.since(quote.receive_time);
        if ahead > rules.max_ahead {
            return Err(Reason::Future { ahead });
        }
        let age = quote.receive_time.since(clock.corrected_down(quote.exchange_time));
        if age > rules.max_age {
            return Err(Reason::Stale { age });
        }
        spread(quote, rules)?;
        let price = kind.of_down(quote).ok_or(Reason::NoPrice(kind))?;
        self.jump(price, quote, rules)?;
        Ok(price)
    }

    /// Refuses a move beyond the bound, unless the quote stated before this one moved as far and lies close.
    fn jump(&mut self, price: Price, quote: &Quote, rules: &MarkRules) -> Result<(), Reason> {
        // After a silence a move is no surprise.
        let recent = self.taken.filter(|taken| quote.receive_time.since(taken.arrived) <= rules.max_age);
        let Some(moved) = recent.filter(|taken| !in_band(price, taken.price, rules.max_jump)) else { return Ok(()) };
        let confirms =
            |(before, stated): (Price, Millis)| quote.exchange_time > stated && in_band(price, before, rules.max_jump);
        if self.unconfirmed.is_some_and(confirms) {
            return Ok(());
        }
        self.unconfirmed = Some((price, quote.exchange_time));
        Err(Reason::Outlier { moved_bps: distance_bps_up(price, moved.price) })
    }

    /// The price as it stands at `now`.
    pub(super) fn at(&self, now: Millis, rules: &MarkRules, clock: &SourceClock) -> Result<Price, Reason> {
        let Some(taken) = self.taken else { return Err(self.fault.unwrap_or(Reason::Silent)) };
        let ahead = taken.arrived.since(now);
        if ahead > rules.max_ahead {
            return Err(Reason::Future { ahead });
        }
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let age = now.since(clock.corrected_down(taken.stated));
        if age > rules.max_age {
            return Err(Reason::Stale { age });
        }
        match clock.offset().and_then(|offset| u64::try_from(offset).ok()) {
            Some(behind) if behind > rules.max_behind => Err(Reason::ClockBehind { behind }),
            _ => Ok(taken.price),
        }
    }
}

/// Bid and ask must make sense together, whichever price is used.
fn spread(quote: &Quote, rules: &MarkRules) -> Result<(), Reason> {
    let (Some(bid), Some(ask)) = (quote.bid, quote.ask) else { return Ok(()) };
    if bid > ask {
        return Err(Reason::Crossed { bid, ask });
    }
    let Some(middle) = median_down(&[bid, ask]) else { return Ok(()) };
    let spread = ask.get().abs_diff(bid.get());
    let width = u128::from(middle.get()).saturating_mul(rules.max_spread.get().into());
    if u128::from(spread).saturating_mul(10_000) <= width {
        return Ok(());
    }
    let spread_bps = u128::from(spread).saturating_mul(10_000).div_ceil(u128::from(middle.get()));
    Err(Reason::Wide { spread_bps: u64::try_from(spread_bps).unwrap_or(u64::MAX) })
}
