//! The entity's errors as Solidity custom errors: the protocol's list, declared once more for ink!'s derive, and the form in
//! which a refusal leaves the contract.

use ink::{
    prelude::vec::Vec,
    sol::{Error as SolError, SolErrorDecode, SolErrorEncode},
};
use ringfence_platform::{abi::Malformed, TransferError};
use ringfence_protocol::{entity::EntityError, units::ArithmeticError};

macro_rules! declare {
    ($protocol:path, $from:ident { $( $(#[doc = $doc:literal])+ $variant:ident ),+ }) => {
        /// Why the entity refuses. The state is as it was.
        #[ink::error]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Error { $( $(#[doc = $doc])+ $variant ),+ }

        impl From<EntityError> for Error {
            fn from(error: EntityError) -> Self {
                match error { $( EntityError::$variant => Self::$variant, )+ }
            }
        }
    };
}
ringfence_protocol::each_entity_error!(declare);

/// What a refused message reverts with: an [`Error`] as the ABI encodes it. One small type for every message, because what
/// ink! derives is repeated in each.
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
    #[inline(never)]
    fn from(error: Error) -> Self {
        Self(error.encode())
    }
}

impl From<EntityError> for Refusal {
    #[inline(never)]
    fn from(error: EntityError) -> Self {
        Error::from(error).into()
    }
}

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        EntityError::MalformedInput.into()
    }
}

impl From<ArithmeticError> for Refusal {
    fn from(_: ArithmeticError) -> Self {
        EntityError::ArithmeticOverflow.into()
    }
}

impl From<TransferError> for Refusal {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Failed => EntityError::AssetTransferFailed.into(),
            TransferError::Inexact => EntityError::AssetTransferInexact.into(),
        }
    }
}
