//! The vault under long random sequences of every command by anybody, against references that were written apart from
//! it. After every step every invariant is checked, and from the reached state one party alone, by waiting, gets
//! everybody out.
//!
//! 5,000 cases by default; `PROPTEST_CASES` sets another number.

#[path = "../common/mod.rs"]
mod common;

mod action;
mod exit;
mod invariants;
mod machine;
mod reference;
mod replaced;
mod settlement;
mod strategy;

use action::Action;
use machine::Machine;
use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};
use ringfence_protocol::Party;
use std::{cell::RefCell, collections::BTreeMap};
use strategy::{any_step, any_terms, beginning};

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(5_000)
}

/// Commands that are never refused, and such that never succeed.
const NEVER_REFUSED: [&str; 3] = ["donate", "wait", "bonds_pay"];
const NEVER_ACCEPTED: [&str; 1] = ["replay"];

#[test]
fn every_invariant_holds_after_every_step_of_random_sequences() {
    let seen: RefCell<BTreeMap<&'static str, [u64; 2]>> = RefCell::default();
    let note = |action: &Action, accepted: bool| {
        seen.borrow_mut().entry(action.name()).or_default()[usize::from(accepted)] += 1;
    };
    let config = Config { cases: cases(), failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    let inputs = (
        any_terms(),
        prop::sample::select(vec![0u8, 1, 2, 3, 3, 3, 4, 4, 4, 5, 6, 7, 8, 9, 9]),
        [1..3_000u128, 1..3_000u128],
        prop::collection::vec(any_step(), 1..100),
    );
    let outcome = TestRunner::new(config).run(&inputs, |(terms, stage, margins, steps)| {
        let mut machine = Machine::new(terms);
        for action in beginning(stage, margins) {
            note(&action, machine.run(&action)?);
        }
        for (index, step) in steps.iter().enumerate() {
            let action = machine.choose(step);
            note(&action, machine.run(&action)?);
            // A way out from one state in three is enough to see every kind of state.
            if index % 3 == 0 {
                for party in Party::BOTH {
                    machine.check_exit(party, false)?;
                    machine.check_exit(party, true)?;
                }
            }
        }
        Ok(())
    });
    match outcome {
        Err(TestError::Fail(reason, input)) => panic!("{reason}\n{input:?}"),
        Err(failure) => panic!("{failure}"),
        Ok(()) => {}
    }
    let seen = seen.borrow();
    println!("refused and accepted: {seen:?}");
    if cases() >= 2_000 {
        for (name, [refused, accepted]) in seen.iter() {
            assert!(
                *refused > 0 || NEVER_REFUSED.contains(name),
                "{name} was never refused: the cases prove too little"
            );
            assert!(
                *accepted > 0 || NEVER_ACCEPTED.contains(name),
                "{name} was never accepted: the cases prove too little"
            );
        }
    }
}

#[test]
fn an_action_has_a_name() {
    assert_eq!(Action::Wait(1).name(), "wait");
}
