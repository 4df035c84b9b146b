//! Submission: one call, one nonce, as many transactions as it takes.
//!
//! An entry is in the outbox before its bytes leave. From then on the call goes out under that nonce only: the same bytes
//! again if they were lost, the same call for more if they are stuck. Two transactions of one nonce can't both take effect,
//! so neither a restart nor a lost answer sends a call twice.

use super::read::{expiry_of, hex0x, quantity, refusal};
use super::{outcome, unreachable, Node, MAX_ATTEMPTS, REMEMBERED_BLOCKS};
use crate::chain::wallet::Call;
use crate::chain::{Attempt, Block, ChainError, Entry, Fate, Fees, Outbox, Outcome, RpcError, Sent, Standing};
use alloy_primitives::{B256, U128, U64};
use ringfence_protocol::{Address, Digest};
use serde::Deserialize;
use serde_json::{json, Value};

/// Gas is estimated on a state that moves: a quarter more is allowed.
const GAS_MARGIN_PERCENT: u64 = 125;
/// Gas of a transaction that does nothing but use up a nonce.
const FILLER_GAS: u64 = 100_000;
/// How nodes say that the account can't pay.
const NO_FUNDS: &str = "insufficient funds";
/// Most fillers at once; a larger gap is somebody else's use of the account.
const MAX_FILLERS: u64 = 16;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptText {
    block_hash: B256,
    block_number: U64,
    status: U64,
}

/// Where a call was found.
enum Found {
    /// Nowhere.
    Nowhere,
    /// In a block that is not finalised.
    Included,
    /// In a finalised block.
    Final { transaction: Digest, block: Block, good: bool },
}

impl<O: Outbox> Node<O> {
    pub(super) fn submit_call(&mut self, to: Address, sequence: u64, data: Vec<u8>) -> Result<Sent<Block>, ChainError> {
        let known = self.entries.values().find(|entry| entry.is_for(to, sequence)).cloned();
        if let Some(entry) = known {
            if entry.data != data {
                // A call that can't take effect any more gives up its place; no other does.
                let expired = match expiry_of(&entry.data) {
                    Some(expiry) => self.read_finalised()?.time.get() > expiry,
                    None => false,
                };
                if expired && entry.is_live() {
                    return self.take_over(entry, data);
                }
                let text = format!("another call with sequence {sequence} is under way as {:?}", entry.last_hash());
                return Err(ChainError::Refused(text));
            }
            if let Some((number, hash)) = entry.final_block() {
                let block = self.read_block(number)?.filter(|block| block.hash == hash);
                return Ok(block.map_or(Sent::Pending(entry.last_hash()), Sent::Final));
            }
            return Ok(Sent::Pending(entry.last_hash()));
        }
        let gas = self.estimate(to, &data)?;
        let fees = self.asked_fees()?;
        if fees.max > self.config.max_fee {
            let text = format!("the chain asks {} wei a unit of gas, the limit is {}", fees.max, self.config.max_fee);
            return Err(ChainError::Fee(text));
        }
        let nonce = self.next_nonce()?;
        let attempt = self.attempt(to, &data, nonce, gas, fees)?;
        let hash = attempt.hash;
        let entry = Entry { nonce, vault: to, sequence, data, gas, attempts: vec![attempt], standing: Standing::Live };
        self.keep(entry.clone())?;
        self.send(&entry)?;
        Ok(Sent::Pending(hash))
    }

    /// Puts another call in the place of one that its vault can't take any more, under the same nonce: whichever of them is
    /// included, the other never is.
    fn take_over(&mut self, mut entry: Entry, data: Vec<u8>) -> Result<Sent<Block>, ChainError> {
        let (sequence, other) = (entry.sequence, entry.last_hash());
        let refused =
            |why| Err(ChainError::Refused(format!("another call with sequence {sequence}, {other:?}, {why}")));
        let Some(last) = entry.attempts.last().filter(|_| entry.attempts.len() < MAX_ATTEMPTS) else {
            return refused("has expired and was replaced too often");
        };
        let fees = last.fees.replacement(self.asked_fees()?, self.config.max_fee);
        let Some(fees) = fees else {
            return refused("has expired, and the limit of fees leaves no room to replace it");
        };
        entry.gas = self.estimate(entry.vault, &data)?;
        let attempt = self.attempt(entry.vault, &data, entry.nonce, entry.gas, fees)?;
        let hash = attempt.hash;
        entry.data = data;
        entry.attempts.push(attempt);
        self.keep(entry.clone())?;
        self.send(&entry)?;
        Ok(Sent::Pending(hash))
    }

    pub(super) fn pursue_all(&mut self) -> Result<Vec<Outcome>, ChainError> {
        let head = self.read_finalised()?;
        let mut outcomes = self.reopened(head)?;
        let nonces: Vec<u64> = self.entries.values().filter(|entry| entry.is_live()).map(|entry| entry.nonce).collect();
        if !nonces.is_empty() {
            let (used, final_used) = (self.nonce_at("latest")?, self.nonce_at(&quantity(head.number))?);
            self.fill_gap(used)?;
            for nonce in nonces {
                let Some(entry) = self.entries.get(&nonce).cloned() else { continue };
                outcomes.extend(self.pursue_one(entry, head, (used, final_used))?);
            }
        }
        self.seen = Some(head);
        Ok(outcomes)
    }

