//! Finalised state, read at the height of the finalised block.

use super::{unreachable, Node};
use crate::chain::{Block, BondView, ChainError, ChainEvent, Outbox, RpcError, VaultView, MAX_LAYERS};
use alloy_primitives::{Bytes, B256, U64};
use alloy_sol_types::{SolCall, SolInterface};
use ringfence_bindings::IMarginVault::{self, IMarginVaultErrors};
use ringfence_bindings::ITailRiskBond;
use ringfence_protocol::message::MarginInstruction;
use ringfence_protocol::units::Timestamp;
use ringfence_protocol::{Address, Digest};
use serde::Deserialize;
use serde_json::{json, Value};

#[derive(Deserialize)]
struct BlockText {
    number: U64,
    hash: B256,
    timestamp: U64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogText {
    address: B160Text,
    topics: Vec<B256>,
    data: Bytes,
    block_number: U64,
    block_hash: B256,
    log_index: U64,
    #[serde(default)]
    removed: bool,
}

type B160Text = alloy_primitives::Address;

impl From<BlockText> for Block {
    fn from(text: BlockText) -> Self {
        let BlockText { number, hash, timestamp } = text;
        Self { number: number.to(), hash: Digest(hash.0), time: Timestamp::new(timestamp.to()) }
    }
}

/// The last second of the instruction in a call; nothing for a call of another kind.
pub(super) fn expiry_of(data: &[u8]) -> Option<u64> {
    IMarginVault::settleCall::abi_decode(data).ok().map(|call| call.signed.instruction.expiry)
}

/// The call that carries an instruction.
pub fn settle_call(chain_id: u64, instruction: &MarginInstruction, signatures: &[u8]) -> Vec<u8> {
    let signatures = Bytes::copy_from_slice(signatures);
    let signed = IMarginVault::SignedInstruction { chainId: chain_id, instruction: instruction.into(), signatures };
    IMarginVault::settleCall { signed }.abi_encode()
}

/// The name of the vault's error, or the node's words.
pub(super) fn refusal(error: &RpcError) -> String {
    let RpcError::Refused { message, data, .. } = error else { return error.to_string() };
    let named = data.as_deref().and_then(|data| IMarginVaultErrors::abi_decode(data).ok());
    named.map_or_else(|| message.clone(), |named| format!("{named:?}"))
}

impl<O: Outbox> Node<O> {
    pub(super) fn read_chain_id(&mut self) -> Result<u64, ChainError> {
        let id: U64 = self.rpc.ask("eth_chainId", &json!([])).map_err(unreachable)?;
        Ok(id.to())
    }

    pub(super) fn read_finalised(&mut self) -> Result<Block, ChainError> {
        let text: Option<BlockText> =
            self.rpc.ask("eth_getBlockByNumber", &json!(["finalized", false])).map_err(unreachable)?;
        let none = || ChainError::Unreachable("the node has no finalised block yet".to_owned());
        text.map(Block::from).ok_or_else(none)
    }

    pub(super) fn read_block(&mut self, number: u64) -> Result<Option<Block>, ChainError> {
        let params = json!([quantity(number), false]);
        let text: Option<BlockText> = self.rpc.ask("eth_getBlockByNumber", &params).map_err(unreachable)?;
        Ok(text.map(Block::from))
    }

    pub(super) fn read_vault(&mut self, vault: Address) -> Result<VaultView, ChainError> {
        let at = self.read_finalised()?.number;
        let mut calls = vec![
            IMarginVault::statusCall {}.abi_encode(),
            IMarginVault::mandateCall {}.abi_encode(),
            IMarginVault::termsHashCall {}.abi_encode(),
        ];
        let layers = (0..MAX_LAYERS).filter_map(|index| u8::try_from(index).ok());
        calls.extend(layers.map(|index| IMarginVault::layerCall { index }.abi_encode()));
        let mut answers = self.view(vault, at, &calls)?.into_iter();
        let mut next = || answers.next().unwrap_or_else(|| Err(RpcError::Garbled("an answer is missing".to_owned())));
        let status = decode::<IMarginVault::statusCall>(vault, next())?;
        let mandate = decode::<IMarginVault::mandateCall>(vault, next())?;
        let terms_hash = Digest(decode::<IMarginVault::termsHashCall>(vault, next())?.0);
        let mut layers = Vec::new();
        for answer in answers {
            match decode::<IMarginVault::layerCall>(vault, answer) {
                Ok(layer) if layer.bond != alloy_primitives::Address::ZERO => layers.push(layer),
                // Beyond the last layer the vault refuses.
                Ok(_) | Err(ChainError::Refused(_)) => break,
                Err(error) => return Err(error),
            }
        }
        let terms = self.read_terms(vault, terms_hash, at)?;
        Ok(VaultView::new(&status, &mandate, terms_hash, &terms, &layers))
    }

