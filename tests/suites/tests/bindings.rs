//! The client bindings against the ABI of the built blobs: what a wallet would send and read is what the code understands.

use alloy_primitives::keccak256;
use alloy_sol_types::{SolCall, SolEvent, SolStruct, SolType};
use ringfence_bindings::{
    IEntity::{self, IEntityCalls, IEntityErrors, IEntityEvents},
    IMarginVault::{self, IMarginVaultCalls, IMarginVaultErrors, IMarginVaultEvents},
    ITailRiskBond::{self, ITailRiskBondCalls, ITailRiskBondErrors, ITailRiskBondEvents},
};
use ringfence_suites::{abi, artifacts};
use std::collections::BTreeSet;

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
    assert_same("tail-risk-bond", "error", (ITailRiskBondErrors::SIGNATURES, ITailRiskBondErrors::SELECTORS));
}

#[test]
fn events_are_those_of_the_blobs() {
    assert_same("margin-vault", "event", (IMarginVaultEvents::SIGNATURES, IMarginVaultEvents::SELECTORS));
    assert_same("tail-risk-bond", "event", (ITailRiskBondEvents::SIGNATURES, ITailRiskBondEvents::SELECTORS));
}

/// The entity links the other two crates for their constructors, and ink! lists all events and errors of a linked crate:
/// its ABI has those of all three, and none besides.
#[test]
fn events_of_the_entity_are_its_own_and_those_of_the_contracts_it_opens() {
    let built = abi::signatures(&artifacts::abi("entity"), "event");
    assert_within("entity", "event", (IEntityEvents::SIGNATURES, IEntityEvents::SELECTORS), &built);
    let others = [IMarginVaultEvents::SIGNATURES, ITailRiskBondEvents::SIGNATURES].concat();
    assert_eq!(built, owned(&[IEntityEvents::SIGNATURES, &others].concat()));
}

#[test]
fn errors_of_the_entity_are_its_own_and_those_of_the_contracts_it_opens() {
    let built = abi::signatures(&artifacts::abi("entity"), "error");
    assert_within("entity", "error", (IEntityErrors::SIGNATURES, IEntityErrors::SELECTORS), &built);
    let others = [IMarginVaultErrors::SIGNATURES, ITailRiskBondErrors::SIGNATURES].concat();
    assert_eq!(built, owned(&[IEntityErrors::SIGNATURES, &others].concat()));
}

fn owned(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

/// Indexed fields move from data to topics, which signatures do not show.
#[test]
fn indexed_fields_of_events_are_those_of_the_blobs() {
    #[track_caller]
    fn check<E: SolEvent>(contract: &str) {
        let topics = <E::TopicList as alloy_sol_types::TopicList>::COUNT - 1;
        assert_eq!(abi::indexed(&artifacts::abi(contract), E::SIGNATURE), Some(topics), "{}", E::SIGNATURE);
    }
    macro_rules! check_all {
        ($contract:literal: $interface:ident { $($event:ident),+ $(,)? }) => {
            $( check::<$interface::$event>($contract); )+
        };
    }
    check_all!("margin-vault": IMarginVault {
        TermsAccepted, Deposited, Withdrawn, PortfolioAgreed, Settled, CallOpened, CallMet, Defaulted, ClosedOut,
        CoverPaid, CoverRegistered, FirstLossChanged, Terminated,
    });
    check_all!("tail-risk-bond": ITailRiskBond {
        Transfer, Approval, PremiumFunded, Admitted, BidPlaced, BidCommitted, BidCancelled, Cleared, Activated, Failed,
        Allotted, Claimed, Recovered, Extended, CommutationProposed, CommutationAgreed, Commuted, Paid, SponsorRefunded,
    });
    check_all!("entity": IEntity {
        PairOpened, SeriesIssued, SeriesActivated, CapitalDeposited, CapitalWithdrawn, CapitalAllocated,
        CapitalReturned, AdminNominated, AdminChanged,
    });
}

/// Answers have no selector to tell them apart, so their types are compared. ink! answers with one tuple where Solidity
/// has several values; on the wire that is the same as long as all of them have a fixed size.
#[test]
fn answers_are_those_of_the_blobs() {
    #[track_caller]
    fn check<C: SolCall>(contract: &str) {
        let built = abi::outputs(&artifacts::abi(contract), C::SIGNATURE).expect("compared before");
        let declared = spelt_out(C::ReturnTuple::<'static>::SOL_NAME);
        let flat = |tuple: &str| tuple.replace(['(', ')'], "");
        let fixed = !declared.contains("[]") && !declared.contains("string") && !declared.contains("bytes)");
        let same = built == declared || (fixed && flat(&built) == flat(&declared));
        assert!(same, "{contract}: {} answers {built}, not {declared}", C::SIGNATURE);
    }
    macro_rules! check_all {
        ($contract:literal: $interface:ident { $($call:ident),+ $(,)? }) => {
            $( check::<$interface::$call>($contract); )+
        };
    }
    check_all!("margin-vault": IMarginVault {
        statusCall, termsCall, termsHashCall, liabilitiesCall, portfolioCall, coverDueCall, settleCall, depositCall,
    });
    check_all!("tail-risk-bond": ITailRiskBond {
        statusCall, termsCall, liabilitiesCall, noteValueCall, positionCall, bidOfCall, bidsAtCall, nameCall, symbolCall,
        decimalsCall, totalSupplyCall, balanceOfCall, allowanceCall, approveCall, transferCall, transferFromCall,
        permitCall, noncesCall, DOMAIN_SEPARATORCall,
    });
    check_all!("entity": IEntity {
        openPairCall, issueSeriesCall, capitalCall, pairCountCall, pairAtCall, seriesVaultCall,
    });
}

/// A type with the structs in it spelt out; alloy has only their names here.
fn spelt_out(name: &str) -> String {
    let structs = [
        IMarginVault::VaultStatus::eip712_root_type(),
        IMarginVault::PartyStatus::eip712_root_type(),
        IMarginVault::CsaTerms::eip712_root_type(),
        IMarginVault::PartyTerms::eip712_root_type(),
        IMarginVault::Periods::eip712_root_type(),
        ITailRiskBond::SeriesStatus::eip712_root_type(),
        ITailRiskBond::SeriesTerms::eip712_root_type(),
        ITailRiskBond::BookTerms::eip712_root_type(),
        ITailRiskBond::RiskTerms::eip712_root_type(),
        ITailRiskBond::NoteValue::eip712_root_type(),
        ITailRiskBond::Position::eip712_root_type(),
    ];
    // Each is `Name(type field,type field)`; those that contain others come first.
    structs.iter().fold(name.to_string(), |text, declaration| {
        let (name, fields) = declaration.split_once('(').expect("a struct has fields");
        let types: Vec<_> = fields.split(',').filter_map(|field| field.split(' ').next()).collect();
        text.replace(name, &format!("({})", types.join(",")))
    })
}
