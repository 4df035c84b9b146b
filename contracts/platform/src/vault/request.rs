use super::VaultCall;
use ink::prelude::vec::Vec;
use ringfence_protocol::Address;
use scale::{Decode, Encode};

/// How many values a vault stores: the ledger, then what [`Values`] lists, then one for each estate.
pub const VALUES: usize = 9 + ringfence_protocol::vault::MAX_ESTATES;

/// The encoded values of a vault, in order: ledger, agreement, mandate, cover, collateral, standing, disputes, default case,
/// successors, estates. One that was never stored is empty.
pub type Values = Vec<Vec<u8>>;

/// What a vault asks its rules.
#[derive(Clone, Debug, Encode, Decode)]
pub struct Request {
    /// The message.
    pub call: VaultCall,
    /// Its arguments, as they came.
    pub arguments: Vec<u8>,
    /// The block's time, seconds.
    pub now: u64,
    /// Who sent the message to the vault.
    pub caller: Address,
    /// The chain.
    pub chain_id: u64,
    /// The vault.
    pub vault: Address,
    /// What only the vault knows: its account at the asset when capital is recorded, or what the caller can collect.
    pub known: u128,
    /// All that the vault stores.
    pub values: Values,
}
