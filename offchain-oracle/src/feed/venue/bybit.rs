use super::read::{Message, Prices, Raw, Reader, Tick};
use crate::error::InputError;
use crate::feed::Millis;
use serde::Deserialize;

/// A push has a topic, an answer to a request has `success`.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, default)]
    topic: Raw<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Raw<'a>,
    #[serde(borrow, default)]
    data: Option<Ticker<'a>>,
    #[serde(borrow, default)]
    ts: Raw<'a>,
    #[serde(default)]
    success: Option<bool>,
    #[serde(borrow, default)]
    ret_msg: Raw<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ticker<'a> {
    #[serde(borrow, default)]
    symbol: Raw<'a>,
    #[serde(borrow, default)]
    last_price: Raw<'a>,
    #[serde(borrow, default)]
    mark_price: Raw<'a>,
    #[serde(borrow, default)]
    index_price: Raw<'a>,
    #[serde(borrow, default)]
    bid1_price: Raw<'a>,
    #[serde(borrow, default)]
    ask1_price: Raw<'a>,
}

pub(super) fn frame(reader: &Reader<'_>) -> Result<Message, InputError> {
    let frame: Frame<'_> = reader.json()?;
    if frame.success == Some(false) {
        return Err(reader.refused(frame.ret_msg.map_or("no reason given", |message| message.get())));
    }
    if frame.topic.is_none() {
        return Ok(Message::default());
    }
    if !reader.text("topic", frame.topic)?.starts_with("tickers.") {
        return Err(reader.rule("topic", "must be tickers of an instrument"));
    }
    let delta = match &*reader.text("type", frame.kind)? {
        "snapshot" => false,
        "delta" => true,
        _ => return Err(reader.rule("type", "must be snapshot or delta")),
    };
    let data = frame.data.ok_or_else(|| reader.rule("data", "is missing"))?;
    let time = reader.millis("ts", frame.ts)?;
    Ok(Message::of(vec![tick(reader, &data, time, delta)?]))
}

fn tick<'a>(reader: &Reader<'a>, ticker: &Ticker<'a>, time: Millis, delta: bool) -> Result<Tick, InputError> {
    let prices = Prices {
        bid: reader.price("data.bid1Price", ticker.bid1_price)?,
        ask: reader.price("data.ask1Price", ticker.ask1_price)?,
        last: reader.price("data.lastPrice", ticker.last_price)?,
        mark: reader.price("data.markPrice", ticker.mark_price)?,
        index: reader.price("data.indexPrice", ticker.index_price)?,
    };
    Ok(Tick { instrument: reader.text("data.symbol", ticker.symbol)?.into_owned(), prices, time, delta })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    ret_code: i64,
    #[serde(borrow, default)]
    ret_msg: Raw<'a>,
    #[serde(borrow, default)]
    result: Option<List<'a>>,
    #[serde(borrow, default)]
    time: Raw<'a>,
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow, default)]
    list: Vec<Ticker<'a>>,
}

pub(super) fn body(reader: &Reader<'_>) -> Result<Message, InputError> {
    let body: Body<'_> = reader.json()?;
    if body.ret_code != 0 {
        return Err(reader.refused(body.ret_msg.map_or("no reason given", |message| message.get())));
    }
    let time = reader.millis("time", body.time)?;
    let result = body.result.ok_or_else(|| reader.rule("result", "is missing"))?;
    let ticks = result.list.iter().map(|ticker| tick(reader, ticker, time, false));
    Ok(Message::of(ticks.collect::<Result<_, _>>()?))
}
