use super::book::Book;
use super::convert::{int_to_f64_nearest, rate_to_f64_nearest};
use super::params::share;
use super::Model;
use crate::symbol::Symbol;

/// What closing out costs beyond the move of the price, US dollars. The same for either side: it is one position.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CloseOutCost {
    /// Crossing the spread of each coin's net delta and of each coin's net vega.
    pub liquidity: f64,
    /// Moving the market.
    pub concentration: f64,
}

impl Model {
    /// Half the spread on every net delta and vega (the exogenous cost of liquidity of A. Bangia, F. Diebold,
    /// T. Schuermann and J. Stroughair 1999, "Modeling liquidity risk", Wharton working paper 99-06), and the square-root
    /// law of market impact: `Y * sigma * E * sqrt(E / V)` for `E` dollars of delta in a coin that trades `V` dollars a day,
    /// at its stressed daily volatility `sigma` (B. Tóth et al. 2011, "Anomalous price impact and the critical nature of
    /// liquidity in financial markets", Physical Review X 1, 021006: `Y` is of order one).
    ///
    /// The impact grows with the power 1.5 of size: two halves cost less than the whole, which is what makes it an add-on
    /// for concentration.
    pub fn close_out_cost(&self, book: &Book) -> CloseOutCost {
        let (deltas, vegas) = (book.deltas(), book.vegas());
        let (volatility, impact) = (self.stressed_volatility(), share(self.params.impact_ppm));
        Symbol::ALL.into_iter().fold(CloseOutCost::default(), |cost, symbol| {
            let coin = self.liquidity.coin(symbol);
            let (delta, vega) = (libm::fabs(deltas[symbol]), libm::fabs(vegas[symbol]));
            let crossing = delta * rate_to_f64_nearest(coin.half_spread);
            let crossing = crossing + vega * rate_to_f64_nearest(coin.volatility_half_spread);
            let share_of_day = delta / (int_to_f64_nearest(coin.daily_volume.get()) / 1e6);
            CloseOutCost {
                liquidity: cost.liquidity + crossing,
                concentration: cost.concentration + impact * volatility[symbol] * delta * libm::sqrt(share_of_day),
            }
        })
    }
}
