//! Every kind of contract: its value by hand, its cash flows into the entitlement, its margin by full revaluation.

mod common;

use common::inputs;
use proptest::prelude::*;
use ringfence_oracle::files::Source;
use ringfence_oracle::model::Book;
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::pricing::{Black, Right};
use ringfence_oracle::protocol::units::Timestamp;
use ringfence_oracle::replay::{value_at, PairStep, Step};
use ringfence_oracle::symbol::Symbol;
use ringfence_oracle::time::parse_timestamp;
use ringfence_oracle::value::Valuer;
use serde_json::{json, Value};

fn at(text: &str) -> Timestamp {
    parse_timestamp(text).unwrap()
}

/// One position opened at the first close, with members of its own.
fn book(positions: &[Value]) -> Portfolio {
    let positions: Vec<Value> = positions
        .iter()
        .map(|extra| {
            let mut position = json!({ "symbol": "BTC", "opened": "2025-10-10T18:05Z" });
            position.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            position
        })
        .collect();
    let text = json!({ "pair": "p", "positions": positions }).to_string();
    Portfolio::parse(&Source::new("p.json", text)).unwrap()
}

fn valued(positions: &[Value], moment: &str) -> (Step, PairStep) {
    value_at(&inputs(), &book(positions), at(moment)).unwrap()
}

/// The entitlement in dollars.
fn x(positions: &[Value], moment: &str) -> f64 {
    valued(positions, moment).1.entitlement_a.get() as f64 / 1e6
}

fn close(symbol: Symbol, moment: &str) -> f64 {
    let inputs = inputs();
    let bar = inputs.bars().as_slice().iter().find(|bar| bar.close_time() == at(moment)).unwrap().quotes[symbol];
    bar.unwrap().close.get() as f64 / 1e8
}

fn years(from: &str, to: &str) -> f64 {
    (at(to).get() - at(from).get()) as f64 / (365.0 * 86_400.0)
}

fn near(found: f64, expected: f64, bound: f64) {
    assert!((found - expected).abs() <= bound, "{found} {expected}");
}

const NOW: &str = "2025-10-10T20:00Z";
const EXPIRY: &str = "2025-12-26T08:00Z";

#[test]
fn futures_are_marked_to_the_forward_and_forwards_discounted() {
    let (spot, tenor) = (close(Symbol::Btc, NOW), years(NOW, EXPIRY));
    // BTC's basis and the dollar's rate between their nodes at 7 and 90, and at 1 and 90 days.
    let basis = 0.05 + 0.01 * (tenor * 365.0 - 7.0) / 83.0;
    let rate = 0.0415 - 0.0015 * (tenor * 365.0 - 1.0) / 89.0;
    let forward = spot * (basis * tenor).exp();
    let future = json!({ "contract": "future", "expiry": EXPIRY, "quantity": "3", "entry_price": "118000" });
    near(x(&[future], NOW), 3.0 * (forward - 118_000.0), 1e-4);
    let contract = json!({ "contract": "forward", "expiry": EXPIRY, "quantity": "-3", "entry_price": "118000" });
    near(x(&[contract], NOW), -3.0 * (-rate * tenor).exp() * (forward - 118_000.0), 1e-4);
}

#[test]
fn inverse_contracts_pay_coins_converted_at_the_mark() {
    let (p, entry) = (close(Symbol::Btc, NOW), 117_624.03);
    // A million dollars of contract: 10^6 (1/e - 1/P) coins, at P dollars each.
    let expected = 1e6 * (1.0 / entry - 1.0 / p) * p;
    let of = |quantity: &str| json!({ "quote": "inverse", "quantity": quantity, "entry_price": "117624.03" });
    // Funding runs on the million: 23 bars of 0.01 % / 96.
    let funding = 1e6 * 0.0001 / 96.0 * 23.0;
    near(x(&[of("1000000")], NOW), expected - funding, 2e-6);
    near(x(&[of("-1000000")], NOW), -(expected - funding), 2e-6);
}

