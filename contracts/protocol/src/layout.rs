//! An encoding of one length, for the two values that every settlement reads.
//!
//! SCALE goes through an input that may end anywhere, field by field and result by result; of a settlement on the chain that
//! was a third. Here the length is checked once by whoever brings the bytes, integers are little endian as in SCALE, and an
//! absent value takes the room of a present one.

use crate::{Address, Digest, Pair, Party};

/// Bytes that are not what was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Where values are read from, in order.
pub(crate) struct Source<'a>(pub(crate) &'a [u8]);

impl<'a> Source<'a> {
    #[inline(always)]
    fn chunk<const N: usize>(&mut self) -> Result<&'a [u8; N], Malformed> {
        let (chunk, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(chunk)
    }
}

/// Where values are written to, in order. What does not fit is lost, so the room has to be [`Fixed::SIZE`]; the tests read
/// back what was written.
pub(crate) struct Sink<'a>(pub(crate) &'a mut [u8]);

impl Sink<'_> {
    #[inline(always)]
    fn chunk<const N: usize>(&mut self, bytes: &[u8; N]) {
        if let Some((chunk, rest)) = core::mem::take(&mut self.0).split_first_chunk_mut() {
            *chunk = *bytes;
            self.0 = rest;
        }
    }
}

/// A value of one encoded length.
pub(crate) trait Fixed: Sized {
    /// The length, bytes.
    const SIZE: usize;

    /// Writes it.
    fn put(&self, sink: &mut Sink<'_>);

    /// Reads it.
    fn take(source: &mut Source<'_>) -> Result<Self, Malformed>;
}

macro_rules! integers {
    ($( $integer:ty ),+) => { $(
        impl Fixed for $integer {
            const SIZE: usize = size_of::<Self>();

            #[inline(always)]
            fn put(&self, sink: &mut Sink<'_>) {
                sink.chunk(&self.to_le_bytes());
            }

            #[inline(always)]
            fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
                source.chunk().map(|bytes| Self::from_le_bytes(*bytes))
            }
        }
    )+ };
}
integers!(u8, u16, u64, u128, i128);

macro_rules! hashes {
    ($( $hash:ident ),+) => { $(
        impl Fixed for $hash {
            const SIZE: usize = size_of::<Self>();

            #[inline(always)]
            fn put(&self, sink: &mut Sink<'_>) {
                sink.chunk(&self.0);
            }

            #[inline(always)]
            fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
                source.chunk().map(|bytes| $hash(*bytes))
            }
        }
    )+ };
}
hashes!(Address, Digest);

impl Fixed for bool {
    const SIZE: usize = 1;

    #[inline(always)]
    fn put(&self, sink: &mut Sink<'_>) {
        u8::from(*self).put(sink);
    }

    #[inline(always)]
    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        match u8::take(source)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }
}

impl Fixed for Party {
    const SIZE: usize = 1;

    #[inline(always)]
    fn put(&self, sink: &mut Sink<'_>) {
        (*self == Self::B).put(sink);
    }

    #[inline(always)]
    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        bool::take(source).map(|second| if second { Self::B } else { Self::A })
    }
}

#[allow(clippy::arithmetic_side_effects)] // A constant that overflows does not compile.
impl<T: Fixed + Default> Fixed for Option<T> {
    const SIZE: usize = 1 + T::SIZE;

    #[inline(always)]
    fn put(&self, sink: &mut Sink<'_>) {
        self.is_some().put(sink);
        self.as_ref().unwrap_or(&T::default()).put(sink);
    }

    #[inline(always)]
    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        let (some, value) = (bool::take(source)?, T::take(source)?);
        Ok(some.then_some(value))
    }
}

#[allow(clippy::arithmetic_side_effects)] // A constant that overflows does not compile.
impl<T: Fixed> Fixed for Pair<T> {
    const SIZE: usize = 2 * T::SIZE;

    #[inline(always)]
    fn put(&self, sink: &mut Sink<'_>) {
        self.a.put(sink);
        self.b.put(sink);
    }

    #[inline(always)]
    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        Ok(Self { a: T::take(source)?, b: T::take(source)? })
    }
}

#[allow(clippy::arithmetic_side_effects)] // A constant that overflows does not compile.
impl<T: Fixed> Fixed for [T; 2] {
    const SIZE: usize = 2 * T::SIZE;

    #[inline(always)]
    fn put(&self, sink: &mut Sink<'_>) {
        let [first, second] = self;
        first.put(sink);
        second.put(sink);
    }

