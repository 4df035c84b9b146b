//! Signatures out of an ABI in JSON.

use serde_json::Value;
use std::collections::BTreeSet;

/// Canonical signatures, such as `settle(uint64,…,bytes)`, of all entries of one kind: `function`, `event` or `error`.
pub fn signatures(abi: &Value, kind: &str) -> BTreeSet<String> {
    entries(abi, kind).map(signature).collect()
}

/// Names of the functions that change state.
pub fn state_changing(abi: &Value) -> BTreeSet<String> {
    let changing = entries(abi, "function").filter(|entry| !matches!(text(entry, "stateMutability"), "view" | "pure"));
    changing.map(|entry| text(entry, "name").to_string()).collect()
}

/// Canonical signatures of the functions that answer with something.
pub fn answering(abi: &Value) -> BTreeSet<String> {
    let answers = |entry: &&Value| entry["outputs"].as_array().is_some_and(|outputs| !outputs.is_empty());
    entries(abi, "function").filter(answers).map(signature).collect()
}

/// The canonical type of what a function answers with, as one tuple; nothing if there is no such function.
pub fn outputs(abi: &Value, function: &str) -> Option<String> {
    let entry = entries(abi, "function").find(|entry| signature(entry) == function)?;
    Some(tuple(&entry["outputs"]))
}

/// The indexed fields of an event, by position.
pub fn indexed(abi: &Value, event: &str) -> Option<usize> {
    let entry = entries(abi, "event").find(|entry| signature(entry) == event)?;
    let inputs = entry["inputs"].as_array()?;
    Some(inputs.iter().filter(|input| input["indexed"].as_bool() == Some(true)).count())
}

fn entries<'a>(abi: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let all = abi.as_array().expect("an ABI is a list");
    all.iter().filter(move |entry| text(entry, "type") == kind)
}

fn signature(entry: &Value) -> String {
    format!("{}{}", text(entry, "name"), tuple(&entry["inputs"]))
}

fn tuple(fields: &Value) -> String {
    let types: Vec<String> = fields.as_array().into_iter().flatten().map(canonical).collect();
    format!("({})", types.join(","))
}

/// A tuple's type is the word and perhaps brackets; what it stands for is in its components.
fn canonical(field: &Value) -> String {
    let name = text(field, "type");
    match name.strip_prefix("tuple") {
        Some(brackets) => format!("{}{brackets}", tuple(&field["components"])),
        None => name.to_string(),
    }
}

fn text<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry[key].as_str().unwrap_or_default()
}
