use super::json;
use crate::error::quote as quoted;
use crate::feed::transport::FeedEvent;
use crate::feed::{Millis, Quote, SourceId};
use crate::service::http::{Http, Problem, MAX_BODY_BYTES};
use crate::symbol::Symbol;
use crate::units::Price;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::sync::mpsc::TrySendError;
use std::sync::Arc;
use utoipa::ToSchema;

/// Most quotes of one request.
pub(in crate::service::http) const MAX_QUOTES: usize = 256;

/// What one source says of one coin, US dollars a coin as decimal text. What it did not say is left out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::service::http) struct QuoteBody {
    /// The source, as the configuration names it.
    source: String,
    /// `BTC`, `ETH`, `SOL` or `XRP`.
    market: String,
    /// Best bid.
    bid: Option<String>,
    /// Best ask.
    ask: Option<String>,
    /// Last trade.
    last: Option<String>,
    /// The source's own mark.
    mark: Option<String>,
    /// Its index.
    index: Option<String>,
    /// When it was so, milliseconds, by the source's clock.
    exchange_time: u64,
}

/// How many were handed on. Whether each counts towards a mark is checked after that.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct Taken {
    /// All that were sent.
    taken: usize,
}

/// Puts quotes in, for feeders outside of this process.
#[utoipa::path(
    post, path = "/v1/quotes", operation_id = "putQuotes", tag = "quotes", security(("token" = [])),
    request_body(content = Vec<QuoteBody>, content_type = "application/json"),
    responses(
        (status = 202, body = Taken, description = "Handed on"),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "The request does not read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
        (status = 403, body = Problem, content_type = "application/problem+json", description = "A token for something else"),
        (status = 413, body = Problem, content_type = "application/problem+json", description = "The body is too large"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The loop is behind, or ends"),
    )
)]
pub(in crate::service::http) async fn take(
    State(http): State<Arc<Http>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(MAX_BODY_BYTES),
        _ => Problem::bad_request("the body broke off"),
    })?;
    let arrival = Millis::new(http.shared.clock.millis());
    let quotes = read(&body, arrival)?;
    if let Some((index, quote)) = quotes.iter().enumerate().find(|(_, quote)| !http.posted.contains(&quote.source)) {
        let what = format!("[{index}].source: quotes of {} are not posted; see marks.sources", quote.source);
        return Err(Problem::bad_request(what));
    }
    let taken = quotes.len();
    for quote in quotes {
        http.quotes.try_send(FeedEvent::Quote(quote)).map_err(|error| match error {
            TrySendError::Full(_) => Problem::unavailable("the loop is behind; send less"),
            TrySendError::Disconnected(_) => Problem::unavailable("the service is ending"),
        })?;
    }
    Ok(json(StatusCode::ACCEPTED, &Taken { taken }))
}

/// All of them or none: the first that is wrong is named.
pub(in crate::service::http) fn read(body: &[u8], arrival: Millis) -> Result<Vec<Quote>, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let bodies: Vec<QuoteBody> = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| Problem::bad_request(format!("{}: {}", error.path(), quoted(&error.inner().to_string()))))?;
    reader.end().map_err(|error| Problem::bad_request(quoted(&error.to_string())))?;
    if bodies.len() > MAX_QUOTES {
        return Err(Problem::bad_request(format!("at most {MAX_QUOTES} quotes at once")));
    }
    let convert = |(index, body): (usize, &QuoteBody)| {
        convert(body, arrival).map_err(|what| Problem::bad_request(format!("[{index}].{what}")))
    };
    bodies.iter().enumerate().map(convert).collect()
}

fn convert(body: &QuoteBody, arrival: Millis) -> Result<Quote, String> {
    let price = |name: &str, text: &Option<String>| {
        let read = text.as_deref().map(Price::parse).transpose();
        read.map_err(|error| format!("{name}: {error}"))
    };
    let exchange_time = Millis::new(body.exchange_time);
    if exchange_time > Millis::MAX {
        return Err("exchange_time: beyond the calendar".to_owned());
    }
    Ok(Quote {
        source: SourceId::new(&body.source).ok_or("source: 1 to 32 of a-z, 0-9 and -")?,
        market: Symbol::parse(&body.market).ok_or_else(|| format!("market: one of {}", Symbol::KNOWN))?,
        bid: price("bid", &body.bid)?,
        ask: price("ask", &body.ask)?,
        last: price("last", &body.last)?,
        mark: price("mark", &body.mark)?,
        index: price("index", &body.index)?,
        exchange_time,
        receive_time: arrival,
    })
}
