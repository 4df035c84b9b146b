use crate::{
    blob, limits,
    report::Report,
    storage::{Storage, Value},
};
use std::{
    error::Error,
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// The artifacts cannot be judged: one is missing or not what it should be.
#[derive(Debug)]
pub struct CheckError {
    file: PathBuf,
    what: String,
}

impl CheckError {
    fn new(file: &Path, what: impl fmt::Display) -> Self {
        Self { file: file.to_owned(), what: what.to_string() }
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.what)
    }
}

impl Error for CheckError {}

/// The names of all contracts with a blob in `artifacts`, sorted.
///
/// # Errors
/// When the directory cannot be read or holds no blob.
pub fn discover(artifacts: &Path) -> Result<Vec<String>, CheckError> {
    let failed = |error: io::Error| CheckError::new(artifacts, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(artifacts).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "polkavm") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    if names.is_empty() {
        return Err(CheckError::new(artifacts, "no blobs here: run scripts/build.sh"));
    }
    names.sort();
    Ok(names)
}

/// Applies every gate to the contract `name` in `artifacts`.
///
/// # Errors
/// When one of its artifacts cannot be read. A contract that fails a gate is no error: see [`Report::refusals`].
pub fn check(artifacts: &Path, name: &str) -> Result<Report, CheckError> {
    let file = artifacts.join(format!("{name}.polkavm"));
    let bytes = fs::read(&file).map_err(|error| CheckError::new(&file, error))?;
    let blob = blob::inspect(&bytes).map_err(|error| CheckError::new(&file, error))?;

    let file = artifacts.join(format!("{name}.storage.json"));
    let json = fs::read(&file).map_err(|error| CheckError::new(&file, error))?;
    let storage: Storage = serde_json::from_slice(&json).map_err(|error| CheckError::new(&file, error))?;
    let values = storage.values().map_err(|error| CheckError::new(&file, error))?;

    let mut refusals = blob.refusals.clone();
    refusals.extend(values.iter().filter_map(refusal));
    Ok(Report {
        contract: name.to_owned(),
        blob_bytes: blob.bytes,
        longest_block: blob.longest_block,
        imports: blob.imports,
        storage: values,
        refusals,
    })
}

/// The root needs a bound and room to spare. Another value may be bounded by the code that writes it, which its type
/// does not show: it is reported as unbounded, and only a bound that is too large is refused.
fn refusal(value: &Value) -> Option<String> {
    let root = value.path.is_empty();
    let limit = if root { limits::ROOT_BYTES } else { limits::CHAIN_VALUE_BYTES };
    match value.bytes {
        None if root => Some(
            "root storage value has no bound: its type holds a Vec, a String or the like; move that field into a Lazy"
                .to_owned(),
        ),
        Some(bytes) if bytes > limit && root => Some(format!(
            "root storage value of up to {bytes} bytes is over the limit of {limit}: move fields into a Lazy"
        )),
        Some(bytes) if bytes > limit => {
            Some(format!("storage value `{}` of up to {bytes} bytes is over the chain's limit of {limit}", value.path))
        }
        _ => None,
    }
}
