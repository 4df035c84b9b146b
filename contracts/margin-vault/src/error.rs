//! The vault's errors as Solidity custom errors: the protocol's lists, declared once more for ink!'s derive.

use ringfence_platform::TransferError;
use ringfence_protocol::{terms::TermsError, vault::VaultError};

macro_rules! declare {
    ($protocol:path, $from:ident { $( $(#[doc = $doc:literal])+ $variant:ident ),+ }) => {
        /// Why the vault refuses. The state is as it was.
        #[ink::error]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Error { $( $(#[doc = $doc])+ $variant, )+
            /// Returned when an address in the terms is zero or two roles that must differ are the same.
            InvalidAddress,
            /// Returned when a period is outside its bounds.
            PeriodOutOfBounds,
            /// Returned when a share is above 100 %.
            ShareOutOfBounds,
            /// Returned when there is no signer or more than eight.
            SignerCount,
            /// Returned when the threshold is not a majority of the signers or above their number.
            SignerThreshold,
            /// Returned when the signers are not strictly ascending or one is zero.
            SignerOrder,
        }

        impl From<VaultError> for Error {
            fn from(error: VaultError) -> Self {
                match error { $( VaultError::$variant => Self::$variant, )+ }
            }
        }
    };
}
ringfence_protocol::each_vault_error!(declare);

impl From<TermsError> for Error {
    fn from(error: TermsError) -> Self {
        match error {
            TermsError::InvalidAddress => Self::InvalidAddress,
            TermsError::AmountOutOfBounds => Self::AmountOutOfBounds,
            TermsError::PeriodOutOfBounds => Self::PeriodOutOfBounds,
            TermsError::ShareOutOfBounds => Self::ShareOutOfBounds,
            TermsError::SignerCount => Self::SignerCount,
            TermsError::SignerThreshold => Self::SignerThreshold,
            TermsError::SignerOrder => Self::SignerOrder,
            TermsError::ArithmeticOverflow => Self::ArithmeticOverflow,
        }
    }
}

impl From<TransferError> for Error {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Failed => Self::AssetTransferFailed,
            TransferError::Inexact => Self::AssetTransferInexact,
        }
    }
}
