use super::book::Book;
use super::shocks::Shocks;
use super::{expected_shortfall, larger, Model};
use crate::market::Scenario;
use crate::symbol::{BySymbol, Symbol};
use ringfence_protocol::Party;

/// Collateral in coins of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CollateralExplanation {
    /// Its value at the marks, US dollars.
    pub value: f64,
    /// Expected shortfall of that value, held alone: the haircut, US dollars.
    pub haircut: f64,
    /// How much more than the haircut it loses just when its owner's positions lose most.
    pub wrong_way: f64,
}

impl Model {
    /// Haircut and wrong-way add-on of the coins that `party` has pledged.
    ///
    /// The haircut covers the collateral's own bad days. Wrong-way risk is that they are the positions' bad days too: the
    /// add-on is the excess over the haircut of the larger of (a) the collateral's mean loss over the scenarios in the tail
    /// of the positions' losses and (b) its loss in any known stress scenario in which the positions lose. It can't be
    /// negative. Source of the idea: BCBS 261 (2015), "Margin requirements for non-centrally cleared derivatives",
    /// paragraph 4.1: collateral must not be strongly correlated with the portfolio.
    pub(super) fn wrong_way(
        &self,
        book: &Book,
        party: Party,
        shocks: &Shocks,
        stress: &[(&Scenario, f64)],
    ) -> CollateralExplanation {
        let pledged = *book.collateral.of(party);
        let value = Symbol::ALL.into_iter().fold(0.0, |sum, symbol| sum + pledged[symbol]);
        if value <= 0.0 {
            return CollateralExplanation::default();
        }
        let sign = side_sign(party);
        let tail_ppm = self.params.margin_tail_ppm;
        let collateral: Vec<f64> = shocks.linear_profits(&pledged).into_iter().map(|profit| -profit).collect();
        let mut alone = collateral.clone();
        alone.sort_unstable_by(|a, b| b.total_cmp(a));
        let haircut = expected_shortfall(alone.iter().copied(), alone.len(), tail_ppm);
        let losses = shocks.profits(book, 0.0).into_iter().map(|profit| sign * profit);
        let mut days: Vec<(f64, f64)> = losses.zip(collateral).collect();
        days.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
        let in_tail = expected_shortfall(days.iter().map(|day| day.1), days.len(), tail_ppm);
        let worst = stress.iter().fold(in_tail, |worst, (scenario, profit)| {
            let lost = -linear_profit(&pledged, scenario);
            let positions = sign * profit;
            if positions > 0.0 && lost > worst {
                lost
            } else {
                worst
            }
        });
        CollateralExplanation { value, haircut, wrong_way: larger(worst - haircut, 0.0) }
    }
}

/// Turns A's profit into the side's loss.
pub(super) const fn side_sign(party: Party) -> f64 {
    match party {
        Party::A => -1.0,
        Party::B => 1.0,
    }
}

pub(super) fn linear_profit(exposure: &BySymbol<f64>, scenario: &Scenario) -> f64 {
    Symbol::ALL.into_iter().fold(0.0, |sum, symbol| {
        let share = super::convert::int_to_f64_nearest(scenario.returns[symbol].get().into()) / 1e8;
        sum + exposure[symbol] * share
    })
}
