//! The engine on the project's own tables: right, deterministic, and within sane bounds.

mod common;

use common::{desks, inputs, portfolio};
use proptest::prelude::*;
use ringfence_oracle::engine::Engine;
use ringfence_oracle::protocol::units::Timestamp;
use ringfence_oracle::replay::{value_at, PairStep, Replay, Step};
use ringfence_oracle::symbol::{BySymbol, Symbol};
use ringfence_oracle::units::{MicroUsd, Price};
use ringfence_oracle::value::Looked;

fn all_steps(portfolios: &[ringfence_oracle::portfolio::Portfolio]) -> Vec<Step> {
    Replay::new(&inputs(), portfolios).unwrap().map(Result::unwrap).collect()
}

#[test]
fn the_same_inputs_give_the_same_bits() {
    let (one, other) = (all_steps(&desks()), all_steps(&desks()));
    assert_eq!(one.len(), 72);
    assert_eq!(one, other);
    let bits = |steps: &[Step]| -> Vec<u64> {
        steps
            .iter()
            .flat_map(|step| {
                let sides = step.pairs.iter().flat_map(|pair| {
                    let sides = &pair.explanation.sides;
                    [sides.a.initial, sides.b.initial, sides.a.tail_shortfall, sides.b.tail_shortfall]
                });
                let vols = Symbol::ALL.into_iter().map(|symbol| step.volatility[symbol]);
                vols.chain(sides).map(f64::to_bits).collect::<Vec<_>>()
            })
            .collect()
    };
    assert_eq!(bits(&one), bits(&other));
}

/// At 21:20, the lowest BTC close, in micro-dollars: X, initial margin A and B, tail. A change of any number here needs a
/// new `MODEL_VERSION`.
const AT_THE_TROUGH: [(i128, i128, i128, i128); 4] = [
    (-2_382_399_824_401, 2_763_744_324_550, 3_190_323_468_263, 4_720_944_241_730),
    (-1_177_657_953_937, 2_098_862_557_214, 2_277_071_713_444, 2_981_174_776_860),
    (-851_110_348_593, 1_352_350_108_591, 1_755_002_532_958, 1_411_377_638_897),
    (-1_043_616_058_958, 1_067_502_688_617, 1_351_205_938_840, 1_058_749_802_010),
];

const ROOT_AT_THE_TROUGH: &str = "3b25d96818bf8143e30d7e2d26ad1909b935d5ababda8a5b88857733eb154c6f";

#[test]
fn numbers_of_the_day_are_as_committed() {
    let steps = all_steps(&desks());
    let found = |pair: &PairStep| {
        let margin = pair.margin;
        (pair.entitlement_a.get(), margin.initial.a.get(), margin.initial.b.get(), margin.tail.get())
    };
    let found: Vec<_> = steps[39].pairs.iter().map(found).collect();
    assert_eq!(found, AT_THE_TROUGH);
    assert_eq!(hex::encode(steps[39].market_data_root), ROOT_AT_THE_TROUGH);
}

#[test]
fn order_of_positions_and_pairs_changes_nothing() {
    let positions = [
        ("BTC", "180", "117624.03"),
        ("ETH", "-3000", "4094.61"),
        ("BTC", "-20.5", "117000"),
        ("SOL", "30000", "209.109"),
        ("XRP", "-1000000", "2.7217"),
    ];
    let book = portfolio("book", &positions);
    let shuffled = book.reordered(|order| order.reverse());
    let rotated = book.reordered(|order| order.rotate_left(2));
    assert_ne!(book.positions(), shuffled.positions());
    let base = all_steps(std::slice::from_ref(&book));
    assert_eq!(base, all_steps(&[shuffled]));
    assert_eq!(base, all_steps(&[rotated]));
    // Beside other pairs it is what it is alone: no pair sees another.
    let mut crowd = desks();
    crowd.push(book);
    let beside = all_steps(&crowd);
    assert!(base.iter().zip(&beside).all(|(alone, crowd)| alone.pairs[0] == crowd.pairs[4]));
}

