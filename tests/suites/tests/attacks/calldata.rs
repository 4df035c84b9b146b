//! Calldata that is not what the ABI says: refused with an error that says so, never a trap, and nothing moved.

use alloy_primitives::keccak256;
use alloy_sol_types::{SolCall, SolError, SolInterface};
use ringfence_bindings::IMarginVault::{self as vault, IMarginVaultErrors};
use ringfence_devchain::{Actor, CallError, Located};
use ringfence_protocol::{
    message::{DisputeDetermination, DisputeResolution},
    Party,
};
use ringfence_suites::{abi, addresses, artifacts, both, calls, Mark, Stage, MARGIN, USD};

/// The messages and views of the vault that take an argument.
fn with_arguments() -> Vec<String> {
    let all = abi::signatures(&artifacts::abi("margin-vault"), "function");
    all.into_iter().filter(|signature| !signature.ends_with("()")).collect()
}

fn selector(signature: &str) -> Vec<u8> {
    keccak256(signature)[..4].to_vec()
}

/// Sends raw bytes as a party, and expects this error and no change.
#[track_caller]
fn refused<E: SolError>(stage: &mut Stage, caller: &Actor, name: &str, data: Vec<u8>) {
    let (vault, before) = (stage.vault(0), stage.image());
    match stage.session.call_raw(caller, vault, data) {
        Err(CallError::Reverted { data }) if data.as_ref() == E::SELECTOR => {}
        other => panic!("{name}: {} was expected, but: {other:?}", E::SIGNATURE),
    }
    assert_eq!(stage.image(), before, "{name}");
}

fn ready() -> (Stage, Actor) {
    let mut stage = Stage::full(1);
    stage.mark(0, Mark { x: 10_000_000_000, margin_a: 2 * MARGIN, ..Mark::default() });
    let a = stage.pairs[0].a.clone();
    (stage, a)
}

#[test]
fn arguments_that_are_too_short_are_refused_as_malformed_by_every_message() {
    let (mut stage, a) = ready();
    let signatures = with_arguments();
    assert!(signatures.len() > 35, "{}", signatures.len());
    for signature in signatures {
        for length in [0, 1, 31] {
            let data = [selector(&signature), vec![0; length]].concat();
            refused::<vault::MalformedInput>(&mut stage, &a, &signature, data);
        }
    }
}

/// A word of ones is outside of every type but two: a hash, and a signed amount of minus one.
#[test]
fn dirty_high_bits_are_refused_as_malformed_by_every_message() {
    let (mut stage, a) = ready();
    for signature in with_arguments() {
        let data = [selector(&signature), vec![0xff; 64 * 32]].concat();
        match signature.as_str() {
            "accept(bytes32)" => refused::<vault::NotProposed>(&mut stage, &a, &signature, data),
            "dispute(int128)" | "bidForSide((int128,bytes32))" => {
                let data = [selector(&signature), vec![0x80; 64]].concat();
                refused::<vault::MalformedInput>(&mut stage, &a, &signature, data);
            }
            _ => refused::<vault::MalformedInput>(&mut stage, &a, &signature, data),
        }
    }
}

#[test]
fn offsets_that_point_anywhere_else_are_refused_as_malformed() {
    let (mut stage, a) = ready();
    let offsets: [u128; 5] = [64 * 32 + 1, 1 << 20, u128::from(u32::MAX), u128::from(u64::MAX), u128::MAX];
    let dynamic =
        with_arguments().into_iter().filter(|signature| signature.contains("bytes)") || signature.contains("[]"));
    let mut seen = 0;
    for signature in dynamic {
        seen += 1;
        for offset in offsets {
            let mut data = [selector(&signature), vec![0; 64 * 32]].concat();
            data[20..36].copy_from_slice(&offset.to_be_bytes());
            refused::<vault::MalformedInput>(&mut stage, &a, &signature, data);
        }
    }
    assert_eq!(seen, 11, "all signed messages, the preview, and a notice of signers");
}

