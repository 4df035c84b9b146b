use super::add_on::CloseOutCost;
use super::convert::usd_to_micro_up;
use super::{Book, Model, ScenarioSet, SideExplanation};
use crate::market::Scenarios;
use crate::units::MicroUsd;
use crate::value::ValueError;
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::{Pair, Party};

/// What a pair has to hold. Never negative; every number is rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Margin {
    /// Initial margin of each side.
    pub initial: Pair<MicroUsd>,
    /// Loss beyond initial margin that ring-fenced capital and bonds have to cover: the worse side's.
    pub tail: MicroUsd,
}

/// Where a margin comes from, US dollars.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Each side's numbers.
    pub sides: Pair<SideExplanation>,
    /// What closing out costs either side.
    pub close_out: CloseOutCost,
    /// Gross value of the net deltas at the marks.
    pub gross_exposure: f64,
}

impl Model {
    /// Initial margin of both sides and the tail requirement of one pair at one moment.
    ///
    /// `IM = max(ES99(current), (1 - w) ES99(current) + w ES99(stressed)) + close-out cost + wrong-way add-on`, from the
    /// lower tail of the pair's profit for A and the upper for B, at least zero. `tail = max over sides of
    /// max(0, max(ES99.9, worst stress) + close-out cost - IM)`, the ES from a fitted tail and blended in the same way.
    /// Funding over the margin period of risk is left out (0.03 % of notional a day).
    ///
    /// # Errors
    /// A number that is no usable amount.
    pub fn margin(
        &self,
        book: &Book,
        set: &ScenarioSet,
        scenarios: &Scenarios,
        moment: Timestamp,
    ) -> Result<(Margin, Explanation), ValueError> {
        let params = &self.params;
        let (current, stressed) = (self.tails(book, &set.current), self.tails(book, &set.stressed));
        let close_out = self.close_out_cost(book);
        let stress = self.stress_profits(book, scenarios.known_at(moment));
        let side = |party| {
            let (worst_stress, worst_stress_name) = super::side::worst_stress(party, &stress);
            let shortfalls =
                (current.shortfall(party, params.margin_tail_ppm), stressed.shortfall(party, params.margin_tail_ppm));
            let deep = |tails: &super::side::Tails| tails.deep_shortfall(party, params.cover_tail_ppm, params.peak_ppm);
            let (deep_current, tail_shape) = deep(&current);
            let simulated = self.floored(shortfalls.0, shortfalls.1);
            let collateral = self.wrong_way(book, party, &set.current, &stress);
            SideExplanation {
                current: shortfalls.0,
                stressed: shortfalls.1,
                simulated,
                initial: simulated + close_out.liquidity + close_out.concentration + collateral.wrong_way,
                collateral,
                tail_shortfall: self.floored(deep_current, deep(&stressed).0),
                tail_shape,
                worst_stress,
                worst_stress_name,
            }
        };
        let sides = Pair { a: side(Party::A), b: side(Party::B) };
        let explanation = Explanation { sides, close_out, gross_exposure: book.gross() };
        Ok((round(&explanation, &book.pair)?, explanation))
    }
}

/// Rounds up at the boundary; the tail is the difference of two rounded numbers, so that margin and tail together are
/// never below the loss they stand for.
fn round(explanation: &Explanation, pair: &str) -> Result<Margin, ValueError> {
    let up = |usd, what| usd_to_micro_up(usd).ok_or_else(|| ValueError::NotAnAmount { pair: pair.to_owned(), what });
    let cost = explanation.close_out.liquidity + explanation.close_out.concentration;
    let tail_of = |side: &SideExplanation, initial: MicroUsd| -> Result<MicroUsd, ValueError> {
        let shortfall = up(side.tail_shortfall + cost, "the tail shortfall")?;
        let stress = up(side.worst_stress + cost, "the stress loss")?;
        Ok(MicroUsd::new(shortfall.max(stress).get().saturating_sub(initial.get()).max(0)))
    };
    let sides = &explanation.sides;
    let initial = Pair { a: up(sides.a.initial, "initial margin A")?, b: up(sides.b.initial, "initial margin B")? };
    let tail = tail_of(&sides.a, initial.a)?.max(tail_of(&sides.b, initial.b)?);
    Ok(Margin { initial, tail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inputs::{DataPaths, Inputs};
    use crate::model::ModelParams;
    use crate::symbol::BySymbol;
    use std::path::Path;

    /// Whatever can't be computed is an error, never a small margin.
    #[test]
    fn nonsense_in_a_book_gives_no_margin() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
        let inputs = Inputs::load(&DataPaths::in_dir(&data), ModelParams::STANDARD).unwrap();
        let set = inputs.model().scenario_set(&inputs.model().initial_volatility());
        let none = BySymbol::of(0.0, 0.0, 0.0, 0.0);
        let margin = |exposure, collateral| {
            let book =
                Book { pair: "p".to_owned(), exposure, options: vec![], collateral: Pair { a: collateral, b: none } };
            inputs.model().margin(&book, &set, inputs.scenarios(), Timestamp::new(1_800_000_000))
        };
        assert!(margin(BySymbol::of(1.0, 0.0, -1.0, 0.0), none).is_ok());
        for bad in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, f64::MAX] {
            assert!(margin(BySymbol::of(bad, 0.0, 0.0, 0.0), none).is_err(), "{bad}");
            assert!(margin(BySymbol::of(1.0, bad, 0.0, 0.0), none).is_err(), "{bad}");
        }
        assert!(margin(BySymbol::of(1.0, 0.0, 0.0, 0.0), BySymbol::of(f64::NAN, 0.0, 0.0, 0.0)).is_err());
    }
}
