use crate::{collateral::CollateralError, signature::SignatureError, terms::TermsError};

crate::errors::error_list! {
    /// Why a vault refuses a command. Nothing has moved when one of these is returned.
    VaultError, each_vault_error {
        /// Returned when the caller is neither party.
        NotAParty,
        /// Returned when the caller is not the entity.
        NotTheEntity,
        /// Returned when the caller is not the party whose counterparty is in default.
        NotTheSurvivor,
        /// Returned when the caller is not the creditor of the estate.
        NotTheCreditor,
        /// Returned when the pair is not waiting for acceptance.
        NotProposed,
        /// Returned when the pair is not active.
        NotActive,
        /// Returned when no default is open.
        NotDefaulted,
        /// Returned when the party accepted before.
        AlreadyAccepted,
        /// Returned when a message names other terms than the vault's.
        TermsMismatch,
        /// Returned when an amendment changes asset, entity, rules or a party.
        TermsFixed,
        /// Returned when an amount is zero where something has to move.
        ZeroAmount,
        /// Returned when an amount is above the largest amount.
        AmountOutOfBounds,
        /// Returned when an instruction names another vault.
        WrongVault,
        /// Returned when an instruction was made for another chain.
        WrongChain,
        /// Returned when a message's counter was used before.
        SequenceReplayed,
        /// Returned when a message's counter skips one that is missing.
        SequenceSkipped,
        /// Returned when a message's expiry passed.
        Expired,
        /// Returned when a valuation is not newer than the last one.
        ValuationNotNewer,
        /// Returned when a valuation lies in the future.
        ValuationInFuture,
        /// Returned when the newest valuation is older than the terms allow, or is not of the agreed portfolio and terms.
        ValuationStale,
        /// Returned when the parties have agreed on no portfolio yet.
        NoPortfolio,
        /// Returned when a valuation is of another portfolio than the agreed one.
        PortfolioMismatch,
        /// Returned when an interest index is outside its bounds.
        IndexOutOfBounds,
        /// Returned when a fee is above the cap of the terms.
        FeeAboveCap,
        /// Returned when signatures are not whole, or more than there are signers.
        MalformedSignatures,
        /// Returned when fewer signed than the message needs.
        QuorumNotMet,
        /// Returned when a signature's v is neither 27 nor 28.
        InvalidRecoveryId,
        /// Returned when a signature's s is in the upper half of the curve's order.
        HighS,
        /// Returned when no key recovers from a signature.
        UnrecoverableSignature,
        /// Returned when one signer signed twice.
        DuplicateSigner,
        /// Returned when signers are not in ascending order of address.
        UnsortedSigners,
        /// Returned when a signature is by nobody who may sign: another key, another message or another domain.
        UnknownSigner,
        /// Returned when a set of signers is not the one that was signed.
        SignersMismatch,
        /// Returned when marks are not one for each eligible asset, or out of bounds.
        MarksMismatch,
        /// Returned when a haircut is below that of the terms.
        HaircutTooSmall,
        /// Returned when there is no eligible asset of that index.
        NotEligible,
        /// Returned when less collateral was posted than is asked for.
        InsufficientCollateral,
        /// Returned when the schedule of collateral would change while something is posted.
        CollateralInUse,
        /// Returned when a withdrawal is more than the margin above what the party has to hold.
        WithdrawalExceedsExcess,
        /// Returned when a party withdraws, or terms are amended, while a margin call is open.
        CallOpen,
        /// Returned when there is no call to default on or to extend.
        NoCallOpen,
        /// Returned when a call's deadline has not passed.
        CallNotDue,
        /// Returned when a call's deadline has passed.
        CallOverdue,
        /// Returned when an extension was signed for another deadline than the call's.
        CallMismatch,
        /// Returned when an extension is not later than the call's deadline, or too late.
        ExtensionOutOfBounds,
        /// Returned when a dispute is open that stands against it.
        DisputeOpen,
        /// Returned when there is no such dispute.
        NoDisputeOpen,
        /// Returned when the time to dispute is over, or the terms have none.
        DisputeWindowClosed,
        /// Returned when nothing that moved against the party is left in dispute.
        NothingToDispute,
        /// Returned when a value was signed for another dispute.
        DisputeMismatch,
        /// Returned when a dispute's deadline has not passed.
        DisputeNotLapsed,
        /// Returned when an account can't take a side: it is another role of the pair.
        SuccessorInvalid,
        /// Returned when a successor was accepted before.
        SuccessorKnown,
        /// Returned when the survivor has not accepted this successor.
        SuccessorUnknown,
        /// Returned when a side accepts its largest number of successors.
        SuccessorLimitReached,
        /// Returned when successors can still bid.
        ReplacementWindowOpen,
        /// Returned when successors can't bid, or not any more.
        ReplacementWindowClosed,
        /// Returned when there is no bid.
        NoBid,
        /// Returned when a bid is not below the best one.
        BidNotBetter,
        /// Returned when a bid is more than the defaulter's margin and the layers behind it can pay.
        BidUnfunded,
        /// Returned when a bid is above the close-out amount.
        BidAboveReserve,
        /// Returned when a determination names another defaulter.
        DefaulterMismatch,
        /// Returned when a determination comes after the close-out deadline.
        CloseOutDeadlinePassed,
        /// Returned when neither the agent has determined the close-out amount nor its deadline has passed.
        CloseOutUndetermined,
        /// Returned when the defaulter's collateral is still for sale.
        AuctionRunning,
        /// Returned when no collateral is for sale.
        NoAuction,
        /// Returned when collateral costs more than the buyer's limit.
        PriceAboveLimit,
        /// Returned when a purchase would bring in more than the loss needs, or nothing.
        MoreThanNeeded,
        /// Returned when a party leaves before the oracle has timed out.
        OracleNotTimedOut,
        /// Returned when an end asks for more than the debtor's margin.
        TerminationUnfunded,
        /// Returned when the pair runs off.
        RunningOff,
        /// Returned when the pair does not run off, or not by the entity's notice.
        NotRunningOff,
        /// Returned when the entity's notice is not over.
        NoticeRunning,
        /// Returned when a pair that runs off still has something at risk.
        StillAtRisk,
        /// Returned when new risk is paused.
        NewRiskPaused,
        /// Returned when a pause follows too soon on the last one.
        PausedBefore,
        /// Returned when a pause is empty or too long.
        PauseOutOfBounds,
        /// Returned when the vault has its largest number of bond layers.
        LayerLimitReached,
        /// Returned when a layer's attachment is not the sum of the limits below it, or its term is empty.
        LayerMisplaced,
        /// Returned when a bond takes no claims until the latest close-out of a default in its risk period.
        CoverTooShort,
        /// Returned when a bond's waiting period is shorter than that of a live one below it.
        WaitingTooShort,
        /// Returned when the parties are not attested to have different owners.
        OwnersNotAttested,
        /// Returned when an attestation would change nothing.
        AttestationUnchanged,
        /// Returned when a bond is registered twice.
        LayerDuplicate,
        /// Returned when terms would change that investors priced.
        CoverLive,
        /// Returned when there is no such layer or account, or nothing is due to or from it.
        NothingDue,
        /// Returned when a party of a pair that is not closed passes its claim on.
        ClaimPledged,
        /// Returned when a claim can't go to an account: zero, the vault, or whose it is already.
        ReceiverInvalid,
        /// Returned when the entity has given no notice of other signers.
        NoRotationNoticed,
        /// Returned when there is no such estate.
        NoEstate,
        /// Returned when a vault has its largest number of estates.
        EstateLimitReached,
        /// Returned when capital would leave while the tail needs it.
        TailUncovered,
        /// Returned when less first-loss capital is here than asked for.
        InsufficientFirstLoss,
        /// Returned when the asset's balance does not hold what is to be recorded.
        FundsMissing,
        /// Returned when a transfer of an asset failed.
        AssetTransferFailed,
        /// Returned when a transfer moved another amount than asked for.
        AssetTransferInexact,
        /// Returned when an address in the terms is zero or two roles that must differ are the same.
        InvalidAddress,
        /// Returned when a period is outside its bounds.
        PeriodOutOfBounds,
        /// Returned when a share or a haircut is above 100 %, or a fee cap above its bound.
        ShareOutOfBounds,
        /// Returned when more collateral is eligible than a vault keeps, twice the same, or the settlement asset.
        CollateralSchedule,
        /// Returned when there is no signer or more than eight.
        SignerCount,
        /// Returned when the threshold is not a majority of the signers or above their number.
        SignerThreshold,
        /// Returned when the signers are not strictly ascending or one is zero.
        SignerOrder,
        /// Returned when a message's arguments can't be read.
        MalformedInput,
        /// Returned when a sum leaves its range.
        ArithmeticOverflow,
    }
}

