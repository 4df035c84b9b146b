use super::table::{Row, Table};
use crate::error::{quote, InputError, Problem};
use crate::files::Source;
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use ringfence_protocol::units::{Seconds, Timestamp};

/// The grid of intraday bars: five minutes.
pub const BAR_SECONDS: Seconds = Seconds::new(300);

/// Close and low of one coin in one bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Last price of the bar: the mark at its end.
    pub close: Price,
    /// Lowest price in the bar; informative, no margin is computed from it.
    pub low: Price,
}

/// One five-minute bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// When the bar opens.
    pub open_time: Timestamp,
    /// The quote of each coin that the file carries.
    pub quotes: BySymbol<Option<Quote>>,
}

impl Bar {
    /// When the bar's close is known: the valuation time of its marks.
    pub const fn close_time(&self) -> Timestamp {
        Timestamp::new(self.open_time.get().saturating_add(BAR_SECONDS.get()))
    }

    /// The marks at the close.
    pub fn marks(&self) -> BySymbol<Option<Price>> {
        BySymbol::from_fn(|symbol| self.quotes[symbol].map(|quote| quote.close))
    }
}

/// A checked series of bars: at least one, strictly on the grid, without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    name: String,
    bars: Vec<Bar>,
}

impl Bars {
    /// Reads `open_time,<sym>_close,<sym>_low,...`.
    ///
    /// # Errors
    /// Anything that is not that: see [`Problem`].
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let table = Table::parse(source, 1)?;
        let symbols = symbols_of(&table)?;
        let mut bars: Vec<Bar> = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let open_time = row.time(0, "open_time")?;
            row.expect_step(bars.last().map(|bar| bar.open_time), open_time, BAR_SECONDS)?;
            let mut quotes = BySymbol::default();
            for (index, symbol) in symbols.iter().enumerate() {
                *quotes.get_mut(*symbol) = Some(quote_of(row, *symbol, index)?);
            }
            bars.push(Bar { open_time, quotes });
        }
        Ok(Self { name: source.name.clone(), bars })
    }

    /// Adds a bar, if it opens where the last one closes; its coins that the file does not carry are left out. False, and
    /// nothing is added, for any other bar.
    pub fn push(&mut self, mut bar: Bar) -> bool {
        let follows = bar.open_time == self.end();
        if follows {
            bar.quotes = BySymbol::from_fn(|symbol| bar.quotes[symbol].filter(|_| self.has(symbol)));
            self.bars.push(bar);
        }
        follows
    }

    /// When the last bar closes.
    pub fn end(&self) -> Timestamp {
        self.bars.last().map_or(Timestamp::new(0), Bar::close_time)
    }

    /// The file's name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bars, oldest first; never empty.
    pub fn as_slice(&self) -> &[Bar] {
        &self.bars
    }

    /// True if the file carries prices of the coin.
    pub fn has(&self, symbol: Symbol) -> bool {
        self.bars.first().is_some_and(|bar| bar.quotes[symbol].is_some())
    }

    /// When the first bar opens.
    pub fn start(&self) -> Timestamp {
        self.bars.first().map_or(Timestamp::new(0), |bar| bar.open_time)
    }
}

fn symbols_of(table: &Table<'_>) -> Result<Vec<Symbol>, InputError> {
    const FORM: &str = "open_time, then <symbol>_close,<symbol>_low for each coin";
    let mut columns = table.header.iter().map(String::as_str);
    if columns.next() != Some("open_time") {
        return Err(table.header_error(FORM));
    }
    let mut symbols = Vec::new();
    while let Some(close) = columns.next() {
        let ticker = close.strip_suffix("_close").ok_or_else(|| table.header_error(FORM))?;
        let symbol =
            Symbol::parse(ticker).ok_or_else(|| table.error_in_header(Problem::UnknownSymbol(quote(ticker))))?;
        if columns.next().and_then(|low| low.strip_suffix("_low")) != Some(ticker) {
            return Err(table.header_error(FORM));
        }
        if symbols.contains(&symbol) {
            return Err(table.error_in_header(Problem::Duplicate(format!("column {close}"))));
        }
        symbols.push(symbol);
    }
    if symbols.is_empty() {
        return Err(table.header_error(FORM));
    }
    Ok(symbols)
}

