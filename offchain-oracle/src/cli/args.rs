use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use ringfence_oracle::protocol::units::Bps;
use ringfence_oracle::protocol::Pair;
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  output could not be written
  2  wrong usage
  3  bad input: a table, portfolio or context is missing or wrong
  4  a value could not be computed
  5  a key can't be used
  6  a signer refused
  7  a chain refused or did not answer
  8  a signing journal can't be used
  9  the network address can't be used
  10  a check failed: an instruction differs from what its inputs give, the back-test rejects the model, or the doctor
      found something
  11  the service's store can't be used
 12  market data are too old, too few or too far apart: nothing was signed
 13  a server of archives does not answer, or not with what was asked for
 14  what was downloaded is not what was published, or no klines: nothing of it was used
 15  downloaded history has gaps: the table was not written

Examples:
  ringfence-oracle value --portfolio data/portfolios/btc.json --at 2025-10-10T21:20Z
  ringfence-oracle replay --portfolio data/portfolios/btc.json --portfolio data/portfolios/sol.json
  ringfence-oracle backtest --html target/backtest.html
  ringfence-oracle bond price --portfolio data/portfolios/btc.json --limit 2000000 --default-rate 200
  ringfence-oracle keys new --out signer-1.key && ringfence-oracle journal init --key signer-1.key
  ringfence-oracle sign --context data/contexts/btc-2120.json --key signer-1.key --key signer-2.key --key signer-3.key
  ringfence-oracle journal export --journal signer-1.key.journal --out signer-1.export";

/// Values pairs, computes their margin and signs instructions for their vaults.
#[derive(Debug, Parser)]
#[command(name = "ringfence-oracle", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Print JSON instead of tables; money is in base units of USDC (10^-6), as strings.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// No progress bar.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// When to use colours; NO_COLOR in the environment turns them off, too.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::from_str(text, false).ok()
    }

    pub(crate) const fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Mark a portfolio to market with funding: what B owes A since inception.
    Value(ValueArgs),
    /// Initial margin of both sides and the tail requirement, with where they come from.
    Margin(ValueArgs),
    /// What each named stress scenario would make of a pair.
    Stress(ValueArgs),
    /// Value a pair, build its margin instruction and sign it with k of n keys.
    Sign(SignArgs),
    /// Value a pair, build its margin instruction and collect k of n signatures from signer processes.
    Collect(CollectArgs),
    /// Serve signatures over HTTP to an aggregator that shows a certificate.
    Signer(SignerArgs),
    /// Value pairs at every bar and show the start, the extremes and the end.
    Replay(ReplayArgs),
    /// Test the model on days it was not fitted to: coverage, independence, expected shortfall, procyclicality.
    Backtest(BacktestArgs),
    /// Layers of tail-risk bonds.
    #[command(subcommand)]
    Bond(BondCommand),
    /// Recompute a signed instruction from its inputs and show the first difference.
    Verify(VerifyArgs),
    /// Signing journals: what each key has signed, so that it never signs two things for one number.
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Key files.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Write a commented configuration, or make a signer's keystore and its journal in one go.
    Init(InitArgs),
    /// Price history.
    #[command(subcommand)]
    History(HistoryCommand),
    /// Live market data.
    #[command(subcommand)]
    Feed(FeedCommand),
    /// Run the service: live marks in, signed instructions to the chain, HTTP interface, metrics.
    Serve(ConfigArgs),
    /// Check a configuration and everything it names, and say what to do.
    Doctor(ConfigArgs),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

const FEED_EXAMPLES: &str = "\
Examples:
  ringfence-oracle feed watch --feeds feeds.json
  ringfence-oracle feed watch --feeds feeds.json --seconds 60 --record quotes.csv --json

Prints the marks once a second and, on standard error, every loss, return and trouble of a source. Ends after --seconds or
Ctrl-C; exit code 12 if a coin has no fresh mark then. feeds.json: see MARKET_DATA.md.";

