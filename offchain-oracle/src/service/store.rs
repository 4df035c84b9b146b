//! What the service must not forget: instructions, events, bars, what was sent, and how far the chain was read. One file,
//! copy on write. A write is on the disk when it returns; only signatures are noted first and on the disk after
//! [`Ledger::sync`], and nobody is told of them before.

use super::document::{hex0x, EntryText, EventRow, EventText, RecordText};
use crate::chain::{Block, Entry, Outbox, OutboxError};
use crate::cycle::{Ledger, LedgerError, Record, Stage};
use crate::market::{Bar, Quote};
use crate::symbol::{BySymbol, Symbol};
use crate::time::Clock;
use crate::units::Price;
use redb::{Database, Durability, ReadableDatabase, ReadableTable, Table, TableDefinition, WriteTransaction};
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::{Address, Digest};
use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::{json, Map, Value};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// Events that are kept for those who come back; older ones are gone.
pub const MAX_EVENTS: u64 = 100_000;
/// Blocks that are remembered to find where a reorganisation began.
const MAX_CURSORS: u64 = 256;
/// The layout of the file; another is not opened.
const SCHEMA: u64 = 1;

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("instructions");
const EVENTS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("events");
const BARS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("bars");
const OUTBOX: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("outbox");
const CURSORS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("blocks");

/// The store; clones share it.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
    clock: Arc<dyn Clock>,
    /// The newest event's number, for those who wait for the next.
    newest: Arc<watch::Sender<u64>>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("newest", &*self.newest.borrow()).finish_non_exhaustive()
    }
}

/// A kind of event, as streams name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// An instruction went a step further.
    Instruction,
    /// The marks of a bar's close.
    Marks,
    /// Something that somebody should look at.
    Alarm,
    /// A contract said something, in a finalised block.
    Chain,
}

impl EventKind {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instruction => "instruction",
            Self::Marks => "marks",
            Self::Alarm => "alarm",
            Self::Chain => "chain",
        }
    }
}

type Result<T> = std::result::Result<T, LedgerError>;

fn fail(error: impl Into<redb::Error>) -> LedgerError {
    LedgerError(error.into().to_string())
}

impl Store {
    /// Opens the file, or makes it. One process at a time.
    ///
    /// # Errors
    /// It can't be opened or is of another layout or chain.
    pub fn open(path: &Path, chain_id: u64, clock: Arc<dyn Clock>) -> Result<Self> {
        let database = Database::create(path).map_err(fail)?;
        let transaction = database.begin_write().map_err(fail)?;
        {
            let mut meta = transaction.open_table(META).map_err(fail)?;
            for (name, expected) in [("schema", SCHEMA), ("chain", chain_id)] {
                let found = meta.get(name).map_err(fail)?.map(|value| value.value());
                match found {
                    None => drop(meta.insert(name, expected).map_err(fail)?),
                    Some(found) if found == expected => {}
                    Some(found) => {
                        return Err(LedgerError(format!("{}: its {name} is {found}, not {expected}", path.display())));
                    }
                }
            }
            transaction.open_table(RECORDS).map_err(fail)?;
            transaction.open_table(EVENTS).map_err(fail)?;
            transaction.open_table(BARS).map_err(fail)?;
            transaction.open_table(OUTBOX).map_err(fail)?;
            transaction.open_table(CURSORS).map_err(fail)?;
        }
        transaction.commit().map_err(fail)?;
        let store = Self { database: Arc::new(database), clock, newest: Arc::new(watch::Sender::new(0)) };
        let newest = store.newest_event()?;
        store.newest.send_replace(newest);
        Ok(store)
    }

