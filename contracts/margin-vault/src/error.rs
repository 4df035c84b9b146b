//! The vault's errors as Solidity custom errors: the protocol's list, declared once more for ink!'s derive, and the form in
//! which a refusal leaves the vault.

use ink::{
    prelude::vec::Vec,
    sol::{Error as SolError, SolErrorDecode, SolErrorEncode},
};
use ringfence_platform::{abi::Malformed, TransferError};
use ringfence_protocol::vault::VaultError;

macro_rules! declare {
    ($protocol:path, $from:ident { $( $(#[doc = $doc:literal])+ $variant:ident ),+ }) => {
        /// Why the vault refuses. The state is as it was.
        #[ink::error]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Error { $( $(#[doc = $doc])+ $variant, )+ }

        impl From<VaultError> for Error {
            fn from(error: VaultError) -> Self {
                match error { $( VaultError::$variant => Self::$variant, )+ }
            }
        }
    };
}
ringfence_protocol::each_vault_error!(declare);

/// What a refused message reverts with: an [`Error`], the vault's own or that of its rules, as the ABI encodes it.
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

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error.encode())
    }
}

impl From<VaultError> for Refusal {
    fn from(error: VaultError) -> Self {
        Error::from(error).into()
    }
}

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        Error::MalformedInput.into()
    }
}

impl From<TransferError> for Refusal {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Failed => Error::AssetTransferFailed.into(),
            TransferError::Inexact => Error::AssetTransferInexact.into(),
        }
    }
}
