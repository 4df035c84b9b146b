//! NO-KEY and EXIT on the blobs: an attacker with the admin's, the guardian's and the resolution agent's key, and a stranger,
//! send whatever they can in a long random sequence; then all keys are gone, and everybody gets out. The state machines go
//! through many more sequences in the protocol's own tests.

use crate::phase;
use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use ringfence_bindings::{IEntity as entity, IMarginVault as vault, ITailRiskBond as bond};
use ringfence_devchain::{Actor, Located};
use ringfence_protocol::Party;
use ringfence_suites::{Mark, Stage, DAY, INVESTED, MARGIN, PERIODS, USD};

/// How many calls; most of them are refused.
const CALLS: usize = 600;

/// A small generator of its own: the sequence is the same in every run. Source: Knuth's MMIX constants.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Sends a call and says whether it went through.
fn send<C: SolCall>(stage: &mut Stage, caller: &Actor, target: Address, call: C) -> bool {
    stage.session.call(caller, target, call).is_ok()
}

/// One random call of everything that the entity, a vault or a bond can be asked by anybody.
#[allow(clippy::too_many_lines, reason = "a list of everything that can be asked")]
fn step(stage: &mut Stage, random: &mut Random, kind: u64) -> bool {
    let caller = if random.below(3) == 0 { stage.keeper.clone() } else { stage.admin.clone() };
    let (target, series, index) = (stage.entity, stage.bond(), usize::try_from(random.below(2)).expect("small"));
    let (running, party) = (stage.vault(index), stage.pairs[index].a.address());
    let (amount, span) = (u128::from(random.below(400_000)) * USD, 1 + random.below(3 * DAY));
    let (subject, number) =
        (u8::try_from(random.below(20)).expect("small"), u32::try_from(random.below(9)).expect("small"));
    let class = u8::try_from(random.below(4)).expect("small");
    let value = caller.address().into_word();
    match kind {
        0 => send(stage, &caller, target, entity::withdrawCapitalCall { amount }),
        1 => send(stage, &caller, target, entity::allocateCall { vault: running, amount }),
        2 => send(stage, &caller, target, entity::releaseCall { vault: running, amount }),
        3 => send(stage, &caller, target, entity::runOffVaultCall { vault: running }),
        4 => send(stage, &caller, target, entity::pauseVaultCall { vault: running, span }),
        5 => send(stage, &caller, target, entity::pauseNewRiskCall { span }),
        6 => send(stage, &caller, target, entity::scheduleCall { subject, value }),
        7 => send(stage, &caller, target, entity::executeChangeCall { subject, number }),
        8 => send(stage, &caller, target, entity::cancelChangeCall { subject, number }),
        9 => send(stage, &caller, target, entity::acceptRoleCall { role: subject % 3 }),
        10 => {
            let until = stage.session.now() + span;
            let owner = B256::repeat_byte(subject + 1);
            send(stage, &caller, target, entity::attestOwnerCall { party, owner, until })
        }
        11 => send(stage, &caller, target, entity::revokeAttestationCall { party }),
        12 => send(stage, &caller, target, entity::giveNoticeCall {}),
        13 => send(stage, &caller, target, entity::withdrawNoticeCall {}),
        14 => random.below(40) == 0 && send(stage, &caller, target, entity::declareResolutionCall {}),
        15 => send(stage, &caller, target, entity::startResolutionCall {}),
        16 => send(stage, &caller, target, entity::tellNextCall { most: number }),
        17 => send(stage, &caller, target, entity::settlePairCall { vault: running }),
        18 => {
            let (holder, evidence) = (caller.address(), value);
            send(stage, &caller, target, entity::admitClaimCall { class, holder, amount, evidence })
        }
        19 => send(stage, &caller, target, entity::collectClaimCall { number }),
        20 => send(stage, &caller, target, entity::distributeCall {}),
        21 => send(stage, &caller, target, entity::reportCall {}),
        22 => send(stage, &caller, target, entity::collectPremiumCall { bond: series }),
        23 => send(stage, &caller, target, entity::extendSeriesCall { bond: series }),
        24 => send(stage, &caller, target, entity::commuteSeriesCall { bond: series }),
        25 => send(stage, &caller, target, entity::activateSeriesCall { bond: series }),
        26 => send(stage, &caller, target, entity::collectFeesCall { vault: running }),
        27 => send(stage, &caller, target, entity::refreshPairCall { vault: running }),
        28 => send(stage, &caller, running, vault::withdrawCall { amount }),
        29 => send(stage, &caller, running, vault::releaseFirstLossCall { amount }),
        30 => send(stage, &caller, running, vault::declareDefaultCall { party }),
        31 => send(stage, &caller, running, vault::resolveDefaultCall {}),
        32 => send(stage, &caller, running, vault::closeRunOffCall {}),
        33 => send(stage, &caller, running, vault::leaveSilentOracleCall {}),
        34 => send(stage, &caller, running, vault::leaveRunOffCall {}),
        35 => send(stage, &caller, series, bond::claimCall { amount }),
        36 => send(stage, &caller, series, bond::refundSponsorCall {}),
        37 => send(stage, &caller, series, bond::collectCall {}),
        38 => send(stage, &caller, series, bond::extendCall { claimable: amount }),
        39 => send(stage, &caller, series, bond::proposeCommutationCall {}),
        40 => send(stage, &caller, target, entity::attestOwnersCall { vault: running }),
        41 => {
            let signers = stage.agents.iter().map(Located::address).collect();
            let notice = entity::NoticedRotation { vault: running, signers, threshold: 2 };
            send(stage, &caller, target, entity::noticeRotationCall { notice })
        }
        42 => random.below(8) == 0 && send(stage, &caller, target, entity::withdrawRotationCall { vault: running }),
        43 => send(stage, &caller, running, vault::takeUpRotationCall {}),
        44 => send(stage, &caller, running, vault::leaveRotationCall {}),
        45 => {
            let claim = vault::ClaimTransfer { estate: 0, to: caller.address() };
            send(stage, &caller, running, vault::transferClaimCall { claim })
        }
        _ => {
            stage.session.advance(1 + random.below(DAY));
            true
        }
    }
}

