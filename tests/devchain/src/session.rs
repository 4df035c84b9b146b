//! The session: one chain, its actors and its bookkeeping.

use crate::{
    actor::Actor,
    clock::START_TIME,
    error::DispatchFailure,
    genesis,
    journal::CallRecord,
    report::{take_contract_events, ContractEvent},
    runtime::{Revive, Runtime, RuntimeOrigin, System},
};
use frame_support::{storage::with_storage_layer, weights::Weight};
use pallet_revive::AddressMapper;
use sp_io::TestExternalities;
use sp_runtime::DispatchResult;

/// One chain and everything that drives it. Dropping it is all the cleaning up there is.
pub struct Session {
    ext: TestExternalities,
    pub(crate) block_events: Vec<ContractEvent>,
    pub(crate) block_weight: Weight,
    pub(crate) journal: Vec<CallRecord>,
}

/// Sets up a [`Session`].
#[derive(Debug, Clone)]
pub struct SessionBuilder {
    start_time: u64,
}

impl SessionBuilder {
    /// The timestamp of the first block, in seconds. The default is [`START_TIME`].
    pub fn start_time(mut self, seconds: u64) -> Self {
        self.start_time = seconds;
        self
    }

    /// Starts the chain: block 1 is open for calls.
    pub fn build(self) -> Session {
        let mut session = Session {
            ext: TestExternalities::new(genesis::storage()),
            block_events: Vec::new(),
            block_weight: Weight::zero(),
            journal: Vec::new(),
        };
        session.open_block(1, self.start_time);
        session
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// A fresh chain with the default settings. Two fresh chains are equal bit for bit.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// A fresh chain with settings of its own.
    pub fn builder() -> SessionBuilder {
        SessionBuilder { start_time: START_TIME }
    }

    /// The native actor of this name, funded and mapped. Asking again changes nothing.
    pub fn substrate_actor(&mut self, name: &str) -> Actor {
        self.enrol(Actor::substrate(name))
    }

    /// The Ethereum actor of this name, funded. Asking again changes nothing.
    pub fn eth_actor(&mut self, name: &str) -> Actor {
        self.enrol(Actor::ethereum(name))
    }

    /// Contract events of the open block, in order, of successful calls only.
    pub fn block_events(&self) -> &[ContractEvent] {
        &self.block_events
    }

    /// Weight that calls took from the open block, failed ones included. It is counted, not enforced: compare it with
    /// [`MAX_BLOCK_WEIGHT`](crate::MAX_BLOCK_WEIGHT) where it matters.
    pub fn block_weight(&self) -> Weight {
        self.block_weight
    }

    /// Runs anything inside the chain's state: the way out for what the session has no method for.
    pub fn execute_with<R>(&mut self, work: impl FnOnce() -> R) -> R {
        self.ext.execute_with(work)
    }

    pub(crate) fn externalities(&mut self) -> &mut TestExternalities {
        &mut self.ext
    }

    /// Runs a privileged act that is no contract call: all of it or none, and its runtime events are dropped.
    pub(crate) fn administer(&mut self, act: impl FnOnce() -> DispatchResult) -> Result<(), DispatchFailure> {
        self.execute_with(|| {
            let result = with_storage_layer(act);
            drop(take_contract_events());
            result.map_err(DispatchFailure)
        })
    }

    fn enrol(&mut self, actor: Actor) -> Actor {
        let account = actor.account().clone();
        if !self.execute_with(|| System::account_exists(&account)) {
            // The account is named directly: before it is mapped, its address leads to its fallback account.
            self.administer(|| {
                use frame_support::traits::fungible::Mutate;
                crate::runtime::Balances::mint_into(&account, genesis::ENDOWMENT).map(drop)
            })
            .expect("an endowment above the existential deposit can be minted");
        }
        let mapped =
            self.execute_with(|| <Runtime as pallet_revive::Config>::AddressMapper::is_mapped(actor.account()));
        if !mapped {
            self.administer(|| Revive::map_account(RuntimeOrigin::signed(account)))
                .expect("an endowed account can pay the deposit for its mapping");
        }
        actor
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("calls", &self.journal.len()).finish_non_exhaustive()
    }
}