    #[inline(always)]
    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        Ok([T::take(source)?, T::take(source)?])
    }
}

/// A struct as its fields in order.
macro_rules! fixed {
    ($name:ident { $( $field:ident: $type:ty ),+ $(,)? }) => {
        #[allow(clippy::arithmetic_side_effects)] // A constant that overflows does not compile.
        impl $crate::layout::Fixed for $name {
            const SIZE: usize = 0 $( + <$type as $crate::layout::Fixed>::SIZE )+;

            #[inline(always)]
            fn put(&self, sink: &mut $crate::layout::Sink<'_>) {
                $( self.$field.put(sink); )+
            }

            #[inline(always)]
            fn take(source: &mut $crate::layout::Source<'_>) -> Result<Self, $crate::layout::Malformed> {
                Ok(Self { $( $field: $crate::layout::Fixed::take(source)? ),+ })
            }
        }
    };
}
pub(crate) use fixed;

/// Makes the fixed encoding the one in which a value is stored; to SCALE it is an array of bytes.
macro_rules! stored_fixed {
    ($name:ident) => {
        impl $name {
            /// Reads what is stored; nothing if the bytes are something else.
            pub fn of_stored(bytes: &[u8]) -> Option<Self> {
                $crate::layout::Fixed::take(&mut $crate::layout::Source(bytes)).ok()
            }
        }

        impl scale::Encode for $name {
            fn size_hint(&self) -> usize {
                <Self as $crate::layout::Fixed>::SIZE
            }

            fn encode(&self) -> alloc::vec::Vec<u8> {
                let mut bytes = alloc::vec![0; <Self as $crate::layout::Fixed>::SIZE];
                $crate::layout::Fixed::put(self, &mut $crate::layout::Sink(&mut bytes));
                bytes
            }

            fn encode_to<O: scale::Output + ?Sized>(&self, output: &mut O) {
                let mut bytes = [0; <Self as $crate::layout::Fixed>::SIZE];
                $crate::layout::Fixed::put(self, &mut $crate::layout::Sink(&mut bytes));
                output.write(&bytes);
            }
        }

        impl scale::Decode for $name {
            fn decode<I: scale::Input>(input: &mut I) -> Result<Self, scale::Error> {
                let mut bytes = [0; <Self as $crate::layout::Fixed>::SIZE];
                input.read(&mut bytes)?;
                $crate::layout::Fixed::take(&mut $crate::layout::Source(&bytes)).map_err(|_| stringify!($name).into())
            }
        }

        impl scale::MaxEncodedLen for $name {
            fn max_encoded_len() -> usize {
                <Self as $crate::layout::Fixed>::SIZE
            }
        }

        #[cfg(feature = "std")]
        impl scale_info::TypeInfo for $name {
            type Identity = [u8; <Self as $crate::layout::Fixed>::SIZE];

            fn type_info() -> scale_info::Type {
                <Self::Identity as scale_info::TypeInfo>::type_info()
            }
        }
    };
}
pub(crate) use stored_fixed;

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<T: Fixed + PartialEq + core::fmt::Debug>(value: T) {
        let mut bytes = alloc::vec![0xaa; T::SIZE + 1];
        let mut sink = Sink(&mut bytes);
        value.put(&mut sink);
        assert_eq!(sink.0, [0xaa], "exactly its size");
        let mut source = Source(&bytes);
        assert_eq!(T::take(&mut source), Ok(value));
        assert_eq!(source.0, [0xaa]);
        for short in 0..T::SIZE {
            assert_eq!(T::take(&mut Source(&bytes[..short])), Err(Malformed));
        }
    }

    #[test]
    fn what_is_written_is_read() {
        round_trip(u16::MAX);
        round_trip(i128::MIN);
        round_trip(Some(7u64));
        round_trip(None::<u64>);
        round_trip(Pair { a: Party::A, b: Party::B });
        round_trip([Address::repeat_byte(1), Address::repeat_byte(2)]);
        round_trip(Digest::repeat_byte(3));
    }

    #[test]
    fn what_was_never_written_is_refused() {
        assert_eq!(bool::take(&mut Source(&[2])), Err(Malformed));
        assert_eq!(Party::take(&mut Source(&[2])), Err(Malformed));
        assert_eq!(<Option<u8> as Fixed>::take(&mut Source(&[2, 0])), Err(Malformed));
    }
}
