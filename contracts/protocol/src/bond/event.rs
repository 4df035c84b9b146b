use crate::{units::Amount, units::Timestamp, Address};

/// What happened in a series; together they rebuild its ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BondEvent {
    /// Notes moved (ERC-20); from the zero address when subscribed, to it when redeemed.
    Transfer {
        /// From whom.
        from: Address,
        /// To whom.
        to: Address,
        /// Face.
        amount: Amount,
    },
    /// The sponsor's premium for the whole period is in escrow.
    PremiumFunded {
        /// How much.
        amount: Amount,
    },
    /// The series is on risk.
    Activated {
        /// Principal at risk.
        principal: Amount,
        /// When premium stops.
        maturity: Timestamp,
    },
    /// The series failed; principal and premium go back.
    Failed {
        /// What was subscribed.
        subscribed: Amount,
    },
    /// The vault claimed a loss.
    Claimed {
        /// Written down.
        amount: Amount,
        /// What is left.
        principal: Amount,
    },
    /// A holder took out accrued premium.
    PremiumPaid {
        /// Who.
        holder: Address,
        /// How much.
        amount: Amount,
    },
    /// A holder's notes were redeemed.
    Redeemed {
        /// Who.
        holder: Address,
        /// Principal paid.
        principal: Amount,
    },
    /// Unearned premium went back to the sponsor.
    SponsorRefunded {
        /// How much.
        amount: Amount,
    },
}
