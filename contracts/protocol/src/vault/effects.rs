use super::VaultEvent;
use crate::{units::Amount, Address, Transfer};
use alloc::vec::Vec;

/// A transfer of an asset other than the settlement asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenTransfer {
    /// The asset, an ERC-20.
    pub asset: Address,
    /// Who pays whom how much of it.
    pub transfer: Transfer,
}

/// What an account can collect from now on. Payouts are pulled: an account that can't be paid holds up nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// The account.
    pub to: Address,
    /// The asset, an ERC-20.
    pub asset: Address,
    /// How much of it.
    pub amount: Amount,
}

/// A call of a bond that the shell has to make after everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BondCall {
    /// The bond has to pay this vault. One that fails stays due and can be tried again.
    Claim {
        /// Which estate it is for.
        estate: usize,
        /// Which layer of it.
        layer: usize,
        /// The bond.
        bond: Address,
        /// How much.
        amount: Amount,
    },
    /// The bond is told that money was sent to it that a defaulter paid later. It has to accept it.
    Recovery {
        /// The bond.
        bond: Address,
        /// How much.
        amount: Amount,
    },
}

/// What a command does beside changing the vault: the shell emits, credits, transfers and calls, in that order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Effects {
    /// What happened, in order.
    pub events: Vec<VaultEvent>,
    /// To add to what accounts can collect.
    pub credits: Vec<Credit>,
    /// Transfers of the settlement asset; if one fails the command is reverted.
    pub transfers: Vec<Transfer>,
    /// Transfers of collateral; if one fails the command is reverted.
    pub tokens: Vec<TokenTransfer>,
    /// Calls of bonds.
    pub bonds: Vec<BondCall>,
}

impl Effects {
    /// Takes a payment in the settlement asset.
    pub(super) fn take(&mut self, from: Address, amount: Amount) {
        if !amount.is_zero() {
            self.transfers.push(Transfer::In { from, amount });
        }
    }

    /// Makes a payment in the settlement asset.
    pub(super) fn pay(&mut self, to: Address, amount: Amount) {
        if !amount.is_zero() {
            self.transfers.push(Transfer::Out { to, amount });
        }
    }

    /// Takes collateral.
    pub(super) fn take_token(&mut self, asset: Address, from: Address, amount: Amount) {
        self.tokens.push(TokenTransfer { asset, transfer: Transfer::In { from, amount } });
    }

    /// Pays collateral out.
    pub(super) fn pay_token(&mut self, asset: Address, to: Address, amount: Amount) {
        self.tokens.push(TokenTransfer { asset, transfer: Transfer::Out { to, amount } });
    }
}
