use super::{Collateral, Position};
use crate::commit::Canonical;
use crate::instrument::{Contract, Instrument, Quote};
use crate::keccak::keccak256;
use crate::pricing::Right;
use crate::symbol::Symbol;
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::{Digest, Party};

/// The leaf of one position. A linear perpetual in US dollars:
///
/// ```text
/// keccak256(0x00 || "ringfence.position.v1" || ticker, 8 bytes, zero padded || quantity i128 || entry u64 || opened u64
///           || funding_paid i128)
/// ```
///
/// integers big-endian in the units of their types; `funding_paid` is zero where none is carried. The leading 0x00 of a
/// leaf and 0x01 of a node keep the two apart (RFC 6962 section 2.1). Any other contract has the tag
/// `ringfence.position.v2` and after the fields above
///
/// ```text
/// contract u32 (0 perpetual, 1 future, 2 forward, 3 call, 4 put) || quote u32 (0 USD, 1 inverse, 2 coin)
///   || ticker of the quote, 8 bytes, zero padded || expiry u64 || strike u64
/// ```
///
/// with zero for what the contract does not have.
pub fn position_leaf(position: &Position) -> Digest {
    let plain = position.instrument == Instrument::perpetual(position.instrument.underlying);
    let tag: &[u8] = if plain { b"ringfence.position.v1" } else { b"ringfence.position.v2" };
    let code = Canonical::raw(&[0x00])
        .bytes(tag)
        .bytes(&padded(position.instrument.underlying))
        .i128(position.quantity.get().into())
        .u64(position.entry.get())
        .u64(position.opened.get())
        .i128(position.funding_paid.unwrap_or_default().get());
    if plain {
        return code.hash();
    }
    let (contract, expiry, strike) = match position.instrument.contract {
        Contract::Perpetual => (0, Timestamp::new(0), 0),
        Contract::Future { expiry } => (1, expiry, 0),
        Contract::Forward { expiry } => (2, expiry, 0),
        Contract::Option { expiry, strike, right: Right::Call } => (3, expiry, strike.get()),
        Contract::Option { expiry, strike, right: Right::Put } => (4, expiry, strike.get()),
    };
    let (quote, ticker) = match position.instrument.quote {
        Quote::Usd => (0, [0; 8]),
        Quote::Inverse => (1, [0; 8]),
        Quote::Coin(symbol) => (2, padded(symbol)),
    };
    code.u32(contract).u32(quote).bytes(&ticker).u64(expiry.get()).u64(strike).hash()
}

fn padded(symbol: Symbol) -> [u8; 8] {
    let mut ticker = [0_u8; 8];
    for (slot, byte) in ticker.iter_mut().zip(symbol.ticker().bytes()) {
        *slot = byte;
    }
    ticker
}

/// `keccak256("ringfence.portfolio.v1" || count u32 || merkle root)` over the leaves in ascending order; a node is
/// `keccak256(0x01 || left || right)`, and an odd last leaf moves up as it is. Equal positions are equal leaves: the
/// portfolio is a multiset, its count is committed, and an odd leaf is never paired with itself. With collateral the tag is
/// `ringfence.portfolio.v2`, and `count u32` and each sorted entry (`party u32`, 0 for A; `ticker`; `quantity i128`) follow.
pub(super) fn root(positions: &[Position], collateral: &[Collateral]) -> Digest {
    let mut level: Vec<Digest> = positions.iter().map(position_leaf).collect();
    level.sort_unstable();
    let count = u32::try_from(level.len()).unwrap_or(u32::MAX);
    while level.len() > 1 {
        level = level.chunks(2).map(parent).collect();
    }
    let top = level.first().copied().unwrap_or_default();
    if collateral.is_empty() {
        return Canonical::raw(b"ringfence.portfolio.v1").u32(count).bytes(top.as_bytes()).hash();
    }
    let mut sorted = collateral.to_vec();
    sorted.sort_unstable_by_key(|entry| (entry.party == Party::B, entry.symbol, entry.quantity));
    let pledged = u32::try_from(sorted.len()).unwrap_or(u32::MAX);
    let start = Canonical::raw(b"ringfence.portfolio.v2").u32(count).bytes(top.as_bytes()).u32(pledged);
    let code = sorted.iter().fold(start, |code, entry| {
        let party = u32::from(entry.party == Party::B);
        code.u32(party).bytes(&padded(entry.symbol)).i128(entry.quantity.get().into())
    });
    code.hash()
}

