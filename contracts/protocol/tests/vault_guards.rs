//! Every guard of the vault: one test or more for each error that the machine can return, each with a positive control
//! at the bound. The list is complete by construction: a variant without a test fails `every_variant_has_a_test`.

mod common;

use common::{
    amount, pack, plain_terms, Real, TestCrypto, World, CHAIN, ENTITY, KEEPER, PARTY_A, PARTY_B, SIGNERS, STRANGER,
};
use ringfence_protocol::{
    eip712::TypedMessage,
    signature::{MAX_LOW_S, SIGNATURE_LENGTH},
    terms::Terms,
    units::{Amount, SignedAmount, Timestamp},
    vault::{Claim, Phase, VaultError, VaultEvent, MAX_LAYERS},
    Address, Digest, Party, U256,
};
use std::fmt::Debug;

type Pair = World<Real>;

/// The error of a command that must be refused; nothing may have moved.
fn refused<T: Debug>(world: &mut Pair, command: impl FnOnce(&mut Pair) -> Result<T, VaultError>) -> VaultError {
    let before = world.clone();
    let error = command(world).expect_err("refused");
    assert_eq!(
        (world.state, &world.cover, world.balance),
        (before.state, &before.cover, before.balance),
        "something moved"
    );
    error
}

fn terms() -> Terms {
    plain_terms::<Real>()
}

fn running() -> Pair {
    World::running(terms(), 1_000)
}

/// A pair whose party B has an open call for 500.
fn called() -> Pair {
    let mut world = running();
    let mut message = world.instruction(0);
    message.initial_margin_b = amount(1_500);
    world.settle(&message).expect("accepted");
    assert_eq!(world.state.call.b.map(|call| call.amount), Some(amount(500)));
    world
}

/// A running pair with a fresh valuation at zero.
fn valued() -> Pair {
    let mut world = running();
    world.settle(&world.instruction(0)).expect("accepted");
    world
}

/// A pair in default of B, with 300 owed to A.
fn defaulted() -> Pair {
    let mut world = valued();
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world
}

/// A closed pair with 400 due from one bond.
fn cover_due() -> Pair {
    let mut world = valued();
    world.register_cover(ENTITY, world.layer(1, 700, 100_000), 0).expect("accepted");
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    world.close_out(&world.determination(Party::B, 1_400), &SIGNERS).expect("accepted");
    world
}

fn deadline_of_b(world: &Pair) -> u64 {
    world.state.call.b.expect("open").deadline.get()
}

/// Lets `flaw` change the next instruction, has it signed by everyone and submits it; unchanged it must be accepted,
/// before and after.
fn flawed(flaw: impl Fn(&mut ringfence_protocol::message::MarginInstruction)) -> VaultError {
    let mut world = running();
    world.now += 10_000;
    world.settle(&world.instruction(10)).expect("a first one is accepted");
    world.now += 5_000;
    let good = world.instruction(20);
    world.clone().settle(&good).expect("positive control");
    let mut bad = good;
    flaw(&mut bad);
    assert_ne!(good, bad);
    let error = refused(&mut world, |world| world.settle(&bad));
    world.settle(&good).expect("still accepted after the refusal");
    error
}

/// Lets `flaw` change the two signatures of the next instruction.
fn flawed_signatures(flaw: impl Fn(&Pair, &Digest, &mut Vec<u8>)) -> VaultError {
    let mut world = running();
    let message = world.instruction(20);
    let digest = message.digest::<Real>(&world.domain);
    let good = pack::<Real>(&digest, &SIGNERS[..2]);
    world.clone().submit(CHAIN, &message, &good).expect("positive control");
    let mut bad = good.clone();
    flaw(&world, &digest, &mut bad);
    assert_ne!(good, bad);
    let error = refused(&mut world, |world| world.submit(CHAIN, &message, &bad));
    world.submit(CHAIN, &message, &good).expect("still accepted after the refusal");
    error
}

/// The other signature that the same key has for the same digest: `s` mirrored, `v` flipped.
fn mirrored(signature: &[u8]) -> Vec<u8> {
    let order = U256::from_big_endian(&MAX_LOW_S) * 2 + 1;
    let s: U256 = order - U256::from_big_endian(&signature[32..64]);
    let mut bytes = signature.to_vec();
    bytes[32..64].copy_from_slice(&s.to_big_endian());
    bytes[64] = 27 + 28 - bytes[64];
    bytes
}