#[test]
fn valuing_at_a_moment_is_the_replay_at_that_moment() {
    let inputs = inputs();
    let steps = all_steps(&desks());
    for step in [&steps[0], &steps[39], &steps[71]] {
        let (alone, pair) = value_at(&inputs, &desks()[1], step.valuation_time).unwrap();
        assert_eq!(pair, step.pairs[1]);
        assert_eq!(alone.market_data_root, step.market_data_root);
    }
}

#[test]
fn entitlement_by_hand() {
    let steps = all_steps(&desks());
    assert_eq!(steps[0].pairs[0].entitlement_a, MicroUsd::ZERO, "opened at the first close");
    // One bar later: 180 * (117550.00 - 117624.03) = -13,325.40; funding 180 * 117550 * 0.0001 / 96 = 22.040625.
    assert_eq!(steps[1].pairs[0].entitlement_a, MicroUsd::new(-13_347_440_625));
    assert_eq!(steps[1].pairs[0].funding_paid_a, MicroUsd::new(22_040_625));
}

#[test]
fn margins_are_of_a_sane_size() {
    let first = &all_steps(&desks())[0];
    let share = |index: usize| {
        let explanation = &first.pairs[index].explanation;
        (
            explanation.sides.a.simulated / explanation.gross_exposure,
            explanation.sides.b.simulated / explanation.gross_exposure,
        )
    };
    let (btc_a, btc_b) = share(0);
    assert!((0.04..0.15).contains(&btc_a) && (0.04..0.15).contains(&btc_b), "{btc_a} {btc_b}");
    let (sol_a, _) = share(2);
    assert!(sol_a > btc_a && sol_a < 0.40, "{sol_a}");
}

#[test]
fn a_crash_raises_margin_per_dollar_of_exposure() {
    let steps = all_steps(&desks());
    for pair in 0..4 {
        let per_dollar = |step: &Step| {
            let explanation = &step.pairs[pair].explanation;
            explanation.sides.a.initial / explanation.gross_exposure
        };
        assert!(per_dollar(&steps[71]) > per_dollar(&steps[0]) * 1.01, "pair {pair}");
    }
}

#[test]
fn the_days_own_scenario_is_not_known_during_the_day() {
    let steps = all_steps(&desks());
    let used = |step: &Step| step.pairs[3].explanation.sides.a.worst_stress_name.clone();
    assert!(steps[..71].iter().all(|step| !used(step).starts_with("2025-10-10")));
    let known = inputs().scenarios().known_at(steps[70].valuation_time).count();
    assert_eq!(inputs().scenarios().known_at(steps[71].valuation_time).count(), known + 1, "midnight");
}

#[test]
fn a_flat_book_needs_nothing() {
    let flat = portfolio("flat", &[("BTC", "5", "100000"), ("BTC", "-5", "110000")]);
    let steps = all_steps(&[flat]);
    assert!(steps.iter().all(|step| {
        let margin = step.pairs[0].margin;
        margin.initial.a == MicroUsd::ZERO && margin.initial.b == MicroUsd::ZERO && margin.tail == MicroUsd::ZERO
    }));
    assert_eq!(steps[71].pairs[0].entitlement_a, MicroUsd::new(50_000_000_000), "locked in");
}

