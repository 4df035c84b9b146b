use super::archive::read_archive;
use super::checksum::{parse_checksum, sha256};
use super::plan::{Archive, Plan, Series};
use super::table::{table, Klines, Summary};
use super::transfer::{remove, Transfer};
use super::HistoryError;
use crate::net::{Address, Client};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Attempts at one file.
pub const ATTEMPTS: u32 = 6;
/// Largest archive, bytes.
pub const MAX_ARCHIVE_BYTES: u64 = 64 * 1024 * 1024;
/// Longest that a server's wish to stay away is waited for.
pub const MAX_WAIT: Duration = Duration::from_secs(120);

/// How often and how soon to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Attempts at one file; at least one.
    pub attempts: u32,
    /// The first pause; it doubles.
    pub first_pause: Duration,
    /// For the jitter of the pauses.
    pub seed: u64,
}

impl Retry {
    /// What the command line runs with.
    pub const fn standard(seed: u64) -> Self {
        Self { attempts: ATTEMPTS, first_pause: Duration::from_millis(500), seed }
    }
}

/// What a run tells while it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// One more month of one coin is done, of so many.
    Months {
        /// Done.
        done: u64,
        /// In all.
        of: u64,
    },
    /// Something is tried again.
    Again {
        /// What.
        url: String,
        /// Why.
        reason: String,
        /// After how long.
        pause: Duration,
    },
}

/// A table that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The file.
    pub out: PathBuf,
    /// SHA-256 of it.
    pub sha256: [u8; 32],
    /// What came of the run.
    pub summary: Summary,
}

/// Downloads what the plan names into `cache`, and writes the table to `out`, replacing a file that is there.
///
/// # Errors
/// [`HistoryError`]; `out` is as it was then, and archives that are complete stay in `cache` for the next run.
pub async fn fetch(
    plan: &Plan,
    (base, client): (&Address, Client),
    (cache, out): (&Path, &Path),
    retry: Retry,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Fetched, HistoryError> {
    let _lock = lock(cache)?;
    let summary = Summary::default();
    let transfer = Transfer::new(base, client, retry, progress);
    let mut run = Run { transfer, cache, summary };
    let months = plan.months();
    let of = u64::try_from(months.len().saturating_mul(plan.series.len())).unwrap_or(u64::MAX);
    let mut klines: Klines = Vec::new();
    let mut done = 0_u64;
    for series in &plan.series {
        let mut own = BTreeMap::new();
        for month in &months {
            for path in run.month(plan, series, *month).await? {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let bytes = fs::read(&path).map_err(|error| HistoryError::output(&path, &error))?;
                let read = read_archive(&bytes, &stem, plan.interval.step());
                let read = read.map_err(|what| HistoryError::Corrupt { archive: path.display().to_string(), what })?;
                own.extend(read.into_iter().map(|kline| (kline.open_time, kline)));
            }
            done = done.saturating_add(1);
            (run.transfer.progress)(Progress::Months { done, of });
        }
        klines.push(own);
    }
    let mut summary = Summary { bytes: run.transfer.bytes, ..run.summary };
    let text = table(plan, &klines, &mut summary);
    if summary.missing_rows > 0 {
        return Err(HistoryError::Gaps(Box::new(summary)));
    }
    write_whole(out, text.as_bytes())?;
    let sha256 = sha256(out).map_err(|error| HistoryError::output(out, &error))?;
    Ok(Fetched { out: out.to_path_buf(), sha256, summary })
}

/// The archives of a plan, in a directory.
struct Run<'a> {
    transfer: Transfer<'a>,
    cache: &'a Path,
    summary: Summary,
}

impl Run<'_> {
    /// The archives of a month: its own, or those of its days if it is not published.
    async fn month(&mut self, plan: &Plan, series: &Series, month: (i16, i8)) -> Result<Vec<PathBuf>, HistoryError> {
        if let Some(path) = self.archive(&plan.month(series, month)).await? {
            return Ok(vec![path]);
        }
        let mut paths = Vec::new();
        for day in plan.days_of(series, month) {
            paths.extend(self.archive(&day).await?);
        }
        Ok(paths)
    }

    /// The archive's file, whose checksum agrees; nothing if the server has no such archive.
    async fn archive(&mut self, archive: &Archive) -> Result<Option<PathBuf>, HistoryError> {
        let directory = self.cache.join(&archive.directory);
        let path = directory.join(archive.zip());
        let checksum_path = directory.join(format!("{}.CHECKSUM", archive.zip()));
        if let Some(expected) = kept_checksum(&checksum_path, &archive.zip()) {
            if sha256(&path).is_ok_and(|found| found == expected) {
                self.summary.kept = self.summary.kept.saturating_add(1);
                return Ok(Some(path));
            }
        }
        let Some(text) = self.transfer.checksum(archive).await? else {
            self.summary.absent.push(archive.zip());
            return Ok(None);
        };
        let expected = parse_checksum(&text, &archive.zip()).ok_or_else(|| HistoryError::Unexpected {
            url: self.transfer.url(&format!("{}.CHECKSUM", archive.path())),
            reason: "no SHA-256 of this archive".to_owned(),
        })?;
        fs::create_dir_all(&directory).map_err(|error| HistoryError::output(&directory, &error))?;
        let part = directory.join(format!("{}.part", archive.zip()));
        let hash = || sha256(&part).map_err(|error| HistoryError::output(&part, &error));
        // An earlier run may have ended between the last byte and the new name.
        let mut resumed = part.exists() && hash()? == expected;
        if !resumed {
            resumed = self.transfer.download(archive, &part).await?;
        }
        let mut found = hash()?;
        if found != expected && resumed {
            // What an earlier run left may be of another version of the archive: once from the beginning.
            remove(&part)?;
            resumed = self.transfer.download(archive, &part).await?;
            found = hash()?;
        }
        if found != expected {
            remove(&part)?;
            let (expected, found) = (hex::encode(expected), hex::encode(found));
            return Err(HistoryError::Checksum { archive: self.transfer.url(&archive.path()), expected, found });
        }
        let count = if resumed { &mut self.summary.resumed } else { &mut self.summary.downloaded };
        *count = count.saturating_add(1);
        write_whole(&checksum_path, text.as_bytes())?;
        fs::rename(&part, &path).map_err(|error| HistoryError::output(&path, &error))?;
        Ok(Some(path))
    }
}

fn kept_checksum(path: &Path, archive: &str) -> Option<[u8; 32]> {
    parse_checksum(&fs::read_to_string(path).ok()?, archive)
}

/// One run at a time in a directory; the lock ends with the process.
fn lock(cache: &Path) -> Result<File, HistoryError> {
    fs::create_dir_all(cache).map_err(|error| HistoryError::output(cache, &error))?;
    let path = cache.join(".lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| HistoryError::output(&path, &error))?;
    match crate::files::lock(&file) {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(HistoryError::Locked(cache.display().to_string())),
        Err(fs::TryLockError::Error(error)) => Err(HistoryError::output(&path, &error)),
    }
}

/// Writes a file so that at every moment the old one or the new one is there, whole.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), HistoryError> {
    let failed = |error: std::io::Error| HistoryError::output(path, &error);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(directory.unwrap_or_else(|| Path::new(".")))?.sync_all()
    });
    if written.is_err() {
        // It may never have been there.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(failed)
}
