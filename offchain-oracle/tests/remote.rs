//! Signers over HTTP: who may talk to them, what they sign, and what the aggregator makes of their answers.

mod common;
#[path = "common/tls.rs"]
mod tls;

use axum::routing::post;
use axum::Router;
use ringfence_oracle::instruction::{build, VaultContext, NO_INTEREST};
use ringfence_oracle::journal::Journal;
use ringfence_oracle::keccak::EcdsaRecover;
use ringfence_oracle::protocol::message::MarginInstruction;
use ringfence_oracle::protocol::units::{Amount, Bps, Seconds, SignedAmount, Timestamp, Wad};
use ringfence_oracle::protocol::{Address, Digest};
use ringfence_oracle::replay::value_at;
use ringfence_oracle::sign::{
    pack, Anchored, ChainStateFile, Guarded, LocalKey, LocalSigner, Needed, Signer, SigningKey, SigningRequest,
};
use ringfence_oracle::signer::{
    app, client_config, collect, serve, server_config, CollectError, Collected, Declined, Endpoint, EngineRecompute,
    Policy, Recompute, Refused, RemoteError, Roster, Service, TlsFiles, MAX_BODY_BYTES,
};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tls::{Authority, Usage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;

const CHAIN_ID: u64 = 420;
const VAULT: Address = Address([0xb1; 20]);
const AT: u64 = 1_760_131_200;
const HOST: &str = "localhost";
const SOON: Duration = Duration::from_secs(20);

fn key(seed: u8) -> LocalKey {
    LocalKey::from_secret(&[seed; 32]).unwrap()
}

/// Three signers' files below one directory, an authority, an aggregator.
struct Desk {
    dir: TempDir,
    authority: Authority,
    aggregator: TlsFiles,
}

impl Desk {
    fn new() -> Self {
        let (dir, authority) = (TempDir::new().unwrap(), Authority::new());
        let aggregator = authority.issue(dir.path(), "aggregator", "aggregator", Usage::Client);
        let desk = Self { dir, authority, aggregator };
        fs::copy(common::data_dir().join("portfolios/btc.json"), desk.path("btc.json")).unwrap();
        desk.chain(0);
        desk.policy("exact.json", r#"{"absolute":"0","relative_bps":0,"other_market_data":false}"#);
        desk.policy("wide.json", r#"{"absolute":"5000000","relative_bps":10,"other_market_data":true}"#);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn chain(&self, instruction: u64) {
        let vault = format!("0x{}", hex::encode(VAULT));
        let text = format!(
            r#"{{"vaults":[{{"chain_id":{CHAIN_ID},"vault":"{vault}","instruction":{instruction},"close_out":0,"portfolio":0,"rotation":0}}]}}"#
        );
        fs::write(self.path("chain.json"), text).unwrap();
    }

    fn policy(&self, name: &str, tolerance: &str) {
        let (vault, terms) = (format!("0x{}", hex::encode(VAULT)), format!("0x{}", "02".repeat(32)));
        let text = format!(
            r#"{{"tolerance":{tolerance},"vaults":[{{"chain_id":{CHAIN_ID},"vault":"{vault}","terms_hash":"{terms}","portfolio":"btc.json","max_validity_seconds":900}}]}}"#
        );
        fs::write(self.path(name), text).unwrap();
    }

    /// Starts a signer and says where it is.
    async fn signer(&self, seed: u8, policy: &str) -> Endpoint {
        let key = key(seed);
        let (address, path) = (key.address(), self.path(&format!("{seed}.journal")));
        let journal = match Journal::open(&path, address) {
            Ok(journal) => journal,
            Err(_) => Journal::create(&path, address).unwrap(),
        };
        let signer = Anchored::new(Guarded::new(key, journal), ChainStateFile::new(&self.path("chain.json")));
        let policy = Policy::read(&self.path(policy)).unwrap();
        let tolerance = policy.tolerance;
        let service = Service::new(signer, EngineRecompute::new(common::inputs(), policy), tolerance);
        self.listen(
            address,
            app(service),
            &self.authority.issue(self.dir.path(), &seed.to_string(), HOST, Usage::Server),
        )
        .await
    }

    async fn listen(&self, signer: Address, app: Router, files: &TlsFiles) -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(serve(listener, server_config(files).unwrap(), app, std::future::pending()));
        Endpoint { signer, host: HOST.to_owned(), port }
    }

    async fn collect(
        &self,
        roster: &Roster,
        message: &MarginInstruction,
        needed: Needed,
    ) -> Result<Collected, CollectError> {
        let tls = client_config(&self.aggregator).unwrap();
        collect(roster, &tls, CHAIN_ID, message, needed, SOON).await
    }

    async fn ask(&self, endpoint: &Endpoint, message: &MarginInstruction) -> Result<(), RemoteError> {
        self.ask_as(&self.aggregator, endpoint, message).await
    }

    async fn ask_as(&self, files: &TlsFiles, to: &Endpoint, message: &MarginInstruction) -> Result<(), RemoteError> {
        let tls = client_config(files).unwrap();
        let roster = Roster::new(vec![to.clone()], 1).unwrap();
        match collect(&roster, &tls, CHAIN_ID, message, Needed::Threshold, SOON).await {
            Ok(_) => Ok(()),
            Err(CollectError::QuorumNotMet { mut failures, .. }) => Err(failures.pop().unwrap().1),
            Err(error) => panic!("{error}"),
        }
    }
}

/// What the engine gives for the sequence.
fn proposal(sequence: u64) -> MarginInstruction {
    let source = ringfence_oracle::files::Source::read(&common::data_dir().join("portfolios/btc.json")).unwrap();
    let portfolio = ringfence_oracle::portfolio::Portfolio::parse(&source).unwrap();
    let (step, pair) = value_at(&common::inputs(), &portfolio, Timestamp::new(AT)).unwrap();
    let validity = Seconds::new(900);
    let (interest_index, fee_rate) = (NO_INTEREST, Bps::new(0));
    let terms_hash = Digest([2; 32]);
    let context =
        VaultContext { chain_id: CHAIN_ID, vault: VAULT, terms_hash, sequence, validity, interest_index, fee_rate };
    build(&context, &step, &pair).unwrap()
}

fn refused(result: Result<(), RemoteError>) -> (Refused, String) {
    match result.unwrap_err() {
        RemoteError::Refused { code, error } => (code, error),
        other => panic!("{other}"),
    }
}

/// A signer that is down: a port that nobody listens on.
async fn down(seed: u8) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    Endpoint { signer: key(seed).address(), host: HOST.to_owned(), port }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_three_sign_what_the_engine_gives_and_all_three_when_everyone_must() {
    let desk = Desk::new();
    let endpoints = vec![
        desk.signer(1, "exact.json").await,
        desk.signer(2, "exact.json").await,
        desk.signer(3, "exact.json").await,
    ];
    let roster = Roster::new(endpoints, 2).unwrap();
    let message = proposal(1);
    let digest = SigningRequest::instruction(&message, CHAIN_ID).digest();
    for (needed, count) in [(Needed::Threshold, 2), (Needed::Everyone, 3), (Needed::Threshold, 2)] {
        let collected = desk.collect(&roster, &message, needed).await.unwrap();
        assert_eq!(collected.signatures.len(), count);
        assert_eq!(collected.failures, []);
        let packed = pack(&collected.signatures.iter().map(|(_, signature)| *signature).collect::<Vec<_>>());
        roster.set().verify::<EcdsaRecover>(&digest, &packed, count.try_into().unwrap()).unwrap();
        for (signer, signature) in collected.signatures {
            let seed = (1..=3).find(|seed| key(*seed).address() == signer).unwrap();
            let mut local = LocalSigner::from_secret(&[seed; 32]).unwrap();
            assert_eq!(local.sign(&SigningRequest::instruction(&message, CHAIN_ID)), Ok(signature), "as in process");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_signer_down_or_lying_does_not_stop_the_others_two_do() {
    let desk = Desk::new();
    let good = [desk.signer(1, "exact.json").await, desk.signer(2, "exact.json").await];
    // Signs something else, correctly.
    let liar = Router::new().route(
        "/v1/sign",
        post(|| async {
            let mut other = proposal(1);
            other.sequence = 99;
            let request = SigningRequest::instruction(&other, CHAIN_ID);
            let signature = LocalSigner::from_secret(&[3; 32]).unwrap().sign(&request).unwrap();
            let real = SigningRequest::instruction(&proposal(1), CHAIN_ID).digest();
            let [signer, digest, signature] =
                [hex::encode(key(3).address()), hex::encode(real), hex::encode(signature.0)];
            format!(r#"{{"signer":"0x{signer}","digest":"0x{digest}","signature":"0x{signature}"}}"#)
        }),
    );
    let files = desk.authority.issue(desk.dir.path(), "liar", HOST, Usage::Server);
    let liar = desk.listen(key(3).address(), liar, &files).await;
    assert_eq!(desk.ask(&liar, &proposal(1)).await, Err(RemoteError::NotItsSignature));
    let roster = Roster::new([&good[..], std::slice::from_ref(&liar)].concat(), 2).unwrap();
    assert_eq!(desk.collect(&roster, &proposal(1), Needed::Threshold).await.unwrap().signatures.len(), 2);
    let roster = Roster::new(vec![good[0].clone(), down(2).await, liar], 2).unwrap();
    let error = desk.collect(&roster, &proposal(1), Needed::Threshold).await.unwrap_err();
    let CollectError::QuorumNotMet { got: 1, needed: 2, failures } = error else { panic!("{error}") };
    assert!(failures
        .iter()
        .any(|(signer, error)| *signer == key(3).address() && *error == RemoteError::NotItsSignature));
    assert!(failures.iter().any(|(_, error)| matches!(error, RemoteError::Unreachable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signer_that_sleeps_is_late_and_one_that_rambles_is_garbled() {
    let desk = Desk::new();
    let sleeper = Router::new().route("/v1/sign", post(|| async { std::future::pending::<String>().await }));
    let files = desk.authority.issue(desk.dir.path(), "other", HOST, Usage::Server);
    let sleeper = desk.listen(key(1).address(), sleeper, &files).await;
    let roster = Roster::new(vec![sleeper], 1).unwrap();
    let tls = client_config(&desk.aggregator).unwrap();
    let soon = Duration::from_millis(300);
    let error = collect(&roster, &tls, CHAIN_ID, &proposal(1), Needed::Threshold, soon).await.unwrap_err();
    assert!(matches!(error, CollectError::QuorumNotMet { failures, .. } if failures[0].1 == RemoteError::Late));
    for answer in ["", "{}", "null", "{\"signer\":1}"] {
        let rambler = Router::new().route("/v1/sign", post(move || async move { answer }));
        let rambler = desk.listen(key(1).address(), rambler, &files).await;
        assert!(matches!(desk.ask(&rambler, &proposal(1)).await, Err(RemoteError::Garbled(_))), "{answer}");
    }
    let endless = Router::new().route("/v1/sign", post(|| async { "x".repeat(MAX_BODY_BYTES + 1) }));
    let endless = desk.listen(key(1).address(), endless, &files).await;
    assert!(matches!(desk.ask(&endless, &proposal(1)).await, Err(RemoteError::Unreachable(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_from_the_signers_own_figures_is_signed_within_tolerance_only() {
    let desk = Desk::new();
    let (exact, wide) = (desk.signer(1, "exact.json").await, desk.signer(2, "wide.json").await);
    let mut near = proposal(1);
    near.entitlement_a = SignedAmount::new(near.entitlement_a.get() + 5_000_000);
    let (code, error) = refused(desk.ask(&exact, &near).await);
    assert_eq!(code, Refused::Declined);
    assert!(error.contains("entitlementA") && error.contains("allows 0 either way"), "{error}");
    desk.ask(&wide, &near).await.unwrap();
    desk.ask(&exact, &proposal(1)).await.unwrap();
    let changes: [fn(&mut MarginInstruction); 10] = [
        |m| m.fee_rate = Bps::new(1),
        |m| m.interest_index = Wad::new(m.interest_index.get() + 1),
        |m| m.initial_margin_a = Amount::new(m.initial_margin_a.get() * 102 / 100),
        |m| m.tail_requirement = Amount::new(0),
        |m| m.portfolio_root = Digest([9; 32]),
        |m| m.terms_hash = Digest([9; 32]),
        |m| m.vault = Address([9; 20]),
        |m| m.expiry = Timestamp::new(m.valuation_time.get() + 901),
        |m| m.valuation_time = Timestamp::new(AT + 1),
        |m| m.model_version += 1,
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut bad = proposal(1);
        change(&mut bad);
        assert_eq!(refused(desk.ask(&wide, &bad).await).0, Refused::Declined, "change {index}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_proposal_for_a_sequence_is_a_conflict_and_the_first_is_signed_again() {
    let desk = Desk::new();
    let signer = desk.signer(1, "wide.json").await;
    desk.ask(&signer, &proposal(1)).await.unwrap();
    let mut second = proposal(1);
    second.entitlement_a = SignedAmount::new(second.entitlement_a.get() + 1);
    let (code, error) = refused(desk.ask(&signer, &second).await);
    assert_eq!(code, Refused::Conflict, "{error}");
    desk.ask(&signer, &proposal(1)).await.unwrap();
    // The next number only once the chain has taken this one.
    assert_eq!(refused(desk.ask(&signer, &proposal(2)).await).0, Refused::NotNow);
    desk.chain(1);
    desk.ask(&signer, &proposal(2)).await.unwrap();
}

/// Whoever comes first, and however they are grouped: one digest for the number, and the same signature for all who ask for it.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_only_one_proposal_is_signed() {
    let desk = Desk::new();
    let signer = desk.signer(1, "wide.json").await;
    let roster = Arc::new(Roster::new(vec![signer.clone()], 1).unwrap());
    let tls = client_config(&desk.aggregator).unwrap();
    let ask = |index: i128| {
        let (roster, tls, mut message) = (Arc::clone(&roster), Arc::clone(&tls), proposal(1));
        message.entitlement_a = SignedAmount::new(message.entitlement_a.get() + index % 3);
        tokio::spawn(
            async move { (index % 3, collect(&roster, &tls, CHAIN_ID, &message, Needed::Threshold, SOON).await) },
        )
    };
    let asked: Vec<_> = (0..24).map(ask).collect();
    let mut signed = std::collections::BTreeSet::new();
    for answer in asked {
        match answer.await.unwrap() {
            (which, Ok(collected)) => drop(signed.insert((which, collected.signatures[0].1 .0))),
            (_, Err(CollectError::QuorumNotMet { failures, .. })) => {
                let conflict = matches!(failures[0].1, RemoteError::Refused { code: Refused::Conflict, .. });
                assert!(conflict, "{failures:?}");
            }
            (_, Err(error)) => panic!("{error}"),
        }
    }
    assert_eq!(signed.len(), 1);
    let (_, health) = http(&desk, &signer, "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(health.contains("\"records\":1"), "{health}");
}

/// A signer whose own figures fail in the middle says so to everybody from then on, and answers at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_signer_that_panicked_signs_nothing_more() {
    struct Broken;
    impl Recompute for Broken {
        fn own(&mut self, _: u64, _: &MarginInstruction) -> Result<MarginInstruction, Declined> {
            panic!("on purpose")
        }
    }
    let desk = Desk::new();
    let journal = Journal::create(&desk.path("1.journal"), key(1).address()).unwrap();
    let signer = Anchored::new(Guarded::new(key(1), journal), ChainStateFile::new(&desk.path("chain.json")));
    let tolerance = Policy::read(&desk.path("exact.json")).unwrap().tolerance;
    let files = desk.authority.issue(desk.dir.path(), "1", HOST, Usage::Server);
    let signer = desk.listen(key(1).address(), app(Service::new(signer, Broken, tolerance)), &files).await;
    for _ in 0..3 {
        let (code, error) = refused(desk.ask(&signer, &proposal(1)).await);
        assert_eq!((code, error.as_str()), (Refused::Unavailable, "the signer has failed; restart it"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_a_certificate_of_the_authority_is_served() {
    let desk = Desk::new();
    let signer = desk.signer(1, "exact.json").await;
    let unreachable = |result| matches!(result, Err(RemoteError::Unreachable(_)));
    // Another authority's client, with ours as the one it believes.
    let stranger = Authority::new();
    let mut files = stranger.issue(desk.dir.path(), "stranger", "aggregator", Usage::Client);
    files.authority.clone_from(&desk.aggregator.authority);
    assert!(unreachable(desk.ask_as(&files, &signer, &proposal(1)).await));
    // A signer's own certificate does not make it an aggregator.
    let files = desk.authority.issue(desk.dir.path(), "insider", HOST, Usage::Server);
    assert!(unreachable(desk.ask_as(&files, &signer, &proposal(1)).await));
    // No certificate at all.
    let mut roots = tokio_rustls::rustls::RootCertStore::empty();
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    roots
        .add(tokio_rustls::rustls::pki_types::CertificateDer::from_pem_file(&desk.aggregator.authority).unwrap())
        .unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = tokio_rustls::rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&tokio_rustls::rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let roster = Roster::new(vec![signer.clone()], 1).unwrap();
    let answer = collect(&roster, &Arc::new(config), CHAIN_ID, &proposal(1), Needed::Threshold, SOON).await;
    assert!(
        matches!(answer, Err(CollectError::QuorumNotMet { failures, .. }) if matches!(failures[0].1, RemoteError::Unreachable(_)))
    );
    // No TLS at all.
    let mut plain = TcpStream::connect((HOST, signer.port)).await.unwrap();
    plain.write_all(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
    // The journal has seen none of it.
    let (status, health) = http(&desk, &signer, "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(status, 200);
    assert!(health.contains("\"records\":0"), "{health}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aggregator_believes_no_other_server() {
    let desk = Desk::new();
    let app = || Router::new().route("/v1/sign", post(|| async { "{}" }));
    let files = Authority::new().issue(desk.dir.path(), "fake", HOST, Usage::Server);
    let other_authority = desk.listen(key(1).address(), app(), &files).await;
    let files = desk.authority.issue(desk.dir.path(), "wrong", "elsewhere", Usage::Server);
    let other_name = desk.listen(key(1).address(), app(), &files).await;
    for endpoint in [other_authority, other_name] {
        let answer = desk.ask(&endpoint, &proposal(1)).await;
        assert!(matches!(answer, Err(RemoteError::Unreachable(_))), "{answer:?}");
    }
}

/// One raw request over mutual TLS.
async fn http(desk: &Desk, to: &Endpoint, request: &str) -> (u16, String) {
    let tls = TlsConnector::from(client_config(&desk.aggregator).unwrap());
    let stream = TcpStream::connect((HOST, to.port)).await.unwrap();
    let mut stream = tls.connect(ServerName::try_from(HOST).unwrap(), stream).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    (status, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_get_their_status_and_sign_nothing() {
    let desk = Desk::new();
    let signer = desk.signer(1, "exact.json").await;
    let post = |body: &str| {
        format!("POST /v1/sign HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    for (request, status, text) in [
        (post("not json"), 400, "bad_request"),
        (post("{\"chain_id\":420}"), 400, "missing field `instruction`"),
        (post(&"[".repeat(10_000)), 400, "bad_request"),
        (post(&" ".repeat(MAX_BODY_BYTES + 1)), 413, ""),
        ("GET /v1/sign HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), 405, ""),
        ("GET /../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), 404, ""),
        ("\0\0\0\0\r\n\r\n".to_owned(), 400, ""),
    ] {
        let (found, answer) = http(&desk, &signer, &request).await;
        assert_eq!(found, status, "{answer}");
        assert!(answer.contains(text), "{answer}");
    }
    let (_, health) = http(&desk, &signer, "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(health.contains("\"records\":0"), "{health}");
}

#[test]
fn policies_and_rosters_name_what_is_wrong() {
    let desk = Desk::new();
    let text = fs::read_to_string(desk.path("exact.json")).unwrap();
    for (from, to, message) in [
        ("\"absolute\":\"0\"", "\"absolute\":\"-1\"", "tolerance.absolute: absolute must be base units"),
        ("\"relative_bps\":0", "\"relative_bps\":1001", "tolerance.relative_bps: relative_bps must be at most 1000"),
        ("0xb1b1", "b1b1", "vaults[0].vault: vault must be 0x and 40"),
        ("0x0202", "0x02", "vaults[0].terms_hash: terms_hash must be 0x and 64"),
        (":900", ":86401", "vaults[0].max_validity_seconds: max_validity_seconds must be"),
        ("btc.json", "none.json", "none.json: file not found"),
    ] {
        fs::write(desk.path("bad.json"), text.replacen(from, to, 1)).unwrap();
        let error = Policy::read(&desk.path("bad.json")).unwrap_err().to_string();
        assert!(error.contains(message), "{error}\nexpected {message}");
    }
    let roster = |text: &str| Roster::parse(&ringfence_oracle::files::Source::new("r.json", text));
    let one = |address: &str| format!(r#"{{"address":"{address}","host":"h","port":1}}"#);
    let (a, b) = (one(&format!("0x{}", "01".repeat(20))), one(&format!("0x{}", "02".repeat(20))));
    assert!(roster(&format!(r#"{{"threshold":2,"signers":[{b},{a}]}}"#)).is_ok());
    for bad in [
        format!(r#"{{"threshold":1,"signers":[{a},{b}]}}"#),
        format!(r#"{{"threshold":2,"signers":[{a},{a}]}}"#),
        r#"{"threshold":0,"signers":[]}"#.to_owned(),
        format!(r#"{{"threshold":1,"signers":[{}]}}"#, one("0x01")),
        r#"{"threshold":1,"signers":[{"address":"0x","host":"h","port":70000}]}"#.to_owned(),
    ] {
        assert!(roster(&bad).unwrap_err().to_string().starts_with("r.json: signers"), "{bad}");
    }
}
