//! Who may ask what, and how often.

use super::problem::Problem;
use super::Http;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;
use subtle::ConstantTimeEq;

/// What a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything that is read.
    Read,
    /// Quotes may be put in.
    Feed,
}

impl Scope {
    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Feed => "feed",
        }
    }

    /// The scope of a name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Feed].into_iter().find(|scope| scope.name() == text)
    }
}

/// A token as the configuration has it: by its hash. A token is 32 random bytes in hexadecimal, so a plain hash is enough.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Whose it is, for logs.
    pub name: String,
    /// SHA-256 of the token's text.
    pub sha256: [u8; 32],
    /// What it opens.
    pub scopes: Vec<Scope>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("name", &self.name).field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

/// Requests a second, and at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// On average.
    pub per_second: NonZeroU32,
    /// At once.
    pub burst: NonZeroU32,
}

/// Tokens and how often each caller has asked.
#[derive(Debug)]
pub struct Access {
    tokens: Vec<Token>,
    by_token: DefaultKeyedRateLimiter<usize>,
    /// Callers without a token, and those with a wrong one.
    by_address: DefaultKeyedRateLimiter<IpAddr>,
}

/// The address at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

impl Access {
    /// With the tokens and the rate of each caller.
    pub fn new(tokens: Vec<Token>, rate: Rate) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self { tokens, by_token: RateLimiter::keyed(quota), by_address: RateLimiter::keyed(quota) }
    }

    /// The token's place. Every token is compared in full, so that the time says nothing.
    fn find(&self, text: &str) -> Option<usize> {
        let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        self.tokens.iter().enumerate().fold(None, |found, (index, token)| {
            if bool::from(token.sha256.ct_eq(&hash)) {
                Some(index)
            } else {
                found
            }
        })
    }

    fn admit(&self, request: &Request, scope: Option<Scope>) -> Result<(), Problem> {
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer =
            header.and_then(|value| value.split_once(' ')).filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
        let found = bearer.and_then(|(_, text)| self.find(text.trim()));
        let Some(index) = found else {
            let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0);
            self.by_address.check_key(&peer).map_err(|until| too_often(&until))?;
            return if scope.is_some() { Err(Problem::unauthorised()) } else { Ok(()) };
        };
        self.by_token.check_key(&index).map_err(|until| too_often(&until))?;
        let Some(scope) = scope else { return Ok(()) };
        let has = self.tokens.get(index).is_some_and(|token| token.scopes.contains(&scope));
        if has {
            Ok(())
        } else {
            Err(Problem::forbidden(scope.name()))
        }
    }

    /// Forgets addresses that have not asked for a while; otherwise a table of them would grow for ever.
    pub fn tidy(&self) {
        self.by_address.retain_recent();
    }
}

fn too_often(until: &governor::NotUntil<governor::clock::QuantaInstant>) -> Problem {
    let wait = until.wait_time_from(DefaultClock::default().now());
    Problem::too_often(wait.as_secs().saturating_add(1))
}

/// The scope that a route needs; none for what is public.
fn scope(path: &str) -> Option<Scope> {
    match path {
        "/health" | "/ready" | "/openapi.json" => None,
        "/v1/quotes" => Some(Scope::Feed),
        _ => Some(Scope::Read),
    }
}

/// Lets a request through, or not, within its time, and counts it.
pub(super) async fn guard(State(http): State<Arc<Http>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let response = match http.access.admit(&request, scope(request.uri().path())) {
        Err(problem) => problem.into_response(),
        Ok(()) => match tokio::time::timeout(http.limits.request, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Problem::slow(http.limits.request.as_secs()).into_response(),
        },
    };
    let metrics = &http.shared.metrics;
    let status = response.status().as_u16();
    metrics.requests.get_or_create(&crate::service::metrics::OfRoute { route, status }).inc();
    metrics.request_seconds.observe(started.elapsed().as_secs_f64());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_hash_alone() {
        let token = |text: &str| Token { name: text.to_owned(), sha256: Sha256::digest(text).into(), scopes: vec![] };
        let one = NonZeroU32::MIN;
        let access = Access::new(vec![token("a"), token("b")], Rate { per_second: one, burst: one });
        assert_eq!(
            (access.find("a"), access.find("b"), access.find("c"), access.find("")),
            (Some(0), Some(1), None, None)
        );
        assert!(!format!("{:?}", token("a")).contains("sha256"));
    }
}
