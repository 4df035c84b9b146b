use super::convert::count_to_f64;
use super::wrong_way::side_sign;
use super::{Book, Model, Shocks};
use crate::portfolio::Portfolio;
use crate::symbol::{BySymbol, Symbol};
use crate::value::{ValueError, Valuer};
use ringfence_protocol::Party;

impl Model {
    /// What each coin, its options included, contributes to one side's expected shortfall at the margin level: its mean loss
    /// in the scenarios that are the side's own tail. The parts add up to the whole and are negative for a coin that hedges.
    /// Implied volatility is as the scenarios have it, without a scan.
    ///
    /// Source: D. Tasche (1999), "Risk contributions and performance measurement", the Euler allocation of a homogeneous
    /// measure.
    pub fn contributions(&self, book: &Book, shocks: &Shocks, party: Party) -> BySymbol<f64> {
        let parts: Vec<Book> = Symbol::ALL.into_iter().map(|symbol| book.of_coin(symbol)).collect();
        let mut shares = self.allocate(book, &parts, shocks, party).into_iter();
        BySymbol::from_fn(|_| shares.next().unwrap_or(f64::NAN))
    }

    /// The same for every position, in the portfolio's order; one that has settled contributes nothing.
    ///
    /// # Errors
    /// A coin without a mark or surface, or a sum that leaves `i128`.
    pub fn position_contributions(
        &self,
        portfolio: &Portfolio,
        valuer: &Valuer<'_>,
        shocks: &Shocks,
        party: Party,
    ) -> Result<Vec<f64>, ValueError> {
        let singles = (0..portfolio.positions().len()).filter_map(|index| portfolio.single(index));
        let parts = singles.map(|single| Book::new(&single, valuer)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.allocate(&Book::new(portfolio, valuer)?, &parts, shocks, party))
    }

    /// What each part of a book contributes to its expected shortfall.
    fn allocate(&self, book: &Book, parts: &[Book], shocks: &Shocks, party: Party) -> Vec<f64> {
        let sign = side_sign(party);
        let parts: Vec<Vec<f64>> = parts.iter().map(|part| shocks.profits(part, 0.0)).collect();
        let total = shocks.profits(book, 0.0);
        let mut order: Vec<(f64, usize)> =
            total.iter().enumerate().map(|(index, profit)| (sign * profit, index)).collect();
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let weight = count_to_f64(shocks.count()) * super::params::share(self.params.margin_tail_ppm);
        let mut contributions = vec![0.0; parts.len()];
        let mut left = if weight > 1.0 { weight } else { 1.0 };
        let whole = left;
        for (_, index) in order {
            let taken = if left < 1.0 { left } else { 1.0 };
            for (contribution, part) in contributions.iter_mut().zip(&parts) {
                let loss = part.get(index).map_or(f64::NAN, |profit| sign * profit);
                *contribution += taken / whole * loss;
            }
            left -= taken;
            if left <= 0.0 {
                break;
            }
        }
        contributions
    }
}

impl Book {
    /// The part of the book that is in one coin.
    fn of_coin(&self, symbol: Symbol) -> Self {
        let mut exposure = BySymbol::of(0.0, 0.0, 0.0, 0.0);
        *exposure.get_mut(symbol) = self.exposure[symbol];
        let options = self.options.iter().filter(|held| held.symbol == symbol).copied().collect();
        Self { pair: self.pair.clone(), exposure, options, collateral: self.collateral }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inputs::{DataPaths, Inputs};
    use crate::model::ModelParams;
    use ringfence_protocol::units::Timestamp;
    use ringfence_protocol::Pair;
    use std::path::Path;

    #[test]
    fn contributions_add_up_and_a_hedge_counts_against() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
        let inputs = Inputs::load(&DataPaths::in_dir(&data), ModelParams::STANDARD).unwrap();
        let model = inputs.model();
        let set = model.scenario_set(&model.initial_volatility());
        let none = BySymbol::of(0.0, 0.0, 0.0, 0.0);
        let exposure = BySymbol::of(-2e6, 0.0, 3e6, 5e5);
        let book = Book { pair: "p".to_owned(), exposure, options: vec![], collateral: Pair { a: none, b: none } };
        let (_, explanation) = model.margin(&book, &set, inputs.scenarios(), Timestamp::new(1_800_000_000)).unwrap();
        for (party, side) in [(Party::A, &explanation.sides.a), (Party::B, &explanation.sides.b)] {
            let parts = model.contributions(&book, &set.current, party);
            let sum = Symbol::ALL.into_iter().fold(0.0, |sum, symbol| sum + parts[symbol]);
            assert!((sum / side.current - 1.0).abs() < 1e-12, "{sum} {}", side.current);
            assert!(parts[Symbol::Sol] > 0.0 && parts[Symbol::Btc] < 0.0 && parts[Symbol::Eth] == 0.0, "{parts:?}");
        }
    }
    #[test]
    fn positions_add_up_to_the_same_whole() {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
        let inputs = Inputs::load(&DataPaths::in_dir(&data), ModelParams::STANDARD).unwrap();
        let model = inputs.model();
        let set = model.scenario_set(&model.initial_volatility());
        let position = |symbol: &str, quantity: &str| {
            format!(
                r#"{{"symbol":"{symbol}","quantity":"{quantity}","entry_price":"100","opened":"2025-10-10T18:05Z"}}"#
            )
        };
        let list = [position("BTC", "-2"), position("SOL", "900"), position("BTC", "1"), position("XRP", "5000")];
        let text = format!(r#"{{"pair":"p","positions":[{}]}}"#, list.join(","));
        let portfolio = Portfolio::parse(&crate::files::Source::new("p.json", text)).unwrap();
        let bar = inputs.bars().as_slice()[20];
        let marks = bar.marks();
        let (curves, surfaces) = (inputs.curves(), inputs.surfaces());
        let valuer = Valuer { moment: bar.close_time(), marks: &marks, curves, surfaces };
        let book = Book::new(&portfolio, &valuer).unwrap();
        for party in [Party::A, Party::B] {
            let parts = model.position_contributions(&portfolio, &valuer, &set.current, party).unwrap();
            let coins = model.contributions(&book, &set.current, party);
            assert_eq!(parts.len(), 4);
            let (btc, whole) =
                (parts[0] + parts[2], Symbol::ALL.into_iter().fold(0.0, |sum, symbol| sum + coins[symbol]));
            assert!((btc / coins[Symbol::Btc] - 1.0).abs() < 1e-9, "{btc} {}", coins[Symbol::Btc]);
            assert!((parts.iter().sum::<f64>() / whole - 1.0).abs() < 1e-9);
        }
    }
}
