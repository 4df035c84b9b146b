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
  8  a check failed: an instruction differs from what its inputs give, or the back-test rejects the model

Examples:
  ringfence-oracle value --portfolio data/portfolios/btc.json --at 2025-10-10T21:20Z
  ringfence-oracle replay --portfolio data/portfolios/btc.json --portfolio data/portfolios/sol.json
  ringfence-oracle backtest --html target/backtest.html
  ringfence-oracle keys new --out signer-1.key
  ringfence-oracle sign --context data/contexts/btc-2120.json --key signer-1.key --key signer-2.key --key signer-3.key";

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
    /// Value a pair, build its margin instruction and sign it with k of n keys.
    Sign(SignArgs),
    /// Value pairs at every bar and show the start, the extremes and the end.
    Replay(ReplayArgs),
    /// Test the model on days it was not fitted to: coverage, independence, expected shortfall, procyclicality.
    Backtest(BacktestArgs),
    /// Recompute a signed instruction from its inputs and show the first difference.
    Verify(VerifyArgs),
    /// Key files.
    #[command(subcommand)]
    Keys(KeysCommand),
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

/// Keeps no journal between runs: whoever signs by hand must make sure that one sequence is signed once.
#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// Context document: chain, vault, terms, sequence, moment, portfolio.
    #[arg(long, value_name = "FILE")]
    pub(crate) context: PathBuf,
    /// Key file, once per signer.
    #[arg(long = "key", required = true, value_name = "FILE")]
    pub(crate) keys: Vec<PathBuf>,
    /// How many signatures an instruction needs.
    #[arg(long, default_value_t = 2, value_name = "K")]
    pub(crate) threshold: u8,
    /// Sign with every key, for a move beyond the circuit breaker.
    #[arg(long)]
    pub(crate) everyone: bool,
    #[command(flatten)]
    pub(crate) data: DataArgs,
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

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key in a new file that only its owner can read, and print its address.
    New {
        /// The file; never overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Print the address of a key file.
    Address {
        /// The file.
        file: PathBuf,
    },
}