#[test]
fn contracts_in_another_coin_are_converted_at_its_mark() {
    let (eth, btc) = (close(Symbol::Eth, NOW), close(Symbol::Btc, NOW));
    let cross = json!({ "symbol": "ETH", "quote": "BTC", "quantity": "500", "entry_price": "0.035" });
    let (_, pair) = valued(&[cross], NOW);
    let value = pair.entitlement_a.get() as f64 / 1e6 + pair.funding_paid_a.get() as f64 / 1e6;
    near(value, 500.0 * (eth / btc - 0.035) * btc, 1e-4);
    let forward = json!({
        "symbol": "ETH", "quote": "BTC", "quantity": "500", "entry_price": "0.035", "contract": "forward", "expiry": EXPIRY
    });
    let tenor = years(NOW, EXPIRY);
    let along = |low: f64| low + 0.01 * (tenor * 365.0 - 7.0) / 83.0;
    let rate = 0.0415 - 0.0015 * (tenor * 365.0 - 1.0) / 89.0;
    let (f_eth, f_btc) = (eth * (along(0.045) * tenor).exp(), btc * (along(0.05) * tenor).exp());
    near(x(&[forward], NOW), 500.0 * (-rate * tenor).exp() * (f_eth - 0.035 * f_btc), 1e-3);
}

#[test]
fn options_are_black_on_the_surface_and_the_premium_is_owed() {
    let strike = "120000";
    let call = |extra: Value| {
        let mut option = json!({ "contract": "call", "expiry": EXPIRY, "strike": strike, "quantity": "10" });
        option.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        option
    };
    let inputs = inputs();
    let (spot, tenor) = (close(Symbol::Btc, NOW), years(NOW, EXPIRY));
    let forward = spot * inputs.curves().basis(Symbol::Btc).growth(tenor);
    let volatility = inputs.surfaces().surface(Symbol::Btc).unwrap().volatility((120_000.0_f64 / forward).ln(), tenor);
    assert!((0.3..0.6).contains(&volatility));
    let discount = inputs.curves().usd().discount(tenor);
    let price = Black { right: Right::Call, forward, strike: 120_000.0, volatility, years: tenor, discount }.price();
    near(x(&[call(json!({ "entry_price": "7000" }))], NOW), 10.0 * (price - 7_000.0), 1e-4);
    // Inverse: worth price / forward of a coin undiscounted, and the premium was 0.06 coins a coin at the first close.
    let coins = price / discount / forward;
    let premium = 0.06 * close(Symbol::Btc, "2025-10-10T18:05Z");
    let (_, pair) = valued(&[call(json!({ "entry_price": "0.06", "quote": "inverse" }))], NOW);
    near(pair.entitlement_a.get() as f64 / 1e6, 10.0 * (coins * spot - premium), 1e-3);
    near(pair.realised_a.get() as f64 / 1e6, -10.0 * premium, 1e-6);
}

