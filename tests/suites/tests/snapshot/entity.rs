//! The entity's messages, each on one route.

use crate::ledger::Ledger;
use alloy_sol_types::SolValue;
use ringfence_bindings::{IEntity as entity, ITailRiskBond};
use ringfence_devchain::{Located, USDC};
use ringfence_suites::{artifacts, Contract, Mark, Stage, DAY, FEE_CAP, INVESTED, RESERVE, USD};

pub(crate) fn measure(ledger: &mut Ledger) {
    let mut stage = Stage::empty();
    let (admin, keeper, target) = (stage.admin.clone(), stage.keeper.clone(), stage.entity);
    let [vault_code, bond_code] = ["margin-vault", "tail-risk-bond"]
        .map(|name| stage.session.upload(&admin, &artifacts::blob(name)).expect("it was uploaded before"));
    let code = stage.session.code_hash(target).expect("the entity has code");
    let arguments = (USDC.address(), stage.rules, vault_code, bond_code, RESERVE).abi_encode_params();
    let twin = stage.session.instantiate(&admin, code, arguments, [9; 32]);
    ledger.book("constructor", &twin.expect("another salt").report);

    let amount = 100 * USD;
    stage.fund(&keeper, target, amount);
    ledger.book("depositCapital", &stage.must(&keeper, target, entity::depositCapitalCall { amount }));
    let terms = second_pair(&mut stage);
    ledger.book("openPair", &stage.must(&admin, target, entity::openPairCall { terms }));
    let vault = stage.vault(0);
    ledger.book("allocate", &stage.must(&admin, target, entity::allocateCall { vault, amount }));
    // Capital leaves a running pair only on a fresh valuation.
    stage.mark(0, Mark::default());
    ledger.book("release", &stage.must(&admin, target, entity::releaseCall { vault, amount }));
    ledger.book("withdrawCapital", &stage.must(&admin, target, entity::withdrawCapitalCall { amount }));

    series(ledger, &mut stage);
    over_vaults(ledger);

    let nominee = keeper.address();
    ledger.book("nominateAdmin", &stage.must(&admin, target, entity::nominateAdminCall { nominee }));
    ledger.book("acceptAdmin", &stage.must(&keeper, target, entity::acceptAdminCall {}));
}

/// Opens and starts the first pair and answers with the terms of a second: the first one pays for what is stored once.
fn second_pair(stage: &mut Stage) -> ringfence_bindings::IMarginVault::CsaTerms {
    let index = stage.propose_pair();
    stage.start_pair(index);
    let pair = &stage.pairs[index];
    let turned = ringfence_protocol::terms::Terms {
        parties: ringfence_protocol::Pair { a: pair.b.h160(), b: pair.a.h160() },
        ..pair.terms
    };
    Contract { terms: turned, schedule: pair.schedule.clone() }.encoded(&stage.signers())
}

fn series(ledger: &mut Ledger, stage: &mut Stage) {
    let (admin, keeper, target) = (stage.admin.clone(), stage.keeper.clone(), stage.entity);
    stage.issue_series();
    let (bond, vault) = (stage.bond(), stage.vault(0));
    // Less than the limit, so that premium comes back at activation.
    stage.bid(0, INVESTED[0]);
    stage.close_book();
    ledger.book("activateSeries", &stage.must(&keeper, target, entity::activateSeriesCall { bond }));
    ledger.book("collectPremium", &stage.must(&keeper, target, entity::collectPremiumCall { bond }));
    ledger.book("extendSeries", &stage.must(&keeper, target, entity::extendSeriesCall { bond }));
    let terms = stage.series_terms(vault, target);
    let terms = ITailRiskBond::SeriesTerms { attachment: INVESTED[0], ..terms };
    ledger.book("issueSeries", &stage.must(&admin, target, entity::issueSeriesCall { terms }));
    stage.mark(0, Mark::default());
    let message = stage.termination(0, 0);
    stage.terminate(0, &message);
    ledger.book("commuteSeries", &stage.must(&admin, target, entity::commuteSeriesCall { bond }));
}

/// What the entity tells a vault: a pause, a run-off; and the fees of a month, which it takes.
fn over_vaults(ledger: &mut Ledger) {
    let mut stage = Stage::full(1);
    let (admin, keeper, target, vault) = (stage.admin.clone(), stage.keeper.clone(), stage.entity, stage.vault(0));
    let mark = Mark { margin_a: 500_000 * USD, margin_b: 500_000 * USD, ..Mark::default() };
    stage.mark(0, mark);
    stage.session.advance(30 * DAY);
    stage.pairs[0].fee_rate = ringfence_protocol::units::Bps::new(FEE_CAP);
    stage.mark(0, mark);
    ledger.book("collectFees", &stage.must(&keeper, target, entity::collectFeesCall { vault }));
    ledger.book("pauseVault", &stage.must(&admin, target, entity::pauseVaultCall { vault, span: DAY }));
    ledger.book("runOffVault", &stage.must(&admin, target, entity::runOffVaultCall { vault }));
}
