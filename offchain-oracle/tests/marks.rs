//! The book of marks: each check at its bound, the band, staleness, alarms, and that the same quotes give the same marks.

mod common;

use proptest::prelude::*;
use ringfence_oracle::feed::{
    in_band, Mark, MarkBook, MarkRules, MarkState, Millis, PriceKind, Quote, Reason, RulesError, SourceId, SourceRules,
    CLOCK_WINDOW, MAX_SOURCES, MIN_CLOCK_SAMPLES, MIN_SOURCES,
};
use ringfence_oracle::protocol::units::Bps;
use ringfence_oracle::symbol::Symbol;
use ringfence_oracle::units::Price;

const NOW: u64 = 1_760_119_200_000;
const NAMES: [&str; 5] = ["binance", "bybit", "deribit", "kraken", "okx"];

fn source(name: &str) -> SourceId {
    SourceId::new(name).unwrap()
}

fn rules_of(name: &str, price: PriceKind) -> SourceRules {
    SourceRules { id: source(name), price, markets: vec![Symbol::Btc, Symbol::Eth] }
}

fn book_with(rules: MarkRules, names: &[&str]) -> MarkBook {
    MarkBook::new(rules, names.iter().map(|name| rules_of(name, PriceKind::Mid)).collect()).unwrap()
}

fn book() -> MarkBook {
    book_with(MarkRules::STANDARD, &NAMES)
}

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

/// Bid and ask at the same price, stated when it arrives.
fn quote(name: &str, at: &str, millis: u64) -> Quote {
    Quote {
        source: source(name),
        market: Symbol::Btc,
        bid: Some(price(at)),
        ask: Some(price(at)),
        last: None,
        mark: None,
        index: None,
        exchange_time: Millis::new(millis),
        receive_time: Millis::new(millis),
    }
}

fn feed(book: &mut MarkBook, prices: &[(&str, &str)], millis: u64) {
    for (name, at) in prices {
        book.update(&quote(name, at, millis)).unwrap();
    }
}

fn fresh(book: &MarkBook, millis: u64) -> Mark {
    match book.mark(Symbol::Btc, Millis::new(millis)) {
        MarkState::Fresh(mark) => mark,
        MarkState::Stale { why, .. } => panic!("{why}"),
    }
}

fn stale(book: &MarkBook, millis: u64) -> String {
    match book.mark(Symbol::Btc, Millis::new(millis)) {
        MarkState::Fresh(mark) => panic!("{mark:?}"),
        MarkState::Stale { why, .. } => why.to_string(),
    }
}

fn refusal(book: &mut MarkBook, quote: &Quote) -> Reason {
    book.update(quote).unwrap_err().reason
}

#[test]
fn mark_is_the_median_of_the_sources() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("okx", "100.5")], NOW);
    assert_eq!(
        stale(&book, NOW),
        "no fresh mark for BTC: there never was one, 2 of 3 needed sources left (binance, okx); dropped: bybit silent; \
         deribit silent; kraken silent"
    );
    feed(&mut book, &[("kraken", "100.2")], NOW + 5);
    let mark = fresh(&book, NOW + 5);
    assert_eq!(mark.price, price("100.2"));
    assert_eq!(mark.time, Millis::new(NOW + 5));
    assert_eq!(mark.sources, ["binance", "kraken", "okx"].map(source));
    feed(&mut book, &[("bybit", "100.3")], NOW + 6);
    assert_eq!(fresh(&book, NOW + 6).price, price("100.25"), "the mean of the middle two");
}

#[test]
fn source_outside_the_band_is_dropped_and_at_its_edge_is_not() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("bybit", "100"), ("kraken", "100"), ("okx", "101")], NOW);
    assert_eq!(fresh(&book, NOW).sources.len(), 4, "1 % is the band");
    feed(&mut book, &[("okx", "101.00000001")], NOW + 1);
    assert_eq!(fresh(&book, NOW + 1).sources, ["binance", "bybit", "kraken"].map(source));
    feed(&mut book, &[("kraken", "102")], NOW + 2);
    // Of 100, 100, 101.00000001 and 102 the median is 100.5, and 102 is 149.25 bp away; then it is 100, and okx is outside.
    assert_eq!(
        stale(&book, NOW + 2_500),
        "no fresh mark for BTC: the last is 2.499 s old, 2 of 3 needed sources left (binance, bybit); dropped: deribit \
         silent; kraken 150 bp from the median; okx 101 bp from the median"
    );
}

