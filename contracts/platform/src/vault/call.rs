/// Declares the messages that the vault passes on, numbered in order.
macro_rules! calls {
    ($( $(#[$meta:meta])* $name:ident ),+ $(,)?) => {
        /// A message that the vault passes to its rules.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, scale::Encode, scale::Decode)]
        #[allow(clippy::as_conversions, reason = "the SCALE derive casts the discriminants of enums")]
        pub enum VaultCall { $( $(#[$meta])* $name ),+ }
    };
}

calls! {
    /// The constructor.
    New,
    /// `accept`.
    Accept,
    /// `agreePortfolio`.
    AgreePortfolio,
    /// `amendTerms`.
    AmendTerms,
    /// `rotateSigners`.
    RotateSigners,
    /// `noticeRotation`.
    NoticeRotation,
    /// `withdrawRotation`.
    WithdrawRotation,
    /// `takeUpRotation`.
    TakeUpRotation,
    /// `leaveRotation`.
    LeaveRotation,
    /// `postCollateral`.
    PostCollateral,
    /// `returnCollateral`.
    ReturnCollateral,
    /// `substituteCollateral`.
    SubstituteCollateral,
    /// `extendCall`.
    ExtendCall,
    /// `dispute`.
    Dispute,
    /// `determineDispute`.
    DetermineDispute,
    /// `resolveDispute`.
    ResolveDispute,
    /// `lapseDispute`.
    LapseDispute,
    /// `declareDefault`.
    DeclareDefault,
    /// `approveSuccessor`.
    ApproveSuccessor,
    /// `revokeSuccessor`.
    RevokeSuccessor,
    /// `bidForSide`.
    BidForSide,
    /// `acceptBid`.
    AcceptBid,
    /// `closeOut`.
    CloseOut,
    /// `resolveDefault`.
    ResolveDefault,
    /// `buyCollateral`.
    BuyCollateral,
    /// `collectCover`.
    CollectCover,
    /// Not a message: the vault tells that a bond paid.
    CoverPaid,
    /// `transferClaim`.
    TransferClaim,
    /// `recover`.
    Recover,
    /// `passRecovery`.
    PassRecovery,
    /// `collect`.
    Collect,
    /// `terminate`.
    Terminate,
    /// `leaveSilentOracle`.
    LeaveSilentOracle,
    /// `beginRunOff`.
    BeginRunOff,
    /// `closeRunOff`.
    CloseRunOff,
    /// `leaveRunOff`.
    LeaveRunOff,
    /// `pause`.
    Pause,
    /// `addFirstLoss`.
    AddFirstLoss,
    /// `releaseFirstLoss`.
    ReleaseFirstLoss,
    /// `addReserve`.
    AddReserve,
    /// `collectFees`.
    CollectFees,
    /// `registerCover`.
    RegisterCover,
    /// `attestOwners`.
    AttestOwners,
    /// `status`.
    Status,
    /// `terms`.
    Terms,
    /// `termsHash`.
    TermsHash,
    /// `liabilities`.
    Liabilities,
    /// `mandate`.
    Mandate,
    /// `signers`.
    Signers,
    /// `rotationNotice`.
    RotationNotice,
    /// `layer`.
    Layer,
    /// `collateral`.
    Collateral,
    /// `openDispute`.
    OpenDispute,
    /// `defaultCase`.
    DefaultCase,
    /// `successors`.
    Successors,
    /// `estate`.
    Estate,
    /// `claimable`.
    Claimable,
    /// `withdrawable`.
    Withdrawable,
    /// `auctionPrice`.
    AuctionPrice,
}