impl From<SignatureError> for VaultError {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::MalformedSignatures => Self::MalformedSignatures,
            SignatureError::QuorumNotMet => Self::QuorumNotMet,
            SignatureError::InvalidRecoveryId => Self::InvalidRecoveryId,
            SignatureError::HighS => Self::HighS,
            SignatureError::UnrecoverableSignature => Self::UnrecoverableSignature,
            SignatureError::DuplicateSigner => Self::DuplicateSigner,
            SignatureError::UnsortedSigners => Self::UnsortedSigners,
            SignatureError::UnknownSigner => Self::UnknownSigner,
        }
    }
}

impl From<CollateralError> for VaultError {
    fn from(error: CollateralError) -> Self {
        match error {
            CollateralError::MarksMismatch => Self::MarksMismatch,
            CollateralError::HaircutTooSmall => Self::HaircutTooSmall,
            CollateralError::NotEligible => Self::NotEligible,
            CollateralError::InsufficientCollateral => Self::InsufficientCollateral,
            CollateralError::ArithmeticOverflow => Self::ArithmeticOverflow,
        }
    }
}

impl From<TermsError> for VaultError {
    fn from(error: TermsError) -> Self {
        match error {
            TermsError::InvalidAddress => Self::InvalidAddress,
            TermsError::AmountOutOfBounds => Self::AmountOutOfBounds,
            TermsError::PeriodOutOfBounds => Self::PeriodOutOfBounds,
            TermsError::ShareOutOfBounds => Self::ShareOutOfBounds,
            TermsError::CollateralSchedule => Self::CollateralSchedule,
            TermsError::SignerCount => Self::SignerCount,
            TermsError::SignerThreshold => Self::SignerThreshold,
            TermsError::SignerOrder => Self::SignerOrder,
            TermsError::ArithmeticOverflow => Self::ArithmeticOverflow,
        }
    }
}