#[test]
fn two_camps_give_no_mark() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("bybit", "100"), ("kraken", "104"), ("okx", "104")], NOW);
    assert!(stale(&book, NOW).contains("0 of 3 needed sources left; dropped: binance 197 bp from the median"));
}

#[test]
fn quote_goes_stale_one_millisecond_after_the_bound_and_the_old_mark_is_kept() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("bybit", "100.1"), ("kraken", "100.2")], NOW);
    let end = NOW + MarkRules::STANDARD.max_age;
    assert_eq!(fresh(&book, end).price, price("100.1"));
    let MarkState::Stale { last, why } = book.mark(Symbol::Btc, Millis::new(end + 1)) else { panic!() };
    assert_eq!(last.unwrap().price, price("100.1"));
    assert_eq!(why.age, Some(10_001));
    assert!(why.left.is_empty());
    assert!(why.dropped.contains(&(source("kraken"), Reason::Stale { age: 10_001 })));
    feed(&mut book, &[("binance", "100"), ("bybit", "100.1"), ("okx", "100.1")], end + 1);
    assert_eq!(fresh(&book, end + 1).sources.len(), 3);
}

#[test]
fn quote_that_arrives_too_old_is_refused() {
    let mut book = book();
    let late = |age| Quote { receive_time: Millis::new(NOW + age), ..quote("binance", "100", NOW) };
    assert_eq!(book.update(&late(10_000)), Ok(()));
    assert_eq!(refusal(&mut book, &late(10_001)), Reason::Stale { age: 10_001 });
}

#[test]
fn time_in_the_future_is_refused_beyond_the_bound() {
    let mut book = book();
    let ahead = |by: u64| Quote { exchange_time: Millis::new(NOW + by), ..quote("binance", "100", NOW) };
    assert_eq!(book.update(&ahead(1_000)), Ok(()));
    assert_eq!(refusal(&mut book, &ahead(1_001)), Reason::Future { ahead: 1_001 });
    // It does not count until it says something sensible, and its nonsense does not shut out what follows.
    assert!(stale(&book, NOW).contains("binance time is 1.001 s in the future"));
    assert_eq!(book.update(&Quote { receive_time: Millis::new(NOW + 1), ..ahead(1_000) }), Ok(()));
}

#[test]
fn age_of_a_source_that_is_ahead_counts_by_this_clock() {
    let mut book = book_with(MarkRules::STANDARD, &NAMES);
    let ahead = |name: &str| Quote { exchange_time: Millis::new(NOW + 900), ..quote(name, "100", NOW) };
    for name in ["binance", "bybit", "okx"] {
        book.update(&ahead(name)).unwrap();
    }
    fresh(&book, NOW + 10_000);
    assert!(stale(&book, NOW + 10_001).contains("okx stale, 10.001 s old"));
}

#[test]
fn time_that_goes_back_is_refused_and_what_is_known_stays() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("bybit", "100"), ("okx", "100")], NOW);
    let back = |by: u64| Quote { receive_time: Millis::new(NOW + 5), ..quote("okx", "103", NOW - by) };
    assert_eq!(refusal(&mut book, &back(1)), Reason::Backwards { by: 1 });
    assert_eq!(fresh(&book, NOW + 5).price, price("100"));
    assert_eq!(book.update(&back(0)), Ok(()), "the same moment again is not back");
}

#[test]
fn arrival_that_goes_back_is_refused() {
    let mut book = book();
    feed(&mut book, &[("okx", "100")], NOW);
    assert_eq!(refusal(&mut book, &quote("okx", "100", NOW - 1)), Reason::ArrivedBackwards { by: 1 });
}

#[test]
fn clock_of_this_machine_put_back_makes_no_mark_fresh() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("bybit", "100"), ("okx", "100")], NOW);
    fresh(&book, NOW - 1_000);
    assert!(stale(&book, NOW - 1_001).contains("okx time is 1.001 s in the future"));
}