    /// Follows the number of the newest event.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// The newest event's number; zero before the first.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn newest_event(&self) -> Result<u64> {
        let table = self.database.begin_read().map_err(fail)?.open_table(EVENTS).map_err(fail)?;
        let row = table.last().map_err(fail)?;
        Ok(row.map_or(0, |(id, _)| id.value()))
    }

    /// The oldest event's number that is still there; zero if there is none.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn oldest_event(&self) -> Result<u64> {
        let table = self.database.begin_read().map_err(fail)?.open_table(EVENTS).map_err(fail)?;
        let row = table.first().map_err(fail)?;
        Ok(row.map_or(0, |(id, _)| id.value()))
    }

    /// Events after a number that are on the disk, oldest first.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn events_after(&self, id: u64, limit: usize) -> Result<Vec<EventText>> {
        let table = self.database.begin_read().map_err(fail)?.open_table(EVENTS).map_err(fail)?;
        let rows = table.range(id.saturating_add(1)..).map_err(fail)?.take(limit);
        // What is noted only may be gone after a crash, and its numbers another's.
        let durable = *self.newest.borrow();
        let rows = rows.take_while(|row| row.as_ref().map_or(true, |(id, _)| id.value() <= durable));
        rows.map(|row| read(row.map_err(fail)?.1.value())).collect()
    }

    /// Adds an event and gives its number.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn tell(&self, kind: EventKind, vault: Option<Address>, data: Value) -> Result<u64> {
        let transaction = self.database.begin_write().map_err(fail)?;
        let mut events = Events::open(&transaction, &*self.clock)?;
        events.add(kind, vault, &data)?;
        let id = events.close()?;
        transaction.commit().map_err(fail)?;
        self.newest.send_replace(id);
        Ok(id)
    }

    /// A vault's instructions before a sequence, newest first.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn records_before(&self, vault: Address, sequence: u64, limit: usize) -> Result<Vec<Record>> {
        let table = self.database.begin_read().map_err(fail)?.open_table(RECORDS).map_err(fail)?;
        let (from, to) = (record_key(vault, 0), record_key(vault, sequence));
        let rows = table.range(from.as_slice()..to.as_slice()).map_err(fail)?.rev().take(limit);
        rows.map(|row| record(row.map_err(fail)?.1.value())).collect()
    }

    /// The instruction of a sequence.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn record(&self, vault: Address, sequence: u64) -> Result<Option<Record>> {
        let table = self.database.begin_read().map_err(fail)?.open_table(RECORDS).map_err(fail)?;
        let row = table.get(record_key(vault, sequence).as_slice()).map_err(fail)?;
        row.map(|row| record(row.value())).transpose()
    }

    /// The newest instruction of a vault.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn newest_record(&self, vault: Address) -> Result<Option<Record>> {
        Ok(self.records_before(vault, u64::MAX, 1)?.pop())
    }

    /// Keeps bars that were made of live marks, and tells the marks of the last one, all in one write.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn keep_bars(&self, bars: &[Bar]) -> Result<()> {
        let Some(last) = bars.last() else { return Ok(()) };
        let transaction = self.database.begin_write().map_err(fail)?;
        {
            let mut table = transaction.open_table(BARS).map_err(fail)?;
            for bar in bars {
                table.insert(bar.open_time.get(), row(bar).as_slice()).map_err(fail)?;
            }
        }
        let close = last.marks();
        let text = |symbol: Symbol| close[symbol].map(|price| price.to_string());
        let marks: Map<_, _> =
            Symbol::ALL.into_iter().map(|symbol| (symbol.to_string(), json!(text(symbol)))).collect();
        let data = json!({ "time": last.close_time().get(), "marks": marks });
        let mut events = Events::open(&transaction, &*self.clock)?;
        events.add(EventKind::Marks, None, &data)?;
        let id = events.close()?;
        transaction.commit().map_err(fail)?;
        self.newest.send_replace(id);
        Ok(())
    }

    /// Bars that opened at or after a time, oldest first.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn bars_from(&self, open_time: Timestamp, limit: usize) -> Result<Vec<Bar>> {
        let table = self.database.begin_read().map_err(fail)?.open_table(BARS).map_err(fail)?;
        let rows = table.range(open_time.get()..).map_err(fail)?.take(limit);
        rows.map(|row| {
            let (time, bytes) = row.map_err(fail)?;
            Ok(bar(Timestamp::new(time.value()), bytes.value()))
        })
        .collect()
    }

    /// The bars that were kept, oldest first.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn bars(&self) -> Result<Vec<Bar>> {
        self.bars_from(Timestamp::new(0), usize::MAX)
    }

    /// Remembers a block that was read to the end, and forgets those that nothing can reach.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn keep_block(&self, block: &Block) -> Result<()> {
        let transaction = self.database.begin_write().map_err(fail)?;
        {
            let mut table = transaction.open_table(CURSORS).map_err(fail)?;
            table.insert(block.number, block.hash.0.as_slice()).map_err(fail)?;
            let floor = block.number.saturating_sub(MAX_CURSORS);
            table.retain(|number, _| number >= floor && number <= block.number).map_err(fail)?;
        }
        transaction.commit().map_err(fail)
    }

    /// Blocks that were read, newest first.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn blocks(&self) -> Result<Vec<(u64, Digest)>> {
        let table = self.database.begin_read().map_err(fail)?.open_table(CURSORS).map_err(fail)?;
        let rows = table.iter().map_err(fail)?.rev();
        rows.map(|row| {
            let (number, hash) = row.map_err(fail)?;
            Ok((number.value(), Digest(hash.value().try_into().unwrap_or_default())))
        })
        .collect()
    }
}

