crate::errors::error_list! {
    /// Why the entity refuses a command. Nothing has moved when one of these is returned.
    EntityError, each_entity_error {
        /// Returned when an address is zero.
        InvalidAddress,
        /// Returned when the caller is not the admin.
        NotTheAdmin,
        /// Returned when the caller is not the guardian.
        NotTheGuardian,
        /// Returned when the caller is not the resolution agent.
        NotTheAgent,
        /// Returned when the caller was not nominated for the role.
        NotNominated,
        /// Returned when no role has the number.
        UnknownRole,
        /// Returned when the founder has already said who the entity is.
        AlreadyIncorporated,
        /// Returned when a legal name is empty, too long, or has control characters in it or blanks around it.
        NameMalformed,
        /// Returned when a legal entity identifier has another length or other characters than it must have.
        LeiMalformed,
        /// Returned when the check digits of a legal entity identifier are wrong.
        LeiChecksum,
        /// Returned when a jurisdiction is neither a country code nor a subdivision's.
        JurisdictionMalformed,
        /// Returned when a hash is zero that must not be, or a value is outside of its bounds.
        ValueOutOfBounds,
        /// Returned when a period is outside of its bounds.
        PeriodOutOfBounds,
        /// Returned when an amount is zero or above its bound.
        AmountOutOfBounds,
        /// Returned when nothing that can be changed has the number.
        UnknownSubject,
        /// Returned when no such change is pending: never scheduled, cancelled, replaced or executed.
        NoSuchChange,
        /// Returned when the delay of a change is not over.
        ChangeNotDue,
        /// Returned when a change was not executed in time.
        ChangeExpired,
        /// Returned when a pause is longer than 72 hours, or of no time.
        PauseOutOfBounds,
        /// Returned when the last pause ended less than 72 hours ago.
        PausedBefore,
        /// Returned when the guardian has paused new risk.
        NewRiskStopped,
        /// Returned when a party is not attested, or its attestation has expired or was revoked.
        NotAttested,
        /// Returned when both parties have the same owner.
        SameOwner,
        /// Returned when free capital is less than asked for.
        InsufficientFreeCapital,
        /// Returned when free capital would fall below its requirement.
        CapitalRequired,
        /// Returned when capital is asked back from a pair that is not at rest.
        CapitalStays,
        /// Returned when the entity is in resolution and what was asked is not done in one.
        UnderResolution,
        /// Returned when the entity is not in resolution.
        NotUnderResolution,
        /// Returned when the resolution agent's notice is running.
        NoticeRunning,
        /// Returned when there is no notice to take back.
        NoNotice,
        /// Returned when nothing has happened that lets anyone start a resolution.
        NoTrigger,
        /// Returned when claims can still be admitted.
        ClaimsOpen,
        /// Returned when claims are closed.
        ClaimsClosed,
        /// Returned when a pair was not ticked off yet.
        PairsOpen,
        /// Returned when free capital is not distributed yet.
        NotDistributed,
        /// Returned when no class of creditors has the number.
        UnknownClass,
        /// Returned when there is no claim of the number.
        UnknownClaim,
        /// Returned when the caller does not hold the claim.
        NotTheHolder,
        /// Returned when what was asked is done already.
        NothingToDo,
        /// Returned when the vault was not opened by this entity.
        UnknownVault,
        /// Returned when the bond was not issued by this entity.
        UnknownSeries,
        /// Returned when the terms name another entity, asset or rules, or can't be read.
        TermsMismatch,
        /// Returned when the terms allow a higher fee than the entity does.
        FeeCapTooHigh,
        /// Returned when the vault could not be instantiated.
        VaultNotOpened,
        /// Returned when the bond could not be instantiated.
        SeriesNotIssued,
        /// Returned when a vault still counts on a series, or may still claim from it.
        CoverNeeded,
        /// Returned when a call to one of the entity's own vaults or bonds failed.
        ChildCallFailed,
        /// Returned when a transfer of the settlement asset failed.
        AssetTransferFailed,
        /// Returned when a transfer moved another amount than asked for.
        AssetTransferInexact,
        /// Returned when arguments can't be read.
        MalformedInput,
        /// Returned when a sum leaves its range.
        ArithmeticOverflow,
    }
}
