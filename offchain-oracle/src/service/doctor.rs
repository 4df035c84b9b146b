//! Checks a configuration against the world: files, keys, journals, store, chain, clock, sources.

use super::config::{Config, Signing};
use super::feeds::Feeds;
use super::run::{book, node};
use super::signers::journal_of;
use super::store::Store;
use crate::chain::{Chain, MemoryOutbox};
use crate::feed::transport::FeedEvent;
use crate::feed::{coins_needed, MarkState, Millis, SourceId, SourceRules};
use crate::inputs::{DataPaths, Inputs};
use crate::journal::Journal;
use crate::market::{Bar, BAR_SECONDS};
use crate::model::ModelParams;
use crate::sign::{keyfile, Passphrase, SigningKey};
use crate::signer::{client_config, one_sided_config, Roster};
use crate::symbol::Symbol;
use crate::time::{format_timestamp, Clock};
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::Address;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Longest that feeds are listened to.
pub const LISTEN: Duration = Duration::from_secs(10);
/// Seconds that this machine's clock may be behind a block.
pub const MAX_BEHIND: u64 = 5;

/// What was looked at and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: String,
    /// True if it is in order.
    pub good: bool,
    /// What was found, and what to do if it is not in order.
    pub detail: String,
}

/// The findings so far.
struct Findings(Vec<Finding>);

impl Findings {
    fn note(&mut self, check: impl Into<String>, found: Result<String, String>) {
        let good = found.is_ok();
        let detail = found.unwrap_or_else(|error| error);
        self.0.push(Finding { check: check.into(), good, detail });
    }
}

/// Everything that can be checked without changing anything. The store and the journals are opened, so a running service
/// has to be stopped first.
pub fn examine(config: &Config, clock: &Arc<dyn Clock>) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    tables(config, clock.as_ref(), &mut findings);
    sources(config, &mut findings);
    feeds(config, clock, &mut findings);
    let signers = signing(config, &mut findings);
    findings.note("store", store(config, clock));
    access(config, &mut findings);
    chain(config, clock, &signers, &mut findings);
    findings.0
}

fn tables(config: &Config, clock: &dyn Clock, findings: &mut Findings) {
    let loaded = Inputs::load(&DataPaths::in_dir(&config.data_dir), ModelParams::STANDARD);
    let inputs = match loaded {
        Ok(inputs) => inputs,
        Err(error) => return findings.note("tables", Err(error.to_string())),
    };
    let last = inputs.bars().as_slice().last().map_or(Timestamp::new(0), Bar::close_time);
    let close = format_timestamp(last);
    findings.note("tables", Ok(format!("{} bars, the last closes at {close}", inputs.bars().as_slice().len())));
    let age = clock.now().since(last);
    let fresh = if age < BAR_SECONDS {
        Ok(format!("the bars reach to {age} s before now"))
    } else {
        Err(format!(
            "the bars end {age} s ago: the service will book the time between without prices, and pairs with positions \
             that pay funding stop; bring the bar table up to date right before the start (the store's own bars count, too)"
        ))
    };
    findings.note("bars are up to date", fresh);
    for plan in &config.pairs {
        let fits = crate::replay::check(&inputs, &plan.portfolio, last);
        let text = format!("{} positions", plan.portfolio.positions().len());
        findings.note(format!("portfolio {}", plan.portfolio.pair()), fits.map(|()| text).map_err(|e| e.to_string()));
    }
}

fn sources(config: &Config, findings: &mut Findings) {
    let count = config.all_sources().count();
    let made = book(config).map(|_| format!("{count} sources")).map_err(|error| error.to_string());
    findings.note("sources", made);
    for symbol in needed(config) {
        let count = config.all_sources().filter(|source| source.markets.contains(&symbol)).count();
        let found = if count >= config.rules.min_sources {
            Ok(format!("{count} sources"))
        } else {
            let needed = config.rules.min_sources;
            Err(format!("{count} sources, {needed} needed; add them to the file of feeds, or under [[marks.sources]]"))
        };
        findings.note(format!("marks of {symbol}"), found);
    }
}

/// Coins that some pair needs.
fn needed(config: &Config) -> impl Iterator<Item = Symbol> + '_ {
    let needs = move |symbol: &Symbol| {
        config.pairs.iter().any(|plan| coins_needed(&plan.portfolio, Timestamp::new(0))[*symbol])
    };
    Symbol::ALL.into_iter().filter(needs)
}

