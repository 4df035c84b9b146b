use super::layer::check_money;
use super::sample::{resample, Measures, Slice};
use super::{DefaultRates, Estimate, Layer, LayerError, PeriodPrice, Resampling};
use crate::inputs::Inputs;
use crate::model::convert::int_to_f64_nearest;
use crate::model::{Book, LossCurve, ParetoTail, ScenarioSet, SideLosses};
use crate::units::MicroUsd;
use crate::value::ValueError;
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::{Pair, Party};

/// What is to be priced, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The layer.
    pub layer: Layer,
    /// Margin that each side holds when it defaults, at least zero; none: the initial margin of the model.
    pub margin: Option<MicroUsd>,
    /// Standard errors and intervals.
    pub resampling: Resampling,
    /// How often who defaults; none: figures given a default only.
    pub defaults: Option<DefaultRates>,
}

/// A priced layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// Given the default of either side.
    pub sides: Pair<SidePrice>,
    /// Over the risk period, if default rates were given.
    pub period: Option<PeriodPrice>,
    /// Scenarios of the history.
    pub scenarios: usize,
    /// What closing out costs, US dollars: part of the loss.
    pub close_out_cost: f64,
}

/// A layer given that one side defaults. US dollars.
#[derive(Clone, Debug, PartialEq)]
pub struct SidePrice {
    /// Margin that the side holds.
    pub margin: MicroUsd,
    /// Loss, close-out cost included, at which the layer attaches.
    pub attaches_at: f64,
    /// Loss at which it is exhausted.
    pub exhausted_at: f64,
    /// Expected loss of the layer.
    pub expected_loss: Estimate,
    /// The chance that the layer loses anything, then at least each further twentieth of its limit: the occurrence exceedance
    /// curve. The first is the attachment probability, the last the exhaustion probability.
    pub exceedance: Vec<Estimate>,
    /// Expected loss by the scenarios alone, with no fitted tail.
    pub sampled_expected_loss: f64,
    /// Scenarios that reach the layer.
    pub reached_by: usize,
    /// The loss of the worst scenario, close-out cost included: the end of the data.
    pub worst_scenario: f64,
    /// The tail that stands in for the scenarios beyond its threshold, which is before close-out cost; none if nothing could be
    /// fitted.
    pub tail: Option<ParetoTail>,
    /// The share by which implied volatility is shifted in the case that counts for this side.
    pub scan: f64,
    /// What the layer loses in the worst known stress scenario, which has no probability.
    pub stress_loss: f64,
    /// The scenarios' distribution, before close-out cost.
    pub curve: LossCurve,
}

impl SidePrice {
    /// The chance that the layer loses anything.
    pub fn attachment(&self) -> Option<&Estimate> {
        self.exceedance.first()
    }

    /// The chance that it loses all of its limit.
    pub fn exhaustion(&self) -> Option<&Estimate> {
        self.exceedance.last()
    }

    /// Expected loss given that the layer attaches, US dollars: `expected loss / attachment probability`. None if it never does.
    pub fn expected_loss_once_attached(&self) -> Option<f64> {
        let attachment = self.attachment()?.value;
        (attachment > 0.0).then(|| self.expected_loss.value / attachment)
    }

    /// True if part of the layer lies beyond the fitted tail's threshold: the fit decides its figures.
    pub fn is_fitted(&self, close_out_cost: f64) -> bool {
        self.tail.is_some_and(|tail| self.exhausted_at - close_out_cost > tail.threshold)
    }

    /// True if the layer ends beyond the worst scenario: no data reaches its top.
    pub fn is_beyond_data(&self) -> bool {
        self.exhausted_at > self.worst_scenario
    }
}

impl Proposal {
    /// Checks every bound.
    ///
    /// # Errors
    /// The first member outside.
    pub fn validate(&self) -> Result<(), LayerError> {
        self.layer.validate()?;
        if let Some(margin) = self.margin {
            check_money("margin", margin)?;
        }
        self.resampling.validate()?;
        self.defaults.map_or(Ok(()), |defaults| defaults.validate())
    }
}

