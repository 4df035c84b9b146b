//! The vault's events as the ABI shows them; parties are shown as addresses. They are written by
//! `ringfence_platform::vault`, and a test holds what is written against these declarations.
// ink! writes a unit where an event has no data.
#![allow(clippy::unused_unit)]

use ink::primitives::{H160 as Address, H256 as Digest};

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
        sequence: u64, entitlement: i128, interest: i128, transferred: i128, fee_a: u128, fee_b: u128,
        deficit_a: u128, deficit_b: u128, required_a: u128, required_b: u128, credit_a: u128, credit_b: u128,
    }
    /// A margin call opened or its amount or deadline changed.
    CallOpened { #[ink(topic)] party: Address, amount: u128, deadline: u64 }
    /// A margin call was met.
    CallMet { #[ink(topic)] party: Address }
    /// Both parties replaced the terms.
    TermsAmended { terms_hash: Digest }
    /// Both parties replaced the valuation agent's signers.
    SignersRotated { epoch: u64, signers_hash: Digest }
    /// The entity gave notice of other signers: from when on either party may leave, and after when they can be taken up.
    RotationNoticed { signers_hash: Digest, leave_from: u64, due: u64 }
    /// The entity took such a notice back.
    RotationWithdrawn { at: u64 }
    /// Until when the parties are attested to have different owners.
    OwnersAttested { until: u64 }
    /// A claim on a defaulter's estate is somebody else's.
    ClaimTransferred { #[ink(topic)] from: Address, #[ink(topic)] to: Address, estate: u8 }
    /// A party posted collateral.
    CollateralPosted { #[ink(topic)] party: Address, #[ink(topic)] asset: Address, quantity: u128 }
    /// A party took collateral back.
    CollateralReturned { #[ink(topic)] party: Address, #[ink(topic)] asset: Address, quantity: u128 }
    /// A party disputes the last instructions.
    Disputed { #[ink(topic)] party: Address, number: u64, stated: i128, escrowed: u128, suspended: u128, deadline: u64 }
    /// A dispute ended.
    DisputeEnded { #[ink(topic)] party: Address, number: u64, found: i128, returned: u128, confirmed: bool }
    /// A party is in default.
    Defaulted { #[ink(topic)] party: Address, replacement_deadline: u64, close_out_deadline: u64 }
    /// A party accepts a successor to the other side.
    SuccessorApproved { #[ink(topic)] by: Address, #[ink(topic)] successor: Address }
    /// A party does not accept a successor any more.
    SuccessorRevoked { #[ink(topic)] by: Address, #[ink(topic)] successor: Address }
    /// A successor offered to take over the defaulter's side.
    BidPlaced { #[ink(topic)] bidder: Address, price: i128, posted: u128 }
    /// A successor took a defaulter's place.
    Replaced {
        #[ink(topic)] former: Address, #[ink(topic)] successor: Address, price: i128, arrears: u128, from_margin: u128,
        from_first_loss: u128, terms_hash: Digest,
    }
    /// The valuation agent determined a close-out amount.
    CloseOutDetermined { #[ink(topic)] party: Address, amount: i128 }
    /// Collateral is for sale.
    AuctionBegun { deadline: u64 }
    /// Somebody bought collateral.
    CollateralSold { #[ink(topic)] asset: Address, #[ink(topic)] buyer: Address, quantity: u128, cost: u128 }
    /// A pair was closed out; what each layer bears.
    ClosedOut { amount: i128, from_margin: u128, from_first_loss: u128, from_cover: u128, residual: u128 }
    /// A bond layer paid.
    CoverPaid { #[ink(topic)] bond: Address, amount: u128 }
    /// A defaulter paid something in later.
    Recovered { #[ink(topic)] debtor: Address, to_creditor: u128, to_bonds: u128, to_first_loss: u128, to_debtor: u128 }
    /// A bond received its part of a recovery.
    RecoveryPassed { #[ink(topic)] bond: Address, amount: u128 }
    /// An account took out what it could collect.
    Collected { #[ink(topic)] account: Address, #[ink(topic)] asset: Address, amount: u128 }
    /// A bond layer was registered.
    CoverRegistered { #[ink(topic)] bond: Address, limit: u128 }
    /// First-loss capital changed.
    FirstLossChanged { first_loss: u128 }
    /// The reserve changed.
    ReserveChanged { reserve: u128 }
    /// The entity took its fees.
    FeesCollected { amount: u128 }
    /// The pair takes no new trades any more.
    RunOffBegun { #[ink(topic)] by: Address }
    /// New risk is paused.
    Paused { until: u64 }
    /// The pair ended without a default.
    Terminated { entitlement: i128 }
}
