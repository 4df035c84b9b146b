use super::Position;
use crate::commit::Canonical;
use crate::keccak::keccak256;
use ringfence_protocol::Digest;

/// The leaf of one position:
///
/// ```text
/// keccak256(0x00 || "ringfence.position.v1" || ticker, 8 bytes, zero padded || quantity i128 || entry u64 || opened u64
///           || funding_paid i128)
/// ```
///
/// integers big-endian in the units of their types; `funding_paid` is zero where none is carried. The leading 0x00 of a
/// leaf and 0x01 of a node keep the two apart (RFC 6962 section 2.1).
pub fn position_leaf(position: &Position) -> Digest {
    let mut ticker = [0_u8; 8];
    for (slot, byte) in ticker.iter_mut().zip(position.symbol.ticker().bytes()) {
        *slot = byte;
    }
    Canonical::raw(&[0x00])
        .bytes(b"ringfence.position.v1")
        .bytes(&ticker)
        .i128(position.quantity.get().into())
        .u64(position.entry.get())
        .u64(position.opened.get())
        .i128(position.funding_paid.unwrap_or_default().get())
        .hash()
}

/// `keccak256("ringfence.portfolio.v1" || count u32 || merkle root)` over the leaves in ascending order; a node is
/// `keccak256(0x01 || left || right)`, and an odd last leaf moves up as it is. Equal positions are equal leaves: the
/// portfolio is a multiset, its count is committed, and an odd leaf is never paired with itself.
pub(super) fn root(positions: &[Position]) -> Digest {
    let mut level: Vec<Digest> = positions.iter().map(position_leaf).collect();
    level.sort_unstable();
    let count = u32::try_from(level.len()).unwrap_or(u32::MAX);
    while level.len() > 1 {
        level = level.chunks(2).map(parent).collect();
    }
    let top = level.first().copied().unwrap_or_default();
    Canonical::raw(b"ringfence.portfolio.v1").u32(count).bytes(top.as_bytes()).hash()
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
    use crate::symbol::Symbol;
    use crate::units::{Price, Quantity};
    use proptest::prelude::*;
    use ringfence_protocol::units::Timestamp;

    fn position(quantity: i64, opened: u64) -> Position {
        Position {
            symbol: Symbol::Btc,
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
        assert_eq!(root(&[position(-2, 7)]), keccak256(&top));
    }

    #[test]
    fn a_repeated_position_is_another_portfolio() {
        let one = position(1, 1);
        assert_ne!(root(&[one]), root(&[one, one]));
        assert_ne!(root(&[one, one]), root(&[one, one, one]));
    }

    proptest! {
        #[test]
        fn order_does_not_matter_content_does(mut seeds in proptest::collection::vec((1_i64..1000, 0_u64..1000), 1..20)) {
            let positions: Vec<_> = seeds.iter().map(|(q, t)| position(*q, *t)).collect();
            let before = root(&positions);
            seeds.sort_unstable();
            let sorted: Vec<_> = seeds.iter().map(|(q, t)| position(*q, *t)).collect();
            prop_assert_eq!(before, root(&sorted));
            let mut changed = positions.clone();
            changed[0] = position(1001, 5);
            prop_assert_ne!(before, root(&changed));
        }
    }
}
