//! The protocol's types in ink! storage.

use core::marker::PhantomData;
use ink::prelude::{vec, vec::Vec};
use scale::{Decode, Encode, Error, Input, Output};

/// A protocol value as one storage value. The protocol knows nothing of ink!, so the layout trait is implemented here.
#[derive(Clone, Copy, Debug, Default, Encode, Decode)]
#[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
pub struct Stored<T>(pub T);

#[cfg(feature = "std")]
impl<T: scale_info::TypeInfo + 'static> ink::storage::traits::StorageLayout for Stored<T> {
    fn layout(key: &ink::primitives::Key) -> ink::metadata::layout::Layout {
        use ink::metadata::layout::{Layout, LayoutKey, LeafLayout};
        Layout::Leaf(LeafLayout::from_key::<T>(LayoutKey::from(key)))
    }
}

/// A storage value as the bytes that are stored, whatever they mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Encode for Bytes {
    fn encode_to<O: Output + ?Sized>(&self, output: &mut O) {
        output.write(&self.0);
    }
}

impl Decode for Bytes {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        let mut bytes = vec![0; input.remaining_len()?.unwrap_or(0)];
        input.read(&mut bytes)?;
        Ok(Self(bytes))
    }
}

/// A protocol value as a contract's root value, which ink! reads before and writes after every message: its bytes, until
/// somebody needs the value.
#[derive(Clone, Debug)]
pub struct Encoded<T> {
    bytes: Bytes,
    value: PhantomData<T>,
}

impl<T: Encode> Encoded<T> {
    /// Stores a value.
    pub fn new(value: &T) -> Self {
        Self::of_bytes(value.encode())
    }

    /// Stores a value that was encoded by somebody else.
    pub const fn of_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes: Bytes(bytes), value: PhantomData }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes.0
    }
}

impl<T> Encode for Encoded<T> {
    fn encode_to<O: Output + ?Sized>(&self, output: &mut O) {
        self.bytes.encode_to(output);
    }
}

impl<T> Decode for Encoded<T> {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        Ok(Self { bytes: Bytes::decode(input)?, value: PhantomData })
    }
}

#[cfg(feature = "std")]
impl<T: scale_info::TypeInfo + 'static> ink::storage::traits::StorageLayout for Encoded<T> {
    fn layout(key: &ink::primitives::Key) -> ink::metadata::layout::Layout {
        <Stored<T> as ink::storage::traits::StorageLayout>::layout(key)
    }
}

#[cfg(feature = "std")]
impl<T: scale_info::TypeInfo + 'static> scale_info::TypeInfo for Encoded<T> {
    type Identity = T::Identity;

    fn type_info() -> scale_info::Type {
        T::type_info()
    }
}