macro_rules! guards {
    ($( $variant:ident: $name:ident $body:block )+) => {
        $( #[test] fn $name() { assert_eq!($body, VaultError::$variant); } )+

        /// What the tests above prove.
        const PROVED: &[VaultError] = &[ $( VaultError::$variant ),+ ];
    };
}

/// What only a shell can return, with the reason.
const SHELL_ONLY: &[VaultError] = &[
    // The machine asks for transfers; whether the asset makes them, only the shell sees.
    VaultError::AssetTransferFailed,
    // The shell compares balances before and after a bond's payment.
    VaultError::AssetTransferInexact,
];

#[test]
fn every_variant_has_a_test() {
    let missing: Vec<_> =
        VaultError::ALL.iter().filter(|error| !PROVED.contains(error) && !SHELL_ONLY.contains(error)).collect();
    assert!(missing.is_empty(), "no test returns {missing:?}");
    assert!(SHELL_ONLY.iter().all(|error| !PROVED.contains(error)));
}

guards! {
    NotAParty: a_stranger_cannot_accept { refused(&mut World::new(terms()), |world| world.accept(KEEPER)) }
    NotAParty: a_stranger_cannot_deposit { refused(&mut running(), |world| world.deposit(KEEPER, 1)) }
    NotAParty: the_entity_cannot_withdraw { refused(&mut running(), |world| world.withdraw(ENTITY, 1)) }
    NotAParty: a_stranger_cannot_leave_for_a_party {
        let mut world = running();
        world.now += 7_201;
        let error = refused(&mut world, |world| world.close_after_oracle_timeout(KEEPER));
        world.close_after_oracle_timeout(world.address(Party::B)).expect("a party can");
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
        let mut world = World::<Real>::new(terms());
        world.add_first_loss(ENTITY, 5, 5).expect("accepted");
        world.clone().release_first_loss(ENTITY, 5).expect("the entity can");
        refused(&mut world, |world| world.release_first_loss(world.address(Party::A), 5))
    }
    NotTheEntity: only_the_entity_registers_cover {
        let mut world = running();
        let layer = world.layer(1, 5, 10);
        world.clone().register_cover(ENTITY, layer, 0).expect("the entity can");
        refused(&mut world, |world| world.register_cover(KEEPER, layer, 0))
    }

    NotProposed: terms_are_accepted_only_once_by_both {
        refused(&mut running(), |world| world.accept(world.address(Party::A)))
    }
    AlreadyAccepted: one_party_cannot_accept_for_both {
        let mut world = World::<Real>::new(terms());
        world.accept(world.address(Party::A)).expect("accepted");
        let error = refused(&mut world, |world| world.accept(world.address(Party::A)));
        assert_eq!(world.state.phase, Phase::Proposed);
        world.accept(world.address(Party::B)).expect("accepted");
        assert_eq!(world.state.phase, Phase::Active);
        error
    }

    NotActive: no_deposit_before_both_accepted {
        let mut world = World::<Real>::new(terms());
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
    NotActive: no_portfolio_after_a_default { refused(&mut defaulted(), World::agree) }
    NotActive: no_second_default {
        refused(&mut defaulted(), |world| world.declare_default(world.address(Party::A), Party::A))
    }
    NotActive: no_termination_after_a_default {
        refused(&mut defaulted(), |world| world.terminate(&world.termination(1), [PARTY_A, PARTY_B]))
    }
    NotActive: no_leaving_by_timeout_after_a_default {
        let mut world = defaulted();
        world.now += 7_201;
        refused(&mut world, |world| world.close_after_oracle_timeout(world.address(Party::A)))
    }
    NotActive: no_cover_is_added_after_a_default {
        refused(&mut defaulted(), |world| world.register_cover(ENTITY, world.layer(1, 5, 10), 0))
    }
    NotActive: no_first_loss_is_added_after_a_default {
        refused(&mut defaulted(), |world| world.add_first_loss(ENTITY, 5, 5))
    }
    NotActive: no_reserve_is_added_after_a_default {
        refused(&mut defaulted(), |world| world.add_reserve(ENTITY, 5, 5))
    }

    NotDefaulted: no_close_out_without_a_default {
        refused(&mut running(), |world| world.close_out(&world.determination(Party::B, 1), &SIGNERS))
    }
    NotDefaulted: no_close_out_at_the_last_value_without_a_default {
        let mut world = running();
        world.now += 1_000_000;
        refused(&mut world, World::close_out_at_last_value)
    }
    NotDefaulted: no_second_close_out {
        refused(&mut cover_due(), |world| world.close_out(&world.determination(Party::B, 1), &SIGNERS))
    }
    NotDefaulted: cover_is_booked_only_after_a_close_out {
        let mut world = running();
        world.register_cover(ENTITY, world.layer(1, 700, 100_000), 0).expect("accepted");
        refused(&mut world, |world| {
            let claim = Claim { bond: Address::repeat_byte(1), amount: amount(1) };
            world.state.cover_paid(world.cover.clone(), claim)
        })
    }

    TermsMismatch: a_party_accepts_the_terms_it_read {
        let mut world = World::<Real>::new(terms());
        refused(&mut world, |world| {
            world.state.accept(&world.env(world.address(Party::A)), &world.agreement, Digest::repeat_byte(1))
        })
    }
    TermsMismatch: an_instruction_names_its_terms { flawed(|message| message.terms_hash = Digest::repeat_byte(1)) }
    TermsMismatch: a_portfolio_names_its_terms {
        let mut world = running();
        let mut message = world.portfolio();
        message.terms_hash = Digest::repeat_byte(1);
        refused(&mut world, |world| world.submit_portfolio(&message, [PARTY_A, PARTY_B]))
    }

    ZeroAmount: a_deposit_moves_something { refused(&mut running(), |world| world.deposit(world.address(Party::A), 0)) }
    ZeroAmount: a_withdrawal_moves_something {
        refused(&mut running(), |world| world.withdraw(world.address(Party::A), 0))
    }
    ZeroAmount: first_loss_is_something { refused(&mut running(), |world| world.add_first_loss(ENTITY, 0, 0)) }
    ZeroAmount: a_release_is_something { refused(&mut running(), |world| world.release_first_loss(ENTITY, 0)) }
    ZeroAmount: a_reserve_is_something { refused(&mut running(), |world| world.add_reserve(ENTITY, 0, 0)) }
    ZeroAmount: a_layer_covers_something {
        refused(&mut running(), |world| world.register_cover(ENTITY, world.layer(1, 0, 10), 0))
    }

    AmountOutOfBounds: a_deposit_is_bounded {
        let mut world = running();
        world.clone().deposit(world.address(Party::A), Amount::MAX.get()).expect("at the bound");
        refused(&mut world, |world| world.deposit(world.address(Party::A), Amount::MAX.get() + 1))
    }
    AmountOutOfBounds: a_withdrawal_is_bounded {
        refused(&mut running(), |world| world.withdraw(world.address(Party::A), Amount::MAX.get() + 1))
    }
    AmountOutOfBounds: first_loss_is_bounded {
        let mut world = running();
        let most = Amount::MAX.get();
        world.clone().add_first_loss(ENTITY, most, most).expect("at the bound");
        refused(&mut world, |world| world.add_first_loss(ENTITY, most + 1, most + 1))
    }
    AmountOutOfBounds: a_release_is_bounded {
        refused(&mut running(), |world| world.release_first_loss(ENTITY, Amount::MAX.get() + 1))
    }
    AmountOutOfBounds: a_layer_is_bounded {
        let mut world = running();
        let most = Amount::MAX.get();
        world.clone().register_cover(ENTITY, world.layer(1, most, 10), 0).expect("at the bound");
        refused(&mut world, |world| world.register_cover(ENTITY, world.layer(1, most + 1, 10), 0))
    }
    AmountOutOfBounds: an_entitlement_is_bounded_upwards {
        let most = i128::try_from(Amount::MAX.get()).expect("fits");
        let mut world = running();
        world.settle(&world.instruction(most)).expect("at the bound");
        flawed(|message| message.entitlement_a = SignedAmount::new(most + 1))
    }
    AmountOutOfBounds: an_entitlement_is_bounded_downwards {
        let most = i128::try_from(Amount::MAX.get()).expect("fits");
        let mut world = running();
        world.settle(&world.instruction(-most)).expect("at the bound");
        flawed(|message| message.entitlement_a = SignedAmount::new(i128::MIN))
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
    AmountOutOfBounds: a_close_out_amount_is_bounded {
        let mut world = defaulted();
        let most = i128::try_from(Amount::MAX.get()).expect("fits");
        world.clone().close_out(&world.determination(Party::B, most), &SIGNERS).expect("at the bound");
        world.clone().close_out(&world.determination(Party::B, -most), &SIGNERS).expect("at the bound");
        refused(&mut world, |world| world.close_out(&world.determination(Party::B, i128::MIN), &SIGNERS))
    }
    AmountOutOfBounds: a_termination_value_is_bounded {
        refused(&mut running(), |world| world.terminate(&world.termination(i128::MIN), [PARTY_A, PARTY_B]))
    }

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
    SequenceReplayed: a_portfolio_takes_effect_once {
        let mut world = running();
        let message = world.portfolio();
        world.submit_portfolio(&message, [PARTY_A, PARTY_B]).expect("accepted");
        refused(&mut world, |world| world.submit_portfolio(&message, [PARTY_A, PARTY_B]))
    }
    SequenceReplayed: a_determination_starts_at_one {
        let mut world = defaulted();
        let mut message = world.determination(Party::B, 1);
        message.sequence = 0;
        refused(&mut world, |world| world.close_out(&message, &SIGNERS))
    }
    SequenceReplayed: a_termination_dies_with_the_next_instruction {
        let mut world = running();
        let message = world.termination(20);
        world.clone().terminate(&message, [PARTY_A, PARTY_B]).expect("positive control");
        world.settle(&world.instruction(50)).expect("accepted");
        refused(&mut world, |world| world.terminate(&message, [PARTY_A, PARTY_B]))
    }
    SequenceSkipped: an_instruction_cannot_skip_one { flawed(|message| message.sequence += 1) }
    SequenceSkipped: the_last_sequence_there_is_cannot_be_jumped_to { flawed(|message| message.sequence = u64::MAX) }
    SequenceSkipped: a_portfolio_cannot_skip_one {
        let mut world = running();
        let mut message = world.portfolio();
        message.version += 1;
        refused(&mut world, |world| world.submit_portfolio(&message, [PARTY_A, PARTY_B]))
    }
    SequenceSkipped: a_termination_cannot_skip_one {
        let mut world = running();
        let mut message = world.termination(20);
        message.nonce += 1;
        refused(&mut world, |world| world.terminate(&message, [PARTY_A, PARTY_B]))
    }
    SequenceSkipped: a_determination_cannot_skip_one {
        let mut world = defaulted();
        let mut message = world.determination(Party::B, 1);
        message.sequence += 1;
        refused(&mut world, |world| world.close_out(&message, &SIGNERS))
    }

    Expired: an_instruction_is_good_up_to_its_expiry {
        let mut world = running();
        let message = world.instruction(20);
        world.now = message.expiry.get();
        world.clone().settle(&message).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.settle(&message))
    }
    Expired: a_portfolio_is_good_up_to_its_expiry {
        let mut world = running();
        let message = world.portfolio();
        world.now = message.expiry.get();
        world.clone().submit_portfolio(&message, [PARTY_A, PARTY_B]).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.submit_portfolio(&message, [PARTY_A, PARTY_B]))
    }
    Expired: a_termination_is_good_up_to_its_expiry {
        let mut world = running();
        let message = world.termination(20);
        world.now = message.expiry.get();
        world.clone().terminate(&message, [PARTY_A, PARTY_B]).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.terminate(&message, [PARTY_A, PARTY_B]))
    }
    Expired: a_determination_is_good_up_to_its_expiry {
        let mut world = defaulted();
        let message = world.determination(Party::B, 1);
        world.now = message.expiry.get();
        world.clone().close_out(&message, &SIGNERS).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.close_out(&message, &SIGNERS))
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
    ValuationStale: no_withdrawal_on_an_old_valuation {
        let mut world = running();
        world.settle(&world.instruction(0)).expect("accepted");
        world.now += 600;
        world.clone().withdraw(world.address(Party::A), 1).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.withdraw(world.address(Party::A), 1))
    }
    ValuationStale: no_withdrawal_between_portfolio_and_first_valuation {
        refused(&mut running(), |world| world.withdraw(world.address(Party::A), 1))
    }
    ValuationStale: nobody_defaults_on_an_old_valuation {
        let mut world = called();
        world.now = deadline_of_b(&world) + 1;
        let error = refused(&mut world, |world| world.declare_default(KEEPER, Party::B));
        assert_eq!(refused(&mut world, |world| world.declare_default(world.address(Party::B), Party::B)), error);
        error
    }
    ValuationStale: no_release_on_an_old_valuation {
        let mut world = running();
        world.add_first_loss(ENTITY, 50, 50).expect("accepted");
        world.settle(&world.instruction(0)).expect("accepted");
        world.now += 600;
        world.clone().release_first_loss(ENTITY, 50).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.release_first_loss(ENTITY, 50))
    }

    NoPortfolio: no_valuation_of_nothing {
        let mut world = World::<Real>::new(terms());
        world.accept_both();
        refused(&mut world, |world| world.settle(&world.instruction(0)))
    }
    NoPortfolio: no_default_on_nothing {
        let mut world = World::<Real>::new(terms());
        world.accept_both();
        refused(&mut world, |world| world.declare_default(world.address(Party::A), Party::A))
    }
    NoPortfolio: no_leaving_of_nothing {
        let mut world = World::<Real>::new(terms());
        world.accept_both();
        world.now += 1_000_000;
        refused(&mut world, |world| world.close_after_oracle_timeout(world.address(Party::A)))
    }
    PortfolioMismatch: a_valuation_is_of_the_agreed_portfolio {
        flawed(|message| message.portfolio_root = Digest::repeat_byte(1))
    }
    PortfolioMismatch: a_valuation_of_the_old_portfolio_is_void {
        let mut world = running();
        let message = world.instruction(20);
        world.agree().expect("accepted");
        refused(&mut world, |world| world.settle(&message))
    }

    MalformedSignatures: half_a_signature_is_none {
        flawed_signatures(|_, _, packed| packed.truncate(SIGNATURE_LENGTH + 1))
    }
    MalformedSignatures: garbage_after_the_signatures_is_refused { flawed_signatures(|_, _, packed| packed.push(0)) }
    MalformedSignatures: more_signatures_than_signers_are_refused {
        flawed_signatures(|_, digest, packed| *packed = pack::<Real>(digest, &[0x11, 0x22, 0x33, STRANGER]))
    }
    MalformedSignatures: a_party_gives_one_signature {
        let mut world = running();
        let message = world.portfolio();
        let digest = message.digest::<Real>(&world.domain);
        let a = Real::sign(PARTY_A, &digest);
        let b = pack::<Real>(&digest, &[PARTY_B, STRANGER]);
        refused(&mut world, |world| {
            let signatures = ringfence_protocol::Pair::<&[u8]> { a: &a, b: &b };
            world.state.agree_portfolio::<Real>(&world.env(KEEPER), &world.agreement, &message, signatures)
        })
    }
    QuorumNotMet: one_of_two_is_too_few { flawed_signatures(|_, _, packed| packed.truncate(SIGNATURE_LENGTH)) }
    QuorumNotMet: none_is_too_few { flawed_signatures(|_, _, packed| packed.clear()) }
    QuorumNotMet: a_move_beyond_the_breaker_needs_everyone {
        let mut world = running();
        let most = i128::try_from(world.agreement.terms.max_move.get()).expect("fits");
        for entitlement in [most, -most] {
            world.clone().settle_by(&world.instruction(entitlement), &SIGNERS[1..]).expect("at the bound");
        }
        world.clone().settle_by(&world.instruction(-most - 1), &SIGNERS).expect("everyone signed");
        let down = refused(&mut world, |world| world.settle_by(&world.instruction(-most - 1), &SIGNERS[1..]));
        assert_eq!(down, VaultError::QuorumNotMet);
        refused(&mut world, |world| world.settle_by(&world.instruction(most + 1), &SIGNERS[1..]))
    }
    QuorumNotMet: the_breaker_counts_from_the_last_entitlement {
        let mut world = running();
        world.settle(&world.instruction(-6_000)).expect("accepted");
        world.now += 1;
        world.clone().settle_by(&world.instruction(4_000), &SIGNERS[..2]).expect("at the bound");
        refused(&mut world, |world| world.settle_by(&world.instruction(4_001), &SIGNERS[..2]))
    }
    QuorumNotMet: a_close_out_far_from_the_last_value_needs_everyone {
        let mut world = defaulted();
        world.clone().close_out(&world.determination(Party::B, 10_000), &SIGNERS[..2]).expect("at the bound");
        world.clone().close_out(&world.determination(Party::B, 10_001), &SIGNERS).expect("everyone");
        refused(&mut world, |world| world.close_out(&world.determination(Party::B, 10_001), &SIGNERS[..2]))
    }
    QuorumNotMet: a_close_out_needs_two {
        refused(&mut defaulted(), |world| world.close_out(&world.determination(Party::B, 1), &SIGNERS[..1]))
    }
    InvalidRecoveryId: v_is_27_or_28_and_not_29 { flawed_signatures(|_, _, packed| packed[64] = 29) }
    InvalidRecoveryId: v_is_27_or_28_and_not_26 { flawed_signatures(|_, _, packed| packed[64] = 26) }
    InvalidRecoveryId: v_is_27_or_28_and_not_0_or_1 {
        assert_eq!(flawed_signatures(|_, _, packed| packed[64] = 1), VaultError::InvalidRecoveryId);
        flawed_signatures(|_, _, packed| packed[129] = 0)
    }
    HighS: the_mirrored_signature_is_refused {
        flawed_signatures(|_, _, packed| {
            let mirror = mirrored(&packed[..65]);
            assert_eq!(mirrored(&mirror), packed[..65].to_vec());
            packed[..65].copy_from_slice(&mirror);
        })
    }
    HighS: a_party_has_one_signature_too {
        let mut world = running();
        let message = world.termination(20);
        let digest = message.digest::<Real>(&world.domain);
        let (a, b) = (Real::sign(PARTY_A, &digest), mirrored(&Real::sign(PARTY_B, &digest)));
        refused(&mut world, |world| {
            let signatures = ringfence_protocol::Pair::<&[u8]> { a: &a, b: &b };
            world.state.terminate::<Real>(&world.env(KEEPER), &world.agreement, &message, signatures)
        })
    }
    UnrecoverableSignature: an_r_of_zero_is_nobody { flawed_signatures(|_, _, packed| packed[..32].fill(0)) }
    UnrecoverableSignature: an_r_beyond_the_order_is_nobody {
        flawed_signatures(|_, _, packed| packed[..32].fill(0xff))
    }
    UnrecoverableSignature: an_s_of_zero_is_nobody { flawed_signatures(|_, _, packed| packed[32..64].fill(0)) }
    DuplicateSigner: one_signer_counts_once {
        flawed_signatures(|_, _, packed| *packed = packed[..65].repeat(2))
    }
    UnsortedSigners: signers_come_in_order { flawed_signatures(|_, _, packed| packed.rotate_left(65)) }
    UnsortedSigners: a_signer_cannot_come_again_later {
        flawed_signatures(|_, digest, packed| {
            *packed = pack::<Real>(digest, &SIGNERS[..2]);
            packed.extend_from_within(..65);
        })
    }
    UnknownSigner: a_stranger_is_no_signer {
        flawed_signatures(|_, digest, packed| *packed = pack::<Real>(digest, &[SIGNERS[0], STRANGER]))
    }
    UnknownSigner: a_stranger_beside_a_quorum_is_refused_too {
        flawed_signatures(|_, digest, packed| *packed = pack::<Real>(digest, &[SIGNERS[0], SIGNERS[1], STRANGER]))
    }
    UnknownSigner: a_signature_of_another_vaults_domain_is_void {
        let mut world = running();
        let message = world.instruction(20);
        let there =
            ringfence_protocol::eip712::Domain { verifying_contract: Address::repeat_byte(1), ..world.domain };
        let pair = pack::<Real>(&message.digest::<Real>(&there), &SIGNERS[..2]);
        refused_out_of_order(&mut world, &message, &pair)
    }
    UnknownSigner: a_signature_of_another_chains_domain_is_void {
        let mut world = running();
        let message = world.instruction(20);
        let there = ringfence_protocol::eip712::Domain { chain_id: CHAIN + 1, ..world.domain };
        let pair = pack::<Real>(&message.digest::<Real>(&there), &SIGNERS[..2]);
        refused_out_of_order(&mut world, &message, &pair)
    }
    UnknownSigner: a_portfolio_is_signed_by_both_parties {
        let mut world = running();
        let message = world.portfolio();
        for keys in [[PARTY_A, PARTY_A], [PARTY_B, PARTY_B], [STRANGER, PARTY_B]] {
            let error = refused(&mut world, |world| world.submit_portfolio(&message, keys));
            assert_eq!(error, VaultError::UnknownSigner);
        }
        refused(&mut world, |world| world.submit_portfolio(&message, [PARTY_B, PARTY_A]))
    }
    UnknownSigner: a_termination_is_signed_by_both_parties {
        let mut world = running();
        let message = world.termination(20);
        world.clone().terminate(&message, [PARTY_A, PARTY_B]).expect("positive control");
        refused(&mut world, |world| world.terminate(&message, [PARTY_A, STRANGER]))
    }
    UnknownSigner: a_determination_is_not_signed_by_the_parties {
        refused(&mut defaulted(), |world| world.close_out(&world.determination(Party::B, 1), &[PARTY_A, PARTY_B]))
    }

    WithdrawalExceedsExcess: what_is_required_stays {
        let mut world = running();
        let mut message = world.instruction(0);
        message.initial_margin_a = amount(400);
        world.settle(&message).expect("accepted");
        world.clone().withdraw(world.address(Party::A), 600).expect("at the bound");
        refused(&mut world, |world| world.withdraw(world.address(Party::A), 601))
    }
    WithdrawalExceedsExcess: a_closed_pair_pays_each_its_own {
        let mut world = running();
        world.terminate(&world.termination(100), [PARTY_A, PARTY_B]).expect("accepted");
        world.clone().withdraw(world.address(Party::A), 1_100).expect("at the bound");
        refused(&mut world, |world| world.withdraw(world.address(Party::A), 1_101))
    }
    CallOpen: no_withdrawal_while_called {
        let mut world = called();
        world.clone().withdraw(world.address(Party::A), 1_000).expect("the other side is free");
        refused(&mut world, |world| world.withdraw(world.address(Party::B), 1))
    }
    NoCallOpen: nobody_defaults_without_a_call {
        let mut world = called();
        world.deposit(world.address(Party::B), 500).expect("cures");
        refused(&mut world, |world| world.declare_default(KEEPER, Party::B))
    }
    CallNotDue: nobody_defaults_before_the_deadline {
        let mut world = called();
        world.now += 450;
        for bigger in [5_000, 9_000] {
            let mut message = world.instruction(0);
            message.initial_margin_b = amount(bigger);
            world.settle(&message).expect("accepted");
            world.now += 225;
        }
        assert_eq!(deadline_of_b(&world), world.now, "a bigger shortfall never moves the deadline");
        let error = refused(&mut world, |world| world.declare_default(KEEPER, Party::B));
        world.now += 1;
        world.declare_default(KEEPER, Party::B).expect("past the bound anyone may");
        error
    }
    DefaulterMismatch: a_determination_names_the_defaulter {
        refused(&mut defaulted(), |world| world.close_out(&world.determination(Party::A, 1), &SIGNERS))
    }
    CloseOutDeadlinePassed: the_agent_has_until_the_deadline {
        let mut world = defaulted();
        world.now += 3_600;
        world.clone().close_out(&world.determination(Party::B, 1), &SIGNERS).expect("at the bound");
        world.now += 1;
        refused(&mut world, |world| world.close_out(&world.determination(Party::B, 1), &SIGNERS))
    }
    CloseOutDeadlineNotPassed: the_last_value_waits_for_the_deadline {
        let mut world = defaulted();
        world.now += 3_600;
        let error = refused(&mut world, World::close_out_at_last_value);
        world.now += 1;
        world.close_out_at_last_value().expect("past the bound");
        error
    }
    OracleNotTimedOut: nobody_leaves_before_the_timeout {
        let mut world = running();
        world.now += 7_200;
        let error = refused(&mut world, |world| world.close_after_oracle_timeout(world.address(Party::A)));
        world.now += 1;
        world.close_after_oracle_timeout(world.address(Party::A)).expect("past the bound");
        error
    }
    TerminationUnfunded: a_termination_is_paid_in_full {
        let mut world = running();
        for all in [1_000, -1_000] {
            world.clone().terminate(&world.termination(all), [PARTY_A, PARTY_B]).expect("at the bound");
        }
        let error = refused(&mut world, |world| world.terminate(&world.termination(-1_001), [PARTY_A, PARTY_B]));
        assert_eq!(error, VaultError::TerminationUnfunded);
        refused(&mut world, |world| world.terminate(&world.termination(1_001), [PARTY_A, PARTY_B]))
    }

    LayerLimitReached: the_book_is_bounded {
        let mut world = running();
        for index in 0..u8::try_from(MAX_LAYERS).expect("small") {
            world.register_cover(ENTITY, world.layer(index + 1, 10, 10), u128::from(index) * 10).expect("accepted");
        }
        refused(&mut world, |world| world.register_cover(ENTITY, world.layer(9, 10, 10), 40))
    }
    LayerMisplaced: layers_leave_no_gap {
        refused(&mut running(), |world| world.register_cover(ENTITY, world.layer(1, 10, 10), 1))
    }
    LayerMisplaced: layers_do_not_overlap {
        let mut world = running();
        world.register_cover(ENTITY, world.layer(1, 10, 10), 0).expect("accepted");
        refused(&mut world, |world| world.register_cover(ENTITY, world.layer(2, 10, 10), 9))
    }
    LayerMisplaced: a_layer_has_a_term {
        let mut world = running();
        world.clone().register_cover(ENTITY, world.layer(1, 10, 1), 0).expect("at the bound");
        refused(&mut world, |world| world.register_cover(ENTITY, world.layer(1, 10, 0), 0))
    }
    CoverTooShort: a_bond_takes_claims_until_the_latest_close_out {
        let mut world = running();
        let layer = world.layer(1, 10, 10);
        let latest = layer.ends.get() + 2 * world.agreement.terms.periods.close_out.get();
        world.clone().register_cover_until(ENTITY, layer, 0, latest).expect("at the bound");
        refused(&mut world, |world| world.register_cover_until(ENTITY, layer, 0, latest - 1))
    }
    LayerDuplicate: a_bond_covers_once {
        let mut world = running();
        world.register_cover(ENTITY, world.layer(1, 10, 10), 0).expect("accepted");
        refused(&mut world, |world| world.register_cover(ENTITY, world.layer(1, 10, 10), 10))
    }
    NothingDue: no_layer_no_payment { refused(&mut cover_due(), |world| world.cover_paid(1, 1)) }
    NothingDue: a_layer_pays_what_is_due_and_no_more {
        let mut world = cover_due();
        world.cover_paid(0, 400).expect("accepted");
        assert_eq!(world.margin(Party::A), 2_400);
        refused(&mut world, |world| world.cover_paid(0, 1))
    }
    NothingDue: a_stranger_is_no_layer {
        refused(&mut cover_due(), |world| {
            let claim = Claim { bond: Address::repeat_byte(9), amount: amount(1) };
            world.state.cover_paid(world.cover.clone(), claim)
        })
    }
    TailUncovered: capital_stays_while_the_tail_needs_it {
        let mut world = running();
        world.add_first_loss(ENTITY, 50, 50).expect("accepted");
        world.register_cover(ENTITY, world.layer(1, 70, 1_000), 0).expect("accepted");
        let mut message = world.instruction(0);
        message.tail_requirement = amount(100);
        world.settle(&message).expect("accepted");
        world.clone().release_first_loss(ENTITY, 20).expect("at the bound");
        refused(&mut world, |world| world.release_first_loss(ENTITY, 21))
    }
    TailUncovered: capital_stays_while_a_default_is_open {
        let mut world = valued();
        world.add_first_loss(ENTITY, 50, 50).expect("accepted");
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        refused(&mut world, |world| world.release_first_loss(ENTITY, 1))
    }
    InsufficientFirstLoss: the_entity_takes_back_its_own_and_no_more {
        let mut world = World::<Real>::new(terms());
        world.add_first_loss(ENTITY, 50, 50).expect("accepted");
        world.clone().release_first_loss(ENTITY, 50).expect("at the bound");
        refused(&mut world, |world| world.release_first_loss(ENTITY, 51))
    }
    FundsMissing: first_loss_is_in_the_account {
        let mut world = running();
        world.clone().add_first_loss(ENTITY, 5, 5).expect("at the bound");
        refused(&mut world, |world| world.add_first_loss(ENTITY, 4, 5))
    }
    FundsMissing: the_reserve_is_in_the_account {
        let mut world = running();
        world.clone().add_reserve(ENTITY, 5, 5).expect("at the bound");
        refused(&mut world, |world| world.add_reserve(ENTITY, 4, 5))
    }
    ArithmeticOverflow: a_bond_cannot_pay_more_than_is_due {
        refused(&mut cover_due(), |world| world.cover_paid(0, 401))
    }
    ArithmeticOverflow: a_deadline_past_the_end_of_time_is_an_error {
        let mut world = running();
        world.now = u64::MAX;
        world.state.valuation_time = Timestamp::new(u64::MAX);
        world.state.valued_version = world.state.portfolio_version;
        refused(&mut world, |world| world.declare_default(world.address(Party::A), Party::A))
    }
}

