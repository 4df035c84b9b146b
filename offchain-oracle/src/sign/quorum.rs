use super::{pack, Heard, Said, SignError, SignatureBytes, Signer, SigningRequest};
use crate::keccak::K256Recover;
use rayon::prelude::*;
use ringfence_protocol::signature::SignerSet;

/// How many signatures to collect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// As many as an ordinary message needs.
    Threshold,
    /// All of them: for a move beyond the circuit breaker.
    Everyone,
}

/// The signers of a valuation agent that this process can reach, in ascending order of address.
#[derive(Debug)]
pub struct Quorum<S> {
    signers: Vec<S>,
    set: SignerSet,
    heard: Vec<Heard>,
}

impl<S: Signer> Quorum<S> {
    /// Sorts the signers and checks them against the rules of the vault: distinct, at most eight, threshold a majority.
    ///
    /// # Errors
    /// [`SignError::SignerSet`].
    pub fn new(mut signers: Vec<S>, threshold: u8) -> Result<Self, SignError> {
        signers.sort_by_key(Signer::address);
        let addresses = signers.iter().map(Signer::address).collect();
        let set = SignerSet::new(addresses, threshold).map_err(SignError::SignerSet)?;
        Ok(Self { signers, set, heard: Vec::new() })
    }

    /// The set, as the vault's terms carry it.
    pub const fn set(&self) -> &SignerSet {
        &self.set
    }

    /// Asks every signer, side by side, and gives the first by address that signed, as many as are needed, checked as the
    /// vault will check them: one that refuses does not stop the others, and none falls behind the chain because the others
    /// were enough.
    ///
    /// # Errors
    /// Too few sign; the first refusal by address.
    pub fn sign(&mut self, request: &SigningRequest, needed: Needed) -> Result<Vec<SignatureBytes>, SignError>
    where
        S: Send,
    {
        let count = match needed {
            Needed::Threshold => self.set.threshold(),
            Needed::Everyone => self.set.everyone(),
        };
        // Each waits for its own journal's disk.
        let signed: Vec<_> = self.signers.par_iter_mut().map(|signer| signer.sign(request)).collect();
        let vault = request.slot().vault;
        let said = |result: &Result<_, SignError>| result.as_ref().map_or_else(Said::from, |_| Said::Signed);
        let each = self.set.signers().iter().zip(&signed);
        self.heard = each.map(|(signer, result)| Heard { signer: *signer, vault, said: said(result) }).collect();
        let (good, bad): (Vec<_>, Vec<_>) = signed.into_iter().partition(Result::is_ok);
        let signatures: Vec<_> = good.into_iter().flatten().take(count.into()).collect();
        if signatures.len() < usize::from(count) {
            if let Some(Err(error)) = bad.into_iter().next() {
                return Err(error);
            }
        }
        let checked = self.set.verify::<K256Recover>(&request.digest(), &pack(&signatures), count);
        checked.map(|()| signatures).map_err(SignError::SelfCheck)
    }

    /// What each signer said to the last request, in ascending order of address; nothing if this was asked before.
    pub fn heard(&mut self) -> Vec<Heard> {
        std::mem::take(&mut self.heard)
    }

    /// The signers, in ascending order of address.
    pub fn signers_mut(&mut self) -> &mut [S] {
        &mut self.signers
    }
}
