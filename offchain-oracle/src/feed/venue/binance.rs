use super::read::{Message, Prices, Raw, Reader, Tick};
use crate::error::InputError;
use serde::Deserialize;

/// An event, bare or as `data` of a combined stream; an answer to a request has neither `data` nor `e`.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, default)]
    data: Option<Box<Frame<'a>>>,
    #[serde(borrow, default)]
    e: Raw<'a>,
    #[serde(borrow, default, rename = "E")]
    event_time: Raw<'a>,
    #[serde(borrow, default)]
    s: Raw<'a>,
    #[serde(borrow, default)]
    b: Raw<'a>,
    #[serde(borrow, default)]
    a: Raw<'a>,
    #[serde(borrow, default)]
    p: Raw<'a>,
    #[serde(borrow, default)]
    i: Raw<'a>,
    #[serde(borrow, default)]
    error: Raw<'a>,
}

pub(super) fn frame(reader: &Reader<'_>) -> Result<Message, InputError> {
    let mut frame: Frame<'_> = reader.json()?;
    if let Some(error) = frame.error {
        return Err(reader.refused(error.get()));
    }
    if let Some(data) = frame.data.take() {
        frame = *data;
    }
    if frame.e.is_none() {
        return Ok(Message::default());
    }
    let event = reader.text("e", frame.e)?;
    let prices = match &*event {
        "bookTicker" => {
            Prices { bid: reader.price("b", frame.b)?, ask: reader.price("a", frame.a)?, ..Prices::default() }
        }
        "markPriceUpdate" => {
            Prices { mark: reader.price("p", frame.p)?, index: reader.price("i", frame.i)?, ..Prices::default() }
        }
        _ => return Err(reader.rule("e", "must be bookTicker or markPriceUpdate")),
    };
    let instrument = reader.text("s", frame.s)?.into_owned();
    let time = reader.millis("E", frame.event_time)?;
    Ok(Message::of(vec![Tick { instrument, prices, time, delta: false }]))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow, default)]
    symbol: Raw<'a>,
    #[serde(borrow, default)]
    bid_price: Raw<'a>,
    #[serde(borrow, default)]
    ask_price: Raw<'a>,
    #[serde(borrow, default)]
    mark_price: Raw<'a>,
    #[serde(borrow, default)]
    index_price: Raw<'a>,
    #[serde(borrow, default)]
    time: Raw<'a>,
    #[serde(borrow, default)]
    code: Raw<'a>,
    #[serde(borrow, default)]
    msg: Raw<'a>,
}

pub(super) fn body(reader: &Reader<'_>) -> Result<Message, InputError> {
    let body: Body<'_> = reader.json()?;
    if body.code.is_some() {
        return Err(reader.refused(&reader.text("msg", body.msg)?));
    }
    let prices = Prices {
        bid: reader.price("bidPrice", body.bid_price)?,
        ask: reader.price("askPrice", body.ask_price)?,
        last: None,
        mark: reader.price("markPrice", body.mark_price)?,
        index: reader.price("indexPrice", body.index_price)?,
    };
    let instrument = reader.text("symbol", body.symbol)?.into_owned();
    let time = reader.millis("time", body.time)?;
    Ok(Message::of(vec![Tick { instrument, prices, time, delta: false }]))
}