/// Signatures of another domain recover to accidental addresses, in accidental order: whichever way round they come,
/// they are refused, and in ascending order as nobody's.
fn refused_out_of_order(
    world: &mut Pair,
    message: &ringfence_protocol::message::MarginInstruction,
    packed: &[u8],
) -> VaultError {
    let one = refused(world, |world| world.submit(CHAIN, message, packed));
    let mut swapped = packed.to_vec();
    swapped.rotate_left(65);
    let other = refused(world, |world| world.submit(CHAIN, message, &swapped));
    assert_eq!((one, other), (VaultError::UnknownSigner, VaultError::UnknownSigner));
    world.clone().settle(message).expect("positive control");
    one
}

// Money: what a step moves, by hand.

#[test]
fn an_unpaid_settlement_is_a_deficit_that_the_next_deposit_pays() {
    let mut world = running();
    world.settle(&world.instruction(1_300)).expect("accepted");
    assert_eq!((world.margin(Party::A), world.margin(Party::B)), (2_000, 0));
    assert_eq!((world.state.deficit.b, world.state.settled.get()), (amount(300), 1_000));
    world.deposit(world.address(Party::B), 500).expect("accepted");
    assert_eq!((world.margin(Party::A), world.margin(Party::B)), (2_300, 200));
    assert_eq!((world.state.deficit.b, world.state.settled.get()), (Amount::ZERO, 1_300));
    assert!(world.state.call.b.is_none());
}

