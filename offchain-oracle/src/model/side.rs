use super::params::share;
use super::tail::deep_shortfall;
use super::wrong_way::{linear_profit, side_sign};
use super::{expected_shortfall, Book, CollateralExplanation, Model, Shocks};
use crate::market::Scenario;
use crate::pricing::Black;
use ringfence_protocol::Party;

/// One side's numbers, US dollars of loss to that side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SideExplanation {
    /// Expected shortfall at the margin level and current volatility.
    pub current: f64,
    /// The same at stressed volatility.
    pub stressed: f64,
    /// The larger of `current` and the blend of both: initial margin before add-ons.
    pub simulated: f64,
    /// The collateral in coins that the side has pledged.
    pub collateral: CollateralExplanation,
    /// Initial margin: `simulated`, the cost of closing out and the wrong-way add-on.
    pub initial: f64,
    /// Expected shortfall at the tail level from the fitted tail, blended in the same way.
    pub tail_shortfall: f64,
    /// Shape of the tail fitted at current volatility; none if nothing could be fitted.
    pub tail_shape: Option<f64>,
    /// The worst stress scenario's loss; zero if none is a loss.
    pub worst_stress: f64,
    /// Its name; empty if none is a loss.
    pub worst_stress_name: String,
}

/// Both tails of the pair's profit at one level of volatility, in each case of implied volatility.
pub(super) struct Tails {
    cases: Vec<Vec<f64>>,
}

impl Model {
    /// Sorted profits: one case without options, otherwise implied volatility as the scenario has it, scanned down and
    /// scanned up.
    pub(super) fn tails(&self, book: &Book, shocks: &Shocks) -> Tails {
        let scan = share(self.params.scan_ppm);
        let scans: &[f64] = if book.options.is_empty() { &[0.0] } else { &[0.0, -scan, scan] };
        let cases = scans.iter().map(|scan| {
            let mut profits = shocks.profits(book, *scan);
            profits.sort_unstable_by(f64::total_cmp);
            profits
        });
        Tails { cases: cases.collect() }
    }

    /// The procyclicality floor: EMIR RTS 153/2013 article 28(1)(b), as a floor, so that stressed volatility can raise a
    /// calm margin and never lowers a stressed one.
    pub fn floored(&self, current: f64, stressed: f64) -> f64 {
        let weight = share(self.params.stress_weight_ppm);
        let mixed = (1.0 - weight) * current + weight * stressed;
        if current > mixed {
            current
        } else {
            mixed
        }
    }

    /// A's profit in a named scenario: dollars in each coin times its return, and every option revalued at its strike's
    /// volatility, stretched as the filter would stretch it after such a move from stressed volatility.
    pub(super) fn stress_profit(&self, book: &Book, scenario: &Scenario) -> f64 {
        let linear = linear_profit(&book.exposure, scenario);
        let stressed = self.stressed_volatility();
        book.options.iter().fold(linear, |sum, held| {
            let growth = 1.0 + super::convert::rate_to_f64_nearest(scenario.returns[held.symbol]);
            let stretch = super::shocks::stretch_of(libm::log(growth) / stressed[held.symbol], &self.params);
            let damping = super::shocks::damping(held.option.years, f64::from(self.params.scan_days) / 365.0);
            let volatility = held.option.volatility * (1.0 + damping * (stretch - 1.0));
            let moved = Black { forward: held.option.forward * growth, volatility, ..held.option };
            sum + held.quantity * (moved.price() - held.option.price())
        })
    }

    /// The worst known scenario's loss to one side, and its name.
    pub(super) fn worst_stress<'a>(
        &self,
        book: &Book,
        party: Party,
        scenarios: impl Iterator<Item = &'a Scenario>,
    ) -> (f64, String) {
        scenarios.fold((0.0, String::new()), |worst, scenario| {
            let loss = side_sign(party) * self.stress_profit(book, scenario);
            if loss > worst.0 {
                (loss, scenario.name.clone())
            } else {
                worst
            }
        })
    }
}

impl Tails {
    /// Expected shortfall of one side at a tail level, in its worst case of implied volatility; at least zero.
    pub(super) fn shortfall(&self, party: Party, tail_ppm: u32) -> f64 {
        self.worst(|profits| match party {
            Party::A => expected_shortfall(profits.iter().map(|profit| -profit), profits.len(), tail_ppm),
            Party::B => expected_shortfall(profits.iter().rev().copied(), profits.len(), tail_ppm),
        })
    }

    /// The same from a fitted tail, with the shape of the first case's.
    pub(super) fn deep_shortfall(&self, party: Party, tail_ppm: u32, peak_ppm: u32) -> (f64, Option<f64>) {
        let losses = |profits: &[f64]| -> Vec<f64> {
            match party {
                Party::A => profits.iter().map(|profit| -profit).collect(),
                Party::B => profits.iter().rev().copied().collect(),
            }
        };
        let shape = self.cases.first().and_then(|profits| deep_shortfall(&losses(profits), tail_ppm, peak_ppm).1);
        (self.worst(|profits| deep_shortfall(&losses(profits), tail_ppm, peak_ppm).0), shape)
    }

    fn worst(&self, of: impl Fn(&[f64]) -> f64) -> f64 {
        self.cases.iter().map(|profits| of(profits)).fold(0.0, |worst, loss| if loss > worst { loss } else { worst })
    }
}
