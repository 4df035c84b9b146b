use super::args::{Cli, SignerArgs, TlsArgs};
use super::journal::journal_of;
use super::output::{hex0x, print, print_json};
use super::{data, keys};
use ringfence_oracle::journal::Journal;
use ringfence_oracle::sign::{Anchored, ChainStateFile, Guarded, SignError, SigningKey};
use ringfence_oracle::signer::{app, serve, server_config, EngineRecompute, Policy, Service, TlsFiles};
use ringfence_oracle::Error;
use serde_json::json;
use std::future::Future;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Every input is read and checked before the key is opened, and the journal is compared with the chain before it listens.
pub(super) fn run(cli: &Cli, arguments: &SignerArgs) -> Result<(), Error> {
    let inputs = data::inputs(&arguments.data)?;
    let policy = Policy::read(&arguments.policy)?;
    let tls = server_config(&files(&arguments.tls))?;
    let key = keys::load(&arguments.key, &arguments.passphrase)?;
    let address = key.address();
    let path = arguments.journal.clone().unwrap_or_else(|| journal_of(&arguments.key));
    let journal = Journal::open(&path, address).map_err(SignError::from)?;
    let mut signer = Anchored::new(Guarded::new(key, journal), ChainStateFile::new(&arguments.chain_state));
    signer.start(policy.counters())?;
    let tolerance = policy.tolerance;
    let app = app(Service::new(signer, EngineRecompute::new(inputs, policy), tolerance));
    runtime()?.block_on(async {
        let unusable = |error: std::io::Error| Error::Listen { address: arguments.listen.clone(), kind: error.kind() };
        let listener = TcpListener::bind(&arguments.listen).await.map_err(unusable)?;
        let local = listener.local_addr().map_err(unusable)?;
        let stop = stop().map_err(|error| Error::Output { target: "signals".to_owned(), kind: error.kind() })?;
        announce(cli, &hex0x(address), local)?;
        serve(listener, tls, app, stop).await;
        Ok(())
    })
}

fn announce(cli: &Cli, signer: &str, local: SocketAddr) -> Result<(), Error> {
    if cli.json {
        return print_json(&json!({ "signer": signer, "listening": local.to_string() }));
    }
    print(&format!("signer {signer} listening on {local}"))
}

pub(super) fn files(arguments: &TlsArgs) -> TlsFiles {
    let TlsArgs { tls_cert, tls_key, tls_ca } = arguments;
    TlsFiles { certificate: tls_cert.clone(), key: tls_key.clone(), authority: tls_ca.clone() }
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.map_err(|error| Error::Output { target: "threads".to_owned(), kind: error.kind() })
}

/// Ends at the first SIGTERM or Ctrl-C. The signals are taken from this call on, not only from the first poll: whoever
/// reads the address may end the process at once.
pub(super) fn stop() -> std::io::Result<impl Future<Output = ()> + Send> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{signal, SignalKind};
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
