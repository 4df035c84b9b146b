//! The bond's messages, each on one route; the ward is sponsor and vault.

use crate::ledger::Ledger;
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolValue;
use ringfence_bindings::ITailRiskBond as bond;
use ringfence_devchain::{Actor, Located};
use ringfence_suites::{Stage, DAY, EXTENSION, INVESTED, PREMIUM, RESERVE, RISK_PERIOD, USD};

pub(crate) fn measure(ledger: &mut Ledger) {
    let mut stage = Stage::empty();
    let deployed = stage.add_ward_bond();
    let (ward, target) = (stage.ward.clone(), deployed.address());
    let terms = stage.read(target, bond::termsCall {});
    let again = stage.session.instantiate(&ward, deployed.code_hash, (terms,).abi_encode_params(), [9; 32]);
    ledger.book("constructor", &again.expect("the same terms under another salt").report);

    let investors = subscription(ledger, &mut stage, target);
    let full = stage.session.snapshot();
    stage.session.advance(3 * DAY);
    let keeper = stage.keeper.clone();
    ledger.book("expire", &stage.must(&keeper, target, bond::expireCall {}));
    ledger.book("redeem (failed)", &stage.must(&investors[0], target, bond::redeemCall {}));
    stage.session.restore(&full);

    on_risk(ledger, &mut stage, target, &investors);
}

fn subscription(ledger: &mut Ledger, stage: &mut Stage, target: Address) -> Vec<Actor> {
    let ward = stage.ward.clone();
    stage.send_asset(&ward, target, PREMIUM + RESERVE);
    ledger.book("fundPremium", &stage.must(&ward, target, bond::fundPremiumCall { reserve: RESERVE }));
    let names = ["investor 1", "investor 2", "investor 3"];
    let investors = names.map(|name| stage.session.eth_actor(name)).to_vec();
    for (number, (investor, amount)) in investors.iter().zip(INVESTED).enumerate() {
        stage.fund(investor, target, amount);
        let report = stage.must(investor, target, bond::subscribeCall { amount });
        if number == 0 {
            ledger.book("subscribe", &report);
        }
    }
    investors
}

fn on_risk(ledger: &mut Ledger, stage: &mut Stage, target: Address, investors: &[Actor]) {
    let (ward, keeper) = (stage.ward.clone(), stage.keeper.clone());
    let [first, second, _] = investors else { unreachable!("there are three investors") };
    ledger.book("activate", &stage.must(&ward, target, bond::activateCall {}));
    stage.session.advance(DAY);
    ledger.book("takePremium", &stage.must(first, target, bond::takePremiumCall {}));
    let (to, value) = (second.address(), U256::from(1_000 * USD));
    ledger.book("transfer", &stage.must(first, target, bond::transferCall { to, value }));
    let approve = bond::approveCall { spender: keeper.address(), value };
    ledger.book("approve", &stage.must(first, target, approve));
    let call = bond::transferFromCall { from: first.address(), to, value };
    ledger.book("transferFrom", &stage.must(&keeper, target, call));
    ledger.book("claim", &stage.must(&ward, target, bond::claimCall { amount: 250_000 * USD }));
    ledger.book("refundSponsor", &stage.must(&ward, target, bond::refundSponsorCall {}));
    stage.session.advance(RISK_PERIOD + EXTENSION);
    ledger.book("redeem", &stage.must(second, target, bond::redeemCall {}));
}
