use super::args::{Cli, JournalCommand};
use super::output::{hex0x, print, print_json, table};
use ringfence_oracle::error::{InputError, Place, Problem};
use ringfence_oracle::files::Source;
use ringfence_oracle::journal::{Behind, Export, ExportError, Journal, JournalError};
use ringfence_oracle::sign::{ChainState, SignError, SigningKey, Slot};
use ringfence_oracle::Error;
use serde_json::{json, Value};
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// How often the chain state is read while waiting for it.
const POLL: Duration = Duration::from_millis(250);

pub(super) use ringfence_oracle::service::journal_of;

pub(super) fn run(cli: &Cli, command: &JournalCommand) -> Result<(), Error> {
    match command {
        JournalCommand::Init { key, passphrase, journal } => {
            let address = super::keys::load(key, passphrase)?.address();
            let path = journal.clone().unwrap_or_else(|| journal_of(key));
            let journal = Journal::create(&path, address).map_err(SignError::from)?;
            state(cli, &journal, &[])
        }
        JournalCommand::List { file, vault, last } => list(cli, &file.path, vault.as_deref(), *last),
        JournalCommand::Export { file, out } => export(cli, &file.path, out),
        JournalCommand::Import { file, from } => import(cli, &file.path, from),
        JournalCommand::Verify { file, chain_state, against } => {
            verify(cli, &file.path, chain_state.as_deref(), against.as_deref())
        }
        JournalCommand::CatchUp { file, chain_state, wait } => catch_up(cli, &file.path, chain_state, *wait),
    }
}

fn open(path: &Path) -> Result<Journal, SignError> {
    Ok(Journal::open_any(path)?)
}

fn anchor(journal: &mut Journal, chain_state: &Path, behind: Behind) -> Result<(), Error> {
    let chain = ChainState::parse(&Source::read(chain_state)?)?;
    for (counter, value) in chain.counters() {
        journal.anchor(counter, value, behind).map_err(SignError::from)?;
    }
    Ok(())
}

/// While this waits the journal is locked, so what the chain takes meanwhile can't have been signed from a copy put in its
/// place.
fn catch_up(cli: &Cli, path: &Path, chain_state: &Path, wait: Option<u64>) -> Result<(), Error> {
    let mut journal = open(path)?;
    anchor(&mut journal, chain_state, Behind::CatchUp)?;
    let until = wait.map(|seconds| Instant::now().checked_add(Duration::from_secs(seconds)));
    while !journal.has_caught_up() && until.flatten().is_some_and(|until| Instant::now() < until) {
        std::thread::sleep(POLL);
        anchor(&mut journal, chain_state, Behind::Refuse)?;
    }
    state(cli, &journal, &[("caught_up", json!(journal.has_caught_up()))])
}

/// One line or document about a journal as a whole.
fn state(cli: &Cli, journal: &Journal, more: &[(&str, Value)]) -> Result<(), Error> {
    let (path, signer) = (journal.path().display().to_string(), hex0x(journal.signer()));
    if cli.json {
        let mut document = json!({
            "journal": path, "signer": signer, "records": journal.len(), "head": hex0x(journal.head()),
        });
        if let Some(members) = document.as_object_mut() {
            members.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        }
        return print_json(&document);
    }
    let more: String = more.iter().map(|(name, value)| format!(", {} {value}", name.replace('_', " "))).collect();
    print(&format!("{path}: signer {signer}, {} records{more}", journal.len()))
}

