use hyper::Uri;
use std::fmt;
use thiserror::Error;

/// Where to connect to: scheme, host, port, and what to ask for there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Over TLS.
    pub tls: bool,
    /// The name or the number, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query; begins with `/`.
    pub path: String,
}

/// An address that is not used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Not an address with a scheme and a host.
    #[error("{0:?} is no address such as https://example.org/data")]
    Malformed(String),
    /// Another scheme than the encrypted one, to another machine.
    #[error("{0:?} must begin with https:// or wss://: without TLS nobody knows who answers")]
    Insecure(String),
    /// User names, passwords or fragments.
    #[error("{0:?} must hold neither a user nor a fragment")]
    Extra(String),
}

impl Address {
    /// Reads `https://`, `wss://`, or `http://` and `ws://` to this machine.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let malformed = || AddressError::Malformed(text.to_owned());
        if text.contains('#') || text.contains('@') {
            return Err(AddressError::Extra(text.to_owned()));
        }
        let uri: Uri = text.parse().map_err(|_| malformed())?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(malformed)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = match uri.scheme_str() {
            Some("https" | "wss") => true,
            Some("http" | "ws") if is_here(&host) => false,
            Some("http" | "ws") => return Err(AddressError::Insecure(text.to_owned())),
            _ => return Err(malformed()),
        };
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        Ok(Self { tls, host, port, path })
    }

    /// The same place, with `path` after its own.
    #[must_use]
    pub fn join(&self, path: &str) -> Self {
        let base = self.path.trim_end_matches('/');
        Self { path: format!("{base}/{}", path.trim_start_matches('/')), ..self.clone() }
    }

    /// Host and port as the header has them: the port only if it is not the scheme's.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == if self.tls { 443 } else { 80 } {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// True for this machine's own names.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read() {
        let address = Address::parse("https://data.binance.vision").unwrap();
        assert_eq!((address.tls, address.port, address.path.as_str()), (true, 443, "/"));
        assert_eq!(address.join("data/spot").to_string(), "https://data.binance.vision/data/spot");
        let local = Address::parse("ws://127.0.0.1:8080/ws?x=1").unwrap();
        assert_eq!((local.tls, local.port, local.path.as_str()), (false, 8080, "/ws?x=1"));
        assert_eq!(local.authority(), "127.0.0.1:8080");
        assert_eq!(Address::parse("http://[::1]:9/").unwrap().authority(), "[::1]:9");
        assert_eq!(Address::parse("wss://ws.okx.com:8443/ws").unwrap().authority(), "ws.okx.com:8443");
        assert_eq!(Address::parse("http://localhost/a").unwrap().join("/b").path, "/a/b");
    }

    #[test]
    fn addresses_without_tls_elsewhere_are_refused() {
        for text in ["http://example.org", "ws://10.0.0.1:80/ws", "http://127.0.0.1.example.org/"] {
            assert_eq!(Address::parse(text), Err(AddressError::Insecure(text.to_owned())));
        }
        for text in ["", "example.org", "/path", "ftp://example.org", "https://", "https:///x"] {
            assert!(matches!(Address::parse(text), Err(AddressError::Malformed(_))), "{text}");
        }
        for text in ["https://me:secret@example.org", "https://example.org/#x"] {
            assert!(matches!(Address::parse(text), Err(AddressError::Extra(_))), "{text}");
        }
    }
}
