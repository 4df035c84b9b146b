//! Reading members of messages, with errors that name them.

use crate::error::{quote, InputError, Place, Problem};
use crate::feed::Millis;
use crate::files::Source;
use crate::portfolio::document;
use crate::units::Price;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A member as it was sent: a price may be a JSON number or a string, and is read from its digits.
pub(super) type Raw<'a> = Option<&'a RawValue>;

/// The prices of one message. What was not sent is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Prices {
    pub(super) bid: Option<Price>,
    pub(super) ask: Option<Price>,
    pub(super) last: Option<Price>,
    pub(super) mark: Option<Price>,
    pub(super) index: Option<Price>,
}

/// One instrument in one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tick {
    pub(super) instrument: String,
    pub(super) prices: Prices,
    pub(super) time: Millis,
    /// What is missing is as it was before.
    pub(super) delta: bool,
}

/// What a message amounts to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) ticks: Vec<Tick>,
    /// What the venue wants to hear back.
    pub(super) reply: Option<String>,
}

impl Message {
    pub(super) fn of(ticks: Vec<Tick>) -> Self {
        Self { ticks, reply: None }
    }
}

/// One message and the name that errors give it.
pub(super) struct Reader<'a>(pub(super) &'a Source);

impl<'a> Reader<'a> {
    pub(super) fn json<T: Deserialize<'a>>(&self) -> Result<T, InputError> {
        document(self.0)
    }

    pub(super) fn fail(&self, member: &str, problem: Problem) -> InputError {
        InputError::new(&self.0.name, Place::Json(member.to_owned()), problem)
    }

    pub(super) fn rule(&self, member: &str, rule: &'static str) -> InputError {
        self.fail(member, Problem::Rule { name: member.to_owned(), rule })
    }

    /// The venue says no.
    pub(super) fn refused(&self, what: &str) -> InputError {
        let what: String = what.chars().filter(|c| !c.is_control()).take(200).collect();
        InputError::new(&self.0.name, Place::File, Problem::Json(format!("the venue refused: {what}")))
    }

    pub(super) fn text(&self, member: &str, raw: Raw<'a>) -> Result<Cow<'a, str>, InputError> {
        let raw = raw.ok_or_else(|| self.rule(member, "is missing"))?;
        unquoted(raw).ok_or_else(|| self.rule(member, "must be text or a number"))
    }

    /// A price; nothing where the member is missing, null or empty.
    pub(super) fn price(&self, member: &str, raw: Raw<'a>) -> Result<Option<Price>, InputError> {
        let Some(raw) = raw else { return Ok(None) };
        let text = unquoted(raw).ok_or_else(|| self.rule(member, "must be text or a number"))?;
        if text.is_empty() {
            return Ok(None);
        }
        Price::parse(&text).map(Some).map_err(|error| {
            let (name, value) = (member.to_owned(), quote(&text));
            self.fail(member, Problem::Number { name, value, error, what: "the value" })
        })
    }

    /// Milliseconds since the epoch.
    pub(super) fn millis(&self, member: &str, raw: Raw<'a>) -> Result<Millis, InputError> {
        let text = self.text(member, raw)?;
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let millis = text.parse().ok().filter(|_| plain).map(Millis::new).filter(|millis| *millis <= Millis::MAX);
        millis.ok_or_else(|| self.rule(member, "must be milliseconds since 1970, before the year 10000"))
    }

    /// A time of RFC 3339 in UTC, of whatever precision, rounded down to milliseconds.
    pub(super) fn rfc3339_down(&self, member: &str, raw: Raw<'a>) -> Result<Millis, InputError> {
        let text = self.text(member, raw)?;
        let read = || {
            let moment: jiff::Timestamp = text.strip_suffix('Z').and(text.parse().ok())?;
            u64::try_from(moment.as_millisecond()).ok().map(Millis::new).filter(|millis| *millis <= Millis::MAX)
        };
        read().ok_or_else(|| {
            let (name, value) = (member.to_owned(), quote(&text));
            self.fail(member, Problem::Time { name, value, example: "2025-10-10T18:00:00.123456Z" })
        })
    }
}

/// The content of a JSON string, or the digits of a number; nothing for other values.
fn unquoted(raw: &RawValue) -> Option<Cow<'_, str>> {
    let text = raw.get();
    match text.bytes().next()? {
        b'"' => match text.get(1..text.len().checked_sub(1)?)? {
            plain if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
            _ => serde_json::from_str::<String>(text).ok().map(Cow::Owned),
        },
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(text)),
        _ => None,
    }
}