fn list(cli: &Cli, path: &Path, vault: Option<&str>, last: usize) -> Result<(), Error> {
    let journal = open(path)?;
    let wanted = |slot: &Slot| vault.is_none_or(|vault| hex0x(slot.vault).eq_ignore_ascii_case(vault));
    let mut records = std::collections::VecDeque::new();
    let read = journal.for_each(&mut |entry| {
        if wanted(&entry.slot) {
            records.push_back((entry.slot, entry.digest));
        }
        if last > 0 && records.len() > last {
            records.pop_front();
        }
        Ok(())
    });
    read.map_err(SignError::from)?;
    let refusals = journal.refusals().map_err(SignError::from)?;
    let refusals: Vec<_> = refusals.into_iter().filter(|refusal| wanted(&refusal.slot)).collect();
    if cli.json {
        let row = |(slot, digest): &(Slot, _)| {
            json!({
                "chain_id": slot.chain_id, "vault": hex0x(slot.vault), "kind": slot.kind.name(),
                "sequence": slot.sequence, "digest": hex0x(digest),
            })
        };
        return print_json(&json!({
            "signer": hex0x(journal.signer()),
            "records": records.iter().map(row).collect::<Vec<_>>(),
            "refused": refusals.iter().map(|refusal| row(&(refusal.slot, refusal.digest))).collect::<Vec<_>>(),
        }));
    }
    let mut rows = table(&["", "chain", "vault", "kind", "number", "digest"]);
    let mut add = |label: &str, slot: &Slot, digest: String| {
        let (chain, vault) = (slot.chain_id.to_string(), hex0x(slot.vault));
        let (kind, number) = (slot.kind.name().to_owned(), slot.sequence.to_string());
        rows.add_row([label.to_owned(), chain, vault, kind, number, digest]);
    };
    records.iter().for_each(|(slot, digest)| add("signed", slot, hex0x(digest)));
    refusals.iter().for_each(|refusal| add("REFUSED", &refusal.slot, hex0x(refusal.digest)));
    print(&format!("signer {}, {} of {} records\n{rows}", hex0x(journal.signer()), records.len(), journal.len()))
}

fn export(cli: &Cli, path: &Path, out: &Path) -> Result<(), Error> {
    let mut journal = open(path)?;
    let target = out.display().to_string();
    let unwritten = |error: std::io::Error| Error::Output { target: target.clone(), kind: error.kind() };
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(out).map_err(unwritten)?;
    let mut writer = BufWriter::new(file);
    let written = journal.export(&mut writer).map_err(|error| match error {
        ExportError::Journal(error) => SignError::from(error).into(),
        ExportError::Output(error) => unwritten(error),
    });
    let synced = written.and_then(|()| writer.flush().and_then(|()| writer.get_ref().sync_all()).map_err(unwritten));
    if synced.is_err() {
        // Half an export must not be taken for a whole one; if it can't be removed, its reader refuses it.
        let _ = std::fs::remove_file(out);
    }
    synced?;
    state(cli, &journal, &[("export", json!(target))])
}

fn read_export(path: &Path) -> Result<Export, InputError> {
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => InputError::new(&name, Place::File, Problem::Missing),
        kind => InputError::new(&name, Place::File, Problem::Unreadable(kind)),
    })?;
    Export::read(&name, &mut BufReader::new(file))
}

fn import(cli: &Cli, path: &Path, from: &Path) -> Result<(), Error> {
    let export = read_export(from)?;
    let mut journal = match Journal::open(path, export.signer) {
        Err(JournalError::Missing(_)) => Journal::create(path, export.signer),
        opened => opened,
    }
    .map_err(SignError::from)?;
    let imported = journal.import(&export).map_err(SignError::from)?;
    state(cli, &journal, &[("added", json!(imported.added)), ("known", json!(imported.known))])
}

fn verify(cli: &Cli, path: &Path, chain_state: Option<&Path>, against: Option<&Path>) -> Result<(), Error> {
    // Opening recomputes every link.
    let mut journal = open(path)?;
    if let Some(against) = against {
        let export = read_export(against)?;
        journal.contains(&export).map_err(SignError::from)?;
    }
    if let Some(chain_state) = chain_state {
        anchor(&mut journal, chain_state, Behind::Refuse)?;
    }
    let refused = journal.refusals().map_err(SignError::from)?.len();
    state(cli, &journal, &[("refused", json!(refused)), ("verified", json!(true))])
}
