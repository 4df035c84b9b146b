use super::read::{Message, Prices, Raw, Reader, Tick};
use crate::error::InputError;
use serde::Deserialize;

/// Answers the venue's question whether this side is alive; it closes the connection otherwise.
const ALIVE: &str = r#"{"jsonrpc":"2.0","id":3,"method":"public/test","params":{}}"#;

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, default)]
    method: Raw<'a>,
    #[serde(borrow, default)]
    params: Option<Params<'a>>,
    #[serde(borrow, default)]
    error: Raw<'a>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Raw<'a>,
    #[serde(borrow, default)]
    data: Option<Ticker<'a>>,
}

#[derive(Deserialize)]
struct Ticker<'a> {
    #[serde(borrow, default)]
    instrument_name: Raw<'a>,
    #[serde(borrow, default)]
    best_bid_price: Raw<'a>,
    #[serde(borrow, default)]
    best_ask_price: Raw<'a>,
    #[serde(borrow, default)]
    last_price: Raw<'a>,
    #[serde(borrow, default)]
    mark_price: Raw<'a>,
    #[serde(borrow, default)]
    index_price: Raw<'a>,
    #[serde(borrow, default)]
    timestamp: Raw<'a>,
}

pub(super) fn frame(reader: &Reader<'_>) -> Result<Message, InputError> {
    let frame: Frame<'_> = reader.json()?;
    if let Some(error) = frame.error {
        return Err(reader.refused(error.get()));
    }
    if frame.method.is_none() {
        return Ok(Message::default());
    }
    let params = frame.params.ok_or_else(|| reader.rule("params", "is missing"))?;
    match &*reader.text("method", frame.method)? {
        "subscription" => {
            let data = params.data.ok_or_else(|| reader.rule("params.data", "is missing"))?;
            tick(reader, &data, "params.data")
        }
        "heartbeat" => {
            let asked = reader.text("params.type", params.kind)? == "test_request";
            Ok(Message { ticks: Vec::new(), reply: asked.then(|| ALIVE.to_owned()) })
        }
        _ => Err(reader.rule("method", "must be subscription or heartbeat")),
    }
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    result: Option<Ticker<'a>>,
    #[serde(borrow, default)]
    error: Raw<'a>,
}

pub(super) fn body(reader: &Reader<'_>) -> Result<Message, InputError> {
    let body: Body<'_> = reader.json()?;
    if let Some(error) = body.error {
        return Err(reader.refused(error.get()));
    }
    let result = body.result.ok_or_else(|| reader.rule("result", "is missing"))?;
    tick(reader, &result, "result")
}

fn tick<'a>(reader: &Reader<'a>, ticker: &Ticker<'a>, at: &str) -> Result<Message, InputError> {
    let price = |member: &str, raw| reader.price(&format!("{at}.{member}"), raw);
    let prices = Prices {
        bid: price("best_bid_price", ticker.best_bid_price)?,
        ask: price("best_ask_price", ticker.best_ask_price)?,
        last: price("last_price", ticker.last_price)?,
        mark: price("mark_price", ticker.mark_price)?,
        index: price("index_price", ticker.index_price)?,
    };
    let instrument = reader.text(&format!("{at}.instrument_name"), ticker.instrument_name)?.into_owned();
    let time = reader.millis(&format!("{at}.timestamp"), ticker.timestamp)?;
    Ok(Message::of(vec![Tick { instrument, prices, time, delta: false }]))
}