    fn pursue_one(
        &mut self,
        entry: Entry,
        head: Block,
        (used, final_used): (u64, u64),
    ) -> Result<Option<Outcome>, ChainError> {
        match self.find(&entry, head)? {
            Found::Included => Ok(None),
            Found::Final { transaction, block, good } => {
                if !good {
                    // Its nonce is used and nothing happened: if it is tried again, then as a new call.
                    self.drop_entry(entry.nonce)?;
                    let end = outcome(&entry, transaction, Fate::Reverted(block));
                    return Ok((end.sequence > 0).then_some(end));
                }
                let end = outcome(&entry, transaction, Fate::Final(block));
                let standing = Standing::Final { number: block.number, hash: block.hash };
                self.keep(Entry { standing, ..entry })?;
                Ok((end.sequence > 0).then_some(end))
            }
            // Used in a finalised block, and not by us.
            Found::Nowhere if final_used > entry.nonce => {
                let end = outcome(&entry, entry.last_hash(), Fate::Displaced);
                self.drop_entry(entry.nonce)?;
                Ok((end.sequence > 0).then_some(end))
            }
            // Used in a block that is not final; it may still go away.
            Found::Nowhere if used > entry.nonce => Ok(None),
            Found::Nowhere => {
                self.push(entry)?;
                Ok(None)
            }
        }
    }

    /// Sends what is not in a block: again if the node does not know it, for more if it is stuck.
    fn push(&mut self, mut entry: Entry) -> Result<(), ChainError> {
        let known: Option<Value> =
            self.rpc.ask("eth_getTransactionByHash", &json!([hex0x(entry.last_hash())])).map_err(unreachable)?;
        let (now, last) = (self.clock.now().get(), entry.attempts.last().cloned());
        let Some(last) = last else { return Ok(()) };
        let stuck = now.saturating_sub(last.at) >= self.config.stuck_after;
        if stuck && entry.attempts.len() < MAX_ATTEMPTS {
            let asked = self.asked_fees()?;
            if let Some(fees) = last.fees.replacement(asked, self.config.max_fee) {
                let attempt = self.attempt(entry.vault, &entry.data, entry.nonce, entry.gas, fees)?;
                entry.attempts.push(attempt);
                self.keep(entry.clone())?;
                return self.send(&entry);
            }
        }
        if known.is_none() {
            return self.send(&entry);
        }
        Ok(())
    }

    /// Hands over the last transaction of an entry. What the node says of a transaction that it knows already is no failure,
    /// and no answer is none either: it is in the outbox, and [`Node::pursue_all`] will look for it.
    fn send(&mut self, entry: &Entry) -> Result<(), ChainError> {
        let Some(last) = entry.attempts.last() else { return Ok(()) };
        let sent: Result<B256, RpcError> = self.rpc.ask("eth_sendRawTransaction", &json!([hex0x(&last.raw)]));
        match sent {
            Ok(hash) if hash.0 == last.hash.0 => Ok(()),
            Ok(_) => Err(ChainError::Unreachable("the node took another transaction than it was given".to_owned())),
            Err(RpcError::Refused { message, .. }) => {
                tracing::warn!(
                    nonce = entry.nonce,
                    sequence = entry.sequence,
                    words = message,
                    "the node did not take a transaction"
                );
                if message.to_lowercase().contains(NO_FUNDS) {
                    return Err(ChainError::Fee(format!("the submitting account can't pay ({message})")));
                }
                Ok(())
            }
            Err(error) => {
                tracing::warn!(nonce = entry.nonce, sequence = entry.sequence, %error, "no answer to a transaction");
                Ok(())
            }
        }
    }

    fn find(&mut self, entry: &Entry, head: Block) -> Result<Found, ChainError> {
        let mut included = false;
        for attempt in entry.attempts.iter().rev() {
            let receipt: Option<ReceiptText> =
                self.rpc.ask("eth_getTransactionReceipt", &json!([hex0x(attempt.hash)])).map_err(unreachable)?;
            let Some(receipt) = receipt else { continue };
            let number: u64 = receipt.block_number.to();
            // The receipt may be of a branch that lost.
            let block = if number > head.number { None } else { self.read_block(number)? };
            match block.filter(|block| block.hash.0 == receipt.block_hash.0) {
                Some(block) => {
                    let good = receipt.status == U64::from(1);
                    return Ok(Found::Final { transaction: attempt.hash, block, good });
                }
                None => included = included || number > head.number,
            }
        }
        Ok(if included { Found::Included } else { Found::Nowhere })
    }

