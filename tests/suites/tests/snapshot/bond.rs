//! The bond's messages, each on one route; the ward is its sponsor, the keeper its vault.

use crate::ledger::Ledger;
use alloy_primitives::{keccak256, Address, B256, U256};
use alloy_sol_types::SolValue;
use ringfence_bindings::ITailRiskBond as bond;
use ringfence_devchain::{h160_of, Actor, Located, CHAIN_ID};
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{
    bond::{Permit, SealedBid},
    eip712::{Domain, TypedMessage},
    units::{Amount, Bps},
    Digest, U256 as Word,
};
use ringfence_suites::{Stage, BOOK, DAY, INVESTED, LIMIT, NOTICE, PREMIUM, RESERVE, RISK_PERIOD, SPREAD, USD};

pub(crate) fn measure(ledger: &mut Ledger) {
    let mut stage = Stage::empty();
    let deployed = stage.add_ward_bond();
    let (ward, target) = (stage.ward.clone(), deployed.address());
    let terms = stage.read(target, bond::termsCall {});
    let again = stage.session.instantiate(&ward, deployed.code_hash, (terms,).abi_encode_params(), [9; 32]);
    ledger.book("constructor", &again.expect("the same terms under another salt").report);

    let investors = book(ledger, &mut stage, target);
    let full = stage.session.snapshot();
    stage.session.advance(3 * DAY);
    let keeper = stage.keeper.clone();
    ledger.book("expire", &stage.must(&keeper, target, bond::expireCall {}));
    ledger.book("allot (failed)", &stage.must(&investors[0], target, bond::allotCall { slot: 0 }));
    stage.session.restore(&full);

    on_risk(ledger, &mut stage, target, &investors);
    commutation(ledger);
    sealed(ledger);
    admission(ledger);
    crowd(ledger);
}

fn fund(stage: &mut Stage, target: Address) -> ringfence_devchain::CallReport<()> {
    let ward = stage.ward.clone();
    stage.send_asset(&ward, target, PREMIUM + RESERVE);
    stage.must(&ward, target, bond::fundPremiumCall { reserve: RESERVE }).map(drop)
}

fn book(ledger: &mut Ledger, stage: &mut Stage, target: Address) -> Vec<Actor> {
    ledger.book("fundPremium", &fund(stage, target));
    let names = ["investor 1", "investor 2", "investor 3"];
    let investors = names.map(|name| stage.session.eth_actor(name)).to_vec();
    for (number, (investor, amount)) in investors.iter().zip(INVESTED).enumerate() {
        stage.fund(investor, target, amount);
        let report = stage.must(investor, target, bond::bidCall { slot: 0, amount, spread: SPREAD });
        if number == 0 {
            ledger.book("bid", &report);
            ledger.book("cancel", &stage.must(investor, target, bond::cancelCall { slot: 0 }));
            stage.fund(investor, target, amount);
            stage.must(investor, target, bond::bidCall { slot: 0, amount, spread: SPREAD });
        }
    }
    investors
}

fn on_risk(ledger: &mut Ledger, stage: &mut Stage, target: Address, investors: &[Actor]) {
    let (ward, keeper) = (stage.ward.clone(), stage.keeper.clone());
    let [first, second, third] = investors else { unreachable!("there are three investors") };
    stage.session.advance(BOOK + 1);
    // Thirteen ticks, from zero to the maximum.
    ledger.book("clear", &stage.must(&keeper, target, bond::clearCall { ticks: 13 }));
    ledger.book("activate", &stage.must(&ward, target, bond::activateCall {}));
    ledger.book("allot", &stage.must(first, target, bond::allotCall { slot: 0 }));
    stage.must(second, target, bond::allotCall { slot: 0 });
    stage.must(third, target, bond::allotCall { slot: 0 });
    stage.session.advance(DAY);
    ledger.book("collect (premium)", &stage.must(first, target, bond::collectCall {}));
    let (to, value) = (second.address(), U256::from(1_000 * USD));
    ledger.book("transfer", &stage.must(first, target, bond::transferCall { to, value }));
    let approve = bond::approveCall { spender: keeper.address(), value };
    ledger.book("approve", &stage.must(first, target, approve));
    let call = bond::transferFromCall { from: first.address(), to, value };
    ledger.book("transferFrom", &stage.must(&keeper, target, call));
    let call = permit(stage, target, first, &keeper);
    ledger.book("permit", &stage.must(&keeper, target, call));
    ledger.book("claim", &stage.must(&keeper, target, bond::claimCall { amount: 250_000 * USD }));
    ledger.book("refundSponsor", &stage.must(&ward, target, bond::refundSponsorCall {}));
    ledger.book("extend", &stage.must(&ward, target, bond::extendCall { claimable: USD }));
    stage.send_asset(&keeper, target, USD);
    ledger.book("recovered", &stage.must(&keeper, target, bond::recoveredCall { amount: USD }));
    stage.session.advance(RISK_PERIOD + NOTICE);
    ledger.book("collect", &stage.must(second, target, bond::collectCall {}));
}

