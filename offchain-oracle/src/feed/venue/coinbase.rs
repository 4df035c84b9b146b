use super::read::{Message, Prices, Raw, Reader, Tick};
use crate::error::InputError;
use serde::Deserialize;

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Raw<'a>,
    #[serde(borrow, default)]
    product_id: Raw<'a>,
    #[serde(borrow, default)]
    price: Raw<'a>,
    #[serde(borrow, default)]
    best_bid: Raw<'a>,
    #[serde(borrow, default)]
    best_ask: Raw<'a>,
    #[serde(borrow, default)]
    time: Raw<'a>,
    #[serde(borrow, default)]
    message: Raw<'a>,
}

pub(super) fn frame(reader: &Reader<'_>) -> Result<Message, InputError> {
    let frame: Frame<'_> = reader.json()?;
    match &*reader.text("type", frame.kind)? {
        "ticker" => {}
        "error" => return Err(reader.refused(frame.message.map_or("no reason given", |message| message.get()))),
        "subscriptions" | "heartbeat" => return Ok(Message::default()),
        _ => return Err(reader.rule("type", "must be ticker, heartbeat, subscriptions or error")),
    }
    let prices = Prices {
        bid: reader.price("best_bid", frame.best_bid)?,
        ask: reader.price("best_ask", frame.best_ask)?,
        last: reader.price("price", frame.price)?,
        ..Prices::default()
    };
    let instrument = reader.text("product_id", frame.product_id)?.into_owned();
    let time = reader.rfc3339_down("time", frame.time)?;
    Ok(Message::of(vec![Tick { instrument, prices, time, delta: false }]))
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow, default)]
    bid: Raw<'a>,
    #[serde(borrow, default)]
    ask: Raw<'a>,
    #[serde(borrow, default)]
    price: Raw<'a>,
    #[serde(borrow, default)]
    time: Raw<'a>,
    #[serde(borrow, default)]
    message: Raw<'a>,
}

/// The answer does not say what it is about: `instrument` is what was asked for.
pub(super) fn body(reader: &Reader<'_>, instrument: &str) -> Result<Message, InputError> {
    let body: Body<'_> = reader.json()?;
    if let Some(message) = body.message {
        return Err(reader.refused(message.get()));
    }
    let prices = Prices {
        bid: reader.price("bid", body.bid)?,
        ask: reader.price("ask", body.ask)?,
        last: reader.price("price", body.price)?,
        ..Prices::default()
    };
    let time = reader.rfc3339_down("time", body.time)?;
    Ok(Message::of(vec![Tick { instrument: instrument.to_owned(), prices, time, delta: false }]))
}
