use super::params::share;
use super::tail::deep_shortfall;
use super::wrong_way::{linear_profit, side_sign};
use super::{expected_shortfall, larger, Book, CollateralExplanation, LossCurve, Model, Shocks};
use crate::market::Scenario;
use crate::pricing::Black;
use crate::value::ValueError;
use ringfence_protocol::{Pair, Party};

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

/// All losses of one side, US dollars.
#[derive(Clone, Debug, PartialEq)]
pub struct SideLosses {
    /// One a scenario, in the order of the history.
    pub losses: Vec<f64>,
    /// Their distribution.
    pub curve: LossCurve,
    /// The share by which this case shifts implied volatility.
    pub scan: f64,
}

/// Both tails of the pair's profit at one level of volatility, in each case of implied volatility.
pub(super) struct Tails {
    cases: Vec<Pair<Vec<f64>>>,
    /// Scenarios behind each case; more than there are losses in a tail.
    count: usize,
}

impl Model {
    /// The largest losses of each side: one case without options, otherwise implied volatility as the scenario has it,
    /// scanned down and scanned up.
    pub(super) fn tails(&self, book: &Book, shocks: &Shocks) -> Tails {
        let count = shocks.count();
        // What the deepest look into a tail needs: the peaks and the threshold, or the margin level's border.
        let deepest = u64::from(self.params.peak_ppm.max(self.params.margin_tail_ppm));
        let kept =
            u64::try_from(count).unwrap_or(u64::MAX).saturating_mul(deepest).div_ceil(1_000_000).saturating_add(1);
        let kept = usize::try_from(kept).unwrap_or(usize::MAX);
        let cases = self.scans(book).into_iter().map(|scan| {
            let mut profits = shocks.profits(book, scan);
            let a = largest(&mut profits, kept, |profit| -profit);
            Pair { a, b: largest(&mut profits, kept, |profit| profit) }
        });
        Tails { cases: cases.collect(), count }
    }

    /// The losses of both sides in every scenario of `shocks`, in the order of the history: what [`Self::tails`] keeps the worst
    /// of. Of the cases of implied volatility it is, for each side, the one with the largest fitted expected shortfall at the
    /// tail level, the one that a tail requirement would count.
    ///
    /// # Errors
    /// A loss that is no finite number.
    pub fn side_losses(&self, book: &Book, shocks: &Shocks) -> Result<Pair<SideLosses>, ValueError> {
        let cases: Vec<(f64, Vec<f64>)> =
            self.scans(book).into_iter().map(|scan| (scan, shocks.profits(book, scan))).collect();
        let side = |party| {
            let mut worst: Option<(f64, SideLosses)> = None;
            for (scan, profits) in &cases {
                let losses: Vec<f64> = profits.iter().map(|profit| side_sign(party) * profit).collect();
                let curve = LossCurve::new(losses.clone(), self.params.peak_ppm).ok_or_else(|| {
                    ValueError::NotAnAmount { pair: book.pair.clone(), what: "the loss in a scenario" }
                })?;
                let (tail_ppm, peak_ppm) = (self.params.cover_tail_ppm, self.params.peak_ppm);
                let (deep, _) = deep_shortfall(curve.scenarios(), losses.len(), tail_ppm, peak_ppm);
                if worst.as_ref().is_none_or(|(most, _)| deep > *most) {
                    worst = Some((deep, SideLosses { losses, curve, scan: *scan }));
                }
            }
            worst
                .map(|(_, losses)| losses)
                .ok_or_else(|| ValueError::NotAnAmount { pair: book.pair.clone(), what: "the number of scenarios" })
        };
        Ok(Pair { a: side(Party::A)?, b: side(Party::B)? })
    }

    /// The shifts of implied volatility that are looked at: none without options.
    fn scans(&self, book: &Book) -> Vec<f64> {
        let scan = share(self.params.scan_ppm);
        if book.options.is_empty() {
            vec![0.0]
        } else {
            vec![0.0, -scan, scan]
        }
    }

