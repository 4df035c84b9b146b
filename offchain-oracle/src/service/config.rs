//! The configuration: one TOML file. A relative path in it is taken from its own directory.

use super::board::Freshness;
use super::http::{Limits, Rate, Scope, Token};
use super::oracle::{PairPlan, When};
use crate::chain::{Endpoint, NodeConfig};
use crate::context::word;
use crate::cycle::PairTerms;
use crate::error::{InputError, Place, Problem};
use crate::feed::{FeedConfig, MarkRules, PriceKind, SourceId, SourceRules};
use crate::files::Source;
use crate::instruction::NO_INTEREST;
use crate::portfolio::Portfolio;
use crate::signer::TlsFiles;
use crate::symbol::Symbol;
use ringfence_protocol::units::{Amount, Bps, Seconds, Wad};
use ringfence_protocol::vault::{MAX_INDEX, MIN_INDEX};
use ringfence_protocol::Address;
use serde::Deserialize;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Most pairs of one service.
pub const MAX_PAIRS: usize = 10_000;
/// Most tokens.
pub const MAX_TOKENS: usize = 64;

/// What `init --config` writes.
pub const EXAMPLE: &str = include_str!("example.toml");
/// The file of feeds that it names, written beside it.
pub const EXAMPLE_FEEDS: &str = include_str!("feeds.json");
/// The name of that file.
pub const FEEDS_NAME: &str = "feeds.json";

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its store.
    pub store: PathBuf,
    /// The tables.
    pub data_dir: PathBuf,
    /// Logs as JSON.
    pub json_logs: bool,
    /// When instructions are made.
    pub when: When,
    /// Certificate and key, for TLS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The chain.
    pub chain: ChainConfig,
    /// Who signs.
    pub signing: Signing,
    /// Bounds of marks.
    pub rules: MarkRules,
    /// Venues that the service listens to and asks.
    pub feeds: Option<FeedConfig>,
    /// The authorities of venues' certificates; the machine's own if there is no file.
    pub feeds_authority: Option<PathBuf>,
    /// Sources whose quotes feeders post.
    pub sources: Vec<SourceRules>,
    /// The pairs.
    pub pairs: Vec<PairPlan>,
    /// Who may ask.
    pub tokens: Vec<Token>,
    /// How often each may ask.
    pub rate: Rate,
    /// Bounds of requests.
    pub limits: Limits,
    /// When it is ready.
    pub freshness: Freshness,
}

/// How to reach the chain, and who pays.
#[derive(Clone, Debug)]
pub struct ChainConfig {
    /// The node.
    pub endpoint: Endpoint,
    /// The authority of its certificate, for `https`.
    pub authority: Option<PathBuf>,
    /// What the client may do.
    pub node: NodeConfig,
    /// Key of the account that pays.
    pub submitter: PathBuf,
    /// Its passphrase.
    pub passphrase: Option<PathBuf>,
    /// Time between two looks.
    pub poll: Duration,
}

