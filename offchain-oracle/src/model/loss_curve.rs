//! The whole distribution of a loss: the scenarios up to the threshold of the fitted tail, the tail beyond it.

use super::convert::count_to_f64;
use super::ParetoTail;

/// How often a side loses how much over the margin period of risk, US dollars.
///
/// Each scenario is equally likely up to the threshold of the tail that the margin fits; beyond it the fitted tail stands in
/// for the scenarios, because a layer of a bond begins where they are few or have ended. Without a fit (see
/// [`ParetoTail::fit`]) the scenarios stand for themselves everywhere.
#[derive(Clone, Debug, PartialEq)]
pub struct LossCurve {
    worst_first: Vec<f64>,
    tail: Option<ParetoTail>,
}

impl LossCurve {
    /// From losses in any order, of which the worst `peak_ppm` millionths are fitted. Nothing if there is no loss, or one that
    /// is no finite number.
    pub fn new(mut losses: Vec<f64>, peak_ppm: u32) -> Option<Self> {
        if losses.is_empty() || losses.iter().any(|loss| !loss.is_finite()) {
            return None;
        }
        losses.sort_unstable_by(|a, b| b.total_cmp(a));
        let tail = ParetoTail::fit(losses.iter().copied(), losses.len(), peak_ppm);
        Some(Self { worst_first: losses, tail })
    }

    /// The fitted tail.
    pub const fn tail(&self) -> Option<&ParetoTail> {
        self.tail.as_ref()
    }

    /// The scenarios' losses, worst first.
    pub fn scenarios(&self) -> &[f64] {
        &self.worst_first
    }

    /// The worst scenario's loss.
    pub fn worst(&self) -> f64 {
        self.worst_first.first().copied().unwrap_or_default()
    }

    /// The chance of a loss larger than `loss`.
    pub fn exceeding(&self, loss: f64) -> f64 {
        match &self.tail {
            Some(tail) if loss >= tail.threshold => tail.exceedance(loss),
            _ => self.sampled_exceeding(loss),
        }
    }

    /// The chance of a loss of at least `loss`. It differs from [`Self::exceeding`] only at a scenario's own loss.
    pub fn reaching(&self, loss: f64) -> f64 {
        match &self.tail {
            Some(tail) if loss > tail.threshold => tail.exceedance(loss),
            _ => self.share_of(self.worst_first.partition_point(|other| *other >= loss)),
        }
    }

    /// The expected loss between `from` and `to`: the mean of `min(to - from, max(0, L - from))`, which is the integral of
    /// the chance of exceedance over the layer, so that adjacent layers add up.
    pub fn between(&self, from: f64, to: f64) -> f64 {
        let Some(tail) = &self.tail else { return self.sampled_between(from, to) };
        let border = tail.threshold.clamp(from, to.max(from));
        // Up to the threshold losses beyond it count in full, and the scenarios beyond it are as many as the tail weighs.
        self.sampled_between(from, border) + tail.between(border, to.max(border))
    }

    /// [`Self::exceeding`] by the scenarios alone.
    pub fn sampled_exceeding(&self, loss: f64) -> f64 {
        self.share_of(self.count_beyond(loss))
    }

    /// How many scenarios lose more.
    pub fn count_beyond(&self, loss: f64) -> usize {
        self.worst_first.partition_point(|other| *other > loss)
    }

    /// [`Self::between`] by the scenarios alone.
    pub fn sampled_between(&self, from: f64, to: f64) -> f64 {
        let width = to - from;
        let beyond = self.worst_first.iter().take_while(|loss| **loss > from);
        let sum = beyond.fold(0.0, |sum, loss| {
            let inside = loss - from;
            sum + if inside > width { width } else { inside }
        });
        sum / count_to_f64(self.worst_first.len())
    }

    fn share_of(&self, count: usize) -> f64 {
        count_to_f64(count) / count_to_f64(self.worst_first.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curve(losses: &[f64]) -> LossCurve {
        LossCurve::new(losses.to_vec(), 50_000).unwrap()
    }

    #[test]
    fn few_scenarios_stand_for_themselves() {
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        let curve = curve(&ten);
        assert_eq!(curve.tail(), None);
        assert_eq!((curve.exceeding(8.0), curve.reaching(8.0)), (0.2, 0.3));
        // Between 7 and 9: losses 8, 9 and 10 bring 1, 2 and 2.
        assert_eq!(curve.between(7.0, 9.0), 0.5);
        assert_eq!((curve.exceeding(10.0), curve.between(10.0, 20.0)), (0.0, 0.0));
    }

    #[test]
    fn the_tail_takes_over_at_its_threshold() {
        // 400 losses, of which the worst 20 are peaks: excesses 0.5, 1.5, ... 19.5 over a threshold of 380.
        let losses: Vec<f64> = (1..=400).map(|i| if i <= 380 { f64::from(i) } else { f64::from(i) - 0.5 }).collect();
        let curve = curve(&losses);
        let tail = *curve.tail().unwrap();
        assert_eq!((tail.threshold, tail.weight), (380.0, 0.05));
        assert_eq!(curve.exceeding(380.0), 0.05, "the fit and the scenarios meet");
        assert_eq!(curve.exceeding(379.5), 21.0 / 400.0);
        assert!(curve.exceeding(399.0) > 0.0, "the sample ends before");
        let by_hand = tail.weight * (1.0 + tail.shape * 5.0 / tail.scale).powf(-1.0 / tail.shape);
        assert!((curve.exceeding(385.0) - by_hand).abs() < 1e-15);
    }

    #[test]
    fn nonsense_gives_no_curve() {
        assert_eq!(LossCurve::new(vec![], 50_000), None);
        assert_eq!(LossCurve::new(vec![1.0, f64::NAN], 50_000), None);
        assert_eq!(LossCurve::new(vec![1.0, f64::NEG_INFINITY], 50_000), None);
    }

    proptest! {
        #[test]
        fn layers_add_up_and_rarer_is_deeper(
            losses in proptest::collection::vec(-1e6_f64..1e6, 1..600),
            heavy in 1.0_f64..4.0,
            mut marks in proptest::collection::vec(-1.5e6_f64..6e6, 4),
        ) {
            marks.sort_by(f64::total_cmp);
            let losses: Vec<f64> = losses.into_iter().map(|loss| loss * if loss > 9e5 { heavy } else { 1.0 }).collect();
            let curve = curve(&losses);
            let layers = marks.windows(2).map(|pair| curve.between(pair[0], pair[1])).collect::<Vec<_>>();
            let whole = curve.between(marks[0], marks[3]);
            prop_assert!((layers.iter().sum::<f64>() - whole).abs() <= 1e-9 * (1.0 + whole.abs()));
            for (pair, layer) in marks.windows(2).zip(layers) {
                let (shallow, deep) = (curve.exceeding(pair[0]), curve.reaching(pair[1]));
                prop_assert!(shallow >= deep && deep >= 0.0 && shallow <= 1.0);
                // A layer's expected loss lies between its width times either chance.
                let width = pair[1] - pair[0];
                prop_assert!(layer <= width * shallow * (1.0 + 1e-9) + 1e-9, "{layer} {width} {shallow}");
                prop_assert!(layer >= width * deep * (1.0 - 1e-9) - 1e-9, "{layer} {width} {deep}");
            }
        }
    }
}