#[test]
fn crossed_quote_is_refused_and_takes_its_source_out() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("bybit", "100"), ("okx", "100")], NOW);
    let mut crossed = quote("okx", "100", NOW + 1);
    crossed.bid = Some(price("100.00000001"));
    let reason = Reason::Crossed { bid: price("100.00000001"), ask: price("100") };
    assert_eq!(refusal(&mut book, &crossed), reason);
    assert!(stale(&book, NOW + 1).ends_with("okx crossed, bid 100.00000001 above ask 100"));
    crossed.exchange_time = Millis::new(NOW + 2);
    crossed.receive_time = Millis::new(NOW + 2);
    crossed.bid = crossed.ask;
    assert_eq!(book.update(&crossed), Ok(()), "bid equal to ask is not crossed");
}

#[test]
fn crossed_is_refused_although_another_price_is_used() {
    let sources = ["a", "b", "c"].map(|name| rules_of(name, PriceKind::Mark)).to_vec();
    let mut book = MarkBook::new(MarkRules::STANDARD, sources).unwrap();
    let crossed = Quote { bid: Some(price("101")), mark: Some(price("100")), ..quote("a", "100", NOW) };
    assert!(matches!(refusal(&mut book, &crossed), Reason::Crossed { .. }));
}

#[test]
fn wide_spread_is_refused_beyond_the_bound() {
    let mut book = book();
    let wide = |bid: &str, ask: &str| Quote { bid: Some(price(bid)), ask: Some(price(ask)), ..quote("okx", "1", NOW) };
    assert_eq!(book.update(&wide("99", "101")), Ok(()), "2 % is the bound");
    assert_eq!(refusal(&mut book, &wide("98.99999998", "101")), Reason::Wide { spread_bps: 201 });
}

#[test]
fn missing_price_is_refused_not_replaced_by_another() {
    let mut book = book();
    let only_last = Quote { bid: None, last: Some(price("100")), ..quote("okx", "100", NOW) };
    assert_eq!(refusal(&mut book, &only_last), Reason::NoPrice(PriceKind::Mid));
}

#[test]
fn outlier_needs_a_second_quote() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("bybit", "100"), ("okx", "100")], NOW);
    feed(&mut book, &[("okx", "105")], NOW + 1);
    feed(&mut book, &[("okx", "100")], NOW + 2);
    let jump = |at: &str, millis| quote("okx", at, millis);
    assert_eq!(refusal(&mut book, &jump("94.99999999", NOW + 3)), Reason::Outlier { moved_bps: 501 });
    assert!(stale(&book, NOW + 3).ends_with("okx outlier, moved 501 bp at once"));
    assert_eq!(refusal(&mut book, &jump("94.99999999", NOW + 3)), Reason::Outlier { moved_bps: 501 }, "repeated");
    assert_eq!(refusal(&mut book, &jump("80", NOW + 4)), Reason::Outlier { moved_bps: 2_000 }, "elsewhere");
    assert_eq!(book.update(&jump("80.5", NOW + 5)), Ok(()), "confirmed");
    assert!(stale(&book, NOW + 5).contains("okx 1950 bp from the median"), "true for okx, but the others differ");
}

#[test]
fn return_to_the_old_price_clears_an_outlier() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("bybit", "100"), ("okx", "100")], NOW);
    refusal(&mut book, &quote("okx", "90", NOW + 1));
    feed(&mut book, &[("okx", "100.1")], NOW + 2);
    refusal(&mut book, &quote("okx", "90", NOW + 3));
    assert_eq!(book.clock(&source("okx")).unwrap().offset(), None);
}

#[test]
fn move_after_a_silence_is_no_outlier() {
    let mut book = book();
    feed(&mut book, &[("okx", "100")], NOW);
    refusal(&mut book, &quote("okx", "120", NOW + 10_000));
    let mut book = self::book();
    feed(&mut book, &[("okx", "100")], NOW);
    feed(&mut book, &[("okx", "120")], NOW + 10_001);
}

