//! The rules contract: asked by anyone it changes nothing; and what a vault is worth whose terms name other rules.

use alloy_primitives::Address;
use alloy_sol_types::SolValue;
use ringfence_bindings::{IEntity, IMarginVault as vault};
use ringfence_devchain::{h160_of, CallError, Located, USDC};
use ringfence_platform::vault::{Answer, Request, VaultCall, Wire, VALUES};
use ringfence_protocol::Party;
use ringfence_suites::{artifacts, IHostileToken, Mark, Mode, Stage, MARGIN, USD};
use scale::Encode;

fn evaluate(request: &[u8]) -> IHostileToken::evaluateCall {
    IHostileToken::evaluateCall { request: request.to_vec().into() }
}

fn request(stage: &mut Stage, call: VaultCall, values: Vec<Vec<u8>>) -> Request {
    let caller = stage.keeper.h160();
    let (vault, now) = (h160_of(stage.vault(0)), stage.session.now());
    let (chain_id, known) = (ringfence_devchain::CHAIN_ID, u128::MAX);
    Request { call, arguments: vec![0xff; 64], now, caller, chain_id, vault, known, values }
}

#[test]
fn evaluating_made_up_values_changes_nothing_anywhere() {
    let mut stage = Stage::full(2);
    let (keeper, rules) = (stage.keeper.clone(), stage.rules);
    let calls = [VaultCall::New, VaultCall::Collect, VaultCall::CoverPaid, VaultCall::AcceptBid, VaultCall::Status];
    for call in calls {
        for values in [Vec::new(), vec![Vec::new(); VALUES], vec![vec![0xff; 400]; VALUES], vec![vec![0; 400]; VALUES]]
        {
            let before = stage.image();
            let request = request(&mut stage, call, values).encode();
            // It may answer or refuse; nothing is stored, moved or emitted.
            let outcome = stage.session.call(&keeper, rules, evaluate(&request));
            assert!(outcome.is_ok_and(|report| report.events.is_empty()) || stage.image() == before, "{call:?}");
            assert_eq!(stage.image(), before, "{call:?}");
        }
    }
    stage.mark(0, Mark { x: 5_000_000_000, ..Mark::default() });
}

#[test]
fn a_request_that_is_none_is_refused_as_malformed() {
    let mut stage = Stage::full(1);
    let (keeper, rules) = (stage.keeper.clone(), stage.rules);
    for bytes in [&[][..], &[0], &[0xff; 3], &[0xff; 4_000], &[0; 4_000]] {
        stage.assert_refused::<vault::MalformedInput>(&keeper, rules, evaluate(bytes));
    }
}

/// A vault under terms with these rules, deployed by the ward.
fn deploy_under(stage: &mut Stage, rules: Address) -> Result<(), CallError> {
    let (mut contract, _, _) = stage.next_contract(stage.ward.h160());
    contract.terms.rules = h160_of(rules);
    let arguments = (contract.encoded(&stage.signers()),).abi_encode_params();
    let ward = stage.ward.clone();
    stage.session.deploy(&ward, &artifacts::blob("margin-vault"), arguments, [3; 32]).map(drop)
}

#[test]
fn a_vault_is_not_made_under_rules_that_are_no_contract_or_another_one() {
    let mut stage = Stage::open(1);
    let mut precompile = [0; 20];
    precompile[19] = 4;
    let none = [Address::repeat_byte(0x99), stage.keeper.address(), precompile.into(), stage.entity, USDC.address()];
    for rules in none.into_iter().chain([stage.vault(0)]) {
        let outcome = deploy_under(&mut stage, rules);
        assert!(matches!(outcome, Err(CallError::Reverted { .. })), "{rules}: {outcome:?}");
    }
}

#[test]
fn the_entity_opens_no_pair_under_other_rules_than_its_own() {
    let mut stage = Stage::open(1);
    let (admin, entity) = (stage.admin.clone(), stage.entity);
    let token = stage.deploy_token(1);
    let mut contract = stage.pairs[0].contract();
    contract.terms.rules = token.h160();
    let call = IEntity::openPairCall { terms: contract.encoded(&stage.signers()) };
    stage.assert_refused::<IEntity::TermsMismatch>(&admin, entity, call);
}

/// A vault made with the real rules' answer, whose terms name the hostile contract.
fn under_hostile_rules() -> (Stage, Address) {
    let mut stage = Stage::empty();
    let token = stage.deploy_token(1);
    let (mut contract, a, b) = stage.next_contract(stage.ward.h160());
    contract.terms.rules = token.h160();
    let index = {
        let arguments = (contract.encoded(&stage.signers()),).abi_encode_params();
        let honest = Request { arguments, ..plain(VaultCall::New) };
        let answer = answer_of(&mut stage, &honest);
        stage.load(token, answer);
        stage.deploy_vault(contract, a, b)
    };
    assert_eq!(index, 0);
    (stage, token)
}

fn plain(call: VaultCall) -> Request {
    let nobody = ringfence_protocol::Address::zero();
    let (arguments, values) = Default::default();
    Request { call, arguments, now: 0, caller: nobody, chain_id: 0, vault: nobody, known: 0, values }
}