/// Filtered historical simulation of a long Bitcoin position written again from the formulas, in plain `std`, with its own
/// CSV reading, its own filter and the Rockafellar-Uryasev form of expected shortfall.
#[test]
fn margin_agrees_with_an_independent_computation() {
    let text = std::fs::read_to_string(common::data_dir().join("btc-sol-daily.csv")).unwrap();
    let closes: Vec<f64> = text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse().unwrap()).collect();
    let returns: Vec<f64> = closes.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
    let mean_square = |r: &[f64]| r.iter().map(|x| x.powi(2)).sum::<f64>() / r.len() as f64;
    let mut variance = mean_square(&returns[..60]);
    let mut residuals = vec![];
    for r in &returns[60..] {
        residuals.push(r / variance.sqrt());
        variance = 0.94 * variance + 0.06 * r.powi(2);
    }
    let shortfall = |losses: &[f64], tail: f64| {
        let at = |c: f64| c + losses.iter().map(|l| (l - c).max(0.0)).sum::<f64>() / (losses.len() as f64 * tail);
        losses.iter().map(|c| at(*c)).fold(f64::INFINITY, f64::min)
    };
    let bars = std::fs::read_to_string(common::data_dir().join("crash-2025-10-10.csv")).unwrap();
    let marks: Vec<f64> = bars.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().parse().unwrap()).collect();
    let mut now = mean_square(&returns);
    let decay = 0.94_f64.powf(1.0 / 288.0);
    for pair in marks[..40].windows(2) {
        now = decay * now + (1.0 - decay) * (pair[1] / pair[0]).ln().powi(2) * 288.0;
    }
    let stressed = returns.windows(250).map(mean_square).fold(0.0, f64::max);
    let exposure = 180.0 * marks[39];
    // The tail written again from Hosking and Wallis's own formulas: ascending order, shape k = -xi, and the mean of the
    // fitted law beyond its quantile by numerical integration.
    let deep = |losses: &[f64]| {
        let mut sorted = losses.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        let peaks = n * 5 / 100;
        let threshold = sorted[n - peaks - 1];
        let excess: Vec<f64> = sorted[n - peaks..].iter().map(|loss| loss - threshold).collect();
        let m = peaks as f64;
        let a0 = excess.iter().sum::<f64>() / m;
        let a1 = excess.iter().enumerate().map(|(j, y)| (m - 1.0 - j as f64) / (m - 1.0) * y).sum::<f64>() / m;
        let (k, alpha) = (a0 / (a0 - 2.0 * a1) - 2.0, 2.0 * a0 * a1 / (a0 - 2.0 * a1));
        assert!(k.abs() < 0.5);
        let quantile = |tail: f64| threshold + alpha / k * (1.0 - (tail / (m / n as f64)).powf(k));
        // ES = 1/t * integral of the quantile over (0, t); with s = t v^4 the integrand has no singularity left.
        let steps = 20_000;
        let fitted = (0..steps).map(|i| {
            let v = (i as f64 + 0.5) / steps as f64;
            quantile(0.001 * v.powi(4)) * 4.0 * v.powi(3) / steps as f64
        });
        fitted.sum::<f64>().max(shortfall(losses, 0.001))
    };
    let exposure_now: f64 = exposure;
    let cost = exposure_now * (0.0005 + stressed.sqrt() * (exposure_now / 5e9).sqrt());
    let expected = |sign: f64, measure: &dyn Fn(&[f64]) -> f64| {
        let es = |variance: f64| {
            let losses: Vec<f64> =
                residuals.iter().map(|z| sign * exposure * ((z * variance.sqrt()).exp() - 1.0)).collect();
            measure(&losses)
        };
        let (current, stressed) = (es(now), es(stressed));
        current.max(0.75 * current + 0.25 * stressed)
    };
    let step = &all_steps(&desks()[..1])[39];
    let sides = &step.pairs[0].explanation.sides;
    for (ours, theirs, bound) in [
        (sides.a.simulated, expected(-1.0, &|losses| shortfall(losses, 0.01)), 1e-10),
        (sides.b.simulated, expected(1.0, &|losses| shortfall(losses, 0.01)), 1e-10),
        (sides.a.tail_shortfall, expected(-1.0, &deep), 1e-6),
        (sides.b.tail_shortfall, expected(1.0, &deep), 1e-6),
        (sides.a.initial - sides.a.simulated, cost, 1e-10),
        (sides.b.initial - sides.b.simulated, cost, 1e-10),
    ] {
        assert!((ours / theirs - 1.0).abs() < bound, "{ours} {theirs}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_other_side_sees_the_mirror_image(
        quantities in proptest::collection::vec((0_usize..4, 1_i64..100_000), 1..6),
        at in 0_usize..72,
    ) {
        let inputs = inputs();
        let marks = inputs.bars().as_slice()[0].marks();
        let book = |sign: &str| {
            let texts: Vec<_> = quantities.iter().map(|(symbol, q)| {
                let symbol = Symbol::ALL[*symbol];
                (symbol.ticker(), format!("{sign}{q}"), marks[symbol].unwrap().to_string())
            }).collect();
            let rows: Vec<_> = texts.iter().map(|(s, q, e)| (*s, q.as_str(), e.as_str())).collect();
            portfolio("p", &rows)
        };
        let moment = inputs.bars().as_slice()[at].close_time();
        let (_, long) = value_at(&inputs, &book(""), moment).unwrap();
        let (_, short) = value_at(&inputs, &book("-"), moment).unwrap();
        prop_assert_eq!(long.entitlement_a.get(), -short.entitlement_a.get());
        prop_assert_eq!(long.margin.initial.a, short.margin.initial.b);
        prop_assert_eq!(long.margin.initial.b, short.margin.initial.a);
        prop_assert_eq!(long.margin.tail, short.margin.tail);
        prop_assert!(long.margin.initial.a >= MicroUsd::ZERO && long.margin.tail >= MicroUsd::ZERO);
    }

    #[test]
    fn margin_scales_with_size_and_a_merger_never_costs_more(
        (q, k) in (1_i64..10_000, 2_i64..50),
        (s, t) in (0_usize..4, 0_usize..4),
    ) {
        let inputs = inputs();
        let moment = inputs.bars().as_slice()[20].close_time();
        let (s, t) = (Symbol::ALL[s].ticker(), Symbol::ALL[t].ticker());
        let initial = |rows: &[(&str, &str, &str)]| {
            value_at(&inputs, &portfolio("p", rows), moment).unwrap().1.explanation.sides.a.simulated
        };
        let (one, many) = (q.to_string(), (q * k).to_string());
        let (small, large) = (initial(&[(s, &one, "1")]), initial(&[(s, &many, "1")]));
        prop_assert!((large / (small * k as f64) - 1.0).abs() < 1e-12);
        // Expected shortfall is subadditive, and so is the larger of two of them.
        let other = initial(&[(t, &one, "1")]);
        let merged = initial(&[(s, &one, "1"), (t, &one, "1")]);
        prop_assert!(merged <= (small + other) * (1.0 + 1e-12));
    }
}

