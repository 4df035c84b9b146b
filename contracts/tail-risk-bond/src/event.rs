//! The bond's events; `Transfer` and `Approval` are ERC-20's.
// ink! writes a unit where an event has no data.
#![allow(clippy::unused_unit)]

use ink::primitives::{H160 as Address, U256};
use ringfence_protocol::bond::BondEvent;

macro_rules! events {
    ($( $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $ty:ty ),* $(,)? } )+) => {
        $( $(#[$meta])* #[ink::event] #[derive(Debug)] pub struct $name { $( $(#[$field_meta])* pub $field: $ty ),* } )+
    };
}

events! {
    /// Notes moved (ERC-20).
    Transfer { #[ink(topic)] from: Address, #[ink(topic)] to: Address, value: U256 }
    /// An allowance was set (ERC-20).
    Approval { #[ink(topic)] owner: Address, #[ink(topic)] spender: Address, value: U256 }
    /// The premium for the whole period is in escrow.
    PremiumFunded { amount: u128, reserve: u128 }
    /// The allow-list admits a holder.
    Admitted { #[ink(topic)] holder: Address }
    /// A bid is in the book, or was revealed.
    BidPlaced { #[ink(topic)] bidder: Address, amount: u128, spread: u16 }
    /// A sealed bid was committed to.
    BidCommitted { #[ink(topic)] bidder: Address, deposit: u128 }
    /// A bid was taken back.
    BidCancelled { #[ink(topic)] bidder: Address, deposit: u128 }
    /// The book found its clearing spread.
    Cleared { spread: u16, face: u128 }
    /// The series is on risk.
    Activated { principal: u128, maturity: u64 }
    /// The series failed; deposits and premium go back.
    Failed {}
    /// A bid was settled.
    Allotted { #[ink(topic)] bidder: Address, notes: u128, refund: u128, forfeited: u128 }
    /// The vault claimed a loss.
    Claimed { amount: u128, principal: u128 }
    /// Recovered money wrote notes up.
    Recovered { amount: u128 }
    /// An open default locks principal beyond redemption.
    Extended { locked: u128 }
    /// The sponsor offers to end the series.
    CommutationProposed { proposal: u32, until: u64 }
    /// A holder agrees.
    CommutationAgreed { #[ink(topic)] holder: Address, notes: u128 }
    /// The series ended by agreement.
    Commuted {}
    /// A holder took out premium and principal.
    Paid { #[ink(topic)] holder: Address, premium: u128, principal: u128 }
    /// Money went back to the sponsor.
    SponsorRefunded { amount: u128 }
}

/// Emits a protocol event.
pub fn emit(event: &BondEvent) {
    use ink::env::emit_event as say;
    match *event {
        BondEvent::Transfer { from, to, amount } => say(Transfer { from, to, value: U256::from(amount.get()) }),
        BondEvent::PremiumFunded { amount, reserve } => {
            say(PremiumFunded { amount: amount.get(), reserve: reserve.get() });
        }
        BondEvent::Admitted { holder } => say(Admitted { holder }),
        BondEvent::BidPlaced { bidder, amount, spread } => {
            say(BidPlaced { bidder, amount: amount.get(), spread: spread.get() });
        }
        BondEvent::BidCommitted { bidder, deposit } => say(BidCommitted { bidder, deposit: deposit.get() }),
        BondEvent::BidCancelled { bidder, deposit } => say(BidCancelled { bidder, deposit: deposit.get() }),
        BondEvent::Cleared { spread, face } => say(Cleared { spread: spread.get(), face: face.get() }),
        BondEvent::Activated { principal, matures } => {
            say(Activated { principal: principal.get(), maturity: matures.get() });
        }
        BondEvent::Failed => say(Failed {}),
        BondEvent::Allotted { bidder, notes, refund, forfeited } => {
            say(Allotted { bidder, notes: notes.get(), refund: refund.get(), forfeited: forfeited.get() });
        }
        BondEvent::Claimed { amount, principal } => {
            say(Claimed { amount: amount.get(), principal: principal.get() });
        }
        BondEvent::Recovered { amount } => say(Recovered { amount: amount.get() }),
        BondEvent::Extended { locked } => say(Extended { locked: locked.get() }),
        BondEvent::CommutationProposed { proposal, until } => {
            say(CommutationProposed { proposal, until: until.get() });
        }
        BondEvent::CommutationAgreed { holder, notes } => say(CommutationAgreed { holder, notes: notes.get() }),
        BondEvent::Commuted => say(Commuted {}),
        BondEvent::Paid { holder, premium, principal } => {
            say(Paid { holder, premium: premium.get(), principal: principal.get() });
        }
        BondEvent::SponsorRefunded { amount } => say(SponsorRefunded { amount: amount.get() }),
    }
}
