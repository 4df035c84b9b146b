//! New terms, signed by both, while nothing is open and no investor priced the old ones.

use crate::{
    common::{amount, schedule, Real, ENTITY, PARTY_A, PARTY_B, STRANGER},
    fixtures::{full, guards, refused, Pair},
};
use ringfence_protocol::{
    collateral::Schedule,
    terms::{Terms, MIN_CURE},
    units::{Amount, Bps, Seconds, Timestamp},
    vault::{Valuation, VaultError},
    Address, Digest, Party,
};

const BOTH: [u8; 2] = [PARTY_A, PARTY_B];

/// The full pair's terms with a change.
fn changed(world: &Pair, change: impl Fn(&mut Terms)) -> Terms {
    let mut terms = world.vault.agreement.terms;
    change(&mut terms);
    terms
}

fn new_move(world: &Pair) -> Terms {
    changed(world, |terms| terms.max_move = amount(77))
}

fn amend(world: &mut Pair, terms: &Terms) -> Result<(), VaultError> {
    let message = world.amendment(terms, &schedule());
    world.amend(&message, terms, &schedule(), BOTH)
}

/// A change of the terms that is refused in the full pair.
fn flawed(change: impl Fn(&mut Terms)) -> VaultError {
    refused(&mut full(), |world| amend(world, &changed(world, &change)))
}

