//! The entity's errors as Solidity custom errors: the protocol's list, declared once more for ink!'s derive.

use ringfence_platform::TransferError;
use ringfence_protocol::entity::EntityError;

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

impl From<TransferError> for Error {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Failed => Self::AssetTransferFailed,
            TransferError::Inexact => Self::AssetTransferInexact,
        }
    }
}

impl From<ringfence_protocol::units::ArithmeticError> for Error {
    fn from(_: ringfence_protocol::units::ArithmeticError) -> Self {
        Self::ArithmeticOverflow
    }
}
