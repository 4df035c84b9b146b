//! EIP-712 against two implementations from elsewhere: `alloy-sol-types`, live on random values, and Python's
//! `eth-account`, by golden vectors that hold the ends of every type's range.

#[path = "../common/mod.rs"]
mod common;

mod alloy;
mod random;
mod sol;
mod terms;
mod twin;
mod vectors;
