//! NO-KEY: who may send what, and that nobody else can.

use alloy_primitives::Address;
use ringfence_bindings::{IEntity as entity, IMarginVault as vault, ITailRiskBond as bond};
use ringfence_devchain::{Actor, Located};
use ringfence_protocol::entity::MIN_DELAY;
use ringfence_suites::{Stage, CAPITAL, FIRST_LOSS, RESERVE, USD};

/// Everybody who is not the contract that a message is for.
fn everyone(stage: &Stage) -> Vec<Actor> {
    let pair = &stage.pairs[0];
    let mut actors = vec![stage.admin.clone(), stage.keeper.clone(), pair.a.clone(), pair.b.clone()];
    actors.extend(stage.series.iter().flat_map(|series| series.investors.clone()));
    actors
}

#[test]
fn the_entitys_messages_of_a_vault_are_refused_from_everyone_else() {
    let mut stage = Stage::insured(1);
    let vault = stage.vault(0);
    let keeper = stage.keeper.clone();
    stage.send_asset(&keeper, vault, USD);
    let now = stage.session.now();
    let cover = vault::registerCoverCall {
        cover: vault::CoverTerms {
            bond: Address::repeat_byte(9),
            attachment: ringfence_suites::LIMIT,
            limit: USD,
            starts: now,
            ends: now + 100,
            waiting: 0,
            claimsUntil: now + 100_000,
            attestedUntil: now + 100,
        },
    };
    let signers = vault::NoticedSigners { signers: vec![Address::repeat_byte(1)], threshold: 1 };
    let notice = vault::noticeRotationCall { signers };
    for actor in everyone(&stage) {
        stage.assert_refused::<vault::NotTheEntity>(&actor, vault, vault::addFirstLossCall { amount: USD });
        stage.assert_refused::<vault::NotTheEntity>(&actor, vault, vault::releaseFirstLossCall { amount: USD });
        stage.assert_refused::<vault::NotTheEntity>(&actor, vault, vault::addReserveCall { amount: USD });
        stage.assert_refused::<vault::NotTheEntity>(&actor, vault, cover.clone());
        stage.assert_refused::<vault::NotTheEntity>(&actor, vault, vault::collectFeesCall {});
        stage.assert_refused::<vault::NotTheEntity>(&actor, vault, vault::pauseCall { span: 1 });
        stage.assert_refused::<vault::NotTheEntity>(&actor, vault, vault::attestOwnersCall { until: u64::MAX });
        stage.assert_refused::<vault::NotTheEntity>(&actor, vault, notice.clone());
        stage.assert_refused::<vault::NotTheEntity>(&actor, vault, vault::withdrawRotationCall {});
    }
}

#[test]
fn a_claim_on_a_bond_is_refused_from_everyone_but_its_vault() {
    let mut stage = Stage::insured(2);
    let bond = stage.bond();
    for actor in everyone(&stage) {
        stage.assert_refused::<bond::NotTheVault>(&actor, bond, bond::claimCall { amount: 1 });
        stage.assert_refused::<bond::NotTheVault>(&actor, bond, bond::recoveredCall { amount: 1 });
        stage.assert_refused::<bond::NotTheVault>(&actor, bond, bond::extendCall { claimable: 1 });
    }
}

#[test]
fn the_sponsors_messages_of_a_bond_are_refused_from_everyone_else() {
    let mut stage = Stage::open(1);
    stage.issue_series();
    let bond = stage.bond();
    for actor in everyone(&stage) {
        stage.assert_refused::<bond::NotTheSponsor>(&actor, bond, bond::fundPremiumCall { reserve: 0 });
        stage.assert_refused::<bond::NotTheSponsor>(&actor, bond, bond::activateCall {});
        stage.assert_refused::<bond::NotTheSponsor>(&actor, bond, bond::refundSponsorCall {});
        stage.assert_refused::<bond::NotTheSponsor>(&actor, bond, bond::proposeCommutationCall {});
    }
}

