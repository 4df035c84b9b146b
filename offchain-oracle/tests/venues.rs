//! Messages in the shape that venues document, and what is made of them. `tests/data/feeds/README.md` says where the
//! shapes are documented; the figures are made.

use ringfence_oracle::feed::venue::{Decoded, Decoder, Listing, Venue};
use ringfence_oracle::feed::{Millis, PriceKind, Quote, SourceId};
use ringfence_oracle::symbol::Symbol;
use std::path::Path;

const RECEIVED: Millis = Millis::new(1_760_119_202_000);

fn decoder(venue: Venue, price: PriceKind, instrument: &str) -> Decoder {
    let listing = Listing::new(instrument, Symbol::Btc).unwrap();
    Decoder::new(SourceId::new(venue.name()).unwrap(), venue, price, vec![listing])
}

fn instrument(venue: Venue) -> &'static str {
    match venue {
        Venue::BinanceUsdm | Venue::BybitLinear => "BTCUSDT",
        Venue::Okx => "BTC-USDT-SWAP",
        Venue::Deribit => "BTC-PERPETUAL",
        Venue::Coinbase => "BTC-USD",
        Venue::Kraken => "BTC/USD",
    }
}

fn mid(venue: Venue) -> Decoder {
    decoder(venue, PriceKind::Mid, instrument(venue))
}

fn message(venue: Venue, file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/feeds").join(venue.name()).join(file);
    std::fs::read_to_string(path).unwrap().trim_end().to_owned()
}

fn frame(decoder: &mut Decoder, venue: Venue, file: &str) -> Result<Decoded, String> {
    decoder.frame(&message(venue, file), RECEIVED).map_err(|error| error.to_string())
}

/// `bid ask last mark index time`, missing prices as `-`.
fn short(quote: &Quote) -> String {
    assert_eq!((quote.market, quote.receive_time), (Symbol::Btc, RECEIVED));
    let prices = [quote.bid, quote.ask, quote.last, quote.mark, quote.index];
    let prices = prices.map(|price| price.map_or("-".to_owned(), |price| price.to_string()));
    format!("{} {}", prices.join(" "), quote.exchange_time.get())
}

#[test]
fn every_venue_in_its_documented_form() {
    use Venue::{BinanceUsdm, BybitLinear, Coinbase, Deribit, Kraken, Okx};
    for (venue, file, expected) in [
        (BinanceUsdm, "ws-book-ticker.json", "117600.1 117600.2 - - - 1760119200123"),
        (BinanceUsdm, "ws-combined-mark-price.json", "- - - 117598.7 117655.3126087 1760119201000"),
        (BinanceUsdm, "http-book-ticker.json", "117600.1 117600.2 - - - 1760119200123"),
        (BinanceUsdm, "http-premium-index.json", "- - - 117598.7 117655.3126087 1760119201000"),
        (BybitLinear, "ws-snapshot.json", "117601.2 117601.3 117601.3 117600 117657.41 1760119200200"),
        (BybitLinear, "http-tickers.json", "117601.2 117601.3 117601.3 117600 117657.41 1760119200250"),
        (Okx, "ws-tickers.json", "117599.9 117600 117599.9 - - 1760119200310"),
        (Okx, "ws-mark-price.json", "- - - 117601.5 - 1760119200400"),
        (Okx, "ws-index-tickers.json", "- - - - 117655.1 1760119200450"),
        (Okx, "ws-one-side.json", "117599.9 - 117599.9 - - 1760119200320"),
        (Okx, "http-ticker.json", "117599.9 117600 117599.9 - - 1760119200310"),
        (Deribit, "ws-ticker.json", "117589.5 117590 117590 117588.74 117640.12 1760119200500"),
        (Deribit, "http-ticker.json", "117589.5 117590 117590 117588.74 117640.12 1760119200500"),
        (Coinbase, "ws-ticker.json", "117570 117570.01 117570.01 - - 1760119200612"),
        (Coinbase, "http-ticker.json", "117570 117570.01 117570.01 - - 1760119200612"),
        (Kraken, "ws-ticker.json", "117565.4 117565.5 117565.5 - - 1760119200701"),
    ] {
        let mut decoder = mid(venue);
        let decoded = if file.starts_with("http") {
            decoder.body(instrument(venue), message(venue, file).as_bytes(), RECEIVED).unwrap()
        } else {
            frame(&mut decoder, venue, file).unwrap()
        };
        let quotes: Vec<String> = decoded.quotes.iter().map(short).collect();
        assert_eq!(quotes, [expected], "{venue:?} {file}");
        assert_eq!(decoded.quotes[0].source.as_str(), venue.name());
    }
}

