// SPDX-License-Identifier: Apache-2.0
// The contracts' interfaces as Ethereum clients see them; documented at the contracts.
pragma solidity ^0.8.0;

/// The margin vault of one pair.
interface IMarginVault {
    struct PartyTerms {
        uint128 threshold;
        uint128 minimumTransferAmount;
        uint128 roundingAmount;
        uint128 independentAmount;
    }

    struct Periods {
        uint64 cure;
        uint64 notification;
        uint64 maxStaleness;
        uint64 dispute;
        uint64 replacement;
        uint64 closeOut;
        uint64 auction;
        uint64 oracleTimeout;
    }

    struct Limits {
        uint128 maxMove;
        uint128 disputeDeposit;
        uint128 disputeTolerance;
        uint16 feeCap;
        uint16 tailShareA;
    }

    struct EligibleCollateral {
        address asset;
        uint16 haircut;
        uint128 limit;
    }

    /// `csa` is A's, then B's.
    struct CsaTerms {
        address asset;
        address entity;
        address rules;
        address partyA;
        address partyB;
        PartyTerms[2] csa;
        Periods periods;
        Limits limits;
        EligibleCollateral[] collateral;
        address[] signers;
        uint8 signerThreshold;
    }

    struct CollateralMark {
        uint128 price;
        uint16 haircut;
    }

    struct MarginInstruction {
        address vault;
        bytes32 termsHash;
        uint64 sequence;
        uint64 valuationTime;
        uint64 expiry;
        bytes32 portfolioRoot;
        int128 entitlementA;
        uint128 initialMarginA;
        uint128 initialMarginB;
        uint128 tailRequirement;
        uint128 interestIndex;
        uint16 feeRate;
        CollateralMark[] collateral;
        bytes32 marketDataRoot;
        uint32 modelVersion;
    }

    struct SignedInstruction {
        uint64 chainId;
        MarginInstruction instruction;
        bytes signatures;
    }

    struct PortfolioAgreement {
        uint64 version;
        bytes32 portfolioRoot;
        bytes32 termsHash;
        uint64 expiry;
    }

    struct SignedPortfolio {
        PortfolioAgreement portfolio;
        bytes signatureA;
        bytes signatureB;
    }

    struct TermsAmendment {
        uint64 nonce;
        bytes32 from;
        bytes32 to;
        uint64 expiry;
    }

    struct SignedAmendment {
        TermsAmendment amendment;
        CsaTerms terms;
        bytes signatureA;
        bytes signatureB;
    }

    struct SignerRotation {
        bytes32 termsHash;
        uint64 epoch;
        bytes32 signersHash;
        uint8 threshold;
        uint64 expiry;
    }

    struct SignedRotation {
        SignerRotation rotation;
        address[] signers;
        bytes signatureA;
        bytes signatureB;
    }

    struct CollateralMove {
        uint8 index;
        uint128 quantity;
    }

    struct Substitution {
        uint8 into;
        uint128 posted;
        uint8 outOf;
        uint128 returned;
    }

    struct CallExtension {
        address party;
        uint64 deadline;
        uint64 extended;
        uint64 expiry;
    }

    struct SignedExtension {
        CallExtension extension;
        bytes signature;
    }

    struct DisputedValue {
        uint64 dispute;
        int128 entitlementA;
        uint64 expiry;
    }

    struct DeterminedDispute {
        address party;
        DisputedValue value;
        bytes signatures;
    }

    struct ResolvedDispute {
        address party;
        DisputedValue value;
        bytes signatureA;
        bytes signatureB;
    }

    struct SideBid {
        int128 price;
        bytes32 termsHash;
    }

    struct CloseOutDetermination {
        uint64 sequence;
        address defaulter;
        int128 amount;
        bytes32 evidenceRoot;
        uint64 expiry;
    }

    struct SignedDetermination {
        CloseOutDetermination determination;
        bytes signatures;
    }

