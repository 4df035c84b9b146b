//! What each fuzz target does with its bytes; shared with `tests/fuzz_corpus.rs`.
#![allow(dead_code)] // Each target uses one of them.

use ringfence_oracle::chain::sort_answers;
use ringfence_oracle::context::SigningContext;
use ringfence_oracle::feed::venue::{Decoder, Listing, Venue};
use ringfence_oracle::feed::{
    file, FeedConfig, MarkBook, MarkRules, MarkState, Millis, PriceKind, SourceId, SourceRules,
};
use ringfence_oracle::files::Source;
use ringfence_oracle::history::{parse_checksum, read_archive};
use ringfence_oracle::journal::{Behind, Export, Journal, Record};
use ringfence_oracle::market::{
    parse_live_bars, BarText, Bars, Curves, FundingRates, History, ImpliedHistory, Liquidity, Proxies, Scenarios,
    Surfaces, BAR_SECONDS,
};
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::units::Seconds;
use ringfence_oracle::protocol::{Address, Digest};
use ringfence_oracle::service::http::read_quotes;
use ringfence_oracle::service::{book, Config, EventText, RecordText};
use ringfence_oracle::sign::keystore::Keystore;
use ringfence_oracle::sign::{ChainState, Counter, MessageKind, Passphrase};
use ringfence_oracle::signer::{ErrorBody, InstructionBody, Roster, SignBody, SignatureBody};
use ringfence_oracle::symbol::Symbol;
use ringfence_oracle::verify::Claim;
use serde_json::Value;
use std::path::Path;

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
    if let Ok(bars) = parse_live_bars(&source) {
        let texts: Vec<BarText> = bars.iter().map(BarText::from).collect();
        let again = Source::new("again", serde_json::to_string(&texts).unwrap());
        assert_eq!(parse_live_bars(&again), Ok(bars));
    }
    // A configuration that reads makes a book.
    if let Ok(config) = FeedConfig::parse(&source) {
        assert!(config.book().is_ok());
        assert!(config.feeds().iter().all(|feed| !feed.decoder().subscriptions().is_empty()));
    }
}

/// The service's own configuration. It may name any file; of portfolios there is one.
pub(crate) fn config(data: &[u8]) {
    static DIRECTORY: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    let directory = DIRECTORY.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let position = r#"{"symbol":"BTC","quantity":"1","entry_price":"1","opened":"2025-10-10T18:05Z"}"#;
        std::fs::write(directory.path().join("p"), format!(r#"{{"pair":"p","positions":[{position}]}}"#)).unwrap();
        directory
    });
    let text = String::from_utf8_lossy(data);
    // Nothing outside of that directory is opened.
    if text.contains('/') && text.lines().any(|line| line.contains("portfolio") && line.contains(['/', '\\'])) {
        return;
    }
    let name = directory.path().join("oracle.toml").display().to_string();
    match Config::parse(&Source::new(name, text)) {
        Ok(config) => {
            assert!(config.pairs.iter().all(|pair| pair.trigger.get() > 0 && pair.every.get() > 0));
            // A configuration that reads makes a book of marks, or says why not.
            let _ = book(&config);
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
}

/// Bodies of the service's API, the rows of its store, and what a node answers.
pub(crate) fn service_bodies(data: &[u8]) {
    if let Ok(quotes) = read_quotes(data, NOW) {
        assert!(quotes.len() <= 256 && quotes.iter().all(|quote| quote.receive_time == NOW));
    }
    if let Ok(text) = serde_json::from_slice::<RecordText>(data) {
        // What reads is written and read again as the same.
        if let Some(record) = text.record() {
            assert_eq!(RecordText::from(&record).record().as_ref(), Some(&record));
        }
    }
    let _ = serde_json::from_slice::<EventText>(data);
    for count in [1, 3] {
        if let Ok(answers) = sort_answers(data, 7, count) {
            assert_eq!(answers.len(), count);
        }
    }
}

/// Every four bytes change one of a journal's file: three say where, one what. A journal that opens all the same holds what it
/// held; no page of it makes the reader panic.
pub(crate) fn journal_pages(data: &[u8]) {
    static TEMPLATE: std::sync::OnceLock<(Vec<u8>, Vec<u8>)> = std::sync::OnceLock::new();
    let signer = Address([7; 20]);
    let counter = |vault| Counter { chain_id: 420, vault: Address([vault; 20]), kind: MessageKind::Portfolio };
    let digest = |sequence: u64| Digest([u8::try_from(sequence).unwrap(); 32]);
    let fast = Path::new("/dev/shm");
    let directory = || if fast.is_dir() { tempfile::tempdir_in(fast) } else { tempfile::tempdir() }.unwrap();
    let (file, lock) = TEMPLATE.get_or_init(|| {
        let directory = directory();
        let path = directory.path().join("j");
        let mut journal = Journal::create(&path, signer).unwrap();
        for sequence in 1..=5 {
            journal.anchor(&counter(1), sequence - 1, Behind::Refuse).unwrap();
            journal.record(&counter(1).slot(sequence), &digest(sequence)).unwrap();
        }
        drop(journal);
        (std::fs::read(&path).unwrap(), std::fs::read(directory.path().join("j.lock")).unwrap())
    });
    let (mut file, directory) = (file.clone(), directory());
    for change in data.chunks_exact(4).take(64) {
        let place = u32::from_be_bytes([0, change[0], change[1], change[2]]) as usize % file.len();
        file[place] ^= change[3];
    }
    let path = directory.path().join("j");
    std::fs::write(&path, &file).unwrap();
    std::fs::write(directory.path().join("j.lock"), lock).unwrap();
    if let Ok(mut journal) = Journal::open(&path, signer) {
        assert_eq!(journal.len(), 5);
        for sequence in 1..=5 {
            assert_eq!(journal.lookup(&counter(1).slot(sequence)), Ok(Some(digest(sequence))));
        }
        let _ = journal.refusals();
        let mut export = Vec::new();
        if journal.export(&mut export).is_ok() {
            assert_eq!(Export::read("fuzz", &mut &export[..]).map(|export| export.records.len()), Ok(5));
        }
        // Nothing is signed for what is taken, whatever the marks say.
        let _ = journal.anchor(&counter(1), 5, Behind::Refuse);
        assert!(journal.record(&counter(1).slot(5), &digest(9)).is_err());
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
    if let Ok(implied) = ImpliedHistory::parse(&source) {
        let days = implied.as_slice();
        assert!(implied.between(days[0].day, days[days.len() - 1].day).is_ok_and(|part| part == days));
    }
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
