use super::convert::{exposure_to_f64_nearest, usd_to_micro_up};
use super::params::share;
use super::{expected_shortfall, Model, Volatility};
use crate::market::{Scenario, Scenarios};
use crate::portfolio::Portfolio;
use crate::symbol::{BySymbol, Symbol};
use crate::units::{MicroUsd, Price};
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
    /// Gross value of the net positions at the marks.
    pub gross_exposure: f64,
}

/// One side's numbers, US dollars of loss to that side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SideExplanation {
    /// Expected shortfall at the margin level and current volatility.
    pub current: f64,
    /// The same at stressed volatility.
    pub stressed: f64,
    /// Initial margin: the larger of `current` and the blend of both.
    pub initial: f64,
    /// Expected shortfall at the tail level, blended in the same way.
    pub tail_shortfall: f64,
    /// The worst stress scenario's loss; zero if none is a loss.
    pub worst_stress: f64,
    /// Its name; empty if none is a loss.
    pub worst_stress_name: String,
}

impl Model {
    /// Initial margin of both sides and the tail requirement of one pair at one moment.
    ///
    /// `IM = max(ES99(current), (1 - w) ES99(current) + w ES99(stressed))`, from the lower tail of the pair's profit for A
    /// and the upper for B, at least zero. `tail = max over sides of max(0, max(ES99.9, worst stress) - IM)`, the ES
    /// blended in the same way. Funding over the margin period of risk is left out (0.03 % of notional a day).
    ///
    /// # Errors
    /// A coin without a mark, or a number that is no usable amount.
    pub fn margin(
        &self,
        portfolio: &Portfolio,
        marks: &BySymbol<Option<Price>>,
        volatility: &Volatility,
        scenarios: &Scenarios,
        moment: Timestamp,
    ) -> Result<(Margin, Explanation), ValueError> {
        let exposure = exposure(portfolio, marks)?;
        let current = self.profits_worst_first(&exposure, &volatility.all_daily());
        let stressed = self.profits_worst_first(&exposure, &self.stressed_volatility());
        let side = |party| {
            let shortfall = |profits: &[f64], tail_ppm| side_shortfall(profits, party, tail_ppm);
            let blend = |tail_ppm| self.blend(shortfall(&current, tail_ppm), shortfall(&stressed, tail_ppm));
            let (worst_stress, worst_stress_name) = worst_stress(&exposure, party, scenarios.known_at(moment));
            SideExplanation {
                current: shortfall(&current, self.params.margin_tail_ppm),
                stressed: shortfall(&stressed, self.params.margin_tail_ppm),
                initial: blend(self.params.margin_tail_ppm),
                tail_shortfall: blend(self.params.cover_tail_ppm),
                worst_stress,
                worst_stress_name,
            }
        };
        let sides = Pair { a: side(Party::A), b: side(Party::B) };
        let gross_exposure = Symbol::ALL.into_iter().fold(0.0, |sum, symbol| sum + libm::fabs(exposure[symbol]));
        let margin = round(&sides, portfolio.pair())?;
        Ok((margin, Explanation { sides, gross_exposure }))
    }

    /// The procyclicality floor: EMIR RTS 153/2013 article 28(1)(b), as a floor, so that stressed volatility can raise a
    /// calm margin and never lowers a stressed one.
    fn blend(&self, current: f64, stressed: f64) -> f64 {
        let weight = share(self.params.stress_weight_ppm);
        let mixed = (1.0 - weight) * current + weight * stressed;
        if current > mixed {
            current
        } else {
            mixed
        }
    }
}

fn exposure(portfolio: &Portfolio, marks: &BySymbol<Option<Price>>) -> Result<BySymbol<f64>, ValueError> {
    let net = portfolio.net();
    BySymbol::try_from_fn(|symbol| match (net[symbol], marks[symbol]) {
        (0, _) => Ok(0.0),
        (_, None) => Err(ValueError::NoMark { pair: portfolio.pair().to_owned(), symbol }),
        (net, Some(mark)) => exposure_to_f64_nearest(net, mark)
            .ok_or_else(|| ValueError::OutOfRange { pair: portfolio.pair().to_owned() }),
    })
}

fn side_shortfall(worst_first: &[f64], party: Party, tail_ppm: u32) -> f64 {
    let count = worst_first.len();
    let loss = match party {
        Party::A => expected_shortfall(worst_first.iter().map(|profit| -profit), count, tail_ppm),
        Party::B => expected_shortfall(worst_first.iter().rev().copied(), count, tail_ppm),
    };
    if loss < 0.0 {
        0.0
    } else {
        loss
    }
}

fn worst_stress<'a>(
    exposure: &BySymbol<f64>,
    party: Party,
    scenarios: impl Iterator<Item = &'a Scenario>,
) -> (f64, String) {
    let sign = match party {
        Party::A => -1.0,
        Party::B => 1.0,
    };
    scenarios.fold((0.0, String::new()), |worst, scenario| {
        let profit = Symbol::ALL.into_iter().fold(0.0, |sum, symbol| {
            let share = super::convert::int_to_f64_nearest(scenario.returns[symbol].get().into()) / 1e8;
            sum + exposure[symbol] * share
        });
        let loss = sign * profit;
        if loss > worst.0 {
            (loss, scenario.name.clone())
        } else {
            worst
        }
    })
}

/// Rounds up at the boundary; the tail is the difference of two rounded numbers, so that margin and tail together are
/// never below the loss they stand for.
fn round(sides: &Pair<SideExplanation>, pair: &str) -> Result<Margin, ValueError> {
    let up = |usd, what| usd_to_micro_up(usd).ok_or_else(|| ValueError::NotAnAmount { pair: pair.to_owned(), what });
    let tail_of = |side: &SideExplanation, initial: MicroUsd| -> Result<MicroUsd, ValueError> {
        let shortfall = up(side.tail_shortfall, "the tail shortfall")?;
        let stress = up(side.worst_stress, "the stress loss")?;
        Ok(MicroUsd::new(shortfall.max(stress).get().saturating_sub(initial.get()).max(0)))
    };
    let initial = Pair { a: up(sides.a.initial, "initial margin A")?, b: up(sides.b.initial, "initial margin B")? };
    let tail = tail_of(&sides.a, initial.a)?.max(tail_of(&sides.b, initial.b)?);
    Ok(Margin { initial, tail })
}
