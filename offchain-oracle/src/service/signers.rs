//! Who signs for the service: keys in this process behind journals, or processes of their own.

use super::board::Shared;
use super::config::Signing;
use crate::cycle::{Attest, Record};
use crate::files::Source;
use crate::journal::{Journal, JournalError};
use crate::sign::{
    keyfile, Anchored, ChainCounters, Counter, Guarded, Heard, LocalKey, MessageKind, Needed, Passphrase, Quorum,
    SignError, SignatureBytes, SigningKey,
};
use crate::signer::{client_config, collect_telling, Roster, Told, MAX_IN_FLIGHT};
use crate::Error;
use futures_util::{stream, StreamExt};
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::signature::SignerSet;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
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

/// Answers that wait for the loop; beyond them the oldest are forgotten.
const MAX_HEARD: usize = 1_024;

/// Signer processes.
pub struct Remote {
    /// A thread of its own: signers that answer after enough have signed are still listened to.
    runtime: tokio::runtime::Runtime,
    roster: Roster,
    tls: Arc<ClientConfig>,
    deadline: Duration,
    heard: Arc<Mutex<VecDeque<Heard>>>,
    told: Told,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("roster", &self.roster).finish_non_exhaustive()
    }
}

impl Remote {
    fn new(roster: Roster, tls: Arc<ClientConfig>, deadline: Duration) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| Error::Output { target: "threads".to_owned(), kind: error.kind() })?;
        let heard: Arc<Mutex<VecDeque<Heard>>> = Arc::default();
        let queue = Arc::clone(&heard);
        let told: Told = Arc::new(move |answer| {
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            if queue.len() >= MAX_HEARD {
                queue.pop_front();
            }
            queue.push_back(answer);
        });
        Ok(Self { runtime, roster, tls, deadline, heard, told })
    }

    async fn collect(
        &self,
        chain_id: u64,
        message: &MarginInstruction,
        needed: Needed,
    ) -> Result<Vec<SignatureBytes>, Error> {
        let Self { roster, tls, deadline, told, .. } = self;
        let collected = collect_telling(roster, tls, chain_id, message, needed, *deadline, told).await?;
        Ok(collected.signatures.into_iter().map(|(_, signature)| signature).collect())
    }
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
                Ok(Self::Remote(Remote::new(roster, client_config(tls)?, *deadline)?))
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

    fn set(&self) -> &SignerSet {
        match self {
            Self::Local(quorum) => quorum.set(),
            Self::Remote(remote) => remote.set(),
        }
    }

    fn heard(&mut self) -> Vec<Heard> {
        match self {
            Self::Local(quorum) => quorum.heard(),
            Self::Remote(remote) => remote.heard(),
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
        self.runtime.block_on(self.collect(chain_id, message, needed))
    }

    fn attest_many(&mut self, records: &[&Record]) -> Vec<Result<Vec<SignatureBytes>, Error>> {
        let remote = &*self;
        let collecting = records.iter().map(|record| remote.collect(record.chain_id, &record.message, record.needed));
        // Side by side, so that each signer finds several to journal at once.
        remote.runtime.block_on(stream::iter(collecting).buffered(MAX_IN_FLIGHT).collect())
    }

    fn set(&self) -> &SignerSet {
        self.roster.set()
    }

    fn heard(&mut self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }
}

/// The journal of a key file: its name and `.journal`.
pub fn journal_of(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push(".journal");
    PathBuf::from(name)
}
