//! Who signs for the service: keys in this process behind journals, or processes of their own.

use super::board::Shared;
use super::config::Signing;
use crate::cycle::{Attest, Record};
use crate::files::Source;
use crate::journal::{Journal, JournalError};
use crate::sign::{
    keyfile, Anchored, ChainCounters, Counter, Guarded, LocalKey, MessageKind, Needed, Passphrase, Quorum, SignError,
    SignatureBytes, SigningKey,
};
use crate::signer::{client_config, collect, Refused, RemoteError, Roster};
use crate::Error;
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::Address;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::ClientConfig;

/// Counters as the loop last read them from finalised state.
#[derive(Debug)]
pub struct BoardCounters(Arc<Shared>);

impl ChainCounters for BoardCounters {
    fn counter(&mut self, counter: &Counter) -> Result<u64, SignError> {
        let board = self.0.board();
        let pair = board.pairs.iter().find(|pair| pair.vault == counter.vault);
        let view = pair.and_then(|pair| pair.view.as_ref()).filter(|_| counter.kind == MessageKind::Instruction);
        view.map(|view| view.sequence).ok_or_else(|| JournalError::NotAnchored(*counter).into())
    }
}

/// Signer processes.
#[derive(Debug)]
pub struct Remote {
    runtime: tokio::runtime::Runtime,
    roster: Roster,
    tls: Arc<ClientConfig>,
    deadline: Duration,
}

/// The signers of one service.
#[derive(Debug)]
pub enum Signers {
    /// In this process.
    Local(Quorum<Anchored<LocalKey, BoardCounters>>),
    /// Elsewhere.
    Remote(Remote),
}

impl Signers {
    /// Opens keys and journals, or reads who the signers are.
    ///
    /// # Errors
    /// A key, a journal, the roster or a certificate can't be used.
    pub fn open(signing: &Signing, shared: &Arc<Shared>) -> Result<Self, Error> {
        match signing {
            Signing::Local { keys, passphrase, threshold } => {
                let passphrase = passphrase.as_deref().map(Passphrase::read).transpose()?;
                let open = |path: &PathBuf| -> Result<_, SignError> {
                    let key = keyfile::load(path, passphrase.as_ref())?;
                    let journal = Journal::open(&journal_of(path), key.address())?;
                    Ok(Anchored::new(Guarded::new(key, journal), BoardCounters(Arc::clone(shared))))
                };
                let signers = keys.iter().map(open).collect::<Result<Vec<_>, _>>()?;
                Ok(Self::Local(Quorum::new(signers, *threshold)?))
            }
            Signing::Remote { roster, tls, deadline } => {
                let roster = Roster::parse(&Source::read(roster)?)?;
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime =
                    runtime.map_err(|error| Error::Output { target: "threads".to_owned(), kind: error.kind() })?;
                Ok(Self::Remote(Remote { runtime, roster, tls: client_config(tls)?, deadline: *deadline }))
            }
        }
    }

    /// Compares every journal with the chain before anything is signed. Processes do that themselves.
    ///
    /// # Errors
    /// A journal ends before the chain does.
    pub fn start(&mut self, counters: &[Counter]) -> Result<(), SignError> {
        let Self::Local(quorum) = self else { return Ok(()) };
        quorum.signers_mut().iter_mut().try_for_each(|signer| signer.start(counters.iter().copied()))
    }

    /// Their addresses.
    pub fn addresses(&self) -> Vec<Address> {
        match self {
            Self::Local(quorum) => quorum.set().signers().to_vec(),
            Self::Remote(remote) => remote.roster.set().signers().to_vec(),
        }
    }
}

impl Attest for Signers {
    fn attest(
        &mut self,
        chain_id: u64,
        message: &MarginInstruction,
        needed: Needed,
    ) -> Result<Vec<SignatureBytes>, Error> {
        match self {
            Self::Local(quorum) => quorum.attest(chain_id, message, needed),
            Self::Remote(remote) => remote.attest(chain_id, message, needed),
        }
    }

    fn attest_many(&mut self, records: &[&Record]) -> Vec<Result<Vec<SignatureBytes>, Error>> {
        match self {
            Self::Local(quorum) => quorum.attest_many(records),
            Self::Remote(remote) => remote.attest_many(records),
        }
    }
}

impl Attest for Remote {
    fn attest(
        &mut self,
        chain_id: u64,
        message: &MarginInstruction,
        needed: Needed,
    ) -> Result<Vec<SignatureBytes>, Error> {
        let collecting = collect(&self.roster, &self.tls, chain_id, message, needed, self.deadline);
        let collected = self.runtime.block_on(collecting)?;
        for (signer, error) in &collected.failures {
            if matches!(error, RemoteError::Refused { code: Refused::Conflict, .. }) {
                tracing::error!(?signer, %error, "ALARM a signer was asked to sign twice");
            } else {
                tracing::warn!(?signer, %error, "a signer did not sign");
            }
        }
        Ok(collected.signatures.into_iter().map(|(_, signature)| signature).collect())
    }
}

/// The journal of a key file: its name and `.journal`.
pub fn journal_of(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push(".journal");
    PathBuf::from(name)
}
