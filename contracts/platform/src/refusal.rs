//! The form in which a refusal leaves a contract: as the ABI encodes a custom error.

use crate::{
    abi::{selector, Malformed},
    TransferError,
};
use ink::{
    prelude::vec::Vec,
    sol::{Error as SolError, SolErrorDecode, SolErrorEncode},
};
use ringfence_protocol::{entity::EntityError, units::ArithmeticError, vault::VaultError};

/// An error without arguments: its selector is all that the ABI encodes of it.
pub trait Selector: Copy {
    /// The selector.
    fn selector(self) -> [u8; 4];
}

macro_rules! selectors {
    ($protocol:path, $error:ident { $( $(#[doc = $doc:literal])+ $variant:ident ),+ }) => {
        impl Selector for $error {
            fn selector(self) -> [u8; 4] {
                match self { $( Self::$variant => const { selector(concat!(stringify!($variant), "()")) }, )+ }
            }
        }

        impl From<$error> for Refusal {
            #[inline(never)]
            fn from(error: $error) -> Self {
                Self(error.selector().to_vec())
            }
        }
    };
}
ringfence_protocol::each_vault_error!(selectors);
ringfence_protocol::each_entity_error!(selectors);

/// What a refused message reverts with: an error of the contract, or of one that it asked. One small type for every message,
/// because what ink! derives for an enum is repeated in each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub Vec<u8>);

impl SolErrorEncode for Refusal {
    fn encode(&self) -> Vec<u8> {
        self.0.clone()
    }
}

impl SolErrorDecode for Refusal {
    fn decode(data: &[u8]) -> Result<Self, SolError> {
        Ok(Self(data.to_vec()))
    }
}

// These errors have the same names in every contract, and so the same selectors.

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        VaultError::MalformedInput.into()
    }
}

impl From<ArithmeticError> for Refusal {
    fn from(_: ArithmeticError) -> Self {
        VaultError::ArithmeticOverflow.into()
    }
}

impl From<TransferError> for Refusal {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Failed => VaultError::AssetTransferFailed.into(),
            TransferError::Inexact => VaultError::AssetTransferInexact.into(),
        }
    }
}

/// Lists the protocol's errors in the ABI of the contract that calls it: ink! lists those that its own derive has seen. What
/// a contract reverts with is a [`Refusal`].
#[macro_export]
macro_rules! list_errors {
    ($protocol:path, $from:ident { $( $(#[doc = $doc:literal])+ $variant:ident ),+ }) => {
        /// Why the contract refuses. The state is as it was.
        #[ink::error]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Error { $( $(#[doc = $doc])+ $variant, )+ }
    };
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use core::fmt::Debug;
    use ringfence_protocol::Keccak256;
    use std::collections::BTreeSet;

    struct Library;

    impl Keccak256 for Library {
        fn keccak256(input: &[u8]) -> ringfence_protocol::Digest {
            let mut output = [0; 32];
            ink::env::hash_bytes::<ink::env::hash::Keccak256>(input, &mut output);
            output.into()
        }
    }

    fn selects<E: Selector + Debug + Into<Refusal>>(all: &[E]) {
        for error in all {
            let hash = Library::keccak256(format!("{error:?}()").as_bytes());
            assert_eq!(error.selector(), hash.0[..4]);
            assert_eq!((*error).into().0, hash.0[..4]);
        }
        let selectors: BTreeSet<_> = all.iter().map(|error| error.selector()).collect();
        assert_eq!(selectors.len(), all.len(), "no two errors have the same selector");
    }

    #[test]
    fn an_error_reverts_with_the_selector_of_its_name() {
        selects(VaultError::ALL);
        selects(EntityError::ALL);
    }

    #[test]
    fn errors_of_the_same_name_are_the_same_in_every_contract() {
        assert_eq!(Refusal::from(Malformed), EntityError::MalformedInput.into());
        assert_eq!(Refusal::from(ArithmeticError), EntityError::ArithmeticOverflow.into());
        assert_eq!(Refusal::from(TransferError::Failed), EntityError::AssetTransferFailed.into());
        assert_eq!(Refusal::from(TransferError::Inexact), EntityError::AssetTransferInexact.into());
    }
}
