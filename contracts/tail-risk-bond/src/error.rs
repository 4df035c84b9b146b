//! The bond's errors as Solidity custom errors: the protocol's list, declared once more for ink!'s derive.

use ringfence_platform::{abi::Malformed, TransferError};
use ringfence_protocol::bond::BondError;

macro_rules! declare {
    ($protocol:path, $from:ident { $( $(#[doc = $doc:literal])+ $variant:ident ),+ }) => {
        /// Why the bond refuses. The state is as it was.
        #[ink::error]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Error { $( $(#[doc = $doc])+ $variant ),+ }

        impl From<BondError> for Error {
            fn from(error: BondError) -> Self {
                match error { $( BondError::$variant => Self::$variant, )+ }
            }
        }
    };
}
ringfence_protocol::each_bond_error!(declare);

impl From<TransferError> for Error {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Failed => Self::AssetTransferFailed,
            TransferError::Inexact => Self::AssetTransferInexact,
        }
    }
}

impl From<Malformed> for Error {
    fn from(_: Malformed) -> Self {
        Self::MalformedInput
    }
}
