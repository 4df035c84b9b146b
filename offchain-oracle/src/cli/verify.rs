use super::args::{Cli, VerifyArgs};
use super::data;
use super::margin::tables;
use super::output::{hex0x, print, print_json, table};
use super::sign::fields;
use ringfence_oracle::error::{InputError, Place, Problem};
use ringfence_oracle::files::Source;
use ringfence_oracle::inputs::Inputs;
use ringfence_oracle::instruction;
use ringfence_oracle::keccak::Keccak;
use ringfence_oracle::market::{parse_live_bars, Bar};
use ringfence_oracle::portfolio::Portfolio;
use ringfence_oracle::protocol::eip712::TypedMessage;
use ringfence_oracle::protocol::message::MarginInstruction;
use ringfence_oracle::replay::{value_at, value_between};
use ringfence_oracle::verify::{with_market, Claim, Comparison};
use ringfence_oracle::Error;
use serde_json::{json, Map, Value};

pub(super) fn run(cli: &Cli, arguments: &VerifyArgs) -> Result<(), Error> {
    let claim = Claim::parse(&Source::read(&arguments.instruction)?)?;
    let portfolio = data::portfolio(&arguments.portfolio)?;
    let inputs = data::inputs(&arguments.data)?;
    let other_tables = arguments.tables.as_ref().map(|file| differing_tables(file, &inputs)).transpose()?;
    let live = arguments.live_bars.as_deref().map(|file| parse_live_bars(&Source::read(file)?)).transpose()?;
    let (message, market) = recompute(&claim, &inputs, &live.unwrap_or_default(), &portfolio)?;
    let computed: Map<String, Value> = fields(&message).as_object().cloned().unwrap_or_default();
    let mut comparisons = with_market(claim.compare(&computed), market);
    if let Some(claimed) = claim.digest {
        let digest = hex0x(message.digest::<Keccak>(&claim.context.domain()));
        comparisons.push(Comparison {
            name: "digest".to_owned(),
            claimed: hex0x(claimed).into(),
            computed: digest.into(),
        });
    }
    show(cli, &comparisons, other_tables.as_deref())?;
    match comparisons.iter().find(|comparison| !comparison.agrees()) {
        None => Ok(()),
        Some(first) => Err(Error::Check(difference(first, other_tables.as_deref()))),
    }
}

/// The instruction that the inputs give, and how the market of the document compares with theirs.
fn recompute(
    claim: &Claim,
    inputs: &Inputs,
    live: &[Bar],
    portfolio: &Portfolio,
) -> Result<(MarginInstruction, Vec<Comparison>), Error> {
    let Some(evidence) = &claim.evidence else {
        if !live.is_empty() {
            let rule = "must have a member market for --live-bars to count: take it from the service";
            let problem = Problem::Rule { name: "the instruction document".to_owned(), rule };
            return Err(InputError::new("instruction", Place::File, problem).into());
        }
        let (step, pair) = value_at(inputs, portfolio, claim.valuation_time)?;
        return Ok((instruction::build(&claim.context, &step, &pair)?, Vec::new()));
    };
    let at = (claim.valuation_time, evidence.snapshot.marks);
    let (market, pair) = value_between(inputs, live, portfolio, evidence.last_close, at)?;
    let committed = claim.members.get("marketDataRoot").and_then(Value::as_str);
    let message = instruction::build_at(&claim.context, &market.moment, &pair)?;
    Ok((message, evidence.compare(committed, &market.evidence)))
}

/// The tables whose commitments are not those of the document.
fn differing_tables(file: &std::path::Path, inputs: &Inputs) -> Result<Vec<String>, Error> {
    let source = Source::read(file)?;
    let fail = |problem| InputError::new(&source.name, Place::Json("tables".to_owned()), problem);
    let document: Value = serde_json::from_str(&source.text)
        .map_err(|error| InputError::new(&source.name, Place::File, Problem::Json(error.to_string())))?;
    let rule = "must be an object of commitments, as margin --json prints it";
    let missing = || fail(Problem::Rule { name: "tables".to_owned(), rule });
    let theirs = document.get("tables").and_then(Value::as_object).ok_or_else(missing)?;
    let ours = tables(inputs);
    let differs = |(name, digest): (&String, &Value)| (theirs.get(name) != Some(digest)).then(|| name.clone());
    Ok(ours.as_object().into_iter().flatten().filter_map(differs).collect())
}

fn difference(first: &Comparison, other_tables: Option<&[String]>) -> String {
    let Comparison { name, claimed, computed } = first;
    let advice = match (name.as_str(), other_tables) {
        ("modelVersion", _) => "use the release of that model".to_owned(),
        ("portfolioRoot", _) => "use the portfolio that both parties signed".to_owned(),
        ("market", _) => "the instruction does not commit to the market of the document: its marks, times, roots or \
                          volatilities were changed"
            .to_owned(),
        ("market.static_inputs", None) => "compare tables (--tables names the table)".to_owned(),
        ("market.static_inputs", Some(tables)) if !tables.is_empty() => {
            format!("these tables differ: {}", tables.join(", "))
        }
        ("market.bars", _) => "the bars differ; compare the table and --live-bars with the service's".to_owned(),
        ("marketDataRoot", None) => "compare tables and bars (--tables names the table)".to_owned(),
        ("marketDataRoot", Some([])) => "every table agrees: the bars differ".to_owned(),
        ("marketDataRoot", Some(tables)) => format!("these tables differ: {}", tables.join(", ")),
        _ => "the committed inputs agree: the instruction is wrong".to_owned(),
    };
    format!("first difference: {name} is {}, the inputs give {}; {advice}", text(claimed), text(computed))
}

fn show(cli: &Cli, comparisons: &[Comparison], other_tables: Option<&[String]>) -> Result<(), Error> {
    if cli.json {
        let members = comparisons.iter().map(|comparison| {
            json!({
                "name": comparison.name, "claimed": comparison.claimed, "computed": comparison.computed,
                "agrees": comparison.agrees(),
            })
        });
        return print_json(&json!({
            "agrees": comparisons.iter().all(Comparison::agrees),
            "members": members.collect::<Vec<_>>(),
            "differing_tables": other_tables,
        }));
    }
    let mut rows = table(&["", "instruction", "recomputed", ""]);
    for comparison in comparisons {
        let mark = if comparison.agrees() { "same" } else { "DIFFERS" };
        rows.add_row([&comparison.name, &text(&comparison.claimed), &text(&comparison.computed), mark]);
    }
    print(&rows.to_string())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