#[test]
fn an_outage_restarts_the_cure_period_of_an_open_call() {
    let mut world = called();
    let (opened, deadline) = (world.now, deadline_of_b(&world));
    for (later, restarted) in [(600, false), (601, true), (5_000, true)] {
        let mut world = world.clone();
        world.now = opened + later;
        let mut message = world.instruction(0);
        message.initial_margin_b = amount(1_500);
        world.settle(&message).expect("accepted");
        let expected = if restarted { world.now + 900 } else { deadline };
        assert_eq!(deadline_of_b(&world), expected, "{later} s later");
    }
    world.now = deadline + 1;
    assert_eq!(refused(&mut world, |world| world.declare_default(KEEPER, Party::B)), VaultError::ValuationStale);
}

#[test]
fn an_uncovered_tail_is_split_as_the_terms_say() {
    let mut terms = terms();
    terms.tail_share_a = ringfence_protocol::units::Bps::new(3_333);
    terms.csa.a.independent_amount = amount(7);
    let mut world = World::<Real>::running(terms, 1_000);
    world.add_first_loss(ENTITY, 50, 50).expect("accepted");
    world.register_cover(ENTITY, world.layer(1, 49, 1_000), 0).expect("accepted");
    let mut message = world.instruction(0);
    message.tail_requirement = amount(200);
    world.settle(&message).expect("accepted");
    // Of the gap of 101: 33.66 and 67.34, both rounded up.
    assert_eq!((world.state.required.a, world.state.required.b), (amount(7 + 34), amount(68)));
}

