//! k of n over HTTP.

use super::body::SignBody;
use super::{Endpoint, Refused, RemoteError};
use crate::error::{InputError, Place, Problem};
use crate::files::Source;
use crate::keccak::EcdsaRecover;
use crate::portfolio::document;
use crate::sign::{pack, Heard, Needed, Said, SignError, SignatureBytes, SigningRequest};
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::signature::SignerSet;
use ringfence_protocol::Address;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::task::JoinSet;
use tokio_rustls::rustls::ClientConfig;

/// Longest wait for signatures.
pub const MAX_DEADLINE: Duration = Duration::from_secs(120);

/// Most instructions that an aggregator collects signatures for at a time.
pub const MAX_IN_FLIGHT: usize = 16;

/// The signers of a valuation agent and where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    endpoints: Vec<Endpoint>,
    set: SignerSet,
}

/// Signatures of a quorum, and what the others said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// As many as were needed, in ascending order of address, checked as the vault will check them.
    pub signatures: Vec<(Address, SignatureBytes)>,
    /// Signers that had failed by then.
    pub failures: Vec<(Address, RemoteError)>,
}

/// Why there is no quorum.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CollectError {
    /// Too few signatures.
    #[error("{got} of {needed} signatures: {}", each(failures))]
    QuorumNotMet {
        /// Signatures that came.
        got: usize,
        /// Signatures needed.
        needed: u8,
        /// Why the others did not.
        failures: Vec<(Address, RemoteError)>,
    },
    /// The finished signatures don't verify, which would be a fault of this program.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl From<&RemoteError> for Said {
    fn from(error: &RemoteError) -> Self {
        let text = error.to_string();
        match error {
            RemoteError::Refused { code: Refused::Conflict, .. } => Self::Conflict(text),
            RemoteError::Refused { code: Refused::Declined | Refused::NotNow | Refused::BadRequest, .. } => {
                Self::Refused(text)
            }
            _ => Self::Failed(text),
        }
    }
}

fn each(failures: &[(Address, RemoteError)]) -> String {
    failures.iter().map(|(signer, error)| format!("{signer:?} {error}")).collect::<Vec<_>>().join("; ")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RosterText {
    threshold: u8,
    signers: Vec<EndpointText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointText {
    address: String,
    host: String,
    port: u16,
}

impl Roster {
    /// Reads a roster: `{"threshold": 2, "signers": [{"address": "0x...", "host": "signer-1", "port": 8443}, ...]}`.
    ///
    /// # Errors
    /// The member that is wrong, or signers that can't form a quorum.
    pub fn parse(source: &Source) -> Result<Self, InputError> {
        let text: RosterText = document(source)?;
        let rule = |place: String, name: &str, rule| {
            InputError::new(&source.name, Place::Json(place), Problem::Rule { name: name.to_owned(), rule })
        };
        let mut endpoints = Vec::new();
        for (index, text) in text.signers.into_iter().enumerate() {
            let mut address = [0; 20];
            let digits = text.address.strip_prefix("0x").unwrap_or_default();
            hex::decode_to_slice(digits, &mut address).map_err(|_| {
                rule(format!("signers[{index}].address"), "address", "must be 0x and 40 hexadecimal digits")
            })?;
            endpoints.push(Endpoint { signer: Address(address), host: text.host, port: text.port });
        }
        Self::new(endpoints, text.threshold).ok_or_else(|| {
            rule("signers".to_owned(), "signers", "must be 1 to 8 distinct ones, the threshold above half of them")
        })
    }

    /// Sorts the signers and checks them against the rules of the vault; nothing if they can't form a quorum.
    pub fn new(mut endpoints: Vec<Endpoint>, threshold: u8) -> Option<Self> {
        endpoints.sort_by_key(|endpoint| endpoint.signer);
        let addresses = endpoints.iter().map(|endpoint| endpoint.signer).collect();
        Some(Self { set: SignerSet::new(addresses, threshold).ok()?, endpoints })
    }

    /// The set, as the vault's terms carry it.
    pub const fn set(&self) -> &SignerSet {
        &self.set
    }
}

/// What is told of every signer's answer, the late ones included.
pub type Told = Arc<dyn Fn(Heard) + Send + Sync>;

/// Asks every signer at once and takes the first that sign. All are asked, so that all stay in step with the chain.
///
/// One signer that refuses, lies or sleeps does not stop the others: that is what k of n is for.
///
/// # Errors
/// [`CollectError::QuorumNotMet`] with every reason.
pub async fn collect(
    roster: &Roster,
    tls: &Arc<ClientConfig>,
    chain_id: u64,
    message: &MarginInstruction,
    needed: Needed,
    deadline: Duration,
) -> Result<Collected, CollectError> {
    let nobody: Told = Arc::new(|_| {});
    collect_telling(roster, tls, chain_id, message, needed, deadline, &nobody).await
}

/// The same, and `told` hears every answer, also of those that come after enough have signed.
///
/// # Errors
/// As [`collect`].
pub async fn collect_telling(
    roster: &Roster,
    tls: &Arc<ClientConfig>,
    chain_id: u64,
    message: &MarginInstruction,
    needed: Needed,
    deadline: Duration,
    told: &Told,
) -> Result<Collected, CollectError> {
    let request = SigningRequest::instruction(message, chain_id);
    let body = Arc::new(SignBody { chain_id, instruction: message.into() });
    let needed = match needed {
        Needed::Threshold => roster.set.threshold(),
        Needed::Everyone => roster.set.everyone(),
    };
    let mut tasks = JoinSet::new();
    for endpoint in &roster.endpoints {
        let (endpoint, tls, body, digest) = (endpoint.clone(), Arc::clone(tls), Arc::clone(&body), request.digest());
        let (told, vault) = (Arc::clone(told), message.vault);
        tasks.spawn(async move {
            let answer = tokio::time::timeout(deadline.min(MAX_DEADLINE), endpoint.sign(&tls, &body, &digest)).await;
            let answer = answer.unwrap_or(Err(RemoteError::Late));
            let said = answer.as_ref().map_or_else(Said::from, |_| Said::Signed);
            told(Heard { signer: endpoint.signer, vault, said });
            (endpoint.signer, answer)
        });
    }
    let (mut signed, mut failures) = (BTreeMap::new(), Vec::new());
    while signed.len() < usize::from(needed) {
        match tasks.join_next().await {
            Some(Ok((signer, Ok(signature)))) => {
                signed.insert(signer, signature);
            }
            Some(Ok((signer, Err(error)))) => failures.push((signer, error)),
            Some(Err(_)) => {}
            None => break,
        }
    }
    // The rest go on to their own deadlines: they sign, too, and stay in step.
    tasks.detach_all();
    failures.sort_by_key(|(signer, _)| *signer);
    if signed.len() < usize::from(needed) {
        return Err(CollectError::QuorumNotMet { got: signed.len(), needed, failures });
    }
    let signatures: Vec<_> = signed.into_iter().collect();
    let packed = pack(&signatures.iter().map(|(_, signature)| *signature).collect::<Vec<_>>());
    let checked = roster.set.verify::<EcdsaRecover>(&request.digest(), &packed, needed);
    checked.map_err(SignError::SelfCheck)?;
    Ok(Collected { signatures, failures })
}
