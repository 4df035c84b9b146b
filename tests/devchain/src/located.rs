//! Addresses. Alloy and Substrate each have a 20-byte type; this is the one place that converts between them.

use alloy_primitives::Address;
use pallet_revive::AddressMapper;
use sp_core::{crypto::AccountId32, H160};

use crate::runtime::Runtime;

type Mapper = <Runtime as pallet_revive::Config>::AddressMapper;

/// Anything that has an address on the chain: an actor, a deployment, or an address in either type.
pub trait Located {
    /// The address in the pallets' type.
    fn h160(&self) -> H160;

    /// The address in alloy's type, as typed Solidity calls take it.
    fn address(&self) -> Address {
        address_of(self.h160())
    }
}

impl Located for H160 {
    fn h160(&self) -> H160 {
        *self
    }
}

impl Located for Address {
    fn h160(&self) -> H160 {
        h160_of(*self)
    }
}

impl Located for [u8; 20] {
    fn h160(&self) -> H160 {
        H160(*self)
    }
}

impl<L: Located + ?Sized> Located for &L {
    fn h160(&self) -> H160 {
        (**self).h160()
    }
}

/// Converts to alloy's address type.
pub fn address_of(address: H160) -> Address {
    Address::from(address.0)
}

/// Converts to the pallets' address type.
pub fn h160_of(address: Address) -> H160 {
    H160(address.into_array())
}

/// Answers with the native account behind an address. Reads state: call it inside the externalities.
///
/// A mapped account is found through its mapping; every other address, a contract's included, is its own fallback
/// account, the address followed by twelve bytes `0xEE`.
pub(crate) fn account_of(address: H160) -> AccountId32 {
    Mapper::to_account_id(&address)
}