/// What expires at 21:00 settles at the mean of the six closes from 20:35 to 21:00 and moves no more.
#[test]
fn expiry_pays_the_fixing_once() {
    let expiry = "2025-10-10T21:00Z";
    let window = ["20:35", "20:40", "20:45", "20:50", "20:55", "21:00"];
    let fixing = |symbol| window.iter().map(|t| close(symbol, &format!("2025-10-10T{t}Z"))).sum::<f64>() / 6.0;
    let (btc, eth) = (fixing(Symbol::Btc), fixing(Symbol::Eth));
    let coin = close(Symbol::Btc, "2025-10-10T18:05Z");
    let cases = [
        (json!({ "contract": "future", "quantity": "2", "entry_price": "117000" }), 2.0 * (btc - 117_000.0)),
        (json!({ "contract": "forward", "quantity": "-2", "entry_price": "117000" }), -2.0 * (btc - 117_000.0)),
        (
            json!({ "contract": "put", "strike": "119000", "quantity": "2", "entry_price": "900" }),
            2.0 * (119_000.0 - btc - 900.0),
        ),
        (json!({ "contract": "call", "strike": "119000", "quantity": "2", "entry_price": "900" }), -1_800.0),
        (
            json!({ "contract": "put", "strike": "119000", "quantity": "2", "entry_price": "0.01", "quote": "inverse" }),
            2.0 * (119_000.0 - btc - 0.01 * coin),
        ),
        (
            json!({ "contract": "future", "quote": "inverse", "quantity": "100000", "entry_price": "117000" }),
            1e5 * (btc / 117_000.0 - 1.0),
        ),
        (
            json!({ "symbol": "ETH", "contract": "future", "quote": "BTC", "quantity": "100", "entry_price": "0.035" }),
            100.0 * (eth - 0.035 * btc),
        ),
    ];
    for (mut position, expected) in cases {
        position["expiry"] = json!(expiry);
        let (_, pair) = valued(std::slice::from_ref(&position), expiry);
        near(pair.entitlement_a.get() as f64 / 1e6, expected, 1e-4);
        assert_eq!(pair.margin.initial.a.get() + pair.margin.initial.b.get() + pair.margin.tail.get(), 0, "{position}");
        let (_, later) = valued(&[position], "2025-10-10T23:00Z");
        assert_eq!(later.entitlement_a, pair.entitlement_a);
    }
}

#[test]
fn what_can_not_be_valued_is_named() {
    let error = |position: Value| value_at(&inputs(), &book(&[position]), at(NOW)).unwrap_err().to_string();
    let future = |expiry: &str| json!({ "contract": "future", "quantity": "1", "entry_price": "1", "expiry": expiry });
    assert!(error(future("2025-10-10T21:02Z")).contains("positions[0].expiry: expiry must be the close"));
    assert!(error(future("2025-10-10T18:25Z")).contains("positions[0].expiry: expiry needs half an hour of bars"));
    let early = json!({ "quantity": "1", "entry_price": "1", "contract": "future", "expiry": EXPIRY, "opened": "2025-10-01T00:00Z", "funding_paid": "1" });
    assert!(error(early).contains("funding_paid must be left out: this contract pays none"));
    let settled = json!({ "quantity": "1", "entry_price": "1", "contract": "future", "expiry": "2025-10-10T18:00Z", "opened": "2025-10-01T00:00Z" });
    assert!(error(settled).contains("expiry is before the first bar"));
}

