//! A series under random sequences of commands by many holders, against an independent reference in exact rational
//! arithmetic. After every command: CONSERVE, FUNDED, ROUND and BOUNDED; after every sequence: EXIT.
//!
//! 20,000 sequences by default, more than a million commands; `PROPTEST_CASES` sets another number.

mod command;
mod invariants;
mod machine;
mod reference;

use command::{any_commands, any_terms, opening, Command};
use machine::Machine;
use proptest::test_runner::{Config, TestRunner};
use std::{cell::RefCell, collections::BTreeMap};

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000)
}

#[test]
fn every_invariant_holds_after_every_step_of_random_sequences() {
    let seen: RefCell<BTreeMap<&'static str, [u64; 2]>> = RefCell::default();
    let config = Config { cases: cases(), failure_persistence: None, ..Config::default() };
    let outcome =
        TestRunner::new(config).run(&(any_terms(), opening(), any_commands()), |(terms, opening, commands)| {
            let mut machine = Machine::new(terms);
            for command in opening.commands(&terms).iter().chain(&commands) {
                let accepted = machine.run(command)?;
                seen.borrow_mut().entry(command.name()).or_default()[usize::from(accepted)] += 1;
            }
            machine.check_exit()
        });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let seen = seen.into_inner();
    let commands: u64 = seen.values().flatten().sum();
    println!("{commands} commands, refused and accepted: {seen:?}");
    if cases() >= 20_000 {
        assert!(commands >= 1_000_000, "{commands} commands");
    }
    if cases() >= 500 {
        for name in Command::NAMES {
            let [refused, accepted] = seen.get(name).copied().unwrap_or_default();
            assert!(refused > 0 || matches!(*name, "donate" | "wait"), "{name} was never refused");
            assert!(accepted > 0, "{name} was never accepted");
        }
    }
}
