//! The types in Solidity's words, as an outsider would write them.
#![allow(missing_docs, unreachable_pub, reason = "documented in the crate; these repeat their names for alloy")]

alloy_sol_types::sol! {
    struct CollateralMark { uint128 price; uint16 haircut; }
    struct MarginInstruction {
        address vault; bytes32 termsHash; uint64 sequence; uint64 valuationTime; uint64 expiry;
        bytes32 portfolioRoot; int128 entitlementA; uint128 initialMarginA; uint128 initialMarginB;
        uint128 tailRequirement; uint128 interestIndex; uint16 feeRate; CollateralMark[] collateral;
        bytes32 marketDataRoot; uint32 modelVersion;
    }
    struct PortfolioAgreement { uint64 version; bytes32 portfolioRoot; bytes32 termsHash; uint64 expiry; }
    struct MutualTermination { bytes32 termsHash; uint64 nonce; int128 entitlementA; uint64 expiry; }
    struct CloseOutDetermination {
        uint64 sequence; address defaulter; int128 amount; bytes32 evidenceRoot; uint64 expiry;
    }
    struct SignerRotation { bytes32 termsHash; uint64 epoch; bytes32 signersHash; uint8 threshold; uint64 expiry; }
    struct TermsAmendment { uint64 nonce; bytes32 from; bytes32 to; uint64 expiry; }
    struct CallExtension { address party; uint64 deadline; uint64 extended; uint64 expiry; }
    struct DisputeDetermination { uint64 dispute; int128 entitlementA; uint64 expiry; }
    struct DisputeResolution { uint64 dispute; int128 entitlementA; uint64 expiry; }
    struct PartyTerms {
        uint128 threshold; uint128 minimumTransferAmount; uint128 roundingAmount; uint128 independentAmount;
    }
    struct Periods {
        uint64 cure; uint64 notification; uint64 maxStaleness; uint64 dispute; uint64 replacement; uint64 closeOut;
        uint64 auction; uint64 oracleTimeout;
    }
    struct EligibleCollateral { address asset; uint16 haircut; uint128 limit; }
    struct CsaTerms {
        address asset; address entity; address rules; address partyA; address partyB; PartyTerms termsA;
        PartyTerms termsB; Periods periods; uint128 maxMove; uint128 disputeDeposit; uint128 disputeTolerance;
        uint16 feeCap; uint16 tailShareA; EligibleCollateral[] collateral; address[] signers; uint8 signerThreshold;
    }
}
