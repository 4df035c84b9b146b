//! A plausible outcome for tests: real marks, a crude margin simulation, one default.

use crate::outcome::{
    Bar, ChainOutcome, Checks, DefaultOutcome, DefaultTimes, EntityOutcome, HolderOutcome, Isolation, Layer, Outcome,
    PairOutcome, Point, SeriesOutcome,
};

const BARS: &str = include_str!("../../../data/crash-2025-10-10.csv");
const USD: u128 = 1_000_000;
const FIRST_CLOSE: u64 = 1_760_119_500;

/// Name, column of the close, parties, coins, margins paid in, requirement.
type Plan = (&'static str, usize, [&'static str; 2], f64, (u128, u128), u128);

const PLANS: [Plan; 4] = [
    ("BTC", 1, ["Northgate Capital", "Halyard Trading"], 300.0, (5_200_000 * USD, 5_600_000 * USD), 4_600_000 * USD),
    ("ETH", 3, ["Corvid Partners", "Meridian Markets"], 5_000.0, (3_600_000 * USD, 3_800_000 * USD), 3_100_000 * USD),
    ("SOL", 5, ["Tessera Fund", "Ostler & Wynne"], 40_000.0, (2_000_000 * USD, 2_500_000 * USD), 1_900_000 * USD),
    (
        "XRP",
        7,
        ["Quillon Asset Management", "Pemberton Securities"],
        2e6,
        (450_000 * USD, 1_700_000 * USD),
        1_250_000 * USD,
    ),
];

/// The run of the main job, more or less: XRP's party A defaults at 21:20.
pub(crate) fn outcome() -> Outcome {
    let bars: Vec<Bar> = BARS.lines().skip(1).zip(0_u64..).map(|(row, index)| bar(row, index)).collect();
    let pairs: Vec<PairOutcome> = PLANS.iter().map(|plan| pair(plan, &bars)).collect();
    let hash = |byte: &str| format!("0x{}", byte.repeat(32));
    let across_default = [("BTC", "a1"), ("ETH", "b2"), ("SOL", "c3")]
        .map(|(pair, byte)| Isolation {
            pair: pair.into(),
            before: hash(byte),
            after: hash(byte),
            balance: (9_600_000 * USD, 9_600_000 * USD),
        })
        .to_vec();
    Outcome {
        bars,
        pairs,
        defaults: vec![default()],
        series: series(),
        entity: EntityOutcome {
            deposited: 6_000_000 * USD,
            allocated: [("BTC", 1_500_000), ("ETH", 1_000_000), ("SOL", 500_000), ("XRP", 150_000)]
                .map(|(pair, usd)| (pair.into(), usd * USD))
                .to_vec(),
            lost: [("BTC", 0), ("ETH", 0), ("SOL", 0), ("XRP", 150_000)]
                .map(|(pair, usd)| (pair.into(), usd * USD))
                .to_vec(),
            free_at_end: 5_844_082_191_780,
            reserves: 420_000,
        },
        checks: Checks { conserve: 301, isolate: 301, across_default },
        chain: ChainOutcome { calls: 352, settle_weight: (2_813_000_000, 61_234), replay_ms: 21_480 },
    }
}

/// The same day with nobody in default.
pub(crate) fn calm() -> Outcome {
    let mut outcome = outcome();
    outcome.defaults.clear();
    outcome.checks.across_default.clear();
    outcome.pairs.pop();
    outcome
}

/// A run that ended before it began.
pub(crate) fn empty() -> Outcome {
    let mut outcome = calm();
    outcome.bars.clear();
    outcome.pairs.clear();
    outcome.series.holders.clear();
    outcome.entity.allocated.clear();
    outcome.entity.lost.clear();
    outcome
}

fn bar(row: &str, index: u64) -> Bar {
    let cells: Vec<&str> = row.split(',').collect();
    let marks = PLANS.iter().map(|plan| (plan.0.to_string(), cells[plan.1].to_string())).collect();
    Bar { time: FIRST_CLOSE + 300 * index, marks }
}

