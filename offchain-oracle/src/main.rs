//! The command line of the Ringfence oracle; `ringfence-oracle --help` says what it does.
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
