//! The settlement asset: an ERC-20 that is not trusted to move what it was asked to move.

use crate::{abi::selector, host::this, Message};
use ringfence_protocol::{units::Amount, Address, Transfer};

/// Why a transfer did not do what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferError {
    /// The token refused, or answered with anything but true.
    Failed,
    /// The contract's balance did not change by exactly the amount: a fee, a rebase, or dust that went along.
    Inexact,
}

/// A token contract.
#[derive(Clone, Copy, Debug)]
pub struct Asset(pub Address);

impl Asset {
    /// The running contract's balance.
    pub fn own_balance(self) -> Result<Amount, TransferError> {
        let balance = Message::new(const { selector("balanceOf(address)") }).address(this()).ask(self.0, 0);
        balance.map(Amount::new).map_err(|_| TransferError::Failed)
    }

    /// Makes the transfers in order; the first that fails ends it, and the shell reverts.
    pub fn make(self, transfers: &[Transfer]) -> Result<(), TransferError> {
        transfers.iter().try_for_each(|transfer| self.make_one(*transfer))
    }

    fn make_one(self, transfer: Transfer) -> Result<(), TransferError> {
        let before = self.own_balance()?;
        let (message, expected) = match transfer {
            Transfer::In { from, amount } => {
                let message = Message::new(const { selector("transferFrom(address,address,uint256)") })
                    .address(from)
                    .address(this());
                (message.uint(amount.get()), before.add(amount))
            }
            Transfer::Out { to, amount } => (
                Message::new(const { selector("transfer(address,uint256)") }).address(to).uint(amount.get()),
                before.sub(amount),
            ),
        };
        if message.ask(self.0, 0) != Ok(1) {
            return Err(TransferError::Failed);
        }
        if Ok(self.own_balance()?) != expected {
            return Err(TransferError::Inexact);
        }
        Ok(())
    }
}