fn pair(&(name, column, parties, coins, deposited, required): &Plan, bars: &[Bar]) -> PairOutcome {
    let price = |bar: &Bar| bar.marks[(column - 1) / 2].1.parse::<f64>().unwrap();
    let (start, defaulting) = (price(&bars[0]), name == "XRP");
    let mut paid_in = (i128::try_from(deposited.0).unwrap(), i128::try_from(deposited.1).unwrap());
    let (mut points, mut calls, mut moved, mut last) = (Vec::new(), 0, 0, 0);
    for (index, bar) in bars.iter().enumerate() {
        if defaulting && index > 39 {
            break;
        }
        let entitlement = ((price(bar) - start) * coins) as i128 * 1_000_000;
        let requirement = required + required * index as u128 / 200;
        let owed = -(paid_in.0 + entitlement).min(0);
        let margin = (paid_in.0 + entitlement + owed, paid_in.1 - entitlement - owed);
        points.push(Point {
            time: bar.time,
            entitlement,
            margin: (margin.0.unsigned_abs(), margin.1.unsigned_abs()),
            required: (requirement, requirement + required / 20),
            deficit: (owed.unsigned_abs(), 0),
            tail: (required * 2 / 5, required / 2),
        });
        if !defaulting && margin.0 < i128::try_from(requirement).unwrap() {
            calls += 1;
            paid_in.0 += i128::try_from(requirement).unwrap() - margin.0 + 100_000_000_000;
        }
        moved += (entitlement - last).unsigned_abs();
        last = entitlement;
    }
    let last_margin = points.last().map_or((0, 0), |point| point.margin);
    let withdrawn = if defaulting { (0, 2_741_800 * USD) } else { last_margin };
    PairOutcome {
        name: name.into(),
        party_a: parties[0].into(),
        party_b: parties[1].into(),
        vault: format!("0x{}", "5f0c".repeat(10)),
        settlements: u32::try_from(points.len()).unwrap(),
        points,
        calls: calls + u32::from(defaulting),
        cures: calls,
        variation_margin_moved: moved,
        deposited: (paid_in.0.unsigned_abs(), deposited.1),
        withdrawn,
        ended: if defaulting { "closed out" } else { "terminated by both" }.into(),
    }
}

fn default() -> DefaultOutcome {
    let layer = |name: &str, available: u128, paid: u128| Layer {
        name: name.into(),
        available: available * USD,
        paid: paid * USD,
    };
    DefaultOutcome {
        pair: "XRP".into(),
        defaulter: "Quillon Asset Management".into(),
        survivor: "Pemberton Securities".into(),
        times: DefaultTimes {
            called: FIRST_CLOSE,
            deadline: FIRST_CLOSE + 11_400,
            defaulted: FIRST_CLOSE + 11_700,
            closed_out: FIRST_CLOSE + 12_000,
        },
        survivor_margin_before: 2_150_000 * USD,
        claim: 591_800 * USD,
        layers: vec![
            layer("defaulter's margin", 0, 0),
            layer("entity's first-loss capital", 150_000, 150_000),
            layer("tail-risk bond", 600_000, 441_800),
        ],
        residual: 0,
        survivor_paid_out: 2_741_800 * USD,
        defaulter_paid_out: 0,
    }
}

fn series() -> SeriesOutcome {
    let holder = |name: &str, bid: (u128, u16), notes: u128, lost: u128| HolderOutcome {
        name: name.into(),
        bid: bid.0 * USD,
        bid_spread_bps: bid.1,
        notes: notes * USD,
        refund: (bid.0 - notes) * USD,
        principal_redeemed: (notes - lost) * USD,
        premium: notes * USD / 380,
        written_down: lost * USD,
    };
    SeriesOutcome {
        pair: "XRP".into(),
        bond: format!("0x{}", "b07d".repeat(10)),
        max_spread_bps: 1_200,
        spread_bps: 1_050,
        limit: 600_000 * USD,
        demand: 900_000 * USD,
        principal: 600_000 * USD,
        written_down: 441_800 * USD,
        premium_escrowed: 5_917_808_219,
        premium_returned: 4_338_860_000,
        on_risk: FIRST_CLOSE - 3_300,
        matured: FIRST_CLOSE - 3_300 + 30 * 86_400,
        redeemed: FIRST_CLOSE + 31 * 86_400,
        holders: vec![
            holder("Larkspur Insurance-Linked", (300_000, 850), 300_000, 220_900),
            holder("Fenwick Credit", (250_000, 1_050), 187_500, 138_062),
            holder("Dovecote Family Office", (150_000, 1_050), 112_500, 82_838),
            holder("Amberley Pension Scheme", (200_000, 1_200), 0, 0),
        ],
    }
}