fn quote_of(row: &Row<'_>, symbol: Symbol, index: usize) -> Result<Quote, InputError> {
    let ticker = symbol.ticker().to_ascii_lowercase();
    let column = index.saturating_mul(2).saturating_add(1);
    let close = row.price(column, &format!("{ticker}_close"))?;
    let low = row.price(column.saturating_add(1), &format!("{ticker}_low"))?;
    if low > close {
        return Err(row.error(Problem::LowAboveClose { symbol, low: low.to_string(), close: close.to_string() }));
    }
    Ok(Quote { close, low })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Bars, String> {
        Bars::parse(&Source::new("f.csv", text)).map_err(|error| error.to_string())
    }

    const HEAD: &str = "open_time,btc_close,btc_low\n2025-10-10T18:00Z,117624.03,117488.80\n";

    #[test]
    fn prices_are_exact_and_the_valuation_is_at_the_close() {
        let bars = parse(HEAD).unwrap();
        let bar = bars.as_slice()[0];
        assert_eq!(bar.quotes[Symbol::Btc].unwrap().close.get(), 11_762_403_000_000);
        assert_eq!(bar.quotes[Symbol::Eth], None);
        assert_eq!(bar.close_time(), Timestamp::new(1_760_119_500));
    }

    #[test]
    fn only_the_next_bar_is_added_and_only_its_known_coins() {
        let mut bars = parse(HEAD).unwrap();
        let quote = bars.as_slice()[0].quotes[Symbol::Btc];
        let next = |open_time| Bar { open_time, quotes: BySymbol::of(quote, quote, None, None) };
        for wrong in [1_760_119_200, 1_760_119_499, 1_760_119_800] {
            assert!(!bars.push(next(Timestamp::new(wrong))));
        }
        assert_eq!(bars.as_slice().len(), 1);
        assert!(bars.push(next(bars.end())));
        assert_eq!(bars.end(), Timestamp::new(1_760_119_800));
        assert_eq!(bars.as_slice()[1].quotes, BySymbol::of(quote, None, None, None));
    }

    #[test]
    fn every_bad_row_is_named() {
        for (row, message) in [
            ("2025-10-10T18:05Z,NaN,1", "f.csv: row 3: btc_close is NaN; fix or remove the row"),
            ("2025-10-10T18:05Z,inf,1", "f.csv: row 3: btc_close is infinite"),
            ("2025-10-10T18:05Z,-1,1", "f.csv: row 3: btc_close is negative"),
            ("2025-10-10T18:05Z,0,1", "f.csv: row 3: btc_close is zero"),
            ("2025-10-10T18:05Z,1,x", "f.csv: row 3: btc_low is not a decimal number"),
            ("2025-10-10T18:05Z,1", "f.csv: row 3: 2 columns, expected 3"),
            ("2025-10-10T18:05Z,1,1,1", "f.csv: row 3: 4 columns, expected 3"),
            ("2025-10-10T18:00Z,1,1", "f.csv: row 3: time 2025-10-10T18:00:00Z is not after"),
            ("2025-10-10T18:10Z,1,1", "f.csv: row 3: gap: 2025-10-10T18:10:00Z follows"),
            ("2025-10-10T18:04Z,1,1", "f.csv: row 3: gap"),
            ("yesterday,1,1", "f.csv: row 3: open_time is not a UTC time"),
            ("2025-10-10T18:05Z,1,2", "f.csv: row 3: BTC low 2 is above close 1"),
        ] {
            let error = parse(&format!("{HEAD}{row}\n")).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn bad_headers_and_empty_files_are_named() {
        assert!(parse("").unwrap_err().starts_with("f.csv: file is empty"));
        assert!(parse("open_time,btc_close,btc_low\n").unwrap_err().contains("0 data rows, at least 1"));
        assert!(parse("open_time,doge_close,doge_low\n1,1,1\n")
            .unwrap_err()
            .contains("row 1: unknown symbol \"doge\""));
        for header in ["time,btc_close,btc_low", "open_time", "open_time,btc_close,eth_low", "open_time,btc,btc_low"] {
            assert!(parse(&format!("{header}\n{header}\n")).unwrap_err().contains("row 1: header is"), "{header}");
        }
        let twice = "open_time,btc_close,btc_low,btc_close,btc_low\n1,1,1,1,1\n";
        assert!(parse(twice).unwrap_err().contains("row 1: column btc_close appears twice"));
    }
}
