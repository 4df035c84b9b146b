//! What any vault must pay for: it recovers the signatures of a settlement and reads and writes as much storage as a
//! settlement does, and does nothing else. `settle` is measured against it.
#![cfg_attr(not(feature = "std"), no_std, no_main)]
// ink! generates the storage struct and its references without Debug.
#![allow(missing_debug_implementations)]

pub use self::floor::*;

#[ink::contract]
mod floor {
    use ringfence_platform::{
        abi::{raw::Opaque, Reader},
        constructor_arguments, message_arguments, Bytes, Host,
    };
    use ringfence_protocol::{
        signature::{Recover, Signature, SIGNATURE_LENGTH},
        Digest,
    };
    use scale::{Decode, Encode};

    /// The size of a ledger.
    pub const LEDGER: usize = 393;

    /// The root value, as large as a ledger.
    #[ink(storage)]
    pub struct Floor {
        root: Root,
    }

    impl Floor {
        /// Stores values of the sizes that are listed, two bytes each, under the keys from one on.
        #[ink(constructor)]
        pub fn new(sizes: Opaque) -> Self {
            drop(sizes);
            let arguments = constructor_arguments();
            let sizes = Opaque::content(&arguments).unwrap_or_default();
            for (key, size) in (1u32..).zip(sizes.chunks_exact(2)) {
                let size = size.iter().fold(0usize, |sum, byte| sum.saturating_mul(256).saturating_add((*byte).into()));
                ink::env::set_contract_storage(&key, &Bytes(ink::prelude::vec![1; size]));
            }
            Self { root: Root([1; LEDGER]) }
        }

        /// `arguments`: how many values to read beside the root, a digest, and signatures of it. Answers with how many
        /// signers were recovered.
        #[ink(message)]
        pub fn settle(&mut self, arguments: Opaque) -> Opaque {
            drop(arguments);
            let arguments = message_arguments();
            let bytes = Opaque::content(&arguments).unwrap_or_default();
            let mut head = Reader::new(bytes);
            let (values, digest) = (head.uint::<u32>().unwrap_or(0), head.digest().unwrap_or_default());
            let signatures = bytes.get(64..).unwrap_or_default();
            let read: usize = (1..=values).map(|key| read(key).0.len()).sum();
            let recovered = signatures.chunks_exact(SIGNATURE_LENGTH).filter(|bytes| recovers(&digest, bytes)).count();
            if let Some(first) = self.root.0.first_mut() {
                *first = first.wrapping_add(1);
            }
            let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX).to_be_bytes();
            Opaque::containing(&[count(recovered), count(read)].concat())
        }
    }

    fn recovers(digest: &Digest, bytes: &[u8]) -> bool {
        Signature::parse(bytes).is_ok_and(|signature| Host::recover(digest, &signature).is_some())
    }

    fn read(key: u32) -> Bytes {
        ink::env::get_contract_storage(&key).ok().flatten().unwrap_or_default()
    }

    /// Bytes of a fixed number.
    #[derive(Debug, Encode, Decode)]
    #[cfg_attr(feature = "std", derive(scale_info::TypeInfo))]
    struct Root([u8; LEDGER]);

    #[cfg(feature = "std")]
    impl ink::storage::traits::StorageLayout for Root {
        fn layout(key: &ink::primitives::Key) -> ink::metadata::layout::Layout {
            use ink::metadata::layout::{Layout, LayoutKey, LeafLayout};
            Layout::Leaf(LeafLayout::from_key::<Self>(LayoutKey::from(key)))
        }
    }
}
