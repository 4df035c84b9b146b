use super::surfaces::volatility_ppm;
use super::table::Table;
use crate::error::{quote, InputError, Place, Problem};
use crate::files::Source;
use crate::symbol::{BySymbol, Symbol};
use ringfence_protocol::units::{Seconds, Timestamp};

/// Daily implied volatility at the money, thirty days to expiry, of the coins that have it. Days follow each other without
/// gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpliedHistory {
    name: String,
    days: Vec<ImpliedDay>,
    coins: BySymbol<bool>,
}

/// One day of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImpliedDay {
    /// The midnight that opens the day; the volatility is that of its close.
    pub day: Timestamp,
    /// Millionths per square root of a year; none of a coin without a column.
    pub volatility_ppm: BySymbol<Option<u32>>,
}

impl ImpliedHistory {
    /// Reads `date,<sym>_atm,...`: volatility as a share, such as 0.55, for one coin or more.
    ///
    /// # Errors
    /// Anything that is not that, a volatility of zero or above 1,000 %, a gap, fewer than two days.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        const FORM: &str = "date, then <symbol>_atm for each coin";
        let table = Table::parse(source, 2)?;
        let mut columns = table.header.iter().map(String::as_str);
        if columns.next() != Some("date") {
            return Err(table.header_error(FORM));
        }
        let mut symbols = Vec::new();
        for column in columns {
            let ticker = column.strip_suffix("_atm").ok_or_else(|| table.header_error(FORM))?;
            let unknown = || table.error_in_header(Problem::UnknownSymbol(quote(ticker)));
            let symbol = Symbol::parse(ticker).ok_or_else(unknown)?;
            if symbols.contains(&symbol) {
                return Err(table.error_in_header(Problem::Duplicate(format!("column {}", quote(column)))));
            }
            symbols.push(symbol);
        }
        if symbols.is_empty() {
            return Err(table.header_error(FORM));
        }
        let mut days: Vec<ImpliedDay> = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let day = row.date(0, "date")?;
            row.expect_step(days.last().map(|before| before.day), day, Seconds::DAY)?;
            let mut volatility = BySymbol::default();
            for (column, symbol) in (1_usize..).zip(&symbols) {
                let name = format!("{}_atm", symbol.ticker().to_ascii_lowercase());
                *volatility.get_mut(*symbol) = Some(row.number(column, &name, volatility_ppm)?);
            }
            days.push(ImpliedDay { day, volatility_ppm: volatility });
        }
        let coins = BySymbol::from_fn(|symbol| symbols.contains(&symbol));
        Ok(Self { name: source.name.clone(), days, coins })
    }

    /// The days, oldest first.
    pub fn as_slice(&self) -> &[ImpliedDay] {
        &self.days
    }

    /// True if the file carries the coin.
    pub fn has(&self, symbol: Symbol) -> bool {
        self.coins[symbol]
    }

    /// The days from one to another, both included.
    ///
    /// # Errors
    /// Some of them are not there: what the closes have and this table has not would have to be guessed.
    pub fn between(&self, first: Timestamp, last: Timestamp) -> Result<&[ImpliedDay], InputError> {
        let from = self.days.partition_point(|row| row.day < first);
        let to = self.days.partition_point(|row| row.day <= last);
        let part = self.days.get(from..to).unwrap_or_default();
        let whole = part.first().is_some_and(|row| row.day == first) && part.last().is_some_and(|row| row.day == last);
        if whole {
            return Ok(part);
        }
        let rule = "must have every day of the daily closes; leave the table out to go by the rule of the model";
        let problem = Problem::Rule { name: "implied volatility".to_owned(), rule };
        Err(InputError::new(&self.name, Place::File, problem))
    }

    /// The file's name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "date,btc_atm,sol_atm\n2020-08-12,0.55,0.9\n2020-08-13,0.56,0.91\n2020-08-14,0.5,10\n";

    fn parse(text: &str) -> Result<ImpliedHistory, String> {
        ImpliedHistory::parse(&Source::new("i.csv", text)).map_err(|error| error.to_string())
    }

    #[test]
    fn coins_without_a_column_have_none() {
        let history = parse(GOOD).unwrap();
        assert_eq!(history.as_slice()[1].volatility_ppm, BySymbol::of(Some(560_000), None, Some(910_000), None));
        assert!(history.has(Symbol::Sol) && !history.has(Symbol::Eth));
        let days: Vec<_> = history.as_slice().iter().map(|row| row.day).collect();
        assert_eq!(history.between(days[1], days[2]).unwrap().len(), 2);
        let beyond = Timestamp::new(days[2].get() + 86_400);
        assert!(history.between(days[1], beyond).unwrap_err().to_string().contains("every day of the daily closes"));
        assert!(history.between(Timestamp::new(days[0].get() - 1), days[1]).is_err());
    }

    #[test]
    fn every_bad_cell_is_named() {
        for (from, to, expected) in [
            ("0.56", "0", "i.csv: row 3: btc_atm is zero"),
            ("0.56", "-0.1", "i.csv: row 3: btc_atm is negative"),
            ("0.56", "x", "i.csv: row 3: btc_atm is not a decimal number"),
            (",10\n", ",10.000001\n", "i.csv: row 4: sol_atm is out of range"),
            ("2020-08-14", "2020-08-15", "i.csv: row 4: gap"),
            ("date,", "day,", "i.csv: row 1: header is"),
            ("btc_atm", "btc", "i.csv: row 1: header is"),
            ("btc_atm", "doge_atm", "i.csv: row 1: unknown symbol"),
            ("btc_atm", "sol_atm", "i.csv: row 1: column \"sol_atm\" appears twice"),
        ] {
            let error = parse(&GOOD.replacen(from, to, 1)).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
        assert!(parse("date\n2020-08-12\n2020-08-13\n").unwrap_err().contains("header is"));
        assert!(parse("date,btc_atm\n2020-08-12,1\n").unwrap_err().contains("1 data rows, at least 2"));
    }
}
