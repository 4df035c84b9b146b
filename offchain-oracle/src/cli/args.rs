use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
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

Examples:
  ringfence-oracle value --portfolio data/portfolios/btc.json --at 2025-10-10T21:20Z
  ringfence-oracle replay --portfolio data/portfolios/btc.json --portfolio data/portfolios/sol.json
  ringfence-oracle backtest --html target/backtest.html
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
    /// How many signatures an instruction needs.
    #[arg(long, default_value_t = 2, value_name = "K")]
    pub(crate) threshold: u8,
    /// Sign with every key, for a move beyond the circuit breaker.
    #[arg(long)]
    pub(crate) everyone: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
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
    /// Instruction document, as `sign --json` prints it.
    #[arg(long, value_name = "FILE")]
    pub(crate) instruction: PathBuf,
    /// Portfolio document that both parties signed.
    #[arg(long, value_name = "FILE")]
    pub(crate) portfolio: PathBuf,
    /// Commitments to the signer's tables, as `margin --json` prints them: says which table differs.
    #[arg(long, value_name = "FILE")]
    pub(crate) tables: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
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
    pub(crate) tls: TlsArgs,
    #[command(flatten)]
    pub(crate) data: DataArgs,
}
