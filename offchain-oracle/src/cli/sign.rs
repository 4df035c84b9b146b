use super::args::{Cli, SignArgs};
use super::data;
use super::journal::journal_of;
use super::output::{hex0x, print, print_json};
use ringfence_oracle::context::SigningContext;
use ringfence_oracle::files::Source;
use ringfence_oracle::instruction;
use ringfence_oracle::journal::Journal;
use ringfence_oracle::protocol::message::MarginInstruction;
use ringfence_oracle::replay::value_at;
use ringfence_oracle::sign::{
    keyfile, pack, Anchored, ChainCounters, ChainStateFile, FollowedBy, Guarded, LocalKey, Needed, Quorum, SignError,
    SigningKey, SigningRequest,
};
use ringfence_oracle::time::format_timestamp;
use ringfence_oracle::Error;
use serde_json::{json, Value};

type JournalSigner = Anchored<LocalKey, Box<dyn ChainCounters>>;

/// Every input is read and checked, and the instruction is complete, before a key file is opened.
pub(super) fn run(cli: &Cli, arguments: &SignArgs) -> Result<(), Error> {
    let source = Source::read(&arguments.context)?;
    let context = SigningContext::parse(&source)?;
    let portfolio = data::portfolio(&context.portfolio)?;
    context.check_root(&source.name, portfolio.root())?;
    let inputs = data::inputs(&arguments.data)?;
    let (step, pair) = value_at(&inputs, &portfolio, context.at)?;
    let message = instruction::build(&context.vault, &step, &pair)?;

    let request = SigningRequest::instruction(&message, context.vault.chain_id);
    let mut quorum = Quorum::new(signers(arguments, &request)?, arguments.threshold)?;
    let needed = if arguments.everyone { Needed::Everyone } else { Needed::Threshold };
    let signatures = quorum.sign(&request, needed)?;

    let signers = quorum.set().signers().iter().zip(&signatures);
    let document = json!({
        "instruction": fields(&message),
        "chain_id": context.vault.chain_id,
        "digest": hex0x(request.digest()),
        "signatures": signers.map(|(signer, signature)| json!({
            "signer": hex0x(signer), "signature": hex0x(signature.0)
        })).collect::<Vec<_>>(),
        "packed": hex0x(pack(&signatures)),
    });
    if cli.json {
        return print_json(&document);
    }
    let time = format_timestamp(message.valuation_time);
    print(&format!("instruction {} of {} at {time}", message.sequence, pair.pair))?;
    for (name, value) in fields(&message).as_object().into_iter().flatten() {
        print(&format!("  {name:<18} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))?;
    }
    print(&format!("digest {}", hex0x(request.digest())))?;
    for (signer, signature) in quorum.set().signers().iter().zip(&signatures) {
        print(&format!("signer {}\n  {}", hex0x(signer), hex0x(signature.0)))?;
    }
    Ok(())
}

/// Each key behind its journal, tied to the chain's counters.
fn signers(arguments: &SignArgs, request: &SigningRequest) -> Result<Vec<JournalSigner>, SignError> {
    let passphrase = super::keys::read(&arguments.passphrase)?;
    let keys = arguments.keys.iter().map(|path| keyfile::load(path, passphrase.as_ref()));
    let keys = keys.collect::<Result<Vec<LocalKey>, _>>()?;
    let paths = arguments.keys.iter().map(|key| journal_of(key));
    let paths = if arguments.journals.is_empty() { paths.collect() } else { arguments.journals.clone() };
    if paths.len() != keys.len() {
        let (keys, journals) = (keys.len(), paths.len());
        return Err(SignError::JournalCount { keys, journals });
    }
    let signers = keys.into_iter().zip(&paths).map(|(key, path)| {
        let journal = Journal::open(path, key.address())?;
        let chain: Box<dyn ChainCounters> = match &arguments.chain_state {
            Some(path) => Box::new(ChainStateFile::new(path)),
            None => Box::new(FollowedBy(request.slot())),
        };
        Ok(Anchored::new(Guarded::new(key, journal), chain))
    });
    signers.collect()
}

/// The members as EIP-712 names them.
fn fields(message: &MarginInstruction) -> Value {
    json!({
        "vault": hex0x(message.vault),
        "termsHash": hex0x(message.terms_hash),
        "sequence": message.sequence,
        "valuationTime": message.valuation_time.get(),
        "expiry": message.expiry.get(),
        "portfolioRoot": hex0x(message.portfolio_root),
        "entitlementA": message.entitlement_a.to_string(),
        "initialMarginA": message.initial_margin_a.to_string(),
        "initialMarginB": message.initial_margin_b.to_string(),
        "tailRequirement": message.tail_requirement.to_string(),
        "marketDataRoot": hex0x(message.market_data_root),
        "modelVersion": message.model_version,
    })
}
