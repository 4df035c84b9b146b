//! One file from the server: asked for again and again, within bounds, from where the last attempt stopped.

use super::download::{Progress, Retry, MAX_ARCHIVE_BYTES, MAX_WAIT};
use super::plan::Archive;
use super::HistoryError;
use crate::net::{Address, Answer, Backoff, Client, Failure, Request};
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

/// Longest checksum file, bytes.
const MAX_CHECKSUM_BYTES: usize = 1_024;
/// Longest pause between two attempts that the server did not ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A server, and what has come from it.
pub(super) struct Transfer<'a> {
    base: &'a Address,
    client: Client,
    retry: Retry,
    pub(super) progress: &'a mut (dyn FnMut(Progress) + Send),
    /// Bytes of archives.
    pub(super) bytes: u64,
}

/// What one attempt at a file came to.
enum Attempt<T> {
    Done(T),
    Absent,
    Again(String, Option<Duration>),
    Never(String),
}

impl<'a> Transfer<'a> {
    pub(super) const fn new(
        base: &'a Address,
        client: Client,
        retry: Retry,
        progress: &'a mut (dyn FnMut(Progress) + Send),
    ) -> Self {
        Self { base, client, retry, progress, bytes: 0 }
    }

    /// The text of an archive's checksum file; nothing if there is none.
    pub(super) async fn checksum(&mut self, archive: &Archive) -> Result<Option<String>, HistoryError> {
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
                // Whatever the connection says then: what is too long once is not asked for again.
                Err(_) if body.len() > MAX_CHECKSUM_BYTES => Attempt::Never("checksum file is too long".to_owned()),
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
    pub(super) async fn download(&mut self, archive: &Archive, part: &Path) -> Result<bool, HistoryError> {
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
        let bytes = &mut self.bytes;
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
        Backoff::new(self.retry.first_pause, LONGEST_PAUSE, self.retry.seed)
    }

    pub(super) fn url(&self, path: &str) -> String {
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

pub(super) fn remove(path: &Path) -> Result<(), HistoryError> {
    fs::remove_file(path).map_err(|error| HistoryError::output(path, &error))
}
