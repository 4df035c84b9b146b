//! The client bindings against the ABI of the built blobs: what a wallet would send and read is what the code understands.

use alloy_primitives::keccak256;
use alloy_sol_types::{SolCall, SolEvent, SolStruct, SolType, TopicList};
use ringfence_bindings::{
    IEntity::{self, IEntityCalls, IEntityErrors, IEntityEvents},
    IMarginVault::{self, IMarginVaultCalls, IMarginVaultErrors, IMarginVaultEvents},
    ITailRiskBond::{self, ITailRiskBondCalls, ITailRiskBondErrors, ITailRiskBondEvents},
};
use ringfence_suites::{abi, artifacts};
use std::collections::{BTreeMap, BTreeSet};

/// Signatures and their selectors or topics, as alloy has them.
type Declared<const N: usize> = (&'static [&'static str], &'static [[u8; N]]);

/// What one side has and the other does not, by name.
#[track_caller]
fn assert_same<const N: usize>(contract: &str, kind: &str, (names, hashes): Declared<N>) {
    let built = abi::signatures(&artifacts::abi(contract), kind);
    assert_within(contract, kind, (names, hashes), &built);
    let declared = owned(names);
    let undeclared: Vec<_> = built.difference(&declared).collect();
    assert!(undeclared.is_empty(), "{contract}: {kind}s of the blob that interfaces.sol lacks: {undeclared:?}");
}

/// Everything declared is built, under the selector or topic that clients use.
#[track_caller]
fn assert_within<const N: usize>(contract: &str, kind: &str, (names, hashes): Declared<N>, built: &BTreeSet<String>) {
    let unbuilt: Vec<_> = names.iter().filter(|name| !built.contains(**name)).collect();
    assert!(unbuilt.is_empty(), "{contract}: {kind}s of interfaces.sol that the blob lacks: {unbuilt:?}");
    for (name, hash) in names.iter().zip(hashes) {
        assert_eq!(keccak256(name)[..N], hash[..], "{contract}: {kind} {name}");
    }
}

#[test]
fn functions_are_those_of_the_blobs() {
    assert_same("margin-vault", "function", (IMarginVaultCalls::SIGNATURES, IMarginVaultCalls::SELECTORS));
    assert_same("tail-risk-bond", "function", (ITailRiskBondCalls::SIGNATURES, ITailRiskBondCalls::SELECTORS));
    assert_same("entity", "function", (IEntityCalls::SIGNATURES, IEntityCalls::SELECTORS));
}

#[test]
fn errors_are_those_of_the_blobs() {
    assert_same("margin-vault", "error", (IMarginVaultErrors::SIGNATURES, IMarginVaultErrors::SELECTORS));
    assert_same("vault-rules", "error", (IMarginVaultErrors::SIGNATURES, IMarginVaultErrors::SELECTORS));
    assert_same("tail-risk-bond", "error", (ITailRiskBondErrors::SIGNATURES, ITailRiskBondErrors::SELECTORS));
    assert_same("entity", "error", (IEntityErrors::SIGNATURES, IEntityErrors::SELECTORS));
}

/// The rules are asked by vaults alone; their one message and its answer are bytes.
#[test]
fn the_rules_have_one_message_and_it_changes_nothing() {
    let built = artifacts::abi("vault-rules");
    assert_eq!(abi::signatures(&built, "function"), owned(&["evaluate(bytes)"]));
    assert!(abi::state_changing(&built).is_empty());
    assert!(abi::signatures(&built, "event").is_empty());
    assert_eq!(abi::outputs(&built, "evaluate(bytes)").as_deref(), Some("(bytes)"));
}

#[test]
fn events_are_those_of_the_blobs() {
    assert_same("margin-vault", "event", (IMarginVaultEvents::SIGNATURES, IMarginVaultEvents::SELECTORS));
    assert_same("tail-risk-bond", "event", (ITailRiskBondEvents::SIGNATURES, ITailRiskBondEvents::SELECTORS));
    assert_same("entity", "event", (IEntityEvents::SIGNATURES, IEntityEvents::SELECTORS));
}

