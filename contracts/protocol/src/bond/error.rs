crate::errors::error_list! {
    /// Why a bond refuses a command. Nothing has moved when one of these is returned.
    BondError, each_bond_error {
        /// Returned when an address in the terms, or a receiver, is zero.
        InvalidAddress,
        /// Returned when an amount is zero or above its bound.
        AmountOutOfBounds,
        /// Returned when the spread is above 100 % a year.
        SpreadOutOfBounds,
        /// Returned when a period of the terms is outside its bounds.
        PeriodOutOfBounds,
        /// Returned when the caller is not the sponsor.
        NotTheSponsor,
        /// Returned when the caller is not the covered vault.
        NotTheVault,
        /// Returned when the series takes no subscriptions (any more).
        NotSubscribing,
        /// Returned when the premium is not in escrow yet, or is there already.
        PremiumNotFunded,
        /// Returned when a subscription exceeds what is left of the limit.
        Oversubscribed,
        /// Returned when subscriptions are still open.
        SubscriptionOpen,
        /// Returned when the sponsor still has time to put the series on risk.
        GraceRunning,
        /// Returned when the series is not on risk.
        NotOnRisk,
        /// Returned when a claim comes after the extension.
        ClaimPeriodOver,
        /// Returned when a claim exceeds the outstanding principal.
        ClaimExceedsPrincipal,
        /// Returned when principal is not redeemable yet.
        NotRedeemable,
        /// Returned when the caller has nothing to take out.
        NothingDue,
        /// Returned when a holder has fewer notes than asked for.
        InsufficientBalance,
        /// Returned when a spender's allowance is too small.
        InsufficientAllowance,
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
