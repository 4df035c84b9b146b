//! Going back in time, and comparing states bit for bit.

use crate::{located::Located, runtime::Runtime, session::Session};
use alloy_primitives::B256;
use codec::Encode;
use frame_support::{storage::child, weights::Weight};
use pallet_revive::{AccountInfo, ContractInfo};
use sp_core::{
    storage::{ChildInfo, StateVersion},
    Blake2Hasher, H160,
};
use sp_io::hashing::blake2_256;
use sp_state_machine::InMemoryBackend;
use std::collections::BTreeMap;

/// The entire state of a chain at one moment: balances, contracts, code, clock. Restorable any number of times, into
/// any session.
#[derive(Clone)]
pub struct Snapshot {
    state: InMemoryBackend<Blake2Hasher>,
    block_weight: Weight,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Snapshot").field(self.state.root()).finish()
    }
}

impl Session {
    /// Remembers the entire state.
    pub fn snapshot(&mut self) -> Snapshot {
        let block_weight = self.block_weight;
        let ext = self.externalities();
        ext.commit_all().expect("no storage transaction is open between calls");
        // The database keeps nodes that nothing refers to any more; without them copies stay as small as the state.
        ext.backend.backend_storage_mut().purge();
        Snapshot { state: ext.backend.clone(), block_weight }
    }

    /// Goes back to a snapshot, clock included. The list of block events is emptied; the journal is kept.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        let ext = self.externalities();
        ext.backend = snapshot.state.clone();
        ext.reset_overlay();
        self.block_weight = snapshot.block_weight;
        self.block_events.clear();
    }

    /// The root hash of the entire state: equal roots mean equal states.
    pub fn state_root(&mut self) -> B256 {
        let root = self.execute_with(|| sp_io::storage::root(StateVersion::V1));
        B256::from_slice(&root)
    }

    /// Every key and value a contract stores; empty if there is no contract. Keys are hashed as the pallet hashes them.
    pub fn storage_of(&mut self, contract: impl Located) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let contract = contract.h160();
        self.execute_with(|| load(contract).map(|info| entries(&info.child_trie_info())).unwrap_or_default())
    }

    /// A hash over everything the chain keeps for a contract: code hash, deposits, all storage. Its asset and native
    /// balances are kept elsewhere: see [`Session::balance`] and [`Session::native_total`]. Zero if there is none.
    pub fn state_fingerprint(&mut self, contract: impl Located) -> B256 {
        let contract = contract.h160();
        self.execute_with(|| {
            load(contract)
                .map(|info| B256::from(blake2_256(&(info.encode(), entries(&info.child_trie_info())).encode())))
                .unwrap_or_default()
        })
    }
}

fn load(contract: H160) -> Option<ContractInfo<Runtime>> {
    AccountInfo::<Runtime>::load_contract(&contract)
}

/// Walks a child trie from its first key to its last.
fn entries(trie: &ChildInfo) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut entries = BTreeMap::new();
    let mut key = Vec::new();
    // The empty key is no key of a contract's storage, which is always hashed, so starting after it misses nothing.
    while let Some(next) = sp_io::default_child_storage::next_key(trie.storage_key(), &key) {
        let value = child::get_raw(trie, &next).expect("the trie has a value at each key it lists");
        entries.insert(next.clone(), value);
        key = next;
    }
    entries
}
