//! NO-KEY: who may ask what of the entity; and how a role passes on.

use crate::office::{guards, hash, refused, Office, ALICE, BOB, CAROL, DAY, FOUNDER, STRANGER};
use ringfence_protocol::{
    entity::{Change, Class, EntityEnv, EntityError, EntityState, Founding, Role},
    units::{Amount, Timestamp},
    Address,
};

/// Admin, guardian and agent are three accounts.
fn staffed() -> Office {
    let mut office = Office::with_free(1_000);
    office.hand_over(Role::Guardian, ALICE);
    office.hand_over(Role::Agent, BOB);
    office.hand_over(Role::Admin, CAROL);
    office
}

#[test]
fn a_role_passes_by_schedule_and_acceptance_and_leaves_nothing_behind() {
    let mut office = Office::with_free(100);
    let number = office.schedule(FOUNDER, Change::Nominee(Role::Admin, CAROL)).expect("accepted");
    assert_eq!(refused(&mut office, |office| office.accept(CAROL, Role::Admin)), EntityError::NotNominated);
    office.wait(office.state.charter.delay);
    office.execute(number).expect("due");
    assert!(office.state.only_admin(FOUNDER).is_ok(), "a nominee is nothing yet");
    assert_eq!(refused(&mut office, |office| office.accept(CAROL, Role::Agent)), EntityError::NotNominated);
    office.accept(CAROL, Role::Admin).expect("nominated");
    assert_eq!(refused(&mut office, |office| office.accept(CAROL, Role::Admin)), EntityError::NotNominated);
    assert_eq!(refused(&mut office, |office| office.withdraw(FOUNDER, 1)), EntityError::NotTheAdmin);
    office.withdraw(CAROL, 1).expect("the admin");
}

#[test]
fn a_later_nomination_takes_the_place_of_one_that_was_not_accepted() {
    let mut office = Office::founded();
    office.change(Change::Nominee(Role::Guardian, ALICE));
    office.change(Change::Nominee(Role::Guardian, BOB));
    assert_eq!(refused(&mut office, |office| office.accept(ALICE, Role::Guardian)), EntityError::NotNominated);
    office.accept(BOB, Role::Guardian).expect("nominated");
}

/// Every command that a role guards, by everybody who does not hold it.
#[test]
fn each_role_does_its_own_and_no_other() {
    let office = staffed();
    type Asked = (Role, fn(&mut Office, Address) -> Result<(), EntityError>);
    let commands: [Asked; 13] = [
        (Role::Admin, |office, who| office.withdraw(who, 1)),
        (Role::Admin, |office, who| office.allocate(who, STRANGER, 1)),
        (Role::Admin, |office, who| office.open(who, 0)),
        (Role::Admin, |office, who| office.issue(who, 0, 1)),
        (Role::Admin, |office, who| office.attest(who, STRANGER, 1, office.now + DAY)),
        (Role::Admin, |office, who| office.schedule(who, Change::VaultCode(hash(9))).map(drop)),
        (Role::Admin, |office, who| office.declare(who)),
        (Role::Admin, |office, who| office.admit(who, Class::Ordinary, STRANGER, 1).map(drop)),
        (Role::Admin, |office, who| office.state.check_release(&office.env(who), true)),
        (Role::Admin, |office, who| office.state.check_winding_up(&office.env(who))),
        (Role::Guardian, |office, who| office.pause(who, DAY)),
        (Role::Guardian, |office, who| office.state.check_vault_pause(&office.env(who))),
        (Role::Agent, |office, who| office.give_notice(who)),
    ];
    for (index, (role, command)) in commands.into_iter().enumerate() {
        for who in [FOUNDER, STRANGER, ALICE, BOB, CAROL] {
            let mut office = office.clone();
            let outcome = command(&mut office, who);
            if office.state.charter.seat(role).holder == who {
                assert_eq!(outcome, Ok(()), "command {index} of {role:?}");
            } else {
                let error = match role {
                    Role::Admin => EntityError::NotTheAdmin,
                    Role::Guardian => EntityError::NotTheGuardian,
                    Role::Agent => EntityError::NotTheAgent,
                };
                assert_eq!(outcome, Err(error), "command {index} by {who:?}");
            }
        }
    }
}

#[test]
fn in_a_resolution_the_agent_speaks_for_the_entity() {
    let mut office = staffed();
    office.declare(CAROL).expect("the admin");
    for admin in [CAROL, ALICE] {
        let schedule = |office: &mut Office| office.schedule(admin, Change::VaultCode(hash(9)));
        assert_eq!(refused(&mut office, schedule), EntityError::NotTheAgent);
        let admit = |office: &mut Office| office.admit(admin, Class::Ordinary, STRANGER, 1);
        assert_eq!(refused(&mut office, admit), EntityError::NotTheAgent);
    }
    office.schedule(BOB, Change::Nominee(Role::Agent, ALICE)).expect("the agent hands over");
    office.admit(BOB, Class::Ordinary, STRANGER, 1).expect("the agent");
}

guards! {
    NotNominated: nobody_takes_a_role_over_unasked {
        let mut office = Office::founded();
        // The place of a nominee is empty, and the account of no address is nobody's.
        assert_eq!(refused(&mut office, |office| office.accept(Address::zero(), Role::Admin)), EntityError::NotNominated);
        refused(&mut office, |office| office.accept(STRANGER, Role::Admin))
    }
    NotTheGuardian: a_pause_is_the_guardians { refused(&mut staffed(), |office| office.pause(CAROL, DAY)) }
    NotTheAgent: notice_is_the_agents {
        let mut office = staffed();
        office.give_notice(BOB).expect("the agent");
        assert_eq!(refused(&mut office, |office| office.withdraw_notice(CAROL)), EntityError::NotTheAgent);
        refused(&mut staffed(), |office| office.give_notice(ALICE))
    }
    InvalidAddress: an_entity_is_founded_on_an_asset_and_rules {
        let env = EntityEnv { now: Timestamp::new(0), caller: FOUNDER };
        let founding = Founding { asset: ALICE, rules: BOB, vault_code: hash(1), bond_code: hash(2),
            asset_reserve: Amount::ZERO };
        assert!(EntityState::found(&env, &founding).is_ok());
        let without_asset = EntityState::found(&env, &Founding { asset: Address::zero(), ..founding });
        assert_eq!(without_asset.map(drop), Err(EntityError::InvalidAddress));
        EntityState::found(&env, &Founding { rules: Address::zero(), ..founding }).expect_err("refused")
    }
}
