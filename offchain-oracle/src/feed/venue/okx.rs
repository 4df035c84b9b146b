use super::read::{Message, Prices, Raw, Reader, Tick};
use crate::error::InputError;
use serde::Deserialize;

/// A push has `data`, an answer to a request has `event`, an HTTP answer has `code`.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    event: Raw<'a>,
    #[serde(borrow, default)]
    code: Raw<'a>,
    #[serde(borrow, default)]
    msg: Raw<'a>,
    #[serde(borrow, default)]
    data: Option<Vec<Ticker<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ticker<'a> {
    #[serde(borrow, default)]
    inst_id: Raw<'a>,
    #[serde(borrow, default)]
    bid_px: Raw<'a>,
    #[serde(borrow, default)]
    ask_px: Raw<'a>,
    #[serde(borrow, default)]
    last: Raw<'a>,
    #[serde(borrow, default)]
    mark_px: Raw<'a>,
    #[serde(borrow, default)]
    idx_px: Raw<'a>,
    #[serde(borrow, default)]
    ts: Raw<'a>,
}

pub(super) fn frame(reader: &Reader<'_>) -> Result<Message, InputError> {
    // The answer to a ping is the one message that is no JSON.
    if reader.0.text == "pong" {
        return Ok(Message::default());
    }
    let envelope: Envelope<'_> = reader.json()?;
    if envelope.event.is_some() {
        return match &*reader.text("event", envelope.event)? {
            "error" => Err(reader.refused(envelope.msg.map_or("no reason given", |message| message.get()))),
            _ => Ok(Message::default()),
        };
    }
    ticks(reader, &envelope)
}

pub(super) fn body(reader: &Reader<'_>) -> Result<Message, InputError> {
    let envelope: Envelope<'_> = reader.json()?;
    if reader.text("code", envelope.code)? != "0" {
        return Err(reader.refused(envelope.msg.map_or("no reason given", |message| message.get())));
    }
    ticks(reader, &envelope)
}

fn ticks<'a>(reader: &Reader<'a>, envelope: &Envelope<'a>) -> Result<Message, InputError> {
    let data = envelope.data.as_ref().ok_or_else(|| reader.rule("data", "is missing"))?;
    let ticks = data.iter().map(|ticker| {
        let prices = Prices {
            bid: reader.price("data.bidPx", ticker.bid_px)?,
            ask: reader.price("data.askPx", ticker.ask_px)?,
            last: reader.price("data.last", ticker.last)?,
            mark: reader.price("data.markPx", ticker.mark_px)?,
            index: reader.price("data.idxPx", ticker.idx_px)?,
        };
        let instrument = reader.text("data.instId", ticker.inst_id)?.into_owned();
        Ok(Tick { instrument, prices, time: reader.millis("data.ts", ticker.ts)?, delta: false })
    });
    Ok(Message::of(ticks.collect::<Result<_, _>>()?))
}
