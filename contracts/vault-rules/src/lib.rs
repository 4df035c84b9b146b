//! The rules of the margin vault that are not needed every few minutes.
//!
//! # What it is
//! A pure function at an address of its own. A vault sends all that it stores and what it was asked; this contract answers
//! with what to store, emit, pay and return, or reverts with the vault's error. The rules themselves are in
//! `ringfence-protocol`, as they are for every other user of them.
//!
//! # Why it is apart
//! A contract's bytes are charged in every call of it. Default, replacement, disputes, collateral and all views are seldom
//! used and many times the size of a settlement; here they cost only whom they serve.
//!
//! # Trust
//! It stores nothing, holds nothing and calls nothing but the chain's recovery precompile; vaults call it read-only. It
//! can't change, be stopped or be destroyed, and a vault's terms name it, so both parties accept it with them. One
//! instance serves every vault: no call on one leaves a trace that another could see.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
// ink! generates the storage struct and its references without Debug.
#![allow(missing_debug_implementations)]

mod error;

pub use self::vault_rules::*;
pub use error::Error;

#[ink::contract]
mod vault_rules {
    use ringfence_platform::{
        abi::raw::Opaque,
        message_arguments,
        vault::{evaluate, Request},
        Refusal,
    };
    use ringfence_protocol::vault::VaultError;
    use scale::{Decode, Encode};

    /// Nothing.
    #[ink(storage)]
    #[derive(Default)]
    pub struct VaultRules {}

    impl VaultRules {
        /// Makes the rules.
        #[ink(constructor)]
        pub fn new() -> Self {
            Self {}
        }

        /// Answers a vault: SCALE of `Request` in, SCALE of `Answer` out.
        #[ink(message)]
        pub fn evaluate(&self, request: Opaque) -> Result<Opaque, Refusal> {
            drop(request);
            let arguments = message_arguments();
            let mut bytes = Opaque::content(&arguments)?;
            let request = Request::decode(&mut bytes).map_err(|_| VaultError::MalformedInput)?;
            Ok(Opaque::containing(&evaluate(&request)?.encode()))
        }
    }
}
