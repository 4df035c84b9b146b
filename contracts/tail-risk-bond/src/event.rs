//! The bond's events; `Transfer` and `Approval` are ERC-20's. They are declared for the ABI and written by hand.
// ink! writes a unit where an event has no data.
#![allow(clippy::unused_unit)]

use ink::{
    env::Event,
    primitives::{H160 as Address, U256},
};
use ringfence_platform::{abi::Writer, deposit_event};
use ringfence_protocol::{bond::BondEvent, eip712::address_word};

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
    match *event {
        BondEvent::Transfer { ref from, ref to, amount } => {
            told(&Transfer::SIGNATURE_TOPIC, &[from, to], &[amount.get()])
        }
        BondEvent::PremiumFunded { amount, reserve } => {
            told(&PremiumFunded::SIGNATURE_TOPIC, &[], &[amount.get(), reserve.get()])
        }
        BondEvent::Admitted { ref holder } => told(&Admitted::SIGNATURE_TOPIC, &[holder], &[]),
        BondEvent::BidPlaced { ref bidder, amount, spread } => {
            told(&BidPlaced::SIGNATURE_TOPIC, &[bidder], &[amount.get(), spread.get().into()]);
        }
        BondEvent::BidCommitted { ref bidder, deposit } => {
            told(&BidCommitted::SIGNATURE_TOPIC, &[bidder], &[deposit.get()])
        }
        BondEvent::BidCancelled { ref bidder, deposit } => {
            told(&BidCancelled::SIGNATURE_TOPIC, &[bidder], &[deposit.get()])
        }
        BondEvent::Cleared { spread, face } => told(&Cleared::SIGNATURE_TOPIC, &[], &[spread.get().into(), face.get()]),
        BondEvent::Activated { principal, matures } => {
            told(&Activated::SIGNATURE_TOPIC, &[], &[principal.get(), matures.get().into()]);
        }
        BondEvent::Failed => told(&Failed::SIGNATURE_TOPIC, &[], &[]),
        BondEvent::Allotted { ref bidder, notes, refund, forfeited } => {
            told(&Allotted::SIGNATURE_TOPIC, &[bidder], &[notes.get(), refund.get(), forfeited.get()]);
        }
        BondEvent::Claimed { amount, principal } => {
            told(&Claimed::SIGNATURE_TOPIC, &[], &[amount.get(), principal.get()])
        }
        BondEvent::Recovered { amount } => told(&Recovered::SIGNATURE_TOPIC, &[], &[amount.get()]),
        BondEvent::Extended { locked } => told(&Extended::SIGNATURE_TOPIC, &[], &[locked.get()]),
        BondEvent::CommutationProposed { proposal, until } => {
            told(&CommutationProposed::SIGNATURE_TOPIC, &[], &[proposal.into(), until.get().into()]);
        }
        BondEvent::CommutationAgreed { ref holder, notes } => {
            told(&CommutationAgreed::SIGNATURE_TOPIC, &[holder], &[notes.get()])
        }
        BondEvent::Commuted => told(&Commuted::SIGNATURE_TOPIC, &[], &[]),
        BondEvent::Paid { ref holder, premium, principal } => {
            told(&Paid::SIGNATURE_TOPIC, &[holder], &[premium.get(), principal.get()]);
        }
        BondEvent::SponsorRefunded { amount } => told(&SponsorRefunded::SIGNATURE_TOPIC, &[], &[amount.get()]),
    }
}

/// Emits an event about accounts whose other fields are unsigned integers.
#[inline(never)]
fn told(signature: &Option<[u8; 32]>, about: &[&Address], data: &[u128]) {
    write(signature, about, data.iter().fold(Writer::new(), |writer, value| writer.uint(*value)));
}

/// Emits an event. ink!'s own encoder has code for each of them; this is the same for all.
#[inline(never)]
pub(crate) fn write(signature: &Option<[u8; 32]>, about: &[&Address], data: Writer) {
    // ERC-20's have the most accounts: two.
    let mut topics = [[0; 32]; 3];
    let (first, others) = topics.split_at_mut(1);
    for (topic, signature) in first.iter_mut().zip(signature) {
        *topic = *signature;
    }
    for (topic, account) in others.iter_mut().zip(about) {
        *topic = address_word(**account);
    }
    let used = topics.get(..about.len().saturating_add(1)).unwrap_or(&topics);
    deposit_event(used, data.as_bytes());
}
