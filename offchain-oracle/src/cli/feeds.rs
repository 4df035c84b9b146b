use super::args::{Cli, WatchArgs};
use super::output::{print, print_json_line};
use super::signer::{runtime, stop};
use ringfence_oracle::error::{InputError, Place, Problem};
use ringfence_oracle::feed::transport::{Clock, FeedEvent, Hub, Notice, Settings};
use ringfence_oracle::feed::{file, FeedConfig, MarkBook, MarkState, Millis, Quote, StalePair};
use ringfence_oracle::files::Source;
use ringfence_oracle::history::HistoryError;
use ringfence_oracle::net::{jitter_seed, roots_config};
use ringfence_oracle::symbol::Symbol;
use ringfence_oracle::Error;
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A configuration, a book and how to reach the sources.
pub(super) struct Feeds {
    pub(super) config: FeedConfig,
    pub(super) book: MarkBook,
    tls: Option<Arc<tokio_rustls::rustls::ClientConfig>>,
}

impl Feeds {
    /// Reads and checks everything before anything is connected.
    pub(super) fn read(path: &Path, authorities: Option<&Path>) -> Result<Self, Error> {
        let source = Source::read(path)?;
        let config = FeedConfig::parse(&source)?;
        let book = config.book();
        let book =
            book.map_err(|error| InputError::new(&source.name, Place::File, Problem::Json(error.to_string())))?;
        let tls = if config.needs_tls() { Some(roots_config(authorities).map_err(HistoryError::from)?) } else { None };
        Ok(Self { config, book, tls })
    }

    /// Connects; inside of a runtime only.
    pub(super) fn start(&self, clock: &Clock) -> Hub {
        Hub::start(self.config.feeds(), self.tls.as_ref(), Settings::STANDARD, clock, jitter_seed())
    }
}

/// The time of this machine.
pub(super) fn clock() -> Clock {
    Arc::new(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis::new(u64::try_from(now.as_millis()).unwrap_or(u64::MAX))
    })
}

/// One line on standard error, for whatever watches the process.
pub(super) fn tell(notice: &Notice) {
    match notice {
        Notice::Mark(alarm) => eprintln!("{alarm}"),
        Notice::NoClose(stale) => eprintln!("ALARM a bar closed without {}: {stale}", stale.market),
        Notice::Trouble(FeedEvent::Trouble { source, what, pause, .. }) => {
            eprintln!("warning: {source}: {what}; again in {} ms", pause.as_millis());
        }
        Notice::Trouble(FeedEvent::Quote(_)) => {}
    }
}

pub(super) fn watch(cli: &Cli, arguments: &WatchArgs) -> Result<(), Error> {
    let mut feeds = Feeds::read(&arguments.feeds, arguments.feeds_ca.as_deref())?;
    let mut record = arguments.record.as_deref().map(Record::new).transpose()?;
    let clock = clock();
    let length = arguments.seconds.map_or(Duration::from_secs(u64::from(u32::MAX)), Duration::from_secs);
    runtime()?.block_on(async {
        let stop = stop().map_err(|error| Error::Output { target: "signals".to_owned(), kind: error.kind() })?;
        let mut stop = std::pin::pin!(stop);
        let mut end = std::pin::pin!(tokio::time::sleep(length));
        let mut second = tokio::time::interval(Duration::from_secs(1));
        let mut hub = feeds.start(&clock);
        loop {
            tokio::select! {
                () = &mut stop => break,
                () = &mut end => break,
                _ = second.tick() => show(cli, &mut feeds.book, clock())?,
                Some(event) = hub.next() => match event {
                    FeedEvent::Quote(quote) => {
                        record.as_mut().map_or(Ok(()), |record| record.write(&quote))?;
                        // Why a quote does not count is part of the reason why there is no mark.
                        let _ = feeds.book.update(&quote);
                    }
                    trouble @ FeedEvent::Trouble { .. } => tell(&Notice::Trouble(trouble)),
                },
            }
        }
        Ok::<(), Error>(())
    })?;
    let now = clock();
    let quoted = Symbol::ALL.into_iter().filter(|market| feeds.book.quotes(*market));
    for market in quoted {
        if let MarkState::Stale { why, .. } = feeds.book.mark(market, now) {
            return Err(StalePair { pair: "watch".to_owned(), stale: Box::new(why) }.into());
        }
    }
    Ok(())
}

fn show(cli: &Cli, book: &mut MarkBook, now: Millis) -> Result<(), Error> {
    for alarm in book.alarms(now) {
        tell(&Notice::Mark(alarm));
    }
    for market in Symbol::ALL.into_iter().filter(|market| book.quotes(*market)) {
        let state = book.mark(market, now);
        let (ticker, time) = (market.ticker(), now.to_string());
        match (state, cli.json) {
            (MarkState::Fresh(mark), true) => {
                let sources: Vec<&str> = mark.sources.iter().map(|source| source.as_str()).collect();
                let price = mark.price.to_string();
                print_json_line(&json!({ "time": now.get(), "market": ticker, "mark": price, "sources": sources }))?;
            }
            (MarkState::Stale { why, .. }, true) => {
                print_json_line(&json!({ "time": now.get(), "market": ticker, "stale": why.to_string() }))?;
            }
            (MarkState::Fresh(mark), false) => {
                print(&format!("{time}  {ticker:<4} {:>16}  of {} sources", mark.price, mark.sources.len()))?;
            }
            (MarkState::Stale { why, .. }, false) => print(&format!("{time}  {ticker:<4} {:>16}  {why}", "-"))?,
        }
    }
    Ok(())
}

/// A new file of quotes.
struct Record {
    name: String,
    file: File,
}

impl Record {
    fn new(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let file =
            File::create_new(path).map_err(|error| Error::Output { target: name.clone(), kind: error.kind() })?;
        let mut record = Self { name, file };
        record.line(&file::csv_head())?;
        Ok(record)
    }

    fn write(&mut self, quote: &Quote) -> Result<(), Error> {
        self.line(&file::csv_row(quote))
    }

    fn line(&mut self, line: &str) -> Result<(), Error> {
        let written = self.file.write_all(format!("{line}\n").as_bytes());
        written.map_err(|error| Error::Output { target: self.name.clone(), kind: error.kind() })
    }
}
