//! Talking to public servers: addresses, TLS, HTTP requests and pauses. What the answers mean is decided elsewhere.

mod address;
mod backoff;
mod http;
mod tls;

pub use address::{Address, AddressError};
pub use backoff::{Backoff, MAX_PAUSE};
pub use http::{Answer, Client, Failure, Limits, Request, MAX_HEAD_BYTES};
pub(crate) use tls::{open, Stream};
pub use tls::{roots_config, RootsError};

use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A seed that differs between processes, for jitter; nothing that is computed depends on it.
pub fn jitter_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let nanos = u64::try_from(now.as_nanos() & u128::from(u64::MAX)).unwrap_or_default();
    rand_chacha::ChaCha8Rng::seed_from_u64(nanos ^ u64::from(std::process::id())).next_u64()
}
