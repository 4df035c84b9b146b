use super::args::{Cli, KeysCommand};
use super::output::{hex0x, print, print_json};
use ringfence_oracle::sign::{keyfile, SigningKey};
use ringfence_oracle::Error;
use serde_json::json;

pub(super) fn run(cli: &Cli, command: &KeysCommand) -> Result<(), Error> {
    let (file, address) = match command {
        KeysCommand::New { out } => (out, keyfile::create(out)?),
        KeysCommand::Address { file } => (file, keyfile::load(file)?.address()),
    };
    if cli.json {
        return print_json(&json!({ "file": file.display().to_string(), "address": hex0x(address) }));
    }
    print(&hex0x(address))
}
