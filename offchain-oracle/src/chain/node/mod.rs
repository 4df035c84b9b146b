//! A client of a node that speaks Ethereum's JSON-RPC, as `pallet-revive-eth-rpc` and every EVM chain do.

mod read;
mod send;

pub use read::settle_call;

use super::{
    Block, BondView, Chain, ChainError, ChainEvent, Entry, Fate, Outbox, Outcome, Rpc, RpcError, Sent, Standing,
    VaultView, Wallet,
};
use crate::time::Clock;
use ringfence_bindings::IMarginVault;
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::{Address, Digest};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most transactions for one call: after that the fee would be five times the first.
pub const MAX_ATTEMPTS: usize = 8;
/// Finalised calls are remembered for so many blocks, in case a chain takes its word back.
pub const REMEMBERED_BLOCKS: u64 = 256;

/// What a node client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeConfig {
    /// The chain that it must be.
    pub chain_id: u64,
    /// The most that is paid for a unit of gas, wei.
    pub max_fee: u128,
    /// Seconds after which a transaction that is not in a block is replaced by one that pays more.
    pub stuck_after: u64,
}

/// A node, the account that pays, and what that account has under way.
#[derive(Debug)]
pub struct Node<O> {
    rpc: Rpc,
    wallet: Wallet,
    outbox: O,
    /// By nonce; what the outbox holds.
    entries: BTreeMap<u64, Entry>,
    /// Terms by vault, read once for each hash.
    terms: BTreeMap<Address, (Digest, IMarginVault::CsaTerms)>,
    config: NodeConfig,
    clock: Arc<dyn Clock>,
    /// The finalised block that was seen last.
    seen: Option<Block>,
}

impl<O: Outbox> Node<O> {
    /// A client that goes on with what the outbox holds. The node is asked for its chain.
    ///
    /// # Errors
    /// The outbox can't be read, the node can't be reached, or it is on another chain.
    pub fn connect(
        rpc: Rpc,
        wallet: Wallet,
        mut outbox: O,
        config: NodeConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ChainError> {
        let entries = outbox.load()?.into_iter().map(|entry| (entry.nonce, entry)).collect();
        let mut node = Self { rpc, wallet, outbox, entries, terms: BTreeMap::new(), config, clock, seen: None };
        let found = node.chain_id()?;
        if found != config.chain_id || node.wallet.chain_id() != found {
            return Err(ChainError::WrongChain { expected: config.chain_id, found });
        }
        Ok(node)
    }

    /// The account that pays.
    pub fn account(&self) -> Address {
        self.wallet.address()
    }

    /// What the account that pays has, wei.
    ///
    /// # Errors
    /// The node can't be reached.
    pub fn balance(&mut self) -> Result<u128, ChainError> {
        let params = serde_json::json!([read::hex0x(self.wallet.address().0), "latest"]);
        let balance: alloy_primitives::U256 = self.rpc.ask("eth_getBalance", &params).map_err(unreachable)?;
        Ok(u128::try_from(balance).unwrap_or(u128::MAX))
    }

    /// What is under way or was final a short while ago, by nonce.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    fn keep(&mut self, entry: Entry) -> Result<(), ChainError> {
        self.outbox.put(&entry)?;
        self.entries.insert(entry.nonce, entry);
        Ok(())
    }

    fn drop_entry(&mut self, nonce: u64) -> Result<(), ChainError> {
        self.outbox.forget(nonce)?;
        self.entries.remove(&nonce);
        Ok(())
    }
}

impl<O: Outbox> Chain for Node<O> {
    type Receipt = Block;

    fn chain_id(&mut self) -> Result<u64, ChainError> {
        self.read_chain_id()
    }

    fn finalised(&mut self) -> Result<Block, ChainError> {
        self.read_finalised()
    }

    fn block(&mut self, number: u64) -> Result<Option<Block>, ChainError> {
        if number > self.read_finalised()?.number {
            return Ok(None);
        }
        self.read_block(number)
    }

    fn vault(&mut self, vault: Address) -> Result<VaultView, ChainError> {
        self.read_vault(vault)
    }

    fn bond(&mut self, bond: Address) -> Result<BondView, ChainError> {
        self.read_bond(bond)
    }

    fn events(&mut self, contracts: &[Address], from: u64, to: u64) -> Result<Vec<ChainEvent>, ChainError> {
        self.read_events(contracts, from, to)
    }

    fn settle(&mut self, instruction: &MarginInstruction, signatures: &[u8]) -> Result<Sent<Block>, ChainError> {
        let data = read::settle_call(self.config.chain_id, instruction, signatures);
        self.submit_call(instruction.vault, instruction.sequence, data)
    }

    fn pursue(&mut self) -> Result<Vec<Outcome>, ChainError> {
        self.pursue_all()
    }
}

/// No answer is no answer; a refusal is the node's, not the vault's, where no contract was run.
fn unreachable(error: RpcError) -> ChainError {
    ChainError::Unreachable(error.to_string())
}

fn outcome(entry: &Entry, transaction: Digest, fate: Fate) -> Outcome {
    Outcome { vault: entry.vault, sequence: entry.sequence, transaction, fate }
}

impl Entry {
    fn last_hash(&self) -> Digest {
        self.attempts.last().map_or(Digest::zero(), |attempt| attempt.hash)
    }

    fn is_for(&self, vault: Address, sequence: u64) -> bool {
        self.vault == vault && self.sequence == sequence
    }

    fn final_block(&self) -> Option<(u64, Digest)> {
        match self.standing {
            Standing::Final { number, hash } => Some((number, hash)),
            Standing::Live => None,
        }
    }
}