/// The events of a transaction.
struct Events<'t> {
    table: Table<'t, u64, &'static [u8]>,
    newest: u64,
    time: u64,
}

impl<'t> Events<'t> {
    fn open(transaction: &'t WriteTransaction, clock: &dyn Clock) -> Result<Self> {
        let table = transaction.open_table(EVENTS).map_err(fail)?;
        let newest = table.last().map_err(fail)?.map_or(0, |(id, _)| id.value());
        Ok(Self { table, newest, time: clock.now().get() })
    }

    fn add(&mut self, kind: EventKind, vault: Option<Address>, data: &impl Serialize) -> Result<()> {
        let id = self.newest.saturating_add(1);
        let vault = vault.map(|vault| hex0x(vault.0));
        let row = write(&EventRow { id, time: self.time, kind: kind.name(), vault, data })?;
        self.table.insert(id, row.as_slice()).map_err(fail)?;
        self.newest = id;
        Ok(())
    }

    /// Forgets what is too old, and gives the number of the newest.
    fn close(mut self) -> Result<u64> {
        let gone = self.newest.saturating_sub(MAX_EVENTS);
        if self.table.first().map_err(fail)?.is_some_and(|(oldest, _)| oldest.value() <= gone) {
            self.table.retain_in(..=gone, |_, _| false).map_err(fail)?;
        }
        Ok(self.newest)
    }
}

/// Puts an instruction and its events into a transaction.
fn put_record(table: &mut Table<'_, &[u8], &[u8]>, events: &mut Events<'_>, record: &Record) -> Result<()> {
    let vault = record.message.vault;
    let text = RecordText::from(record);
    let key = record_key(vault, record.message.sequence);
    let known = table.get(key.as_slice()).map_err(fail)?.map(|row| self::record(row.value())).transpose()?;
    // One number, one instruction, unless the first can't be taken any more.
    if known.is_some_and(|known| known.message != record.message && known.stage != Stage::Expired) {
        let text = format!("{vault:?} has another instruction with number {}", record.message.sequence);
        return Err(LedgerError(text));
    }
    table.insert(key.as_slice(), write(&text)?.as_slice()).map_err(fail)?;
    events.add(EventKind::Instruction, Some(vault), &RecordText { market: None, ..text })?;
    if record.trouble.is_none() && record.stage != Stage::Expired {
        return Ok(());
    }
    let (sequence, expired) = (record.message.sequence, record.stage == Stage::Expired);
    let what = record.trouble.clone().unwrap_or_else(|| "it expired before the vault took it".to_owned());
    let data = json!({ "alarm": "instruction", "sequence": sequence, "expired": expired, "what": what });
    events.add(EventKind::Alarm, Some(vault), &data)
}

impl Ledger for Store {
    fn last(&mut self, _: u64, vault: Address) -> Result<Option<Record>> {
        // The file is of one chain.
        self.newest_record(vault)
    }

    fn keep(&mut self, record: &Record) -> Result<()> {
        self.keep_many(&[record])
    }

    fn keep_many(&mut self, records: &[&Record]) -> Result<()> {
        let Some(newest) = self.put_records(records, Durability::Immediate)? else { return Ok(()) };
        self.newest.send_replace(newest);
        Ok(())
    }

    fn note_many(&mut self, records: &[&Record]) -> Result<()> {
        self.put_records(records, Durability::None).map(drop)
    }

