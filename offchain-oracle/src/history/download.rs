use super::archive::read_archive;
use super::checksum::{parse_checksum, sha256};
use super::plan::{Archive, Plan, Series};
use super::table::{table, Klines, Summary};
use super::HistoryError;
use crate::net::{Address, Answer, Backoff, Client, Failure, Request};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Attempts at one file.
pub const ATTEMPTS: u32 = 6;
/// Largest archive, bytes.
pub const MAX_ARCHIVE_BYTES: u64 = 64 * 1024 * 1024;
/// Longest that a server's wish to stay away is waited for.
pub const MAX_WAIT: Duration = Duration::from_secs(120);
/// Longest checksum file, bytes.
const MAX_CHECKSUM_BYTES: usize = 1_024;

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
    let mut run = Run { base, client, cache, retry, progress, summary };
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
            (run.progress)(Progress::Months { done, of });
        }
        klines.push(own);
    }
    let mut summary = run.summary;
    let text = table(plan, &klines, &mut summary);
    if summary.missing_rows > 0 {
        return Err(HistoryError::Gaps(Box::new(summary)));
    }
    write_whole(out, text.as_bytes())?;
    let sha256 = sha256(out).map_err(|error| HistoryError::output(out, &error))?;
    Ok(Fetched { out: out.to_path_buf(), sha256, summary })
}

struct Run<'a> {
    base: &'a Address,
    client: Client,
    cache: &'a Path,
    retry: Retry,
    progress: &'a mut (dyn FnMut(Progress) + Send),
    summary: Summary,
}

