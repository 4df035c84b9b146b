use super::hub::Line;
use crate::feed::venue::Decoder;
use crate::net::{open, Address, Stream};
use futures_util::{SinkExt, StreamExt};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::{interval, timeout, Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{client_async_with_config, WebSocketStream};

/// Longest that saying goodbye may take.
const CLOSE: Duration = Duration::from_millis(500);

type Socket = WebSocketStream<Box<dyn Stream>>;

/// Keeps a connection open, and subscribes anew on each.
pub(super) async fn listen(line: Line, address: Address, mut decoder: Decoder) {
    let mut backoff = line.backoff();
    loop {
        decoder.reset();
        let began = Instant::now();
        let Some(what) = session(&line, &address, &mut decoder).await else { return };
        if began.elapsed() >= line.settings.max_pause {
            backoff.reset();
        }
        if !line.trouble(what, backoff.pause()).await {
            return;
        }
    }
}

/// One connection, and why it ended; nothing if nobody listens any more. A message that can't be read ends it, too: what was
/// missed is sent anew on the next.
async fn session(line: &Line, address: &Address, decoder: &mut Decoder) -> Option<String> {
    let connected = tokio::select! {
        () = line.closed() => return None,
        connected = timeout(line.settings.connect, connect(line, address)) => connected,
    };
    let mut socket = match connected {
        Ok(Ok(socket)) => socket,
        Ok(Err(why)) => return Some(why),
        Err(_) => return Some("no connection in time".to_owned()),
    };
    let ended = tokio::select! {
        () = line.closed() => None,
        ended = subscribed(line, &mut socket, decoder) => match ended {
            Ok(never) => match never {},
            Err(why) => Some(why),
        },
    };
    if ended.is_none() {
        // By the rules, so that the venue knows at once; an answer is not waited for.
        let _ = timeout(CLOSE, socket.close(None)).await;
    }
    ended
}

async fn subscribed(line: &Line, socket: &mut Socket, decoder: &mut Decoder) -> Result<Infallible, String> {
    for request in decoder.subscriptions() {
        send(line, socket, Message::text(request)).await?;
    }
    messages(line, socket, decoder).await
}

async fn connect(line: &Line, address: &Address) -> Result<Socket, String> {
    let stream = open(address, line.tls.as_ref()).await.map_err(|error| format!("connection failed: {error}"))?;
    let scheme = if address.tls { "wss" } else { "ws" };
    let request = format!("{scheme}://{}{}", address.authority(), address.path).into_client_request();
    let request = request.map_err(|error| format!("no such address: {error}"))?;
    let size = Some(line.settings.max_bytes);
    let config = WebSocketConfig::default().max_message_size(size).max_frame_size(size);
    let opened = client_async_with_config(request, stream, Some(config)).await;
    opened.map(|(socket, _)| socket).map_err(|error| format!("no websocket: {error}"))
}

async fn messages(line: &Line, socket: &mut Socket, decoder: &mut Decoder) -> Result<Infallible, String> {
    let mut ping = interval(line.settings.ping);
    // The first is due at once: it comes after a subscription like any other.
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_quote = Instant::now();
    loop {
        let left = line.settings.silence.saturating_sub(last_quote.elapsed());
        let message = tokio::select! {
            message = timeout(left, socket.next()) => message.map_err(|_| "no quote for too long".to_owned())?,
            _ = ping.tick() => {
                send(line, socket, Message::Ping(Vec::new().into())).await?;
                if let Some(text) = decoder.keep_alive() {
                    send(line, socket, Message::text(text)).await?;
                }
                continue;
            }
        };
        let message = message.ok_or("the connection ended")?.map_err(|error| format!("connection failed: {error}"))?;
        let text = match &message {
            Message::Text(text) => text.as_str(),
            Message::Binary(_) => return Err("a binary message, where the venue documents text".to_owned()),
            Message::Close(_) => return Err("the venue closed the connection".to_owned()),
            // Pings are answered by the library while it reads.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
        };
        let decoded = decoder.frame(text, (line.clock)()).map_err(|error| error.to_string())?;
        if let Some(reply) = decoded.reply {
            send(line, socket, Message::text(reply)).await?;
        }
        if !decoded.quotes.is_empty() {
            last_quote = Instant::now();
            if !line.quotes(decoded.quotes).await {
                return Err("nobody listens".to_owned());
            }
        }
    }
}

/// A venue that does not read what is sent must not hold up what it sends.
async fn send(line: &Line, socket: &mut Socket, message: Message) -> Result<(), String> {
    let sent = timeout(line.settings.answer.max(Duration::from_millis(1)), socket.send(message)).await;
    sent.map_err(|_| "the venue does not read".to_owned())?.map_err(|error| format!("connection failed: {error}"))
}
