//! What `marketDataRoot` of an instruction commits to, in the clear: with it an instruction that was made between two closes
//! can be computed again.
//!
//! ```json
//! {"last_close": 1760140800, "static_inputs": "0x...", "bars": "0x...", "marks": {"BTC": "112700"},
//!  "volatility_nano": {"BTC": 31415926, "ETH": 1, "SOL": 1, "XRP": 1}}
//! ```
//! `last_close` is when the last bar closed that the engine had taken in; `static_inputs` and `bars` are the commitments of
//! [`crate::commit`] to the tables and to all bars up to it. Marks are US dollars; a coin without one had none. Volatility is
//! daily, 10^-9, rounded up, of every coin.

use crate::commit::MarketSnapshot;
use crate::context::word;
use crate::error::{quote, Problem};
use crate::symbol::{BySymbol, Symbol};
use crate::units::Price;
use crate::verify::Comparison;
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The market that an instruction was made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// When the last bar closed that was taken in.
    pub last_close: Timestamp,
    /// What the root is the hash of.
    pub snapshot: MarketSnapshot,
}

/// The same as a document says it; the time of the marks is the instruction's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceText {
    /// When the last bar closed that was taken in.
    pub last_close: u64,
    /// Commitment to tables, parameters and model.
    pub static_inputs: String,
    /// Commitment to all bars up to the last.
    pub bars: String,
    /// US dollars by coin.
    pub marks: BTreeMap<String, String>,
    /// Daily volatility by coin, 10^-9, rounded up.
    pub volatility_nano: BTreeMap<String, u64>,
}

impl From<&Evidence> for EvidenceText {
    fn from(evidence: &Evidence) -> Self {
        let Evidence { last_close, snapshot } = evidence;
        let hex0x = |digest: Digest| format!("0x{}", hex::encode(digest));
        let mark = |symbol: Symbol| Some((symbol.to_string(), snapshot.marks[symbol]?.to_string()));
        Self {
            last_close: last_close.get(),
            static_inputs: hex0x(snapshot.static_inputs),
            bars: hex0x(snapshot.bars),
            marks: Symbol::ALL.into_iter().filter_map(mark).collect(),
            volatility_nano: Symbol::ALL.into_iter().map(|s| (s.to_string(), snapshot.vol_nano_up[s])).collect(),
        }
    }
}

impl EvidenceText {
    /// The evidence for an instruction of that time.
    ///
    /// # Errors
    /// The member that is wrong, and what is wrong with it.
    pub fn evidence(&self, valuation_time: Timestamp) -> Result<Evidence, (String, Problem)> {
        let digest = |name: &str, text: &str| {
            let rule = "must be 0x and 64 hexadecimal digits";
            word::<32>(text).map(Digest).ok_or_else(|| (name.to_owned(), Problem::Rule { name: name.to_owned(), rule }))
        };
        let (mut marks, mut volatility) = (BySymbol::default(), BySymbol::default());
        for (ticker, text) in &self.marks {
            let name = format!("marks.{ticker}");
            let price = Price::parse(text);
            let price = price.map_err(|error| {
                (name.clone(), Problem::Number { name: ticker.clone(), value: quote(text), error, what: "the value" })
            })?;
            *marks.get_mut(coin(&name, ticker)?) = Some(price);
        }
        for (ticker, nano) in &self.volatility_nano {
            let symbol = coin(&format!("volatility_nano.{ticker}"), ticker)?;
            *volatility.get_mut(symbol) = Some(*nano);
        }
        let vol_nano_up = BySymbol::try_from_fn(|symbol| {
            let missing = || Problem::MissingSymbol { symbol, what: "volatility".to_owned() };
            volatility[symbol].ok_or_else(|| ("volatility_nano".to_owned(), missing()))
        })?;
        let static_inputs = digest("static_inputs", &self.static_inputs)?;
        let bars = digest("bars", &self.bars)?;
        let snapshot = MarketSnapshot { static_inputs, bars, valuation_time, marks, vol_nano_up };
        Ok(Evidence { last_close: Timestamp::new(self.last_close), snapshot })
    }
}

impl Evidence {
    /// What the document says beside what the inputs give, in the order in which one leads to the other, after whether the
    /// instruction commits to the document's market at all. The marks are inputs: only the root says whether they are right.
    pub fn compare(&self, committed: Option<&str>, computed: &Self) -> Vec<Comparison> {
        let (theirs, ours) = (EvidenceText::from(self), EvidenceText::from(computed));
        let row = |name: String, claimed: serde_json::Value, computed: serde_json::Value| Comparison {
            name,
            claimed,
            computed,
        };
        let root = format!("0x{}", hex::encode(self.snapshot.root()));
        let mut rows = vec![
            row("market".to_owned(), committed.unwrap_or_default().into(), root.into()),
            row("market.static_inputs".to_owned(), theirs.static_inputs.into(), ours.static_inputs.into()),
            row("market.bars".to_owned(), theirs.bars.into(), ours.bars.into()),
        ];
        for (ticker, claimed) in theirs.volatility_nano {
            let computed = ours.volatility_nano.get(&ticker).copied();
            rows.push(row(format!("market.volatility_nano.{ticker}"), claimed.into(), computed.into()));
        }
        rows
    }
}

fn coin(member: &str, ticker: &str) -> Result<Symbol, (String, Problem)> {
    Symbol::parse(ticker).ok_or_else(|| (member.to_owned(), Problem::UnknownSymbol(quote(ticker))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence() -> Evidence {
        let price = |text| Some(Price::parse(text).unwrap());
        let snapshot = MarketSnapshot {
            static_inputs: Digest([1; 32]),
            bars: Digest([2; 32]),
            valuation_time: Timestamp::new(900),
            marks: BySymbol::of(price("112700.5"), None, price("190"), None),
            vol_nano_up: BySymbol::of(1, 2, 3, 4),
        };
        Evidence { last_close: Timestamp::new(600), snapshot }
    }

    #[test]
    fn a_document_says_all_of_it() {
        let text = EvidenceText::from(&evidence());
        assert_eq!(text.evidence(Timestamp::new(900)), Ok(evidence()));
        let json = serde_json::to_string(&text).unwrap();
        assert_eq!(serde_json::from_str::<EvidenceText>(&json).unwrap(), text);
        assert_ne!(text.evidence(Timestamp::new(901)).unwrap().snapshot.root(), evidence().snapshot.root());
    }

    #[test]
    fn bad_members_are_named() {
        let text = EvidenceText::from(&evidence());
        let name = |change: &dyn Fn(&mut EvidenceText)| {
            let mut text = text.clone();
            change(&mut text);
            text.evidence(Timestamp::new(900)).unwrap_err().0
        };
        assert_eq!(name(&|text| text.bars.push('0')), "bars");
        assert_eq!(name(&|text| text.static_inputs = "1".to_owned()), "static_inputs");
        assert_eq!(name(&|text| drop(text.marks.insert("BTC".to_owned(), "-1".to_owned()))), "marks.BTC");
        assert_eq!(name(&|text| drop(text.marks.insert("DOGE".to_owned(), "1".to_owned()))), "marks.DOGE");
        assert_eq!(name(&|text| text.volatility_nano.retain(|ticker, _| ticker != "XRP")), "volatility_nano");
    }
}
