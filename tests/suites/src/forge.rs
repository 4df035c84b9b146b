//! Signature bytes that a vault must refuse, whatever the message.

use crate::{calls, Stage};
use alloy_primitives::U256;
use alloy_sol_types::SolError;
use ringfence_bindings::IMarginVault as vault;
use ringfence_devchain::{Actor, Located};
use ringfence_protocol::{
    signature::{MAX_LOW_S, SIGNATURE_LENGTH},
    Digest,
};

/// Signatures with one fault.
#[derive(Clone, Debug)]
pub struct Forgery {
    /// The fault, in words.
    pub fault: &'static str,
    /// The error that names it.
    pub error: &'static str,
    /// That error's selector.
    pub selector: [u8; 4],
    /// The packed signatures.
    pub packed: Vec<u8>,
}

impl Forgery {
    fn of<E: SolError>(fault: &'static str, packed: Vec<u8>) -> Self {
        Self { fault, error: E::SIGNATURE, selector: E::SELECTOR, packed }
    }
}

impl Stage {
    /// Every fault there is, for a message that needs two of the three keys.
    pub fn forgeries(&mut self, digest: Digest) -> Vec<Forgery> {
        let [low, high] = self.strangers();
        let own = |key: usize| calls::signature(&self.agents[key], digest);
        let (first, second) = (own(0), own(1));
        let both = [first.clone(), second.clone()].concat();
        let four = [own(0), own(1), own(2), own(2)].concat();
        let unknown_first = [calls::signature(&low, digest), first.clone()].concat();
        let unknown_last = [own(2), calls::signature(&high, digest)].concat();
        let then_second = |spoilt: Vec<u8>| [spoilt, second.clone()].concat();
        let then_spoilt = |spoilt: Vec<u8>| [first.clone(), spoilt].concat();
        let nothing = with_v(vec![0; SIGNATURE_LENGTH], 27);

        vec![
            Forgery::of::<vault::UnknownSigner>("a stranger first", unknown_first),
            Forgery::of::<vault::UnknownSigner>("a stranger last", unknown_last),
            Forgery::of::<vault::UnknownSigner>("the other recovery id", then_second(other_v(first.clone()))),
            Forgery::of::<vault::QuorumNotMet>("no signature", Vec::new()),
            Forgery::of::<vault::QuorumNotMet>("one of two", first.clone()),
            Forgery::of::<vault::DuplicateSigner>("one key twice", [first.clone(), first.clone()].concat()),
            Forgery::of::<vault::UnsortedSigners>("descending", [second.clone(), first.clone()].concat()),
            Forgery::of::<vault::HighS>("high s first", then_second(high_s_twin(&first))),
            Forgery::of::<vault::HighS>("high s last", then_spoilt(high_s_twin(&second))),
            Forgery::of::<vault::DuplicateSigner>("a key and a second copy", [own(0), own(0), own(1)].concat()),
            Forgery::of::<vault::InvalidRecoveryId>("v 0", then_second(with_v(first.clone(), 0))),
            Forgery::of::<vault::InvalidRecoveryId>("v 1", then_second(with_v(first.clone(), 1))),
            Forgery::of::<vault::InvalidRecoveryId>("v 26", then_second(with_v(first.clone(), 26))),
            Forgery::of::<vault::InvalidRecoveryId>("v 29", then_spoilt(with_v(second.clone(), 29))),
            Forgery::of::<vault::UnrecoverableSignature>("r = s = 0", then_second(nothing.clone())),
            Forgery::of::<vault::UnrecoverableSignature>("r = s = 0 last", then_spoilt(nothing)),
            Forgery::of::<vault::MalformedSignatures>("a byte short", both[..both.len() - 1].to_vec()),
            Forgery::of::<vault::MalformedSignatures>("a byte long", [both.clone(), vec![0]].concat()),
            Forgery::of::<vault::MalformedSignatures>("without v", first[..64].to_vec()),
            Forgery::of::<vault::MalformedSignatures>("more than signers", four),
        ]
    }

    /// Two accounts that no vault knows: one below, one above every key of the valuation agent, so that neither is
    /// refused for its place.
    fn strangers(&mut self) -> [Actor; 2] {
        let mut candidates = (0..).map(|number| Actor::ethereum(&format!("stranger {number}")));
        let (lowest, highest) = (self.agents[0].h160(), self.agents[2].h160());
        let low = candidates.find(|actor| actor.h160() < lowest).expect("an endless supply");
        let high = candidates.find(|actor| actor.h160() > highest).expect("an endless supply");
        [low, high]
    }
}

/// The other signature of the same key and digest: `s` above half the order and the other recovery id. Libraries make the
/// low one only; the recovery precompile accepts both.
pub fn high_s_twin(signature: &[u8]) -> Vec<u8> {
    // The largest low s is half the order rounded down, and the order is odd.
    let order = U256::from_be_bytes(MAX_LOW_S) * U256::from(2) + U256::from(1);
    let s = order - U256::from_be_slice(&signature[32..64]);
    let twin = [&signature[..32], &s.to_be_bytes::<32>(), &signature[64..]].concat();
    other_v(twin)
}

/// A signature with another last byte.
pub fn with_v(mut signature: Vec<u8>, v: u8) -> Vec<u8> {
    signature[SIGNATURE_LENGTH - 1] = v;
    signature
}

fn other_v(signature: Vec<u8>) -> Vec<u8> {
    let v = 55 - signature[SIGNATURE_LENGTH - 1];
    with_v(signature, v)
}
