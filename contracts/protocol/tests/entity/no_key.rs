//! NO-KEY: an attacker with every key but the parties' and the holders' own, at random, in long sequences. It acts as admin,
//! guardian and resolution agent of the entity, as a stranger, and even in the entity's own name at vaults and bond, which
//! no key of anybody can. In the second test it signs for the whole valuation agent as well.
//!
//! 2,000 sequences each by default; `PROPTEST_CASES` sets another number.

use crate::{
    common::{ASSET, ENTITY, SIGNERS},
    market::{ALICE, BOB, SPONSOR},
    office::{hash, CAROL, DAY, FOUNDER, STRANGER},
    system::{Outcome, System, FIRST_LOSS, MARGIN, PAIRS},
};
use proptest::{prelude::*, test_runner::TestRunner};
use ringfence_protocol::{
    entity::{Change, Class, Role},
    units::{Amount, Seconds},
    vault::{Command, Phase, VaultError},
    Address, Party,
};
use std::{cell::RefCell, collections::BTreeMap};

/// One move: what, on which pair, who, and how much.
type Move = (u8, usize, u8, u64);

/// Moves of the entity's keys, of a stranger, and in the entity's name.
const MOVES: u8 = 50;
/// The same and instructions and determinations by every signer.
const SIGNED_MOVES: u8 = 54;

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

fn who(byte: u8) -> Address {
    [FOUNDER, FOUNDER, STRANGER, ENTITY][usize::from(byte % 4)]
}

/// Carries out a move; most are refused.
#[allow(clippy::too_many_lines, reason = "a list of everything that can be asked")]
fn perform(system: &mut System, (what, pair, byte, size): Move) -> Outcome {
    let (caller, number) = (who(byte), u32::from(byte) % 8);
    let amount = u128::from(size % 2_000);
    let office = &mut system.office;
    match what {
        0 => office.withdraw(caller, amount)?,
        1 => office.deposit(caller, amount)?,
        2 => system.allocate(caller, pair, amount)?,
        3 => system.release(caller, pair, amount)?,
        4 => system.run_off(caller, pair)?,
        5 => system.tell_next()?,
        6 => system.settle_pair(pair)?,
        7 => office.pause(caller, size % (4 * DAY))?,
        8 => office.attest(caller, [ALICE, BOB, STRANGER][pair % 3], byte, office.now + size)?,
        9 => office.revoke(caller, [ALICE, BOB, STRANGER][pair % 3])?,
        10 => drop(office.schedule(caller, Change::Nominee(Role::ALL[pair % 3], STRANGER))?),
        11 => drop(office.schedule(caller, Change::VaultCode(hash(byte)))?),
        12 => drop(office.schedule(caller, Change::Requirement(Amount::new(amount)))?),
        13 => drop(office.schedule(caller, Change::Delay(Seconds::new(size)))?),
        14 => office.cancel(caller, number)?,
        15 => office.execute(number)?,
        16 => office.accept(caller, Role::ALL[pair % 3])?,
        17 => office.give_notice(caller)?,
        18 => office.withdraw_notice(caller)?,
        19 if byte > 200 => office.declare(caller)?,
        20 => office.start()?,
        21 => drop(office.admit(caller, Class::ALL[pair % 4], caller, amount)?),
        22 if usize::try_from(number).expect("small") < office.claims.len() => office.reduce(caller, number, amount)?,
        23 if usize::try_from(number).expect("small") < office.claims.len() => drop(office.collect(caller, number)?),
        24 => office.distribute()?,
        25 => office.report()?,
        26 => office.take_surplus(caller, amount)?,
        27 => drop(system.market.refund(caller)?),
        28 => system.market.extend(caller, Amount::new(amount))?,
        29 => system.market.propose(caller)?,
        30 => system.market.claim(caller, Amount::new(amount.max(1)))?,
        31 => system.market.recovered_as(caller, Amount::new(amount))?,
        32 => drop(system.market.collect(caller)?),
        33 => system.market.expire()?,
        34 => system.worlds[pair].run(caller, Command::ReleaseFirstLoss { amount: Amount::new(amount) })?,
        35 => system.worlds[pair].run(caller, Command::CollectFees)?,
        36 => system.worlds[pair].run(caller, Command::BeginRunOff)?,
        37 => system.worlds[pair].run(caller, Command::Pause { span: Seconds::new(size % (4 * DAY)) })?,
        38 => system.worlds[pair].withdraw(caller, amount)?,
        39 => {
            let party = if byte % 2 == 0 { Party::A } else { Party::B };
            system.worlds[pair].declare_default(caller, party)?;
        }
        40 => system.worlds[pair].run(caller, Command::ResolveDefault)?,
        41 => system.worlds[pair].run(caller, Command::CloseRunOff)?,
        42 => system.worlds[pair].leave(caller)?,
        43 => system.worlds[pair].run(caller, Command::Recover { estate: 0, amount: Amount::new(amount) })?,
        44 => system.attest_owners(pair)?,
        45 => {
            let signers = &system.worlds[pair].vault.mandate.signers.clone();
            system.office.state.check_rotation(&system.office.env(caller))?;
            system.worlds[pair].entity(Command::NoticeRotation { signers })?;
        }
        46 => system.worlds[pair].run(caller, Command::WithdrawRotation)?,
        47 => system.worlds[pair].run(caller, Command::TakeUpRotation)?,
        48 => system.worlds[pair].run(caller, Command::LeaveRotation)?,
        49 => system.worlds[pair].run(caller, Command::TransferClaim { estate: 0, to: STRANGER })?,
        50 => {
            let limit = i128::try_from(3 * MARGIN).expect("small");
            let mut message = system.worlds[pair].instruction(i128::from(size) % limit - i128::from(byte) * 8);
            message.initial_margin_a = Amount::new(amount);
            message.initial_margin_b = Amount::new(u128::from(byte) * 4);
            message.tail_requirement = Amount::new(amount / 2);
            system.worlds[pair].settle(&message)?;
        }
        51 => {
            let world = &system.worlds[pair];
            let Phase::Defaulted { party, .. } = world.vault.state.phase else {
                return Err(VaultError::NotDefaulted.into());
            };
            let message = world.determination(party, i128::from(size) % 4_000);
            system.worlds[pair].determine(&message, &SIGNERS)?;
        }
        52 => system.worlds[pair].run(STRANGER, Command::PassRecovery { estate: 0, layer: 0 })?,
        53 => default_of(system, pair, if byte % 2 == 0 { Party::A } else { Party::B }, amount)?,
        _ => system.advance(1 + size % (8 * DAY)),
    }
    Ok(())
}

