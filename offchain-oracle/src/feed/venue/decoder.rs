use super::read::{Message, Prices, Reader, Tick};
use super::{binance, bybit, coinbase, deribit, kraken, okx, Venue};
use crate::error::{InputError, Place, Problem};
use crate::feed::{Millis, PriceKind, Quote, SourceId};
use crate::files::Source;
use crate::symbol::Symbol;
use serde_json::json;
use std::collections::BTreeMap;

/// Most instruments that one source is asked for: one of each coin.
pub const MAX_LISTINGS: usize = Symbol::ALL.len();
/// Longest name of an instrument.
const MAX_INSTRUMENT: usize = 40;

/// What a venue calls a coin's instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The venue's name, such as `BTCUSDT` or `BTC-USD`.
    pub instrument: String,
    /// The coin.
    pub market: Symbol,
}

impl Listing {
    /// Wraps a name; nothing unless it is 1 to 40 of letters, digits, `-`, `_`, `/`, `.`: it becomes part of addresses.
    pub fn new(instrument: &str, market: Symbol) -> Option<Self> {
        let plain = instrument.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_/.".contains(&byte));
        let fits = (1..=MAX_INSTRUMENT).contains(&instrument.len()) && !instrument.contains("..");
        (plain && fits).then(|| Self { instrument: instrument.to_owned(), market })
    }
}

/// What came of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The quotes in it, in the order in which they stood.
    pub quotes: Vec<Quote>,
    /// What must be sent back to keep the connection.
    pub reply: Option<String>,
}

/// Turns the messages of one source into quotes. It keeps what venues send only once.
#[derive(Clone, Debug)]
pub struct Decoder {
    source: SourceId,
    venue: Venue,
    price: PriceKind,
    listings: Vec<Listing>,
    /// The last full state of each instrument of a venue that sends what changed.
    known: BTreeMap<String, Prices>,
}

impl Decoder {
    /// For a source of a venue, asked for some instruments.
    pub const fn new(source: SourceId, venue: Venue, price: PriceKind, listings: Vec<Listing>) -> Self {
        Self { source, venue, price, listings, known: BTreeMap::new() }
    }

    /// Whose messages it reads.
    pub const fn source(&self) -> &SourceId {
        &self.source
    }

    /// What it is asked for.
    pub fn listings(&self) -> &[Listing] {
        &self.listings
    }

    /// Forgets what an earlier connection sent. A venue that sends changes begins anew on each connection.
    pub fn reset(&mut self) {
        self.known.clear();
    }

    /// Reads one websocket message. Instruments that were not asked for are left out.
    ///
    /// # Errors
    /// The message is not what the venue documents, says that the venue refuses, or has a price or time that can't be
    /// used. Nothing of it is kept.
    pub fn frame(&mut self, text: &str, receive_time: Millis) -> Result<Decoded, InputError> {
        let source = Source::new(format!("message of {}", self.source), text);
        let reader = Reader(&source);
        let message = match self.venue {
            Venue::BinanceUsdm => binance::frame(&reader),
            Venue::BybitLinear => bybit::frame(&reader),
            Venue::Okx => okx::frame(&reader),
            Venue::Deribit => deribit::frame(&reader),
            Venue::Coinbase => coinbase::frame(&reader),
            Venue::Kraken => kraken::frame(&reader),
        };
        self.quotes(&reader, message?, receive_time)
    }

    /// Reads the body of an HTTP answer about one instrument.
    ///
    /// # Errors
    /// As [`Decoder::frame`]; the venue has no such answer with a time in it; or the body is not UTF-8.
    pub fn body(&mut self, instrument: &str, body: &[u8], receive_time: Millis) -> Result<Decoded, InputError> {
        let name = format!("answer of {}", self.source);
        let Ok(text) = std::str::from_utf8(body) else {
            return Err(InputError::new(&name, Place::File, Problem::NotUtf8));
        };
        let source = Source::new(name, text);
        let reader = Reader(&source);
        let message = match self.venue {
            Venue::BinanceUsdm => binance::body(&reader),
            Venue::BybitLinear => bybit::body(&reader),
            Venue::Okx => okx::body(&reader),
            Venue::Deribit => deribit::body(&reader),
            Venue::Coinbase => coinbase::body(&reader, instrument),
            Venue::Kraken => Err(reader.rule("timestamp", "is in no HTTP answer of this venue: use its websocket")),
        }?;
        if !message.ticks.iter().any(|tick| tick.instrument == instrument) {
            return Err(reader.rule("instrument", "is not the one that was asked for"));
        }
        self.quotes(&reader, message, receive_time)
    }