#[test]
fn the_admins_messages_of_the_entity_are_refused_from_everyone_else() {
    let mut stage = Stage::insured(1);
    let (entity, vault) = (stage.entity, stage.vault(0));
    let pair = stage.pairs[0].contract().encoded(&stage.signers());
    let series = stage.series_terms(vault, entity);
    for actor in everyone(&stage).into_iter().skip(1) {
        let open = entity::openPairCall { terms: pair.clone() };
        let issue = entity::issueSeriesCall { terms: series.clone() };
        let change = entity::scheduleCall { subject: 3, value: [1; 32].into() };
        let owner = entity::attestOwnerCall { party: actor.address(), owner: [1; 32].into(), until: u64::MAX };
        stage.assert_refused::<entity::NotTheAdmin>(&actor, entity, open);
        stage.assert_refused::<entity::NotTheAdmin>(&actor, entity, issue);
        stage.assert_refused::<entity::NotTheAdmin>(&actor, entity, entity::allocateCall { vault, amount: 1 });
        stage.assert_refused::<entity::NotTheAdmin>(&actor, entity, entity::releaseCall { vault, amount: 1 });
        stage.assert_refused::<entity::NotTheGuardian>(&actor, entity, entity::pauseVaultCall { vault, span: 1 });
        stage.assert_refused::<entity::NotTheGuardian>(&actor, entity, entity::pauseNewRiskCall { span: 1 });
        stage.assert_refused::<entity::NotTheAgent>(&actor, entity, entity::giveNoticeCall {});
        stage.assert_refused::<entity::NotTheAdmin>(&actor, entity, entity::runOffVaultCall { vault });
        stage.assert_refused::<entity::NotTheAdmin>(&actor, entity, entity::withdrawCapitalCall { amount: 1 });
        stage.assert_refused::<entity::NotTheAdmin>(&actor, entity, change);
        stage.assert_refused::<entity::NotTheAdmin>(&actor, entity, owner);
        stage.assert_refused::<entity::NotTheAdmin>(&actor, entity, entity::declareResolutionCall {});
        stage.assert_refused::<entity::NotNominated>(&actor, entity, entity::acceptRoleCall { role: 0 });
    }
}

#[test]
fn the_admin_hands_over_by_schedule_and_acceptance_and_keeps_nothing() {
    let mut stage = Stage::empty();
    let (admin, keeper, entity) = (stage.admin.clone(), stage.keeper.clone(), stage.entity);
    let nominate = |nominee: Address| entity::scheduleCall { subject: 0, value: nominee.into_word() };
    stage.assert_refused::<entity::ValueOutOfBounds>(&admin, entity, nominate(Address::ZERO));
    let number = stage.must(&admin, entity, nominate(keeper.address())).returned;
    stage.assert_refused::<entity::NotNominated>(&keeper, entity, entity::acceptRoleCall { role: 0 });
    stage.session.advance(MIN_DELAY.get());
    stage.must(&keeper, entity, entity::executeChangeCall { subject: 0, number });
    stage.assert_refused::<entity::NotNominated>(&admin, entity, entity::acceptRoleCall { role: 0 });
    stage.must(&keeper, entity, entity::acceptRoleCall { role: 0 });
    stage.assert_refused::<entity::NotTheAdmin>(&admin, entity, entity::withdrawCapitalCall { amount: USD });
    stage.must(&keeper, entity, entity::withdrawCapitalCall { amount: USD });
    assert_eq!(stage.session.usdc(&keeper), USD);
}

#[test]
fn free_capital_is_all_that_the_admin_can_take_or_allocate() {
    let mut stage = Stage::open(1);
    let (admin, entity, vault) = (stage.admin.clone(), stage.entity, stage.vault(0));
    let free = CAPITAL - FIRST_LOSS - RESERVE;
    assert_eq!(stage.read(entity, entity::capitalCall {})._1, free);
    let beyond = free + 1;
    let (withdraw, allocate) =
        (entity::withdrawCapitalCall { amount: beyond }, entity::allocateCall { vault, amount: beyond });
    stage.assert_refused::<entity::InsufficientFreeCapital>(&admin, entity, withdraw);
    stage.assert_refused::<entity::InsufficientFreeCapital>(&admin, entity, allocate);
    stage.must(&admin, entity, entity::withdrawCapitalCall { amount: free });
    stage.assert_conserved();
}

#[test]
fn the_entity_deals_only_with_its_own_vaults_and_series() {
    let mut stage = Stage::open(1);
    let (admin, entity) = (stage.admin.clone(), stage.entity);
    let stranger = stage.add_ward_pair();
    let (vault, foreign_bond) = (stage.vault(stranger), stage.add_ward_bond().address());
    let series = stage.series_terms(vault, entity);
    stage.assert_refused::<entity::UnknownVault>(&admin, entity, entity::allocateCall { vault, amount: 1 });
    stage.assert_refused::<entity::UnknownVault>(&admin, entity, entity::releaseCall { vault, amount: 1 });
    stage.assert_refused::<entity::UnknownVault>(&admin, entity, entity::pauseVaultCall { vault, span: 1 });
    stage.assert_refused::<entity::UnknownVault>(&admin, entity, entity::runOffVaultCall { vault });
    stage.assert_refused::<entity::UnknownVault>(&admin, entity, entity::collectFeesCall { vault });
    stage.assert_refused::<entity::UnknownVault>(&admin, entity, entity::issueSeriesCall { terms: series });
    for bond in [foreign_bond, stage.vault(0)] {
        stage.assert_refused::<entity::UnknownSeries>(&admin, entity, entity::activateSeriesCall { bond });
        stage.assert_refused::<entity::UnknownSeries>(&admin, entity, entity::collectPremiumCall { bond });
        assert!(stage.read(entity, entity::seriesVaultCall { bond }).is_zero());
    }
}