/// Every scenario of a mixed book, by valuing it again at that scenario's prices and volatilities.
#[test]
fn margin_is_a_full_revaluation() {
    let inputs = inputs();
    let option = |right: &str, strike: &str, quantity: &str| json!({ "contract": right, "expiry": EXPIRY, "strike": strike, "quantity": quantity, "entry_price": "1000" });
    let positions = [
        option("put", "90000", "-40"),
        option("call", "140000", "-25"),
        json!({ "quantity": "5", "entry_price": "117000" }),
    ];
    let portfolio = book(&positions);
    let moment = at(NOW);
    let bars = inputs.bars().as_slice();
    let marks = bars.iter().find(|bar| bar.close_time() == moment).unwrap().marks();
    let valuer = Valuer { moment, marks: &marks, curves: inputs.curves(), surfaces: inputs.surfaces() };
    let held = Book::new(&portfolio, &valuer).unwrap();
    let volatility = inputs.model().initial_volatility();
    let shocks = inputs.model().shocks(&volatility.all_daily());
    let profits = shocks.profits(&held, 0.1);
    assert_eq!(profits.len(), 1_602);

    let text = std::fs::read_to_string(common::data_dir().join("btc-sol-daily.csv")).unwrap();
    let closes: Vec<f64> = text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse().unwrap()).collect();
    let returns: Vec<f64> = closes.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
    let mut variance = returns[..60].iter().map(|r| r * r).sum::<f64>() / 60.0;
    let sigma = (returns.iter().map(|r| r * r).sum::<f64>() / returns.len() as f64).sqrt();
    let (spot, tenor) = (close(Symbol::Btc, NOW), years(NOW, EXPIRY));
    let forward = spot * inputs.curves().basis(Symbol::Btc).growth(tenor);
    let surface = inputs.surfaces().surface(Symbol::Btc).unwrap();
    let damping = (30.0 / (tenor * 365.0)).sqrt();
    for (r, profit) in returns[60..].iter().zip(&profits) {
        let z = r / variance.sqrt();
        variance = 0.94 * variance + 0.06 * r * r;
        let stretch = (0.94 + 0.06 * z * z).sqrt().min(2.5);
        let growth = (z * sigma).exp();
        let value = |right, strike: f64, quantity: f64| {
            let volatility = surface.volatility((strike / forward).ln(), tenor);
            let base = Black {
                right,
                forward,
                strike,
                volatility,
                years: tenor,
                discount: inputs.curves().usd().discount(tenor),
            };
            let moved = volatility * (1.0 + damping * (stretch - 1.0)) * (1.0 + 0.1 * damping);
            quantity * (Black { forward: forward * growth, volatility: moved, ..base }.price() - base.price())
        };
        let expected =
            value(Right::Put, 90_000.0, -40.0) + value(Right::Call, 140_000.0, -25.0) + 5.0 * spot * (growth - 1.0);
        near(*profit, expected, 1e-6 * (1.0 + expected.abs()));
    }
}

#[test]
fn options_in_any_order_give_the_same_bits_and_cancel_exactly() {
    let option = |right: &str, strike: &str, quantity: &str| json!({ "contract": right, "expiry": EXPIRY, "strike": strike, "quantity": quantity, "entry_price": "1000" });
    let legs = vec![
        option("put", "90000", "-40"),
        option("call", "140000", "-25.5"),
        option("put", "100000", "7"),
        json!({ "symbol": "SOL", "contract": "call", "expiry": EXPIRY, "strike": "250", "quantity": "900", "entry_price": "9" }),
        json!({ "symbol": "SOL", "quote": "BTC", "quantity": "-900", "entry_price": "0.0018" }),
    ];
    let mut turned = legs.clone();
    turned.reverse();
    let (one, other) = (valued(&legs, NOW).1, valued(&turned, NOW).1);
    assert_eq!(one.explanation, other.explanation);
    assert_eq!(
        (one.margin, one.entitlement_a, one.portfolio_root),
        (other.margin, other.entitlement_a, other.portfolio_root)
    );
    let flat = valued(&[option("put", "90000", "-40"), option("put", "90000", "40")], NOW).1;
    assert_eq!(flat.margin.initial.a.get() + flat.margin.initial.b.get() + flat.margin.tail.get(), 0);
}

/// A bought option can lose its value and no more, and the seller has no such bound.
#[test]
fn a_bought_option_never_needs_more_than_it_is_worth_beyond_its_costs() {
    let call =
        json!({ "contract": "call", "expiry": EXPIRY, "strike": "130000", "quantity": "10", "entry_price": "1000" });
    let (_, pair) = valued(&[call], NOW);
    let worth = pair.entitlement_a.get() as f64 / 1e6 + 10_000.0;
    let sides = &pair.explanation.sides;
    assert!(sides.a.simulated <= worth && sides.a.worst_stress <= worth, "{} {worth}", sides.a.simulated);
    assert!(sides.b.simulated > sides.a.simulated);
}

