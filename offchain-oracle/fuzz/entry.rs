//! What each fuzz target does with its bytes; shared with `tests/fuzz_corpus.rs`.
#![allow(dead_code)] // Each target uses one of them.

use ringfence_oracle::context::SigningContext;
use ringfence_oracle::feed::venue::{Decoder, Listing, Venue};
use ringfence_oracle::feed::{
    file, FeedConfig, MarkBook, MarkRules, MarkState, Millis, PriceKind, SourceId, SourceRules,
};
use ringfence_oracle::files::Source;
use ringfence_oracle::history::{parse_checksum, read_archive};
use ringfence_oracle::journal::Export;
use ringfence_oracle::market::{
    Bars, Curves, FundingRates, History, Liquidity, Proxies, Scenarios, Surfaces, BAR_SECONDS,
};
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::units::Seconds;
use ringfence_oracle::sign::keystore::Keystore;
use ringfence_oracle::sign::{ChainState, Passphrase};
use ringfence_oracle::signer::{ErrorBody, InstructionBody, Roster, SignBody, SignatureBody};
use ringfence_oracle::symbol::Symbol;
use ringfence_oracle::verify::Claim;
use serde_json::Value;

/// An export that reads must say the same when it is read again, and hold as many records as its first line announces.
pub(crate) fn journal_export(data: &[u8]) {
    let Ok(export) = Export::read("fuzz", &mut &data[..]) else { return };
    assert_eq!(Export::read("fuzz", &mut &data[..]).as_ref(), Ok(&export));
    let header: Value = serde_json::from_slice(data.split(|byte| *byte == b'\n').next().unwrap_or_default()).unwrap();
    assert_eq!(header["records"].as_u64(), u64::try_from(export.records.len()).ok());
    assert_eq!(header["marks"].as_u64(), u64::try_from(export.marks.len()).ok());
}

/// Any document may be read; only cheap ones are unlocked here.
pub(crate) fn keystore(data: &[u8]) {
    let Ok(keystore) = Keystore::parse("fuzz", data) else { return };
    if cheap(data) {
        let passphrase = Passphrase::new("fuzz", b"passphrase").unwrap();
        let _ = keystore.unlock(&passphrase);
    }
}

fn cheap(data: &[u8]) -> bool {
    let Ok(document) = serde_json::from_slice::<Value>(data) else { return false };
    let crypto = document.get("crypto").or_else(|| document.get("Crypto"));
    let Some(params) = crypto.and_then(|crypto| crypto.get("kdfparams")) else { return false };
    // A number that is missing or odd is refused before any work is done.
    ["n", "r", "p", "c"].iter().all(|name| params.get(name).and_then(Value::as_u64).is_none_or(|value| value <= 16))
}

/// A request that reads must come out the same when it is written and read again.
pub(crate) fn http_bodies(data: &[u8]) {
    if let Ok(body) = SignBody::parse("fuzz", data) {
        if let Ok(message) = body.message("fuzz") {
            let again = SignBody { chain_id: body.chain_id, instruction: InstructionBody::from(&message) };
            let text = serde_json::to_vec(&again).unwrap();
            assert_eq!(SignBody::parse("fuzz", &text).unwrap().message("fuzz").as_ref(), Ok(&message));
        }
    }
    let _ = SignatureBody::parse("fuzz", data);
    let _ = ErrorBody::parse("fuzz", data);
}

/// The documents that operators write.
pub(crate) fn documents(data: &[u8]) {
    let source = Source::new("fuzz", String::from_utf8_lossy(data));
    let _ = ChainState::parse(&source).map(|state| state.counters().count());
    let _ = Roster::parse(&source).map(|roster| roster.set().threshold());
    let _ = Portfolio::parse(&source).map(|portfolio| portfolio.root());
    let _ = SigningContext::parse(&source);
    let _ = Claim::parse(&source);
    // A configuration that reads makes a book.
    if let Ok(config) = FeedConfig::parse(&source) {
        assert!(config.book().is_ok());
        assert!(config.feeds().iter().all(|feed| !feed.decoder().subscriptions().is_empty()));
    }
}

