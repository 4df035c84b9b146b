//! What an instruction has to say.

use crate::{
    common::{amount, full_terms, pack, schedule, signed, Real, World, CHAIN, SIGNERS},
    fixtures::{flawed, flawed_in, guards, refused, running, terms, valued},
};
use ringfence_protocol::{
    collateral::Mark,
    eip712::TypedMessage,
    units::{Amount, Bps, Timestamp, Wad},
    vault::{VaultError, MAX_INDEX, MIN_INDEX},
    Address, Digest,
};

fn most() -> i128 {
    i128::try_from(Amount::MAX.get()).expect("fits")
}

/// A pair with fees, disputes and two tokens.
fn with_tokens() -> World<Real> {
    World::running(full_terms::<Real>(), schedule(), 1_000)
}

guards! {
    TermsMismatch: an_instruction_names_its_terms { flawed(|message| message.terms_hash = Digest::repeat_byte(1)) }
    PortfolioMismatch: a_valuation_is_of_the_agreed_portfolio {
        flawed(|message| message.portfolio_root = Digest::repeat_byte(1))
    }
    PortfolioMismatch: a_valuation_of_the_old_portfolio_is_void {
        let mut world = running();
        let message = world.instruction(20);
        world.agree().expect("accepted");
        refused(&mut world, |world| world.settle(&message))
    }

    AmountOutOfBounds: an_entitlement_is_bounded_upwards {
        let mut world = running();
        world.settle(&world.instruction(most())).expect("at the bound");
        flawed(|message| message.entitlement_a = signed(most() + 1))
    }
    AmountOutOfBounds: an_entitlement_is_bounded_downwards {
        let mut world = running();
        world.settle(&world.instruction(-most())).expect("at the bound");
        flawed(|message| message.entitlement_a = signed(i128::MIN))
    }
    AmountOutOfBounds: initial_margin_of_a_is_bounded {
        let mut world = running();
        let mut message = world.instruction(0);
        message.initial_margin_a = Amount::MAX;
        message.initial_margin_b = Amount::MAX;
        message.tail_requirement = Amount::MAX;
        world.settle(&message).expect("at the bound");
        flawed(|message| message.initial_margin_a = amount(Amount::MAX.get() + 1))
    }
    AmountOutOfBounds: initial_margin_of_b_is_bounded {
        flawed(|message| message.initial_margin_b = amount(Amount::MAX.get() + 1))
    }
    AmountOutOfBounds: a_tail_requirement_is_bounded { flawed(|message| message.tail_requirement = amount(u128::MAX)) }

    WrongVault: an_instruction_names_its_vault { flawed(|message| message.vault = Address::repeat_byte(1)) }
    WrongChain: an_instruction_is_for_its_chain {
        let mut world = running();
        let message = world.instruction(20);
        let packed = pack::<Real>(&message.digest::<Real>(&world.domain), &SIGNERS);
        world.clone().submit(CHAIN, &message, &packed).expect("positive control");
        refused(&mut world, |world| world.submit(CHAIN + 1, &message, &packed))
    }

    SequenceReplayed: an_instruction_takes_effect_once {
        let mut world = running();
        let message = world.instruction(20);
        world.settle(&message).expect("accepted");
        refused(&mut world, |world| world.settle(&message))
    }
    SequenceReplayed: an_older_sequence_is_refused { flawed(|message| message.sequence = 0) }
    SequenceSkipped: an_instruction_cannot_skip_one { flawed(|message| message.sequence += 1) }
    SequenceSkipped: the_last_sequence_there_is_cannot_be_jumped_to { flawed(|message| message.sequence = u64::MAX) }
    Expired: an_instruction_is_good_up_to_its_expiry {
        let mut world = running();
        let message = world.instruction(20);
        world.now = message.expiry.get();
        world.clone().settle(&message).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.settle(&message))
    }

    ValuationNotNewer: a_valuation_is_newer_than_the_last {
        let mut world = running();
        world.settle(&world.instruction(10)).expect("accepted");
        let same_second = world.instruction(20);
        let error = refused(&mut world, |world| world.settle(&same_second));
        world.now += 1;
        world.settle(&world.instruction(20)).expect("a second later");
        error
    }
    ValuationInFuture: a_valuation_is_not_of_tomorrow {
        let mut world = running();
        world.clone().settle(&world.instruction(20)).expect("at the bound");
        let mut message = world.instruction(20);
        message.valuation_time = Timestamp::new(world.now + 1);
        refused(&mut world, |world| world.settle(&message))
    }
    ValuationStale: a_valuation_is_not_of_yesterday {
        let mut world = running();
        let mut message = world.instruction(20);
        message.valuation_time = Timestamp::new(world.now - 600);
        world.clone().settle(&message).expect("at the bound");
        message.valuation_time = Timestamp::new(world.now - 601);
        refused(&mut world, |world| world.settle(&message))
    }

    IndexOutOfBounds: an_interest_index_is_bounded_below {
        let at = |index: Wad| {
            let mut world = valued();
            world.now += 1;
            let mut message = world.instruction(0);
            message.interest_index = index;
            world.settle(&message)
        };
        assert_eq!(at(MIN_INDEX), Ok(()));
        assert_eq!(at(MAX_INDEX), Ok(()));
        assert_eq!(at(Wad::ZERO), Err(VaultError::IndexOutOfBounds));
        flawed(|message| message.interest_index = Wad::new(MIN_INDEX.get() - 1))
    }
    IndexOutOfBounds: an_interest_index_is_bounded_above {
        flawed(|message| message.interest_index = Wad::new(MAX_INDEX.get() + 1))
    }
    FeeAboveCap: a_fee_is_at_most_the_cap_of_the_terms {
        let mut world = with_tokens();
        let mut message = world.instruction(0);
        message.fee_rate = world.vault.agreement.terms.fee_cap;
        world.settle(&message).expect("at the bound");
        flawed_in(with_tokens(), |message| message.fee_rate = Bps::new(1_001))
    }
    MarksMismatch: every_eligible_asset_has_a_mark {
        let missing = flawed_in(with_tokens(), |message| message.collateral.truncate(1));
        assert_eq!(missing, VaultError::MarksMismatch);
        flawed_in(with_tokens(), |message| message.collateral.push(Mark::default()))
    }
    MarksMismatch: a_price_is_bounded {
        let mut world = with_tokens();
        let mut message = world.instruction(0);
        message.collateral[0].price = Amount::MAX;
        world.settle(&message).expect("at the bound");
        flawed_in(with_tokens(), |message| message.collateral[0].price = amount(Amount::MAX.get() + 1))
    }
    MarksMismatch: a_haircut_is_at_most_the_whole {
        let mut world = with_tokens();
        let mut message = world.instruction(0);
        message.collateral[1].haircut = Bps::ONE;
        world.settle(&message).expect("at the bound");
        flawed_in(with_tokens(), |message| message.collateral[1].haircut = Bps::new(10_001))
    }
    HaircutTooSmall: a_haircut_is_at_least_that_of_the_terms {
        flawed_in(with_tokens(), |message| message.collateral[0].haircut = Bps::new(999))
    }
}

