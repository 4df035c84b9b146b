use crate::units::{Amount, Timestamp};
use scale::{Decode, Encode, MaxEncodedLen};

/// A pair that takes no new trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct RunOff {
    /// True if the entity began it: then either party may leave at the last value after the notice.
    pub by_entity: bool,
    /// Since when.
    pub since: Timestamp,
}

/// What a vault keeps beside the ledger and seldom needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Standing {
    /// Never paid out: keeps the vault's account above the asset's minimum balance, under which a transfer would take
    /// other money along.
    pub reserve: Amount,
    /// Held for a time: disputed amounts, deposits on disputes, margin behind bids, recoveries on their way to a bond.
    pub escrow: Amount,
    /// The settlement asset that individual accounts can collect, in sum.
    pub collectable: Amount,
    /// The last close-out determination's sequence.
    pub close_out_sequence: u64,
    /// How often the terms were amended.
    pub amendments: u64,
    /// New risk is paused up to this moment; zero if it never was.
    pub paused_until: Timestamp,
    /// Set once the pair runs off.
    pub run_off: Option<RunOff>,
}