/// Listens to every feed until each has quoted each of its coins, or the time is over.
fn feeds(config: &Config, clock: &Arc<dyn Clock>, findings: &mut Findings) {
    let Some(configured) = &config.feeds else { return };
    let opened = Feeds::open(config).map_err(|error| error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (feeds, runtime, mut book) = match (opened, runtime, book(config)) {
        (Ok(feeds), Ok(runtime), Ok(book)) => (feeds, runtime, book),
        (Err(error), ..) => return findings.note("feeds", Err(error)),
        (_, Err(error), _) => return findings.note("feeds", Err(error.to_string())),
        // Said above.
        (.., Err(_)) => return,
    };
    let mut heard: BTreeMap<SourceId, Heard> = BTreeMap::new();
    let whole = |heard: &BTreeMap<SourceId, Heard>| {
        let good =
            |rules: &SourceRules| heard.get(&rules.id).is_some_and(|heard| heard.good.len() >= rules.markets.len());
        configured.feeds().iter().all(|feed| good(&feed.rules))
    };
    runtime.block_on(async {
        let mut hub = feeds.start(clock);
        let listening = async {
            while let Some(event) = hub.next().await {
                match event {
                    FeedEvent::Quote(quote) => {
                        let refused = book.update(&quote).err();
                        let heard = heard.entry(quote.source).or_default();
                        match refused {
                            None => drop(heard.good.insert(quote.market)),
                            Some(refused) => heard.trouble = Some(refused.reason.to_string()),
                        }
                    }
                    FeedEvent::Trouble { source, what, .. } => heard.entry(source).or_default().trouble = Some(what),
                }
                if whole(&heard) {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(LISTEN, listening).await;
        hub.close().await;
    });
    for feed in configured.feeds() {
        let heard = heard.remove(&feed.rules.id).unwrap_or_default();
        findings.note(format!("feed {}", feed.rules.id), heard.finding(&feed.rules));
    }
    // Posted quotes come to a running service only.
    let now = Millis::new(clock.millis());
    for symbol in needed(config).filter(|symbol| !config.sources.iter().any(|source| source.markets.contains(symbol))) {
        let found = match book.mark(symbol, now) {
            MarkState::Fresh(mark) => Ok(format!("{} of {} sources", mark.price, mark.sources.len())),
            MarkState::Stale { why, .. } => Err(why.to_string()),
        };
        findings.note(format!("live mark of {symbol}"), found);
    }
}

/// What one feed brought.
#[derive(Default)]
struct Heard {
    good: BTreeSet<Symbol>,
    trouble: Option<String>,
}

impl Heard {
    fn finding(self, rules: &SourceRules) -> Result<String, String> {
        let silent: Vec<String> =
            rules.markets.iter().filter(|market| !self.good.contains(market)).map(ToString::to_string).collect();
        if silent.is_empty() {
            return Ok(format!("{} coins", self.good.len()));
        }
        let why = self.trouble.unwrap_or_else(|| "nothing came".to_owned());
        let seconds = LISTEN.as_secs();
        Err(format!(
            "no good quote of {} within {seconds} s: {why}; check its address and instruments",
            silent.join(", ")
        ))
    }
}

fn signing(config: &Config, findings: &mut Findings) -> Vec<Address> {
    match &config.signing {
        Signing::Local { keys, passphrase, threshold } => {
            let mut addresses = Vec::new();
            let passphrase = match passphrase.as_deref().map(Passphrase::read).transpose() {
                Ok(passphrase) => passphrase,
                Err(error) => {
                    findings.note("signers' passphrase", Err(error.to_string()));
                    None
                }
            };
            for path in keys {
                addresses.extend(key(path, passphrase.as_ref(), findings));
            }
            let set = ringfence_protocol::signature::SignerSet::new(sorted(&addresses), *threshold);
            let found = set.map(|_| format!("{threshold} of {}", keys.len()));
            findings.note("quorum", found.map_err(|error| format!("these keys form none ({error:?}); see [signing]")));
            addresses
        }
        Signing::Remote { roster, tls, .. } => {
            findings.note("certificates", client_config(tls).map(|_| "read".to_owned()).map_err(|e| e.to_string()));
            let roster = crate::files::Source::read(roster).and_then(|source| Roster::parse(&source));
            let addresses = roster.as_ref().map(|roster| roster.set().signers().to_vec()).unwrap_or_default();
            let found = roster.map(|roster| format!("{} of {}", roster.set().threshold(), addresses.len()));
            findings.note("roster", found.map_err(|error| error.to_string()));
            addresses
        }
    }
}

fn sorted(addresses: &[Address]) -> Vec<Address> {
    let mut sorted = addresses.to_vec();
    sorted.sort_unstable();
    sorted
}

/// One key: its file's mode, that it opens, and its journal.
fn key(path: &Path, passphrase: Option<&Passphrase>, findings: &mut Findings) -> Option<Address> {
    let name = path.display().to_string();
    let key = match keyfile::load(path, passphrase) {
        Ok(key) => key,
        Err(error) => {
            findings.note(format!("key {name}"), Err(error.to_string()));
            return None;
        }
    };
    let address = key.address();
    findings.note(format!("key {name}"), Ok(format!("{address:?}, readable by its owner only")));
    let journal = journal_of(path);
    let opened = Journal::open(&journal, address);
    let found = opened.map(|journal| format!("{} records", journal.len())).map_err(|error| error.to_string());
    findings.note(format!("journal {}", journal.display()), found);
    Some(address)
}

/// A store that is not there yet is made by the service, so that only its directory is looked at.
fn store(config: &Config, clock: &Arc<dyn Clock>) -> Result<String, String> {
    if !config.store.exists() {
        let parent = config.store.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return match std::fs::metadata(parent) {
            Ok(meta) if meta.is_dir() => Ok("will be made at the first start".to_owned()),
            _ => Err(format!("{}: no such directory; make it", parent.display())),
        };
    }
    let store = Store::open(&config.store, config.chain.node.chain_id, Arc::clone(clock));
    let newest = store.and_then(|store| store.newest_event());
    newest.map(|newest| format!("{newest} events so far")).map_err(|error| error.to_string())
}

fn access(config: &Config, findings: &mut Findings) {
    let example = |token: &super::http::Token| token.sha256.iter().take(31).all(|byte| *byte == 0);
    let found = if config.tokens.is_empty() {
        Err("nobody can ask anything but health; add [[tokens]]".to_owned())
    } else if let Some(token) = config.tokens.iter().find(|token| example(token)) {
        Err(format!("the token of \"{}\" is the example's; make one with `openssl rand -hex 32`", token.name))
    } else {
        Ok(format!("{} tokens", config.tokens.len()))
    };
    findings.note("tokens", found);
    if let Some((certificate, key)) = &config.tls {
        findings.note("TLS", one_sided_config(certificate, key).map(|_| "read".to_owned()).map_err(|e| e.to_string()));
    }
}

fn chain(config: &Config, clock: &Arc<dyn Clock>, signers: &[Address], findings: &mut Findings) {
    let connected = node(config, MemoryOutbox::default(), Arc::clone(clock));
    let mut node = match connected {
        Ok(node) => node,
        Err(error) => return findings.note("chain", Err(error.to_string())),
    };
    let account = node.account();
    findings.note("chain", Ok(format!("chain {}", config.chain.node.chain_id)));
    let own = if signers.contains(&account) {
        Err(format!("{account:?} is a signer's key as well; make another with `ringfence-oracle keys new`"))
    } else {
        Ok(format!("{account:?}"))
    };
    findings.note("submitter", own);
    let balance = node.balance().map_err(|error| error.to_string());
    findings.note(
        "submitter's balance",
        balance.and_then(|wei| match wei {
            0 => Err(format!("nothing; send gas to {account:?}")),
            wei => Ok(format!("{wei} wei")),
        }),
    );
    match node.finalised() {
        Err(error) => findings.note("finality", Err(error.to_string())),
        Ok(block) => {
            let (now, limit) = (clock.now(), config.freshness.block);
            let age = now.since(block.time);
            let text = format!("block {} is {age} s old", block.number);
            let old = if age <= limit {
                Ok(text.clone())
            } else {
                Err(format!("{text}; check that the node follows its chain"))
            };
            findings.note("finality", old);
            let behind = block.time.since(now);
            let found = if behind.get() <= MAX_BEHIND {
                Ok("not behind the chain".to_owned())
            } else {
                Err(format!("this machine's clock is {behind} s behind a finalised block; set it by NTP"))
            };
            findings.note("clock", found);
        }
    }
    for plan in &config.pairs {
        let found = node.vault(plan.terms.vault).map_err(|error| error.to_string());
        let found = found.and_then(|view| {
            if !view.accepts_instructions() {
                return Err(format!("it is {}: it takes no instructions", view.phase.name()));
            }
            if view.portfolio_root != plan.portfolio.root() {
                let (on_chain, own) = (view.portfolio_root, plan.portfolio.root());
                return Err(format!(
                    "the parties agreed portfolio {on_chain:?}, the file gives {own:?}; use the agreed file"
                ));
            }
            if plan.terms.validity > view.max_staleness {
                let (asked, most) = (plan.terms.validity, view.max_staleness);
                return Err(format!("validity_seconds is {asked}, its terms take a valuation for {most}; lower it"));
            }
            Ok(format!("sequence {}, valued at {}", view.sequence, format_timestamp(view.valuation_time)))
        });
        findings.note(format!("vault {:?}", plan.terms.vault), found);
    }
}
