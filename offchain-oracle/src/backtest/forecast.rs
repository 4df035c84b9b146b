use crate::market::DailyClose;
use crate::model::{expected_shortfall, value_at_risk, Model, Shocks, Volatility};
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use ringfence_protocol::units::{Seconds, Timestamp};

/// A constant exposure: dollars of each coin, restored every evening.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exposure {
    /// Its name.
    pub name: &'static str,
    /// Dollars of Bitcoin.
    pub btc: f64,
    /// Dollars of Solana.
    pub sol: f64,
}

/// Long, short and spread in the two coins that have a history.
pub const EXPOSURES: [Exposure; 8] = [
    Exposure { name: "long BTC", btc: 1.0, sol: 0.0 },
    Exposure { name: "short BTC", btc: -1.0, sol: 0.0 },
    Exposure { name: "long SOL", btc: 0.0, sol: 1.0 },
    Exposure { name: "short SOL", btc: 0.0, sol: -1.0 },
    Exposure { name: "BTC less SOL", btc: 1.0, sol: -1.0 },
    Exposure { name: "SOL less BTC", btc: -1.0, sol: 1.0 },
    Exposure { name: "long both", btc: 1.0, sol: 1.0 },
    Exposure { name: "short both", btc: -1.0, sol: -1.0 },
];

/// What was forecast the evening before, and what happened. Shares of the exposure's dollar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
    /// The midnight that opens the day.
    pub day: Timestamp,
    /// Profit over the day.
    pub profit: f64,
    /// Value at risk at the margin level.
    pub value_at_risk: f64,
    /// Expected shortfall at the margin level.
    pub shortfall: f64,
    /// Initial margin before add-ons: the shortfall with the floor against procyclicality.
    pub margin: f64,
}

impl Day {
    /// True if the loss was beyond value at risk.
    pub fn is_exception(&self) -> bool {
        -self.profit > self.value_at_risk
    }
}

/// One exposure over the test days.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// Which.
    pub exposure: Exposure,
    /// The days.
    pub days: Vec<Day>,
    /// Each day's forecast distribution of profit, worst first.
    pub forecasts: Vec<Vec<f64>>,
}

impl Exposure {
    const fn dollars(&self) -> BySymbol<f64> {
        BySymbol::of(self.btc, 0.0, self.sol, 0.0)
    }

    /// Forecasts every day after the first from the evening before it. `closes` starts at the last day that the model knows.
    pub fn track(&self, model: &Model, closes: &[DailyClose]) -> Track {
        let dollars = self.dollars();
        let tail_ppm = model.params().margin_tail_ppm;
        let stressed = sorted_profits(&model.shocks(&model.stressed_volatility()), &dollars);
        let shortfall = |profits: &[f64]| expected_shortfall(profits.iter().map(|p| -p), profits.len(), tail_ppm);
        let stressed = shortfall(&stressed);
        let mut volatility = model.last_volatility();
        let mut track = Track { exposure: *self, days: Vec::new(), forecasts: Vec::new() };
        for (before, after) in closes.iter().zip(closes.iter().skip(1)) {
            let profits = sorted_profits(&model.shocks(&volatility.all_daily()), &dollars);
            let current = shortfall(&profits);
            track.days.push(Day {
                day: after.day,
                profit: realised(&dollars, before, after),
                value_at_risk: value_at_risk(profits.iter().map(|p| -p), profits.len(), tail_ppm),
                shortfall: current,
                margin: model.floored(current, stressed),
            });
            track.forecasts.push(profits);
            volatility = step(&volatility, before, after);
        }
        track
    }
}

fn sorted_profits(shocks: &Shocks, dollars: &BySymbol<f64>) -> Vec<f64> {
    let mut profits = shocks.linear_profits(dollars);
    profits.sort_unstable_by(f64::total_cmp);
    profits
}

fn realised(dollars: &BySymbol<f64>, before: &DailyClose, after: &DailyClose) -> f64 {
    let value = crate::model::convert::price_to_f64_nearest;
    let gain = |from: Price, to: Price| value(to) / value(from) - 1.0;
    dollars[Symbol::Btc] * gain(before.btc, after.btc) + dollars[Symbol::Sol] * gain(before.sol, after.sol)
}

fn step(volatility: &Volatility, before: &DailyClose, after: &DailyClose) -> Volatility {
    let marks = |close: &DailyClose| BySymbol::of(Some(close.btc), None, Some(close.sol), None);
    volatility.after(&marks(before), &marks(after), Seconds::DAY)
}