/// Prices a layer over a book in the scenarios of `set`: the losses are those at its current volatility, and so is the margin,
/// unless the proposal gives one.
///
/// Given the default of a side, `L` its loss over the margin period of risk and `c` the close-out cost, the layer attaches at
/// `m = margin + first loss + attachment` and loses `min(limit, max(0, L + c - m))`. Its expected loss is the integral of the
/// chance of exceedance from `m - c` to `m - c + limit`.
///
/// # Errors
/// A number that is no usable amount. The proposal must be valid.
pub fn price(
    inputs: &Inputs,
    book: &Book,
    set: &ScenarioSet,
    moment: Timestamp,
    proposal: &Proposal,
) -> Result<Price, ValueError> {
    let model = inputs.model();
    let (margin, explanation) = model.margin(book, set, inputs.scenarios(), moment)?;
    let cost = explanation.close_out.liquidity + explanation.close_out.concentration;
    let losses = model.side_losses(book, set.current())?;
    let held = |party| proposal.margin.unwrap_or(*margin.initial.of(party));
    let slice = |party| slice(&proposal.layer, held(party), cost);
    let slices = Pair { a: slice(Party::A), b: slice(Party::B) };
    let measures = Pair { a: slices.a.measures(&losses.a.curve), b: slices.b.measures(&losses.b.curve) };
    let both = Pair { a: losses.a.losses.as_slice(), b: losses.b.losses.as_slice() };
    let block = model.window();
    let resampled = resample(both, &slices, model.params().peak_ppm, block, proposal.resampling);
    let scenarios = losses.a.losses.len();
    let (close_out_cost, limit) = (cost, slices.a.limit);
    let period = proposal.defaults.map(|defaults| defaults.over_period(limit, &measures, &resampled));
    let side = |party, losses: SideLosses| {
        let stress = explanation.sides.of(party).worst_stress;
        let of = |pair: &Pair<Measures>| *pair.of(party);
        side(held(party), slices.of(party), losses, cost, stress, &of(&measures), resampled.iter().map(of))
    };
    let sides = Pair { a: side(Party::A, losses.a), b: side(Party::B, losses.b) };
    Ok(Price { sides, period, scenarios, close_out_cost })
}

/// The layer as a slice of the loss before close-out cost.
fn slice(layer: &Layer, margin: MicroUsd, cost: f64) -> Slice {
    let below = margin.get().saturating_add(layer.first_loss.get()).saturating_add(layer.attachment.get());
    let usd = |micro: i128| int_to_f64_nearest(micro) / 1e6;
    Slice { from: usd(below) - cost, limit: usd(layer.limit.get()) }
}

fn side(
    margin: MicroUsd,
    slice: &Slice,
    losses: SideLosses,
    cost: f64,
    stress: f64,
    measures: &Measures,
    resampled: impl Iterator<Item = Measures> + Clone,
) -> SidePrice {
    let SideLosses { curve, scan, .. } = losses;
    let (from, to) = (slice.from, slice.from + slice.limit);
    let exceedance = measures.exceedance.iter().enumerate().map(|(step, value)| {
        let drawn = resampled.clone().map(|other| other.exceedance.get(step).copied().unwrap_or(f64::NAN));
        Estimate::new(*value, drawn)
    });
    let exceedance = exceedance.collect();
    SidePrice {
        margin,
        attaches_at: from + cost,
        exhausted_at: to + cost,
        expected_loss: Estimate::new(measures.expected, resampled.map(|other| other.expected)),
        exceedance,
        sampled_expected_loss: curve.sampled_between(from, to),
        reached_by: curve.count_beyond(from),
        worst_scenario: curve.worst() + cost,
        tail: curve.tail().copied(),
        scan,
        stress_loss: (stress - from).clamp(0.0, slice.limit),
        curve,
    }
}
