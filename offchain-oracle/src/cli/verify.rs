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
use ringfence_oracle::protocol::eip712::TypedMessage;
use ringfence_oracle::replay::value_at;
use ringfence_oracle::verify::{Claim, Comparison};
use ringfence_oracle::Error;
use serde_json::{json, Map, Value};

pub(super) fn run(cli: &Cli, arguments: &VerifyArgs) -> Result<(), Error> {
    let claim = Claim::parse(&Source::read(&arguments.instruction)?)?;
    let portfolio = data::portfolio(&arguments.portfolio)?;
    let inputs = data::inputs(&arguments.data)?;
    let other_tables = arguments.tables.as_ref().map(|file| differing_tables(file, &inputs)).transpose()?;
    let (step, pair) = value_at(&inputs, &portfolio, claim.valuation_time)?;
    let message = instruction::build(&claim.context, &step, &pair)?;
    let computed: Map<String, Value> = fields(&message).as_object().cloned().unwrap_or_default();
    let mut comparisons = claim.compare(&computed);
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