#[derive(Debug, Subcommand)]
pub(crate) enum FeedCommand {
    /// Listen to the sources of a configuration and show the marks, without signing anything.
    Watch(WatchArgs),
}

#[derive(Debug, Args)]
#[command(after_help = FEED_EXAMPLES)]
pub(crate) struct WatchArgs {
    /// Sources and rules.
    #[arg(long, value_name = "FILE")]
    pub(crate) feeds: PathBuf,
    /// How long [default: until Ctrl-C].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) seconds: Option<u64>,
    /// Write every quote to a new file, CSV, for `sign --quotes`; never overwrites.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Certificate authorities to believe, PEM [default: those of this machine].
    #[arg(long, value_name = "FILE")]
    pub(crate) feeds_ca: Option<PathBuf>,
}

const HISTORY_EXAMPLES: &str = "\
Examples:
  ringfence-oracle history fetch --interval 1d --from 2020-08-11 --to 2025-02-28 --out btc-sol-daily.csv
  ringfence-oracle history fetch --interval 5m --from 2025-10-10 --to 2025-10-10 --market futures --out bars.csv
  ringfence-oracle history fetch --interval 5m --symbol BTC --symbol ETH=ETHUSDC --from 2025-10-01 --to 2025-10-31 \\
    --out bars.csv --json

Archives are kept in --cache with their checksums; run it again after an interruption and it goes on where it stopped. The
table appears complete or not at all, and takes the place of an older one. One USDT or USDC is taken as one US dollar.

Exit codes: 0 done, 1 a file can't be written, 2 wrong usage, 3 days or coins that make no sense, 13 the server does not
answer, 14 an archive is corrupt, 15 rows are missing.";

#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Download public archives of klines, check them, and make the table that the engine reads.
    Fetch(FetchArgs),
}

#[derive(Debug, Args)]
#[command(after_help = HISTORY_EXAMPLES)]
pub(crate) struct FetchArgs {
    /// Daily closes of BTC and SOL (--history), or five-minute bars (--bars).
    #[arg(long, value_enum, value_name = "LENGTH")]
    pub(crate) interval: FetchInterval,
    /// First day, UTC.
    #[arg(long, value_name = "DATE")]
    pub(crate) from: String,
    /// Last day, UTC.
    #[arg(long, value_name = "DATE")]
    pub(crate) to: String,
    /// The table.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// A coin, or a coin and what the provider calls it, once per coin [default: all that the table has, in USDT].
    #[arg(long = "symbol", value_name = "COIN[=NAME]")]
    pub(crate) symbols: Vec<String>,
    /// Spot, or USD-margined futures.
    #[arg(long, value_enum, default_value_t = FetchMarket::Spot, value_name = "MARKET")]
    pub(crate) market: FetchMarket,
    /// Server of the archives, with the layout of data.binance.vision.
    #[arg(long, default_value = "https://data.binance.vision", value_name = "URL")]
    pub(crate) base_url: String,
    /// Where archives are kept.
    #[arg(long, default_value = "history-cache", value_name = "DIR")]
    pub(crate) cache: PathBuf,
    /// Attempts at one file.
    #[arg(long, default_value_t = 6, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) attempts: u32,
    /// Seconds that a server may be silent.
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(crate) timeout: u64,
    /// Certificate authorities to believe, PEM [default: those of this machine].
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_ca: Option<PathBuf>,
}

/// How long a kline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FetchInterval {
    /// A day.
    #[value(name = "1d")]
    Day,
    /// Five minutes.
    #[value(name = "5m")]
    FiveMinutes,
}

/// Which market.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FetchMarket {
    /// Spot.
    Spot,
    /// USD-margined futures.
    Futures,
}

