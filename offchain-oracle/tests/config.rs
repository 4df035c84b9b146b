//! A configuration that is wrong is named, member by member.

mod common;

use ringfence_oracle::files::Source;
use ringfence_oracle::service::config::{Config, EXAMPLE, EXAMPLE_FEEDS, FEEDS_NAME};
use std::sync::OnceLock;

/// A directory with the files that the example names.
fn directory() -> &'static std::path::Path {
    static DIRECTORY: OnceLock<tempfile::TempDir> = OnceLock::new();
    let made = DIRECTORY.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(directory.path().join("data/portfolios")).unwrap();
        for name in ["btc.json", "sol.json"] {
            let to = directory.path().join("data/portfolios").join(name);
            std::fs::copy(common::data_dir().join("portfolios").join(name), to).unwrap();
        }
        std::fs::write(directory.path().join(FEEDS_NAME), EXAMPLE_FEEDS).unwrap();
        let few = EXAMPLE_FEEDS.replace("\"price\": \"mid\"", "\"price\": \"best\"");
        std::fs::write(directory.path().join("bad.json"), few).unwrap();
        directory
    });
    made.path()
}

fn parse(change: impl FnOnce(String) -> String) -> Result<Config, String> {
    let name = directory().join("oracle.toml");
    Config::parse(&Source::new(name.display().to_string(), change(EXAMPLE.to_owned())))
        .map_err(|error| error.to_string())
}

#[test]
fn the_example_reads() {
    let config = parse(|text| text).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8480");
    assert_eq!(config.chain.node.max_fee, 100_000_000_000);
    let names: Vec<&str> = config.all_sources().map(|source| source.id.as_str()).collect();
    assert_eq!(names, ["okx", "bybit", "kraken", "coinbase"]);
    assert_eq!((config.rules.band.get(), config.rules.max_age), (100, 10_000));
}

const POSTED: &str = "[[marks.sources]]\nname = \"venue-a\"\nprice = \"mid\"\nmarkets = [\"BTC\"]\n";

