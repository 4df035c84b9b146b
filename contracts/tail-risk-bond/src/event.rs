//! The bond's events; `Transfer` and `Approval` are ERC-20's.

use ink::primitives::{H160 as Address, U256};
use ringfence_protocol::bond::BondEvent;

macro_rules! events {
    ($( $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $ty:ty ),+ $(,)? } )+) => {
        $( $(#[$meta])* #[ink::event] #[derive(Debug)] pub struct $name { $( $(#[$field_meta])* pub $field: $ty ),+ } )+
    };
}

events! {
    /// Notes moved (ERC-20).
    Transfer { #[ink(topic)] from: Address, #[ink(topic)] to: Address, value: U256 }
    /// An allowance was set (ERC-20).
    Approval { #[ink(topic)] owner: Address, #[ink(topic)] spender: Address, value: U256 }
    /// The premium for the whole period is in escrow.
    PremiumFunded { amount: u128 }
    /// The series is on risk.
    Activated { principal: u128, maturity: u64 }
    /// The series failed; principal and premium go back.
    Failed { subscribed: u128 }
    /// The vault claimed a loss.
    Claimed { amount: u128, principal: u128 }
    /// A holder took out accrued premium.
    PremiumPaid { #[ink(topic)] holder: Address, amount: u128 }
    /// A holder's notes were redeemed.
    Redeemed { #[ink(topic)] holder: Address, principal: u128 }
    /// Unearned premium went back to the sponsor.
    SponsorRefunded { amount: u128 }
}

/// Emits a protocol event.
pub fn emit(event: &BondEvent) {
    match *event {
        BondEvent::Transfer { from, to, amount } => {
            ink::env::emit_event(Transfer { from, to, value: U256::from(amount.get()) });
        }
        BondEvent::PremiumFunded { amount } => ink::env::emit_event(PremiumFunded { amount: amount.get() }),
        BondEvent::Activated { principal, maturity } => {
            ink::env::emit_event(Activated { principal: principal.get(), maturity: maturity.get() });
        }
        BondEvent::Failed { subscribed } => ink::env::emit_event(Failed { subscribed: subscribed.get() }),
        BondEvent::Claimed { amount, principal } => {
            ink::env::emit_event(Claimed { amount: amount.get(), principal: principal.get() });
        }
        BondEvent::PremiumPaid { holder, amount } => {
            ink::env::emit_event(PremiumPaid { holder, amount: amount.get() });
        }
        BondEvent::Redeemed { holder, principal } => {
            ink::env::emit_event(Redeemed { holder, principal: principal.get() });
        }
        BondEvent::SponsorRefunded { amount } => {
            ink::env::emit_event(SponsorRefunded { amount: amount.get() });
        }
    }
}
