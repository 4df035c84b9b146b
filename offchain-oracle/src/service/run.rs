//! The process: everything is opened and checked, then the loop turns in one thread and connections are served in others,
//! until a signal or a store that fails.

use super::board::Shared;
use super::config::Config;
use super::feeds::{bring, Feeds, Sources};
use super::http::{app, serve, Access, Http, MAX_STREAMS};
use super::metrics::OfSource;
use super::oracle::Oracle;
use super::signers::Signers;
use super::store::Store;
use crate::chain::{Chain, Node, Outbox, Patience, Rpc, Wallet};
use crate::cycle::Attest;
use crate::error::{InputError, Place, Problem};
use crate::feed::transport::FeedEvent;
use crate::feed::{LiveBars, MarkBook, MarkState, Millis, MAX_GAP};
use crate::inputs::{DataPaths, Inputs};
use crate::model::ModelParams;
use crate::sign::{keyfile, Counter, MessageKind, Passphrase, SignError};
use crate::signer::{anonymous_client_config, one_sided_config};
use crate::symbol::{BySymbol, Symbol};
use crate::time::{Clock, SystemClock};
use crate::Error;
use serde_json::json;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::mpsc::{sync_channel, Receiver, RecvTimeoutError};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::{watch, Semaphore};

/// Quotes that wait for the loop; more are refused, or held back where a live feed brings them.
pub const MAX_WAITING: usize = 4_096;
/// Longest pause of the loop: bars close and ends are noticed within it.
const PAUSE: Duration = Duration::from_millis(200);
/// What the loop's thread waits for of a node: it looks at marks again soon.
const PATIENCE: Patience = Patience { deadline: Duration::from_secs(3), tries: 2, pause: Duration::from_millis(100) };
/// Addresses of callers are forgotten that often.
const TIDY: Duration = Duration::from_secs(60);

/// A client of the configured node.
///
/// # Errors
/// A certificate or key can't be used, or the node can't be reached.
pub fn node<O: Outbox>(config: &Config, outbox: O, clock: Arc<dyn Clock>) -> Result<Node<O>, Error> {
    let tls = config.chain.authority.as_deref().map(anonymous_client_config).transpose()?;
    let rpc = Rpc::new(config.chain.endpoint.clone(), tls, PATIENCE);
    let rpc = rpc.map_err(|error| crate::chain::ChainError::Unreachable(error.to_string()))?;
    let passphrase = config.chain.passphrase.as_deref().map(Passphrase::read).transpose()?;
    let key = keyfile::load(&config.chain.submitter, passphrase.as_ref())?;
    let wallet = Wallet::new(key, config.chain.node.chain_id);
    Ok(Node::connect(rpc, wallet, outbox, config.chain.node, clock)?)
}