/// The posted balance grows with the index, at the cost of whoever holds it, rounded down in the holder's favour.
#[test]
fn interest_is_owed_by_whoever_holds_the_posted_balance() {
    for (posted, holder_pays) in [(333, 16), (-333, -16)] {
        let mut world = valued();
        world.value(posted, [0, 0]);
        world.now += 1;
        // 5 % on 333 is 16.65. The value itself has not moved, so the interest is returned.
        let mut message = world.instruction(posted);
        message.interest_index = Wad::new(Wad::SCALE / 100 * 105);
        world.settle(&message).expect("accepted");
        assert_eq!(world.vault.state.settled.get(), posted);
        assert_eq!(world.margin(ringfence_protocol::Party::B), u128::try_from(1_000 - posted + holder_pays).unwrap());
    }
}

/// A negative rate is a falling index: the holder of the balance is paid.
#[test]
fn a_falling_index_pays_the_holder() {
    let mut world = valued();
    world.value(1_000, [0, 0]);
    world.now += 1;
    let mut message = world.instruction(1_000);
    message.interest_index = Wad::new(Wad::SCALE / 100 * 99);
    world.settle(&message).expect("accepted");
    // B's posted 1,000 shrank to 990, so B owes 10 more, which it does not have.
    assert_eq!(world.vault.state.deficit.b, amount(10));
}

#[test]
fn a_preview_says_what_the_instruction_then_does_and_checks_everything_but_signatures() {
    let mut world = World::<Real>::running(terms(), Default::default(), 1_000);
    let message = world.instruction(700);
    let signed = |message| ringfence_protocol::vault::SignedInstruction { chain_id: CHAIN, message, signatures: &[] };
    let env = world.env(crate::common::KEEPER);
    let step = world.vault.preview(&env, &signed(&message)).expect("passes its checks");
    world.settle(&message).expect("accepted");
    assert_eq!(step.state, world.vault.state);
    assert!(world.events.ends_with(&step.events));
    assert_eq!(world.vault.preview(&env, &signed(&message)).map(drop), Err(VaultError::SequenceReplayed));
}
