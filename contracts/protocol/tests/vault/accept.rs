//! Who may do what before and after the terms are accepted.

use crate::{
    common::{ENTITY, KEEPER, PARTY_A, PARTY_B},
    fixtures::{accepted, cover_due, defaulted, fresh, guards, refused, running, valued},
};
use ringfence_protocol::{
    units::Seconds,
    vault::{Command, Phase, VaultError},
    Digest, Party,
};

guards! {
    NotAParty: a_stranger_cannot_accept { refused(&mut fresh(), |world| world.accept(KEEPER)) }
    NotAParty: a_stranger_cannot_deposit { refused(&mut running(), |world| world.deposit(KEEPER, 1)) }
    NotAParty: the_entity_cannot_withdraw { refused(&mut running(), |world| world.withdraw(ENTITY, 1)) }
    NotAParty: a_stranger_cannot_leave_for_a_party {
        let mut world = running();
        world.now += 7_201;
        let error = refused(&mut world, |world| world.leave(KEEPER));
        world.leave(world.address(Party::B)).expect("a party can");
        error
    }

    NotTheEntity: only_the_entity_adds_first_loss {
        let mut world = running();
        world.clone().add_first_loss(ENTITY, 5, 5).expect("the entity can");
        refused(&mut world, |world| world.add_first_loss(KEEPER, 5, 5))
    }
    NotTheEntity: only_the_entity_adds_the_reserve {
        let mut world = running();
        world.clone().add_reserve(ENTITY, 5, 5).expect("the entity can");
        refused(&mut world, |world| world.add_reserve(KEEPER, 5, 5))
    }
    NotTheEntity: only_the_entity_releases_first_loss {
        let mut world = fresh();
        world.add_first_loss(ENTITY, 5, 5).expect("accepted");
        world.clone().release_first_loss(ENTITY, 5).expect("the entity can");
        refused(&mut world, |world| world.release_first_loss(world.address(Party::A), 5))
    }
    NotTheEntity: only_the_entity_registers_cover {
        let mut world = running();
        world.clone().register_cover(ENTITY, 1, 5, 10, 0).expect("the entity can");
        refused(&mut world, |world| world.register_cover(KEEPER, 1, 5, 10, 0))
    }
    NotTheEntity: only_the_entity_takes_fees {
        refused(&mut running(), |world| world.run(world.address(Party::A), Command::CollectFees))
    }
    NotTheEntity: only_the_entity_pauses {
        let pause = || Command::Pause { span: Seconds::new(1) };
        running().entity(pause()).expect("the entity can");
        refused(&mut running(), |world| world.run(world.address(Party::A), pause()))
    }

    NotProposed: terms_are_accepted_only_once_by_both {
        refused(&mut running(), |world| world.accept(world.address(Party::A)))
    }
    AlreadyAccepted: one_party_cannot_accept_for_both {
        let mut world = fresh();
        world.accept(world.address(Party::A)).expect("accepted");
        let error = refused(&mut world, |world| world.accept(world.address(Party::A)));
        assert_eq!(world.vault.state.phase, Phase::Proposed);
        world.accept(world.address(Party::B)).expect("accepted");
        assert_eq!(world.vault.state.phase, Phase::Active);
        error
    }
    TermsMismatch: a_party_accepts_the_terms_it_read {
        let terms_hash = Digest::repeat_byte(1);
        refused(&mut fresh(), |world| world.run(world.address(Party::A), Command::Accept { terms_hash }))
    }

    NotActive: no_deposit_before_both_accepted {
        let mut world = fresh();
        world.accept(world.address(Party::A)).expect("accepted");
        refused(&mut world, |world| world.deposit(world.address(Party::A), 1))
    }
    NotActive: no_deposit_after_a_default {
        refused(&mut defaulted(), |world| world.deposit(world.address(Party::B), 1))
    }
    NotActive: no_withdrawal_while_a_default_is_open {
        refused(&mut defaulted(), |world| world.withdraw(world.address(Party::A), 1))
    }
    NotActive: no_settlement_after_a_default { refused(&mut defaulted(), |world| world.settle(&world.instruction(1))) }
    NotActive: no_portfolio_after_a_default { refused(&mut defaulted(), |world| world.agree()) }
    NotActive: no_second_default {
        refused(&mut defaulted(), |world| world.declare_default(world.address(Party::A), Party::A))
    }
    NotActive: no_termination_after_a_default {
        refused(&mut defaulted(), |world| world.terminate(&world.termination(1), [PARTY_A, PARTY_B]))
    }
    NotActive: no_leaving_by_timeout_after_a_default {
        let mut world = defaulted();
        world.now += 7_201;
        refused(&mut world, |world| world.leave(world.address(Party::A)))
    }
    NotActive: no_cover_is_added_after_a_default {
        refused(&mut defaulted(), |world| world.register_cover(ENTITY, 1, 5, 10, 0))
    }
    NotActive: no_first_loss_is_added_after_a_default {
        refused(&mut defaulted(), |world| world.add_first_loss(ENTITY, 5, 5))
    }
    NotActive: no_reserve_is_added_after_a_default {
        refused(&mut defaulted(), |world| world.add_reserve(ENTITY, 5, 5))
    }
    NotActive: nothing_but_ways_out_in_a_closed_pair {
        let commands = [
            Command::Dispute { stated: Default::default() },
            Command::DeclareDefault { party: Party::A },
            Command::LeaveSilentOracle,
            Command::BeginRunOff,
            Command::CloseRunOff,
            Command::LeaveRunOff,
        ];
        for command in commands {
            let error = refused(&mut cover_due(), |world| world.run(world.address(Party::A), command));
            assert_eq!(error, VaultError::NotActive);
        }
        refused(&mut cover_due(), |world| world.deposit(world.address(Party::A), 1))
    }

    NotDefaulted: no_close_out_without_a_default {
        refused(&mut valued(), |world| world.determine(&world.determination(Party::B, 1), &[]))
    }
    NotDefaulted: no_close_out_at_the_last_value_without_a_default {
        let mut world = valued();
        world.now += 1_000_000;
        refused(&mut world, |world| world.resolve())
    }
    NotDefaulted: no_second_close_out {
        refused(&mut cover_due(), |world| world.determine(&world.determination(Party::B, 1), &[]))
    }

    NoPortfolio: no_valuation_of_nothing { refused(&mut accepted(), |world| world.settle(&world.instruction(0))) }
    NoPortfolio: no_default_on_nothing {
        refused(&mut accepted(), |world| world.declare_default(world.address(Party::A), Party::A))
    }
    NoPortfolio: no_leaving_of_nothing {
        let mut world = accepted();
        world.now += 1_000_000;
        refused(&mut world, |world| world.leave(world.address(Party::A)))
    }
}
