//! The parts of a margin, one by one: `cargo bench -p ringfence-oracle --bench engine`.

mod common;

use criterion::{criterion_group, criterion_main, BatchSize, Criterion, Throughput};
use ringfence_oracle::model::{expected_shortfall, Book, ParetoTail};
use ringfence_oracle::pricing::{Black, OptionLeg, Right, ScenarioRow};
use ringfence_oracle::replay::Replay;
use ringfence_oracle::value::Valuer;
use std::hint::black_box;

fn pricing(c: &mut Criterion) {
    let option = Black {
        right: Right::Call,
        forward: 117_000.0,
        strike: 120_000.0,
        volatility: 0.45,
        years: 0.2,
        discount: 0.99,
    };
    c.bench_function("price and Greeks of one option", |b| {
        b.iter(|| (black_box(option).price(), black_box(option).greeks()));
    });
    let log_growth: Vec<f64> = (0..1_602).map(|i| (f64::from(i) / 1_602.0 - 0.5) * 0.4).collect();
    let growth: Vec<f64> = log_growth.iter().map(|r| r.exp()).collect();
    let ones = vec![1.0; growth.len()];
    let row = ScenarioRow { growth: &growth, log_growth: &log_growth, stretch: &ones, inverse_stretch: &ones };
    let mut group = c.benchmark_group("revaluation");
    group.throughput(Throughput::Elements(1_602));
    group.bench_function("one option over 1,602 scenarios", |b| {
        let mut values = vec![0.0; growth.len()];
        b.iter(|| OptionLeg::new(black_box(&option), 1.0).add_values(&row, &mut values));
    });
    group.finish();
}

fn statistics(c: &mut Criterion) {
    let losses: Vec<f64> = (0..1_602).map(|i| f64::from((i * 7_919) % 1_602)).collect();
    c.bench_function("sort 1,602 losses", |b| {
        let sort = |mut losses: Vec<f64>| losses.sort_unstable_by(f64::total_cmp);
        b.iter_batched(|| losses.clone(), sort, BatchSize::SmallInput);
    });
    let mut sorted = losses.clone();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    c.bench_function("expected shortfall of sorted losses", |b| {
        b.iter(|| expected_shortfall(black_box(&sorted).iter().copied(), sorted.len(), 10_000));
    });
    c.bench_function("fit a Pareto tail", |b| {
        b.iter(|| ParetoTail::fit(black_box(&sorted).iter().copied(), sorted.len(), 50_000));
    });
}

fn margin(c: &mut Criterion) {
    let inputs = common::inputs(1_602);
    let bar = inputs.bars().as_slice()[20];
    let (marks, moment) = (bar.marks(), bar.close_time());
    let valuer = Valuer { moment, marks: &marks, curves: inputs.curves(), surfaces: inputs.surfaces() };
    let volatility = inputs.model().initial_volatility();
    c.bench_function("scenarios of a moment", |b| b.iter(|| inputs.model().scenario_set(black_box(&volatility))));
    let set = inputs.model().scenario_set(&volatility);
    for (name, linear, options) in
        [("margin of 20 linear positions", 20, 0), ("margin of 10 linear, 10 options", 10, 10)]
    {
        let portfolio = common::portfolio(1, linear, options);
        c.bench_function(name, |b| {
            b.iter(|| {
                let book = Book::new(black_box(&portfolio), &valuer).unwrap();
                inputs.model().margin(&book, &set, inputs.scenarios(), moment).unwrap()
            });
        });
    }
    let portfolios: Vec<_> = (0..100).map(|seed| common::portfolio(seed, 4, 0)).collect();
    c.bench_function("one bar of 100 pairs", |b| {
        let start = || Replay::new(&inputs, &portfolios).unwrap();
        b.iter_batched(start, |mut replay| replay.next().unwrap().unwrap(), BatchSize::LargeInput);
    });
}

criterion_group!(benches, pricing, statistics, margin);
criterion_main!(benches);