/// Where the tables are.
#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// Directory of the tables below.
    #[arg(long, default_value = "data", env = "RINGFENCE_DATA", value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// Five-minute bars [default: crash-2025-10-10.csv].
    #[arg(long, value_name = "FILE")]
    pub(crate) bars: Option<PathBuf>,
    /// Daily closes [default: btc-sol-daily.csv].
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,
    /// Proxies of coins without a history [default: proxy.csv].
    #[arg(long, value_name = "FILE")]
    pub(crate) proxies: Option<PathBuf>,
    /// Stress scenarios [default: stress.csv].
    #[arg(long, value_name = "FILE")]
    pub(crate) stress: Option<PathBuf>,
    /// Funding rules [default: funding.csv].
    #[arg(long, value_name = "FILE")]
    pub(crate) funding: Option<PathBuf>,
    /// Discount and basis curves [default: curves.csv].
    #[arg(long, value_name = "FILE")]
    pub(crate) curves: Option<PathBuf>,
    /// Volatility surfaces [default: surfaces.csv].
    #[arg(long, value_name = "FILE")]
    pub(crate) surfaces: Option<PathBuf>,
    /// Spreads and volumes [default: liquidity.csv].
    #[arg(long, value_name = "FILE")]
    pub(crate) liquidity: Option<PathBuf>,
    /// Daily implied volatility at the money [default: implied.csv if it is there; else options go by the model's rule].
    #[arg(long, value_name = "FILE")]
    pub(crate) implied: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ValueArgs {
    /// Portfolio document.
    #[arg(long, value_name = "FILE")]
    pub(crate) portfolio: PathBuf,
    /// When to value: the close of a bar, UTC [default: the last].
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Each key signs behind its journal: a second message for a number is refused, whatever happened in between.
#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// Context document: chain, vault, terms, sequence, moment, portfolio.
    #[arg(long, value_name = "FILE")]
    pub(crate) context: PathBuf,
    /// Key file, once per signer.
    #[arg(long = "key", required = true, value_name = "FILE")]
    pub(crate) keys: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArgs,
    /// Journal of each key, in the same order [default: the key's file name and .journal].
    #[arg(long = "journal", value_name = "FILE")]
    pub(crate) journals: Vec<PathBuf>,
    /// Finalised counters of the chain [default: the context's sequence is taken to follow the vault's last].
    #[arg(long, value_name = "FILE")]
    pub(crate) chain_state: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) quotes: QuotesArgs,
    /// How many signatures an instruction needs.
    #[arg(long, default_value_t = 2, value_name = "K")]
    pub(crate) threshold: u8,
    /// Sign with every key, for a move beyond the circuit breaker.
    #[arg(long)]
    pub(crate) everyone: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

/// Quotes of venues to sign on, instead of a bar in the file of bars.
#[derive(Debug, Args)]
pub(crate) struct QuotesArgs {
    /// Quotes in the order in which they arrived, CSV or JSON: their marks at the moment to value become its bar, which
    /// must follow the last one of the file of bars. Needs --feeds.
    #[arg(long, value_name = "FILE", requires = "feeds")]
    pub(crate) quotes: Option<PathBuf>,
    /// Sources and rules of the marks.
    #[arg(long, value_name = "FILE", requires = "quotes")]
    pub(crate) feeds: Option<PathBuf>,
}