    /// The procyclicality floor: EMIR RTS 153/2013 article 28(1)(b), as a floor, so that stressed volatility can raise a
    /// calm margin and never lowers a stressed one.
    pub fn floored(&self, current: f64, stressed: f64) -> f64 {
        let weight = share(self.params.stress_weight_ppm);
        let mixed = (1.0 - weight) * current + weight * stressed;
        larger(current, mixed)
    }

    /// A's profit in a named scenario: dollars in each coin times its return, and every option revalued at its strike's
    /// volatility, stretched as the filter would stretch it after such a move from stressed volatility.
    fn stress_profit(&self, book: &Book, scenario: &Scenario) -> f64 {
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

    /// A's profit in each of the scenarios, US dollars.
    pub fn stress_profits<'a>(
        &self,
        book: &Book,
        scenarios: impl Iterator<Item = &'a Scenario>,
    ) -> Vec<(&'a Scenario, f64)> {
        scenarios.map(|scenario| (scenario, self.stress_profit(book, scenario))).collect()
    }
}

/// The worst scenario's loss to one side, and its name.
pub(super) fn worst_stress(party: Party, profits: &[(&Scenario, f64)]) -> (f64, String) {
    let start = (0.0, "");
    let (loss, name) = profits.iter().fold(start, |worst, (scenario, profit)| {
        let loss = side_sign(party) * profit;
        if loss > worst.0 || loss.is_nan() {
            (loss, &scenario.name)
        } else {
            worst
        }
    });
    (loss, name.to_owned())
}

/// The `kept` largest losses, worst first. The profits are left in another order. If any is no finite number, so is every
/// loss.
fn largest(profits: &mut [f64], kept: usize, loss: impl Fn(f64) -> f64) -> Vec<f64> {
    if profits.iter().any(|profit| !profit.is_finite()) {
        return vec![f64::NAN; kept];
    }
    let worse = |a: &f64, b: &f64| loss(*b).total_cmp(&loss(*a));
    if kept < profits.len() {
        profits.select_nth_unstable_by(kept, worse);
    }
    let mut losses: Vec<f64> = profits.iter().take(kept).map(|profit| loss(*profit)).collect();
    losses.sort_unstable_by(|a, b| b.total_cmp(a));
    losses
}

impl Tails {
    /// Expected shortfall of one side at a tail level, in its worst case of implied volatility; at least zero.
    pub(super) fn shortfall(&self, party: Party, tail_ppm: u32) -> f64 {
        let losses = self.cases.iter().map(|case| case.of(party));
        let shortfalls = losses.map(|losses| expected_shortfall(losses.iter().copied(), self.count, tail_ppm));
        shortfalls.fold(0.0, larger)
    }

    /// The same from a fitted tail, with the shape of the first case's.
    pub(super) fn deep_shortfall(&self, party: Party, tail_ppm: u32, peak_ppm: u32) -> (f64, Option<f64>) {
        let losses = self.cases.iter().map(|case| case.of(party));
        let fits: Vec<_> = losses.map(|losses| deep_shortfall(losses, self.count, tail_ppm, peak_ppm)).collect();
        let worst = fits.iter().map(|(loss, _)| *loss).fold(0.0, larger);
        (worst, fits.first().and_then(|(_, shape)| *shape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_largest_losses_are_those_of_a_full_sort(profits in proptest::collection::vec(-1e6_f64..1e6, 1..200), kept in 1_usize..250) {
            let mut sorted = profits.clone();
            sorted.sort_by(f64::total_cmp);
            let a: Vec<f64> = sorted.iter().take(kept).map(|profit| -profit).collect();
            let b: Vec<f64> = sorted.iter().rev().take(kept).copied().collect();
            let mut work = profits;
            prop_assert_eq!(largest(&mut work, kept, |profit| -profit), a);
            prop_assert_eq!(largest(&mut work, kept, |profit| profit), b);
        }
    }
}
