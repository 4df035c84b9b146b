//! Making and opening journals.

use super::links::Head;
use super::lock::LockFile;
use super::schema::{
    check_settings, checkpoint, connect, fill, get_header, put_header, read_error, settle, sql_error, Header,
};
use super::{Journal, JournalError};
use ringfence_protocol::Address;
use rusqlite::Connection;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

impl Journal {
    /// Makes an empty journal for a key that has never signed, and opens it.
    ///
    /// # Errors
    /// The file exists or can't be written.
    pub fn create(path: &Path, signer: Address) -> Result<Self, JournalError> {
        let name = path.display().to_string();
        let io = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => JournalError::Exists(name.clone()),
            _ => JournalError::Storage { file: name.clone(), doing: "created", reason: error.to_string() },
        };
        // A log left by another journal would be read into this one, and its lock file knows of other records.
        for taken in [path.to_owned(), log_path(path), LockFile::path_of(path)] {
            if taken.try_exists().map_err(io)? {
                return Err(JournalError::Exists(taken.display().to_string()));
            }
        }
        // Complete under another name first: a crash leaves a whole journal under this one, or none.
        let draft = draft_path(path);
        remove_draft(&draft).map_err(io)?;
        owner_only().open(&draft).map_err(io)?;
        let filled = connect(&draft).and_then(|db| fill(&db, signer));
        filled.map_err(|error| sql_error(&name, "created", &error))?;
        File::open(&draft).and_then(|file| file.sync_all()).map_err(io)?;
        // A link never replaces a file, a rename would.
        std::fs::hard_link(&draft, path).map_err(io)?;
        std::fs::remove_file(&draft).map_err(io)?;
        sync_directory(path).map_err(io)?;
        Self::open(path, signer)
    }

    /// Opens the journal of a key, locks it, makes everything in it durable and checks all of it.
    ///
    /// # Errors
    /// Missing, in use, another signer's, damaged, or an older copy.
    pub fn open(path: &Path, signer: Address) -> Result<Self, JournalError> {
        let journal = Self::open_any(path)?;
        if journal.signer != signer {
            let file = path.display().to_string();
            return Err(JournalError::WrongSigner { file, found: journal.signer, wanted: signer });
        }
        Ok(journal)
    }

    /// The same for whichever key it belongs to: for listing and exporting.
    ///
    /// # Errors
    /// As [`Journal::open`], but for the signer.
    pub fn open_any(path: &Path) -> Result<Self, JournalError> {
        let name = path.display().to_string();
        // The real path, so that every name of the file leads to one lock.
        let real = std::fs::canonicalize(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => JournalError::Missing(name.clone()),
            _ => JournalError::Storage { file: name.clone(), doing: "opened", reason: error.to_string() },
        })?;
        check_names(&real, &name)?;
        let log = log_path(&real).try_exists().unwrap_or(false);
        let mut lock = LockFile::take(&real, &name)?;
        let witness = lock.witness()?;
        let db = connect(&real).map_err(|error| sql_error(&name, "opened", &error))?;
        settle(&db).map_err(|error| sql_error(&name, "opened", &error))?;
        check_settings(&db, &name)?;
        let header = get_header(&db, &name)?;
        if header.in_use && !log {
            let what = "it was not closed and its log, -wal, is missing: a copy of a journal in use".to_owned();
            return Err(JournalError::Damaged { file: name, what });
        }
        mark_in_use(&db, &Header { in_use: true, ..header }).map_err(|error| sql_error(&name, "written", &error))?;
        sync_directory(&real).map_err(|error| JournalError::Storage {
            file: name.clone(),
            doing: "synced",
            reason: error.to_string(),
        })?;
        let mut journal = Self {
            db,
            lock,
            path: path.to_owned(),
            signer: header.signer,
            epoch: header.epoch,
            head: Head::empty(header.signer),
            marks: std::collections::BTreeMap::new(),
            unwritten: std::collections::BTreeMap::new(),
            keeps_signatures: true,
            // Until it is checked: a journal that is refused is left as it is.
            poisoned: true,
        };
        journal.head = journal.check(witness)?;
        journal.keeps_signatures = journal.has_signatures()?;
        journal.poisoned = false;
        Ok(journal)
    }

    /// Recomputes every link and compares with what the lock file remembers.
    fn check(&self, witness: Option<Head>) -> Result<Head, JournalError> {
        let damaged = |what: String| JournalError::Damaged { file: self.name(), what };
        // The full check: a quick one does not compare the index with the records, and a lookup that misses a record
        // is a slot signed twice.
        let sound: String = self
            .db
            .query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))
            .map_err(|error| read_error(&self.name(), &error))?;
        if sound != "ok" {
            return Err(damaged(sound));
        }
        let mut head = Head::empty(self.signer);
        let mut met = witness.is_none_or(|witness| witness == head);
        self.for_each(&mut |entry| {
            head = head.after(&entry.slot, &entry.digest);
            if head.count != entry.index || head.link != entry.link {
                return Err(damaged(format!("record {} does not follow the one before", entry.index)));
            }
            met = met || witness == Some(head);
            Ok(())
        })?;
        self.all_marks()?;
        match witness {
            Some(witness) if witness.count > head.count => {
                Err(JournalError::OlderCopy { file: self.name(), found: head.count, known: witness.count })
            }
            Some(witness) if !met => Err(damaged(format!("record {} is not the one of the lock file", witness.count))),
            _ => Ok(head),
        }
    }

    /// What a clean end writes last: from here on the database is whole without its log.
    pub(super) fn finish(&mut self) -> Result<(), JournalError> {
        self.write_marks()?;
        let header = Header { signer: self.signer, epoch: self.epoch, in_use: false };
        self.commit(|db| put_header(db, &header))?;
        checkpoint(&self.db).map_err(|error| sql_error(&self.name(), "written", &error))
    }

    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }
}

/// Makes everything durable that an earlier process left in the log, and that this one has begun.
fn mark_in_use(db: &Connection, header: &Header) -> rusqlite::Result<()> {
    let transaction = db.unchecked_transaction()?;
    put_header(&transaction, header)?;
    transaction.commit()?;
    checkpoint(db)
}

/// The log goes by the database's name, so under another name of the same file it would be missed.
#[cfg(unix)]
fn check_names(real: &Path, name: &str) -> Result<(), JournalError> {
    use std::os::unix::fs::MetadataExt;
    match std::fs::metadata(real) {
        Ok(metadata) if metadata.nlink() > 1 && metadata.is_file() => {
            let reason = "it has several names; remove all but one, a .draft is left by an interrupted init".to_owned();
            Err(JournalError::NotAJournal { file: name.to_owned(), reason })
        }
        _ => Ok(()),
    }
}

/// There are no link counts to check on this platform.
#[cfg(not(unix))]
fn check_names(_: &Path, _: &str) -> Result<(), JournalError> {
    Ok(())
}

fn log_path(real: &Path) -> PathBuf {
    with_suffix(real, "-wal")
}

/// What an interrupted creation left, with its rollback journal, which would be played back into the new draft.
fn remove_draft(draft: &Path) -> std::io::Result<()> {
    for file in [draft.to_owned(), with_suffix(draft, "-journal")] {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn draft_path(path: &Path) -> PathBuf {
    with_suffix(path, ".draft")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(path);
    name.push(suffix);
    name.into()
}

/// A new name in a directory lasts once the directory itself is synced.
fn sync_directory(path: &Path) -> std::io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

fn owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
