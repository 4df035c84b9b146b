use super::RawEvent;
use ink::prelude::vec::Vec;
use ringfence_protocol::{
    vault::{BondCall, Credit, TokenTransfer},
    Address, Transfer,
};
use scale::{Decode, Encode};

/// A transfer that the vault has to make.
#[derive(Clone, Copy, Debug, Encode, Decode)]
pub struct Wire {
    /// The asset, an ERC-20.
    pub asset: Address,
    /// True if the vault is paid.
    pub incoming: bool,
    /// Who pays or is paid.
    pub other: Address,
    /// How much, base units.
    pub amount: u128,
}

impl Wire {
    /// A transfer of `asset`.
    pub fn new(asset: Address, transfer: Transfer) -> Self {
        let (incoming, other, amount) = match transfer {
            Transfer::In { from, amount } => (true, from, amount.get()),
            Transfer::Out { to, amount } => (false, to, amount.get()),
        };
        Self { asset, incoming, other, amount }
    }
}

impl From<TokenTransfer> for Wire {
    fn from(token: TokenTransfer) -> Self {
        Self::new(token.asset, token.transfer)
    }
}

/// A call of a bond that the vault has to make after everything else.
#[derive(Clone, Copy, Debug, Encode, Decode)]
pub struct WireBond {
    /// The bond.
    pub bond: Address,
    /// How much.
    pub amount: u128,
    /// Estate and layer of a claim; nothing for a recovery.
    pub claim: Option<(u8, u8)>,
}

impl From<BondCall> for WireBond {
    fn from(call: BondCall) -> Self {
        // Estates and layers are a handful; see the protocol's bounds.
        let index = |index: usize| u8::try_from(index).unwrap_or(u8::MAX);
        match call {
            BondCall::Claim { estate, layer, bond, amount } => {
                Self { bond, amount: amount.get(), claim: Some((index(estate), index(layer))) }
            }
            BondCall::Recovery { bond, amount } => Self { bond, amount: amount.get(), claim: None },
        }
    }
}

/// What the rules tell a vault to do, in this order: store, credit, emit, transfer, call bonds, answer.
#[derive(Clone, Debug, Default, Encode, Decode)]
pub struct Answer {
    /// The values that changed, by their place.
    pub values: Vec<(u8, Vec<u8>)>,
    /// Account, asset and amount to add to what it can collect.
    pub credits: Vec<(Address, Address, u128)>,
    /// What to emit.
    pub events: Vec<RawEvent>,
    /// What to transfer.
    pub transfers: Vec<Wire>,
    /// Which bonds to call.
    pub bonds: Vec<WireBond>,
    /// What to return to the caller.
    pub output: Vec<u8>,
}

impl Answer {
    /// Adds a credit.
    pub(super) fn credit(&mut self, credit: Credit) {
        self.credits.push((credit.to, credit.asset, credit.amount.get()));
    }
}
