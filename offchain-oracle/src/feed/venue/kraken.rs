use super::read::{Message, Prices, Raw, Reader, Tick};
use crate::error::InputError;
use serde::Deserialize;

/// A push has a channel, an answer to a request has a method.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, default)]
    channel: Raw<'a>,
    #[serde(borrow, default)]
    data: Raw<'a>,
    #[serde(default)]
    success: Option<bool>,
    #[serde(borrow, default)]
    error: Raw<'a>,
}

#[derive(Deserialize)]
struct Ticker<'a> {
    #[serde(borrow, default)]
    symbol: Raw<'a>,
    #[serde(borrow, default)]
    bid: Raw<'a>,
    #[serde(borrow, default)]
    ask: Raw<'a>,
    #[serde(borrow, default)]
    last: Raw<'a>,
    #[serde(borrow, default)]
    timestamp: Raw<'a>,
}

pub(super) fn frame(reader: &Reader<'_>) -> Result<Message, InputError> {
    let frame: Frame<'_> = reader.json()?;
    if frame.success == Some(false) {
        return Err(reader.refused(frame.error.map_or("no reason given", |error| error.get())));
    }
    // Other channels (status, heartbeat) have data of other shapes.
    if frame.channel.is_none() || reader.text("channel", frame.channel)? != "ticker" {
        return Ok(Message::default());
    }
    let data = frame.data.ok_or_else(|| reader.rule("data", "is missing"))?;
    let tickers: Vec<Ticker<'_>> =
        serde_json::from_str(data.get()).map_err(|_| reader.rule("data", "must be a list of tickers"))?;
    let ticks = tickers.iter().map(|ticker| {
        let prices = Prices {
            bid: reader.price("data.bid", ticker.bid)?,
            ask: reader.price("data.ask", ticker.ask)?,
            last: reader.price("data.last", ticker.last)?,
            ..Prices::default()
        };
        let instrument = reader.text("data.symbol", ticker.symbol)?.into_owned();
        let time = reader.rfc3339_down("data.timestamp", ticker.timestamp)?;
        Ok(Tick { instrument, prices, time, delta: false })
    });
    Ok(Message::of(ticks.collect::<Result<_, _>>()?))
}