/// A look prices what moved and nothing else, and sees what a full valuation sees: at prices, where nothing happens between
/// ticks, to the micro-dollar.
#[test]
fn a_look_at_what_moved_sees_the_whole() {
    let (inputs, mut desks) = (inputs(), desks());
    let mixed =
        [("BTC", "18", "117624.03"), ("ETH", "-300", "4094.61"), ("SOL", "30000", "209.109"), ("XRP", "-7", "2.7")];
    desks.push(portfolio("mixed", &mixed));
    let mut engine = Engine::new(&inputs, &desks).unwrap();
    let bars = inputs.bars().as_slice();
    bars.iter().for_each(|bar| engine.advance(bar));
    let last = bars.last().unwrap();
    let (mut marks, mut state) = (last.marks(), 7_u64);
    let mut looked: Vec<Looked> = desks.iter().map(|_| Looked::default()).collect();
    for tick in 1..400_u64 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let coin = Symbol::ALL[usize::try_from(state >> 62).unwrap()];
        let price = marks[coin].unwrap().get();
        *marks.get_mut(coin) = Price::from_units(price + price * (state >> 33 & 0xff) / 50_000);
        let time = Timestamp::new(last.close_time().get() + tick);
        let market = engine.market(time, marks).unwrap();
        let moved = BySymbol::from_fn(|symbol| symbol == coin);
        for (index, looked) in looked.iter_mut().enumerate() {
            let seen = engine.look(&market, index, looked, &moved).unwrap();
            assert_eq!(seen, engine.entitlement(&market, index).unwrap(), "tick {tick}");
        }
        // A mark goes and comes back: nothing of before is taken for what is now.
        if tick % 50 == 0 {
            let gone = BySymbol::from_fn(|symbol| marks[symbol].filter(|_| symbol != coin));
            let without = engine.market(time, gone).unwrap();
            let mut failed = 0;
            for (index, looked) in looked.iter_mut().enumerate() {
                let outcome = engine.look(&without, index, looked, &moved);
                assert_eq!(outcome.is_err(), engine.entitlement(&without, index).is_err());
                failed += u32::from(outcome.is_err());
            }
            assert!(failed > 0);
        }
    }
}
