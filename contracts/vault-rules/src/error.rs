//! The vault's errors as Solidity custom errors: the protocol's list, declared once more for ink!'s derive.

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