#[test]
fn crash_that_every_source_sees_is_followed_after_one_more_quote_each() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("bybit", "100"), ("okx", "100")], NOW);
    for name in ["binance", "bybit", "okx"] {
        refusal(&mut book, &quote(name, "85", NOW + 100));
    }
    assert!(stale(&book, NOW + 100).contains("0 of 3"));
    feed(&mut book, &[("binance", "84"), ("bybit", "85"), ("okx", "84.5")], NOW + 200);
    assert_eq!(fresh(&book, NOW + 200).price, price("84.5"));
}

#[test]
fn clock_behind_is_dropped_beyond_the_bound_once_it_is_known() {
    let run = |behind: u64, count: usize| {
        let mut book = book();
        feed(&mut book, &[("binance", "100"), ("bybit", "100")], NOW + 900);
        for step in 0..count as u64 {
            let late = Quote { receive_time: Millis::new(NOW + step + behind), ..quote("okx", "100", NOW + step) };
            book.update(&late).unwrap();
        }
        book
    };
    let (known, bound) = (MIN_CLOCK_SAMPLES, MarkRules::STANDARD.max_behind);
    fresh(&run(bound, known), NOW + 5_000);
    fresh(&run(bound + 1, known - 1), NOW + 5_000);
    let book = run(bound + 1, known);
    assert_eq!(book.clock(&source("okx")).unwrap().offset(), Some(3_001));
    assert!(stale(&book, NOW + 5_000).ends_with("okx clock is behind or the line slow by 3.001 s"));
    const { assert!(CLOCK_WINDOW >= MIN_CLOCK_SAMPLES) };
}

#[test]
fn strangers_are_refused() {
    let mut book = book();
    assert_eq!(refusal(&mut book, &quote("gate", "100", NOW)), Reason::NotASource);
    let sol = Quote { market: Symbol::Sol, ..quote("okx", "100", NOW) };
    assert_eq!(refusal(&mut book, &sol), Reason::NotASource);
}

#[test]
fn books_that_could_never_give_a_mark_are_refused() {
    let make = |names: &[&str]| {
        MarkBook::new(MarkRules::STANDARD, names.iter().map(|name| rules_of(name, PriceKind::Mid)).collect()).err()
    };
    let names: Vec<String> = (0..=MAX_SOURCES).map(|index| format!("s{index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(make(&names[..MAX_SOURCES]), None);
    assert_eq!(make(&names), Some(RulesError::TooManySources { found: MAX_SOURCES + 1 }));
    assert_eq!(make(&names[..MIN_SOURCES]), None);
    let (market, found, needed) = (Symbol::Btc, 2, MIN_SOURCES);
    assert_eq!(make(&names[..2]), Some(RulesError::TooFewSources { market, found, needed }));
    assert_eq!(make(&["a", "b", "a", "c"]), Some(RulesError::Duplicate(source("a"))));
    let none = SourceRules { markets: vec![], ..rules_of("a", PriceKind::Mid) };
    let error = MarkBook::new(MarkRules::STANDARD, vec![none]).err();
    assert_eq!(error, Some(RulesError::Markets(source("a"))));
}

#[test]
fn alarm_is_raised_once_when_a_mark_is_lost_and_once_when_it_is_back() {
    let mut book = book();
    let texts = |book: &mut MarkBook, millis| -> Vec<String> {
        book.alarms(Millis::new(millis)).iter().map(ToString::to_string).collect()
    };
    let first = texts(&mut book, NOW);
    assert_eq!(first.len(), 2, "BTC and ETH have sources and no marks: {first:?}");
    assert!(first[0].starts_with("ALARM no fresh mark for BTC: there never was one"), "{first:?}");
    assert!(texts(&mut book, NOW + 1).is_empty());
    feed(&mut book, &[("binance", "100"), ("bybit", "100"), ("okx", "100")], NOW + 2);
    assert_eq!(texts(&mut book, NOW + 2), ["BTC has a mark again: 100 of 3 sources"]);
    assert!(texts(&mut book, NOW + 3).is_empty());
    let lost = texts(&mut book, NOW + 10_003);
    assert_eq!(lost.len(), 1);
    assert!(lost[0].ends_with("signing stops for pairs in BTC"), "{lost:?}");
    assert!(texts(&mut book, NOW + 10_004).is_empty());
}

#[test]
fn pair_is_fresh_only_if_every_coin_it_needs_is() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("bybit", "100"), ("okx", "100")], NOW);
    let btc = common::portfolio("btc", &[("BTC", "1", "100")]);
    let both = common::portfolio("both", &[("BTC", "1", "100"), ("ETH", "1", "100")]);
    let marks = book.fresh_for(&btc, Millis::new(NOW)).unwrap();
    assert_eq!(marks[Symbol::Btc].as_ref().unwrap().price, price("100"));
    assert_eq!(marks[Symbol::Eth], None);
    let error = book.fresh_for(&both, Millis::new(NOW)).unwrap_err();
    assert_eq!(error.stale.market, Symbol::Eth);
    assert!(error.to_string().starts_with("both: no fresh mark for ETH: there never was one, 0 of 3 needed"));
    let xrp = common::portfolio("xrp", &[("XRP", "1", "100")]);
    assert!(book.fresh_for(&xrp, Millis::new(NOW)).is_err(), "a coin without any source is never fresh");
}

