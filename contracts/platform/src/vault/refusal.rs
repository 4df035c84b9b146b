use crate::{
    abi::{selector, Malformed},
    TransferError,
};
use ink::{
    prelude::vec::Vec,
    sol::{Error as SolError, SolErrorDecode, SolErrorEncode},
};
use ringfence_protocol::vault::VaultError;

macro_rules! selectors {
    ($protocol:path, $from:ident { $( $(#[doc = $doc:literal])+ $variant:ident ),+ }) => {
        /// The selector of an error: all that the ABI encodes of an error without arguments.
        pub const fn selector_of(error: VaultError) -> [u8; 4] {
            match error { $( VaultError::$variant => const { selector(concat!(stringify!($variant), "()")) }, )+ }
        }
    };
}
ringfence_protocol::each_vault_error!(selectors);

/// What a refused message reverts with: a [`VaultError`] of the vault or of its rules, as the ABI encodes it.
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

impl From<VaultError> for Refusal {
    #[inline(never)]
    fn from(error: VaultError) -> Self {
        Self(selector_of(error).to_vec())
    }
}

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        VaultError::MalformedInput.into()
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

/// Lists the vault's errors in the ABI of the contract that calls it: ink! lists those that its own derive has seen. What a
/// contract reverts with is a [`Refusal`].
#[macro_export]
macro_rules! list_vault_errors {
    ($protocol:path, $from:ident { $( $(#[doc = $doc:literal])+ $variant:ident ),+ }) => {
        /// Why the vault refuses. The state is as it was.
        #[ink::error]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Error { $( $(#[doc = $doc])+ $variant, )+ }
    };
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
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

    #[test]
    fn an_error_reverts_with_the_selector_of_its_name() {
        for error in VaultError::ALL {
            let signature = format!("{error:?}()");
            assert_eq!(selector_of(*error), Library::keccak256(signature.as_bytes()).0[..4]);
        }
    }

    #[test]
    fn no_two_errors_have_the_same_selector() {
        let selectors: BTreeSet<_> = VaultError::ALL.iter().map(|error| selector_of(*error)).collect();
        assert_eq!(selectors.len(), VaultError::ALL.len());
    }
}