    struct Purchase {
        uint8 index;
        uint128 quantity;
        uint128 limit;
    }

    struct EstateLayer {
        uint8 estate;
        uint8 layer;
    }

    struct Recovery {
        uint8 estate;
        uint128 amount;
    }

    struct MutualTermination {
        bytes32 termsHash;
        uint64 nonce;
        int128 entitlementA;
        uint64 expiry;
    }

    struct SignedTermination {
        MutualTermination termination;
        bytes signatureA;
        bytes signatureB;
    }

    struct CoverTerms {
        address bond;
        uint128 attachment;
        uint128 limit;
        uint64 starts;
        uint64 ends;
        uint64 waiting;
        uint64 claimsUntil;
        uint64 attestedUntil;
    }

    struct Holding {
        address account;
        address asset;
    }

    /// `blockedBy` is the selector of the error that a withdrawal would end in, zero if none.
    struct PartyStatus {
        uint128 margin;
        uint128 required;
        uint128 credit;
        uint128 deficit;
        uint128 suspended;
        uint128 excess;
        uint128 withdrawable;
        bytes4 blockedBy;
        uint128 callAmount;
        uint64 callDeadline;
    }

    struct TailStatus {
        uint128 firstLoss;
        uint128 liveCover;
        uint128 tailRequirement;
        uint128 tailGap;
        uint64 coverLapses;
        uint128 gapAfterLapse;
    }

    struct ValuationStatus {
        int128 entitlementA;
        int128 settledToA;
        uint64 sequence;
        uint64 valuationTime;
        uint64 freshUntil;
        uint64 oracleTimesOut;
    }

    struct EntityStatus {
        uint128 feesDue;
        uint64 pausedUntil;
        bool runningOff;
        uint64 attestedUntil;
    }

    /// `phase`: 0 proposed, 1 active, 2 defaulted, 3 closed. `sides` is A's, then B's.
    struct VaultStatus {
        uint8 phase;
        address defaulter;
        PartyStatus[2] sides;
        TailStatus tail;
        ValuationStatus valuation;
        EntityStatus entity;
    }

    struct PreviewSide {
        uint128 fee;
        uint128 deficit;
        uint128 required;
        uint128 credit;
        uint128 margin;
        uint128 callAmount;
        uint64 callDeadline;
    }

    struct Preview {
        int128 transferredToA;
        int128 interest;
        PreviewSide[2] sides;
    }

    struct MandateStatus {
        uint64 portfolioVersion;
        bytes32 portfolioRoot;
        uint64 signerEpoch;
    }

    struct Layer {
        address bond;
        uint128 limit;
        uint128 claimed;
        uint64 starts;
        uint64 ends;
        uint64 waiting;
    }

    struct NoticedSigners {
        address[] signers;
        uint8 threshold;
    }

    /// Zeros and no signers if no notice stands.
    struct RotationNotice {
        uint64 leaveFrom;
        uint64 due;
        uint64 expires;
        uint8 threshold;
        address[] signers;
    }

    struct ClaimTransfer {
        uint8 estate;
        address to;
    }

    struct Collateral {
        address asset;
        uint16 leastHaircut;
        uint128 limit;
        uint128 price;
        uint16 haircut;
        uint128 postedA;
        uint128 postedB;
    }

    struct Dispute {
        uint64 number;
        uint64 sequence;
        int128 valued;
        int128 stated;
        uint128 escrowed;
        uint128 suspended;
        uint128 deposit;
        uint64 deadline;
    }

    struct DefaultCase {
        bool determined;
        int128 amount;
        uint64 since;
        address bidder;
        int128 price;
        uint128 posted;
        uint64 auctionSince;
    }

    struct LayerAccount {
        uint128 paid;
        uint128 due;
        uint128 recovered;
    }

    struct Estate {
        address debtor;
        address creditor;
        uint128 residual;
        uint128 firstLoss;
        LayerAccount[4] layers;
    }