fn parent(children: &[Digest]) -> Digest {
    match children {
        [left, right] => {
            let mut input = vec![0x01];
            input.extend_from_slice(left.as_bytes());
            input.extend_from_slice(right.as_bytes());
            keccak256(&input)
        }
        [alone, ..] => *alone,
        [] => Digest::zero(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Price, Quantity};
    use proptest::prelude::*;

    fn position(quantity: i64, opened: u64) -> Position {
        Position {
            instrument: Instrument::perpetual(Symbol::Btc),
            quantity: Quantity::parse(&quantity.to_string()).unwrap(),
            entry: Price::parse("100").unwrap(),
            opened: Timestamp::new(opened),
            funding_paid: None,
        }
    }

    #[test]
    fn the_encoding_worked_by_hand() {
        let mut leaf = vec![0];
        leaf.extend_from_slice(b"ringfence.position.v1BTC\0\0\0\0\0");
        leaf.extend_from_slice(&(-200_000_000_i128).to_be_bytes());
        leaf.extend_from_slice(&10_000_000_000_u64.to_be_bytes());
        leaf.extend_from_slice(&7_u64.to_be_bytes());
        leaf.extend_from_slice(&0_i128.to_be_bytes());
        assert_eq!(position_leaf(&position(-2, 7)), keccak256(&leaf));
        let mut top = b"ringfence.portfolio.v1".to_vec();
        top.extend_from_slice(&1_u32.to_be_bytes());
        top.extend_from_slice(keccak256(&leaf).as_bytes());
        assert_eq!(root(&[position(-2, 7)], &[]), keccak256(&top));
    }

    /// Every field of every kind of contract is in the leaf.
    #[test]
    fn no_two_contracts_share_a_leaf() {
        let expiry = Timestamp::new(300);
        let strike = Price::ONE;
        let option = |strike, right| Contract::Option { expiry, strike, right };
        let contracts = [
            Contract::Perpetual,
            Contract::Future { expiry },
            Contract::Future { expiry: Timestamp::new(600) },
            Contract::Forward { expiry },
            option(strike, Right::Call),
            option(strike, Right::Put),
            option(Price::MAX, Right::Put),
        ];
        let quotes = [Quote::Usd, Quote::Inverse, Quote::Coin(Symbol::Eth), Quote::Coin(Symbol::Sol)];
        let mut leaves: Vec<Digest> = Vec::new();
        for contract in contracts {
            for quote in quotes {
                let instrument = Instrument { underlying: Symbol::Btc, contract, quote };
                leaves.push(position_leaf(&Position { instrument, ..position(1, 1) }));
            }
        }
        let count = leaves.len();
        leaves.sort_unstable();
        leaves.dedup();
        assert_eq!(leaves.len(), count);
    }

    #[test]
    fn a_repeated_position_is_another_portfolio() {
        let one = position(1, 1);
        assert_ne!(root(&[one], &[]), root(&[one, one], &[]));
        assert_ne!(root(&[one, one], &[]), root(&[one, one, one], &[]));
    }

    proptest! {
        #[test]
        fn order_does_not_matter_content_does(mut seeds in proptest::collection::vec((1_i64..1000, 0_u64..1000), 1..20)) {
            let positions: Vec<_> = seeds.iter().map(|(q, t)| position(*q, *t)).collect();
            let before = root(&positions, &[]);
            seeds.sort_unstable();
            let sorted: Vec<_> = seeds.iter().map(|(q, t)| position(*q, *t)).collect();
            prop_assert_eq!(before, root(&sorted, &[]));
            let mut changed = positions.clone();
            changed[0] = position(1001, 5);
            prop_assert_ne!(before, root(&changed, &[]));
        }
    }
}
