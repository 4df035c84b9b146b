//! Every event of the vault, provoked once on the blob and read back through the bindings.

use crate::signed;
use alloy_sol_types::SolEventInterface;
use ringfence_bindings::IMarginVault::{self as vault, IMarginVaultEvents};
use ringfence_devchain::{ContractEvent, Located, Session, USDC, USDT};
use ringfence_protocol::{units::Bps, Party};
use ringfence_suites::{Mark, Stage, DAY, FEE_CAP, FULL_PERIODS, LIMIT, MARGIN, USD};
use std::collections::BTreeMap;

/// Events by signature hash; every one a vault emitted.
type Seen = BTreeMap<[u8; 32], ContractEvent>;

/// Reads what the open block has of a vault, to the last topic and byte.
#[track_caller]
fn note(seen: &mut Seen, session: &Session, vault: impl Located) {
    for event in session.block_events().iter().filter(|event| event.emitter == vault.h160()) {
        let decoded = IMarginVaultEvents::decode_raw_log(&event.topics, &event.data);
        assert!(decoded.is_ok(), "{event:?}: {decoded:?}");
        seen.insert(event.topics[0].0, event.clone());
    }
}

#[test]
fn every_event_of_the_interface_is_emitted_and_reads_back_through_the_bindings() {
    let mut seen = Seen::new();
    acts_of_the_entity(&mut seen);
    acts_of_parties(&mut seen);
    acts_in_a_default(&mut seen);
    acts_after_a_loss(&mut seen);
    let missing: Vec<_> = IMarginVaultEvents::SIGNATURES
        .iter()
        .zip(IMarginVaultEvents::SELECTORS)
        .filter(|(_, topic)| !seen.contains_key(*topic))
        .map(|(signature, _)| *signature)
        .collect();
    assert_eq!(missing, [""; 0]);
}

fn acts_of_the_entity(seen: &mut Seen) {
    let mut stage = Stage::empty();
    let (contract, a, b) = stage.next_contract(stage.ward.h160());
    let index = stage.add_ward_pair_under(contract.full(), a, b);
    let (ward, vault) = (stage.ward.clone(), stage.vault(index));
    stage.start_pair(index);
    note(seen, &stage.session, vault);
    let mark = Mark { margin_a: MARGIN / 2, ..Mark::default() };
    stage.mark(index, mark);
    stage.session.advance(30 * DAY);
    stage.pairs[index].fee_rate = Bps::new(FEE_CAP);
    stage.mark(index, mark);
    stage.must(&ward, vault, vault::collectFeesCall {});
    let until = stage.session.now() + DAY;
    stage.must(&ward, vault, vault::attestOwnersCall { until });
    let signers = vault::NoticedSigners { signers: stage.agents.iter().map(Located::address).collect(), threshold: 2 };
    stage.must(&ward, vault, vault::noticeRotationCall { signers });
    stage.must(&ward, vault, vault::withdrawRotationCall {});
    stage.must(&ward, vault, vault::pauseCall { span: 60 });
    stage.must(&ward, vault, vault::beginRunOffCall {});
    note(seen, &stage.session, vault);
}

fn acts_of_parties(seen: &mut Seen) {
    let mut stage = Stage::full(1);
    let (pair, vault) = (stage.pairs[0].clone(), stage.vault(0));
    let mut wider = pair.contract();
    wider.terms.max_move = ringfence_protocol::units::Amount::new(MARGIN);
    stage.amend(0, wider);
    let set = stage.signers();
    stage.rotate(0, &set);
    note(seen, &stage.session, vault);
    stage.mark(0, Mark { x: signed(10_000 * USD), margin_a: 2 * MARGIN, ..Mark::default() });
    stage.dispute(0, Party::B, 0);
    stage.determine(0, Party::B, 0);
    stage.post(0, Party::A, 500 * USD);
    note(seen, &stage.session, vault);
    stage.mark(0, Mark::default());
    stage.withdraw(0, Party::A, USD);
    let returned = vault::CollateralMove { index: 0, quantity: USD };
    stage.must(&pair.a, vault, vault::returnCollateralCall { returned });
    note(seen, &stage.session, vault);
    let message = stage.termination(0, 0);
    stage.terminate(0, &message);
    note(seen, &stage.session, vault);
}

fn acts_in_a_default(seen: &mut Seen) {
    let mut stage = Stage::full(1);
    stage.mark(0, Mark { margin_a: USD, ..Mark::default() });
    let (former, b, vault) = (stage.pairs[0].a.clone(), stage.pairs[0].b.clone(), stage.vault(0));
    let [first, second] = ["successor 1", "successor 2"].map(|name| stage.session.eth_actor(name));
    stage.approve(0, Party::B, &first);
    stage.approve(0, Party::B, &second);
    stage.must(&b, vault, vault::revokeSuccessorCall { successor: second.address() });
    stage.give_up(0, Party::A);
    stage.bid_for_side(0, Party::A, &first, 5);
    let message = stage.determination(0, Party::A, 5);
    stage.close_out(0, &message, &[0, 1]);
    stage.must(&b, vault, vault::acceptBidCall {});
    stage.collect(0, &former, USDC.address());
    note(seen, &stage.session, vault);
}

fn acts_after_a_loss(seen: &mut Seen) {
    let mut stage = Stage::empty();
    let (contract, a, b) = stage.next_contract(stage.entity.h160());
    stage.propose(contract.full(), a, b);
    stage.start_pair(0);
    stage.issue_full_series();
    note(seen, &stage.session, stage.vault(0));
    stage.mark(0, Mark::default());
    stage.post(0, Party::A, 100_000 * USD);
    stage.give_up(0, Party::A);
    let message = stage.determination(0, Party::A, signed(3 * MARGIN + LIMIT));
    stage.close_out(0, &message, &[0, 1, 2]);
    note(seen, &stage.session, stage.vault(0));
    stage.session.advance(FULL_PERIODS.replacement.get() + 1);
    stage.resolve_default(0);
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.fund(&keeper, vault, MARGIN);
    stage.session.mint(USDT, &keeper, USD).expect("above the minimum");
    let purchase = vault::Purchase { index: 0, quantity: 1_000 * USD, limit: 1_000 * USD };
    stage.must(&keeper, vault, vault::buyCollateralCall { purchase });
    note(seen, &stage.session, vault);
    stage.session.advance(FULL_PERIODS.auction.get() + 1);
    stage.resolve_default(0);
    // What no layer reached comes first, then the bond.
    let amount = stage.estate(0, 0).expect("an estate").residual + USD;
    stage.fund(&keeper, vault, amount);
    let recovery = vault::Recovery { estate: 0, amount };
    stage.must(&keeper, vault, vault::recoverCall { recovery });
    let layer = vault::EstateLayer { estate: 0, layer: 0 };
    stage.must(&keeper, vault, vault::passRecoveryCall { layer });
    let b = stage.pairs[0].b.clone();
    let claim = vault::ClaimTransfer { estate: 0, to: keeper.address() };
    stage.must(&b, vault, vault::transferClaimCall { claim });
    note(seen, &stage.session, vault);
}