    struct Withdrawable {
        uint128 amount;
        bytes4 blockedBy;
    }

    function accept(bytes32 termsHash) external;
    function deposit(uint128 amount) external;
    function withdraw(uint128 amount) external;
    function settle(SignedInstruction calldata signed) external;
    function previewSettle(SignedInstruction calldata signed) external view returns (Preview memory);
    function agreePortfolio(SignedPortfolio calldata signed) external;
    function amendTerms(SignedAmendment calldata signed) external;
    function rotateSigners(SignedRotation calldata signed) external;
    function noticeRotation(NoticedSigners calldata signers) external;
    function withdrawRotation() external;
    function takeUpRotation() external;
    function leaveRotation() external;
    function postCollateral(CollateralMove calldata posted) external;
    function returnCollateral(CollateralMove calldata returned) external;
    function substituteCollateral(Substitution calldata substitution) external;
    function extendCall(SignedExtension calldata signed) external;
    function dispute(int128 stated) external;
    function determineDispute(DeterminedDispute calldata signed) external;
    function resolveDispute(ResolvedDispute calldata signed) external;
    function lapseDispute(address party) external;
    function declareDefault(address party) external;
    function approveSuccessor(address successor) external;
    function revokeSuccessor(address successor) external;
    function bidForSide(SideBid calldata bid) external;
    function acceptBid() external;
    function closeOut(SignedDetermination calldata signed) external;
    function resolveDefault() external;
    function buyCollateral(Purchase calldata purchase) external;
    function collectCover(EstateLayer calldata layer) external;
    function recover(Recovery calldata recovery) external;
    function passRecovery(EstateLayer calldata layer) external;
    function collect(address asset) external;
    function terminate(SignedTermination calldata signed) external;
    function leaveSilentOracle() external;
    function beginRunOff() external;
    function closeRunOff() external;
    function leaveRunOff() external;
    function pause(uint64 span) external;
    function addFirstLoss(uint128 amount) external;
    function releaseFirstLoss(uint128 amount) external;
    function addReserve(uint128 amount) external;
    function collectFees() external;
    function registerCover(CoverTerms calldata cover) external;
    function attestOwners(uint64 until) external;
    function transferClaim(ClaimTransfer calldata claim) external;
    function status() external view returns (VaultStatus memory);
    function terms() external view returns (CsaTerms memory);
    function termsHash() external view returns (bytes32);
    function liabilities() external view returns (uint128);
    function mandate() external view returns (MandateStatus memory);
    function signers() external view returns (address[] memory);
    function rotationNotice() external view returns (RotationNotice memory);
    function layer(uint8 index) external view returns (Layer memory);
    function collateral(uint8 index) external view returns (Collateral memory);
    function openDispute(address party) external view returns (Dispute memory);
    function defaultCase() external view returns (DefaultCase memory);
    function successors(address party) external view returns (address[] memory);
    function estate(uint8 index) external view returns (Estate memory);
    function claimable(address bond) external view returns (uint128);
    function withdrawable(address party) external view returns (Withdrawable memory);
    function auctionPrice(CollateralMove calldata collateral) external view returns (uint128);
    function collectable(Holding calldata holding) external view returns (uint128);

