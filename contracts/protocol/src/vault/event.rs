use crate::{
    units::{Amount, SignedAmount, Timestamp},
    Address, Digest, Pair, Party,
};

/// What happened in a vault; together they rebuild its ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultEvent {
    /// A party accepted the terms.
    TermsAccepted {
        /// Who.
        party: Party,
    },
    /// A party added margin.
    Deposited {
        /// Who.
        party: Party,
        /// Paid in.
        amount: Amount,
        /// The part that went to the other side at once, for an unpaid settlement.
        paid_to_counterparty: Amount,
    },
    /// A party took margin out.
    Withdrawn {
        /// Who.
        party: Party,
        /// Paid out.
        amount: Amount,
    },
    /// Both parties agreed on a portfolio.
    PortfolioAgreed {
        /// Its version.
        version: u64,
        /// Its commitment.
        root: Digest,
    },
    /// An instruction took effect.
    Settled {
        /// Its sequence.
        sequence: u64,
        /// A's cumulative entitlement.
        entitlement: SignedAmount,
        /// What moved to A, negative if it moved to B.
        transferred: SignedAmount,
        /// What each side still owes.
        deficit: Pair<Amount>,
        /// What each side has to post from now on.
        required: Pair<Amount>,
    },
    /// A margin call opened, or its amount changed while its deadline stayed.
    CallOpened {
        /// Who is called.
        party: Party,
        /// For how much.
        amount: Amount,
        /// Until when.
        deadline: Timestamp,
    },
    /// A margin call was met.
    CallMet {
        /// By whom.
        party: Party,
    },
    /// A party is in default.
    Defaulted {
        /// Who.
        party: Party,
        /// Until when the valuation agent can determine the close-out amount.
        close_out_deadline: Timestamp,
    },
    /// A defaulted pair was closed out.
    ClosedOut {
        /// What the defaulter owes the survivor; negative if the survivor owes.
        amount: SignedAmount,
        /// Paid from the debtor's margin.
        from_margin: Amount,
        /// Paid from the entity's capital in this vault.
        from_first_loss: Amount,
        /// Due from bond layers.
        from_cover: Amount,
        /// What no layer reaches.
        residual: Amount,
    },
    /// A bond layer paid.
    CoverPaid {
        /// The bond.
        bond: Address,
        /// How much.
        amount: Amount,
    },
    /// A bond layer was registered.
    CoverRegistered {
        /// The bond.
        bond: Address,
        /// Its limit.
        limit: Amount,
    },
    /// First-loss capital changed.
    FirstLossChanged {
        /// What there is now.
        first_loss: Amount,
    },
    /// The parties ended the pair.
    Terminated {
        /// The final entitlement of A.
        entitlement: SignedAmount,
    },
}
