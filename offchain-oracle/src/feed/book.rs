use super::median::distance_bps_up;
use super::track::Track;
use super::{
    in_band, median_down, MarkAlarm, MarkChange, MarkRules, Millis, Quote, Reason, Refused, RulesError, SourceClock,
    SourceId, SourceRules, StaleMark, StalePair, MAX_SOURCES,
};
use crate::portfolio::Portfolio;
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use ringfence_protocol::units::Timestamp;
use std::collections::BTreeMap;

/// A price that enough sources agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Of which coin.
    pub market: Symbol,
    /// The median of the sources below, rounded down.
    pub price: Price,
    /// When the median was taken, by this machine's clock.
    pub time: Millis,
    /// Whose prices it is the median of, by name; each within the band around it.
    pub sources: Vec<SourceId>,
}

/// The mark of a coin, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkState {
    /// May be signed on.
    Fresh(Mark),
    /// May not.
    Stale {
        /// The last mark there was; kept for display.
        last: Option<Mark>,
        /// Why there is no newer.
        why: StaleMark,
    },
}

/// The coins whose marks a pair needs at a moment: for its collateral, and for positions that have not settled.
pub fn coins_needed(pair: &Portfolio, now: Timestamp) -> BySymbol<bool> {
    let mut needed = BySymbol::default();
    let alive = pair.positions().iter().filter(|position| position.instrument.is_alive(now));
    let coins = alive.flat_map(|position| position.instrument.coins());
    for symbol in coins.chain(pair.collateral().iter().map(|pledged| pledged.symbol)) {
        *needed.get_mut(symbol) = true;
    }
    needed
}

#[derive(Clone, Debug)]
struct Source {
    rules: SourceRules,
    clock: SourceClock,
    arrived: Option<Millis>,
    tracks: BySymbol<Track>,
}

/// The newest quotes of every source, and the marks they give.
#[derive(Clone, Debug)]
pub struct MarkBook {
    rules: MarkRules,
    sources: BTreeMap<SourceId, Source>,
    last: BySymbol<Option<Mark>>,
    /// Coins for which the loss was reported, and not yet the return.
    lost: BySymbol<bool>,
    /// Coins that some source quotes.
    quoted: BySymbol<bool>,
}

impl MarkBook {
    /// A book without quotes.
    ///
    /// # Errors
    /// Rules out of bounds, a source twice, too many, or a coin with fewer sources than a mark needs.
    pub fn new(rules: MarkRules, sources: Vec<SourceRules>) -> Result<Self, RulesError> {
        rules.check()?;
        if sources.len() > MAX_SOURCES {
            return Err(RulesError::TooManySources { found: sources.len() });
        }
        let mut book = Self {
            rules,
            sources: BTreeMap::new(),
            last: BySymbol::default(),
            lost: BySymbol::default(),
            quoted: BySymbol::default(),
        };
        for rules in sources {
            let id = rules.id.clone();
            let twice = |market: &Symbol| rules.markets.iter().filter(|other| *other == market).count() > 1;
            if rules.markets.is_empty() || rules.markets.iter().any(twice) {
                return Err(RulesError::Markets(id));
            }
            let source = Source { rules, clock: SourceClock::default(), arrived: None, tracks: BySymbol::default() };
            if book.sources.insert(id.clone(), source).is_some() {
                return Err(RulesError::Duplicate(id));
            }
        }
        for market in Symbol::ALL {
            let found = book.sources_of(market).count();
            let needed = book.rules.min_sources;
            if found > 0 && found < needed {
                return Err(RulesError::TooFewSources { market, found, needed });
            }
            *book.quoted.get_mut(market) = found > 0;
        }
        Ok(book)
    }

    /// The bounds it checks with.
    pub const fn rules(&self) -> &MarkRules {
        &self.rules
    }

    /// True if some source quotes the coin.
    pub fn quotes(&self, market: Symbol) -> bool {
        self.quoted[market]
    }

    /// What is known of a source's clock.
    pub fn clock(&self, source: &SourceId) -> Option<&SourceClock> {
        self.sources.get(source).map(|source| &source.clock)
    }

    /// Takes in a quote, and takes the mark of its coin anew if there are sources enough.
    ///
    /// # Errors
    /// The quote does not count, and why. Unless it was merely overtaken, its source does not count either until it sends
    /// a good one.
    pub fn update(&mut self, quote: &Quote) -> Result<(), Refused> {
        let taken = self.take(quote);
        if let Ok(mark) = self.evaluate(quote.market, quote.receive_time) {
            // Quotes of two sources may come in a little out of order; the last mark is the latest, not the last to come.
            if self.last[quote.market].as_ref().is_none_or(|last| last.time <= mark.time) {
                *self.last.get_mut(quote.market) = Some(mark);
            }
        }
        taken.map_err(|reason| Refused { source_id: quote.source.clone(), market: quote.market, reason })
    }