    event TermsAccepted(address indexed party);
    event Deposited(address indexed party, uint128 amount, uint128 paid_to_counterparty);
    event Withdrawn(address indexed party, uint128 amount);
    event PortfolioAgreed(uint64 version, bytes32 root);
    event Settled(
        uint64 sequence,
        int128 entitlement,
        int128 interest,
        int128 transferred,
        uint128 fee_a,
        uint128 fee_b,
        uint128 deficit_a,
        uint128 deficit_b,
        uint128 required_a,
        uint128 required_b,
        uint128 credit_a,
        uint128 credit_b
    );
    event CallOpened(address indexed party, uint128 amount, uint64 deadline);
    event CallMet(address indexed party);
    event TermsAmended(bytes32 terms_hash);
    event SignersRotated(uint64 epoch, bytes32 signers_hash);
    event RotationNoticed(bytes32 signers_hash, uint64 leave_from, uint64 due);
    event RotationWithdrawn(uint64 at);
    event OwnersAttested(uint64 until);
    event ClaimTransferred(address indexed from, address indexed to, uint8 estate);
    event CollateralPosted(address indexed party, address indexed asset, uint128 quantity);
    event CollateralReturned(address indexed party, address indexed asset, uint128 quantity);
    event Disputed(
        address indexed party,
        uint64 number,
        int128 stated,
        uint128 escrowed,
        uint128 suspended,
        uint64 deadline
    );
    event DisputeEnded(address indexed party, uint64 number, int128 found, uint128 returned, bool confirmed);
    event Defaulted(address indexed party, uint64 replacement_deadline, uint64 close_out_deadline);
    event SuccessorApproved(address indexed by, address indexed successor);
    event SuccessorRevoked(address indexed by, address indexed successor);
    event BidPlaced(address indexed bidder, int128 price, uint128 posted);
    event Replaced(
        address indexed former,
        address indexed successor,
        int128 price,
        uint128 arrears,
        uint128 from_margin,
        uint128 from_first_loss,
        bytes32 terms_hash
    );
    event CloseOutDetermined(address indexed party, int128 amount);
    event AuctionBegun(uint64 deadline);
    event CollateralSold(address indexed asset, address indexed buyer, uint128 quantity, uint128 cost);
    event ClosedOut(int128 amount, uint128 from_margin, uint128 from_first_loss, uint128 from_cover, uint128 residual);
    event CoverPaid(address indexed bond, uint128 amount);
    event Recovered(
        address indexed debtor,
        uint128 to_creditor,
        uint128 to_bonds,
        uint128 to_first_loss,
        uint128 to_debtor
    );
    event RecoveryPassed(address indexed bond, uint128 amount);
    event Collected(address indexed account, address indexed asset, uint128 amount);
    event CoverRegistered(address indexed bond, uint128 limit);
    event FirstLossChanged(uint128 first_loss);
    event ReserveChanged(uint128 reserve);
    event FeesCollected(uint128 amount);
    event RunOffBegun(address indexed by);
    event Paused(uint64 until);
    event Terminated(int128 entitlement);

    error NotAParty();
    error NotTheEntity();
    error NotTheSurvivor();
    error NotTheCreditor();
    error NotProposed();
    error NotActive();
    error NotDefaulted();
    error AlreadyAccepted();
    error TermsMismatch();
    error TermsFixed();
    error ZeroAmount();
    error AmountOutOfBounds();
    error WrongVault();
    error WrongChain();
    error SequenceReplayed();
    error SequenceSkipped();
    error Expired();
    error ValuationNotNewer();
    error ValuationInFuture();
    error ValuationStale();
    error NoPortfolio();
    error PortfolioMismatch();
    error IndexOutOfBounds();
    error FeeAboveCap();
    error MalformedSignatures();
    error QuorumNotMet();
    error InvalidRecoveryId();
    error HighS();
    error UnrecoverableSignature();
    error DuplicateSigner();
    error UnsortedSigners();
    error UnknownSigner();
    error SignersMismatch();
    error MarksMismatch();
    error HaircutTooSmall();
    error NotEligible();
    error InsufficientCollateral();
    error CollateralInUse();
    error WithdrawalExceedsExcess();
    error CallOpen();
    error NoCallOpen();
    error CallNotDue();
    error CallOverdue();
    error CallMismatch();
    error ExtensionOutOfBounds();
    error DisputeOpen();
    error NoDisputeOpen();
    error DisputeWindowClosed();
    error NothingToDispute();
    error DisputeMismatch();
    error DisputeNotLapsed();
    error SuccessorInvalid();
    error SuccessorKnown();
    error SuccessorUnknown();
    error SuccessorLimitReached();
    error ReplacementWindowOpen();
    error ReplacementWindowClosed();
    error NoBid();
    error BidNotBetter();
    error BidUnfunded();
    error BidAboveReserve();
    error DefaulterMismatch();
    error CloseOutDeadlinePassed();
    error CloseOutUndetermined();
    error AuctionRunning();
    error NoAuction();
    error PriceAboveLimit();
    error MoreThanNeeded();
    error OracleNotTimedOut();
    error TerminationUnfunded();
    error RunningOff();
    error NotRunningOff();
    error NoticeRunning();
    error StillAtRisk();
    error NewRiskPaused();
    error PausedBefore();
    error PauseOutOfBounds();
    error LayerLimitReached();
    error LayerMisplaced();
    error CoverTooShort();
    error WaitingTooShort();
    error OwnersNotAttested();
    error AttestationUnchanged();
    error LayerDuplicate();
    error CoverLive();
    error NothingDue();
    error ClaimPledged();
    error ReceiverInvalid();
    error NoRotationNoticed();
    error NoEstate();
    error EstateLimitReached();
    error TailUncovered();
    error InsufficientFirstLoss();
    error FundsMissing();
    error AssetTransferFailed();
    error AssetTransferInexact();
    error InvalidAddress();
    error PeriodOutOfBounds();
    error ShareOutOfBounds();
    error CollateralSchedule();
    error SignerCount();
    error SignerThreshold();
    error SignerOrder();
    error MalformedInput();
    error ArithmeticOverflow();
}

