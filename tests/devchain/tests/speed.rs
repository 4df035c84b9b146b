//! A measurement, not a guard: `cargo test --release -p ringfence-devchain --test speed -- --ignored --nocapture`.

mod common;

use common::{blob, pokeCall, Behaviour};
use ringfence_devchain::{Located, Session, IERC20, USDC};
use std::time::Instant;

/// Runs `step` often and prints the mean time of one run, in microseconds.
fn measure(what: &str, mut step: impl FnMut(u32)) {
    const ROUNDS: u32 = 200;
    let start = Instant::now();
    (0..ROUNDS).for_each(&mut step);
    println!("{what:<28} {:>9.1} us", start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS));
}

#[test]
#[ignore = "prints timings"]
fn timings() {
    let code = blob(Behaviour::Store);
    let mut session = Session::new();
    let alice = session.eth_actor("alice");
    session.mint_usdc(&alice, 1_000_000_000).expect("the issuer may mint");
    let contract = session.deploy(&alice, &code, [], [0; 32]).expect("it deploys");
    let snapshot = session.snapshot();

    measure("new session", |_| drop(Session::new()));
    measure("deploy", |round| {
        let mut salt = [1; 32];
        salt[..4].copy_from_slice(&round.to_be_bytes());
        session.deploy(&alice, &code, [], salt).map(drop).expect("it deploys");
    });
    measure("call of a contract", |_| session.call(&alice, &contract, pokeCall {}).map(drop).expect("it stores"));
    let view = IERC20::balanceOfCall { account: alice.address() };
    measure("dry run of the precompile", |_| session.dry_run(&alice, USDC, view.clone()).map(drop).expect("a view"));
    measure("next block", |_| session.next_block());
    measure("snapshot", |_| drop(session.snapshot()));
    measure("restore", |_| session.restore(&snapshot));
    measure("call right after a restore", |_| {
        session.restore(&snapshot);
        session.call(&alice, &contract, pokeCall {}).map(drop).expect("it stores")
    });
    measure("state root", |_| assert!(!session.state_root().is_zero()));
}
