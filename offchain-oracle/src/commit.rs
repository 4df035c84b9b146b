//! Commitments: canonical encodings and their Keccak-256, so that whoever holds the same inputs gets the same root.

use crate::keccak::keccak256;
use crate::market::{
    Bar, Curves, FundingRates, History, ImpliedHistory, Liquidity, Proxies, Quote, Scenarios, Surfaces,
};
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::Digest;

/// Version of the margin model: bumped whenever any number it produces could change.
pub const MODEL_VERSION: u32 = 2;

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

/// Commitment to a history of implied volatility: every day, every coin, zero (which no volatility is) for none.
pub fn implied_digest(implied: &ImpliedHistory) -> Digest {
    let start = Canonical::tagged("ringfence.implied.v1");
    let days = implied.as_slice().iter();
    days.fold(start, |code, row| {
        let coins = Symbol::ALL.into_iter().map(|symbol| row.volatility_ppm[symbol].unwrap_or(0));
        coins.fold(code.u64(row.day.get()), Canonical::u32)
    })
    .hash()
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

/// Commitment to the discount and basis curves: the dollar's, then each coin's, each after its number of nodes.
pub fn curves_digest(curves: &Curves) -> Digest {
    let start = Canonical::tagged("ringfence.curves.v1");
    let code = curves.nodes().fold(start, |code, nodes| {
        let code = code.u32(u32::try_from(nodes.len()).unwrap_or(u32::MAX));
        nodes.iter().fold(code, |code, node| code.u32(node.days).i64(node.rate.get()))
    });
    code.hash()
}

/// Commitment to the volatility surfaces, each after its number of nodes.
pub fn surfaces_digest(surfaces: &Surfaces) -> Digest {
    let start = Canonical::tagged("ringfence.surfaces.v1");
    let code = Symbol::ALL.into_iter().map(|symbol| surfaces.nodes(symbol)).fold(start, |code, nodes| {
        let code = code.u32(u32::try_from(nodes.len()).unwrap_or(u32::MAX));
        nodes.iter().fold(code, |code, node| code.u32(node.days).i64(node.moneyness.get()).u32(node.volatility_ppm))
    });
    code.hash()
}

/// Commitment to the liquidity of the coins.
pub fn liquidity_digest(liquidity: &Liquidity) -> Digest {
    let start = Canonical::tagged("ringfence.liquidity.v1");
    let coins = Symbol::ALL.into_iter().map(|symbol| liquidity.coin(symbol));
    let code = coins.fold(start, |code, coin| {
        code.i64(coin.half_spread.get()).i128(coin.daily_volume.get()).i64(coin.volatility_half_spread.get())
    });
    code.hash()
}

/// Extends the commitment to all bars so far by one: volatility depends on the whole path, not on the last mark alone.
pub fn chain_bar(previous: Digest, bar: &Bar) -> Digest {
    let start = Canonical::tagged("ringfence.bar.v1").digest(previous).u64(bar.open_time.get());
    let quotes = Symbol::ALL.into_iter().map(|symbol| bar.quotes[symbol]);
    quotes
        .fold(start, |code, quote: Option<Quote>| code.price(quote.map(|q| q.close)).price(quote.map(|q| q.low)))
        .hash()
}

/// Commitments to the tables that do not change during a run, one by one, so that a difference can be traced to its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableDigests {
    /// Daily closes.
    pub history: Digest,
    /// Proxies.
    pub proxies: Digest,
    /// Stress scenarios.
    pub scenarios: Digest,
    /// Funding rules.
    pub funding: Digest,
    /// Discount and basis curves.
    pub curves: Digest,
    /// Volatility surfaces.
    pub surfaces: Digest,
    /// Liquidity.
    pub liquidity: Digest,
    /// Parameters of the model.
    pub params: Digest,
    /// History of implied volatility, if there is one.
    pub implied: Option<Digest>,
}

impl TableDigests {
    /// Each digest with the name it has in messages, in the order in which they are committed to.
    pub fn named(&self) -> Vec<(&'static str, Digest)> {
        let mut named = vec![
            ("history", self.history),
            ("proxies", self.proxies),
            ("stress", self.scenarios),
            ("funding", self.funding),
            ("curves", self.curves),
            ("surfaces", self.surfaces),
            ("liquidity", self.liquidity),
            ("parameters", self.params),
        ];
        named.extend(self.implied.map(|implied| ("implied", implied)));
        named
    }

    /// One commitment to all of them and to the model's version.
    pub fn digest(&self) -> Digest {
        let start = Canonical::tagged("ringfence.static-inputs.v2").u32(MODEL_VERSION);
        self.named().into_iter().fold(start, |code, (_, digest)| code.digest(digest)).hash()
    }
}

/// What the market was at one valuation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketSnapshot {
    /// [`TableDigests::digest`].
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
        let start = Canonical::tagged("ringfence.market-data.v2")
            .u32(MODEL_VERSION)
            .digest(self.static_inputs)
            .digest(self.bars)
            .u64(self.valuation_time.get());
        let fields = Symbol::ALL.into_iter();
        fields.fold(start, |code, symbol| code.price(self.marks[symbol]).u64(self.vol_nano_up[symbol])).hash()
    }
}