/// One tail-risk bond series; its note is an ERC-20 with permit (EIP-2612).
interface ITailRiskBond {
    struct BookTerms {
        uint128 minimumBid;
        uint16 maxSpread;
        uint16 tick;
        uint16 forfeit;
        uint64 cancelUntil;
        uint64 bidsUntil;
        uint64 revealUntil;
    }

    struct RiskTerms {
        uint64 riskPeriod;
        uint64 notice;
        uint64 extension;
        uint64 waiting;
    }

    struct SeriesTerms {
        address vault;
        address sponsor;
        address asset;
        uint128 attachment;
        uint128 limit;
        uint128 minimum;
        bytes32 allowList;
        BookTerms book;
        RiskTerms risk;
    }

    struct SeriesStatus {
        uint8 phase;
        uint128 face;
        uint128 principal;
        uint128 premium;
        uint128 sponsorDue;
        uint128 reserve;
        uint64 maturity;
        uint64 claimsUntil;
        uint16 spread;
        uint128 locked;
        uint128 lost;
        uint128 recovered;
    }

    struct NoteValue {
        uint128 principal;
        uint128 accrued;
        uint128 released;
        uint128 writtenDown;
        uint128 inExtension;
    }

    struct Position {
        uint128 notes;
        uint128 premium;
        uint128 redeemable;
        uint128 principal;
    }

