//! The entity's events.

use ink::primitives::{H160 as Address, H256 as Digest};
use ringfence_protocol::entity::EntityEvent;

macro_rules! events {
    ($( $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $ty:ty ),+ $(,)? } )+) => {
        $( $(#[$meta])* #[ink::event] #[derive(Debug)] pub struct $name { $( $(#[$field_meta])* pub $field: $ty ),+ } )+
    };
}

events! {
    /// A pair was opened.
    PairOpened { #[ink(topic)] vault: Address, #[ink(topic)] party_a: Address, #[ink(topic)] party_b: Address, terms_hash: Digest }
    /// A series was issued on a vault's tail.
    SeriesIssued { #[ink(topic)] bond: Address, #[ink(topic)] vault: Address, limit: u128, premium: u128 }
    /// A series is on risk and the vault counts on it.
    SeriesActivated { #[ink(topic)] bond: Address, #[ink(topic)] vault: Address, principal: u128 }
    /// Somebody paid capital in.
    CapitalDeposited { #[ink(topic)] from: Address, amount: u128 }
    /// The admin took free capital out.
    CapitalWithdrawn { #[ink(topic)] to: Address, amount: u128 }
    /// Free capital was ring-fenced to a vault.
    CapitalAllocated { #[ink(topic)] vault: Address, amount: u128 }
    /// A vault or a bond gave capital back.
    CapitalReturned { #[ink(topic)] from: Address, amount: u128 }
    /// A new admin was nominated.
    AdminNominated { #[ink(topic)] nominee: Address }
    /// The nominee took over.
    AdminChanged { #[ink(topic)] admin: Address }
}

/// Emits a protocol event.
pub fn emit(event: &EntityEvent) {
    match *event {
        EntityEvent::CapitalDeposited { from, amount } => {
            ink::env::emit_event(CapitalDeposited { from, amount: amount.get() });
        }
        EntityEvent::CapitalWithdrawn { to, amount } => {
            ink::env::emit_event(CapitalWithdrawn { to, amount: amount.get() });
        }
        EntityEvent::CapitalAllocated { vault, amount } => {
            ink::env::emit_event(CapitalAllocated { vault, amount: amount.get() });
        }
        EntityEvent::CapitalReturned { from, amount } => {
            ink::env::emit_event(CapitalReturned { from, amount: amount.get() });
        }
    }
}
