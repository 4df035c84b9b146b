//! The bond's terms and status in the Ethereum ABI. Field for field the structs of the protocol.

use ringfence_protocol::{
    bond::BondTerms,
    units::{Amount, Bps, Seconds, Timestamp},
    Address,
};

macro_rules! abi_struct {
    ($(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $ty:ty ),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, ink::SolDecode, ink::SolEncode)]
        #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
        pub struct $name { $( $(#[$field_meta])* pub $field: $ty ),+ }
    };
}

abi_struct! {
    /// The terms of a bond series.
    SeriesTerms {
        /// The covered vault.
        vault: Address,
        /// The entity.
        sponsor: Address,
        /// Settlement asset.
        asset: Address,
        /// Sum of the limits of the layers below.
        attachment: u128,
        /// Most principal.
        limit: u128,
        /// Least principal to go on risk with.
        minimum: u128,
        /// Annual premium, bps.
        spread: u16,
        /// Last moment to subscribe.
        subscription_end: u64,
        /// On risk for, seconds.
        risk_period: u64,
        /// Claims after maturity for, seconds.
        extension: u64,
    }
}

impl From<SeriesTerms> for BondTerms {
    fn from(abi: SeriesTerms) -> Self {
        Self {
            vault: abi.vault,
            sponsor: abi.sponsor,
            asset: abi.asset,
            attachment: Amount::new(abi.attachment),
            limit: Amount::new(abi.limit),
            minimum: Amount::new(abi.minimum),
            spread: Bps::new(abi.spread),
            subscription_end: Timestamp::new(abi.subscription_end),
            risk_period: Seconds::new(abi.risk_period),
            extension: Seconds::new(abi.extension),
        }
    }
}

impl From<BondTerms> for SeriesTerms {
    fn from(terms: BondTerms) -> Self {
        Self {
            vault: terms.vault,
            sponsor: terms.sponsor,
            asset: terms.asset,
            attachment: terms.attachment.get(),
            limit: terms.limit.get(),
            minimum: terms.minimum.get(),
            spread: terms.spread.get(),
            subscription_end: terms.subscription_end.get(),
            risk_period: terms.risk_period.get(),
            extension: terms.extension.get(),
        }
    }
}

abi_struct! {
    /// A series, as a wallet shows it.
    SeriesStatus {
        /// 0 subscribing, 1 on risk, 2 failed.
        phase: u8,
        /// All notes.
        face: u128,
        /// What is behind them.
        principal: u128,
        /// Premium in escrow.
        premium: u128,
        /// Premium that goes back to the sponsor.
        sponsor_due: u128,
        /// Reserve.
        reserve: u128,
        /// When premium stops; zero before the risk period.
        maturity: u64,
        /// Last moment of a claim; zero before the risk period.
        claims_until: u64,
    }
}
