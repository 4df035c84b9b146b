crate::errors::error_list! {
    /// Why a bond refuses a command. Nothing has moved when one of these is returned.
    BondError, each_bond_error {
        /// Returned when an address in the terms, or a receiver, is zero, or the vault is the sponsor.
        InvalidAddress,
        /// Returned when an amount is zero, below its minimum or above its bound.
        AmountOutOfBounds,
        /// Returned when the maximum spread, the tick or the forfeit is out of bounds, or the ticks are too many.
        SpreadOutOfBounds,
        /// Returned when a period of the terms is outside its bounds.
        PeriodOutOfBounds,
        /// Returned when the caller is not the sponsor.
        NotTheSponsor,
        /// Returned when the caller is not the covered vault.
        NotTheVault,
        /// Returned when a bidder or a receiver of notes is not admitted by the allow-list.
        NotAdmitted,
        /// Returned when a proof does not lead to the root of the allow-list, or the series has none.
        ProofInvalid,
        /// Returned when the premium is not in escrow.
        PremiumNotFunded,
        /// Returned when the premium is in escrow already.
        PremiumAlreadyFunded,
        /// Returned when the book takes no bids of this kind: the time is over, or it is sealed or open.
        BookClosed,
        /// Returned when a bid's spread is above the maximum or not a multiple of the tick.
        SpreadOffGrid,
        /// Returned when the slot holds a bid.
        SlotTaken,
        /// Returned when the slot holds no bid, or none that is still sealed.
        NoBid,
        /// Returned when bids can't be taken back any more.
        CancelOver,
        /// Returned when sealed bids can't be revealed now.
        NotRevealing,
        /// Returned when what is revealed is not what was committed to.
        SealMismatch,
        /// Returned when a revealed bid is larger than its deposit.
        BidExceedsDeposit,
        /// Returned when the book is still open, or its outcome does not stand yet.
        BookOpen,
        /// Returned when the book is cleared already.
        BookCleared,
        /// Returned when there is still time to put the series on risk.
        GraceRunning,
        /// Returned when the series is not on risk.
        NotOnRisk,
        /// Returned when a claim comes after the latest date.
        ClaimPeriodOver,
        /// Returned when a claim exceeds the principal that is outstanding and not redeemable.
        ClaimExceedsPrincipal,
        /// Returned when a recovery exceeds what was written down.
        RecoveryExceedsLoss,
        /// Returned when an open default is reported after the latest date.
        ExtensionOver,
        /// Returned when no commutation is proposed, or its time is over.
        NoProposal,
        /// Returned when the caller has nothing to take out, or nothing to add to a consent.
        NothingDue,
        /// Returned when a holder has fewer notes than asked for.
        InsufficientBalance,
        /// Returned when a spender's allowance is too small.
        InsufficientAllowance,
        /// Returned when a permit's deadline has passed.
        PermitExpired,
        /// Returned when a permit's signature is malformed, malleable or not the owner's.
        PermitInvalid,
        /// Returned when the asset's balance does not hold what is to be recorded.
        FundsMissing,
        /// Returned when a transfer of the settlement asset failed.
        AssetTransferFailed,
        /// Returned when a transfer moved another amount than asked for.
        AssetTransferInexact,
        /// Returned when a message's arguments can't be read.
        MalformedInput,
        /// Returned when a sum leaves its range.
        ArithmeticOverflow,
    }
}