    function fundPremium(uint128 reserve) external;
    function bid(uint8 slot, uint128 amount, uint16 spread) external;
    function commit(uint8 slot, uint128 deposit, bytes32 seal) external;
    function reveal(uint8 slot, uint128 amount, uint16 spread, bytes32 salt) external;
    function cancel(uint8 slot) external;
    function clear(uint16 ticks) external;
    function activate() external;
    function expire() external;
    function allot(uint8 slot) external;
    function claim(uint128 amount) external;
    function recovered(uint128 amount) external;
    function extend(uint128 claimable) external;
    function proposeCommutation() external;
    function agree() external;
    function collect() external;
    function refundSponsor() external;
    function admit(address account, bytes32[] calldata proof) external;
    function status() external view returns (SeriesStatus memory);
    function terms() external view returns (SeriesTerms memory);
    function liabilities() external view returns (uint128);
    function noteValue() external view returns (NoteValue memory);
    function position(address account) external view returns (Position memory);
    function bidOf(address bidder, uint8 slot) external view returns (uint128 deposit, uint128 amount);
    function bidsAt(uint16 tick) external view returns (uint128);
    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    function decimals() external view returns (uint8);
    function totalSupply() external view returns (uint256);
    function balanceOf(address owner) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function approve(address spender, uint256 value) external returns (bool);
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
    function nonces(address owner) external view returns (uint256);
    function DOMAIN_SEPARATOR() external view returns (bytes32);

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event PremiumFunded(uint128 amount, uint128 reserve);
    event Admitted(address indexed holder);
    event BidPlaced(address indexed bidder, uint128 amount, uint16 spread);
    event BidCommitted(address indexed bidder, uint128 deposit);
    event BidCancelled(address indexed bidder, uint128 deposit);
    event Cleared(uint16 spread, uint128 face);
    event Activated(uint128 principal, uint64 maturity);
    event Failed();
    event Allotted(address indexed bidder, uint128 notes, uint128 refund, uint128 forfeited);
    event Claimed(uint128 amount, uint128 principal);
    event Recovered(uint128 amount);
    event Extended(uint128 locked);
    event CommutationProposed(uint32 proposal, uint64 until);
    event CommutationAgreed(address indexed holder, uint128 notes);
    event Commuted();
    event Paid(address indexed holder, uint128 premium, uint128 principal);
    event SponsorRefunded(uint128 amount);

    error InvalidAddress();
    error AmountOutOfBounds();
    error SpreadOutOfBounds();
    error PeriodOutOfBounds();
    error NotTheSponsor();
    error NotTheVault();
    error NotAdmitted();
    error ProofInvalid();
    error PremiumNotFunded();
    error PremiumAlreadyFunded();
    error BookClosed();
    error SpreadOffGrid();
    error SlotTaken();
    error NoBid();
    error CancelOver();
    error NotRevealing();
    error SealMismatch();
    error BidExceedsDeposit();
    error BookOpen();
    error BookCleared();
    error GraceRunning();
    error NotOnRisk();
    error ClaimPeriodOver();
    error ClaimExceedsPrincipal();
    error RecoveryExceedsLoss();
    error ExtensionOver();
    error NoProposal();
    error NothingDue();
    error InsufficientBalance();
    error InsufficientAllowance();
    error PermitExpired();
    error PermitInvalid();
    error FundsMissing();
    error AssetTransferFailed();
    error AssetTransferInexact();
    error MalformedInput();
    error ArithmeticOverflow();
}

/// The legal entity on chain.
interface IEntity {
    struct IdentityText {
        string name;
        string lei;
        string jurisdiction;
    }

    struct Incorporation {
        string name;
        string lei;
        string jurisdiction;
        bytes32 agreement;
        bytes32 plan;
    }

    struct NoticedRotation {
        address vault;
        address[] signers;
        uint8 threshold;
    }

    struct Seat {
        address holder;
        address nominee;
    }

    /// Seats are those of the admin, the guardian and the resolution agent; counts are those of pairs, series, attested
    /// parties and changes.
    struct CharterView {
        address asset;
        uint128 assetReserve;
        address rules;
        bytes32 vaultCode;
        bytes32 bondCode;
        uint16 feeCap;
        uint64 delay;
        Seat[3] seats;
        uint64 pausedUntil;
        bool incorporated;
        uint32[4] counts;
    }

    struct ClassAccount {
        uint128 claims;
        uint128 assigned;
        uint128 paid;
    }

    /// `stage`: 0 running, 1 noticed (`moment` is its end), 2 resolving, 3 reported (`moment` is the begin of the resolution).
    /// `reason`: 0 declared, 1 notice, 2 capital. `counts` are those of claims, pairs told and pairs ticked off.
    struct Statement {
        uint128 free;
        uint128 reserve;
        uint128 requirement;
        uint64 shortSince;
        uint128 surplus;
        uint8 stage;
        uint64 moment;
        uint8 reason;
        ClassAccount[4] classes;
        uint32[3] counts;
    }