    fn take(&mut self, quote: &Quote) -> Result<(), Reason> {
        let source = self.sources.get_mut(&quote.source).ok_or(Reason::NotASource)?;
        if !source.rules.markets.contains(&quote.market) {
            return Err(Reason::NotASource);
        }
        if let Some(before) = source.arrived.filter(|before| quote.receive_time < *before) {
            return Err(Reason::ArrivedBackwards { by: before.since(quote.receive_time) });
        }
        source.arrived = Some(quote.receive_time);
        let track = source.tracks.get_mut(quote.market);
        let taken = track.update(quote, source.rules.price, &self.rules, &source.clock);
        // A time that is out of order or out of bounds says nothing about how fast messages travel.
        if !matches!(taken, Err(Reason::Backwards { .. } | Reason::Future { .. } | Reason::Stale { .. })) {
            source.clock.observe(quote.exchange_time, quote.receive_time);
        }
        taken
    }

    /// The mark of a coin at `now`. It depends on nothing but the quotes taken in and `now`.
    pub fn mark(&self, market: Symbol, now: Millis) -> MarkState {
        match self.evaluate(market, now) {
            Ok(mark) => MarkState::Fresh(mark),
            Err(why) => MarkState::Stale { last: self.last[market].clone(), why },
        }
    }

    /// The marks that a pair needs for its collateral and for positions that have not settled, if all of them are fresh; coins
    /// that it does not need are left out.
    ///
    /// # Errors
    /// A coin that the pair needs has no fresh mark: nothing may be signed for it.
    pub fn fresh_for(&self, pair: &Portfolio, now: Millis) -> Result<BySymbol<Option<Mark>>, StalePair> {
        let needed = coins_needed(pair, now.second_down());
        BySymbol::try_from_fn(|market| {
            if !needed[market] {
                return Ok(None);
            }
            let stale = |stale| StalePair { pair: pair.pair().to_owned(), stale: Box::new(stale) };
            self.evaluate(market, now).map(Some).map_err(stale)
        })
    }

    /// What changed since it was last asked: coins that lost their mark, coins that got it back. Only coins that have
    /// sources; one that has not had a mark yet counts as lost.
    pub fn alarms(&mut self, now: Millis) -> Vec<MarkAlarm> {
        let mut alarms = Vec::new();
        for market in Symbol::ALL.into_iter().filter(|market| self.quoted[*market]) {
            match (self.evaluate(market, now), self.lost[market]) {
                (Err(stale), false) => alarms.push(MarkAlarm(MarkChange::Lost(Box::new(stale)))),
                (Ok(mark), true) => alarms.push(MarkAlarm(MarkChange::Back(mark))),
                _ => continue,
            }
            *self.lost.get_mut(market) = !self.lost[market];
        }
        alarms
    }

    fn sources_of(&self, market: Symbol) -> impl Iterator<Item = (&SourceId, &Source)> {
        self.sources.iter().filter(move |(_, source)| source.rules.markets.contains(&market))
    }

    /// The median of the sources that count, after those outside the band around it are dropped, again until none is.
    fn evaluate(&self, market: Symbol, now: Millis) -> Result<Mark, StaleMark> {
        let mut left: Vec<(SourceId, Price)> = Vec::new();
        let mut dropped: Vec<(SourceId, Reason)> = Vec::new();
        for (id, source) in self.sources_of(market) {
            match source.tracks[market].at(now, &self.rules, &source.clock) {
                Ok(price) => left.push((id.clone(), price)),
                Err(reason) => dropped.push((id.clone(), reason)),
            }
        }
        let median = loop {
            let prices: Vec<Price> = left.iter().map(|(_, price)| *price).collect();
            let enough = left.len() >= self.rules.min_sources;
            let Some(median) = median_down(&prices).filter(|_| enough) else { break None };
            let before = left.len();
            left.retain(|(id, price)| {
                let inside = in_band(*price, median, self.rules.band);
                if !inside {
                    let away_bps = distance_bps_up(*price, median);
                    dropped.push((id.clone(), Reason::OutsideBand { away_bps }));
                }
                inside
            });
            if left.len() == before {
                break Some(median);
            }
        };
        let sources = left.into_iter().map(|(id, _)| id).collect();
        match median {
            Some(price) => Ok(Mark { market, price, time: now, sources }),
            None => {
                dropped.sort_by(|(a, _), (b, _)| a.cmp(b));
                let age = self.last[market].as_ref().map(|last| now.since(last.time));
                Err(StaleMark { market, at: now, age, left: sources, needed: self.rules.min_sources, dropped })
            }
        }
    }
}