/// Who signs.
#[derive(Clone, Debug)]
pub enum Signing {
    /// Keys in this process, each behind its journal.
    Local {
        /// Keystores.
        keys: Vec<PathBuf>,
        /// Their passphrase.
        passphrase: Option<PathBuf>,
        /// How many have to sign.
        threshold: u8,
    },
    /// Signer processes.
    Remote {
        /// Who they are, and where.
        roster: PathBuf,
        /// What this side shows.
        tls: TlsFiles,
        /// Longest wait.
        deadline: Duration,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigText {
    listen: String,
    store: PathBuf,
    data_dir: PathBuf,
    #[serde(default)]
    log: Option<String>,
    #[serde(default)]
    instruct: Option<String>,
    #[serde(default)]
    behind_proxy: bool,
    #[serde(default)]
    tls: Option<TlsText>,
    chain: ChainText,
    signing: SigningText,
    marks: MarksText,
    pairs: Vec<PairText>,
    #[serde(default)]
    tokens: Vec<TokenText>,
    #[serde(default)]
    limits: LimitsText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsText {
    certificate: PathBuf,
    key: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainText {
    url: String,
    #[serde(default)]
    authority: Option<PathBuf>,
    chain_id: u64,
    submitter_key: PathBuf,
    #[serde(default)]
    passphrase_file: Option<PathBuf>,
    max_fee_wei: String,
    #[serde(default = "sixty")]
    stuck_after_seconds: u64,
    #[serde(default = "six")]
    poll_seconds: u64,
    #[serde(default = "two_minutes")]
    max_block_age_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SigningText {
    #[serde(default)]
    keys: Vec<PathBuf>,
    #[serde(default)]
    passphrase_file: Option<PathBuf>,
    #[serde(default)]
    threshold: Option<u8>,
    #[serde(default)]
    roster: Option<PathBuf>,
    #[serde(default)]
    certificate: Option<PathBuf>,
    #[serde(default)]
    key: Option<PathBuf>,
    #[serde(default)]
    authority: Option<PathBuf>,
    #[serde(default = "fifteen")]
    deadline_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MarksText {
    #[serde(default)]
    feeds: Option<PathBuf>,
    #[serde(default)]
    authority: Option<PathBuf>,
    #[serde(default)]
    sources: Vec<SourceText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceText {
    name: String,
    price: String,
    markets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PairText {
    vault: String,
    portfolio: PathBuf,
    validity_seconds: u64,
    #[serde(default)]
    fee_rate: u16,
    #[serde(default)]
    interest_index: Option<String>,
    trigger: String,
    every_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenText {
    name: String,
    sha256: String,
    scopes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitsText {
    requests_per_second: NonZeroU32,
    burst: NonZeroU32,
    request_seconds: u64,
}

impl Default for LimitsText {
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self { requests_per_second: number(20), burst: number(40), request_seconds: 10 }
    }
}

const fn six() -> u64 {
    6
}
const fn fifteen() -> u64 {
    15
}
const fn sixty() -> u64 {
    60
}
const fn two_minutes() -> u64 {
    120
}

/// Where it is wrong, and what must hold.
type Wrong = (String, &'static str);

impl Config {
    /// Every source of marks, live ones first.
    pub fn all_sources(&self) -> impl Iterator<Item = &SourceRules> {
        let live = self.feeds.iter().flat_map(FeedConfig::feeds).map(|feed| &feed.rules);
        live.chain(&self.sources)
    }

    /// Reads a configuration and the portfolios it names.
    ///
    /// # Errors
    /// The first member that is wrong, or a portfolio that is.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        Self::parse(&Source::read(path)?)
    }

    /// Reads one that is in memory; its name gives the directory of relative paths.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let text = document(source)?;
        let directory = Path::new(&source.name).parent().unwrap_or_else(|| Path::new("")).to_owned();
        let wrong = |(place, rule): Wrong| {
            let name = place.rsplit('.').next().unwrap_or_default().to_owned();
            InputError::new(&source.name, Place::Json(place), Problem::Rule { name, rule })
        };
        let at = |path: &PathBuf| directory.join(path);
        let listen = listen(&text).map_err(wrong)?;
        let chain = chain(&text.chain, &at).map_err(wrong)?;
        let signing = signing(&text.signing, &at).map_err(wrong)?;
        let sources = sources(&text.marks).map_err(wrong)?;
        let feeds = text.marks.feeds.as_ref().map(|path| FeedConfig::parse(&Source::read(&at(path))?)).transpose()?;
        if text.pairs.is_empty() || text.pairs.len() > MAX_PAIRS {
            return Err(wrong(("pairs".to_owned(), "must be between 1 and 10000")));
        }
        let mut pairs: Vec<PairPlan> = Vec::with_capacity(text.pairs.len());
        for (index, pair) in text.pairs.iter().enumerate() {
            let inside = |(place, rule): (&str, &'static str)| wrong((format!("pairs[{index}].{place}"), rule));
            let terms = terms(pair, chain.node.chain_id).map_err(inside)?;
            let portfolio = Arc::new(Portfolio::parse(&Source::read(&at(&pair.portfolio))?)?);
            if pairs.iter().any(|other| other.terms.vault == terms.vault) {
                return Err(inside(("vault", "must appear only once")));
            }
            if pairs.iter().any(|other| other.portfolio.pair() == portfolio.pair()) {
                return Err(inside(("portfolio", "must have a label of its own")));
            }
            let trigger =
                amount(&pair.trigger).ok_or_else(|| inside(("trigger", "must be base units in quotation marks")))?;
            let every = Seconds::new(pair.every_seconds);
            if every == Seconds::ZERO || every > crate::context::MAX_VALIDITY {
                return Err(inside(("every_seconds", "must be between 1 and 86400")));
            }
            pairs.push(PairPlan { terms, portfolio, trigger, every });
        }
        let tokens = tokens(&text.tokens).map_err(wrong)?;
        let limits = &text.limits;
        if limits.request_seconds == 0 || limits.request_seconds > 60 {
            return Err(wrong(("limits.request_seconds".to_owned(), "must be between 1 and 60")));
        }
        let freshness = Freshness {
            answer: Seconds::new(chain.poll.as_secs().saturating_mul(3).saturating_add(15)),
            block: Seconds::new(text.chain.max_block_age_seconds),
        };
        let when = one_of(text.instruct.as_deref(), [("closes", When::Closes), ("ticks", When::Ticks)]);
        let json_logs = one_of(text.log.as_deref(), [("text", false), ("json", true)]);
        Ok(Self {
            listen,
            store: at(&text.store),
            data_dir: at(&text.data_dir),
            json_logs: json_logs.ok_or_else(|| wrong(("log".to_owned(), "must be text or json")))?,
            when: when.ok_or_else(|| wrong(("instruct".to_owned(), "must be closes or ticks")))?,
            tls: text.tls.as_ref().map(|tls| (at(&tls.certificate), at(&tls.key))),
            chain,
            signing,
            rules: feeds.as_ref().map_or(MarkRules::STANDARD, |feeds| feeds.rules().clone()),
            feeds,
            feeds_authority: text.marks.authority.as_ref().map(at),
            sources,
            pairs,
            tokens,
            rate: Rate { per_second: limits.requests_per_second, burst: limits.burst },
            limits: Limits { request: Duration::from_secs(limits.request_seconds) },
            freshness,
        })
    }
}

fn document(source: &Source) -> Result<ConfigText, InputError> {
    let broken = |error: &toml::de::Error| {
        let row = error.span().map(|span| source.text.get(..span.start).unwrap_or_default().matches('\n').count());
        let place = row.map_or(Place::File, |row| Place::Row(u64::try_from(row).unwrap_or(u64::MAX).saturating_add(1)));
        InputError::new(&source.name, place, Problem::Json(one_line(error.message())))
    };
    let deserializer = toml::Deserializer::new(&source.text);
    serde_path_to_error::deserialize(deserializer).map_err(|error| match error.path().to_string().as_str() {
        "." | "?" => broken(error.inner()),
        path => {
            let problem = Problem::Json(one_line(error.inner().message()));
            InputError::new(&source.name, Place::Json(path.to_owned()), problem)
        }
    })
}

/// One line of another's words.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

/// The value of a word; the first if there is none.
fn one_of<T: Copy, const N: usize>(word: Option<&str>, choices: [(&str, T); N]) -> Option<T> {
    match word {
        None => choices.first().map(|(_, value)| *value),
        Some(word) => choices.iter().find(|(name, _)| *name == word).map(|(_, value)| *value),
    }
}

fn listen(text: &ConfigText) -> Result<SocketAddr, Wrong> {
    let place = || "listen".to_owned();
    let listen: SocketAddr =
        text.listen.parse().map_err(|_| (place(), "must be an address and a port such as 127.0.0.1:8480"))?;
    if !listen.ip().is_loopback() && text.tls.is_none() && !text.behind_proxy {
        return Err((
            place(),
            "needs [tls], or behind_proxy = true if a proxy adds it: tokens must not travel in the clear",
        ));
    }
    Ok(listen)
}

fn chain(text: &ChainText, at: &impl Fn(&PathBuf) -> PathBuf) -> Result<ChainConfig, Wrong> {
    let wrong = |member: &str, rule| (format!("chain.{member}"), rule);
    let endpoint =
        Endpoint::parse(&text.url).ok_or_else(|| wrong("url", "must be http:// or https://, host, port, path"))?;
    if endpoint.tls && text.authority.is_none() {
        return Err(wrong("authority", "is needed for https, such as /etc/ssl/certs/ca-certificates.crt"));
    }
    if text.poll_seconds == 0 || text.poll_seconds > 60 {
        return Err(wrong("poll_seconds", "must be between 1 and 60"));
    }
    if text.stuck_after_seconds == 0 {
        return Err(wrong("stuck_after_seconds", "must be at least 1"));
    }
    let max_fee = text.max_fee_wei.parse().map_err(|_| wrong("max_fee_wei", "must be wei in quotation marks"))?;
    Ok(ChainConfig {
        endpoint,
        authority: text.authority.as_ref().map(at),
        node: NodeConfig { chain_id: text.chain_id, max_fee, stuck_after: text.stuck_after_seconds },
        submitter: at(&text.submitter_key),
        passphrase: text.passphrase_file.as_ref().map(at),
        poll: Duration::from_secs(text.poll_seconds),
    })
}

fn signing(text: &SigningText, at: &impl Fn(&PathBuf) -> PathBuf) -> Result<Signing, Wrong> {
    let wrong = |member: &str, rule| (format!("signing.{member}"), rule);
    let Some(roster) = &text.roster else {
        let threshold = text.threshold.ok_or_else(|| wrong("threshold", "is needed beside keys"))?;
        if text.keys.is_empty() {
            return Err(wrong("keys", "must name keystores, or roster the signers' processes"));
        }
        let keys = text.keys.iter().map(at).collect();
        return Ok(Signing::Local { keys, passphrase: text.passphrase_file.as_ref().map(at), threshold });
    };
    if !text.keys.is_empty() {
        return Err(wrong("keys", "must be left out beside roster"));
    }
    let needed = |member: &str, path: &Option<PathBuf>| {
        path.as_ref().map(at).ok_or_else(|| wrong(member, "is needed beside roster"))
    };
    let tls = TlsFiles {
        certificate: needed("certificate", &text.certificate)?,
        key: needed("key", &text.key)?,
        authority: needed("authority", &text.authority)?,
    };
    if text.deadline_seconds == 0 || Duration::from_secs(text.deadline_seconds) > crate::signer::MAX_DEADLINE {
        return Err(wrong("deadline_seconds", "must be between 1 and 120"));
    }
    Ok(Signing::Remote { roster: at(roster), tls, deadline: Duration::from_secs(text.deadline_seconds) })
}

fn sources(text: &MarksText) -> Result<Vec<SourceRules>, Wrong> {
    if text.feeds.is_none() && text.sources.is_empty() {
        return Err(("marks".to_owned(), "must name a file of feeds, or sources whose quotes are posted"));
    }
    if text.feeds.is_none() && text.authority.is_some() {
        return Err(("marks.authority".to_owned(), "must be left out without feeds"));
    }
    let source = |(index, text): (usize, &SourceText)| {
        let wrong = |member: &str, rule| (format!("marks.sources[{index}].{member}"), rule);
        let id = SourceId::new(&text.name).ok_or_else(|| wrong("name", "must be 1 to 32 of a-z, 0-9 and -"))?;
        let kinds = [
            ("mid", PriceKind::Mid),
            ("last", PriceKind::Last),
            ("mark", PriceKind::Mark),
            ("index", PriceKind::Index),
        ];
        let price =
            one_of(Some(&text.price), kinds).ok_or_else(|| wrong("price", "must be mid, last, mark or index"))?;
        let symbol =
            |text: &String| Symbol::parse(text).ok_or_else(|| wrong("markets", "must be of BTC, ETH, SOL, XRP"));
        let markets = text.markets.iter().map(symbol).collect::<Result<_, _>>()?;
        Ok(SourceRules { id, price, markets })
    };
    text.sources.iter().enumerate().map(source).collect()
}

fn terms(text: &PairText, chain_id: u64) -> Result<PairTerms, (&'static str, &'static str)> {
    let vault = word(&text.vault).map(Address).ok_or(("vault", "must be 0x and 40 hexadecimal digits"))?;
    let validity = Seconds::new(text.validity_seconds);
    if validity == Seconds::ZERO || validity > crate::context::MAX_VALIDITY {
        return Err(("validity_seconds", "must be between 1 and 86400"));
    }
    let fee_rate = Bps::new(text.fee_rate);
    if fee_rate > ringfence_protocol::terms::MAX_FEE_CAP {
        return Err(("fee_rate", "must be at most 1000 basis points"));
    }
    let index = text.interest_index.as_deref().map(|index| index.parse().map(Wad::new));
    let index = index.transpose().map_err(|_| ("interest_index", "must be a whole number in quotation marks"))?;
    let interest_index = index.unwrap_or(NO_INTEREST);
    if !(MIN_INDEX..=MAX_INDEX).contains(&interest_index) {
        return Err(("interest_index", "must be between 10^15 and 10^21: it begins at 10^18"));
    }
    Ok(PairTerms { chain_id, vault, validity, interest_index, fee_rate })
}

fn amount(text: &str) -> Option<Amount> {
    text.parse().ok().map(Amount::new).filter(|amount| *amount <= Amount::MAX && *amount > Amount::ZERO)
}

fn tokens(texts: &[TokenText]) -> Result<Vec<Token>, Wrong> {
    if texts.len() > MAX_TOKENS {
        return Err(("tokens".to_owned(), "must be at most 64"));
    }
    let token = |(index, text): (usize, &TokenText)| {
        let wrong = |member: &str, rule| (format!("tokens[{index}].{member}"), rule);
        let sha256 = word(&format!("0x{}", text.sha256));
        let scope = |text: &String| Scope::parse(text).ok_or_else(|| wrong("scopes", "must be of read, feed"));
        Ok(Token {
            name: text.name.clone(),
            sha256: sha256.ok_or_else(|| wrong("sha256", "must be 64 hexadecimal digits, as sha256sum prints them"))?,
            scopes: text.scopes.iter().map(scope).collect::<Result<_, _>>()?,
        })
    };
    texts.iter().enumerate().map(token).collect()
}
