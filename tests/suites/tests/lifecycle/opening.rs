//! Opening a pair.

use ringfence_bindings::{
    IEntity::{self as entity, openPairCall, PairOpened},
    IMarginVault as vault,
};
use ringfence_devchain::Located;
use ringfence_protocol::{
    collateral::Schedule,
    terms::Terms,
    units::{Bps, Seconds},
    Digest, Pair,
};
use ringfence_suites::{Contract, Stage, FIRST_LOSS};

fn open(stage: &Stage, terms: &Terms) -> openPairCall {
    let contract = Contract { terms: *terms, schedule: Schedule::default() };
    openPairCall { terms: contract.encoded(&stage.signers()) }
}

#[test]
fn the_same_terms_open_only_once() {
    let mut stage = Stage::open(1);
    let (admin, entity) = (stage.admin.clone(), stage.entity);
    let again = open(&stage, &stage.pairs[0].terms);
    stage.assert_refused::<entity::VaultNotOpened>(&admin, entity, again);
    assert_eq!(stage.read(entity, entity::pairCountCall {}), 1);
}

#[test]
fn a_pair_is_in_the_register_and_shows_its_terms() {
    let mut stage = Stage::empty();
    stage.propose_pair();
    let (pair, entity) = (stage.pairs[0].clone(), stage.entity);
    let opened: Vec<_> = stage.session.block_events().iter().filter_map(|event| event.decode::<PairOpened>()).collect();
    assert_eq!(opened.len(), 1);
    assert_eq!((opened[0].vault, opened[0].terms_hash.0), (pair.vault, pair.terms_hash.0));
    assert_eq!(stage.read(entity, entity::pairAtCall { index: 0 }), pair.vault);
    assert!(stage.read(entity, entity::pairAtCall { index: 1 }).is_zero());
    assert_eq!(stage.read(pair.vault, vault::termsHashCall {}).0, pair.terms_hash.0);
    let terms = pair.contract().encoded(&stage.signers());
    assert_eq!(stage.read(pair.vault, vault::termsCall {}), terms);
    assert_eq!(stage.status(0).tail.firstLoss, FIRST_LOSS);
}

#[test]
fn terms_of_another_entity_asset_or_rules_are_refused() {
    let mut stage = Stage::open(1);
    let (admin, entity, terms) = (stage.admin.clone(), stage.entity, stage.pairs[0].terms);
    let foreign = [
        Terms { entity: stage.keeper.h160(), ..terms },
        Terms { asset: ringfence_devchain::USDT.h160(), ..terms },
        Terms { rules: stage.keeper.h160(), ..terms },
    ];
    for terms in foreign {
        let call = open(&stage, &terms);
        stage.assert_refused::<entity::TermsMismatch>(&admin, entity, call);
    }
}

#[test]
fn terms_out_of_bounds_are_refused() {
    let mut stage = Stage::open(1);
    let (admin, entity, terms) = (stage.admin.clone(), stage.entity, stage.pairs[0].terms);
    let mut short = terms;
    short.periods.cure = Seconds::new(1);
    let one_party = Terms { parties: Pair { a: terms.parties.a, b: terms.parties.a }, ..terms };
    for terms in [short, one_party, Terms { tail_share_a: Bps::new(10_001), ..terms }] {
        let call = open(&stage, &terms);
        stage.assert_refused::<entity::VaultNotOpened>(&admin, entity, call);
    }
    let mut call = open(&stage, &terms);
    call.terms.signerThreshold = 1;
    stage.assert_refused::<entity::VaultNotOpened>(&admin, entity, call);
}

#[test]
fn acceptance_is_each_partys_own_once_and_of_these_terms() {
    let mut stage = Stage::empty();
    stage.propose_pair();
    let (pair, keeper) = (stage.pairs[0].clone(), stage.keeper.clone());
    let accept = |hash: Digest| vault::acceptCall { termsHash: hash.0.into() };
    stage.assert_refused::<vault::NotAParty>(&keeper, pair.vault, accept(pair.terms_hash));
    stage.assert_refused::<vault::TermsMismatch>(&pair.a, pair.vault, accept(Digest::zero()));
    stage.must(&pair.a, pair.vault, accept(pair.terms_hash));
    stage.assert_refused::<vault::AlreadyAccepted>(&pair.a, pair.vault, accept(pair.terms_hash));
    assert_eq!(stage.status(0).phase, 0);
    stage.must(&pair.b, pair.vault, accept(pair.terms_hash));
    assert_eq!(stage.status(0).phase, crate::phase::ACTIVE);
    stage.assert_refused::<vault::NotProposed>(&pair.b, pair.vault, accept(pair.terms_hash));
}
