//! Prices of layers on the project's own tables.

mod common;

use common::{inputs, portfolio};
use proptest::prelude::*;
use ringfence_oracle::bond::{
    price, DefaultRates, Estimate, Layer, Price, Proposal, Resampling, SidePrice, MIN_RESAMPLES, STEPS,
};
use ringfence_oracle::inputs::Inputs;
use ringfence_oracle::model::Book;
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::units::{Bps, Timestamp};
use ringfence_oracle::protocol::Pair;
use ringfence_oracle::replay::value_at;
use ringfence_oracle::units::MicroUsd;
use ringfence_oracle::value::Valuer;

/// 10 October 2025, 21:20 UTC.
const TROUGH: Timestamp = Timestamp::new(1_760_131_200);

const USD: i128 = 1_000_000;

fn layer(attachment: i128, limit: i128) -> Layer {
    let usd = |dollars: i128| MicroUsd::new(dollars * USD);
    Layer { first_loss: MicroUsd::ZERO, attachment: usd(attachment), limit: usd(limit) }
}

fn proposal(layer: Layer) -> Proposal {
    Proposal { layer, margin: None, resampling: Resampling { count: 0, seed: 1 }, defaults: None }
}

fn priced(inputs: &Inputs, portfolio: &Portfolio, proposal: &Proposal) -> Price {
    let (step, _) = value_at(inputs, portfolio, TROUGH).unwrap();
    let (moment, marks) = (step.valuation_time, &step.marks);
    let valuer = Valuer { moment, marks, curves: inputs.curves(), surfaces: inputs.surfaces() };
    let book = Book::new(portfolio, &valuer).unwrap();
    let set = inputs.model().set_at(&step.volatility);
    price(inputs, &book, &set, moment, proposal).unwrap()
}

fn btc() -> Portfolio {
    portfolio("btc", &[("BTC", "180", "117624.03")])
}

fn close(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
}

/// Two million above the margin at the trough, with 2 % and 4 % a year for 90 days.
#[test]
fn numbers_of_a_layer_are_as_committed() {
    let intensity = Pair { a: Bps::new(200), b: Bps::new(400) };
    let defaults = Some(DefaultRates { intensity, risk_days: 90 });
    let resampling = Resampling { count: 2_000, seed: 20_251_010 };
    let proposal = Proposal { resampling, defaults, ..proposal(layer(0, 2_000_000)) };
    let price = priced(&inputs(), &btc(), &proposal);
    let of = |side: &SidePrice| {
        let first = |estimate: &Estimate| [estimate.value, estimate.standard_error.unwrap()];
        let chances = [side.attachment().unwrap(), side.exhaustion().unwrap()].map(first);
        (first(&side.expected_loss), chances, side.reached_by)
    };
    let period = price.period.as_ref().unwrap();
    for (found, expected) in [(of(&price.sides.a), A), (of(&price.sides.b), B)] {
        for (found, expected) in found.0.into_iter().zip(expected.0) {
            close(found, expected);
        }
        for (found, expected) in found.1.into_iter().flatten().zip(expected.1.into_iter().flatten()) {
            close(found, expected);
        }
        assert_eq!(found.2, expected.2);
    }
    // The period is the sides weighted: 1 - exp(-0.06 * 90 / 365), a third of it A's.
    let either = 1.0 - (-0.06_f64 * 90.0 / 365.0).exp();
    close(period.expected_loss.value, either * (A.0[0] / 3.0 + B.0[0] * 2.0 / 3.0));
    close(period.expected_loss_rate.value, period.expected_loss.value / 2e6 * 365.0 / 90.0);
    close(period.exceedance[STEPS].value, either * (A.1[1][0] / 3.0 + B.1[1][0] * 2.0 / 3.0));
}

type Golden = ([f64; 2], [[f64; 2]; 2], usize);

/// Expected loss, attachment and exhaustion probability, each with its standard error, and the scenarios in the layer.
const A: Golden = (
    [1807.4878378560732, 953.020556375193],
    [[0.002913608268982268, 0.001036734649293459], [0.00015558466604036404, 0.00018809990597028087]],
    6,
);
const B: Golden = (
    [2057.130821592279, 796.1374287621454],
    [[0.0028015438783503795, 0.000845473249967218], [0.0002680505095117715, 0.000177795294921464]],
    5,
);

