//! The database: its tables, and the settings without which it is not opened.

use super::links::header_tag;
use super::JournalError;
use ringfence_protocol::Address;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// "RFsj" in the database header, so that another SQLite file is not taken for a journal.
pub(super) const APPLICATION_ID: i64 = 0x5246_736a;
/// Version of the tables.
pub(super) const FORMAT: i64 = 1;

/// Numbers of 64 bits are kept as 8 bytes, big-endian: SQLite's integers are signed, and blobs sort like the numbers.
const TABLES: &str = "
CREATE TABLE header (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    signer BLOB NOT NULL CHECK (length(signer) = 20),
    epoch BLOB NOT NULL CHECK (length(epoch) = 8),
    in_use INTEGER NOT NULL CHECK (in_use IN (0, 1)),
    tag BLOB NOT NULL CHECK (length(tag) = 16)
);
CREATE TABLE record (
    idx INTEGER PRIMARY KEY,
    chain_id BLOB NOT NULL CHECK (length(chain_id) = 8),
    vault BLOB NOT NULL CHECK (length(vault) = 20),
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 255),
    sequence BLOB NOT NULL CHECK (length(sequence) = 8),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    link BLOB NOT NULL CHECK (length(link) = 32),
    UNIQUE (chain_id, vault, kind, sequence)
);
CREATE TABLE signature (
    idx INTEGER PRIMARY KEY REFERENCES record (idx),
    bytes BLOB NOT NULL CHECK (length(bytes) = 65)
);
CREATE TABLE mark (
    chain_id BLOB NOT NULL CHECK (length(chain_id) = 8),
    vault BLOB NOT NULL CHECK (length(vault) = 20),
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 255),
    seen BLOB NOT NULL CHECK (length(seen) = 8),
    floor BLOB NOT NULL CHECK (length(floor) = 8),
    epoch BLOB NOT NULL CHECK (length(epoch) = 8),
    tag BLOB NOT NULL CHECK (length(tag) = 16),
    PRIMARY KEY (chain_id, vault, kind)
) WITHOUT ROWID;
CREATE TABLE refusal (
    idx INTEGER PRIMARY KEY,
    chain_id BLOB NOT NULL,
    vault BLOB NOT NULL,
    kind INTEGER NOT NULL,
    sequence BLOB NOT NULL,
    digest BLOB NOT NULL,
    UNIQUE (chain_id, vault, kind, sequence, digest)
);
CREATE TRIGGER record_stays BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER record_remains BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER signature_stays BEFORE UPDATE ON signature BEGIN SELECT RAISE(ABORT, 'never changed'); END;
CREATE TRIGGER signature_remains BEFORE DELETE ON signature BEGIN SELECT RAISE(ABORT, 'never deleted'); END;
";

/// Opens a file that exists.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // A signer that waits for a lock hides a second signer.
    db.busy_timeout(Duration::ZERO)?;
    // A statement keeps its plan. Otherwise a library that gathers statistics plans it anew for every value of a parameter.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(db)
}

/// Writes the tables into an empty file.
pub(super) fn fill(db: &Connection, signer: Address) -> rusqlite::Result<()> {
    db.pragma_update(None, "synchronous", "FULL")?;
    let transaction = db.unchecked_transaction()?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.execute_batch(TABLES)?;
    put_header(&transaction, &Header { signer, epoch: 0, in_use: false })?;
    transaction.commit()
}

/// The one row about the journal as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) signer: Address,
    /// Imports so far.
    pub(super) epoch: u64,
    /// True from opening to a clean end. Then there is a log beside the database, and without it the database is old.
    pub(super) in_use: bool,
}

pub(super) fn put_header(db: &Connection, header: &Header) -> rusqlite::Result<usize> {
    let sql = "INSERT OR REPLACE INTO header (id, signer, epoch, in_use, tag) VALUES (0, ?1, ?2, ?3, ?4)";
    db.execute(sql, (header.signer.as_bytes(), header.epoch.to_be_bytes(), header.in_use, header_tag(header)))
}

pub(super) fn get_header(db: &Connection, file: &str) -> Result<Header, JournalError> {
    let sql = "SELECT signer, epoch, in_use, tag FROM header WHERE id = 0";
    let row = db.query_row(sql, (), |row| {
        let header =
            Header { signer: Address(row.get(0)?), epoch: u64::from_be_bytes(row.get(1)?), in_use: row.get(2)? };
        Ok((header, row.get::<_, [u8; 16]>(3)?))
    });
    let (header, tag) = row.map_err(|error| read_error(file, &error))?;
    if tag != header_tag(&header) {
        return Err(JournalError::Damaged { file: file.to_owned(), what: "its header does not read".to_owned() });
    }
    Ok(header)
}

/// Takes the exclusive lock for as long as the connection lives, and makes every commit wait for the disk.
pub(super) fn settle(db: &Connection) -> rusqlite::Result<()> {
    // Exclusive mode before the first access to the log: its index then lives in memory, not in a shared file.
    db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    // Where the system's fsync does not reach the platters (macOS), ask for the one that does.
    db.pragma_update(None, "fullfsync", true)?;
    db.pragma_update(None, "checkpoint_fullfsync", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.pragma_update(None, "cell_size_check", true)?;
    // The log stays when the connection is closed: its absence tells an old copy.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.execute_batch("BEGIN EXCLUSIVE; COMMIT;")
}

/// Reads the settings back: a build of SQLite that ignores one must not sign.
pub(super) fn check_settings(db: &Connection, file: &str) -> Result<(), JournalError> {
    let fail = |error: rusqlite::Error| read_error(file, &error);
    let text = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, String>(0)).map_err(fail);
    let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(fail);
    let wrong = |reason: String| JournalError::NotAJournal { file: file.to_owned(), reason };
    if number("application_id")? != APPLICATION_ID {
        return Err(wrong("a database of another program".to_owned()));
    }
    let format = number("user_version")?;
    if format != FORMAT {
        return Err(wrong(format!("format {format}, this program reads {FORMAT}")));
    }
    let (mode, locking, synchronous) = (text("journal_mode")?, text("locking_mode")?, number("synchronous")?);
    if mode != "wal" || locking != "exclusive" || synchronous != 2 {
        return Err(wrong(format!("settings {mode}, {locking}, {synchronous} instead of wal, exclusive, 2")));
    }
    Ok(())
}

/// Moves all of the log into the database and syncs both: from here on, what can be read is on disk.
pub(super) fn checkpoint(db: &Connection) -> rusqlite::Result<()> {
    let busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get::<_, i64>(0))?;
    if busy == 0 {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    Err(rusqlite::Error::SqliteFailure(code, Some("the checkpoint is not complete".to_owned())))
}

/// A failure while reading, in words.
pub(super) fn read_error(file: &str, error: &rusqlite::Error) -> JournalError {
    sql_error(file, "read", error)
}

/// A failure of SQLite, told apart by what the operator has to do.
pub(super) fn sql_error(file: &str, doing: &'static str, error: &rusqlite::Error) -> JournalError {
    use rusqlite::ErrorCode as Code;
    let (file, reason) = (file.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => JournalError::InUse(file),
        Some(Code::NotADatabase) => JournalError::NotAJournal { file, reason },
        Some(Code::DatabaseCorrupt) => JournalError::Damaged { file, what: reason },
        _ => JournalError::Storage { file, doing, reason },
    }
}