#[test]
fn collateral_that_falls_with_the_positions_costs_more() {
    let with = |quantity: &str, collateral: Value| {
        let text = json!({ "pair": "p", "positions": [{
            "symbol": "SOL", "quantity": quantity, "entry_price": "200", "opened": "2025-10-10T18:05Z"
        }], "collateral": collateral });
        let portfolio = Portfolio::parse(&Source::new("p.json", text.to_string())).unwrap();
        let (_, pair) = value_at(&inputs(), &portfolio, at(NOW)).unwrap();
        (pair.explanation.sides.a.collateral, pair.margin.initial.a.get(), pair.portfolio_root)
    };
    let sol = json!([{ "party": "A", "symbol": "SOL", "quantity": "5000" }]);
    let (none, plain, root) = with("10000", json!([]));
    assert_eq!(none.value, 0.0);
    let (long, more, pledged_root) = with("10000", sol.clone());
    assert!(long.wrong_way > 0.0 && long.haircut > 0.0 && long.value > long.haircut, "{long:?}");
    let added = (long.wrong_way * 1e6) as i128;
    assert!((more - plain - added).abs() <= 2, "the add-on is what initial margin grows by");
    assert_ne!(root, pledged_root, "collateral is committed to");
    let (short, _, _) = with("-10000", sol);
    assert_eq!(short.wrong_way, 0.0, "a short position loses when the collateral gains");
    assert!((short.haircut - long.haircut).abs() < 1e-9);
}

/// A member that may be missing, right or wrong.
fn member(values: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
    proptest::option::of(proptest::sample::select(values))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever a document says: no panic, an error that names the member, or numbers that are exactly each other's mirror
    /// image from the two sides.
    #[test]
    fn any_contract_is_refused_by_name_or_the_same_from_both_sides(
        symbol in proptest::sample::select(&["BTC", "ETH", "SOL", "XRP", "DOGE"][..]),
        contract in member(&["perpetual", "future", "forward", "call", "put", "swap"]),
        quote in member(&["USD", "inverse", "BTC", "SOL", "EUR"]),
        expiry in member(&[EXPIRY, "2025-10-10T21:00Z", "2025-10-10T18:20Z", "2099-12-31T08:00Z", "soon"]),
        strike in member(&["110000", "0.00000001", "9999999", "-1"]),
        quantity in proptest::sample::select(&["1", "0.00000001", "12345.678", "1000000000"][..]),
        entry in proptest::sample::select(&["117000", "0.05", "0.00000001", "10000000"][..]),
        late: bool,
    ) {
        static INPUTS: std::sync::OnceLock<ringfence_oracle::inputs::Inputs> = std::sync::OnceLock::new();
        let inputs = INPUTS.get_or_init(inputs);
        let moment = at(if late { "2025-10-10T22:00Z" } else { NOW });
        let value = |sign: &str| {
            let mut position = json!({
                "symbol": symbol, "opened": "2025-10-10T18:05Z", "quantity": format!("{sign}{quantity}"), "entry_price": entry
            });
            for (name, value) in [("contract", contract), ("quote", quote), ("expiry", expiry), ("strike", strike)] {
                if let Some(value) = value {
                    position[name] = json!(value);
                }
            }
            let text = json!({ "pair": "p", "positions": [position] }).to_string();
            let portfolio = Portfolio::parse(&Source::new("p.json", text)).map_err(|error| error.to_string())?;
            value_at(inputs, &portfolio, moment).map(|(_, pair)| pair).map_err(|error| error.to_string())
        };
        match (value(""), value("-")) {
            (Ok(long), Ok(short)) => {
                prop_assert_eq!(long.entitlement_a.get(), -short.entitlement_a.get());
                prop_assert_eq!(long.margin.initial.a, short.margin.initial.b);
                prop_assert_eq!(long.margin.initial.b, short.margin.initial.a);
                prop_assert_eq!(long.margin.tail, short.margin.tail);
            }
            (Err(long), Err(short)) => {
                prop_assert_eq!(&long, &short);
                prop_assert!(long.starts_with("p"), "{}", long);
            }
            (long, short) => prop_assert!(false, "{:?} {:?}", long, short),
        }
    }
}