fn owned(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

/// Indexed fields move from data to topics, which signatures do not show.
#[test]
fn indexed_fields_of_events_are_those_of_the_blobs() {
    macro_rules! check_all {
        ($contract:literal, $all:ident: $interface:ident { $($event:ident),+ $(,)? }) => {
            let signatures = [$( $interface::$event::SIGNATURE ),+];
            assert_eq!(owned(&signatures), owned($all::SIGNATURES), "an event is missing here");
            $( {
                let topics = <<$interface::$event as SolEvent>::TopicList as TopicList>::COUNT - 1;
                let built = abi::indexed(&artifacts::abi($contract), $interface::$event::SIGNATURE);
                assert_eq!(built, Some(topics), "{}", $interface::$event::SIGNATURE);
            } )+
        };
    }
    check_all!("margin-vault", IMarginVaultEvents: IMarginVault {
        TermsAccepted, Deposited, Withdrawn, PortfolioAgreed, Settled, CallOpened, CallMet, TermsAmended, SignersRotated,
        RotationNoticed, RotationWithdrawn, OwnersAttested, ClaimTransferred,
        CollateralPosted, CollateralReturned, Disputed, DisputeEnded, Defaulted, SuccessorApproved, SuccessorRevoked,
        BidPlaced, Replaced, CloseOutDetermined, AuctionBegun, CollateralSold, ClosedOut, CoverPaid, Recovered,
        RecoveryPassed, Collected, CoverRegistered, FirstLossChanged, ReserveChanged, FeesCollected, RunOffBegun, Paused,
        Terminated,
    });
    check_all!("tail-risk-bond", ITailRiskBondEvents: ITailRiskBond {
        Transfer, Approval, PremiumFunded, Admitted, BidPlaced, BidCommitted, BidCancelled, Cleared, Activated, Failed,
        Allotted, Claimed, Recovered, Extended, CommutationProposed, CommutationAgreed, Commuted, Paid, SponsorRefunded,
    });
    check_all!("entity", IEntityEvents: IEntity {
        Founded, IdentityChanged, IdentityScheduled, DocumentChanged, RoleNominated, RoleTaken, ChangeScheduled,
        ChangeReplaced, ChangeCancelled, ChangeExecuted, ValueChanged, NewRiskPaused, OwnerAttested, AttestationRevoked,
        PairOpened, PairUpdated, SeriesIssued, SeriesActivated, CapitalDeposited, CapitalWithdrawn, CapitalAllocated,
        CapitalReturned, CapitalFellShort, CapitalRestored, NoticeGiven, NoticeWithdrawn, ResolutionStarted, PairsTold,
        PairSettled, ClaimAdmitted, ClaimReduced, ClaimTransferred, ClaimPaid, Distributed, SurplusWithdrawn,
        ResolutionReported,
    });
}

/// Answers have no selector to tell them apart, so their types are compared, of every function that answers. ink! answers
/// with one tuple where Solidity has several values; on the wire that is the same as long as all of them have a fixed
/// size.
#[test]
fn answers_are_those_of_the_blobs() {
    #[track_caller]
    fn check<C: SolCall>(contract: &str) -> String {
        let built = abi::outputs(&artifacts::abi(contract), C::SIGNATURE).expect("compared before");
        let declared = spelt_out(C::ReturnTuple::<'static>::SOL_NAME);
        let flat = |tuple: &str| tuple.replace(['(', ')'], "");
        let fixed = !declared.contains("[]") && !declared.contains("string") && !declared.contains("bytes)");
        let same = built == declared || (fixed && flat(&built) == flat(&declared));
        assert!(same, "{contract}: {} answers {built}, not {declared}", C::SIGNATURE);
        C::SIGNATURE.to_string()
    }
    macro_rules! check_all {
        ($contract:literal: $interface:ident { $($call:ident),+ $(,)? }) => {
            let checked = BTreeSet::from([$( check::<$interface::$call>($contract) ),+]);
            assert_eq!(checked, abi::answering(&artifacts::abi($contract)), "{}: all that answer", $contract);
        };
    }
    check_all!("margin-vault": IMarginVault {
        previewSettleCall, statusCall, termsCall, termsHashCall, liabilitiesCall, mandateCall, signersCall, layerCall,
        collateralCall, openDisputeCall, defaultCaseCall, successorsCall, estateCall, withdrawableCall,
        auctionPriceCall, collectableCall, claimableCall, rotationNoticeCall,
    });
    check_all!("tail-risk-bond": ITailRiskBond {
        statusCall, termsCall, liabilitiesCall, noteValueCall, positionCall, bidOfCall, bidsAtCall, nameCall, symbolCall,
        decimalsCall, totalSupplyCall, balanceOfCall, allowanceCall, approveCall, transferCall, transferFromCall,
        noncesCall, DOMAIN_SEPARATORCall,
    });
    check_all!("entity": IEntity {
        openPairCall, issueSeriesCall, scheduleCall, scheduleIdentityCall, admitClaimCall, capitalCall, statementCall,
        liabilitiesCall, capitalInCall, charterCall, identityCall, documentsCall, changesCall,
        pairCountCall, pairAtCall, pairsCall, seriesVaultCall, seriesCall, attestationsCall, differentOwnersCall,
        claimsCall,
    });
}

/// A type with the structs in it spelt out; alloy has only their names here.
fn spelt_out(name: &str) -> String {
    macro_rules! root_types {
        ($( $name:path ),+ $(,)?) => { [$( <$name>::eip712_root_type() ),+] };
    }
    let structs = root_types![
        IMarginVault::VaultStatus,
        IMarginVault::PartyStatus,
        IMarginVault::TailStatus,
        IMarginVault::ValuationStatus,
        IMarginVault::EntityStatus,
        IMarginVault::CsaTerms,
        IMarginVault::PartyTerms,
        IMarginVault::Periods,
        IMarginVault::Limits,
        IMarginVault::EligibleCollateral,
        IMarginVault::Preview,
        IMarginVault::PreviewSide,
        IMarginVault::MandateStatus,
        IMarginVault::Layer,
        IMarginVault::RotationNotice,
        IMarginVault::Collateral,
        IMarginVault::Dispute,
        IMarginVault::DefaultCase,
        IMarginVault::LayerAccount,
        IMarginVault::Estate,
        IMarginVault::Withdrawable,
        ITailRiskBond::SeriesStatus,
        ITailRiskBond::SeriesTerms,
        ITailRiskBond::BookTerms,
        ITailRiskBond::RiskTerms,
        ITailRiskBond::NoteValue,
        ITailRiskBond::Position,
        IEntity::IdentityText,
        IEntity::Incorporation,
        IEntity::Seat,
        IEntity::CharterView,
        IEntity::ClassAccount,
        IEntity::Statement,
        IEntity::PairRecord,
        IEntity::SeriesRecord,
        IEntity::AttestedParty,
        IEntity::PendingChange,
        IEntity::Claim,
    ];
    let fields: BTreeMap<&str, &str> = structs.iter().filter_map(|declared| declared.split_once('(')).collect();
    spell(name, &fields)
}

/// Replaces every name of a struct by the types of its fields, which `Name(type field,type field)` declares.
fn spell(text: &str, fields: &BTreeMap<&str, &str>) -> String {
    let mut spelt = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        match fields.get(word) {
            Some(declared) => {
                let declared = declared.trim_end_matches(')');
                let types: Vec<_> = declared.split(',').filter_map(|field| field.split(' ').next()).collect();
                spelt += &spell(&format!("({})", types.join(",")), fields);
            }
            None => spelt += word,
        }
        let (separator, after) = after.split_at(usize::from(!after.is_empty()));
        spelt += separator;
        rest = after;
    }
    spelt
}
