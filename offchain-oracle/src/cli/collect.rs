use super::args::{Cli, CollectArgs};
use super::sign::{proposal, report};
use super::signer::{files, runtime};
use ringfence_oracle::files::Source;
use ringfence_oracle::sign::{Needed, SigningRequest};
use ringfence_oracle::signer::{client_config, collect, CollectError, Collected, Refused, RemoteError, Roster};
use ringfence_oracle::Error;
use std::time::Duration;

pub(super) fn run(cli: &Cli, arguments: &CollectArgs) -> Result<(), Error> {
    let proposal = proposal(&arguments.context, &arguments.data, &arguments.quotes)?;
    let roster = Roster::parse(&Source::read(&arguments.roster)?)?;
    let tls = client_config(&files(&arguments.tls))?;
    let needed = if arguments.everyone { Needed::Everyone } else { Needed::Threshold };
    let (chain_id, deadline) = (proposal.chain_id, Duration::from_secs(arguments.deadline));
    let collecting = collect(&roster, &tls, chain_id, &proposal.message, needed, deadline);
    let collected = runtime()?.block_on(collecting);
    let failures = match &collected {
        Ok(Collected { failures, .. }) | Err(CollectError::QuorumNotMet { failures, .. }) => failures.as_slice(),
        Err(_) => &[],
    };
    for (signer, error) in failures {
        let conflict = matches!(error, RemoteError::Refused { code: Refused::Conflict, .. });
        let label = if conflict { "ALARM signer" } else { "warning: signer" };
        eprintln!("{label} {signer:?} {error}");
    }
    let request = SigningRequest::instruction(&proposal.message, chain_id);
    report(cli, &proposal, request.digest(), &collected?.signatures)
}
