//! What a machine hands back.

use crate::{units::Amount, Address};
use alloc::vec::Vec;

/// A transfer of the settlement asset that the shell has to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// From `from` into the contract, by an allowance that `from` gave it.
    In {
        /// Who pays.
        from: Address,
        /// How much, base units.
        amount: Amount,
    },
    /// Out of the contract.
    Out {
        /// Who is paid.
        to: Address,
        /// How much, base units.
        amount: Amount,
    },
}

/// The outcome of a command: the state to store, the events to emit, the transfers to make, in that order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Step<State, Event> {
    /// The state after the command.
    pub state: State,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// The transfers to make after the state is stored; if one fails the whole command is reverted.
    pub transfers: Vec<Transfer>,
}

impl<State, Event> Step<State, Event> {
    /// A step with one event and no transfer.
    pub fn new(state: State, event: Event) -> Self {
        Self { state, events: alloc::vec![event], transfers: Vec::new() }
    }

    /// The same step with a payment into the contract.
    pub fn taking(mut self, from: Address, amount: Amount) -> Self {
        if !amount.is_zero() {
            self.transfers.push(Transfer::In { from, amount });
        }
        self
    }

    /// The same step with a payment out of the contract.
    pub fn paying(mut self, to: Address, amount: Amount) -> Self {
        if !amount.is_zero() {
            self.transfers.push(Transfer::Out { to, amount });
        }
        self
    }
}