fn permit(stage: &mut Stage, target: Address, owner: &Actor, spender: &Actor) -> bond::permitCall {
    let deadline = stage.session.now() + 60;
    let (value, nonce) = (Word::from(5), 0);
    let message = Permit { owner: owner.h160(), spender: spender.h160(), value, nonce, deadline: Word::from(deadline) };
    let domain = Domain { chain_id: CHAIN_ID, verifying_contract: h160_of(target) };
    let signature = owner.sign(message.digest::<Keccak>(&domain).0).expect("an Ethereum actor has a key");
    bond::permitCall {
        owner: owner.address(),
        spender: spender.address(),
        value: U256::from(5),
        deadline: U256::from(deadline),
        v: signature[64],
        r: B256::from_slice(&signature[..32]),
        s: B256::from_slice(&signature[32..64]),
    }
}

/// A series of its own under changed terms, funded.
fn series(change: impl Fn(&mut bond::SeriesTerms)) -> (Stage, Address, Actor) {
    let mut stage = Stage::empty();
    let (ward, keeper) = (stage.ward.clone(), stage.keeper.clone());
    let mut terms = stage.series_terms(keeper.address(), ward.address());
    change(&mut terms);
    let target = stage.add_bond(terms).address();
    fund(&mut stage, target);
    let investor = stage.session.eth_actor("investor 1");
    stage.fund(&investor, target, LIMIT);
    (stage, target, investor)
}

fn commutation(ledger: &mut Ledger) {
    let (mut stage, target, investor) = series(|_| {});
    let ward = stage.ward.clone();
    stage.must(&investor, target, bond::bidCall { slot: 0, amount: LIMIT, spread: SPREAD });
    stage.session.advance(BOOK + 1);
    stage.must(&ward, target, bond::clearCall { ticks: 13 });
    stage.must(&ward, target, bond::activateCall {});
    stage.must(&investor, target, bond::allotCall { slot: 0 });
    ledger.book("proposeCommutation", &stage.must(&ward, target, bond::proposeCommutationCall {}));
    ledger.book("agree", &stage.must(&investor, target, bond::agreeCall {}));
}

fn sealed(ledger: &mut Ledger) {
    let (mut stage, target, investor) = series(|terms| terms.book.revealUntil += 1_000);
    let opened = SealedBid { amount: Amount::new(LIMIT), spread: Bps::new(SPREAD), salt: Digest::repeat_byte(1) };
    let seal = B256::from(opened.seal::<Keccak>(h160_of(target), investor.h160()).0);
    let commit = bond::commitCall { slot: 0, deposit: LIMIT, seal };
    ledger.book("commit", &stage.must(&investor, target, commit));
    stage.session.advance(BOOK + 1);
    let reveal = bond::revealCall { slot: 0, amount: LIMIT, spread: SPREAD, salt: B256::repeat_byte(1) };
    ledger.book("reveal", &stage.must(&investor, target, reveal));
}

/// A list of 65,536 holders: sixteen hashes of proof.
fn admission(ledger: &mut Ledger) {
    let account = ringfence_devchain::Session::new().eth_actor("investor 1").address();
    let proof = vec![B256::repeat_byte(3); 16];
    let leaf = keccak256(keccak256(account.into_word()));
    let root =
        proof.iter().fold(leaf, |node, sibling| keccak256([node.min(*sibling).0, node.max(*sibling).0].concat()));
    let (mut stage, target, investor) = series(|terms| terms.allowList = root);
    let call = bond::admitCall { account, proof };
    ledger.book("admit", &stage.must(&investor, target, call));
}

/// BOUNDED: the call that clears a book of 10 bids clears one of 10,000 on the same tick, at the same cost.
fn crowd(ledger: &mut Ledger) {
    let few = clearing(1, 10);
    let many = clearing(40, 250);
    ledger.book("clear (10 bids)", &few);
    ledger.book("clear (10,000 bids)", &many);
    assert_eq!(ledger.of("clear (10 bids)"), ledger.of("clear (10,000 bids)"));
}

/// Clears a book in which each of `investors` has a bid in each of `slots`.
fn clearing(investors: usize, slots: u8) -> ringfence_devchain::CallReport<()> {
    let (mut stage, target, _) = series(|terms| {
        terms.book.bidsUntil += DAY;
        terms.book.revealUntil = terms.book.bidsUntil;
    });
    for number in 0..investors {
        let investor = stage.session.eth_actor(&format!("one of many {number}"));
        let amount = LIMIT / 10;
        stage.fund(&investor, target, amount * u128::from(slots));
        for slot in 0..slots {
            stage.must(&investor, target, bond::bidCall { slot, amount, spread: SPREAD });
        }
    }
    stage.session.advance(BOOK + DAY + 1);
    let keeper = stage.keeper.clone();
    stage.must(&keeper, target, bond::clearCall { ticks: 13 }).map(drop)
}
