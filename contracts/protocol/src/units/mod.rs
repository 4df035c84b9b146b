//! Newtypes with only the legal operators, so that no public signature takes a naked integer for money or time.

mod amount;
mod bps;
mod fixed;
mod signed;
mod time;
mod wad;

pub use amount::Amount;
pub use bps::Bps;
pub use fixed::Index;
pub use signed::SignedAmount;
pub use time::{Seconds, Timestamp};
pub use wad::Wad;

/// An operation left the range of its type. Every machine reports it as its own `ArithmeticOverflow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArithmeticError;

/// Derives shared by all units: SCALE for storage, type information for metadata.
macro_rules! unit {
    ($(#[$meta:meta])* $name:ident($inner:ty)) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash,
            scale::Encode, scale::Decode, scale::MaxEncodedLen,
        )]
        #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
        pub struct $name($inner);

        impl $name {
            /// Wraps a raw value in this unit.
            pub const fn new(value: $inner) -> Self { Self(value) }

            /// The raw value, for encoding and display.
            pub const fn get(self) -> $inner { self.0 }
        }

        impl crate::layout::Fixed for $name {
            const SIZE: usize = <$inner as crate::layout::Fixed>::SIZE;

            #[inline(always)]
            fn put(&self, sink: &mut crate::layout::Sink<'_>) { self.0.put(sink); }

            #[inline(always)]
            fn take(source: &mut crate::layout::Source<'_>) -> Result<Self, crate::layout::Malformed> {
                <$inner as crate::layout::Fixed>::take(source).map(Self)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { self.0.fmt(f) }
        }
    };
}
pub(crate) use unit;