#[test]
fn answers_and_heartbeats_are_no_quotes() {
    for (venue, files) in [
        (Venue::BinanceUsdm, &["ws-subscribed.json"][..]),
        (Venue::BybitLinear, &["ws-subscribed.json", "ws-pong.json"]),
        (Venue::Okx, &["ws-subscribed.json"]),
        (Venue::Deribit, &["ws-subscribed.json"]),
        (Venue::Coinbase, &["ws-subscriptions.json", "ws-heartbeat.json"]),
        (Venue::Kraken, &["ws-subscribed.json", "ws-status.json", "ws-heartbeat.json"]),
    ] {
        for file in files {
            assert_eq!(frame(&mut mid(venue), venue, file), Ok(Decoded::default()), "{venue:?} {file}");
        }
    }
    assert_eq!(mid(Venue::Okx).frame("pong", RECEIVED), Ok(Decoded::default()));
    let alive = frame(&mut mid(Venue::Deribit), Venue::Deribit, "ws-heartbeat.json").unwrap();
    assert!(alive.reply.unwrap().contains("\"public/test\""), "the venue closes the connection otherwise");
}

#[test]
fn refusals_of_venues_are_errors_in_their_words() {
    for (venue, file, words) in [
        (Venue::BinanceUsdm, "ws-error.json", "Invalid request"),
        (Venue::BinanceUsdm, "http-error.json", "Invalid symbol."),
        (Venue::BybitLinear, "ws-refused.json", "handler not found"),
        (Venue::BybitLinear, "http-error.json", "symbol invalid"),
        (Venue::Okx, "ws-error.json", "Invalid request"),
        (Venue::Okx, "http-error.json", "Too Many Requests"),
        (Venue::Deribit, "ws-error.json", "bad_request"),
        (Venue::Coinbase, "ws-error.json", "Failed to subscribe"),
        (Venue::Coinbase, "http-error.json", "NotFound"),
        (Venue::Kraken, "ws-error.json", "not supported"),
    ] {
        let mut decoder = mid(venue);
        let error = if file.starts_with("http") {
            let body = message(venue, file);
            decoder.body(instrument(venue), body.as_bytes(), RECEIVED).unwrap_err().to_string()
        } else {
            frame(&mut decoder, venue, file).unwrap_err()
        };
        assert!(error.contains("the venue refused") && error.contains(words), "{venue:?} {file}: {error}");
        assert!(error.contains(venue.name()) && !error.contains('\n'));
    }
}

#[test]
fn changes_are_put_on_the_snapshot_of_the_same_connection() {
    let mut bybit = mid(Venue::BybitLinear);
    let early = frame(&mut bybit, Venue::BybitLinear, "ws-delta.json").unwrap_err();
    assert!(early.ends_with("type is delta before any snapshot; fix it"), "{early}");
    frame(&mut bybit, Venue::BybitLinear, "ws-snapshot.json").unwrap();
    let changed = frame(&mut bybit, Venue::BybitLinear, "ws-delta.json").unwrap();
    assert_eq!(short(&changed.quotes[0]), "117589.9 117601.3 117590 117600 117657.41 1760119200300");
    // A message that can't be read changes nothing.
    let bad = message(Venue::BybitLinear, "ws-delta.json").replace("\"117589.90\"", "\"-1\"");
    assert!(bybit.frame(&bad, RECEIVED).is_err());
    let again = frame(&mut bybit, Venue::BybitLinear, "ws-delta.json").unwrap();
    assert_eq!(again, changed);
    bybit.reset();
    assert!(frame(&mut bybit, Venue::BybitLinear, "ws-delta.json").is_err());
}

