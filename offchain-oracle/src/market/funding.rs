use super::table::Table;
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::symbol::{BySymbol, Symbol};
use crate::units::Rate;

/// How the funding rate of one perpetual is formed, all per eight hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FundingRule {
    /// The interest component.
    pub interest: Rate,
    /// The premium index of the contract over its underlying.
    pub premium: Rate,
    /// How far the interest correction may move the rate from the premium.
    pub clamp: Rate,
    /// The largest rate of either sign.
    pub cap: Rate,
}

impl FundingRule {
    /// The rate for eight hours: `P + clamp(I - P, -c, c)`, limited to the cap; longs pay when it is positive.
    ///
    /// Source: the formula that Binance, BitMEX and Gate publish for their perpetuals, with I = 0.01 % and c = 0.05 %.
    pub fn rate(&self) -> Rate {
        let (interest, premium) = (self.interest.get(), self.premium.get());
        let (clamp, cap) = (self.clamp.get(), self.cap.get());
        let correction = interest.saturating_sub(premium).max(clamp.saturating_neg()).min(clamp);
        Rate::new(premium.saturating_add(correction).max(cap.saturating_neg()).min(cap))
    }
}

/// The funding rule of every coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FundingRates {
    rules: BySymbol<FundingRule>,
}

impl FundingRates {
    /// Reads `symbol,interest_per_8h,premium_per_8h,clamp_per_8h,cap_per_8h`, one row for every coin.
    ///
    /// # Errors
    /// Anything that is not that, a negative clamp or cap, a coin missing or given twice.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        const COLUMNS: [&str; 5] = ["symbol", "interest_per_8h", "premium_per_8h", "clamp_per_8h", "cap_per_8h"];
        let [_, interest, premium, clamp, cap] = COLUMNS;
        let table = Table::parse(source, 1)?;
        table.expect_header(&COLUMNS)?;
        let mut rules: BySymbol<Option<FundingRule>> = BySymbol::default();
        for row in &table.rows {
            let symbol =
                Symbol::parse(row.cell(0)).ok_or_else(|| row.error(Problem::UnknownSymbol(quote(row.cell(0)))))?;
            let rule = FundingRule {
                interest: row.number(1, interest, Rate::parse)?,
                premium: row.number(2, premium, Rate::parse)?,
                clamp: row.number(3, clamp, Rate::parse)?,
                cap: row.number(4, cap, Rate::parse)?,
            };
            for (name, rate) in [(clamp, rule.clamp), (cap, rule.cap)] {
                if rate < Rate::default() {
                    return Err(row.error(Problem::Rule { name: name.to_owned(), rule: "must not be negative" }));
                }
            }
            if rules.get_mut(symbol).replace(rule).is_some() {
                return Err(row.error(Problem::Duplicate(symbol.to_string())));
            }
        }
        let rules = BySymbol::try_from_fn(|symbol| {
            let missing = || Problem::MissingSymbol { symbol, what: "funding row".to_owned() };
            rules[symbol].ok_or_else(|| InputError::new(&source.name, Place::File, missing()))
        })?;
        Ok(Self { rules })
    }

    /// The rule of one coin.
    pub const fn rules(&self) -> &BySymbol<FundingRule> {
        &self.rules
    }

    /// The rate of one coin for eight hours.
    pub fn rate(&self, symbol: Symbol) -> Rate {
        self.rules[symbol].rate()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(interest: i64, premium: i64) -> i64 {
        let rule = FundingRule {
            interest: Rate::new(interest),
            premium: Rate::new(premium),
            clamp: Rate::new(50_000),
            cap: Rate::new(300_000),
        };
        rule.rate().get()
    }

    #[test]
    fn the_published_formula_by_hand() {
        assert_eq!(rate(10_000, 0), 10_000, "no premium: the interest component");
        assert_eq!(rate(10_000, 40_000), 10_000, "inside the clamp: still the interest component");
        assert_eq!(rate(10_000, 100_000), 50_000, "beyond the clamp: premium less 0.05 %");
        assert_eq!(rate(10_000, -100_000), -50_000);
        assert_eq!(rate(10_000, 900_000), 300_000, "the cap");
        assert_eq!(rate(10_000, -900_000), -300_000);
    }

    #[test]
    fn every_coin_exactly_once() {
        let head = "symbol,interest_per_8h,premium_per_8h,clamp_per_8h,cap_per_8h\nBTC,0.0001,0,0.0005,0.003\n";
        let parse = |text: String| FundingRates::parse(&Source::new("f.csv", text)).unwrap_err().to_string();
        assert_eq!(parse(head.to_owned()), "f.csv: no funding row for ETH; add it");
        assert_eq!(parse(format!("{head}BTC,0,0,0,0\n")), "f.csv: row 3: BTC appears twice; keep one");
        assert!(parse(format!("{head}ETH,0,0,0,-1\n")).contains("row 3: cap_per_8h must not be negative"));
        assert!(parse(format!("{head}DOGE,0,0,0,1\n")).contains("row 3: unknown symbol \"DOGE\""));
    }
}
