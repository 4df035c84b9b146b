use super::args::{Cli, DataArgs, QuotesArgs, SignArgs};
use super::data;
use super::journal::journal_of;
use super::output::{hex0x, print, print_json};
use ringfence_oracle::context::SigningContext;
use ringfence_oracle::feed::Millis;
use ringfence_oracle::files::Source;
use ringfence_oracle::instruction;
use ringfence_oracle::journal::Journal;
use ringfence_oracle::protocol::message::MarginInstruction;
use ringfence_oracle::protocol::{Address, Digest};
use ringfence_oracle::replay::value_at;
use ringfence_oracle::sign::{
    keyfile, pack, Anchored, ChainCounters, ChainStateFile, FollowedBy, Guarded, LocalKey, Needed, Quorum, Said,
    SignError, SignatureBytes, SigningKey, SigningRequest,
};
use ringfence_oracle::signer::InstructionBody;
use ringfence_oracle::time::format_timestamp;
use ringfence_oracle::Error;
use serde_json::{json, Value};
use std::path::Path;

type JournalSigner = Anchored<LocalKey, Box<dyn ChainCounters + Send>>;

/// A complete instruction, before anybody has signed it.
pub(super) struct Proposal {
    pub(super) pair: String,
    pub(super) chain_id: u64,
    pub(super) message: MarginInstruction,
}

/// Every input is read and checked, and the instruction is complete, before a key file is opened.
pub(super) fn run(cli: &Cli, arguments: &SignArgs) -> Result<(), Error> {
    let proposal = proposal(&arguments.context, &arguments.data, &arguments.quotes)?;
    let request = SigningRequest::instruction(&proposal.message, proposal.chain_id);
    let mut quorum = Quorum::new(signers(arguments, &request)?, arguments.threshold)?;
    let needed = if arguments.everyone { Needed::Everyone } else { Needed::Threshold };
    let signatures = quorum.sign(&request, needed)?;
    // Signatures are those of the first that signed, in the same order.
    let good = quorum.heard().into_iter().filter(|heard| heard.said == Said::Signed);
    let signed: Vec<_> = good.map(|heard| heard.signer).zip(signatures).collect();
    report(cli, &proposal, request.digest(), &signed)
}

/// Reads a context and everything it needs, and values the pair: at a bar of the file, or at the marks of quotes.
pub(super) fn proposal(context: &Path, tables: &DataArgs, quotes: &QuotesArgs) -> Result<Proposal, Error> {
    let source = Source::read(context)?;
    let context = SigningContext::parse(&source)?;
    let portfolio = data::portfolio(&context.portfolio)?;
    context.check_root(&source.name, portfolio.root())?;
    let inputs = data::inputs(tables)?;
    let (step, pair) = match data::live(inputs.clone(), quotes, context.at)? {
        Some(market) => market.value(&portfolio, context.at, Millis::from(context.at))?,
        None => value_at(&inputs, &portfolio, context.at)?,
    };
    let message = instruction::build(&context.vault, &step, &pair)?;
    Ok(Proposal { pair: pair.pair, chain_id: context.vault.chain_id, message })
}

/// Prints an instruction with its signatures, ascending by signer.
pub(super) fn report(
    cli: &Cli,
    proposal: &Proposal,
    digest: Digest,
    signed: &[(Address, SignatureBytes)],
) -> Result<(), Error> {
    let message = &proposal.message;
    let packed: Vec<_> = signed.iter().map(|(_, signature)| *signature).collect();
    if cli.json {
        return print_json(&json!({
            "instruction": InstructionBody::from(message),
            "chain_id": proposal.chain_id,
            "digest": hex0x(digest),
            "signatures": signed.iter().map(|(signer, signature)| json!({
                "signer": hex0x(signer), "signature": hex0x(signature.0)
            })).collect::<Vec<_>>(),
            "packed": hex0x(pack(&packed)),
        }));
    }
    let time = format_timestamp(message.valuation_time);
    print(&format!("instruction {} of {} at {time}", message.sequence, proposal.pair))?;
    let members = json!(InstructionBody::from(message));
    for (name, value) in members.as_object().into_iter().flatten() {
        print(&format!("  {name:<18} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)))?;
    }
    print(&format!("digest {}", hex0x(digest)))?;
    for (signer, signature) in signed {
        print(&format!("signer {}\n  {}", hex0x(signer), hex0x(signature.0)))?;
    }
    Ok(())
}

/// The members as EIP-712 names them.
pub(super) fn fields(message: &MarginInstruction) -> Value {
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
        "interestIndex": message.interest_index.to_string(),
        "feeRate": message.fee_rate.get(),
        "collateral": message.collateral.iter().map(|mark| json!({ "price": mark.price.to_string(), "haircut": mark.haircut.get() })).collect::<Vec<_>>(),
        "marketDataRoot": hex0x(message.market_data_root),
        "modelVersion": message.model_version,
    })
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
        let chain: Box<dyn ChainCounters + Send> = match &arguments.chain_state {
            Some(path) => Box::new(ChainStateFile::new(path)),
            None => Box::new(FollowedBy(request.slot())),
        };
        Ok(Anchored::new(Guarded::new(key, journal), chain))
    });
    signers.collect()
}