/// The same layer from the scenarios' profits, with nothing of the pricing code but the fitted parameters: a sum over
/// scenarios up to the threshold and a numerical integral beyond it.
#[test]
fn a_layer_across_the_threshold_agrees_with_plain_integration() {
    let inputs = inputs();
    // A margin of half a million lies far below the threshold, so that the layer crosses it.
    let proposal = Proposal { margin: Some(MicroUsd::new(500_000 * USD)), ..proposal(layer(0, 3_000_000)) };
    let price = priced(&inputs, &btc(), &proposal);
    for side in [&price.sides.a, &price.sides.b] {
        let tail = side.tail.unwrap();
        let (from, to) = (500_000.0 - price.close_out_cost, 3_500_000.0 - price.close_out_cost);
        assert!(from < tail.threshold && tail.threshold < to);
        let losses = side.curve.scenarios();
        let chance = |loss: f64| {
            if loss < tail.threshold {
                losses.iter().filter(|other| **other > loss).count() as f64 / losses.len() as f64
            } else {
                tail.weight * (1.0 + tail.shape * (loss - tail.threshold) / tail.scale).powf(-1.0 / tail.shape)
            }
        };
        let steps = 60_000;
        let width = (to - from) / f64::from(steps);
        let sum: f64 = (0..steps).map(|i| chance(from + (f64::from(i) + 0.5) * width) * width).sum();
        assert!((side.expected_loss.value / sum - 1.0).abs() < 1e-5, "{} {sum}", side.expected_loss.value);
        assert!(side.is_fitted(price.close_out_cost));
        assert!((side.attachment().unwrap().value - chance(from)).abs() < 1e-15);
        assert!((side.exhaustion().unwrap().value / chance(to) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn what_no_data_reaches_is_the_tails_and_said_to_be() {
    let inputs = inputs();
    let near = priced(&inputs, &btc(), &proposal(layer(0, 200_000)));
    let far = priced(&inputs, &btc(), &proposal(layer(4_000_000, 1_000_000)));
    let cost = far.close_out_cost;
    assert!(near.sides.a.is_fitted(cost) && !near.sides.a.is_beyond_data() && near.sides.a.reached_by > 0);
    for side in [&far.sides.a, &far.sides.b] {
        assert!(side.is_fitted(cost) && side.is_beyond_data());
        assert_eq!((side.reached_by, side.sampled_expected_loss), (0, 0.0));
        assert!(side.expected_loss.value > 0.0, "a power tail has no end");
    }
}

#[test]
fn first_loss_capital_and_layers_below_are_one_thing_to_a_layer() {
    let inputs = inputs();
    let below = |first_loss: i128, attachment: i128| Layer {
        first_loss: MicroUsd::new(first_loss * USD),
        ..layer(attachment, 500_000)
    };
    let one = priced(&inputs, &btc(), &proposal(below(300_000, 200_000)));
    assert_eq!(one, priced(&inputs, &btc(), &proposal(below(0, 500_000))));
    let margin = |dollars: i128| Proposal { margin: Some(MicroUsd::new(dollars * USD)), ..proposal(layer(0, 500_000)) };
    let (less, more) = (priced(&inputs, &btc(), &margin(3_000_000)), priced(&inputs, &btc(), &margin(3_100_000)));
    assert!(more.sides.a.expected_loss.value < less.sides.a.expected_loss.value);
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let inputs = inputs();
    let resampling = Resampling { count: 500, seed: 7 };
    let defaults = Some(DefaultRates { intensity: Pair { a: Bps::new(100), b: Bps::new(50) }, risk_days: 365 });
    let proposal = Proposal { resampling, defaults, ..proposal(layer(0, 1_000_000)) };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| priced(&inputs, &btc(), &proposal))
    };
    let bits = |price: &Price| -> Vec<u64> {
        let estimate = |estimate: &Estimate| {
            let (low, high) = estimate.interval.unwrap();
            [estimate.value, estimate.standard_error.unwrap(), low, high].map(f64::to_bits)
        };
        let period = price.period.as_ref().unwrap();
        let sides = [&price.sides.a, &price.sides.b].into_iter();
        let sides = sides.flat_map(|side| side.exceedance.iter().chain([&side.expected_loss]));
        sides.chain(&period.exceedance).chain([&period.expected_loss_rate]).flat_map(estimate).collect()
    };
    let one = with(1);
    for threads in [2, 3, 8, 33] {
        assert_eq!(bits(&one), bits(&with(threads)), "{threads} threads");
    }
    let other = Proposal { resampling: Resampling { seed: 8, ..resampling }, ..proposal };
    let other = priced(&inputs, &btc(), &other);
    assert_eq!(one.sides.a.expected_loss.value, other.sides.a.expected_loss.value, "the value needs no randomness");
    assert_ne!(one.sides.a.expected_loss, other.sides.a.expected_loss);
}

#[test]
fn an_option_book_counts_its_worst_case_of_implied_volatility() {
    let text = serde_json::json!({ "pair": "options", "positions": [{
        "symbol": "BTC", "contract": "put", "expiry": "2025-10-31T08:00Z", "strike": "100000", "quantity": "-100",
        "entry_price": "3000", "opened": "2025-10-10T18:05Z",
    }] });
    let source = ringfence_oracle::files::Source::new("test.json", text.to_string());
    let book = Portfolio::parse(&source).unwrap();
    let price = priced(&inputs(), &book, &proposal(layer(0, 1_000_000)));
    // Whoever is short a put loses more where volatility is higher.
    assert!(price.sides.a.scan > 0.0, "{}", price.sides.a.scan);
    assert_eq!(priced(&inputs(), &btc(), &proposal(layer(0, 1))).sides.a.scan, 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn expected_loss_falls_with_attachment_and_layers_add_up(
        (quantity, symbol) in (1_i64..5_000, 0_usize..4),
        first in 0_i128..4_000_000,
        (lower, upper) in (1_i128..4_000_000, 1_i128..4_000_000),
    ) {
        let inputs = inputs();
        let symbol = ringfence_oracle::symbol::Symbol::ALL[symbol].ticker();
        let book = portfolio("p", &[(symbol, &quantity.to_string(), "1")]);
        let at = |attachment, limit| priced(&inputs, &book, &proposal(layer(attachment, limit)));
        let (low, high, whole) = (at(first, lower), at(first + lower, upper), at(first, lower + upper));
        let moved = at(first + lower, lower);
        let each = |price: &Price| [price.sides.a.clone(), price.sides.b.clone()];
        for (((low, high), whole), moved) in each(&low).iter().zip(each(&high)).zip(each(&whole)).zip(each(&moved)) {
            let sum = low.expected_loss.value + high.expected_loss.value;
            let size = whole.expected_loss.value;
            prop_assert!((sum - size).abs() <= 1e-9 * (1.0 + size), "{} {}", sum, size);
            prop_assert!(moved.expected_loss.value <= low.expected_loss.value * (1.0 + 1e-9) + 1e-9);
            // Where one layer is exhausted the next attaches.
            let (top, bottom) = (low.exhaustion().unwrap().value, high.attachment().unwrap().value);
            prop_assert!((top - bottom).abs() <= 1e-9);
            for side in [low, &high, &whole] {
                let falls = side.exceedance.windows(2).all(|pair| pair[0].value >= pair[1].value);
                prop_assert!(falls && side.attachment().unwrap().value >= side.exhaustion().unwrap().value);
                prop_assert!(side.expected_loss.value >= 0.0 && side.stress_loss >= 0.0);
            }
        }
    }

    #[test]
    fn intervals_hold_their_order(seed in any::<u64>(), attachment in 0_i128..1_000_000) {
        let resampling = Resampling { count: MIN_RESAMPLES, seed };
        let price = priced(&inputs(), &btc(), &Proposal { resampling, ..proposal(layer(attachment, 1_000_000)) });
        for estimate in price.sides.a.exceedance.iter().chain([&price.sides.a.expected_loss]) {
            let (low, high) = estimate.interval.unwrap();
            prop_assert!(low <= high && low >= 0.0 && estimate.standard_error.unwrap() >= 0.0);
        }
    }
}
