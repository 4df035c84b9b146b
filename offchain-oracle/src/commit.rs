//! Commitments: canonical encodings and their Keccak-256, so that whoever holds the same inputs gets the same root.

use crate::keccak::keccak256;
use crate::market::{Bar, FundingRates, History, Proxies, Quote, Scenarios};
use crate::model::ModelParams;
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::Digest;

/// Version of the margin model: bumped whenever any number it produces could change.
pub const MODEL_VERSION: u32 = 1;

/// A canonical encoding in progress: a domain tag, then fields of fixed width, big-endian, or with their length.
#[derive(Clone, Debug)]
pub struct Canonical(Vec<u8>);

impl Canonical {
    /// Starts with a tag and its length, so that no two kinds of commitment can share an encoding.
    pub fn tagged(tag: &str) -> Self {
        Self(Vec::new()).text(tag)
    }

    /// Starts with bytes as they are.
    pub fn raw(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// Appends bytes of a fixed width.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Appends text after its length in bytes as u32.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.u32(u32::try_from(text.len()).unwrap_or(u32::MAX)).bytes(text.as_bytes())
    }

    /// Appends a u32.
    #[must_use]
    pub fn u32(self, value: u32) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends a u64.
    #[must_use]
    pub fn u64(self, value: u64) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends an i64.
    #[must_use]
    pub fn i64(self, value: i64) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends an i128.
    #[must_use]
    pub fn i128(self, value: i128) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    /// Appends a digest.
    #[must_use]
    pub fn digest(self, digest: Digest) -> Self {
        self.bytes(digest.as_bytes())
    }

    /// Appends a price, or zero (which no price is) for none.
    #[must_use]
    pub fn price(self, price: Option<Price>) -> Self {
        self.u64(price.map_or(0, Price::get))
    }

    /// The Keccak-256 of all so far.
    pub fn hash(self) -> Digest {
        keccak256(&self.0)
    }
}

/// Commitment to the daily history: every day and both closes.
pub fn history_digest(history: &History) -> Digest {
    let start = Canonical::tagged("ringfence.history.v1");
    let days = history.as_slice().iter();
    days.fold(start, |code, day| code.u64(day.day.get()).u64(day.btc.get()).u64(day.sol.get())).hash()
}

/// Commitment to the proxies.
pub fn proxies_digest(proxies: &Proxies) -> Digest {
    let start = Canonical::tagged("ringfence.proxies.v1");
    [proxies.eth, proxies.xrp].iter().fold(start, |code, proxy| code.u32(proxy.beta_ppm).u32(proxy.kappa_ppm)).hash()
}

/// Commitment to the stress scenarios, in order.
pub fn scenarios_digest(scenarios: &Scenarios) -> Digest {
    let start = Canonical::tagged("ringfence.stress.v1");
    let rows = scenarios.as_slice().iter();
    rows.fold(start, |code, row| {
        let code = code.text(&row.name).u64(row.known_from.get());
        Symbol::ALL.into_iter().fold(code, |code, symbol| code.i64(row.returns[symbol].get()))
    })
    .hash()
}

/// Commitment to the funding rules.
pub fn funding_digest(funding: &FundingRates) -> Digest {
    let start = Canonical::tagged("ringfence.funding.v1");
    Symbol::ALL
        .into_iter()
        .map(|symbol| funding.rules()[symbol])
        .fold(start, |code, rule| {
            code.i64(rule.interest.get()).i64(rule.premium.get()).i64(rule.clamp.get()).i64(rule.cap.get())
        })
        .hash()
}

/// Extends the commitment to all bars so far by one: volatility depends on the whole path, not on the last mark alone.
pub fn chain_bar(previous: Digest, bar: &Bar) -> Digest {
    let start = Canonical::tagged("ringfence.bar.v1").digest(previous).u64(bar.open_time.get());
    let quotes = Symbol::ALL.into_iter().map(|symbol| bar.quotes[symbol]);
    quotes
        .fold(start, |code, quote: Option<Quote>| code.price(quote.map(|q| q.close)).price(quote.map(|q| q.low)))
        .hash()
}

/// Commitment to the tables that do not change during a run.
pub fn static_digest(
    history: &History,
    proxies: &Proxies,
    scenarios: &Scenarios,
    funding: &FundingRates,
    params: &ModelParams,
) -> Digest {
    Canonical::tagged("ringfence.static-inputs.v1")
        .u32(MODEL_VERSION)
        .digest(history_digest(history))
        .digest(proxies_digest(proxies))
        .digest(scenarios_digest(scenarios))
        .digest(funding_digest(funding))
        .digest(params.digest())
        .hash()
}

/// What the market was at one valuation.
#[derive(Clone, Copy, Debug)]
pub struct MarketSnapshot {
    /// [`static_digest`].
    pub static_inputs: Digest,
    /// [`chain_bar`] over every bar up to this one.
    pub bars: Digest,
    /// When the marks were taken.
    pub valuation_time: Timestamp,
    /// The marks.
    pub marks: BySymbol<Option<Price>>,
    /// Daily volatility in 10^-9, rounded up.
    pub vol_nano_up: BySymbol<u64>,
}

impl MarketSnapshot {
    /// The `marketDataRoot` of an instruction.
    pub fn root(&self) -> Digest {
        let start = Canonical::tagged("ringfence.market-data.v1")
            .u32(MODEL_VERSION)
            .digest(self.static_inputs)
            .digest(self.bars)
            .u64(self.valuation_time.get());
        let fields = Symbol::ALL.into_iter();
        fields.fold(start, |code, symbol| code.price(self.marks[symbol]).u64(self.vol_nano_up[symbol])).hash()
    }
}
