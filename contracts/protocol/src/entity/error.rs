crate::errors::error_list! {
    /// Why the entity refuses a command. Nothing has moved when one of these is returned.
    EntityError, each_entity_error {
        /// Returned when an address is zero.
        InvalidAddress,
        /// Returned when the caller is not the admin.
        NotTheAdmin,
        /// Returned when the caller was not nominated as admin.
        NotNominated,
        /// Returned when an amount is zero or above its bound.
        AmountOutOfBounds,
        /// Returned when free capital is less than asked for.
        InsufficientFreeCapital,
        /// Returned when the vault was not opened by this entity.
        UnknownVault,
        /// Returned when the bond was not issued by this entity.
        UnknownSeries,
        /// Returned when the terms name another entity or asset.
        TermsMismatch,
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
        /// Returned when a sum leaves its range.
        ArithmeticOverflow,
    }
}
