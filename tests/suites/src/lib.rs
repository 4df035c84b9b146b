//! A stage for tests of the built contracts: the PolkaVM blobs, deployed and wired as in production, on an in-process
//! chain.
//!
//! [`Stage`] opens pairs, brings everybody's money in and issues a series; its helpers build, sign and submit messages.
//! [`Stage::assert_refused`] is how a guard is proved: the one error it promises, and not a byte or a token moved.
//!
//! The blobs come from `scripts/build.sh`; nothing here compiles a contract.

pub mod abi;
mod acts;
pub mod artifacts;
pub mod calls;
mod contract;
mod explain;
mod forge;
mod hostile;
mod image;
mod lives;
mod messages;
mod pair;
mod series;
mod stage;
mod units;

pub use acts::{addresses, both};
pub use contract::{
    Contract, CONCENTRATION, DISPUTE_DEPOSIT, DISPUTE_TOLERANCE, FEE_CAP, FULL_PERIODS, HAIRCUT, PERIODS,
};
pub use explain::explain;
pub use forge::{high_s_twin, with_v, Forgery};
pub use hostile::{IHostileToken, Mode};
pub use image::Image;
pub use messages::Mark;
pub use pair::LivePair;
pub use series::{
    Series, BOOK, CANCEL, EXTENSION, INVESTED, LIMIT, MINIMUM, NOTICE, PREMIUM, RISK_PERIOD, SPREAD, TICK,
};
pub use stage::{Stage, CAPITAL, FIRST_LOSS, MARGIN, MAX_MOVE, MINIMUM_TRANSFER, RESERVE};
pub use units::{BLOCK, DAY, USD};