#[test]
fn with_every_key_but_the_parties_no_margin_and_no_principal_moves_and_then_everybody_gets_out() {
    let mut stage = Stage::insured(2);
    for index in 0..2 {
        stage.mark(index, Mark { margin_a: MARGIN / 2, margin_b: MARGIN / 2, ..Mark::default() });
    }
    let principal = stage.bond_status().principal;
    let mut random = Random(20_251_010);
    let mut accepted = [0_u32; 47];
    for _ in 0..CALLS {
        let kind = random.below(54).min(46);
        accepted[usize::try_from(kind).expect("small")] += u32::from(step(&mut stage, &mut random, kind));
        for index in 0..2 {
            let status = stage.status(index);
            let margins = status.sides.map(|side| side.margin);
            assert_eq!((status.phase, margins), (phase::ACTIVE, [MARGIN; 2]), "after a move of kind {kind}");
        }
        let status = stage.bond_status();
        assert_eq!(status.lost, 0, "after a move of kind {kind}");
        let matured = stage.session.now() > status.maturity;
        assert!(matured || status.principal == principal, "after a move of kind {kind}");
    }
    stage.assert_conserved();
    println!("accepted, by kind of move: {accepted:?}");
    let kinds = accepted.iter().filter(|count| **count > 0).count();
    assert!(kinds >= 15, "only {kinds} kinds of moves went through: the sequence proves too little");

    // Every key is gone: the oracle is silent, and neither admin, guardian nor agent acts.
    stage.session.advance(PERIODS.oracle_timeout.get() + 1);
    for index in 0..2 {
        let (pair, running) = (stage.pairs[index].clone(), stage.vault(index));
        stage.must(&pair.b, running, vault::leaveSilentOracleCall {});
        for party in Party::BOTH {
            let before = stage.session.usdc(pair.party(party));
            stage.withdraw(index, party, MARGIN);
            assert_eq!(stage.session.usdc(pair.party(party)), before + MARGIN);
        }
    }
    let until = stage.bond_status().claimsUntil.max(stage.session.now());
    stage.session.set_time(until + 1);
    for (index, invested) in INVESTED.into_iter().enumerate() {
        let (investor, series) = (stage.investor(index), stage.bond());
        stage.must(&investor, series, bond::collectCall {});
        assert!(stage.session.usdc(&investor) > invested, "principal and premium");
    }
    stage.assert_conserved();
}
