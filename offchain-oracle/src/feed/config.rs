use super::venue::{Decoder, Listing, Venue, MAX_LISTINGS};
use super::{MarkBook, MarkRules, PriceKind, RulesError, SourceId, SourceRules, MAX_SOURCES};
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::net::Address;
use crate::portfolio::document;
use crate::symbol::Symbol;
use ringfence_protocol::units::Bps;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Shortest and longest pause between two questions to one venue over HTTP.
pub const POLL_INTERVAL_MS: std::ops::RangeInclusive<u64> = 100..=60_000;
/// Pause between two questions unless the configuration says otherwise.
const STANDARD_INTERVAL_MS: u64 = 1_000;

/// How a source is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// It sends by itself.
    Websocket {
        /// Where.
        address: Address,
    },
    /// It is asked again and again.
    Poll {
        /// Where; the paths are known.
        base: Address,
        /// From one round of questions to the next.
        interval: Duration,
    },
}

/// One source, as configured.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Its name and the price that is used.
    pub rules: SourceRules,
    /// Whose messages it sends.
    pub venue: Venue,
    /// How it is reached.
    pub transport: Transport,
    /// Its instruments.
    pub listings: Vec<Listing>,
}

impl Feed {
    /// A reader of its messages.
    pub fn decoder(&self) -> Decoder {
        Decoder::new(self.rules.id.clone(), self.venue, self.rules.price, self.listings.clone())
    }
}