/// What the real rules answer.
fn answer_of(stage: &mut Stage, request: &Request) -> Vec<u8> {
    let rules = stage.rules;
    stage.read(rules, evaluate(&request.encode())).to_vec()
}

/// Who accepts terms accepts the rules that they name: the hash has them, so nobody can be led under others.
#[test]
fn other_rules_are_other_terms_and_both_parties_have_to_accept_them() {
    let (mut stage, _) = under_hostile_rules();
    let pair = stage.pairs[0].clone();
    let mut honest = pair.contract();
    honest.terms.rules = stage.rules.h160();
    let expected = honest.terms.hash::<ringfence_oracle::keccak::Keccak>(&honest.schedule, &stage.signers());
    assert_ne!(expected, pair.terms_hash);
    // Margin is only taken in an active pair, and the shell itself takes it: nobody has accepted, nobody can pay in.
    stage.fund(&pair.a, pair.vault, USD);
    stage.assert_refused::<vault::NotActive>(&pair.a, pair.vault, vault::depositCall { amount: USD });
}

/// What a hostile rules contract can do to a pair whose parties both took it: everything but reach beyond that vault. It is
/// code that they chose, like the vault's own.
#[test]
fn hostile_rules_can_take_what_their_own_pair_holds_and_nothing_else() {
    let (mut stage, rules) = under_hostile_rules();
    let honest = stage.propose_pair();
    stage.start_pair(honest);
    let (thief, target, other) = (stage.keeper.clone(), stage.vault(0), stage.vault(honest));
    let (ward, loot) = (stage.ward.clone(), 10 * USD);
    stage.send_asset(&ward, target, loot);
    let take = Wire { asset: USDC.h160(), incoming: false, other: thief.h160(), amount: loot };
    let answer = Answer { transfers: vec![take], ..Answer::default() }.encode();
    stage.load(rules, answer);
    let before = stage.image_of(&[other]);
    stage.must(&thief, target, vault::resolveDefaultCall {});
    assert_eq!(stage.session.usdc(&thief), loot, "both parties had accepted that");
    assert_eq!(stage.image_of(&[other]), before);

    // The same answer against a vault under the real rules changes nothing: it is not asked there.
    stage.mark(honest, Mark::default());
    stage.assert_refused::<vault::NotDefaulted>(&thief, other, vault::resolveDefaultCall {});
    assert_eq!(stage.side(honest, Party::A).margin, MARGIN);
}

#[test]
fn hostile_rules_move_no_more_than_the_vault_holds_and_nothing_without_an_allowance() {
    let (mut stage, rules) = under_hostile_rules();
    let (thief, target, victim) = (stage.keeper.clone(), stage.vault(0), stage.pairs[0].a.clone());
    stage.mint(&victim, MARGIN);
    let wire = |incoming, amount| Wire { asset: USDC.h160(), incoming, other: victim.h160(), amount };
    for transfer in [wire(false, 1 << 90), wire(true, USD)] {
        let answer = Answer { transfers: vec![transfer], ..Answer::default() }.encode();
        stage.load(rules, answer);
        stage.assert_refused::<vault::AssetTransferFailed>(&thief, target, vault::resolveDefaultCall {});
    }
}

#[test]
fn rules_that_answer_garbage_or_trap_are_refused_and_hold_up_no_settlement() {
    let (mut stage, rules) = under_hostile_rules();
    let (keeper, target) = (stage.keeper.clone(), stage.vault(0));
    for garbage in [Vec::new(), vec![0xff; 40], vec![1; 4_000]] {
        stage.load(rules, garbage);
        stage.assert_refused::<vault::MalformedInput>(&keeper, target, vault::resolveDefaultCall {});
    }
    for mode in [Mode::Reverts, Mode::Traps, Mode::AnswersNothing] {
        stage.misbehave(rules, mode, Address::ZERO);
        let before = stage.image();
        let outcome = stage.session.call(&keeper, target, vault::resolveDefaultCall {}).map(drop);
        assert!(matches!(outcome, Err(CallError::Reverted { .. })), "{mode:?}: {outcome:?}");
        assert_eq!(stage.image(), before);
    }
}

/// The rules are asked read-only: rules that would write, on their own account even, are stopped.
#[test]
fn rules_that_would_change_anything_are_stopped() {
    let (mut stage, rules) = under_hostile_rules();
    let (keeper, target) = (stage.keeper.clone(), stage.vault(0));
    stage.load(rules, Answer::default().encode());
    stage.must(&keeper, target, vault::resolveDefaultCall {});
    stage.misbehave(rules, Mode::MovesTwice, Address::ZERO);
    let outcome = stage.session.call(&keeper, target, vault::resolveDefaultCall {}).map(drop);
    assert!(matches!(outcome, Err(CallError::Reverted { .. })), "{outcome:?}");
    assert_eq!(stage.read(rules, IHostileToken::outcomeCall {}), 0);
    // The control: asked directly, and not read-only, they write.
    stage.session.call(&keeper, rules, evaluate(&[])).expect("it answers");
    assert_eq!(stage.read(rules, IHostileToken::outcomeCall {}), 2);
}
