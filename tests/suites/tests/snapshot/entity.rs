//! The entity's messages, each on one route.

use crate::ledger::Ledger;
use alloy_primitives::{Address, B256};
use alloy_sol_types::SolValue;
use ringfence_bindings::{IEntity as entity, ITailRiskBond};
use ringfence_devchain::{Located, USDC};
use ringfence_protocol::entity::{CLAIMS_WINDOW, MIN_DELAY, PAGE, RESOLUTION_NOTICE, RUN_OFF_PAGE};
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
    changes(ledger);
    resolution(ledger);
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
    let (party, owner) = (stage.pairs[0].a.address(), B256::repeat_byte(1));
    let until = stage.session.now() + DAY;
    stage.must(&admin, target, entity::attestOwnerCall { party, owner, until });
    ledger.book("attestOwners", &stage.must(&keeper, target, entity::attestOwnersCall { vault }));
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
    let signers = (1..=8).map(Address::repeat_byte).collect();
    let notice = entity::noticeRotationCall { notice: entity::NoticedRotation { vault, signers, threshold: 5 } };
    ledger.book("noticeRotation", &stage.must(&admin, target, notice));
    ledger.book("withdrawRotation", &stage.must(&admin, target, entity::withdrawRotationCall { vault }));
    ledger.book("runOffVault", &stage.must(&admin, target, entity::runOffVaultCall { vault }));
}

/// Identity, attestations and the timelock, with the dearest change.
fn changes(ledger: &mut Ledger) {
    let mut stage = Stage::open(1);
    let (admin, keeper, target, vault) = (stage.admin.clone(), stage.keeper.clone(), stage.entity, stage.vault(0));
    let (name, lei, jurisdiction) = ("n".repeat(96), "506700GE1G29325QX363".to_string(), "GB-SCT".to_string());
    let identity = entity::IdentityText { name: name.clone(), lei: lei.clone(), jurisdiction: jurisdiction.clone() };
    let (agreement, plan) = (B256::repeat_byte(1), B256::repeat_byte(2));
    let incorporation = entity::Incorporation { name, lei, jurisdiction, agreement, plan };
    ledger.book("incorporate", &stage.must(&admin, target, entity::incorporateCall { incorporation }));

    let (party, owner, until) = (keeper.address(), B256::repeat_byte(1), stage.session.now() + DAY);
    ledger.book("attestOwner", &stage.must(&admin, target, entity::attestOwnerCall { party, owner, until }));
    ledger.book("revokeAttestation", &stage.must(&admin, target, entity::revokeAttestationCall { party }));
    ledger.book("refreshPair", &stage.must(&keeper, target, entity::refreshPairCall { vault }));
    ledger.book("pauseNewRisk", &stage.must(&admin, target, entity::pauseNewRiskCall { span: 1 }));

    let nominate = entity::scheduleCall { subject: 0, value: keeper.address().into_word() };
    let report = stage.must(&admin, target, nominate.clone());
    ledger.book("schedule", &report);
    ledger.book("schedule (in the place of another)", &stage.must(&admin, target, nominate));
    let cancel = entity::cancelChangeCall { subject: 0, number: report.returned + 1 };
    ledger.book("cancelChange", &stage.must(&admin, target, cancel));
    let report = stage.must(&admin, target, entity::scheduleIdentityCall { identity });
    ledger.book("scheduleIdentity", &report);
    let nominate = entity::scheduleCall { subject: 0, value: keeper.address().into_word() };
    let nominated = stage.must(&admin, target, nominate).returned;
    stage.session.advance(MIN_DELAY.get());
    let execute = |subject, number| entity::executeChangeCall { subject, number };
    ledger.book("executeChange (identity)", &stage.must(&keeper, target, execute(9, report.returned)));
    ledger.book("executeChange (nominee)", &stage.must(&keeper, target, execute(0, nominated)));
    ledger.book("acceptRole", &stage.must(&keeper, target, entity::acceptRoleCall { role: 0 }));
}

/// A resolution with a full page of pairs, and full pages of the register.
fn resolution(ledger: &mut Ledger) {
    let mut stage = Stage::empty();
    let (admin, keeper, target) = (stage.admin.clone(), stage.keeper.clone(), stage.entity);
    for _ in 0..PAGE {
        stage.propose_pair();
    }
    let holder = keeper.address();
    let admit = |amount| entity::admitClaimCall { class: 2, holder, amount, evidence: B256::repeat_byte(1) };
    ledger.book("admitClaim", &stage.must(&admin, target, admit(100 * USD)));
    for _ in 1..PAGE {
        stage.must(&admin, target, admit(USD));
    }
    ledger.book("reduceClaim", &stage.must(&keeper, target, entity::reduceClaimCall { number: 1, to: 1 }));
    ledger.book("giveNotice", &stage.must(&admin, target, entity::giveNoticeCall {}));
    ledger.book("withdrawNotice", &stage.must(&admin, target, entity::withdrawNoticeCall {}));
    let here = stage.session.snapshot();
    ledger.book("declareResolution", &stage.must(&admin, target, entity::declareResolutionCall {}));
    stage.session.restore(&here);
    stage.must(&admin, target, entity::giveNoticeCall {});
    stage.session.advance(RESOLUTION_NOTICE.get() + 1);
    ledger.book("startResolution", &stage.must(&keeper, target, entity::startResolutionCall {}));
    let told = stage.must(&keeper, target, entity::tellNextCall { most: RUN_OFF_PAGE });
    ledger.book("tellNext (a full page)", &told);
    for index in 0..8 {
        let vault = stage.vault(index);
        let report = stage.must(&keeper, target, entity::settlePairCall { vault });
        if index == 0 {
            ledger.book("settlePair", &report);
        }
    }
    stage.session.advance(CLAIMS_WINDOW.get() + 1);
    ledger.book("distribute", &stage.must(&keeper, target, entity::distributeCall {}));
    let transfer = entity::transferClaimCall { number: 1, to: admin.address() };
    ledger.book("transferClaim", &stage.must(&keeper, target, transfer));
    ledger.book("collectClaim", &stage.must(&keeper, target, entity::collectClaimCall { number: 0 }));
    ledger.book("report", &stage.must(&keeper, target, entity::reportCall {}));
    ledger.book("withdrawSurplus", &stage.must(&admin, target, entity::withdrawSurplusCall { amount: 100 * USD }));

    // Reads cost nothing where they are answered off chain; that they are bounded is what counts.
    let pairs = stage.session.dry_run(&keeper, target, entity::pairsCall { from: 0 }).expect("a view");
    ledger.book("pairs (a full page)", &pairs);
    let claims = stage.session.dry_run(&keeper, target, entity::claimsCall { from: 0 }).expect("a view");
    ledger.book("claims (a full page)", &claims);
    let parties = stage.session.dry_run(&keeper, target, entity::attestationsCall { from: 0 }).expect("a view");
    ledger.book("attestations (a full page)", &parties);
    let changes = stage.session.dry_run(&keeper, target, entity::changesCall {}).expect("a view");
    ledger.book("changes (none pending)", &changes);
}