/// Sources and rules.
#[derive(Clone, Debug)]
pub struct FeedConfig {
    rules: MarkRules,
    feeds: Vec<Feed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigText {
    #[serde(default)]
    rules: RulesText,
    sources: Vec<SourceText>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesText {
    min_sources: Option<usize>,
    band_bps: Option<u16>,
    max_age_ms: Option<u64>,
    max_ahead_ms: Option<u64>,
    max_behind_ms: Option<u64>,
    max_spread_bps: Option<u16>,
    max_jump_bps: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceText {
    id: String,
    venue: String,
    price: String,
    url: String,
    #[serde(default)]
    interval_ms: Option<u64>,
    instruments: BTreeMap<String, String>,
}

impl FeedConfig {
    /// Reads a configuration:
    ///
    /// ```json
    /// { "rules": { "band_bps": 100 },
    ///   "sources": [ { "id": "okx", "venue": "okx", "price": "mid", "url": "wss://ws.okx.com:8443/ws/v5/public",
    ///                  "instruments": { "BTC-USDT-SWAP": "BTC" } } ] }
    /// ```
    ///
    /// Rules that are left out are [`MarkRules::STANDARD`]. A `wss://` address is a websocket, an `https://` address is
    /// polled every `interval_ms`.
    ///
    /// # Errors
    /// The first member that is wrong, or rules that no [`MarkBook`] is made with.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let text: ConfigText = document(source)?;
        let fail = |path: String, problem| InputError::new(&source.name, Place::Json(path), problem);
        if text.sources.len() > MAX_SOURCES {
            return Err(fail("sources".to_owned(), Problem::TooMany { what: "sources", limit: MAX_SOURCES }));
        }
        let feeds = text.sources.iter().enumerate().map(|(index, text)| {
            feed(text).map_err(|(member, problem)| fail(format!("sources[{index}].{member}"), problem))
        });
        let config = Self { rules: rules(&text.rules), feeds: feeds.collect::<Result<_, _>>()? };
        // A book is made here once, so that a configuration that reads can be used.
        config.book().map(|_| ()).map_err(|error| {
            let place = match &error {
                RulesError::OutOfBounds { name, .. } => Place::Json(format!("rules.{name}")),
                _ => Place::Json("sources".to_owned()),
            };
            InputError::new(&source.name, place, Problem::Json(error.to_string()))
        })?;
        Ok(config)
    }

    /// The bounds that quotes are checked with.
    pub const fn rules(&self) -> &MarkRules {
        &self.rules
    }

    /// The sources, in file order.
    pub fn feeds(&self) -> &[Feed] {
        &self.feeds
    }

    /// True if some source is reached over TLS.
    pub fn needs_tls(&self) -> bool {
        self.feeds.iter().any(|feed| match &feed.transport {
            Transport::Websocket { address } | Transport::Poll { base: address, .. } => address.tls,
        })
    }

    /// A book without quotes.
    ///
    /// # Errors
    /// None for a configuration that was read.
    pub fn book(&self) -> Result<MarkBook, RulesError> {
        MarkBook::new(self.rules.clone(), self.feeds.iter().map(|feed| feed.rules.clone()).collect())
    }
}

fn rules(text: &RulesText) -> MarkRules {
    let standard = MarkRules::STANDARD;
    let bps = |text: Option<u16>, standard| text.map_or(standard, Bps::new);
    MarkRules {
        min_sources: text.min_sources.unwrap_or(standard.min_sources),
        band: bps(text.band_bps, standard.band),
        max_age: text.max_age_ms.unwrap_or(standard.max_age),
        max_ahead: text.max_ahead_ms.unwrap_or(standard.max_ahead),
        max_behind: text.max_behind_ms.unwrap_or(standard.max_behind),
        max_spread: bps(text.max_spread_bps, standard.max_spread),
        max_jump: bps(text.max_jump_bps, standard.max_jump),
    }
}

fn feed(text: &SourceText) -> Result<Feed, (String, Problem)> {
    let rule = |name: &str, rule| (name.to_owned(), Problem::Rule { name: name.to_owned(), rule });
    let id = SourceId::new(&text.id).ok_or_else(|| rule("id", "must be 1 to 32 of a-z, 0-9, '-'"))?;
    let known = "must be one of binance-usdm, bybit-linear, okx, deribit, coinbase, kraken";
    let venue = Venue::parse(&text.venue).ok_or_else(|| rule("venue", known))?;
    let price = PriceKind::parse(&text.price).ok_or_else(|| rule("price", "must be mid, last, mark or index"))?;
    if !venue.says(price) {
        return Err(rule("price", "must be one that this venue sends"));
    }
    let transport = transport(text, venue).map_err(|(name, why)| (name.to_owned(), why))?;
    if text.instruments.len() > MAX_LISTINGS {
        return Err(rule("instruments", "must name at most one instrument of each coin"));
    }
    let mut listings = Vec::new();
    for (instrument, ticker) in &text.instruments {
        let member = format!("instruments.{instrument}");
        let unknown = || (member.clone(), Problem::UnknownSymbol(quote(ticker)));
        let market = Symbol::parse(ticker).ok_or_else(unknown)?;
        let plain = "must be 1 to 40 of letters, digits, '-', '_', '/', '.'";
        listings.push(Listing::new(instrument, market).ok_or_else(|| rule("instruments", plain))?);
    }
    let markets = listings.iter().map(|listing| listing.market).collect();
    Ok(Feed { rules: SourceRules { id, price, markets }, venue, transport, listings })
}

fn transport(text: &SourceText, venue: Venue) -> Result<Transport, (&'static str, Problem)> {
    let rule = |name: &'static str, rule| (name, Problem::Rule { name: name.to_owned(), rule });
    let address = Address::parse(&text.url).map_err(|error| ("url", Problem::Json(error.to_string())))?;
    let interval = text.interval_ms.unwrap_or(STANDARD_INTERVAL_MS);
    if !POLL_INTERVAL_MS.contains(&interval) {
        return Err(rule("interval_ms", "must be between 100 and 60000"));
    }
    if text.url.starts_with("ws") {
        return Ok(Transport::Websocket { address });
    }
    if venue == Venue::Kraken {
        return Err(rule("url", "must be a websocket: the HTTP answers of this venue carry no time"));
    }
    if address.path != "/" {
        return Err(rule("url", "must end with the host: the path is known"));
    }
    Ok(Transport::Poll { base: address, interval: Duration::from_millis(interval) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"rules":{"band_bps":50},"sources":[
        {"id":"binance","venue":"binance-usdm","price":"mark","url":"wss://fstream.binance.com/ws","instruments":{"BTCUSDT":"BTC"}},
        {"id":"okx","venue":"okx","price":"mid","url":"https://www.okx.com/","interval_ms":500,"instruments":{"BTC-USDT-SWAP":"BTC"}},
        {"id":"kraken","venue":"kraken","price":"mid","url":"ws://127.0.0.1:9/v2","instruments":{"BTC/USD":"BTC"}}]}"#;

    #[test]
    fn a_configuration_reads() {
        let config = FeedConfig::parse(&Source::new("f.json", GOOD)).unwrap();
        let [binance, okx, kraken] = config.feeds() else { panic!() };
        assert_eq!(binance.rules.price, PriceKind::Mark);
        assert_eq!(
            binance.transport,
            Transport::Websocket { address: Address::parse("wss://fstream.binance.com/ws").unwrap() }
        );
        let poll = Transport::Poll {
            base: Address::parse("https://www.okx.com").unwrap(),
            interval: Duration::from_millis(500),
        };
        assert_eq!(okx.transport, poll);
        assert_eq!(kraken.listings, [Listing::new("BTC/USD", Symbol::Btc).unwrap()]);
        assert_eq!(config.book().unwrap().rules().band, Bps::new(50));
        assert_eq!(config.book().unwrap().rules().max_age, MarkRules::STANDARD.max_age);
    }

    #[test]
    fn every_bad_member_is_named() {
        for (from, to, message) in [
            ("\"binance\"", "\"Binance\"", "f.json: sources[0].id: id must be"),
            (
                "\"okx\",\"venue\":\"okx\"",
                "\"okx\",\"venue\":\"mtgox\"",
                "f.json: sources[1].venue: venue must be one of",
            ),
            ("\"mark\"", "\"last\"", "f.json: sources[0].price: price must be one that this venue sends"),
            ("\"mark\"", "\"fair\"", "f.json: sources[0].price: price must be"),
            (
                "wss://fstream",
                "ws://fstream",
                "f.json: sources[0].url: \"ws://fstream.binance.com/ws\" must begin with https:// or wss://",
            ),
            (
                "https://www",
                "http://www",
                "f.json: sources[1].url: \"http://www.okx.com/\" must begin with https:// or wss://",
            ),
            ("okx.com/", "okx.com/api", "f.json: sources[1].url: url must end with the host"),
            ("ws://127.0.0.1:9/v2", "http://127.0.0.1:9", "f.json: sources[2].url: url must be a websocket"),
            ("wss://fstream.binance.com/ws", "/ws", "f.json: sources[0].url: \"/ws\" is no address"),
            (":500", ":99", "f.json: sources[1].interval_ms: interval_ms must be"),
            (":500", ":60001", "f.json: sources[1].interval_ms: interval_ms must be"),
            (
                "{\"BTCUSDT\":\"BTC\"}",
                "{\"BTCUSDT\":\"DOGE\"}",
                "f.json: sources[0].instruments.BTCUSDT: unknown symbol",
            ),
            ("\"BTCUSDT\"", "\"BTC?\"", "f.json: sources[0].instruments: instruments must be"),
            ("{\"BTCUSDT\":\"BTC\"}", "{}", "f.json: sources: source binance must name each of its coins"),
            (":50}", ":1001}", "f.json: rules.band_bps: band_bps is 1001, must be between 1 and 1000"),
            ("\"kraken\",\"venue\"", "\"okx\",\"venue\"", "f.json: sources: source okx appears twice"),
            ("\"BTC/USD\":\"BTC\"", "\"ETH/USD\":\"ETH\"", "f.json: sources: BTC has 2 sources, 3 are needed"),
            ("band_bps", "bond_bps", "f.json: rules.bond_bps: unknown field"),
        ] {
            let bad = GOOD.replacen(from, to, 1);
            assert_ne!(bad, GOOD);
            let error = FeedConfig::parse(&Source::new("f.json", bad)).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn pauses_hold_at_their_bounds() {
        for interval in [100, 60_000] {
            let text = GOOD.replace(":500", &format!(":{interval}"));
            FeedConfig::parse(&Source::new("f.json", text)).unwrap();
        }
    }
}
