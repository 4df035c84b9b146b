//! The process: everything is opened and checked, then the loop turns in one thread and connections are served in others,
//! until a signal or a store that fails.

use super::board::Shared;
use super::config::Config;
use super::http::{app, serve, Access, Http, MAX_STREAMS};
use super::oracle::Oracle;
use super::signers::Signers;
use super::store::Store;
use crate::chain::{Chain, Node, Outbox, Patience, Rpc, Wallet};
use crate::cycle::Attest;
use crate::error::{InputError, Place, Problem};
use crate::feed::{MarkBook, MarkState, Millis, Quote};
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

/// Quotes that wait for the loop; more are refused.
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
    if signers.addresses().contains(&node.account()) {
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
    let (quotes, waiting) = sync_channel(MAX_WAITING);
    let http = Arc::new(Http {
        shared: Arc::clone(&shared),
        access: Access::new(config.tokens.clone(), config.rate),
        limits: config.limits,
        quotes,
        stopping: stopped.clone(),
        streams: Arc::new(Semaphore::new(MAX_STREAMS)),
    });
    let (poll, in_loop) = (config.chain.poll, stopped.clone());
    // In a thread that may wait: clients of the node and of signers do, in runtimes of their own.
    let turning = runtime.spawn_blocking(move || turn(oracle, book, &waiting, poll, &in_loop));
    runtime.block_on(async {
        let tidy = tokio::spawn(tidy(Arc::clone(&http)));
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
    let made = MarkBook::new(config.rules.clone(), config.sources.clone());
    made.map_err(|error| {
        InputError::new("configuration", Place::Json("marks".to_owned()), Problem::Json(error.to_string()))
    })
}

/// The loop: quotes to marks, marks to instructions, and a look at the chain every `poll`.
///
/// # Errors
/// The store can't be used.
pub fn turn<C: Chain, A: Attest>(
    mut oracle: Oracle<C, A>,
    mut book: MarkBook,
    quotes: &Receiver<Quote>,
    poll: Duration,
    stopping: &watch::Receiver<bool>,
) -> Result<(), Error> {
    let shared = oracle.shared();
    let mut look = Instant::now();
    let mut before = (0, BySymbol::default());
    while !*stopping.borrow() {
        match quotes.recv_timeout(PAUSE.min(look.saturating_duration_since(Instant::now()))) {
            Ok(quote) => {
                let rest = std::iter::from_fn(|| quotes.try_recv().ok()).take(MAX_WAITING);
                for quote in std::iter::once(quote).chain(rest) {
                    take(&shared, &mut book, &quote);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(PAUSE),
        }
        let now = Millis::new(shared.clock.millis());
        let marks = BySymbol::from_fn(|symbol| match book.mark(symbol, now) {
            MarkState::Fresh(mark) => Some(mark.price),
            MarkState::Stale { .. } => None,
        });
        alarms(&oracle, &mut book, now)?;
        let known = Symbol::ALL.into_iter().any(|symbol| marks[symbol].is_some());
        let seconds = now.second_down();
        // Once a second even if nothing moves: bars close, and instructions fall due.
        if before != (seconds.get(), marks) && (known || before.1 != marks) {
            before = (seconds.get(), marks);
            oracle.note_fresh(BySymbol::from_fn(|symbol| marks[symbol].is_some()));
            match oracle.on_marks(seconds, marks) {
                Err(error @ Error::Store(_)) => return Err(error),
                Err(error) => tracing::error!(%error, "a tick was not worked through"),
                Ok(_) => {}
            }
        }
        if Instant::now() >= look {
            oracle.on_chain()?;
            look = Instant::now().checked_add(poll).unwrap_or_else(Instant::now);
        }
    }
    Ok(())
}

fn take(shared: &Shared, book: &mut MarkBook, quote: &Quote) {
    match book.update(quote) {
        Ok(()) => shared.metrics.quotes.inc(),
        Err(refused) => {
            tracing::debug!(%refused, "a quote does not count");
            shared.metrics.quotes_refused.inc()
        }
    };
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
                oracle.note("mark_back", json!({ "market": market, "what": what }))?;
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