    fn quotes(&mut self, reader: &Reader<'_>, message: Message, receive_time: Millis) -> Result<Decoded, InputError> {
        let mut known = self.known.clone();
        let mut quotes = Vec::new();
        for Tick { instrument, prices, time, delta } in message.ticks {
            let Some(listing) = self.listings.iter().find(|listing| listing.instrument == instrument) else { continue };
            let prices = if delta {
                let before = known.get(&instrument).copied();
                before.ok_or_else(|| reader.rule("type", "is delta before any snapshot"))?.with(&prices)
            } else {
                prices
            };
            if self.venue == Venue::BybitLinear {
                known.insert(instrument, prices);
            }
            let Prices { bid, ask, last, mark, index } = prices;
            let (source, market) = (self.source.clone(), listing.market);
            quotes.push(Quote { source, market, bid, ask, last, mark, index, exchange_time: time, receive_time });
        }
        self.known = known;
        Ok(Decoded { quotes, reply: message.reply })
    }

    /// What to send after connecting, in order.
    pub fn subscriptions(&self) -> Vec<String> {
        let names: Vec<&str> = self.listings.iter().map(|listing| listing.instrument.as_str()).collect();
        let list = |form: &dyn Fn(&str) -> String| names.iter().map(|name| form(name)).collect::<Vec<_>>();
        let request = match self.venue {
            Venue::BinanceUsdm => {
                let stream = if self.price == PriceKind::Mid { "bookTicker" } else { "markPrice@1s" };
                let streams = list(&|name| format!("{}@{stream}", name.to_ascii_lowercase()));
                json!({ "method": "SUBSCRIBE", "params": streams, "id": 1 })
            }
            Venue::BybitLinear => json!({ "op": "subscribe", "args": list(&|name| format!("tickers.{name}")) }),
            Venue::Okx => {
                let channel = match self.price {
                    PriceKind::Mid | PriceKind::Last => "tickers",
                    PriceKind::Mark => "mark-price",
                    PriceKind::Index => "index-tickers",
                };
                let args: Vec<_> = names.iter().map(|name| json!({ "channel": channel, "instId": name })).collect();
                json!({ "op": "subscribe", "args": args })
            }
            Venue::Deribit => {
                let beat = json!({ "jsonrpc": "2.0", "id": 1, "method": "public/set_heartbeat", "params": { "interval": 10 } });
                let channels = list(&|name| format!("ticker.{name}.100ms"));
                let subscribe = json!({ "jsonrpc": "2.0", "id": 2, "method": "public/subscribe", "params": { "channels": channels } });
                return vec![beat.to_string(), subscribe.to_string()];
            }
            Venue::Coinbase => {
                json!({ "type": "subscribe", "product_ids": names, "channels": ["ticker", "heartbeat"] })
            }
            Venue::Kraken => {
                let params = json!({ "channel": "ticker", "symbol": names, "event_trigger": "bbo" });
                json!({ "method": "subscribe", "params": params })
            }
        };
        vec![request.to_string()]
    }

    /// A message that keeps a quiet connection open; nothing where the venue takes the protocol's own pings.
    pub const fn keep_alive(&self) -> Option<&'static str> {
        match self.venue {
            Venue::BybitLinear => Some(r#"{"op":"ping"}"#),
            Venue::Okx => Some("ping"),
            Venue::Kraken => Some(r#"{"method":"ping"}"#),
            Venue::BinanceUsdm | Venue::Deribit | Venue::Coinbase => None,
        }
    }

    /// The path of the HTTP answer that [`Decoder::body`] reads; nothing where there is none.
    pub fn path(&self, instrument: &str) -> Option<String> {
        let index = self.price == PriceKind::Index;
        Some(match self.venue {
            Venue::BinanceUsdm if self.price == PriceKind::Mid => {
                format!("/fapi/v1/ticker/bookTicker?symbol={instrument}")
            }
            Venue::BinanceUsdm => format!("/fapi/v1/premiumIndex?symbol={instrument}"),
            Venue::BybitLinear => format!("/v5/market/tickers?category=linear&symbol={instrument}"),
            Venue::Okx if self.price == PriceKind::Mark => {
                format!("/api/v5/public/mark-price?instType=SWAP&instId={instrument}")
            }
            Venue::Okx if index => format!("/api/v5/market/index-tickers?instId={instrument}"),
            Venue::Okx => format!("/api/v5/market/ticker?instId={instrument}"),
            Venue::Deribit => format!("/api/v2/public/ticker?instrument_name={instrument}"),
            Venue::Coinbase => format!("/products/{instrument}/ticker"),
            Venue::Kraken => return None,
        })
    }
}

impl Prices {
    /// These, with what `change` says instead.
    const fn with(self, change: &Self) -> Self {
        const fn or(new: Option<crate::units::Price>, old: Option<crate::units::Price>) -> Option<crate::units::Price> {
            if new.is_some() {
                new
            } else {
                old
            }
        }
        Self {
            bid: or(change.bid, self.bid),
            ask: or(change.ask, self.ask),
            last: or(change.last, self.last),
            mark: or(change.mark, self.mark),
            index: or(change.index, self.index),
        }
    }
}