    fn read_terms(&mut self, vault: Address, hash: Digest, at: u64) -> Result<IMarginVault::CsaTerms, ChainError> {
        if let Some((_, terms)) = self.terms.get(&vault).filter(|(known, _)| *known == hash) {
            return Ok(terms.clone());
        }
        let mut answers = self.view(vault, at, &[IMarginVault::termsCall {}.abi_encode()])?;
        let answer = answers.pop().unwrap_or_else(|| Err(RpcError::Garbled("an answer is missing".to_owned())));
        let terms = decode::<IMarginVault::termsCall>(vault, answer)?;
        self.terms.insert(vault, (hash, terms.clone()));
        Ok(terms)
    }

    pub(super) fn read_bond(&mut self, bond: Address) -> Result<BondView, ChainError> {
        let at = self.read_finalised()?.number;
        let mut answers = self.view(bond, at, &[ITailRiskBond::statusCall {}.abi_encode()])?;
        let answer = answers.pop().unwrap_or_else(|| Err(RpcError::Garbled("an answer is missing".to_owned())));
        Ok(BondView::from(&decode::<ITailRiskBond::statusCall>(bond, answer)?))
    }

    pub(super) fn read_events(&mut self, of: &[Address], from: u64, to: u64) -> Result<Vec<ChainEvent>, ChainError> {
        let addresses: Vec<String> = of.iter().map(|address| hex0x(address.0)).collect();
        let filter = json!([{ "address": addresses, "fromBlock": quantity(from), "toBlock": quantity(to) }]);
        let logs: Vec<LogText> = self.rpc.ask("eth_getLogs", &filter).map_err(unreachable)?;
        let mut events: Vec<ChainEvent> = logs.into_iter().filter(|log| !log.removed).filter_map(event).collect();
        // A node may answer with more than it was asked for.
        events.retain(|event| (from..=to).contains(&event.block) && of.contains(&event.contract));
        events.sort_by_key(|event| (event.block, event.index));
        Ok(events)
    }

    /// Calls views of one contract at one height, all at once.
    fn view(&mut self, to: Address, at: u64, calls: &[Vec<u8>]) -> Result<Vec<Result<Value, RpcError>>, ChainError> {
        let call = |data: &Vec<u8>| json!([{ "to": hex0x(to.0), "data": hex0x(data) }, quantity(at)]);
        let params: Vec<Value> = calls.iter().map(call).collect();
        let questions: Vec<_> = params.iter().map(|params| ("eth_call", params)).collect();
        self.rpc.ask_all(&questions).map_err(unreachable)
    }
}

fn decode<C: SolCall>(contract: Address, answer: Result<Value, RpcError>) -> Result<C::Return, ChainError> {
    let value = match answer {
        Ok(value) => value,
        Err(error @ RpcError::Refused { .. }) => return Err(ChainError::Refused(refusal(&error))),
        Err(error) => return Err(unreachable(error)),
    };
    let garbled = || ChainError::Unreachable(format!("{} of {contract:?} does not read", C::SIGNATURE));
    let text = value.as_str().and_then(|text| text.strip_prefix("0x")).ok_or_else(garbled)?;
    let bytes = hex::decode(text).map_err(|_| garbled())?;
    // An account without code answers every call with nothing.
    if bytes.is_empty() {
        return Err(ChainError::NoVault(contract));
    }
    C::abi_decode_returns_validate(&bytes).map_err(|_| garbled())
}

fn event(log: LogText) -> Option<ChainEvent> {
    let (name, fields) = ChainEvent::read(&log.topics, &log.data)?;
    Some(ChainEvent {
        block: log.block_number.to(),
        block_hash: Digest(log.block_hash.0),
        index: log.log_index.to(),
        contract: Address(log.address.into()),
        name,
        fields,
    })
}

pub(super) fn quantity(number: u64) -> String {
    format!("{number:#x}")
}

pub(super) fn hex0x(bytes: impl AsRef<[u8]>) -> String {
    format!("0x{}", hex::encode(bytes))
}
