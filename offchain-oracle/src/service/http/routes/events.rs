use crate::service::document::EventText;
use crate::service::http::server::stopped;
use crate::service::http::{Http, Problem};
use crate::service::store::Store;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde::Deserialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{watch, OwnedSemaphorePermit};
use tokio::time::Instant;
use utoipa::IntoParams;

/// Longest life of a stream; whoever reads it comes back with the last number.
const LIFE: Duration = Duration::from_secs(3_600);
/// Events that are read at once.
const BATCH: usize = 128;
/// Silence after which a comment shows that the stream lives.
const BEAT: Duration = Duration::from_secs(15);

/// Where a stream begins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::service::http) struct From {
    /// Events after this number; those to come if left out. `Last-Event-ID` counts before it.
    after: Option<u64>,
}

/// Instructions, marks at bar closes, alarms and contracts' events as server-sent events. The id of each is its number in
/// the store: a client that comes back with `Last-Event-ID` misses nothing that is still kept. If something is not, the
/// first event is `gap`, without an id.
#[utoipa::path(
    get, path = "/v1/events", operation_id = "streamEvents", tag = "events", security(("token" = [])),
    params(From, ("Last-Event-ID" = Option<u64>, Header, description = "The last number that was seen")),
    responses(
        (status = 200, body = EventText, content_type = "text/event-stream", description = "One of these in each event's data"),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "The request does not read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "No place for another stream"),
    )
)]
pub(in crate::service::http) async fn events(
    State(http): State<Arc<Http>>,
    headers: HeaderMap,
    from: Result<Query<From>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(from) = from.map_err(|error| Problem::bad_request(error.body_text()))?;
    let number = |text: &axum::http::HeaderValue| text.to_str().ok()?.trim().parse::<u64>().ok();
    let last = headers.get("last-event-id");
    let last = last.map(|text| number(text).ok_or_else(|| Problem::bad_request("Last-Event-ID is a whole number")));
    let store = http.shared.store.clone();
    let newest = store.newest_event()?;
    let after = last.transpose()?.or(from.after).unwrap_or(newest);
    if after > newest {
        return Err(Problem::bad_request(format!("event {after} has not been yet, the newest is {newest}")));
    }
    let place = Arc::clone(&http.streams).try_acquire_owned();
    let place = place.map_err(|_| Problem::unavailable("no place for another stream; close one"))?;
    let oldest = store.oldest_event()?;
    let lost = newest > 0 && after.saturating_add(1) < oldest;
    let gap = lost.then(|| Event::default().event("gap").data(format!("{{\"oldest\":{oldest}}}")));
    let reader = Reader {
        follow: store.follow(),
        stopping: http.stopping.clone(),
        store,
        seen: after,
        ready: VecDeque::new(),
        gap,
        until: Instant::now().checked_add(LIFE),
        _open: Open::new(Arc::clone(&http), place),
    };
    let stream = unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok::<_, Infallible>(event), reader))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(BEAT)).into_response())
}

/// A stream that is open; counted until it is dropped.
struct Open {
    http: Arc<Http>,
    _place: OwnedSemaphorePermit,
}

impl Open {
    fn new(http: Arc<Http>, place: OwnedSemaphorePermit) -> Self {
        http.shared.metrics.streams.inc();
        Self { http, _place: place }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.http.shared.metrics.streams.dec();
    }
}

struct Reader {
    store: Store,
    follow: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    seen: u64,
    ready: VecDeque<EventText>,
    gap: Option<Event>,
    until: Option<Instant>,
    _open: Open,
}

impl Reader {
    /// The next event; none when the stream ends.
    async fn next(&mut self) -> Option<Event> {
        if let Some(gap) = self.gap.take() {
            return Some(gap);
        }
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.seen = event.id;
                let text = serde_json::to_string(&event).ok()?;
                return Some(Event::default().id(event.id.to_string()).event(event.kind).data(text));
            }
            // Marked as seen before the store is read: what comes in between wakes the stream again.
            self.follow.borrow_and_update();
            let (store, seen) = (self.store.clone(), self.seen);
            let read = tokio::task::spawn_blocking(move || store.events_after(seen, BATCH)).await;
            self.ready = read.ok()?.ok()?.into();
            if !self.ready.is_empty() {
                continue;
            }
            let until = self.until?;
            tokio::select! {
                changed = self.follow.changed() => changed.ok()?,
                () = stopped(&mut self.stopping) => return None,
                () = tokio::time::sleep_until(until) => return None,
            }
        }
    }
}