#[test]
fn posted_sources_stand_beside_feeds_or_alone_and_bad_ones_are_named() {
    let with = |sources: &str| parse(|text| text.replacen("[[pairs]]", &format!("{sources}[[pairs]]"), 1));
    let both = with(POSTED).unwrap();
    assert_eq!((both.all_sources().count(), both.sources.len()), (5, 1));
    let alone = parse(|text| {
        text.replacen("feeds = \"feeds.json\"", "", 1).replacen("[[pairs]]", &format!("{POSTED}[[pairs]]"), 1)
    });
    assert_eq!(alone.unwrap().all_sources().count(), 1);
    for (from, to, expected) in [
        ("\"venue-a\"", "\"Venue A\"", "marks.sources[0].name: name must be 1 to 32"),
        ("\"mid\"", "\"best\"", "marks.sources[0].price: price must be mid"),
        ("[\"BTC\"]", "[\"DOGE\"]", "marks.sources[0].markets: markets must be of"),
    ] {
        let error = with(&POSTED.replace(from, to)).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    // A name that is a feed's already is found when the book of marks is made, by the service and by the doctor.
    let twice = with(&POSTED.replace("venue-a", "okx")).unwrap();
    assert!(ringfence_oracle::service::book(&twice).unwrap_err().to_string().contains("okx appears twice"));
}

#[test]
fn every_bad_member_is_named() {
    for (from, to, expected) in [
        ("127.0.0.1:8480", "here", "listen: listen must be an address and a port"),
        ("127.0.0.1:8480", "0.0.0.0:8480", "listen: listen needs [tls]"),
        ("log = \"text\"", "log = \"loud\"", "log: log must be text or json"),
        ("instruct = \"closes\"", "instruct = \"often\"", "instruct: instruct must be closes or ticks"),
        ("http://127.0.0.1:8545", "ws://127.0.0.1", "chain.url: url must be http"),
        ("http://127.0.0.1:8545", "https://node.example", "chain.authority: authority is needed for https"),
        ("max_fee_wei = \"100000000000\"", "max_fee_wei = \"much\"", "chain.max_fee_wei: max_fee_wei must be wei"),
        ("poll_seconds = 6", "poll_seconds = 0", "chain.poll_seconds: poll_seconds must be between 1 and 60"),
        ("poll_seconds = 6", "poll_seconds = -6", "chain.poll_seconds: invalid value"),
        ("poll_seconds", "pol_seconds", "chain.pol_seconds: unknown field"),
        ("threshold = 2", "", "signing.threshold: threshold is needed beside keys"),
        ("threshold = 2", "roster = \"r.json\"", "signing.keys: keys must be left out beside roster"),
        ("feeds = \"feeds.json\"", "", "marks: marks must name a file of feeds, or sources"),
        ("feeds = \"feeds.json\"", "authority = \"ca.pem\"", "marks"),
        ("feeds.json", "none.json", "none.json: file not found"),
        ("feeds.json", "bad.json", "bad.json: sources[0].price: price must be mid, last, mark or index"),
        ("0000000001\"\nportfolio", "01\"\nportfolio", "pairs[0].vault: vault must be 0x and 40"),
        ("validity_seconds = 900", "validity_seconds = 86401", "pairs[0].validity_seconds: validity_seconds must be"),
        ("fee_rate = 25", "fee_rate = 1001", "pairs[0].fee_rate: fee_rate must be at most 1000"),
        ("trigger = \"10000000000\"", "trigger = \"0\"", "pairs[0].trigger: trigger must be base units"),
        ("every_seconds = 300", "every_seconds = 0", "pairs[0].every_seconds: every_seconds must be"),
        ("data/portfolios/btc.json", "data/portfolios/none.json", "none.json: file not found"),
        ("[\"read\"]", "[\"write\"]", "tokens[0].scopes: scopes must be of read, feed"),
        ("0000001\"\nscopes", "00001\"\nscopes", "tokens[1].sha256: sha256 must be 64"),
        ("request_seconds = 10", "request_seconds = 61", "limits.request_seconds: request_seconds must be"),
        ("requests_per_second = 20", "requests_per_second = 0", "limits.requests_per_second: invalid value"),
        ("[chain]", "[chain", "invalid table header"),
    ] {
        let error = parse(|text| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        let error = error.unwrap_err();
        assert!(error.contains(expected), "{from}: {error}");
        assert!(!error.contains('\n'));
    }
}

#[test]
fn pairs_have_a_vault_and_a_label_of_their_own() {
    let pair = "\n[[pairs]]\nvault = \"0x0000000000000000000000000000000000000002\"\nportfolio = \"data/portfolios/btc.json\"\n\
                validity_seconds = 900\ntrigger = \"1\"\nevery_seconds = 300\n";
    let same = parse(|text| text + &pair.replace("02\"", "01\"")).unwrap_err();
    assert!(same.contains("pairs[1].vault: vault must appear only once"), "{same}");
    let label = parse(|text| text + pair).unwrap_err();
    assert!(label.contains("pairs[1].portfolio: portfolio must have a label of its own"), "{label}");
    assert_eq!(parse(|text| text + &pair.replace("btc.json", "sol.json")).unwrap().pairs.len(), 2);
}

/// 3,000 changed configurations: each reads or is refused, none panics.
#[test]
fn no_changed_configuration_panics() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |bound: usize| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound.max(1)
    };
    let mut refused = 0;
    for _ in 0..3_000 {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        for _ in 0..=below(3) {
            let place = below(bytes.len());
            match below(3) {
                0 => bytes[place] = b"0123456789-\"[]={}#.\n\0x"[below(22)],
                1 => {
                    let end = (place + below(30)).min(bytes.len());
                    bytes.drain(place..end);
                }
                _ => {
                    let piece = bytes[place..(place + below(30)).min(bytes.len())].to_vec();
                    let at = below(bytes.len());
                    bytes.splice(at..at, piece);
                }
            }
        }
        if let Ok(text) = String::from_utf8(bytes) {
            refused += usize::from(parse(|_| text).is_err());
        }
    }
    assert!(refused > 1_000, "{refused}");
}
