use crate::signature::SignatureError;

crate::errors::error_list! {
    /// Why a vault refuses a command. Nothing has moved when one of these is returned.
    VaultError, each_vault_error {
        /// Returned when the caller is neither party.
        NotAParty,
        /// Returned when the caller is not the entity.
        NotTheEntity,
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
        /// Returned when the newest valuation is older than the terms allow.
        ValuationStale,
        /// Returned when the parties have agreed on no portfolio yet.
        NoPortfolio,
        /// Returned when a valuation is of another portfolio than the agreed one.
        PortfolioMismatch,
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
        /// Returned when a withdrawal is more than the margin above requirement and deficit.
        WithdrawalExceedsExcess,
        /// Returned when a party withdraws while its margin call is open.
        CallOpen,
        /// Returned when there is no call to default on.
        NoCallOpen,
        /// Returned when a call's deadline has not passed.
        CallNotDue,
        /// Returned when a determination names another defaulter.
        DefaulterMismatch,
        /// Returned when a determination comes after the close-out deadline.
        CloseOutDeadlinePassed,
        /// Returned when the close-out deadline has not passed.
        CloseOutDeadlineNotPassed,
        /// Returned when a party leaves before the oracle has timed out.
        OracleNotTimedOut,
        /// Returned when a mutual termination asks for more than the debtor's margin.
        TerminationUnfunded,
        /// Returned when the vault has its largest number of bond layers.
        LayerLimitReached,
        /// Returned when a layer's attachment is not the sum of the limits below it, or its term is empty.
        LayerMisplaced,
        /// Returned when a bond takes no claims until the latest close-out of a default in its risk period.
        CoverTooShort,
        /// Returned when a bond is registered twice.
        LayerDuplicate,
        /// Returned when there is no such layer or nothing is due from it.
        NothingDue,
        /// Returned when capital would leave while the tail needs it.
        TailUncovered,
        /// Returned when less first-loss capital is here than asked for.
        InsufficientFirstLoss,
        /// Returned when the asset's balance does not hold what is to be recorded.
        FundsMissing,
        /// Returned when a transfer of the settlement asset failed.
        AssetTransferFailed,
        /// Returned when a transfer moved another amount than asked for.
        AssetTransferInexact,
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