fn layers_due(claims: &[Claim]) -> Vec<u128> {
    claims.iter().map(|claim| claim.amount.get()).collect()
}

#[test]
fn a_close_out_runs_through_the_layers_in_order() {
    let mut world = valued();
    world.add_first_loss(ENTITY, 50, 50).expect("accepted");
    world.register_cover(ENTITY, world.layer(1, 70, 1_000), 0).expect("accepted");
    world.register_cover(ENTITY, world.layer(2, 30, 1_000), 70).expect("accepted");
    world.declare_default(world.address(Party::B), Party::B).expect("accepted");
    let at = |claim: i128| {
        let mut world = world.clone();
        let closed = world.close_out(&world.determination(Party::B, claim), &SIGNERS).expect("accepted");
        let (a, b) = (world.margin(Party::A), world.margin(Party::B));
        (a, b, world.state.first_loss.get(), layers_due(&closed), world.state.residual.get())
    };
    assert_eq!(at(-1_200), (0, 2_000, 50, vec![], 200), "the survivor owes more than it has");
    assert_eq!(at(-300), (700, 1_300, 50, vec![], 0), "the survivor owes");
    assert_eq!(at(0), (1_000, 1_000, 50, vec![], 0));
    assert_eq!(at(1_000), (2_000, 0, 50, vec![], 0), "the margin to the last unit");
    assert_eq!(at(1_030), (2_030, 0, 20, vec![], 0));
    assert_eq!(at(1_050), (2_050, 0, 0, vec![], 0));
    assert_eq!(at(1_100), (2_050, 0, 0, vec![50], 0));
    assert_eq!(at(1_121), (2_050, 0, 0, vec![70, 1], 0));
    assert_eq!(at(1_150), (2_050, 0, 0, vec![70, 30], 0), "all cover");
    assert_eq!(at(1_151), (2_050, 0, 0, vec![70, 30], 1));
}