guards! {
    NotActive: no_new_terms_after_a_default {
        refused(&mut crate::fixtures::replaceable(), |world| amend(world, &new_move(world)))
    }
    RunningOff: no_new_terms_in_a_run_off {
        let mut world = full();
        world.entity(ringfence_protocol::vault::Command::BeginRunOff).expect("accepted");
        refused(&mut world, |world| amend(world, &new_move(world)))
    }
    SequenceReplayed: an_amendment_takes_effect_once {
        let mut world = full();
        let (old, new) = (world.vault.agreement.terms, new_move(&world));
        let message = world.amendment(&new, &schedule());
        world.amend(&message, &new, &schedule(), BOTH).expect("accepted");
        amend(&mut world, &old).expect("back again");
        refused(&mut world, |world| world.amend(&message, &new, &schedule(), BOTH))
    }
    SequenceSkipped: an_amendment_cannot_skip_one {
        let mut world = full();
        let terms = new_move(&world);
        let mut message = world.amendment(&terms, &schedule());
        message.nonce += 1;
        refused(&mut world, |world| world.amend(&message, &terms, &schedule(), BOTH))
    }
    Expired: an_amendment_is_good_up_to_its_expiry {
        let mut world = full();
        let terms = new_move(&world);
        let message = world.amendment(&terms, &schedule());
        world.now = message.expiry.get();
        world.clone().amend(&message, &terms, &schedule(), BOTH).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.amend(&message, &terms, &schedule(), BOTH))
    }
    TermsFixed: asset_entity_rules_and_parties_stay {
        let fields: [fn(&mut Terms) -> &mut Address; 5] = [
            |terms| &mut terms.asset,
            |terms| &mut terms.entity,
            |terms| &mut terms.rules,
            |terms| &mut terms.parties.a,
            |terms| &mut terms.parties.b,
        ];
        for field in fields {
            assert_eq!(flawed(|terms| *field(terms) = Address::repeat_byte(9)), VaultError::TermsFixed);
        }
        flawed(|terms| terms.asset = Address::zero())
    }
    CallOpen: nobodys_open_call_is_decided_by_new_terms {
        let mut world = full();
        world.value(0, [0, 1_001]);
        refused(&mut world, |world| amend(world, &new_move(world)))
    }
    DisputeOpen: nobodys_dispute_is_decided_by_new_terms {
        let mut world = full();
        world.value(100, [0, 0]);
        world.dispute(world.address(Party::B), 0).expect("accepted");
        refused(&mut world, |world| amend(world, &new_move(world)))
    }
    CoverLive: investors_priced_the_old_terms {
        let mut world = full();
        world.register_cover(ENTITY, 1, 50, 100, 0).expect("accepted");
        world.now += 100;
        let error = refused(&mut world, |world| amend(world, &new_move(world)));
        world.now += 1;
        let terms = new_move(&world);
        amend(&mut world, &terms).expect("the risk period is over");
        error
    }
    CollateralInUse: the_schedule_changes_only_while_nothing_is_posted {
        let mut world = full();
        world.post(world.address(Party::A), 1, 1).expect("accepted");
        let (terms, fewer) = (world.vault.agreement.terms, Schedule(vec![schedule().0[0]]));
        let error = refused(&mut world, |world| {
            let message = world.amendment(&terms, &fewer);
            world.amend(&message, &terms, &fewer, BOTH)
        });
        amend(&mut world.clone(), &new_move(&world)).expect("the rest may change");
        world.take_back(world.address(Party::A), 1, 1).expect("accepted");
        let message = world.amendment(&terms, &fewer);
        world.amend(&message, &terms, &fewer, BOTH).expect("nothing is posted");
        error
    }
    TermsMismatch: an_amendment_names_the_terms_in_force {
        let mut world = full();
        let terms = new_move(&world);
        let mut message = world.amendment(&terms, &schedule());
        message.from = Digest::repeat_byte(1);
        refused(&mut world, |world| world.amend(&message, &terms, &schedule(), BOTH))
    }
    TermsMismatch: an_amendment_brings_the_terms_it_names {
        let mut world = full();
        let message = world.amendment(&new_move(&world), &schedule());
        let other = changed(&world, |terms| terms.max_move = amount(78));
        refused(&mut world, |world| world.amend(&message, &other, &schedule(), BOTH))
    }
    /// What the oracle signed under the old terms is void.
    TermsMismatch: an_instruction_under_the_old_terms_is_void {
        let mut world = full();
        world.now += 1;
        let old = world.instruction(7);
        world.clone().settle(&old).expect("positive control");
        let terms = new_move(&world);
        amend(&mut world, &terms).expect("accepted");
        refused(&mut world, |world| world.settle(&old))
    }
    UnknownSigner: both_parties_sign_new_terms {
        let terms = new_move(&full());
        for keys in [[PARTY_A, STRANGER], [PARTY_A, PARTY_A], [PARTY_B, PARTY_A]] {
            let error = refused(&mut full(), |world| {
                let message = world.amendment(&terms, &schedule());
                world.amend(&message, &terms, &schedule(), keys)
            });
            assert_eq!(error, VaultError::UnknownSigner);
        }
        VaultError::UnknownSigner
    }
    AmountOutOfBounds: new_terms_are_bounded_in_amounts { flawed(|terms| terms.max_move = amount(Amount::MAX.get() + 1)) }
    PeriodOutOfBounds: new_terms_are_bounded_in_time {
        flawed(|terms| terms.periods.cure = Seconds::new(MIN_CURE.get() - 1))
    }
    ShareOutOfBounds: new_terms_are_bounded_in_shares { flawed(|terms| terms.tail_share_a = Bps::new(10_001)) }
    CollateralSchedule: a_new_schedule_is_checked {
        let mut world = full();
        let terms = world.vault.agreement.terms;
        let twice = Schedule(vec![schedule().0[0]; 2]);
        refused(&mut world, |world| {
            let message = world.amendment(&terms, &twice);
            world.amend(&message, &terms, &twice, BOTH)
        })
    }
}

/// Until the pair has been valued under the new terms, nothing leaves and nobody defaults.
#[test]
fn after_an_amendment_the_next_valuation_decides() {
    let mut world = full();
    let terms = new_move(&world);
    amend(&mut world, &terms).expect("accepted");
    assert_eq!(world.vault.state.valuation, Valuation::Outdated);
    let a = world.address(Party::A);
    assert_eq!(refused(&mut world, |world| world.withdraw(a, 1)), VaultError::ValuationStale);
    assert_eq!(refused(&mut world, |world| world.declare_default(a, Party::A)), VaultError::ValuationStale);
    world.value(0, [0, 0]);
    world.withdraw(a, 1).expect("valued under the new terms");
    let expected = ringfence_protocol::vault::Agreement::new::<Real>(
        world.vault.agreement.terms,
        &schedule(),
        &world.vault.mandate.signers,
    );
    assert_eq!(expected, Ok(world.vault.agreement));
    assert!(world.vault.state.oracle_seen <= Timestamp::new(world.now));
}