/// A valid call of every signed message.
fn valid(stage: &mut Stage) -> Vec<(&'static str, Vec<u8>)> {
    let pair = stage.pairs[0].clone();
    stage.dispute(0, Party::B, 0);
    stage.session.next_block();
    let message = stage.instruction(0, Mark { x: 12_000_000_000, ..Mark::default() });
    let settle = calls::settle(&message, stage.signed_by(&[0, 1, 2], pair.digest(&message)));
    let preview = vault::previewSettleCall { signed: settle.signed.clone() };
    let agreement = stage.agreement(0, 2, ringfence_protocol::Digest::repeat_byte(0x52));
    let value = stage.disputed_value(0, Party::B, 0);
    let determination = stage.signed_by(&[0, 1, 2], pair.digest(&DisputeDetermination(value)));
    let [first, second] = both(&pair, pair.digest(&DisputeResolution(value)));
    let set = stage.signers();
    let rotation = stage.rotation(0, 1, &set);
    let [rotated_a, rotated_b] = both(&pair, pair.digest(&rotation));
    let extension = stage.extension(0, Party::A, 60);
    let termination = stage.termination(0, 0);
    let signature = calls::signature(&pair.b, pair.digest(&extension));
    vec![
        ("settle", settle.abi_encode()),
        ("previewSettle", preview.abi_encode()),
        ("agreePortfolio", calls::agree(&agreement, &pair, pair.digest(&agreement)).abi_encode()),
        ("determineDispute", calls::determine(&pair.b, &value, determination).abi_encode()),
        ("resolveDispute", calls::resolve_with(&pair.b, &value, first, second).abi_encode()),
        ("rotateSigners", calls::rotate_with(&rotation, addresses(&set), rotated_a, rotated_b).abi_encode()),
        ("extendCall", calls::extend(&extension, signature).abi_encode()),
        ("terminate", calls::terminate(&termination, &pair, pair.digest(&termination)).abi_encode()),
    ]
}

/// Refuses or carries out, but never traps; refused, nothing has changed.
#[track_caller]
fn orderly(stage: &mut Stage, name: &str, data: Vec<u8>) -> bool {
    let (keeper, vault, here) = (stage.keeper.clone(), stage.vault(0), stage.session.snapshot());
    let outcome = stage.session.call_raw(&keeper, vault, data);
    match outcome {
        Ok(_) => {
            stage.session.restore(&here);
            true
        }
        Err(error) => {
            let known = error.revert_data().is_some_and(|data| IMarginVaultErrors::abi_decode_validate(data).is_ok());
            assert!(known, "{name}: {error:?}");
            false
        }
    }
}

/// Every word of every signed message in turn: offsets, lengths and values that no client would send.
#[test]
fn a_valid_message_with_any_word_replaced_is_refused_with_a_named_error_and_never_traps() {
    let (mut stage, _) = ready();
    let words: [[u8; 32]; 4] = [[0xff; 32], word(u128::from(u64::MAX)), word(u128::MAX), word(1 << 31)];
    for (name, data) in valid(&mut stage) {
        assert!(orderly(&mut stage, name, data.clone()), "{name} is valid as it is");
        let before = stage.image();
        let mut carried_out = 0;
        for at in (4..data.len()).step_by(32) {
            for word in words {
                let mut spoilt = data.clone();
                let end = (at + 32).min(data.len());
                spoilt[at..end].copy_from_slice(&word[..end - at]);
                carried_out += u32::from(orderly(&mut stage, name, spoilt));
            }
        }
        assert_eq!(stage.image(), before, "{name}");
        // A preview looks at no signature, and any value in bounds can be previewed.
        if name != "previewSettle" {
            assert_eq!(carried_out, 0, "{name}");
        }
    }
}

#[test]
fn a_valid_message_that_is_cut_anywhere_is_refused() {
    let (mut stage, _) = ready();
    for (name, data) in valid(&mut stage) {
        // The last word is padding behind 65 bytes; what is cut from it was never read.
        for length in (4..data.len() - 32).step_by(29) {
            assert!(!orderly(&mut stage, name, data[..length].to_vec()), "{name}, {length} bytes");
        }
    }
}

#[test]
fn what_is_sent_beyond_the_arguments_is_not_read_whatever_its_length() {
    let (mut stage, a) = ready();
    let vault = stage.vault(0);
    stage.fund(&a, vault, 2 * USD);
    let before = stage.side(0, Party::A).margin;
    let data = [vault::depositCall { amount: USD }.abi_encode(), vec![0xff; 60_000]].concat();
    stage.session.call_raw(&a, vault, data).expect("the amount is its first word");
    assert_eq!(stage.side(0, Party::A).margin, before + USD);
}

#[test]
fn an_unknown_selector_and_no_selector_change_nothing() {
    let (mut stage, a) = ready();
    for data in [vec![], vec![1, 2, 3], vec![0xde, 0xad, 0xbe, 0xef], vec![0; 4], vec![0xff; 100]] {
        let (vault, before) = (stage.vault(0).address(), stage.image());
        let outcome = stage.session.call_raw(&a, vault, data.clone());
        assert!(outcome.is_err(), "{data:?}");
        assert_eq!(stage.image(), before);
    }
}

fn word(value: u128) -> [u8; 32] {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&value.to_be_bytes());
    word
}
