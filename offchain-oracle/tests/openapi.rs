//! The OpenAPI document is what was committed, is accepted by a validator that is not ours, and names every route.

mod common;
#[path = "common/sim.rs"]
#[allow(dead_code)]
mod sim;
#[path = "common/stage.rs"]
#[allow(dead_code)]
mod stage;

use ringfence_oracle::service::http::document;
use ringfence_oracle::service::When;
use stage::{request, Served, Stage};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The validator and what it stands on.
const VALIDATOR: &str = "openapi-spec-validator==0.7.2";

fn snapshot() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json")
}

#[test]
fn the_committed_document_is_the_served_one() {
    let path = snapshot();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, document()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed == document(), "run with UPDATE_SNAPSHOTS=1, and look at the difference before committing it");
    let stage = Stage::new(When::Closes);
    let served = Served::new(&stage.shared, 100);
    let answer = request(served.address, "GET", "/openapi.json", &[], b"");
    assert_eq!(answer.body, committed);
    // Every path leads somewhere: a route that is documented and absent would be 404 of the fallback.
    let paths: serde_json::Value = serde_json::from_str(&committed).unwrap();
    // The stream of events has no end to wait for.
    for path in paths["paths"].as_object().unwrap().keys().filter(|path| *path != "/v1/events") {
        let filled = path.replace("{vault}", "0x").replace("{bond}", "0x").replace("{sequence}", "0");
        let answer = served.get(&filled);
        assert!(!answer.body.contains("see /openapi.json"), "{path}: {}", answer.body);
    }
}

/// In an environment of its own under the build directory, as the differential tests do. Where that can't be made the test
/// says so in one line that starts with `SKIPPED`.
#[test]
fn another_tool_accepts_the_document() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi");
    let python = home.join("bin/python");
    if !home.join("installed").exists() {
        let made = run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home)).and_then(|()| {
            run(Command::new(&python).args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                VALIDATOR,
            ]))
        });
        if let Err(reason) = made {
            println!("SKIPPED: no validator ({reason})");
            return;
        }
        std::fs::write(home.join("installed"), VALIDATOR).unwrap();
    }
    let document = home.join("openapi.json");
    std::fs::write(&document, self::document()).unwrap();
    run(Command::new(&python).args(["-m", "openapi_spec_validator"]).arg(&document)).unwrap();
    // It does refuse what is wrong.
    std::fs::write(&document, self::document().replacen("\"responses\"", "\"answers\"", 1)).unwrap();
    assert!(run(Command::new(&python).args(["-m", "openapi_spec_validator"]).arg(&document)).is_err());
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&text).lines().last().unwrap_or("no reason given").to_owned())
}
