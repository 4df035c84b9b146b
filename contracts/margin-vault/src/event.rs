//! The vault's events; parties are shown as addresses.

use ink::primitives::{H160 as Address, H256 as Digest};
use ringfence_protocol::{terms::Terms, vault::VaultEvent};

macro_rules! events {
    ($( $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $ty:ty ),+ $(,)? } )+) => {
        $( $(#[$meta])* #[ink::event] #[derive(Debug)] pub struct $name { $( $(#[$field_meta])* pub $field: $ty ),+ } )+
    };
}

events! {
    /// A party accepted the terms.
    TermsAccepted { #[ink(topic)] party: Address }
    /// A party added margin; a part may go to the other side at once.
    Deposited { #[ink(topic)] party: Address, amount: u128, paid_to_counterparty: u128 }
    /// A party took margin out.
    Withdrawn { #[ink(topic)] party: Address, amount: u128 }
    /// Both parties agreed on a portfolio.
    PortfolioAgreed { version: u64, root: Digest }
    /// An instruction took effect; signed amounts are seen from A.
    Settled {
        sequence: u64, entitlement: i128, transferred: i128,
        deficit_a: u128, deficit_b: u128, required_a: u128, required_b: u128,
    }
    /// A margin call opened or its amount changed.
    CallOpened { #[ink(topic)] party: Address, amount: u128, deadline: u64 }
    /// A margin call was met.
    CallMet { #[ink(topic)] party: Address }
    /// A party is in default.
    Defaulted { #[ink(topic)] party: Address, close_out_deadline: u64 }
    /// A pair was closed out; what each layer bears.
    ClosedOut { amount: i128, from_margin: u128, from_first_loss: u128, from_cover: u128, residual: u128 }
    /// A bond layer paid.
    CoverPaid { #[ink(topic)] bond: Address, amount: u128 }
    /// A bond layer was registered.
    CoverRegistered { #[ink(topic)] bond: Address, limit: u128 }
    /// First-loss capital changed.
    FirstLossChanged { first_loss: u128 }
    /// The parties ended the pair.
    Terminated { entitlement: i128 }
}

/// Emits a protocol event.
pub fn emit(event: &VaultEvent, terms: &Terms) {
    let address = |party| *terms.parties.of(party);
    match *event {
        VaultEvent::TermsAccepted { party } => ink::env::emit_event(TermsAccepted { party: address(party) }),
        VaultEvent::Deposited { party, amount, paid_to_counterparty } => ink::env::emit_event(Deposited {
            party: address(party),
            amount: amount.get(),
            paid_to_counterparty: paid_to_counterparty.get(),
        }),
        VaultEvent::Withdrawn { party, amount } => {
            ink::env::emit_event(Withdrawn { party: address(party), amount: amount.get() });
        }
        VaultEvent::PortfolioAgreed { version, root } => ink::env::emit_event(PortfolioAgreed { version, root }),
        VaultEvent::Settled { sequence, entitlement, transferred, deficit, required } => {
            ink::env::emit_event(Settled {
                sequence,
                entitlement: entitlement.get(),
                transferred: transferred.get(),
                deficit_a: deficit.a.get(),
                deficit_b: deficit.b.get(),
                required_a: required.a.get(),
                required_b: required.b.get(),
            });
        }
        VaultEvent::CallOpened { party, amount, deadline } => {
            ink::env::emit_event(CallOpened { party: address(party), amount: amount.get(), deadline: deadline.get() })
        }
        VaultEvent::CallMet { party } => ink::env::emit_event(CallMet { party: address(party) }),
        VaultEvent::Defaulted { party, close_out_deadline } => {
            ink::env::emit_event(Defaulted { party: address(party), close_out_deadline: close_out_deadline.get() })
        }
        VaultEvent::ClosedOut { amount, from_margin, from_first_loss, from_cover, residual } => {
            ink::env::emit_event(ClosedOut {
                amount: amount.get(),
                from_margin: from_margin.get(),
                from_first_loss: from_first_loss.get(),
                from_cover: from_cover.get(),
                residual: residual.get(),
            });
        }
        VaultEvent::CoverPaid { bond, amount } => ink::env::emit_event(CoverPaid { bond, amount: amount.get() }),
        VaultEvent::CoverRegistered { bond, limit } => {
            ink::env::emit_event(CoverRegistered { bond, limit: limit.get() });
        }
        VaultEvent::FirstLossChanged { first_loss } => {
            ink::env::emit_event(FirstLossChanged { first_loss: first_loss.get() });
        }
        VaultEvent::Terminated { entitlement } => {
            ink::env::emit_event(Terminated { entitlement: entitlement.get() });
        }
    }
}
