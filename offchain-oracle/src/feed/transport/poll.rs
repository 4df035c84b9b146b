use super::hub::Line;
use crate::feed::venue::{Decoded, Decoder};
use crate::net::{Address, Answer, Client};
use std::time::Duration;
use tokio::time::{interval, MissedTickBehavior};

/// What one question came to.
enum Asked {
    Quotes(Decoded),
    /// Not now, and for how long if the venue says so.
    No(String, Option<Duration>),
}

/// Asks for each instrument once every `pace`, one after the other over one connection.
pub(super) async fn ask(line: Line, base: Address, pace: Duration, mut decoder: Decoder) {
    let mut client = Client::new(base, line.tls.clone(), line.settings.limits());
    let mut backoff = line.backoff();
    let mut tick = interval(pace);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = line.closed() => return,
            _ = tick.tick() => {}
        }
        let instruments: Vec<String> = decoder.listings().iter().map(|listing| listing.instrument.clone()).collect();
        let mut failed = false;
        for instrument in instruments {
            let asked = tokio::select! {
                () = line.closed() => return,
                asked = question(&line, &mut client, &mut decoder, &instrument) => asked,
            };
            match asked {
                Asked::Quotes(decoded) => {
                    if !line.quotes(decoded.quotes).await {
                        return;
                    }
                }
                Asked::No(what, wish) => {
                    // After a refusal every further question would be one too many.
                    failed = true;
                    let pause = backoff.pause().max(wish.unwrap_or_default().min(line.settings.max_wait));
                    if !line.trouble(what, pause).await {
                        return;
                    }
                    break;
                }
            }
        }
        if !failed {
            backoff.reset();
        }
    }
}

async fn question(line: &Line, client: &mut Client, decoder: &mut Decoder, instrument: &str) -> Asked {
    let Some(path) = decoder.path(instrument) else { return Asked::No("no HTTP answer with a time".to_owned(), None) };
    match client.body(&path).await {
        Ok((Answer { status: 200, .. }, body)) => match decoder.body(instrument, &body, (line.clock)()) {
            Ok(decoded) => Asked::Quotes(decoded),
            Err(error) => Asked::No(error.to_string(), None),
        },
        Ok((answer, _)) => Asked::No(format!("status {} for {path}", answer.status), answer.retry_after),
        Err(failure) => Asked::No(format!("{failure} for {path}"), None),
    }
}
