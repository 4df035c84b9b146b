use super::args::{DataArgs, QuotesArgs, ValueArgs};
use ringfence_oracle::error::{quote, InputError, Place, Problem};
use ringfence_oracle::feed::{file, FeedConfig, LiveMarket, Millis};
use ringfence_oracle::files::Source;
use ringfence_oracle::inputs::{DataPaths, Inputs};
use ringfence_oracle::market::Bar;
use ringfence_oracle::model::ModelParams;
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::units::Timestamp;
use ringfence_oracle::replay::{value_at, PairStep, Step};
use ringfence_oracle::time::parse_timestamp;
use ringfence_oracle::Error;
use std::path::{Path, PathBuf};

/// Reads the tables that the arguments name.
pub(super) fn inputs(arguments: &DataArgs) -> Result<Inputs, InputError> {
    Inputs::load(&paths(arguments), ModelParams::STANDARD)
}

/// Where the tables are.
pub(super) fn paths(arguments: &DataArgs) -> DataPaths {
    let defaults = DataPaths::in_dir(&arguments.data_dir);
    let or = |given: &Option<PathBuf>, default| given.clone().unwrap_or(default);
    DataPaths {
        bars: or(&arguments.bars, defaults.bars),
        history: or(&arguments.history, defaults.history),
        proxies: or(&arguments.proxies, defaults.proxies),
        scenarios: or(&arguments.stress, defaults.scenarios),
        funding: or(&arguments.funding, defaults.funding),
        curves: or(&arguments.curves, defaults.curves),
        surfaces: or(&arguments.surfaces, defaults.surfaces),
        liquidity: or(&arguments.liquidity, defaults.liquidity),
        implied: arguments.implied.clone().or(defaults.implied),
    }
}

/// Reads one portfolio.
pub(super) fn portfolio(path: &Path) -> Result<Portfolio, InputError> {
    Portfolio::parse(&Source::read(path)?)
}

/// The market after the quotes that arrived by `at`, with the bar that closes then; nothing if no quotes are given.
pub(super) fn live(inputs: Inputs, arguments: &QuotesArgs, at: Timestamp) -> Result<Option<LiveMarket>, InputError> {
    let (Some(quotes), Some(feeds)) = (&arguments.quotes, &arguments.feeds) else { return Ok(None) };
    let now = Millis::from(at);
    if at <= inputs.bars().end() {
        let (name, rule) = ("the last bar".to_owned(), "must close before the moment to value, if quotes are given");
        return Err(InputError::new(inputs.bars().name(), Place::File, Problem::Rule { name, rule }));
    }
    let source = Source::read(feeds)?;
    let book = FeedConfig::parse(&source)?.book();
    let book = book.map_err(|error| InputError::new(&source.name, Place::File, Problem::Json(error.to_string())))?;
    let quotes = file::parse(&Source::read(quotes)?)?;
    let mut market = LiveMarket::new(inputs, book, now)?;
    for quote in quotes.iter().filter(|quote| quote.receive_time <= now) {
        // A quote that does not count says so in the reason why there is no mark, if it mattered.
        let _ = market.update(quote);
    }
    market.advance(now);
    Ok(Some(market))
}

/// Reads everything and values one pair.
pub(super) fn value(arguments: &ValueArgs) -> Result<(Inputs, Portfolio, Step, PairStep), Error> {
    let inputs = inputs(&arguments.data)?;
    let portfolio = portfolio(&arguments.portfolio)?;
    let moment = moment(arguments.at.as_deref(), &inputs)?;
    let (step, pair) = value_at(&inputs, &portfolio, moment)?;
    Ok((inputs, portfolio, step, pair))
}

fn moment(at: Option<&str>, inputs: &Inputs) -> Result<Timestamp, InputError> {
    let last = inputs.bars().as_slice().last().map_or(Timestamp::new(0), Bar::close_time);
    let Some(text) = at else { return Ok(last) };
    parse_timestamp(text).ok_or_else(|| {
        let (name, value) = ("--at".to_owned(), quote(text));
        InputError::new("command line", Place::File, Problem::Time { name, value, example: "2025-10-10T21:20Z" })
    })
}
