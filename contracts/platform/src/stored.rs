//! The protocol's types in ink! storage.

use scale::{Decode, Encode};

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
