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
        /// Interest added to the posted balance, seen from A as the balance is.
        interest: SignedAmount,
        /// What moved to A, negative if it moved to B.
        transferred: SignedAmount,
        /// What each side's margin paid to the entity.
        fees: Pair<Amount>,
        /// What each side still owes.
        deficit: Pair<Amount>,
        /// What each side has to post from now on.
        required: Pair<Amount>,
        /// What each side's collateral counts for.
        credit: Pair<Amount>,
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
        /// Until when successors can bid.
        replacement_deadline: Timestamp,
        /// Until when the valuation agent can determine the close-out amount.
        close_out_deadline: Timestamp,
    },
    /// Terms replaced the ones before.
    TermsAmended {
        /// Their hash.
        terms_hash: Digest,
    },
    /// Signers replaced the ones before.
    SignersRotated {
        /// How many sets there were before.
        epoch: u64,
        /// The hash of their addresses.
        signers_hash: Digest,
    },
    /// The entity gave notice of other signers.
    RotationNoticed {
        /// The hash of their addresses.
        signers_hash: Digest,
        /// After this moment either party may leave.
        leave_from: Timestamp,
        /// After this moment they can be taken up.
        due: Timestamp,
    },
    /// The entity took such a notice back.
    RotationWithdrawn {
        /// When.
        at: Timestamp,
    },
    /// The entity passed on until when the parties are attested to have different owners.
    OwnersAttested {
        /// The last moment.
        until: Timestamp,
    },
    /// A claim on a defaulter's estate is somebody else's.
    ClaimTransferred {
        /// The estate.
        estate: usize,
        /// Whose it was.
        from: Address,
        /// Whose it is.
        to: Address,
    },
    /// A party posted collateral.
    CollateralPosted {
        /// Who.
        party: Party,
        /// What.
        asset: Address,
        /// Base units of it.
        quantity: Amount,
    },
    /// A party took collateral back.
    CollateralReturned {
        /// Who.
        party: Party,
        /// What.
        asset: Address,
        /// Base units of it.
        quantity: Amount,
    },
    /// A party disputes the last instructions.
    Disputed {
        /// Who.
        party: Party,
        /// The dispute's number.
        number: u64,
        /// A's entitlement as the party sees it.
        stated: SignedAmount,
        /// Taken from the other side's margin into escrow.
        escrowed: Amount,
        /// Not asked for until the dispute ends.
        suspended: Amount,
        /// After this moment it lapses.
        deadline: Timestamp,
    },
    /// A dispute ended.
    DisputeEnded {
        /// Whose.
        party: Party,
        /// Its number.
        number: u64,
        /// A's entitlement as found.
        found: SignedAmount,
        /// Returned from escrow to the party; the rest went to the other side.
        returned: Amount,
        /// True if the party lost its deposit to the other side.
        confirmed: bool,
    },
    /// A party accepts a successor to the other side.
    SuccessorApproved {
        /// Who accepts.
        by: Party,
        /// Whom.
        successor: Address,
    },
    /// A party does not accept a successor any more.
    SuccessorRevoked {
        /// Who accepted.
        by: Party,
        /// Whom.
        successor: Address,
    },
    /// A successor offered to take over the defaulter's side, below every offer before.
    BidPlaced {
        /// Who.
        bidder: Address,
        /// What it wants to be paid; negative if it pays.
        price: SignedAmount,
        /// What it paid in.
        posted: Amount,
    },
    /// A successor took a defaulter's place.
    Replaced {
        /// The side.
        party: Party,
        /// Who left.
        former: Address,
        /// Who came.
        successor: Address,
        /// What the successor was paid; negative if it paid.
        price: SignedAmount,
        /// What it paid the survivor of what the defaulter had owed.
        arrears: Amount,
        /// What the defaulter's margin paid.
        from_margin: Amount,
        /// What the entity's capital in this vault paid.
        from_first_loss: Amount,
        /// The hash of the terms from now on.
        terms_hash: Digest,
    },
    /// The agent determined the close-out amount.
    CloseOutDetermined {
        /// The side in default.
        party: Party,
        /// What it owes beyond the posted balance; negative if the survivor owes.
        amount: SignedAmount,
    },
    /// The defaulter's collateral is for sale.
    AuctionBegun {
        /// Until when.
        deadline: Timestamp,
    },
    /// Somebody bought collateral of the defaulter.
    CollateralSold {
        /// What.
        asset: Address,
        /// Base units of it.
        quantity: Amount,
        /// Paid into the defaulter's margin.
        cost: Amount,
        /// By whom.
        buyer: Address,
    },
    /// A defaulter paid something in later.
    Recovered {
        /// Who.
        debtor: Address,
        /// To whom the loss was owed.
        to_creditor: Amount,
        /// To the bonds, to be passed on.
        to_bonds: Amount,
        /// To the entity's capital in this vault.
        to_first_loss: Amount,
        /// Left for the debtor itself.
        to_debtor: Amount,
    },
    /// A bond received its part of a recovery.
    RecoveryPassed {
        /// The bond.
        bond: Address,
        /// How much.
        amount: Amount,
    },
    /// An account took out what it could collect.
    Collected {
        /// Who.
        account: Address,
        /// What.
        asset: Address,
        /// How much of it.
        amount: Amount,
    },
    /// The pair takes no new trades any more.
    RunOffBegun {
        /// Who decided.
        by: Address,
    },
    /// New risk is paused.
    Paused {
        /// Until when.
        until: Timestamp,
    },
    /// The entity took its fees.
    FeesCollected {
        /// How much.
        amount: Amount,
    },
    /// The reserve changed.
    ReserveChanged {
        /// What there is now.
        reserve: Amount,
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
