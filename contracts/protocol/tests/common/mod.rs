//! What the tests share: hosts with real and with stub cryptography, and a pair with its signers, clock, bonds and
//! accounts.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "every test file is a crate of its own and uses a part of this module"
)]

mod crypto;
mod messages;
mod terms;
mod world;

pub use crypto::{mirrored, pack, Real, Stub, TestCrypto};
pub use terms::{amount, full_terms, plain_terms, schedule, signed, signer_set};
pub use world::{Bond, World};

use ringfence_protocol::Address;

pub const PARTY_A: u8 = 0xa1;
pub const PARTY_B: u8 = 0xb2;
pub const SIGNERS: [u8; 3] = [0x11, 0x22, 0x33];
/// Keys of accounts that may take over a side.
pub const SUCCESSORS: [u8; 3] = [0xc1, 0xc2, 0xc3];
pub const STRANGER: u8 = 0x77;
pub const ENTITY: Address = Address::repeat_byte(0xe0);
pub const ASSET: Address = Address::repeat_byte(0xe1);
pub const VAULT: Address = Address::repeat_byte(0xe2);
pub const KEEPER: Address = Address::repeat_byte(0xe3);
pub const RULES: Address = Address::repeat_byte(0xe4);
/// The tokens of [`schedule`], ascending.
pub const TOKENS: [Address; 2] = [Address::repeat_byte(0xf1), Address::repeat_byte(0xf2)];
pub const CHAIN: u64 = 420_420_417;
/// 2025-10-09, 08:53:20 UTC.
pub const START: u64 = 1_760_000_000;