    fn sync(&mut self) -> Result<()> {
        // Whatever is noted has an event that nobody was told of.
        let newest = self.newest_event()?;
        if newest == *self.newest.borrow() {
            return Ok(());
        }
        // A durable commit takes those before it along.
        self.database.begin_write().map_err(fail)?.commit().map_err(fail)?;
        self.newest.send_replace(newest);
        Ok(())
    }
}

impl Store {
    /// Writes instructions and their events, and gives the number of the last event; nothing if there are none.
    fn put_records(&self, records: &[&Record], durability: Durability) -> Result<Option<u64>> {
        if records.is_empty() {
            return Ok(None);
        }
        let mut transaction = self.database.begin_write().map_err(fail)?;
        transaction.set_durability(durability).map_err(fail)?;
        let mut events = Events::open(&transaction, &*self.clock)?;
        {
            let mut table = transaction.open_table(RECORDS).map_err(fail)?;
            records.iter().try_for_each(|record| put_record(&mut table, &mut events, record))?;
        }
        let newest = events.close()?;
        transaction.commit().map_err(fail)?;
        Ok(Some(newest))
    }
}

impl Outbox for Store {
    fn load(&mut self) -> std::result::Result<Vec<Entry>, OutboxError> {
        let load = || -> Result<Vec<Entry>> {
            let table = self.database.begin_read().map_err(fail)?.open_table(OUTBOX).map_err(fail)?;
            let rows = table.iter().map_err(fail)?;
            rows.map(|row| read::<EntryText>(row.map_err(fail)?.1.value())?.entry().ok_or_else(malformed)).collect()
        };
        load().map_err(|error| OutboxError(error.0))
    }

    fn put(&mut self, entry: &Entry) -> std::result::Result<(), OutboxError> {
        let put = || -> Result<()> {
            let transaction = self.database.begin_write().map_err(fail)?;
            let bytes = write(&EntryText::from(entry))?;
            transaction.open_table(OUTBOX).map_err(fail)?.insert(entry.nonce, bytes.as_slice()).map_err(fail)?;
            transaction.commit().map_err(fail)
        };
        put().map_err(|error| OutboxError(error.0))
    }

    fn forget(&mut self, nonce: u64) -> std::result::Result<(), OutboxError> {
        let forget = || -> Result<()> {
            let transaction = self.database.begin_write().map_err(fail)?;
            transaction.open_table(OUTBOX).map_err(fail)?.remove(nonce).map_err(fail)?;
            transaction.commit().map_err(fail)
        };
        forget().map_err(|error| OutboxError(error.0))
    }
}

/// Vault, then sequence: a vault's instructions lie side by side in order.
fn record_key(vault: Address, sequence: u64) -> Vec<u8> {
    [vault.0.as_slice(), &sequence.to_be_bytes()].concat()
}

fn record(bytes: &[u8]) -> Result<Record> {
    read::<RecordText>(bytes)?.record().ok_or_else(malformed)
}

fn malformed() -> LedgerError {
    LedgerError("a row of it does not read".to_owned())
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| LedgerError(error.to_string()))
}

fn write(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| LedgerError(error.to_string()))
}

/// Close and low of each coin; zero where there is none.
fn row(bar: &Bar) -> Vec<u8> {
    let price = |price: Option<Price>| price.map_or(0, Price::get).to_be_bytes();
    let quotes = Symbol::ALL.into_iter().map(|symbol| bar.quotes[symbol]);
    quotes.flat_map(|quote| [price(quote.map(|q| q.close)), price(quote.map(|q| q.low))].concat()).collect()
}

fn bar(open_time: Timestamp, bytes: &[u8]) -> Bar {
    let mut words = bytes.chunks_exact(8).map(|word| u64::from_be_bytes(word.try_into().unwrap_or_default()));
    let quotes = BySymbol::from_fn(|_| {
        // Both words are taken in any case, so that a coin without a price does not shift the next.
        let (close, low) = (words.next(), words.next());
        let close = close.and_then(Price::from_units)?;
        Some(Quote { close, low: low.and_then(Price::from_units).unwrap_or(close) })
    });
    Bar { open_time, quotes }
}