    struct PairRecord {
        address vault;
        address partyA;
        address partyB;
        bytes32 termsHash;
        bytes32 codeHash;
        bytes32 signersHash;
        uint64 signerEpoch;
        uint64 opened;
        bool settled;
    }

    struct SeriesRecord {
        address bond;
        address vault;
        bytes32 termsHash;
        bytes32 codeHash;
    }

    struct AttestedParty {
        address party;
        bytes32 owner;
        uint64 until;
    }

    struct PendingChange {
        uint32 number;
        uint8 subject;
        bytes32 value;
        uint64 made;
        uint64 due;
        uint64 expires;
    }

    struct Claim {
        uint8 class;
        address holder;
        uint128 amount;
        uint128 paid;
        uint128 due;
        bytes32 evidence;
    }

    function incorporate(Incorporation calldata incorporation) external;
    function schedule(uint8 subject, bytes32 value) external returns (uint32);
    function scheduleIdentity(IdentityText calldata identity) external returns (uint32);
    function cancelChange(uint8 subject, uint32 number) external;
    function executeChange(uint8 subject, uint32 number) external;
    function acceptRole(uint8 role) external;
    function attestOwner(address party, bytes32 owner, uint64 until) external;
    function revokeAttestation(address party) external;
    function pauseNewRisk(uint64 span) external;
    function openPair(IMarginVault.CsaTerms calldata terms) external returns (address);
    function refreshPair(address vault) external;
    function depositCapital(uint128 amount) external;
    function withdrawCapital(uint128 amount) external;
    function allocate(address vault, uint128 amount) external;
    function release(address vault, uint128 amount) external;
    function issueSeries(ITailRiskBond.SeriesTerms calldata terms) external returns (address);
    function activateSeries(address bond) external;
    function attestOwners(address vault) external;
    function noticeRotation(NoticedRotation calldata notice) external;
    function withdrawRotation(address vault) external;
    function pauseVault(address vault, uint64 span) external;
    function runOffVault(address vault) external;
    function collectFees(address vault) external;
    function extendSeries(address bond) external;
    function commuteSeries(address bond) external;
    function collectPremium(address bond) external;
    function giveNotice() external;
    function withdrawNotice() external;
    function declareResolution() external;
    function startResolution() external;
    function tellNext(uint32 most) external;
    function settlePair(address vault) external;
    function admitClaim(uint8 class, address holder, uint128 amount, bytes32 evidence) external returns (uint32);
    function reduceClaim(uint32 number, uint128 to) external;
    function transferClaim(uint32 number, address to) external;
    function collectClaim(uint32 number) external;
    function distribute() external;
    function report() external;
    function withdrawSurplus(uint128 amount) external;
    function capital() external view returns (address, uint128, uint128);
    function statement() external view returns (Statement memory);
    function liabilities() external view returns (uint128);
    function capitalIn(address vault) external view returns (uint128, uint128, uint128);
    function charter() external view returns (CharterView memory);
    function identity() external view returns (IdentityText memory);
    function documents() external view returns (bytes32[16] memory);
    function changes() external view returns (PendingChange[] memory);
    function pairCount() external view returns (uint32);
    function pairAt(uint32 index) external view returns (address);
    function pairs(uint32 from) external view returns (PairRecord[] memory);
    function seriesVault(address bond) external view returns (address);
    function series(uint32 from) external view returns (SeriesRecord[] memory);
    function attestations(uint32 from) external view returns (AttestedParty[] memory);
    function differentOwners(address a, address b) external view returns (bool, uint64);
    function claims(uint32 from) external view returns (Claim[] memory);

