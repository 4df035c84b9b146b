//! What the gates found, as a table for people and as JSON for programs.

use crate::{limits, storage::Value};
use serde::Serialize;
use std::fmt::Write as _;

/// What the gates found in one contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Name of the contract, as in its artifacts.
    pub contract: String,
    /// Size of the blob.
    pub blob_bytes: usize,
    /// Longest basic block in instructions.
    pub longest_block: u32,
    /// Imported host functions, sorted.
    pub imports: Vec<String>,
    /// The root value first, then every value with a key of its own.
    pub storage: Vec<Value>,
    /// Why the contract does not pass; empty when it does.
    pub refusals: Vec<String>,
}

impl Report {
    /// Whether the contract passes every gate.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.refusals.is_empty()
    }

    /// Largest size of the root value, `None` without a bound.
    #[must_use]
    pub fn root_bytes(&self) -> Option<usize> {
        self.storage.first().and_then(|root| root.bytes)
    }

    fn largest_other(&self) -> String {
        let others = self.storage.iter().skip(1);
        match others.max_by_key(|value| value.bytes.unwrap_or(usize::MAX)) {
            None => "-".to_owned(),
            Some(value) => format!("{} ({})", bytes(value.bytes), value.path),
        }
    }
}

/// All reports as JSON, with the verdict and the limits they were held against.
#[must_use]
pub fn json(reports: &[Report]) -> String {
    let value = serde_json::json!({
        "passed": reports.iter().all(Report::passes),
        "limits": {
            "blobBytes": limits::BLOB_BYTES,
            "rootBytes": limits::ROOT_BYTES,
            "valueBytes": limits::CHAIN_VALUE_BYTES,
            "basicBlockInstructions": limits::BASIC_BLOCK_INSTRUCTIONS,
        },
        "contracts": reports,
    });
    format!("{value:#}\n")
}

/// All reports as a table, and below it each refusal on a line of its own.
#[must_use]
pub fn table(reports: &[Report]) -> String {
    let mut rows = vec![
        ["contract", "blob", "root", "largest other value", "longest block", "imports", "gates"].map(str::to_owned),
        [
            "limit".to_owned(),
            limits::BLOB_BYTES.to_string(),
            limits::ROOT_BYTES.to_string(),
            limits::CHAIN_VALUE_BYTES.to_string(),
            limits::BASIC_BLOCK_INSTRUCTIONS.to_string(),
            "allow-list".to_owned(),
            String::new(),
        ],
    ];
    rows.extend(reports.iter().map(row));

    let mut text = align(&rows);
    for report in reports {
        for refusal in &report.refusals {
            let _ = writeln!(text, "{}: {refusal}", report.contract);
        }
    }
    text
}

fn row(report: &Report) -> [String; 7] {
    [
        report.contract.clone(),
        report.blob_bytes.to_string(),
        bytes(report.root_bytes()),
        report.largest_other(),
        report.longest_block.to_string(),
        report.imports.len().to_string(),
        if report.passes() { "pass" } else { "FAIL" }.to_owned(),
    ]
}

fn bytes(bytes: Option<usize>) -> String {
    bytes.map_or_else(|| "unbounded".to_owned(), |bytes| bytes.to_string())
}

fn align(rows: &[[String; 7]]) -> String {
    let mut widths = [0; 7];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.len());
        }
    }
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}
