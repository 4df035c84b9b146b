//! An HTTP server on a real socket that answers as a test tells it to, well or badly.

use std::collections::{HashMap, VecDeque};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What to do with one request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// The file, or the part of it that is asked for.
    File(Vec<u8>),
    /// The whole file, whatever part is asked for.
    Whole(Vec<u8>),
    /// The head of the whole answer, and only so many bytes of the body.
    Cut(Vec<u8>, usize),
    /// A status with header lines and no body.
    Status(u16, &'static str),
    /// Bytes that are no HTTP.
    Garbage(Vec<u8>),
    /// Nothing for so long, and then the file.
    Late(Duration, Vec<u8>),
    /// A body without end, as long as the other side reads.
    Endless,
}

type Script = HashMap<String, VecDeque<Reply>>;
/// A path, and from which byte on.
pub(crate) type Asked = (String, Option<u64>);

#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) port: u16,
    script: Arc<Mutex<Script>>,
    log: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, script: Arc::default(), log: Arc::default() };
        let shared = server.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What to answer for a path, one after the other; the last goes on. Without any it is 404.
    pub(crate) fn answer(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        self.script.lock().unwrap().insert(path.to_owned(), replies.into_iter().collect());
    }

    /// Paths that were asked for, and from which byte on.
    pub(crate) fn log(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn asked(&self, ending: &str) -> usize {
        self.log().iter().filter(|(path, _)| path.ends_with(ending)).count()
    }

    fn serve(&self, mut stream: TcpStream) {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        while let Some((path, from)) = request(&mut stream) {
            self.log.lock().unwrap().push((path.clone(), from));
            let reply = {
                let mut script = self.script.lock().unwrap();
                let replies = script.entry(path).or_default();
                if replies.len() > 1 {
                    replies.pop_front()
                } else {
                    replies.front().cloned()
                }
            };
            if !write(&mut stream, reply.unwrap_or(Reply::Status(404, "")), from) {
                return;
            }
        }
    }
}

fn request(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("GET "), "{head}");
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let range = head.lines().find_map(|line| line.strip_prefix("range: bytes="));
    Some((path, range.map(|range| range.trim_end_matches('-').parse().unwrap())))
}

/// True if the connection can go on.
fn write(stream: &mut TcpStream, reply: Reply, from: Option<u64>) -> bool {
    let ok = |length: usize| format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
    let mut send = |head: String, body: &[u8]| {
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).and_then(|()| stream.flush()).is_ok()
    };
    match reply {
        Reply::File(body) => match from.map(|from| usize::try_from(from).unwrap()) {
            None => send(ok(body.len()), &body),
            Some(from) if from < body.len() => {
                let (last, all) = (body.len() - 1, body.len());
                let range = format!("content-range: bytes {from}-{last}/{all}");
                let head = format!("HTTP/1.1 206 Partial Content\r\ncontent-length: {}\r\n{range}\r\n\r\n", all - from);
                send(head, &body[from..])
            }
            Some(_) => send("HTTP/1.1 416 Range Not Satisfiable\r\ncontent-length: 0\r\n\r\n".to_owned(), b""),
        },
        Reply::Whole(body) => send(ok(body.len()), &body),
        Reply::Cut(body, bytes) => {
            // A part of what is asked for, so that the next attempt can go on.
            let from = usize::try_from(from.unwrap_or(0)).unwrap();
            let (last, all) = (body.len() - 1, body.len());
            let head = if from == 0 {
                ok(all)
            } else {
                let range = format!("content-range: bytes {from}-{last}/{all}");
                format!("HTTP/1.1 206 Partial Content\r\ncontent-length: {}\r\n{range}\r\n\r\n", all - from)
            };
            send(head, &body[from..(from + bytes).min(all)]);
            false
        }
        Reply::Status(status, headers) => {
            send(format!("HTTP/1.1 {status} Said So\r\n{headers}content-length: 0\r\n\r\n"), b"")
        }
        Reply::Garbage(bytes) => {
            send(String::new(), &bytes);
            false
        }
        Reply::Late(pause, body) => {
            std::thread::sleep(pause);
            send(ok(body.len()), &body)
        }
        Reply::Endless => {
            send("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_owned(), b"");
            while stream.write_all(&[b'x'; 64 * 1024]).is_ok() {}
            false
        }
    }
}
