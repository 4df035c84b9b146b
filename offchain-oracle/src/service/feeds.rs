//! Sources of marks: what is known of each, and the task that hands what live feeds send to the loop.

use super::config::Config;
use crate::feed::transport::{Clock as FeedClock, FeedEvent, Hub, Settings};
use crate::feed::{Feed, LiveBars, Mark, MarkState, Millis, Refused, SourceId, SourceRules, StaleMark, Transport};
use crate::net::{jitter_seed, roots_config};
use crate::symbol::{BySymbol, Symbol};
use crate::time::Clock;
use crate::Error;
use std::collections::BTreeMap;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_rustls::rustls::ClientConfig;

/// How long a source waits before it offers again what the loop had no place for.
const WAIT: Duration = Duration::from_millis(10);

/// How a source's quotes come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Over a websocket.
    Websocket,
    /// It is asked over HTTP.
    Poll,
    /// A feeder posts them.
    Posted,
}

impl Way {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Websocket => "websocket",
            Self::Poll => "poll",
            Self::Posted => "posted",
        }
    }
}

/// One source, as it was last heard of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceBoard {
    /// Its coins.
    pub markets: Vec<Symbol>,
    /// How its quotes come in.
    pub way: Way,
    /// When its last quote came in that counts.
    pub quoted: Option<Millis>,
    /// What kept its last quote from counting, if that was so.
    pub refused: Option<String>,
    /// What is wrong with the connection to it; nothing once a quote has come in.
    pub trouble: Option<String>,
}

/// Marks and their sources at one moment.
#[derive(Clone, Debug, Default)]
pub struct MarketBoard {
    /// The mark of each coin that has sources, or why there is none.
    pub marks: BySymbol<Option<Result<Mark, StaleMark>>>,
    /// The sources by name.
    pub sources: BTreeMap<SourceId, SourceBoard>,
}

/// What the loop keeps of the sources.
#[derive(Clone, Debug, Default)]
pub struct Sources(BTreeMap<SourceId, SourceBoard>);

impl Sources {
    /// The sources of a configuration, unheard.
    pub fn of(config: &Config) -> Self {
        let board = |rules: &SourceRules, way| {
            let markets = rules.markets.clone();
            (rules.id.clone(), SourceBoard { markets, way, quoted: None, refused: None, trouble: None })
        };
        let live = config.feeds.iter().flat_map(|feeds| feeds.feeds()).map(|feed| board(&feed.rules, way(feed)));
        let posted = config.sources.iter().map(|rules| board(rules, Way::Posted));
        Self(live.chain(posted).collect())
    }

    /// Notes a quote and whether it counts.
    pub(super) fn quoted(&mut self, source: &SourceId, at: Millis, refused: Option<&Refused>) {
        let Some(board) = self.0.get_mut(source) else { return };
        board.trouble = None;
        board.refused = refused.map(|refused| format!("{}: {}", refused.market, refused.reason));
        if refused.is_none() {
            board.quoted = Some(at);
        }
    }

    /// Notes trouble with a connection; true if there was none before.
    pub(super) fn troubled(&mut self, source: &SourceId, what: &str) -> bool {
        let Some(board) = self.0.get_mut(source) else { return false };
        board.trouble.replace(what.to_owned()).is_none()
    }

    /// What there is to show at `now`.
    pub(super) fn board(&self, bars: &LiveBars, now: Millis) -> MarketBoard {
        let book = bars.book();
        let mark = |market| match book.mark(market, now) {
            MarkState::Fresh(mark) => Ok(mark),
            MarkState::Stale { why, .. } => Err(why),
        };
        let marks = BySymbol::from_fn(|market| book.quotes(market).then(|| mark(market)));
        MarketBoard { marks, sources: self.0.clone() }
    }
}

const fn way(feed: &Feed) -> Way {
    match feed.transport {
        Transport::Websocket { .. } => Way::Websocket,
        Transport::Poll { .. } => Way::Poll,
    }
}

/// Live feeds of a configuration, checked and not yet connected.
#[derive(Clone, Debug, Default)]
pub(super) struct Feeds {
    feeds: Vec<Feed>,
    tls: Option<Arc<ClientConfig>>,
}

impl Feeds {
    /// Reads the authorities that venues' certificates are checked by, if some venue needs them.
    ///
    /// # Errors
    /// There are none, or the file can't be used.
    pub(super) fn open(config: &Config) -> Result<Self, Error> {
        let Some(feeds) = &config.feeds else { return Ok(Self::default()) };
        let authority = config.feeds_authority.as_deref();
        let roots = feeds.needs_tls().then(|| roots_config(authority).map_err(crate::history::HistoryError::from));
        Ok(Self { feeds: feeds.feeds().to_vec(), tls: roots.transpose()? })
    }

    /// True without any.
    pub(super) const fn is_empty(&self) -> bool {
        self.feeds.is_empty()
    }

    /// Connects; inside of a runtime only.
    pub(super) fn start(&self, clock: &Arc<dyn Clock>) -> Hub {
        let clock = Arc::clone(clock);
        let time: FeedClock = Arc::new(move || Millis::new(clock.millis()));
        Hub::start(&self.feeds, self.tls.as_ref(), Settings::STANDARD, &time, jitter_seed())
    }
}

/// Hands over what feeds bring until the service ends; then it ends their connections. While the loop is behind the sources
/// wait, and what they then bring is older.
pub(super) async fn bring(mut hub: Hub, to: SyncSender<FeedEvent>, mut stopping: watch::Receiver<bool>) {
    loop {
        let event = tokio::select! {
            _ = stopping.wait_for(|ends| *ends) => None,
            event = hub.next() => event,
        };
        let Some(event) = event else { break };
        if !offer(&to, event, &stopping).await {
            break;
        }
    }
    hub.close().await;
}

async fn offer(to: &SyncSender<FeedEvent>, mut event: FeedEvent, stopping: &watch::Receiver<bool>) -> bool {
    loop {
        match to.try_send(event) {
            Ok(()) => return true,
            Err(TrySendError::Disconnected(_)) => return false,
            Err(TrySendError::Full(_)) if *stopping.borrow() => return false,
            Err(TrySendError::Full(back)) => {
                event = back;
                tokio::time::sleep(WAIT).await;
            }
        }
    }
}