/// Valuations that a party does not answer, up to its default, for a loss of `owed`.
fn default_of(system: &mut System, pair: usize, party: Party, owed: u128) -> Outcome {
    let owed = i128::try_from(owed).expect("small");
    let value = if party == Party::A { -owed } else { owed };
    for _ in 0..3 {
        system.advance(500);
        let mut message = system.worlds[pair].instruction(value);
        message.initial_margin_a = Amount::new(3 * MARGIN);
        message.initial_margin_b = Amount::new(3 * MARGIN);
        system.worlds[pair].settle(&message)?;
    }
    system.worlds[pair].declare_default(STRANGER, party)?;
    Ok(())
}

/// Moves that must have gone through in one sequence or another, or the sequences prove too little.
const NEEDED: [u8; 28] =
    [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 27, 28, 44, 45, 46, 47];
/// The same with the signers' keys.
const NEEDED_SIGNED: [u8; 6] = [6, 40, 43, 50, 51, 53];

fn any_moves(kinds: u8) -> impl Strategy<Value = Vec<Move>> {
    // One move in six lets time pass, half of it seconds: valuations have to be fresh.
    let kind = prop_oneof![5 => 0..kinds, 1 => Just(u8::MAX)];
    let size = prop_oneof![1 => 0..600u64, 1 => 0..40 * DAY];
    prop::collection::vec((kind, 0..PAIRS, any::<u8>(), size), 1..150)
}