#[test]
fn pair_needs_no_mark_for_what_has_settled_and_one_for_collateral() {
    let mut book = book();
    feed(&mut book, &[("binance", "100"), ("bybit", "100"), ("okx", "100")], NOW);
    let parse = |more: &str| {
        let text = format!(
            r#"{{"pair":"p","positions":[{{"symbol":"BTC","quantity":"1","entry_price":"1","opened":"2025-10-10T12:00Z"}},
            {{"symbol":"ETH","quantity":"1","entry_price":"1","opened":"2025-10-10T12:00Z","contract":"future","expiry":"2025-10-10T18:00Z"}}]{more}}}"#
        );
        ringfence_oracle::portfolio::Portfolio::parse(&ringfence_oracle::files::Source::new("p.json", text)).unwrap()
    };
    // NOW is 18:00: at its expiry a future is settled, and a millisecond before it is not.
    assert!(book.fresh_for(&parse(""), Millis::new(NOW)).is_ok());
    assert!(book.fresh_for(&parse(""), Millis::new(NOW - 1)).is_err());
    let pledged = parse(r#","collateral":[{"party":"A","symbol":"ETH","quantity":"1"}]"#);
    assert_eq!(book.fresh_for(&pledged, Millis::new(NOW)).unwrap_err().stale.market, Symbol::Eth);
}

fn arbitrary_quote() -> impl Strategy<Value = Quote> {
    let prices = prop_oneof![Just(100_u64), 95_u64..106, 1_u64..1_000];
    (0..NAMES.len(), prices.clone(), prices, 0_u64..30_000, -12_000_i64..2_000).prop_map(
        |(name, bid, ask, at, offset)| {
            let mut quote = quote(NAMES[name], "1", NOW + at);
            quote.exchange_time = Millis::new((NOW + at).saturating_add_signed(offset));
            quote.bid = Price::from_units(bid * 100_000_000);
            quote.ask = Price::from_units(ask * 100_000_000);
            quote
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_comes_in_a_mark_rests_on_enough_agreeing_sources(
        mut quotes in prop::collection::vec(arbitrary_quote(), 1..60),
        sorted in any::<bool>(),
    ) {
        if sorted {
            quotes.sort_by_key(|quote| quote.receive_time);
        }
        let (mut one, mut two) = (book(), book());
        for quote in &quotes {
            prop_assert_eq!(one.update(quote), two.update(quote));
            let now = quote.receive_time;
            let state = one.mark(Symbol::Btc, now);
            prop_assert_eq!(&state, &two.mark(Symbol::Btc, now));
            match state {
                MarkState::Fresh(mark) => {
                    prop_assert!(mark.sources.len() >= MIN_SOURCES);
                    prop_assert_eq!(mark.time, now);
                    let mut inside = 0;
                    for quote in quotes.iter().filter(|quote| mark.sources.contains(&quote.source)) {
                        let price = PriceKind::Mid.of_down(quote);
                        inside += usize::from(price.is_some_and(|price| in_band(price, mark.price, Bps::new(100))));
                    }
                    prop_assert!(inside >= MIN_SOURCES);
                }
                MarkState::Stale { why, .. } => {
                    prop_assert_eq!(why.left.len() + why.dropped.len(), NAMES.len());
                }
            }
        }
    }
}
