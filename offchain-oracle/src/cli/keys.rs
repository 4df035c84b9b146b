use super::args::{Cli, InitArgs, KeysCommand, PassphraseArgs};
use super::journal::journal_of;
use super::output::{hex0x, print, print_json, write_new};
use ringfence_oracle::journal::Journal;
use ringfence_oracle::protocol::Address;
use ringfence_oracle::service::config::{EXAMPLE, EXAMPLE_FEEDS, FEEDS_NAME};
use ringfence_oracle::sign::{keyfile, LocalKey, Passphrase, SignError, SigningKey};
use ringfence_oracle::Error;
use serde_json::json;
use std::path::Path;

pub(super) fn run(cli: &Cli, command: &KeysCommand) -> Result<(), Error> {
    let (file, address) = match command {
        KeysCommand::New { out, passphrase } => (out, keyfile::create(out, read(passphrase)?.as_ref())?),
        KeysCommand::Address { file, passphrase } => (file, load(file, passphrase)?.address()),
    };
    if cli.json {
        return print_json(&json!({ "file": file.display().to_string(), "address": hex0x(address) }));
    }
    print(&hex0x(address))
}

/// A configuration, or keystore and journal; if the journal can't be made the keystore stays, since a key must never be lost.
pub(super) fn init(cli: &Cli, arguments: &InitArgs) -> Result<(), Error> {
    if let Some(file) = &arguments.config {
        let feeds = file.with_file_name(FEEDS_NAME);
        // Both or neither: a file that is there already belongs to somebody.
        if feeds.exists() {
            let target = feeds.display().to_string();
            return Err(Error::Output { target, kind: std::io::ErrorKind::AlreadyExists });
        }
        write_new(file, EXAMPLE)?;
        write_new(&feeds, EXAMPLE_FEEDS)?;
        let (name, feeds) = (file.display().to_string(), feeds.display().to_string());
        if cli.json {
            return print_json(&json!({ "config": name, "feeds": feeds }));
        }
        return print(&format!(
            "configuration {name}\nfeeds         {feeds}\nNext: edit them, then `ringfence-oracle doctor --config {name}`"
        ));
    }
    // The arguments have both or neither.
    let (Some(out), Some(file)) = (&arguments.out, &arguments.passphrase_file) else {
        return Err(Error::Check("name --config, or --out and --passphrase-file".to_owned()));
    };
    let passphrase = Passphrase::read(file)?;
    let path = journal_of(out);
    let address: Address = keyfile::create(out, Some(&passphrase))?;
    let journal = Journal::create(&path, address).map_err(SignError::from)?;
    let (key, journal) = (out.display().to_string(), journal.path().display().to_string());
    if cli.json {
        return print_json(&json!({ "address": hex0x(address), "keystore": key, "journal": journal }));
    }
    print(&format!("signer {}\n  keystore {key}\n  journal  {journal}", hex0x(address)))
}

/// Reads a key file with the passphrase that the arguments name, if they do.
pub(super) fn load(path: &Path, arguments: &PassphraseArgs) -> Result<LocalKey, SignError> {
    keyfile::load(path, read(arguments)?.as_ref())
}

pub(super) fn read(arguments: &PassphraseArgs) -> Result<Option<Passphrase>, SignError> {
    arguments.passphrase_file.as_deref().map(Passphrase::read).transpose()
}
