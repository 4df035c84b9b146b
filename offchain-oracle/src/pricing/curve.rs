/// A continuously compounded rate by tenor: linear between the nodes, flat outside them.
#[derive(Clone, Debug, PartialEq)]
pub struct RateCurve {
    nodes: Vec<(f64, f64)>,
}

impl RateCurve {
    /// Nodes of years and rates, years ascending.
    pub const fn new(nodes: Vec<(f64, f64)>) -> Self {
        Self { nodes }
    }

    /// The rate for a tenor; zero without nodes.
    pub fn rate(&self, years: f64) -> f64 {
        linear(&self.nodes, years)
    }

    /// `exp(rate * years)`: what one grows to.
    pub fn growth(&self, years: f64) -> f64 {
        libm::exp(self.rate(years) * years)
    }

    /// Its reciprocal by the same exponential: what one paid then is worth now.
    pub fn discount(&self, years: f64) -> f64 {
        libm::exp(-(self.rate(years) * years))
    }
}

/// The value at `x` of the polygon through `nodes`, flat outside; zero without nodes.
pub(super) fn linear(nodes: &[(f64, f64)], x: f64) -> f64 {
    let after = nodes.partition_point(|node| node.0 < x);
    let before = after.checked_sub(1).and_then(|index| nodes.get(index));
    match (before, nodes.get(after)) {
        (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * ((x - x0) / (x1 - x0)),
        (Some((_, y)), None) | (None, Some((_, y))) => *y,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_between_nodes_and_flat_outside() {
        let curve = RateCurve::new(vec![(0.25, 0.04), (1.25, 0.06)]);
        for (years, rate) in [(0.0, 0.04), (0.25, 0.04), (0.75, 0.05), (1.25, 0.06), (9.0, 0.06)] {
            assert!((curve.rate(years) - rate).abs() < 1e-15);
        }
        assert!((curve.discount(0.75) - (-0.05_f64 * 0.75).exp()).abs() < 1e-15);
        assert_eq!(RateCurve::new(vec![]).growth(2.0), 1.0);
    }
}