/// What one attempt at a file came to.
enum Attempt<T> {
    Done(T),
    Absent,
    Again(String, Option<Duration>),
    Never(String),
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
        let Some(text) = self.checksum(archive).await? else {
            self.summary.absent.push(archive.zip());
            return Ok(None);
        };
        let expected = parse_checksum(&text, &archive.zip()).ok_or_else(|| HistoryError::Unexpected {
            url: self.url(&format!("{}.CHECKSUM", archive.path())),
            reason: "no SHA-256 of this archive".to_owned(),
        })?;
        fs::create_dir_all(&directory).map_err(|error| HistoryError::output(&directory, &error))?;
        let part = directory.join(format!("{}.part", archive.zip()));
        let hash = || sha256(&part).map_err(|error| HistoryError::output(&part, &error));
        // An earlier run may have ended between the last byte and the new name.
        let mut resumed = part.exists() && hash()? == expected;
        if !resumed {
            resumed = self.download(archive, &part).await?;
        }
        let mut found = hash()?;
        if found != expected && resumed {
            // What an earlier run left may be of another version of the archive: once from the beginning.
            remove(&part)?;
            resumed = self.download(archive, &part).await?;
            found = hash()?;
        }
        if found != expected {
            remove(&part)?;
            let (expected, found) = (hex::encode(expected), hex::encode(found));
            return Err(HistoryError::Checksum { archive: self.url(&archive.path()), expected, found });
        }
        let count = if resumed { &mut self.summary.resumed } else { &mut self.summary.downloaded };
        *count = count.saturating_add(1);
        write_whole(&checksum_path, text.as_bytes())?;
        fs::rename(&part, &path).map_err(|error| HistoryError::output(&path, &error))?;
        Ok(Some(path))
    }

    async fn checksum(&mut self, archive: &Archive) -> Result<Option<String>, HistoryError> {
        let path = format!("{}.CHECKSUM", archive.path());
        let mut backoff = self.backoff();
        loop {
            let mut body = Vec::new();
            let request = Request { path: path.clone(), from: None };
            let asked = self.client.get(
                &request,
                |answer| answer.status == 200,
                |piece| {
                    body.extend_from_slice(piece);
                    let fits = body.len() <= MAX_CHECKSUM_BYTES;
                    fits.then_some(()).ok_or_else(|| std::io::Error::other("checksum file is too long"))
                },
            );
            let attempt = match asked.await {
                Ok(answer) if answer.status == 200 => Attempt::Done(()),
                Ok(answer) => refused(&answer),
                Err(failure) => Attempt::Again(failure.to_string(), None),
            };
            match self.judge(attempt, &path, &mut backoff).await? {
                Next::Done(()) => return Ok(Some(String::from_utf8_lossy(&body).into_owned())),
                Next::Absent => return Ok(None),
                Next::Again => {}
            }
        }
    }

    /// Downloads to `part`, going on after what is there; true if something was.
    async fn download(&mut self, archive: &Archive, part: &Path) -> Result<bool, HistoryError> {
        let path = archive.path();
        let mut backoff = self.backoff();
        let there = fs::metadata(part).map_or(0, |meta| meta.len());
        let resumed = there > 0;
        loop {
            let attempt = self.piece(&path, part).await?;
            match self.judge(attempt, &path, &mut backoff).await? {
                Next::Done(from_start) => return Ok(resumed && !from_start),
                Next::Again => {}
                // The checksum is there, the archive is not.
                Next::Absent => {
                    let reason = "its checksum is published, it is not".to_owned();
                    return Err(HistoryError::Unexpected { url: self.url(&path), reason });
                }
            }
        }
    }

    /// One attempt; done says whether the server began anew.
    async fn piece(&mut self, path: &str, part: &Path) -> Result<Attempt<bool>, HistoryError> {
        let failed = |error: &std::io::Error| HistoryError::output(part, error);
        let mut file = File::options().create(true).append(true).open(part).map_err(|error| failed(&error))?;
        let there = file.metadata().map_err(|error| failed(&error))?.len();
        let request = Request { path: path.to_owned(), from: (there > 0).then_some(there) };
        let mut began_anew = false;
        let mut write_error = None;
        let mut size = there;
        let bytes = &mut self.summary.bytes;
        let writer = std::cell::RefCell::new((&mut file, &mut size));
        let accept = |answer: &Answer| match answer.status {
            206 => answer.from == Some(there) && there > 0,
            200 => {
                let (file, size) = &mut *writer.borrow_mut();
                began_anew = true;
                **size = 0;
                file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0))).is_ok()
            }
            _ => false,
        };
        let piece = |data: &[u8]| {
            let (file, size) = &mut *writer.borrow_mut();
            let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
            **size = size.saturating_add(length);
            *bytes = bytes.saturating_add(length);
            if **size > MAX_ARCHIVE_BYTES {
                return Err(std::io::Error::other("archive is too large"));
            }
            file.write_all(data).inspect_err(|error| write_error = Some(error.kind()))
        };
        let answer = self.client.get(&request, accept, piece).await;
        if let Some(kind) = write_error {
            return Err(HistoryError::Output { target: part.display().to_string(), kind });
        }
        if size > MAX_ARCHIVE_BYTES {
            remove(part)?;
            return Ok(Attempt::Never(format!("archive of more than {MAX_ARCHIVE_BYTES} bytes")));
        }
        Ok(match answer {
            Ok(answer) if answer.status == 200 || (answer.status == 206 && answer.from == Some(there)) => {
                file.sync_all().map_err(|error| failed(&error))?;
                Attempt::Done(began_anew)
            }
            // What is there is not the beginning of what the server has.
            Ok(answer) if matches!(answer.status, 206 | 416) => {
                remove(part)?;
                Attempt::Again("the server has no such part of it".to_owned(), None)
            }
            Ok(answer) => refused(&answer),
            Err(Failure::TooLarge(limit)) => Attempt::Never(format!("answer of more than {limit} bytes")),
            Err(failure) => Attempt::Again(failure.to_string(), None),
        })
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(self.retry.first_pause, Duration::from_secs(30), self.retry.seed)
    }

    fn url(&self, path: &str) -> String {
        self.base.join(path).to_string()
    }

    /// Waits before another attempt, or gives up.
    async fn judge<T>(
        &mut self,
        attempt: Attempt<T>,
        path: &str,
        backoff: &mut Backoff,
    ) -> Result<Next<T>, HistoryError> {
        let (reason, asked) = match attempt {
            Attempt::Done(value) => return Ok(Next::Done(value)),
            Attempt::Absent => return Ok(Next::Absent),
            Attempt::Never(reason) => return Err(HistoryError::Unexpected { url: self.url(path), reason }),
            Attempt::Again(reason, asked) => (reason, asked),
        };
        let pause = backoff.pause();
        if backoff.failures() >= self.retry.attempts.max(1) {
            let (url, attempts) = (self.url(path), backoff.failures());
            return Err(HistoryError::Unreachable { url, reason, attempts });
        }
        if let Some(wait) = asked.filter(|wait| *wait > MAX_WAIT) {
            return Err(HistoryError::RateLimited { url: self.url(path), seconds: wait.as_secs() });
        }
        let pause = asked.map_or(pause, |asked| asked.max(pause));
        let url = self.url(path);
        (self.progress)(Progress::Again { url, reason, pause });
        tokio::time::sleep(pause).await;
        Ok(Next::Again)
    }
}

enum Next<T> {
    Done(T),
    Absent,
    Again,
}

/// An answer that is not the file.
fn refused<T>(answer: &Answer) -> Attempt<T> {
    match answer.status {
        404 => Attempt::Absent,
        408 | 418 | 429 | 500..=599 => Attempt::Again(format!("status {}", answer.status), answer.retry_after),
        status => Attempt::Never(format!("status {status}")),
    }
}

fn kept_checksum(path: &Path, archive: &str) -> Option<[u8; 32]> {
    parse_checksum(&fs::read_to_string(path).ok()?, archive)
}

fn remove(path: &Path) -> Result<(), HistoryError> {
    fs::remove_file(path).map_err(|error| HistoryError::output(path, &error))
}

/// One run at a time in a directory; the lock ends with the process.
fn lock(cache: &Path) -> Result<File, HistoryError> {
    fs::create_dir_all(cache).map_err(|error| HistoryError::output(cache, &error))?;
    let path = cache.join(".lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| HistoryError::output(&path, &error))?;
    match file.try_lock() {
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