#[test]
fn every_bad_member_is_named() {
    for (venue, file, from, to, message) in [
        (Venue::BinanceUsdm, "ws-book-ticker.json", "\"117600.10\"", "\"1e5\"", "b: b is not a decimal number"),
        (Venue::BinanceUsdm, "ws-book-ticker.json", "\"117600.10\"", "\"0.00\"", "b: b is zero"),
        (Venue::BinanceUsdm, "ws-book-ticker.json", "\"117600.10\"", "true", "b: b must be text or a number"),
        (Venue::BinanceUsdm, "ws-book-ticker.json", "\"117600.10\"", "1.123456789", "b: b has more than 8 decimals"),
        (Venue::BinanceUsdm, "ws-book-ticker.json", "\"117600.10\"", "\"10000001\"", "b: b is out of range"),
        (Venue::BinanceUsdm, "ws-book-ticker.json", "1760119200123", "253402300800000", "E: E must be milliseconds"),
        (Venue::BinanceUsdm, "ws-book-ticker.json", "1760119200123", "-1", "E: E must be milliseconds"),
        (Venue::BinanceUsdm, "ws-book-ticker.json", "\"E\"", "\"F\"", "E: E is missing"),
        (Venue::BinanceUsdm, "ws-book-ticker.json", "\"s\"", "\"S\"", "s: s is missing"),
        (Venue::BinanceUsdm, "ws-book-ticker.json", "\"bookTicker\"", "\"kline\"", "e: e must be bookTicker"),
        (Venue::BybitLinear, "ws-snapshot.json", "tickers.", "kline.", "topic: topic must be tickers"),
        (Venue::BybitLinear, "ws-snapshot.json", "snapshot", "copy", "type: type must be snapshot or delta"),
        (Venue::Okx, "ws-tickers.json", "\"117599.9\"", "\"NaN\"", "is NaN"),
        (Venue::Okx, "ws-tickers.json", "\"1760119200310\"", "\"soon\"", "data.ts: data.ts must be milliseconds"),
        (Venue::Okx, "ws-tickers.json", "\"data\"", "\"date\"", "data: data is missing"),
        (Venue::Deribit, "ws-ticker.json", "117589.5", "-117589.5", "params.data.best_bid_price is negative"),
        (Venue::Deribit, "ws-ticker.json", "\"params\"", "\"param\"", "params: params is missing"),
        (Venue::Coinbase, "ws-ticker.json", "612345Z", "612345", "time: time is not a UTC time"),
        (Venue::Coinbase, "ws-ticker.json", "\"ticker\"", "\"match\"", "type: type must be ticker"),
        (Venue::Kraken, "ws-ticker.json", "2025-10-10T", "1925-10-10T", "data.timestamp: data.timestamp is not a UTC"),
        (Venue::Kraken, "ws-ticker.json", "[{", "{", "expected"),
        (Venue::Kraken, "ws-ticker.json", "}]}", "}]", "EOF while parsing"),
    ] {
        let good = self::message(venue, file);
        let bad = good.replacen(from, to, 1);
        assert_ne!(good, bad);
        let error = mid(venue).frame(&bad, RECEIVED).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
        assert!(error.starts_with(&format!("message of {}", venue.name())), "{error}");
    }
}

#[test]
fn instruments_that_were_not_asked_for_are_left_out_of_messages_and_refused_in_answers() {
    let mut other = decoder(Venue::Okx, PriceKind::Mid, "ETH-USDT-SWAP");
    assert_eq!(frame(&mut other, Venue::Okx, "ws-tickers.json"), Ok(Decoded::default()));
    let body = message(Venue::Okx, "http-ticker.json");
    let error = other.body("ETH-USDT-SWAP", body.as_bytes(), RECEIVED).unwrap_err().to_string();
    assert!(error.contains("instrument is not the one that was asked for"), "{error}");
    let error = other.body("ETH-USDT-SWAP", b"\xff\xfe", RECEIVED).unwrap_err().to_string();
    assert!(error.contains("not UTF-8"), "{error}");
}

#[test]
fn requests_ask_for_what_the_price_needs() {
    let asks = |venue, price| decoder(venue, price, instrument(venue)).subscriptions().join("\n");
    assert!(asks(Venue::BinanceUsdm, PriceKind::Mid).contains("btcusdt@bookTicker"));
    assert!(asks(Venue::BinanceUsdm, PriceKind::Index).contains("btcusdt@markPrice@1s"));
    assert!(asks(Venue::BybitLinear, PriceKind::Mid).contains("tickers.BTCUSDT"));
    assert!(asks(Venue::Okx, PriceKind::Mark).contains("mark-price"));
    assert!(asks(Venue::Okx, PriceKind::Index).contains("index-tickers"));
    assert!(asks(Venue::Deribit, PriceKind::Mid).contains("public/set_heartbeat"));
    assert!(asks(Venue::Deribit, PriceKind::Mid).contains("ticker.BTC-PERPETUAL.100ms"));
    assert!(asks(Venue::Coinbase, PriceKind::Mid).contains("BTC-USD"));
    assert!(asks(Venue::Kraken, PriceKind::Mid).contains("\"event_trigger\":\"bbo\""));
    for venue in Venue::ALL {
        for request in mid(venue).subscriptions() {
            serde_json::from_str::<serde_json::Value>(&request).unwrap();
        }
        assert_eq!(mid(venue).path(instrument(venue)).is_some(), venue != Venue::Kraken);
    }
}

#[test]
fn names_of_instruments_can_not_change_an_address() {
    for bad in ["", "A B", "BTC?x=1", "BTC&y", "BTC#", "../secret", "é", "a%2f", &"A".repeat(41)] {
        assert_eq!(Listing::new(bad, Symbol::Btc), None, "{bad:?}");
    }
    assert!(Listing::new(&"A".repeat(40), Symbol::Btc).is_some());
}