/// Runs until `stop` is done. `announce` is told where it listens.
///
/// # Errors
/// Something can't be opened or does not fit, or the store fails on the way.
pub fn run(
    config: &Config,
    stop: impl FnOnce() -> std::io::Result<StopFuture>,
    announce: impl FnOnce(SocketAddr) -> Result<(), Error>,
) -> Result<(), Error> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let inputs = Arc::new(Inputs::load(&DataPaths::in_dir(&config.data_dir), ModelParams::STANDARD)?);
    let book = book(config)?;
    let store = Store::open(&config.store, config.chain.node.chain_id, Arc::clone(&clock))?;
    let shared = Arc::new(Shared::new(store.clone(), inputs, Arc::clone(&clock), config.freshness));
    let signers = Signers::open(&config.signing, &shared)?;
    let node = node(config, store, Arc::clone(&clock))?;
    if signers.set().signers().contains(&node.account()) {
        return Err(
            SignError::KeyMalformed(format!("{} is a signer's key as well", config.chain.submitter.display())).into()
        );
    }
    let mut oracle = Oracle::new(node, signers, config.pairs.clone(), Arc::clone(&shared), config.when)?;
    oracle.on_chain()?;
    let read = shared.board();
    let known = read.pairs.iter().filter(|pair| pair.view.is_some()).map(|pair| pair.vault);
    let (chain_id, kind) = (config.chain.node.chain_id, MessageKind::Instruction);
    let counters: Vec<Counter> = known.map(|vault| Counter { chain_id, vault, kind }).collect();
    oracle.attest_mut().start(&counters)?;
    let end = oracle.bars_end();
    let bars = LiveBars::after(shared.inputs.bars().name(), end, book, Millis::new(clock.millis()), MAX_GAP)?;
    let feeds = Feeds::open(config)?;
    let tls = config.tls.as_ref().map(|(certificate, key)| one_sided_config(certificate, key)).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| Error::Output { target: "threads".to_owned(), kind: error.kind() })?;
    let unusable = |error: std::io::Error| Error::Listen { address: config.listen.to_string(), kind: error.kind() };
    let listener = runtime.block_on(TcpListener::bind(config.listen)).map_err(unusable)?;
    let local = listener.local_addr().map_err(unusable)?;
    let stop = runtime.block_on(async { stop() });
    let stop = stop.map_err(|error| Error::Output { target: "signals".to_owned(), kind: error.kind() })?;
    announce(local)?;
    let (stopping, stopped) = watch::channel(false);
    let (inbox, waiting) = sync_channel(MAX_WAITING);
    let http = Arc::new(Http {
        shared: Arc::clone(&shared),
        access: Access::new(config.tokens.clone(), config.rate),
        limits: config.limits,
        quotes: inbox.clone(),
        posted: config.sources.iter().map(|source| source.id.clone()).collect(),
        stopping: stopped.clone(),
        streams: Arc::new(Semaphore::new(MAX_STREAMS)),
    });
    let (poll, in_loop, sources) = (config.chain.poll, stopped.clone(), Sources::of(config));
    // In a thread that may wait: clients of the node and of signers do, in runtimes of their own.
    let turning = runtime.spawn_blocking(move || turn(oracle, bars, sources, &waiting, poll, &in_loop));
    runtime.block_on(async {
        let tidy = tokio::spawn(tidy(Arc::clone(&http)));
        let bringing = (!feeds.is_empty()).then(|| tokio::spawn(bring(feeds.start(&clock), inbox, stopped.clone())));
        let server = tokio::spawn(serve(listener, tls, app(http), stopped));
        let mut turning = std::pin::pin!(turning);
        let early = tokio::select! {
            () = stop => None,
            ended = &mut turning => Some(ended),
        };
        tracing::info!("ending");
        stopping.send_replace(true);
        let ended = match early {
            Some(ended) => ended,
            None => turning.await,
        };
        let _ = server.await;
        if let Some(bringing) = bringing {
            let _ = bringing.await;
        }
        tidy.abort();
        ended.unwrap_or_else(|_| Err(Error::Check("the loop failed inside; see the log".to_owned())))
    })
}

/// What ends the process.
pub type StopFuture = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// The book of marks that a configuration describes.
///
/// # Errors
/// Too few sources for a coin, or one twice.
pub fn book(config: &Config) -> Result<MarkBook, InputError> {
    let made = MarkBook::new(config.rules.clone(), config.all_sources().cloned().collect());
    made.map_err(|error| {
        InputError::new("configuration", Place::Json("marks".to_owned()), Problem::Json(error.to_string()))
    })
}