#[test]
fn cover_that_ended_before_the_default_pays_nothing_and_cover_that_ended_after_it_pays() {
    for (term, due) in [(99, vec![]), (100, vec![70])] {
        let mut world = valued();
        world.register_cover(ENTITY, world.layer(1, 70, term), 0).expect("accepted");
        world.now += 100;
        world.declare_default(world.address(Party::B), Party::B).expect("accepted");
        world.now += 1_000;
        let closed = world.close_out(&world.determination(Party::B, 5_000), &SIGNERS).expect("accepted");
        assert_eq!(layers_due(&closed), due);
    }
}

#[test]
fn whoever_leaves_first_after_a_timeout_the_debtor_pays() {
    for caller in Party::BOTH {
        let mut world = running();
        world.settle(&world.instruction(1_300)).expect("accepted");
        world.add_first_loss(ENTITY, 200, 200).expect("accepted");
        world.now += 7_201;
        world.close_after_oracle_timeout(world.address(caller)).expect("accepted");
        assert_eq!(world.state.phase, Phase::Closed { defaulter: Some(Party::B) });
        assert_eq!((world.margin(Party::A), world.margin(Party::B)), (2_200, 0));
        assert_eq!((world.state.first_loss, world.state.residual), (Amount::ZERO, amount(100)));
    }
}