/// Whoever is neither party nor holder never has more from a vault or a bond than it put in.
fn check_nobody_gains(system: &System) {
    for (index, world) in system.worlds.iter().enumerate() {
        for outsider in [FOUNDER, STRANGER, ENTITY, CAROL] {
            let paid_in = world.paid_in.get(&(outsider, ASSET)).copied().unwrap_or_default();
            assert!(paid_in >= 0, "{outsider:?} has {} out of pair {index}", -paid_in);
            assert_eq!(world.credit_of(outsider, ASSET), 0);
        }
        let stake = world.paid_in.get(&(ENTITY, ASSET)).copied().unwrap_or_default();
        let entitys = world.vault.state.first_loss.add(world.vault.standing.reserve).expect("small").get();
        assert!(i128::try_from(entitys).expect("small") <= stake, "what is left of its stake is the entity's, no more");
        assert_eq!(world.vault.state.fees_due, Amount::ZERO, "the terms allow no fee");
    }
    for outsider in [SPONSOR, FOUNDER, STRANGER] {
        assert!(system.market.cash(outsider) <= 0, "{outsider:?} gained at the bond");
    }
    system.check_conserved();
}

fn run(kinds: u8, needed: &[u8], check: impl Fn(&System) + Copy, at_the_end: impl Fn(&System)) {
    let seen: RefCell<BTreeMap<u8, [u64; 2]>> = RefCell::default();
    let config = ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&any_moves(kinds), |moves| {
        let mut system = System::running();
        for step in moves {
            let accepted = system.attempt(|system| perform(system, step)).is_ok();
            seen.borrow_mut().entry(step.0).or_default()[usize::from(accepted)] += 1;
            check(&system);
        }
        // Then every key is gone.
        system.everybody_out();
        check_nobody_gains(&system);
        at_the_end(&system);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let seen = seen.borrow();
    println!("refused and accepted, by kind of move: {seen:?}");
    if cases() >= 2_000 {
        let accepted = |kind: &u8| seen.get(kind).is_some_and(|[_, accepted]| *accepted > 0);
        let missing: Vec<_> = needed.iter().filter(|kind| !accepted(kind)).collect();
        assert!(missing.is_empty(), "moves {missing:?} never went through");
    }
}

#[test]
fn with_all_keys_but_the_parties_and_the_signers_no_margin_and_no_principal_moves() {
    let untouched = |system: &System| {
        check_nobody_gains(system);
        for world in &system.worlds {
            assert_eq!(world.margins(), [MARGIN; 2]);
            assert_eq!(world.vault.state.phase, Phase::Active);
            assert_eq!(world.vault.state.settled.get(), 0);
        }
        let bond = &system.market.state;
        assert_eq!(bond.lost, Amount::ZERO);
        assert_eq!(system.market.cash(ALICE) + system.market.cash(BOB), -1_000_000_000_000, "nothing is paid out yet");
    };
    let all_out = |system: &System| {
        for world in &system.worlds {
            for party in Party::BOTH {
                let paid_in = world.paid_in.get(&(world.address(party), ASSET)).copied();
                assert_eq!(paid_in, Some(0), "a party has what it paid in");
            }
        }
        for holder in [ALICE, BOB] {
            assert!(system.market.cash(holder) > 0, "a holder has its principal and premium");
        }
    };
    run(MOVES, &NEEDED, untouched, all_out);
}

#[test]
fn with_the_signers_keys_as_well_margin_moves_between_parties_and_to_nobody_else() {
    let all_out = |system: &System| {
        for (index, world) in system.worlds.iter().enumerate() {
            let of = |party| world.paid_in.get(&(world.address(party), ASSET)).copied().unwrap_or_default();
            let (parties, layers) = (of(Party::A) + of(Party::B), i128::try_from(FIRST_LOSS).expect("small"));
            assert!(parties <= 0, "together they have at least what they paid in");
            let cover = if index == 0 { i128::try_from(system.market.state.lost.get()).expect("small") } else { 0 };
            let recovered = world.paid_in.iter().filter(|((who, _), _)| *who != ENTITY).map(|(_, paid)| *paid.max(&0));
            assert!(-parties <= layers + cover + 2_000 * 150 + recovered.sum::<i128>(), "and no more than the layers");
        }
        let holders = system.market.cash(ALICE) + system.market.cash(BOB);
        let lost = i128::try_from(system.market.state.lost.get()).expect("small");
        assert!(holders + lost > 0, "holders lost what the vault claimed, and nothing else");
    };
    run(SIGNED_MOVES, &[NEEDED.as_slice(), &NEEDED_SIGNED].concat(), check_nobody_gains, all_out);
}
