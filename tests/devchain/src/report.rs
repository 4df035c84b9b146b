//! What a successful call did and cost.

use crate::runtime::{Balance, RuntimeEvent, System};
use alloy_primitives::{Bytes, B256};
use alloy_sol_types::SolEvent;
use frame_support::weights::Weight;
use pallet_revive::StorageDeposit;
use sp_core::H160;

use crate::located::Located;

/// Storage deposit moved by a call, in plancks, from the caller's point of view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deposit {
    /// The caller paid this much into deposits (zero when nothing changed).
    Charged(Balance),
    /// The caller got this much back.
    Refunded(Balance),
}

impl Deposit {
    /// Plancks the caller paid; zero for a refund.
    pub fn charged(self) -> Balance {
        match self {
            Self::Charged(amount) => amount,
            Self::Refunded(_) => 0,
        }
    }

    /// Plancks the caller got back; zero for a charge.
    pub fn refunded(self) -> Balance {
        match self {
            Self::Charged(_) => 0,
            Self::Refunded(amount) => amount,
        }
    }
}

impl Default for Deposit {
    fn default() -> Self {
        Self::Charged(0)
    }
}

impl From<StorageDeposit<Balance>> for Deposit {
    fn from(deposit: StorageDeposit<Balance>) -> Self {
        match deposit {
            StorageDeposit::Charge(amount) => Self::Charged(amount),
            StorageDeposit::Refund(amount) => Self::Refunded(amount),
        }
    }
}

/// An event as a contract emitted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractEvent {
    /// The contract (or precompile) that emitted it.
    pub emitter: H160,
    /// The event's signature hash, then its indexed fields.
    pub topics: Vec<B256>,
    /// The ABI-encoded fields that are not indexed.
    pub data: Bytes,
}

impl ContractEvent {
    /// The event decoded; `None` if it is another event or its fields do not decode.
    pub fn decode<E: SolEvent>(&self) -> Option<E> {
        E::decode_raw_log_validate(self.topics.iter().copied(), &self.data).ok()
    }
}

/// A call that went through.
#[derive(Debug, Clone)]
pub struct CallReport<R> {
    /// The decoded return value.
    pub returned: R,
    /// Contract events in order of emission.
    pub events: Vec<ContractEvent>,
    /// Weight of the execution: everything the contract and what it called consumed, loading their code included.
    pub weight: Weight,
    /// Weight of the dispatch around it, which every transaction of this kind pays in addition.
    pub base_weight: Weight,
    /// Storage deposit the caller paid or got back.
    pub deposit: Deposit,
}

impl<R> CallReport<R> {
    /// What the call takes from the block: execution and dispatch together.
    pub fn total_weight(&self) -> Weight {
        self.weight.saturating_add(self.base_weight)
    }

    /// All events of one type, whoever emitted them, in order.
    pub fn events_of<E: SolEvent>(&self) -> Vec<E> {
        self.events.iter().filter_map(ContractEvent::decode).collect()
    }

    /// All events of one type that one contract emitted, in order.
    pub fn events_from<E: SolEvent>(&self, emitter: impl Located) -> Vec<E> {
        let emitter = emitter.h160();
        self.events.iter().filter(|event| event.emitter == emitter).filter_map(ContractEvent::decode).collect()
    }

    /// The same report with another return value.
    pub fn map<S>(self, convert: impl FnOnce(R) -> S) -> CallReport<S> {
        let Self { returned, events, weight, base_weight, deposit } = self;
        CallReport { returned: convert(returned), events, weight, base_weight, deposit }
    }
}

/// Takes the contract events out of the runtime's event log and clears the log.
pub(crate) fn take_contract_events() -> Vec<ContractEvent> {
    let events = System::read_events_no_consensus().filter_map(|record| match record.event {
        RuntimeEvent::Revive(pallet_revive::Event::ContractEmitted { contract, data, topics }) => Some(ContractEvent {
            emitter: contract,
            topics: topics.into_iter().map(|topic| B256::from(topic.0)).collect(),
            data: data.into(),
        }),
        _ => None,
    });
    let events = events.collect();
    System::reset_events();
    events
}
