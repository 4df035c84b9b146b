//! The extrinsic type. No extrinsic is ever built here: `pallet-revive` derives its gas price and its mapping of gas to
//! weight from it, and contracts can read both.

use super::{Balance, Runtime, RuntimeCall};
use frame_support::weights::Weight;
use pallet_revive::evm::runtime::{EthExtra, SetWeightLimit};
use sp_core::crypto::AccountId32;
use sp_runtime::{traits::InvalidVersion, MultiAddress, MultiSignature};

/// The address form of an extrinsic's signer.
pub type Address = MultiAddress<AccountId32, ()>;
/// The signature form of an extrinsic.
pub type Signature = MultiSignature;
/// The extrinsic of this chain, native or Ethereum.
pub type UncheckedExtrinsic = pallet_revive::evm::runtime::UncheckedExtrinsic<Address, Signature, EthExtraImpl>;

/// The checks that change what a transaction costs.
pub type TxExtension = (
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    pallet_revive::evm::tx_extension::SetOrigin<Runtime>,
);

/// Tells `pallet-revive` how an Ethereum transaction is dressed as a native one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EthExtraImpl;

impl EthExtra for EthExtraImpl {
    type Config = Runtime;
    type ExtensionV0 = TxExtension;
    type ExtensionOtherVersions = InvalidVersion;

    fn get_eth_extension(nonce: u32, tip: Balance) -> Self::ExtensionV0 {
        (
            frame_system::CheckNonce::from(nonce),
            frame_system::CheckWeight::new(),
            pallet_transaction_payment::ChargeTransactionPayment::from(tip),
            pallet_revive::evm::tx_extension::SetOrigin::new_from_eth_transaction(),
        )
    }
}

/// Lets the fee model price an Ethereum transaction with and without its weight limit.
impl SetWeightLimit for RuntimeCall {
    fn set_weight_limit(&mut self, new: Weight) -> Weight {
        match self {
            Self::Revive(
                pallet_revive::Call::eth_call { weight_limit, .. }
                | pallet_revive::Call::eth_instantiate_with_code { weight_limit, .. },
            ) => std::mem::replace(weight_limit, new),
            _ => Weight::zero(),
        }
    }
}
