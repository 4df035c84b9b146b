use crate::{units::Amount, Address};

/// What happened in the entity's capital.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntityEvent {
    /// Somebody paid capital in.
    CapitalDeposited {
        /// Who.
        from: Address,
        /// How much.
        amount: Amount,
    },
    /// The admin took free capital out.
    CapitalWithdrawn {
        /// To whom.
        to: Address,
        /// How much.
        amount: Amount,
    },
    /// Free capital was ring-fenced to a vault.
    CapitalAllocated {
        /// The vault.
        vault: Address,
        /// How much.
        amount: Amount,
    },
    /// A vault or a bond gave capital back.
    CapitalReturned {
        /// Which.
        from: Address,
        /// How much.
        amount: Amount,
    },
}