#[test]
fn leaving_a_silent_oracle_is_a_default_only_of_a_debtor_whose_margin_does_not_pay() {
    let leave = |margin_of_b_pays: bool| {
        let mut world = running();
        let owed = if margin_of_b_pays { 900 } else { 1_100 };
        world.settle(&world.instruction(owed)).expect("accepted");
        world.now += world.agreement.terms.periods.oracle_timeout.get() + 1;
        let env = world.env(world.address(Party::A));
        let closed = world.state.close_after_oracle_timeout(&env, &world.agreement, world.cover.clone());
        let step = closed.expect("accepted").step;
        (step.state.phase, step.events.iter().any(|event| matches!(event, VaultEvent::Defaulted { .. })))
    };
    assert_eq!(leave(true), (Phase::Closed { defaulter: None }, false));
    assert_eq!(leave(false), (Phase::Closed { defaulter: Some(Party::B) }, true));
}

/// Else a party could renew its cure period for ever with deposits that leave a little missing.
#[test]
fn a_deposit_that_leaves_something_missing_keeps_the_call_and_its_deadline() {
    let mut world = called();
    let deadline = deadline_of_b(&world);
    world.deposit(world.address(Party::B), 499).expect("accepted");
    assert_eq!(world.state.call.b.map(|call| (call.amount, call.deadline.get())), Some((amount(1), deadline)));
    world.deposit(world.address(Party::B), 1).expect("accepted");
    assert_eq!(world.state.call.b, None);
}

/// The requirement of the old trades says nothing about the new ones.
#[test]
fn no_withdrawal_between_a_new_portfolio_and_its_first_valuation() {
    let mut world = valued();
    world.clone().withdraw(world.address(Party::A), 1).expect("before the new portfolio");
    world.agree().expect("accepted");
    assert_eq!(refused(&mut world, |world| world.withdraw(world.address(Party::A), 1)), VaultError::ValuationStale);
}