/// Passphrases are read from files: arguments and environments are seen by others.
#[derive(Debug, Args)]
pub(crate) struct PassphraseArgs {
    /// File with the passphrase of the keystores, readable by its owner only.
    #[arg(long, env = "RINGFENCE_PASSPHRASE_FILE", value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Portfolio document, once per pair.
    #[arg(long = "portfolio", required = true, value_name = "FILE")]
    pub(crate) portfolios: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BacktestArgs {
    /// First day of the test; the model is fitted to the days before it.
    #[arg(long, default_value = "2024-01-01", value_name = "DATE")]
    pub(crate) split: String,
    /// Also write charts and tables as a page; never overwrites.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// With --json, every day's profit and forecasts.
    #[arg(long)]
    pub(crate) days: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Instruction document, as `sign --json` prints it or the service gives it under /v1/vaults/{vault}/instructions/{sequence}. One with a member
    /// `market` is computed at the marks in it.
    #[arg(long, value_name = "FILE")]
    pub(crate) instruction: PathBuf,
    /// Portfolio document that both parties signed.
    #[arg(long, value_name = "FILE")]
    pub(crate) portfolio: PathBuf,
    /// Bars that the service made after the last one of the table, as it gives them under /v1/bars.
    #[arg(long, value_name = "FILE")]
    pub(crate) live_bars: Option<PathBuf>,
    /// Commitments to the signer's tables, as `margin --json` prints them: says which table differs.
    #[arg(long, value_name = "FILE")]
    pub(crate) tables: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

const BOND_PRICE_EXAMPLES: &str = "\
Examples:
  ringfence-oracle bond price --portfolio data/portfolios/btc.json --at 2025-10-10T21:20Z --limit 2000000
  ringfence-oracle bond price --portfolio data/portfolios/sol.json --first-loss 250000 --attachment 0 --limit 1000000 \\
    --volatility stressed --default-rate 200,400 --risk-days 90 --spread 800 --html target/layer.html
  ringfence-oracle bond price --portfolio data/portfolios/xrp.json --limit 500000 --margin 900000 --json

A default rate is yours to judge: nothing here knows how often a counterparty defaults. Without one, every figure is given a
default. The horizon of a loss is the margin period of risk; see MODEL.md, \"Pricing of a layer\", for what is assumed.";

#[derive(Debug, Subcommand)]
pub(crate) enum BondCommand {
    /// Expected loss, attachment and exhaustion probability and exceedance curve of a proposed layer, from the scenarios of the
    /// margin.
    Price(BondPriceArgs),
}

/// The level of volatility that scenarios are made at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// That of the moment.
    Current,
    /// That of the stressed period, for losses and margin alike.
    Stressed,
}

#[derive(Debug, Args)]
#[command(after_help = BOND_PRICE_EXAMPLES)]
pub(crate) struct BondPriceArgs {
    #[command(flatten)]
    pub(crate) value: ValueArgs,
    /// Principal: the most that the layer pays.
    #[arg(long, value_name = "USD", allow_hyphen_values = true)]
    pub(crate) limit: String,
    /// Sum of the bond layers below it, as in a bond's terms.
    #[arg(long, default_value = "0", value_name = "USD", allow_hyphen_values = true)]
    pub(crate) attachment: String,
    /// First-loss capital ring-fenced to the vault, below all bonds.
    #[arg(long, default_value = "0", value_name = "USD", allow_hyphen_values = true)]
    pub(crate) first_loss: String,
    /// Margin that whoever defaults holds [default: the initial margin of the model].
    #[arg(long, value_name = "USD", allow_hyphen_values = true)]
    pub(crate) margin: Option<String>,
    /// Volatility of the scenarios, and of the margin if the model gives it.
    #[arg(long, value_enum, default_value_t = Level::Current, value_name = "LEVEL")]
    pub(crate) volatility: Level,
    /// Default intensity of each side, basis points a year; two numbers with a comma are A's and B's.
    #[arg(long, value_name = "BPS", value_parser = rates)]
    pub(crate) default_rate: Option<Pair<Bps>>,
    /// Risk period in days; counts with a default rate only.
    #[arg(long, default_value_t = 365, value_name = "DAYS")]
    pub(crate) risk_days: u32,
    /// Annual spread to compare with expected loss, basis points; needs a default rate.
    #[arg(long, value_name = "BPS", requires = "default_rate", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) spread: Option<u16>,
    /// Histories resampled for standard errors and 95 % intervals; 0 for none.
    #[arg(long, default_value_t = 2_000, value_name = "N")]
    pub(crate) resamples: u32,
    /// Start of the random numbers of the resampling.
    #[arg(long, default_value_t = 20_251_010, value_name = "SEED")]
    pub(crate) seed: u64,
    /// Also write the exceedance curves as a chart; never overwrites.
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Also write tables and chart as a page; never overwrites.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// `BPS`, or `BPS,BPS` of A and B.
fn rates(text: &str) -> Result<Pair<Bps>, String> {
    let rate = |text: &str| text.parse::<u16>().map(Bps::new).map_err(|_| "not a whole number of basis points");
    let (a, b) = text.split_once(',').unwrap_or((text, text));
    Ok(Pair { a: rate(a)?, b: rate(b)? })
}

const KEYS_EXAMPLES: &str = "\
Examples:
  ringfence-oracle keys new --out signer-1.json --passphrase-file signer-1.pass
  ringfence-oracle keys address signer-1.json --passphrase-file signer-1.pass
  ringfence-oracle keys new --out test.key

With a passphrase the file is a Web3 secret storage document (scrypt, N = 2^18), which Ethereum wallets read as well;
without one it is plain digits, for tests.";

#[derive(Debug, Subcommand)]
#[command(after_help = KEYS_EXAMPLES)]
pub(crate) enum KeysCommand {
    /// Make a key in a new file that only its owner can read, and print its address.
    New {
        /// The file; never overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
    /// Print the address of a key file.
    Address {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseArgs,
    },
}

const JOURNAL_EXAMPLES: &str = "\
Examples:
  ringfence-oracle journal init --key signer-1.key
  ringfence-oracle journal list --journal signer-1.key.journal --json
  ringfence-oracle journal export --journal signer-1.key.journal --out signer-1.export
  ringfence-oracle journal import --journal new.journal --from signer-1.export
  ringfence-oracle journal verify --journal signer-1.key.journal --against signer-1.export
  ringfence-oracle journal catch-up --journal signer-1.key.journal --chain-state chain.json

Stop the signer first: a journal serves one process at a time. Back up with export, never by copying the file: after an
import the signer leaves the next number of every counter to the others, since the export may be older than its last
signature. A key without the others to carry on is replaced by a rotation of signers.";

#[derive(Debug, Subcommand)]
#[command(after_help = JOURNAL_EXAMPLES)]
pub(crate) enum JournalCommand {
    /// Make the journal of a key that has never signed.
    Init {
        /// The key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseArgs,
        /// The journal; never overwritten [default: the key's file name and .journal].
        #[arg(long, value_name = "FILE")]
        journal: Option<PathBuf>,
    },
    /// What was signed, and what was refused because something else had been signed.
    List {
        #[command(flatten)]
        file: JournalFile,
        /// Only this vault.
        #[arg(long, value_name = "ADDRESS")]
        vault: Option<String>,
        /// At most this many, the newest; 0 for all.
        #[arg(long, default_value_t = 20, value_name = "N")]
        last: usize,
    },
    /// Write all of it to a new file that another signer can import.
    Export {
        #[command(flatten)]
        file: JournalFile,
        /// The file; never overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Add what an export holds; the journal is made if it is not there.
    Import {
        #[command(flatten)]
        file: JournalFile,
        /// The export.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// Recompute every link, and compare with the chain or an export if given.
    Verify {
        #[command(flatten)]
        file: JournalFile,
        /// Finalised counters of the chain: fails if the journal ends before them.
        #[arg(long, value_name = "FILE")]
        chain_state: Option<PathBuf>,
        /// An export: fails if the journal lacks any of it.
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
    /// Let a journal that ends before the chain sign again, from the number after the next.
    CatchUp {
        #[command(flatten)]
        file: JournalFile,
        /// Finalised counters of the chain.
        #[arg(long, value_name = "FILE")]
        chain_state: PathBuf,
        /// Stay until the chain has taken the number that is left out, at most this long; then even a single `sign` may
        /// follow. A signer process needs no waiting.
        #[arg(long, value_name = "SECONDS")]
        wait: Option<u64>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct JournalFile {
    /// The journal.
    #[arg(long = "journal", value_name = "FILE")]
    pub(crate) path: PathBuf,
}

const INIT_EXAMPLES: &str = "\
Examples:
  ringfence-oracle init --config oracle.toml
  ringfence-oracle init --out signer-1.json --passphrase-file signer-1.pass";

#[derive(Debug, Args)]
#[command(after_help = INIT_EXAMPLES)]
pub(crate) struct InitArgs {
    /// Write a commented configuration of the service to this file; never overwritten.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "passphrase_file"], required_unless_present = "out")]
    pub(crate) config: Option<PathBuf>,
    /// The keystore; never overwritten. The journal has its name and .journal.
    #[arg(long, value_name = "FILE", requires = "passphrase_file")]
    pub(crate) out: Option<PathBuf>,
    /// File with the passphrase, readable by its owner only.
    #[arg(long, env = "RINGFENCE_PASSPHRASE_FILE", value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

const SERVE_EXAMPLES: &str = "\
Example:
  ringfence-oracle init --config oracle.toml && ringfence-oracle doctor --config oracle.toml
  ringfence-oracle serve --config oracle.toml

SIGTERM and Ctrl-C let requests end. After kill -9 the next start goes on where the store says.";

#[derive(Debug, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub(crate) struct ConfigArgs {
    /// The configuration.
    #[arg(long, default_value = "oracle.toml", env = "RINGFENCE_CONFIG", value_name = "FILE")]
    pub(crate) config: PathBuf,
}

/// Certificates of a private authority that serves this valuation agent alone.
#[derive(Debug, Args)]
pub(crate) struct TlsArgs {
    /// Own certificate, PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_cert: PathBuf,
    /// Its key, PEM, readable by its owner only.
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_key: PathBuf,
    /// The authority that the other side's certificate must be of, PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_ca: PathBuf,
}

const SIGNER_EXAMPLES: &str = "\
Example:
  ringfence-oracle signer --key signer-1.json --passphrase-file signer-1.pass --policy policy.json \\
    --chain-state chain.json --listen 0.0.0.0:8443 --tls-cert signer-1.pem --tls-key signer-1-tls.key --tls-ca ca.pem

It recomputes each proposal from its own tables and portfolios, and signs it within the tolerance of its policy. It does
not start on a journal that ends before the chain state, and signs only the number that follows it. A node client keeps
the chain state up to date; it is read again for each request. SIGTERM and Ctrl-C let requests end.";

#[derive(Debug, Args)]
#[command(after_help = SIGNER_EXAMPLES)]
pub(crate) struct SignerArgs {
    /// Keystore or key file.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArgs,
    /// The key's journal [default: the key's file name and .journal].
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Vaults it serves, and its tolerance.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// Finalised counters of the chain.
    #[arg(long, value_name = "FILE")]
    pub(crate) chain_state: PathBuf,
    /// Address and port; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8443", value_name = "ADDRESS")]
    pub(crate) listen: String,
    /// Sources of live marks: bars go on from where the file of bars ends, and nothing is signed on a stale mark
    /// [default: only the bars of the file].
    #[arg(long, value_name = "FILE")]
    pub(crate) feeds: Option<PathBuf>,
    /// Certificate authorities that the sources show, PEM [default: those of this machine].
    #[arg(long, value_name = "FILE")]
    pub(crate) feeds_ca: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}

const COLLECT_EXAMPLES: &str = "\
Example:
  ringfence-oracle collect --context data/contexts/btc-2120.json --roster roster.json \\
    --tls-cert aggregator.pem --tls-key aggregator.key --tls-ca ca.pem --json";

#[derive(Debug, Args)]
#[command(after_help = COLLECT_EXAMPLES)]
pub(crate) struct CollectArgs {
    /// Context document: chain, vault, terms, sequence, moment, portfolio.
    #[arg(long, value_name = "FILE")]
    pub(crate) context: PathBuf,
    /// The signers, where they are, and how many must sign.
    #[arg(long, value_name = "FILE")]
    pub(crate) roster: PathBuf,
    /// All of them must sign, for a move beyond the circuit breaker.
    #[arg(long)]
    pub(crate) everyone: bool,
    /// Seconds to wait.
    #[arg(long, default_value_t = 15, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=120))]
    pub(crate) deadline: u64,
    #[command(flatten)]
    pub(crate) quotes: QuotesArgs,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
