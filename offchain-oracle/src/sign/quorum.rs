use super::{Heard, Said, SignError, SignatureBytes, Signer, SigningRequest};
use crate::keccak::EcdsaRecover;
use rayon::prelude::*;
use ringfence_protocol::signature::{verify_one, SignatureError, SignerSet};
use ringfence_protocol::Address;

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
        let unanswered = Err(SignError::SelfCheck(SignatureError::QuorumNotMet));
        self.sign_many(&[(*request, needed)]).pop().unwrap_or(unanswered)
    }

    /// The same for several requests, with an answer for each, in order. Every signer gets all of them at once.
    pub fn sign_many(&mut self, asked: &[(SigningRequest, Needed)]) -> Vec<Result<Vec<SignatureBytes>, SignError>>
    where
        S: Send,
    {
        let requests: Vec<_> = asked.iter().map(|(request, _)| *request).collect();
        let mut answers: Vec<_> = side_by_side(&mut self.signers, &requests).into_iter().map(Vec::into_iter).collect();
        // Request by request, every signer's answer in ascending order of address.
        let by_request: Vec<Vec<_>> =
            asked.iter().map(|_| answers.iter_mut().filter_map(Iterator::next).collect()).collect();
        let vaults = requests.iter().map(|request| request.slot().vault);
        let said = |result: &Result<_, SignError>| result.as_ref().map_or_else(Said::from, |_| Said::Signed);
        let of = |(vault, answers): (Address, &Vec<_>)| -> Vec<Heard> {
            let each = self.set.signers().iter().zip(answers);
            each.map(|(signer, result)| Heard { signer: *signer, vault, said: said(result) }).collect()
        };
        let heard = vaults.zip(&by_request).flat_map(of).collect();
        self.heard = heard;
        let set = &self.set;
        let choose = |((request, needed), answers): (&(SigningRequest, Needed), Vec<_>)| {
            first_good(set, request, *needed, answers)
        };
        if asked.len() < 2 {
            return asked.iter().zip(by_request).map(choose).collect();
        }
        asked.par_iter().zip(by_request).map(choose).collect()
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

/// The first signatures by address that recover to their signers, as many as are needed; else the first reason.
fn first_good(
    set: &SignerSet,
    request: &SigningRequest,
    needed: Needed,
    answers: Vec<Result<SignatureBytes, SignError>>,
) -> Result<Vec<SignatureBytes>, SignError> {
    let count = usize::from(match needed {
        Needed::Threshold => set.threshold(),
        Needed::Everyone => set.everyone(),
    });
    let (mut good, mut first_bad) = (Vec::with_capacity(count), None);
    for (signer, answer) in set.signers().iter().zip(answers) {
        if good.len() == count {
            break;
        }
        let check = |signature: SignatureBytes| {
            let checked = verify_one::<EcdsaRecover>(&request.digest(), &signature.0, *signer);
            checked.map(|()| signature).map_err(SignError::SelfCheck)
        };
        match answer.and_then(check) {
            Ok(signature) => good.push(signature),
            Err(error) => first_bad = first_bad.or(Some(error)),
        }
    }
    if good.len() == count {
        return Ok(good);
    }
    Err(first_bad.unwrap_or(SignError::SelfCheck(SignatureError::QuorumNotMet)))
}

/// What each signer answers. A thread for each: they wait for their disks, and a pool of the machine's cores would let the
/// third wait for the first two.
fn side_by_side<S: Signer + Send>(
    signers: &mut [S],
    requests: &[SigningRequest],
) -> Vec<Vec<Result<SignatureBytes, SignError>>> {
    std::thread::scope(|scope| {
        let waiting: Vec<_> =
            signers.iter_mut().map(|signer| scope.spawn(move || signer.sign_many(requests))).collect();
        let answer = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        waiting.into_iter().map(answer).collect()
    })
}
