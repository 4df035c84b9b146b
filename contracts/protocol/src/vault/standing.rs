use crate::{
    signature::SignerSet,
    units::{Amount, Timestamp},
};
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

/// Signers that the entity has given notice of.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct RotationNotice {
    /// Who they are.
    pub signers: SignerSet,
    /// From when on either party may leave at the last value.
    pub leave_from: Timestamp,
    /// After this moment they can be taken up.
    pub due: Timestamp,
    /// After this moment they can't any more.
    pub expires: Timestamp,
    /// How many disputes there had been: one in the meantime has to be followed by a new notice.
    pub disputes: u64,
}

/// What a vault keeps beside the ledger and seldom needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
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
    /// The entity's notice of other signers, if one stands.
    pub rotation: Option<RotationNotice>,
}
