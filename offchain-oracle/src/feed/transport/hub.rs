use super::{poll, websocket, Settings};
use crate::feed::{Feed, LiveMarket, MarkAlarm, Millis, Quote, SourceId, StaleMark, Transport};
use crate::net::Backoff;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::rustls::ClientConfig;

/// Events that wait to be taken; beyond them the sources wait, and what they then bring is older.
pub const EVENTS: usize = 1_024;
/// From one look at the clock to the next while nothing comes in.
const TICK: Duration = Duration::from_millis(250);

/// Longest that ending the connections may take; after it they are cut.
pub const END: Duration = Duration::from_secs(1);

/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// What a source brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedEvent {
    /// A quote, unchecked.
    Quote(Quote),
    /// It can't be reached, or says what can't be read. It is tried again.
    Trouble {
        /// Which.
        source: SourceId,
        /// When.
        at: Millis,
        /// What happened.
        what: String,
        /// After how long it is tried again.
        pause: Duration,
    },
}

/// What every source's task shares.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) source: SourceId,
    pub(super) settings: Settings,
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) clock: Clock,
    events: mpsc::Sender<FeedEvent>,
    seed: u64,
}

impl Line {
    /// Hands over quotes; false if nobody takes them any more.
    pub(super) async fn quotes(&self, quotes: Vec<Quote>) -> bool {
        for quote in quotes {
            if self.events.send(FeedEvent::Quote(quote)).await.is_err() {
                return false;
            }
        }
        true
    }

    /// Says what went wrong, and waits; false if nobody listens any more.
    pub(super) async fn trouble(&self, what: String, pause: Duration) -> bool {
        let (source, at) = (self.source.clone(), (self.clock)());
        let sent = self.events.send(FeedEvent::Trouble { source, at, what, pause }).await.is_ok();
        tokio::select! {
            () = self.events.closed() => false,
            () = tokio::time::sleep(pause) => sent,
        }
    }

    pub(super) fn backoff(&self) -> Backoff {
        Backoff::new(self.settings.first_pause, self.settings.max_pause, self.seed)
    }

    /// Ends when nobody listens any more.
    pub(super) async fn closed(&self) {
        self.events.closed().await;
    }
}

/// All sources of a configuration, each in a task of its own. They end when it is dropped.
#[derive(Debug)]
pub struct Hub {
    events: mpsc::Receiver<FeedEvent>,
    tasks: JoinSet<()>,
}

impl Hub {
    /// Starts every source. `seed` makes the pauses of this process differ from those of others.
    pub fn start(
        feeds: &[Feed],
        tls: Option<&Arc<ClientConfig>>,
        settings: Settings,
        clock: &Clock,
        seed: u64,
    ) -> Self {
        let (sender, events) = mpsc::channel(EVENTS);
        let mut tasks = JoinSet::new();
        for (feed, number) in feeds.iter().zip(0_u64..) {
            let line = Line {
                source: feed.rules.id.clone(),
                settings,
                tls: tls.cloned(),
                clock: Arc::clone(clock),
                events: sender.clone(),
                seed: seed.wrapping_add(number),
            };
            let decoder = feed.decoder();
            match feed.transport.clone() {
                Transport::Websocket { address } => drop(tasks.spawn(websocket::listen(line, address, decoder))),
                Transport::Poll { base, interval } => drop(tasks.spawn(poll::ask(line, base, interval, decoder))),
            }
        }
        Self { events, tasks }
    }

    /// The next event; nothing if there are no sources.
    pub async fn next(&mut self) -> Option<FeedEvent> {
        self.events.recv().await
    }

    /// Ends every connection, those of websockets by the rules, within [`END`].
    pub async fn close(mut self) {
        // The tasks notice that nobody listens any more.
        self.events.close();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(END, all).await;
    }

    /// Sources whose tasks run.
    pub fn running(&self) -> usize {
        self.tasks.len()
    }
}

/// What happened while the market was driven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A coin lost its mark, or got it back.
    Mark(MarkAlarm),
    /// A bar was closed without a coin.
    NoClose(StaleMark),
    /// A source has trouble.
    Trouble(FeedEvent),
}

/// Writes what the sources bring to a market, closes its bars and raises its alarms, until `stop` is done.
pub async fn drive(
    mut hub: Hub,
    market: &Mutex<LiveMarket>,
    clock: &Clock,
    mut notice: impl FnMut(Notice) + Send,
    stop: impl Future<Output = ()> + Send,
) {
    let mut stop = std::pin::pin!(stop);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut ended = false;
    loop {
        let event = tokio::select! {
            () = &mut stop => return hub.close().await,
            event = hub.next(), if !ended => {
                ended = event.is_none();
                event
            }
            _ = tick.tick() => None,
        };
        // A panic while the market was written leaves it half done: nothing more is written, and everything goes stale.
        let Ok(mut market) = market.lock() else { return };
        match event {
            Some(FeedEvent::Quote(quote)) => {
                // Why a quote does not count is part of the reason why there is no mark.
                let _ = market.update(&quote);
            }
            Some(trouble) => notice(Notice::Trouble(trouble)),
            None => {}
        }
        let now = clock();
        for stale in market.advance(now) {
            notice(Notice::NoClose(stale));
        }
        for alarm in market.book_mut().alarms(now) {
            notice(Notice::Mark(alarm));
        }
    }
}
