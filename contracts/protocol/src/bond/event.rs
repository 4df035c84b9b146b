use crate::{
    units::{Amount, Bps, Timestamp},
    Address,
};

/// What happened in a series; together they rebuild its ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BondEvent {
    /// Notes moved (ERC-20); from the zero address when allotted, to it when redeemed.
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
        /// Premium.
        amount: Amount,
        /// Reserve.
        reserve: Amount,
    },
    /// The allow-list admits a holder.
    Admitted {
        /// Who.
        holder: Address,
    },
    /// A bid is in the book, or was revealed.
    BidPlaced {
        /// Whose.
        bidder: Address,
        /// How much.
        amount: Amount,
        /// Least annual spread.
        spread: Bps,
    },
    /// A sealed bid was committed to.
    BidCommitted {
        /// Whose.
        bidder: Address,
        /// In escrow.
        deposit: Amount,
    },
    /// A bid was taken back.
    BidCancelled {
        /// Whose.
        bidder: Address,
        /// Paid back.
        deposit: Amount,
    },
    /// The book found its clearing spread.
    Cleared {
        /// What every note earns a year.
        spread: Bps,
        /// Notes to be allotted.
        face: Amount,
    },
    /// The series is on risk.
    Activated {
        /// Principal at risk.
        principal: Amount,
        /// When risk and premium stop.
        matures: Timestamp,
    },
    /// The series failed; deposits and premium go back.
    Failed,
    /// A bid was settled.
    Allotted {
        /// Whose.
        bidder: Address,
        /// Notes.
        notes: Amount,
        /// Paid back.
        refund: Amount,
        /// Lost for not revealing.
        forfeited: Amount,
    },
    /// The vault claimed a loss.
    Claimed {
        /// Written down.
        amount: Amount,
        /// What is left.
        principal: Amount,
    },
    /// Money recovered by the vault wrote notes up.
    Recovered {
        /// Written up.
        amount: Amount,
    },
    /// An open default locks principal beyond redemption.
    Extended {
        /// How much it could still claim.
        locked: Amount,
    },
    /// The sponsor offers to end the series.
    CommutationProposed {
        /// Which offer.
        proposal: u32,
        /// Last moment to agree.
        until: Timestamp,
    },
    /// A holder agrees to the offer.
    CommutationAgreed {
        /// Who.
        holder: Address,
        /// Notes for it, altogether.
        notes: Amount,
    },
    /// The series ended by agreement.
    Commuted,
    /// A holder took out premium and principal.
    Paid {
        /// Who.
        holder: Address,
        /// Premium.
        premium: Amount,
        /// Principal.
        principal: Amount,
    },
    /// Money went back to the sponsor.
    SponsorRefunded {
        /// How much.
        amount: Amount,
    },
}
