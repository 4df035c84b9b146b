//! The two sides of a pair.

// The SCALE derive casts the discriminants of enums.
#![allow(clippy::as_conversions)]

use scale::{Decode, Encode, MaxEncodedLen};

/// One side of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub enum Party {
    /// The side from which signed amounts are seen.
    A,
    /// The other side.
    B,
}

impl Party {
    /// Both sides, in order.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// The counterparty.
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// One value for each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Pair<T> {
    /// Party A's.
    pub a: T,
    /// Party B's.
    pub b: T,
}

impl<T> Pair<T> {
    /// The value of one side.
    pub const fn of(&self, party: Party) -> &T {
        match party {
            Party::A => &self.a,
            Party::B => &self.b,
        }
    }

    /// The value of one side, to change.
    pub const fn of_mut(&mut self, party: Party) -> &mut T {
        match party {
            Party::A => &mut self.a,
            Party::B => &mut self.b,
        }
    }
}