    event Founded(address indexed founder, address asset, address rules, bytes32 vault_code, bytes32 bond_code, uint128 asset_reserve);
    event IdentityChanged(string name, string lei, string jurisdiction);
    event IdentityScheduled(string name, string lei, string jurisdiction);
    event DocumentChanged(uint8 place, bytes32 hash);
    event RoleNominated(address indexed nominee, uint8 role);
    event RoleTaken(address indexed holder, uint8 role);
    event ChangeScheduled(uint32 number, uint8 subject, bytes32 value, uint64 due, uint64 expires);
    event ChangeReplaced(uint32 number);
    event ChangeCancelled(uint32 number);
    event ChangeExecuted(uint32 number);
    event ValueChanged(uint8 subject, bytes32 value);
    event NewRiskPaused(uint64 until);
    event OwnerAttested(address indexed party, bytes32 owner, uint64 until);
    event AttestationRevoked(address indexed party);
    event PairOpened(address indexed vault, address indexed party_a, address indexed party_b, bytes32 terms_hash, bytes32 code_hash, bytes32 signers_hash);
    event PairUpdated(address indexed vault, address indexed party_a, address indexed party_b, bytes32 terms_hash, bytes32 signers_hash, uint64 signer_epoch);
    event SeriesIssued(address indexed bond, address indexed vault, uint128 limit, uint128 premium, bytes32 terms_hash, bytes32 code_hash);
    event SeriesActivated(address indexed bond, address indexed vault, uint128 principal);
    event CapitalDeposited(address indexed from, uint128 amount);
    event CapitalWithdrawn(address indexed to, uint128 amount);
    event CapitalAllocated(address indexed vault, uint128 amount);
    event CapitalReturned(address indexed from, uint128 amount);
    event CapitalFellShort(uint64 startable_after);
    event CapitalRestored();
    event NoticeGiven(uint64 until);
    event NoticeWithdrawn();
    event ResolutionStarted(uint8 reason, uint64 claims_until);
    event PairsTold(uint32 told);
    event PairSettled(address indexed vault);
    event ClaimAdmitted(address indexed holder, uint32 number, uint8 class, uint128 amount, bytes32 evidence);
    event ClaimReduced(uint32 number, uint128 amount);
    event ClaimTransferred(address indexed from, address indexed to, uint32 number);
    event ClaimPaid(address indexed holder, uint32 number, uint128 amount);
    event Distributed(uint128[4] assigned, uint128 surplus);
    event SurplusWithdrawn(address indexed to, uint128 amount);
    event ResolutionReported(uint8 reason, uint64 since, uint128[4] claims, uint128[4] assigned, uint128 surplus);

    error InvalidAddress();
    error NotTheAdmin();
    error NotTheGuardian();
    error NotTheAgent();
    error NotNominated();
    error UnknownRole();
    error AlreadyIncorporated();
    error NameMalformed();
    error LeiMalformed();
    error LeiChecksum();
    error JurisdictionMalformed();
    error ValueOutOfBounds();
    error PeriodOutOfBounds();
    error AmountOutOfBounds();
    error UnknownSubject();
    error NoSuchChange();
    error ChangeNotDue();
    error ChangeExpired();
    error PauseOutOfBounds();
    error PausedBefore();
    error NewRiskStopped();
    error NotAttested();
    error SameOwner();
    error InsufficientFreeCapital();
    error CapitalRequired();
    error CapitalStays();
    error UnderResolution();
    error NotUnderResolution();
    error NoticeRunning();
    error NoNotice();
    error NoTrigger();
    error ClaimsOpen();
    error ClaimsClosed();
    error PairsOpen();
    error NotDistributed();
    error UnknownClass();
    error UnknownClaim();
    error NotTheHolder();
    error NothingToDo();
    error UnknownVault();
    error UnknownSeries();
    error TermsMismatch();
    error FeeCapTooHigh();
    error VaultNotOpened();
    error SeriesNotIssued();
    error CoverNeeded();
    error ChildCallFailed();
    error AssetTransferFailed();
    error AssetTransferInexact();
    error MalformedInput();
    error ArithmeticOverflow();
}
