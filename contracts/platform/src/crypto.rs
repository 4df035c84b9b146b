//! Hash and signer recovery on the chain.

use crate::host;
use ringfence_protocol::{
    signature::{Recover, Signature},
    Address, Digest, Keccak256,
};

/// The host's implementations.
#[derive(Clone, Copy, Debug)]
pub struct Host;

/// Ethereum's recovery precompile, which `pallet-revive` has too.
const ECRECOVER: Address = {
    let mut address = [0; 20];
    address[19] = 1;
    ink::primitives::H160(address)
};

impl Keccak256 for Host {
    fn keccak256(input: &[u8]) -> Digest {
        let mut output = [0; 32];
        ink::env::hash_bytes::<ink::env::hash::Keccak256>(input, &mut output);
        Digest::from(output)
    }
}

impl Recover for Host {
    /// Calls the precompile with `hash | v | r | s`. It answers with a padded address, or with nothing if no key
    /// recovers. It accepts a high `s`; [`Signature::parse`] has refused that before.
    fn recover(digest: &Digest, signature: &Signature) -> Option<Address> {
        let mut input = [0; 128];
        let (hash, rest) = input.split_at_mut(32);
        let (v, rest) = rest.split_at_mut(32);
        let (r, s) = rest.split_at_mut(32);
        hash.copy_from_slice(digest.as_bytes());
        *v.last_mut()? = signature.v;
        r.copy_from_slice(&signature.r);
        s.copy_from_slice(&signature.s);

        let word = host::call_word(ECRECOVER, &input)?;
        let address = Address::from(*word.last_chunk()?);
        (!address.is_zero()).then_some(address)
    }
}
