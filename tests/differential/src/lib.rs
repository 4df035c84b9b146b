//! The oracle's numbers beside those of other people's implementations.
//!
//! Python and its packages live in an environment of their own under the build directory, made on the first run. Where
//! that can't be done (no Python, no registry) the tests say so in one line that starts with `SKIPPED` and pass.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Why there is nothing to compare with.
#[derive(Debug)]
pub struct Unavailable(pub String);

/// Where the scripts and their list of packages are.
pub fn python_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python")
}

/// The interpreter of an environment with the listed packages, made under `scratch` if it is not there.
///
/// # Errors
/// No Python, no `venv` module, or packages that can't be installed.
pub fn interpreter(scratch: &Path) -> Result<PathBuf, Unavailable> {
    let wanted = std::fs::read_to_string(python_dir().join("requirements.txt")).map_err(say("requirements.txt"))?;
    let (home, stamp) = (scratch.join("python"), scratch.join("python/requirements.installed"));
    let python = home.join("bin/python");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
    let list = python_dir().join("requirements.txt");
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(list))?;
    std::fs::write(&stamp, wanted).map_err(say("the stamp"))?;
    Ok(python)
}

/// Runs one of the scripts and gives what it printed. A script that fails is a failure, not a reason to skip.
///
/// # Panics
/// If the script fails.
pub fn script(python: &Path, name: &str) -> String {
    printed(name, Command::new(python).arg(python_dir().join(name)))
}

/// The same of a script that reads a file.
///
/// # Panics
/// If the script fails.
pub fn script_on(python: &Path, name: &str, file: &Path) -> String {
    printed(name, Command::new(python).arg(python_dir().join(name)).arg(file))
}

fn printed(name: &str, command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn run(command: &mut Command) -> Result<(), Unavailable> {
    let output = command.output().map_err(say("python3"))?;
    if output.status.success() {
        return Ok(());
    }
    let error = String::from_utf8_lossy(&output.stderr);
    Err(Unavailable(error.lines().last().unwrap_or("no reason given").to_owned()))
}

fn say(what: &'static str) -> impl Fn(std::io::Error) -> Unavailable {
    move |error| Unavailable(format!("{what}: {error}"))
}