    /// Puts calls whose finalised block is gone under way again, and forgets those that nothing can reach any more.
    fn reopened(&mut self, head: Block) -> Result<Vec<Outcome>, ChainError> {
        let before = self.seen;
        let went_back = match before {
            None => true,
            Some(seen) => {
                seen.number > head.number || self.read_block(seen.number)?.is_none_or(|now| now.hash != seen.hash)
            }
        };
        let done: Vec<Entry> = self.entries.values().filter(|entry| !entry.is_live()).cloned().collect();
        let mut outcomes = Vec::new();
        for entry in done {
            let Some((number, hash)) = entry.final_block() else { continue };
            if number.saturating_add(REMEMBERED_BLOCKS) < head.number {
                self.drop_entry(entry.nonce)?;
            } else if went_back && self.read_block(number)?.is_none_or(|block| block.hash != hash) {
                tracing::error!(sequence = entry.sequence, block = number, "a finalised block is gone");
                let end = outcome(&entry, entry.last_hash(), Fate::Reopened);
                self.keep(Entry { standing: Standing::Live, ..entry })?;
                outcomes.extend((end.sequence > 0).then_some(end));
            }
        }
        Ok(outcomes)
    }

    /// Nonces between what the chain has used and our lowest hold up everything after them. They come from an outbox that
    /// was lost; an empty transaction to ourselves uses them up.
    fn fill_gap(&mut self, used: u64) -> Result<(), ChainError> {
        let Some(lowest) = self.entries.values().filter(|entry| entry.is_live()).map(|entry| entry.nonce).min() else {
            return Ok(());
        };
        let pending = self.nonce_at("pending")?.max(used);
        let gap = lowest.saturating_sub(pending);
        if gap == 0 {
            return Ok(());
        }
        if gap > MAX_FILLERS {
            let text = format!(
                "{gap} nonces are missing before {lowest}: the account is used elsewhere, or the store is not its own"
            );
            return Err(ChainError::Fee(text));
        }
        let fees = self.asked_fees()?;
        let own = self.wallet.address();
        for nonce in pending..lowest {
            let attempt = self.attempt(own, &[], nonce, FILLER_GAS, fees)?;
            let entry = Entry {
                nonce,
                vault: own,
                sequence: 0,
                data: Vec::new(),
                gas: FILLER_GAS,
                attempts: vec![attempt],
                standing: Standing::Live,
            };
            tracing::warn!(nonce, "filling a gap of nonces");
            self.keep(entry.clone())?;
            self.send(&entry)?;
        }
        Ok(())
    }

    fn attempt(&mut self, to: Address, data: &[u8], nonce: u64, gas: u64, fees: Fees) -> Result<Attempt, ChainError> {
        let signed = self.wallet.sign(&Call { to, data, nonce, gas, fees });
        let (hash, raw) = signed.map_err(|error| ChainError::Fee(error.to_string()))?;
        Ok(Attempt { hash, raw, fees, at: self.clock.now().get() })
    }

    /// What the call would use; a call that would revert is refused here, with the vault's own error.
    fn estimate(&mut self, to: Address, data: &[u8]) -> Result<u64, ChainError> {
        let call = json!([{ "from": hex0x(self.wallet.address().0), "to": hex0x(to.0), "data": hex0x(data) }]);
        let estimated: Result<U64, RpcError> = self.rpc.ask("eth_estimateGas", &call);
        match estimated {
            Ok(gas) => Ok(gas.to::<u64>().saturating_mul(GAS_MARGIN_PERCENT).div_ceil(100)),
            Err(RpcError::Refused { message, data: None, .. }) if message.to_lowercase().contains(NO_FUNDS) => {
                Err(ChainError::Fee(format!("the submitting account can't pay ({message})")))
            }
            Err(error @ RpcError::Refused { .. }) => Err(match refusal(&error) {
                early if early.starts_with("ValuationInFuture") => ChainError::Early,
                other => ChainError::Refused(other),
            }),
            Err(error) => Err(unreachable(error)),
        }
    }

    fn asked_fees(&mut self) -> Result<Fees, ChainError> {
        let price: U128 = self.rpc.ask("eth_gasPrice", &json!([])).map_err(unreachable)?;
        // Chains without a market for tips refuse the question.
        let tip: Result<U128, RpcError> = self.rpc.ask("eth_maxPriorityFeePerGas", &json!([]));
        let tip = match tip {
            Ok(tip) => tip.to(),
            Err(RpcError::Refused { .. }) => 0,
            Err(error) => return Err(unreachable(error)),
        };
        Ok(Fees::from_gas_price(price.to(), tip))
    }

    fn next_nonce(&mut self) -> Result<u64, ChainError> {
        let pending = self.nonce_at("pending")?;
        let own =
            self.entries.values().filter(|entry| entry.is_live()).map(|entry| entry.nonce.saturating_add(1)).max();
        Ok(pending.max(own.unwrap_or_default()))
    }

    fn nonce_at(&mut self, block: &str) -> Result<u64, ChainError> {
        let params = json!([hex0x(self.wallet.address().0), block]);
        let count: U64 = self.rpc.ask("eth_getTransactionCount", &params).map_err(unreachable)?;
        Ok(count.to())
    }
}