/// The tables of the engine.
pub(crate) fn tables(data: &[u8]) {
    let source = Source::new("fuzz", String::from_utf8_lossy(data));
    if let Ok(bars) = Bars::parse(&source) {
        let steps = bars.as_slice().windows(2).map(|pair| pair[1].open_time.since(pair[0].open_time));
        assert!(steps.into_iter().all(|step| step == BAR_SECONDS));
    }
    let _ = History::parse(&source);
    let _ = Curves::parse(&source);
    let _ = FundingRates::parse(&source);
    let _ = Liquidity::parse(&source);
    let _ = Proxies::parse(&source);
    let _ = Scenarios::parse(&source);
    let _ = Surfaces::parse(&source);
}

const NOW: Millis = Millis::new(1_760_119_202_000);

fn decoder(venue: Venue) -> Decoder {
    let names = ["BTCUSDT", "BTC-USDT-SWAP", "BTC-PERPETUAL", "BTC-USD", "BTC/USD"];
    let listings = names.iter().map(|name| Listing::new(name, Symbol::Btc).unwrap()).collect();
    Decoder::new(SourceId::new(venue.name()).unwrap(), venue, PriceKind::Mid, listings)
}

/// Each line is a websocket message, read as every venue's, one after the other on one connection. The same messages give the
/// same quotes, and whatever they say, a mark rests on three sources.
pub(crate) fn frames(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let rules = |venue: &Venue| SourceRules {
        id: SourceId::new(venue.name()).unwrap(),
        price: PriceKind::Mid,
        markets: vec![Symbol::Btc],
    };
    let mut book = MarkBook::new(MarkRules::STANDARD, Venue::ALL.iter().map(rules).collect()).unwrap();
    for venue in Venue::ALL {
        let (mut one, mut two) = (decoder(venue), decoder(venue));
        for line in text.split('\n').take(64) {
            let decoded = one.frame(line, NOW);
            assert_eq!(decoded, two.frame(line, NOW));
            for quote in decoded.map(|decoded| decoded.quotes).unwrap_or_default() {
                assert_eq!((quote.source.as_str(), quote.market, quote.receive_time), (venue.name(), Symbol::Btc, NOW));
                let _ = book.update(&quote);
            }
        }
    }
    match book.mark(Symbol::Btc, NOW) {
        MarkState::Fresh(mark) => assert!(mark.sources.len() >= 3),
        MarkState::Stale { why, .. } => assert!(!why.to_string().contains('\n')),
    }
}

/// The body of an HTTP answer, read as every venue's.
pub(crate) fn answers(data: &[u8]) {
    for venue in Venue::ALL {
        for instrument in ["BTCUSDT", "BTC-USDT-SWAP", "BTC-PERPETUAL", "BTC-USD"] {
            if let Ok(decoded) = decoder(venue).body(instrument, data, NOW) {
                assert!(!decoded.quotes.is_empty());
            }
        }
    }
}

/// Files of quotes, CSV and JSON. What reads, reads the same after it is written as CSV.
pub(crate) fn quotes(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for name in ["fuzz.csv", "fuzz.json"] {
        let Ok(quotes) = file::parse(&Source::new(name, text.clone())) else { continue };
        if !quotes.is_empty() {
            let rows: Vec<String> = quotes.iter().map(file::csv_row).collect();
            let again = format!("{}\n{}\n", file::csv_head(), rows.join("\n"));
            assert_eq!(file::parse_csv(&Source::new("again.csv", again)), Ok(quotes));
        }
    }
}

/// Archives of klines, and their checksum files.
pub(crate) fn archives(data: &[u8]) {
    let _ = parse_checksum(&String::from_utf8_lossy(data), "BTCUSDT-1d-2024-02.zip");
    for (stem, step) in [("BTCUSDT-1d-2024-02", Seconds::DAY), ("BTCUSDT-5m-2024-02-01", BAR_SECONDS)] {
        if let Ok(klines) = read_archive(data, stem, step) {
            assert!(klines.windows(2).all(|pair| pair[0].open_time < pair[1].open_time));
            assert!(klines.iter().all(|kline| kline.low <= kline.close && kline.open_time.get() % step.get() == 0));
        }
    }
}