/// The loop: quotes to marks and bars, these to instructions, and a look at the chain every `poll`.
///
/// # Errors
/// The store can't be used.
pub fn turn<C: Chain, A: Attest>(
    mut oracle: Oracle<C, A>,
    mut bars: LiveBars,
    mut sources: Sources,
    inbox: &Receiver<FeedEvent>,
    poll: Duration,
    stopping: &watch::Receiver<bool>,
) -> Result<(), Error> {
    let shared = oracle.shared();
    let mut look = Instant::now();
    // At the start sources have as long as a quote counts; then a coin without a mark is an alarm.
    let mut begin = Some(Millis::new(shared.clock.millis()).after(bars.book().rules().max_age));
    while !*stopping.borrow() {
        match inbox.recv_timeout(PAUSE.min(look.saturating_duration_since(Instant::now()))) {
            Ok(event) => {
                let rest = std::iter::from_fn(|| inbox.try_recv().ok()).take(MAX_WAITING);
                for event in std::iter::once(event).chain(rest) {
                    take(&shared, &mut bars, &mut sources, &event);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(PAUSE),
        }
        let now = Millis::new(shared.clock.millis());
        begin =
            begin.filter(|end| now < *end && !Symbol::ALL.into_iter().all(|coin| is_marked(&oracle, &bars, coin, now)));
        if begin.is_none() {
            tick(&mut oracle, &mut bars, &sources, now)?;
        }
        if Instant::now() >= look {
            oracle.on_chain()?;
            look = Instant::now().checked_add(poll).unwrap_or_else(Instant::now);
        }
    }
    Ok(())
}

/// True if a coin has a fresh mark, or no pair needs one.
fn is_marked<C: Chain, A: Attest>(oracle: &Oracle<C, A>, bars: &LiveBars, coin: Symbol, now: Millis) -> bool {
    !oracle.needs(coin) || matches!(bars.book().mark(coin, now), MarkState::Fresh(_))
}

fn take(shared: &Shared, bars: &mut LiveBars, sources: &mut Sources, event: &FeedEvent) {
    match event {
        FeedEvent::Quote(quote) => {
            let refused = bars.update(quote).err();
            sources.quoted(&quote.source, quote.receive_time, refused.as_ref());
            match refused {
                None => shared.metrics.quotes.inc(),
                Some(refused) => {
                    tracing::debug!(%refused, "a quote does not count");
                    shared.metrics.quotes_refused.inc()
                }
            };
        }
        FeedEvent::Trouble { source, what, pause, .. } => {
            let of = OfSource { source: source.to_string() };
            shared.metrics.source_troubles.get_or_create(&of).inc();
            // Said once; while it lasts it is on the board.
            if sources.troubled(source, what) {
                tracing::warn!(%source, what, pause_ms = pause.as_millis(), "a source can't be used");
            }
        }
    }
}

/// What a look at the clock brings: bars that have closed, marks that are lost or back, and instructions that are due.
///
/// # Errors
/// The store can't be used.
pub fn tick<C: Chain, A: Attest>(
    oracle: &mut Oracle<C, A>,
    bars: &mut LiveBars,
    sources: &Sources,
    now: Millis,
) -> Result<usize, Error> {
    let closed = bars.advance(now);
    for stale in closed.iter().flat_map(|closed| &closed.missing) {
        if oracle.needs(stale.market) {
            tracing::error!(market = %stale.market, what = %stale, "ALARM a bar closed without a coin");
        }
    }
    let closed: Vec<_> = closed.into_iter().map(|closed| closed.bar).collect();
    let marks = BySymbol::from_fn(|symbol| match bars.book().mark(symbol, now) {
        MarkState::Fresh(mark) => Some(mark.price),
        MarkState::Stale { .. } => None,
    });
    alarms(oracle, bars.book_mut(), now)?;
    let seconds = now.second_down();
    // Once a second even if nothing moves: instructions fall due.
    if closed.is_empty() && !oracle.is_news(seconds, &marks) {
        return Ok(0);
    }
    let signed = match oracle.on_tick(&closed, seconds, marks) {
        Err(error @ Error::Store(_)) => return Err(error),
        Err(error) => {
            tracing::error!(%error, "a tick was not worked through");
            0
        }
        Ok(signed) => signed,
    };
    oracle.note_sources(sources.board(bars, now));
    Ok(signed)
}

fn alarms<C: Chain, A: Attest>(oracle: &Oracle<C, A>, book: &mut MarkBook, now: Millis) -> Result<(), Error> {
    use crate::feed::MarkChange;
    for alarm in book.alarms(now) {
        let what = alarm.to_string();
        match &alarm.0 {
            MarkChange::Lost(stale) => {
                let market = stale.market.to_string();
                oracle.alarm("mark_lost", None, json!({ "market": market, "what": what }))?;
            }
            MarkChange::Back(mark) => {
                let market = mark.market.to_string();
                oracle.note("mark_back", None, json!({ "market": market, "what": what }))?;
            }
        }
    }
    Ok(())
}

async fn tidy(http: Arc<Http>) {
    loop {
        tokio::time::sleep(TIDY).await;
        http.access.tidy();
    }
}
