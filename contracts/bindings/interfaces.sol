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
        uint64 maxStaleness;
        uint64 closeOut;
        uint64 oracleTimeout;
    }

    struct CsaTerms {
        address asset;
        address entity;
        address partyA;
        address partyB;
        PartyTerms termsA;
        PartyTerms termsB;
        Periods periods;
        uint128 maxMove;
        uint16 tailShareA;
        address[] signers;
        uint8 signerThreshold;
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
        bytes32 marketDataRoot;
        uint32 modelVersion;
    }

    struct PortfolioAgreement {
        uint64 version;
        bytes32 portfolioRoot;
        bytes32 termsHash;
        uint64 expiry;
    }

    struct MutualTermination {
        uint64 nonce;
        int128 entitlementA;
        uint64 expiry;
    }

    struct CloseOutDetermination {
        uint64 sequence;
        address defaulter;
        int128 amount;
        bytes32 evidenceRoot;
        uint64 expiry;
    }

    struct PartyStatus {
        uint128 margin;
        uint128 required;
        uint128 deficit;
        uint128 withdrawable;
        uint128 callAmount;
        uint64 callDeadline;
    }

    struct VaultStatus {
        uint8 phase;
        address defaulter;
        PartyStatus a;
        PartyStatus b;
        uint128 firstLoss;
        uint128 liveCover;
        uint128 tailRequirement;
        int128 entitlementA;
        int128 settledToA;
        uint64 sequence;
        uint64 valuationTime;
        uint128 residual;
    }

    function accept(bytes32 termsHash) external;
    function deposit(uint128 amount) external;
    function withdraw(uint128 amount) external;
    function agreePortfolio(PortfolioAgreement portfolio, bytes signatureA, bytes signatureB) external;
    function settle(uint64 chainId, MarginInstruction instruction, bytes signatures) external;
    function declareDefault(address party) external;
    function closeOut(CloseOutDetermination determination, bytes signatures) external;
    function closeOutAtLastValue() external;
    function closeAfterOracleTimeout() external;
    function collectCover(uint32 layer) external;
    function terminate(MutualTermination termination, bytes signatureA, bytes signatureB) external;
    function addFirstLoss(uint128 amount) external;
    function releaseFirstLoss(uint128 amount) external;
    function addReserve(uint128 amount) external;
    function registerCover(
        address bond, uint128 attachment, uint128 limit, uint64 starts, uint64 ends, uint64 claimsUntil
    ) external;
    function status() external view returns (VaultStatus);
    function terms() external view returns (CsaTerms);
    function termsHash() external view returns (bytes32);
    function liabilities() external view returns (uint128);
    function portfolio() external view returns (uint64, bytes32);
    function coverDue(uint32 layer) external view returns (uint128);

    event TermsAccepted(address indexed party);
    event Deposited(address indexed party, uint128 amount, uint128 paid_to_counterparty);
    event Withdrawn(address indexed party, uint128 amount);
    event PortfolioAgreed(uint64 version, bytes32 root);
    event Settled(
        uint64 sequence,
        int128 entitlement,
        int128 transferred,
        uint128 deficit_a,
        uint128 deficit_b,
        uint128 required_a,
        uint128 required_b
    );
    event CallOpened(address indexed party, uint128 amount, uint64 deadline);
    event CallMet(address indexed party);
    event Defaulted(address indexed party, uint64 close_out_deadline);
    event ClosedOut(
        int128 amount, uint128 from_margin, uint128 from_first_loss, uint128 from_cover, uint128 residual
    );
    event CoverPaid(address indexed bond, uint128 amount);
    event CoverRegistered(address indexed bond, uint128 limit);
    event FirstLossChanged(uint128 first_loss);
    event Terminated(int128 entitlement);

    error NotAParty();
    error NotTheEntity();
    error NotProposed();
    error NotActive();
    error NotDefaulted();
    error AlreadyAccepted();
    error TermsMismatch();
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
    error MalformedSignatures();
    error QuorumNotMet();
    error InvalidRecoveryId();
    error HighS();
    error UnrecoverableSignature();
    error DuplicateSigner();
    error UnsortedSigners();
    error UnknownSigner();
    error WithdrawalExceedsExcess();
    error CallOpen();
    error NoCallOpen();
    error CallNotDue();
    error DefaulterMismatch();
    error CloseOutDeadlinePassed();
    error CloseOutDeadlineNotPassed();
    error OracleNotTimedOut();
    error TerminationUnfunded();
    error LayerLimitReached();
    error LayerMisplaced();
    error CoverTooShort();
    error LayerDuplicate();
    error NothingDue();
    error TailUncovered();
    error InsufficientFirstLoss();
    error FundsMissing();
    error AssetTransferFailed();
    error AssetTransferInexact();
    error ArithmeticOverflow();
    error InvalidAddress();
    error PeriodOutOfBounds();
    error ShareOutOfBounds();
    error SignerCount();
    error SignerThreshold();
    error SignerOrder();
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
    function admit(address account, bytes32[] proof) external;
    function status() external view returns (SeriesStatus);
    function terms() external view returns (SeriesTerms);
    function liabilities() external view returns (uint128);
    function noteValue() external view returns (NoteValue);
    function position(address account) external view returns (Position);
    function bidOf(address bidder, uint8 slot) external view returns (uint128 deposit, uint128 amount);
    function bidsAt(uint16 tick) external view returns (uint128);
    function name() external view returns (string);
    function symbol() external view returns (string);
    function decimals() external view returns (uint8);
    function totalSupply() external view returns (uint256);
    function balanceOf(address owner) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function approve(address spender, uint256 value) external returns (bool);
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function permit(
        address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s
    ) external;
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
    error ArithmeticOverflow();
}

/// The legal entity on chain.
interface IEntity {
    function openPair(IMarginVault.CsaTerms terms) external returns (address);
    function depositCapital(uint128 amount) external;
    function withdrawCapital(uint128 amount) external;
    function allocate(address vault, uint128 amount) external;
    function release(address vault, uint128 amount) external;
    function issueSeries(ITailRiskBond.SeriesTerms terms) external returns (address);
    function activateSeries(address bond) external;
    function extendSeries(address bond) external;
    function commuteSeries(address bond) external;
    function collectPremium(address bond) external;
    function nominateAdmin(address nominee) external;
    function acceptAdmin() external;
    function capital() external view returns (address, uint128, uint128);
    function pairCount() external view returns (uint32);
    function pairAt(uint32 index) external view returns (address);
    function seriesVault(address bond) external view returns (address);

    event PairOpened(address indexed vault, address indexed party_a, address indexed party_b, bytes32 terms_hash);
    event SeriesIssued(address indexed bond, address indexed vault, uint128 limit, uint128 premium);
    event SeriesActivated(address indexed bond, address indexed vault, uint128 principal);
    event CapitalDeposited(address indexed from, uint128 amount);
    event CapitalWithdrawn(address indexed to, uint128 amount);
    event CapitalAllocated(address indexed vault, uint128 amount);
    event CapitalReturned(address indexed from, uint128 amount);
    event AdminNominated(address indexed nominee);
    event AdminChanged(address indexed admin);

    error InvalidAddress();
    error NotTheAdmin();
    error NotNominated();
    error AmountOutOfBounds();
    error InsufficientFreeCapital();
    error UnknownVault();
    error UnknownSeries();
    error TermsMismatch();
    error VaultNotOpened();
    error SeriesNotIssued();
    error CoverNeeded();
    error ChildCallFailed();
    error AssetTransferFailed();
    error AssetTransferInexact();
    error ArithmeticOverflow();
}
