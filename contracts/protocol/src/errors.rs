//! One list of variants per error type, usable from two places.

/// Defines an error enum and, beside it, a macro that hands the same list of variants to a callback.
///
/// A shell has to declare its own error type, because ink! encodes errors through a derive of its own; with the callback
/// it does so without repeating the list.
macro_rules! error_list {
    (
        $(#[$outer:meta])* $name:ident, $each:ident { $( $(#[doc = $doc:literal])+ $variant:ident ),+ $(,)? }
    ) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $( $(#[doc = $doc])+ $variant ),+ }

        impl $name {
            /// Every variant, for tests that go through all of them.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];
        }

        impl From<$crate::units::ArithmeticError> for $name {
            fn from(_: $crate::units::ArithmeticError) -> Self { Self::ArithmeticOverflow }
        }

        /// Calls `$callback! { <protocol error type> { <documented variants> } }`.
        #[macro_export]
        macro_rules! $each {
            ($callback:ident) => {
                $callback! { $crate, $name { $( $(#[doc = $doc])+ $variant ),+ } }
            };
        }
    };
}
pub(crate) use error_list;
