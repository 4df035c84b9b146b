//! A node to test against: JSON-RPC over a real socket, in front of a chain with a few vaults that can be told to fail.

use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{Transaction, TxEnvelope};
use alloy_eips::eip2718::Decodable2718;
use alloy_primitives::{keccak256, Address, B256};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use ringfence_bindings::{IMarginVault, ITailRiskBond};
use serde_json::{json, Value};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

pub(crate) const CHAIN_ID: u64 = 420;
/// When the only layer ends, and the attestation of owners.
pub(crate) const COVER_ENDS: u64 = 2_000_000_000;

/// What a vault has to know for a `settle`.
#[derive(Clone, Debug)]
pub(crate) struct SimVault {
    pub(crate) terms_hash: B256,
    pub(crate) portfolio_root: B256,
    pub(crate) max_move: u128,
    pub(crate) sequence: u64,
    pub(crate) valuation_time: u64,
    pub(crate) entitlement: i128,
    pub(crate) bond: Address,
}

#[derive(Clone, Debug)]
pub(crate) struct SimBlock {
    pub(crate) number: u64,
    pub(crate) hash: B256,
    pub(crate) time: u64,
    vaults: BTreeMap<Address, SimVault>,
    nonces: BTreeMap<Address, u64>,
    receipts: Vec<Receipt>,
}

/// Hash, good, and the log if any.
type Receipt = (B256, bool, Option<(Address, IMarginVault::Settled)>);

/// What the server does instead of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Garbage,
    Slow(u64),
    Refuse,
    Close,
    Status,
    WrongId,
    Huge,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) blocks: Vec<SimBlock>,
    pub(crate) finalised: u64,
    pub(crate) mempool: BTreeMap<(Address, u64), (TxEnvelope, B256)>,
    pub(crate) faults: Vec<Fault>,
    /// Transactions are swallowed without a trace.
    pub(crate) losing: bool,
    /// Whatever is included reverts.
    pub(crate) reverting: bool,
    /// The answer to a transaction is lost, the transaction is not.
    pub(crate) deaf: bool,
    pub(crate) gas_price: u128,
    pub(crate) time: u64,
    /// Raw transactions in the order in which they came.
    pub(crate) received: Vec<B256>,
    pub(crate) questions: usize,
    branch: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Sim {
    state: Arc<Mutex<State>>,
    address: SocketAddr,
}

impl Sim {
    pub(crate) fn start(vaults: Vec<(Address, SimVault)>, time: u64) -> Self {
        let genesis = SimBlock {
            number: 0,
            hash: keccak256(b"genesis"),
            time,
            vaults: vaults.into_iter().collect(),
            nonces: BTreeMap::new(),
            receipts: vec![],
        };
        let state = State {
            blocks: vec![genesis],
            finalised: 0,
            mempool: BTreeMap::new(),
            faults: vec![],
            losing: false,
            reverting: false,
            deaf: false,
            gas_price: 1_000,
            time,
            received: vec![],
            questions: 0,
            branch: 0,
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sim = Self { state: Arc::new(Mutex::new(state)), address: listener.local_addr().unwrap() };
        let state = Arc::clone(&sim.state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                std::thread::spawn(move || connection(stream, &state));
            }
        });
        sim
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn fault(&self, fault: Fault, times: usize) {
        self.state().faults = vec![fault; times];
    }

    /// One block with everything that can go in.
    pub(crate) fn mine(&self) {
        self.state().mine();
    }

    pub(crate) fn finalise(&self) {
        let mut state = self.state();
        state.finalised = state.blocks.last().unwrap().number;
    }

    pub(crate) fn mine_and_finalise(&self) {
        self.mine();
        self.finalise();
    }

    /// Replaces the last blocks by as many empty ones; what was in them is forgotten.
    pub(crate) fn reorganise(&self, depth: usize) {
        let mut state = self.state();
        state.branch += 1;
        let keep = state.blocks.len() - depth;
        state.blocks.truncate(keep);
        let held: Vec<_> = std::mem::take(&mut state.mempool).into_iter().collect();
        for _ in 0..depth {
            state.mine();
        }
        state.mempool = held.into_iter().collect();
    }

    pub(crate) fn sequence(&self, vault: Address) -> u64 {
        self.state().blocks.last().unwrap().vaults[&vault].sequence
    }
}

impl State {
    pub(crate) fn set_portfolio(&mut self, vault: Address, root: B256) {
        self.blocks.last_mut().unwrap().vaults.get_mut(&vault).unwrap().portfolio_root = root;
    }

    fn mine(&mut self) {
        let last = self.blocks.last().unwrap();
        self.time = self.time.max(last.time);
        let number = last.number + 1;
        let hash = keccak256(format!("{number} {} {}", self.branch, last.hash));
        let mut block = SimBlock { number, hash, time: self.time, receipts: vec![], ..last.clone() };
        let (mut rest, time) = (BTreeMap::new(), self.time);
        for (key, (transaction, hash)) in std::mem::take(&mut self.mempool) {
            let nonce = block.nonces.entry(key.0).or_default();
            if key.1 > *nonce {
                rest.insert(key, (transaction, hash));
                continue;
            }
            if key.1 < *nonce {
                continue;
            }
            *nonce += 1;
            let outcome = transaction.to().filter(|to| block.vaults.contains_key(to)).map(|to| {
                let vault = block.vaults.get_mut(&to).unwrap();
                let done = if self.reverting { Err(vec![]) } else { settle(vault, transaction.input(), time) };
                (to, done)
            });
            let (good, log) = match outcome {
                None => (true, None),
                Some((to, Ok(event))) => (true, Some((to, event))),
                Some((_, Err(_))) => (false, None),
            };
            block.receipts.push((hash, good, log));
        }
        self.mempool = rest;
        self.blocks.push(block);
    }

    fn at(&self, tag: &Value) -> Option<&SimBlock> {
        match tag.as_str()? {
            "latest" | "pending" => self.blocks.last(),
            "finalized" => self.blocks.get(usize::try_from(self.finalised).unwrap()),
            text => self.blocks.get(usize::from_str_radix(text.strip_prefix("0x")?, 16).ok()?),
        }
    }

    fn answer(&mut self, method: &str, params: &Value) -> Result<Value, (i64, String, Option<String>)> {
        let hash_of = |value: &Value| value.as_str().and_then(|text| text.parse::<B256>().ok());
        match method {
            "eth_chainId" => Ok(json!(format!("{CHAIN_ID:#x}"))),
            "eth_gasPrice" => Ok(json!(format!("{:#x}", self.gas_price))),
            "eth_maxPriorityFeePerGas" => Err((-32601, "no market for tips".to_owned(), None)),
            "eth_getBlockByNumber" => Ok(self.at(&params[0]).map_or(Value::Null, |block| {
                json!({ "number": format!("{:#x}", block.number), "hash": block.hash, "timestamp": format!("{:#x}", block.time) })
            })),
            "eth_getTransactionCount" => {
                let account: Address = params[0].as_str().unwrap().parse().unwrap();
                let mut count = self.at(&params[1]).unwrap().nonces.get(&account).copied().unwrap_or_default();
                while params[1] == "pending" && self.mempool.contains_key(&(account, count)) {
                    count += 1;
                }
                Ok(json!(format!("{count:#x}")))
            }
            "eth_call" => self.call(params),
            "eth_estimateGas" => {
                let to: Address = params[0]["to"].as_str().unwrap().parse().unwrap();
                let data = hex::decode(params[0]["data"].as_str().unwrap().trim_start_matches("0x")).unwrap();
                let mut vault = self.blocks.last().unwrap().vaults.get(&to).cloned();
                match vault.as_mut().map(|vault| settle(vault, &data, self.time)) {
                    Some(Err(revert)) => Err((3, "execution reverted".to_owned(), Some(format!("0x{}", hex::encode(revert))))),
                    _ => Ok(json!("0x186a0")),
                }
            }
            "eth_getBalance" => Ok(json!("0xde0b6b3a7640000")),
            "eth_getTransactionByHash" => {
                let hash = hash_of(&params[0]).unwrap();
                let known = self.mempool.values().any(|(_, known)| *known == hash)
                    || self.blocks.iter().any(|block| block.receipts.iter().any(|(known, ..)| *known == hash));
                Ok(if known { json!({ "hash": hash }) } else { Value::Null })
            }
            "eth_getTransactionReceipt" => {
                let hash = hash_of(&params[0]).unwrap();
                let found = self.blocks.iter().find_map(|block| {
                    block.receipts.iter().find(|(known, ..)| *known == hash).map(|(_, good, _)| {
                        json!({ "blockHash": block.hash, "blockNumber": format!("{:#x}", block.number), "status": if *good { "0x1" } else { "0x0" } })
                    })
                });
                Ok(found.unwrap_or(Value::Null))
            }
            "eth_getLogs" => Ok(self.logs(&params[0])),
            "eth_sendRawTransaction" => self.take(params[0].as_str().unwrap()),
            other => Err((-32601, format!("no method {other}"), None)),
        }
    }

    fn take(&mut self, raw: &str) -> Result<Value, (i64, String, Option<String>)> {
        let bytes = hex::decode(raw.trim_start_matches("0x")).unwrap();
        let hash = keccak256(&bytes);
        let transaction = TxEnvelope::decode_2718(&mut bytes.as_slice()).unwrap();
        let sender = transaction.recover_signer().unwrap();
        assert_eq!(transaction.chain_id(), Some(CHAIN_ID));
        self.received.push(hash);
        if self.losing {
            return Ok(json!(hash));
        }
        let used = self.blocks.last().unwrap().nonces.get(&sender).copied().unwrap_or_default();
        if transaction.nonce() < used {
            return Err((-32000, "nonce too low".to_owned(), None));
        }
        let key = (sender, transaction.nonce());
        if let Some((held, held_hash)) = self.mempool.get(&key) {
            if *held_hash == hash {
                return Err((-32000, "already known".to_owned(), None));
            }
            if transaction.max_fee_per_gas() * 10 < held.max_fee_per_gas() * 11 {
                return Err((-32000, "replacement transaction underpriced".to_owned(), None));
            }
        }
        self.mempool.insert(key, (transaction, hash));
        Ok(json!(hash))
    }

    fn logs(&self, filter: &Value) -> Value {
        let bound = |name: &str| self.at(&filter[name]).map_or(u64::MAX, |block| block.number);
        let (from, to) = (bound("fromBlock"), bound("toBlock"));
        let blocks = self.blocks.iter().filter(|block| (from..=to).contains(&block.number));
        let logs = blocks.flat_map(|block| {
            block.receipts.iter().filter_map(|(_, _, log)| log.as_ref()).zip(0_u64..).map(|((vault, event), index)| {
                let log = event.encode_log_data();
                json!({ "address": vault, "topics": log.topics(), "data": log.data, "blockNumber": format!("{:#x}", block.number),
                    "blockHash": block.hash, "logIndex": format!("{index:#x}") })
            })
        });
        Value::Array(logs.collect())
    }

    fn call(&self, params: &Value) -> Result<Value, (i64, String, Option<String>)> {
        let to: Address = params[0]["to"].as_str().unwrap().parse().unwrap();
        let data = hex::decode(params[0]["data"].as_str().unwrap().trim_start_matches("0x")).unwrap();
        let block = self.at(&params[1]).ok_or((-32000, "no such block".to_owned(), None))?;
        let hex0x = |bytes: Vec<u8>| Ok(json!(format!("0x{}", hex::encode(bytes))));
        if block.vaults.values().any(|vault| vault.bond == to) {
            let status = ITailRiskBond::SeriesStatus {
                phase: 2,
                face: 900,
                principal: 800,
                premium: 7,
                sponsorDue: 0,
                reserve: 0,
                maturity: 2_000_000_000,
                claimsUntil: 2_000_100_000,
                spread: 850,
                locked: 0,
                lost: 100,
                recovered: 0,
            };
            return hex0x(ITailRiskBond::statusCall::abi_encode_returns(&status));
        }
        let Some(vault) = block.vaults.get(&to) else { return hex0x(vec![]) };
        let selector: [u8; 4] = data[..4].try_into().unwrap();
        match selector {
            IMarginVault::statusCall::SELECTOR => hex0x(IMarginVault::statusCall::abi_encode_returns(&status(vault))),
            IMarginVault::mandateCall::SELECTOR => {
                let mandate = IMarginVault::MandateStatus {
                    portfolioVersion: 1,
                    portfolioRoot: vault.portfolio_root,
                    signerEpoch: 0,
                };
                hex0x(IMarginVault::mandateCall::abi_encode_returns(&mandate))
            }
            IMarginVault::termsHashCall::SELECTOR => {
                hex0x(IMarginVault::termsHashCall::abi_encode_returns(&vault.terms_hash))
            }
            IMarginVault::termsCall::SELECTOR => hex0x(IMarginVault::termsCall::abi_encode_returns(&terms(vault))),
            IMarginVault::layerCall::SELECTOR if data[35] == 0 && vault.bond != Address::ZERO => {
                let layer = IMarginVault::Layer {
                    bond: vault.bond,
                    limit: 900,
                    claimed: 100,
                    starts: 1,
                    ends: COVER_ENDS,
                    waiting: 60,
                };
                hex0x(IMarginVault::layerCall::abi_encode_returns(&layer))
            }
            _ => Err((
                3,
                "execution reverted".to_owned(),
                Some(format!("0x{}", hex::encode(IMarginVault::NothingDue {}.abi_encode()))),
            )),
        }
    }
}

/// A vault's rules, as far as a client can notice them.
fn settle(vault: &mut SimVault, data: &[u8], now: u64) -> Result<IMarginVault::Settled, Vec<u8>> {
    let call = IMarginVault::settleCall::abi_decode(data).map_err(|_| IMarginVault::MalformedInput {}.abi_encode())?;
    let instruction = call.signed.instruction;
    if instruction.sequence <= vault.sequence {
        return Err(IMarginVault::SequenceReplayed {}.abi_encode());
    }
    if instruction.sequence > vault.sequence + 1 {
        return Err(IMarginVault::SequenceSkipped {}.abi_encode());
    }
    if now > instruction.expiry {
        return Err(IMarginVault::Expired {}.abi_encode());
    }
    if call.signed.signatures.is_empty() || call.signed.signatures.len() % 65 != 0 {
        return Err(IMarginVault::MalformedSignatures {}.abi_encode());
    }
    vault.sequence = instruction.sequence;
    vault.valuation_time = instruction.valuationTime;
    vault.entitlement = instruction.entitlementA;
    Ok(IMarginVault::Settled {
        sequence: instruction.sequence,
        entitlement: instruction.entitlementA,
        interest: 0,
        transferred: 0,
        fee_a: 0,
        fee_b: 0,
        deficit_a: 0,
        deficit_b: 0,
        required_a: instruction.initialMarginA,
        required_b: instruction.initialMarginB,
        credit_a: 0,
        credit_b: 0,
    })
}

fn status(vault: &SimVault) -> IMarginVault::VaultStatus {
    let side = IMarginVault::PartyStatus {
        margin: 5_000_000,
        required: 4_000_000,
        credit: 0,
        deficit: 0,
        suspended: 0,
        excess: 0,
        withdrawable: 0,
        blockedBy: [0; 4].into(),
        callAmount: 0,
        callDeadline: 0,
    };
    IMarginVault::VaultStatus {
        phase: 1,
        defaulter: Address::ZERO,
        sides: [side.clone(), side],
        tail: IMarginVault::TailStatus {
            firstLoss: 100,
            liveCover: 800,
            tailRequirement: 950,
            tailGap: 50,
            coverLapses: COVER_ENDS,
            gapAfterLapse: 850,
        },
        valuation: IMarginVault::ValuationStatus {
            entitlementA: vault.entitlement,
            settledToA: 0,
            sequence: vault.sequence,
            valuationTime: vault.valuation_time,
            freshUntil: 0,
            oracleTimesOut: 0,
        },
        entity: IMarginVault::EntityStatus { feesDue: 0, pausedUntil: 0, runningOff: false, attestedUntil: COVER_ENDS },
    }
}

fn terms(vault: &SimVault) -> IMarginVault::CsaTerms {
    let csa =
        IMarginVault::PartyTerms { threshold: 0, minimumTransferAmount: 10, roundingAmount: 1, independentAmount: 0 };
    let periods = IMarginVault::Periods {
        cure: 3_600,
        notification: 0,
        maxStaleness: 900,
        dispute: 600,
        replacement: 0,
        closeOut: 3_600,
        auction: 3_600,
        oracleTimeout: 172_800,
    };
    IMarginVault::CsaTerms {
        asset: Address::ZERO,
        entity: Address::ZERO,
        rules: Address::ZERO,
        partyA: Address::ZERO,
        partyB: Address::ZERO,
        csa: [csa.clone(), csa],
        periods,
        limits: IMarginVault::Limits {
            maxMove: vault.max_move,
            disputeDeposit: 0,
            disputeTolerance: 0,
            feeCap: 50,
            tailShareA: 5_000,
        },
        collateral: vec![],
        signers: vec![],
        signerThreshold: 2,
    }
}

fn connection(stream: TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? <= 2 {
            break;
        }
        let lower = line.to_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let request: Value = serde_json::from_slice(&body).ok()?;
    let fault = {
        let mut state = state.lock().unwrap();
        state.questions += 1;
        state.faults.pop()
    };
    match fault {
        Some(Fault::Close) => return None,
        Some(Fault::Slow(ms)) => std::thread::sleep(Duration::from_millis(ms)),
        Some(Fault::Garbage) => return respond(&mut stream, "200 OK", b"<html>\x00\xff not JSON"),
        Some(Fault::Status) => return respond(&mut stream, "502 Bad Gateway", b"upstream is away"),
        Some(Fault::Huge) => return respond(&mut stream, "200 OK", &vec![b' '; 9 * 1024 * 1024]),
        _ => {}
    }
    let one = |request: &Value| {
        let id = if fault == Some(Fault::WrongId) { json!(999_999) } else { request["id"].clone() };
        if fault == Some(Fault::Refuse) {
            return json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32005, "message": "too many requests" } });
        }
        let answer = state.lock().unwrap().answer(request["method"].as_str().unwrap(), &request["params"]);
        match answer {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err((code, message, data)) => {
                json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message, "data": data } })
            }
        }
    };
    let answer = match &request {
        Value::Array(many) => Value::Array(many.iter().map(one).collect()),
        single => one(single),
    };
    if request["method"] == "eth_sendRawTransaction" && state.lock().unwrap().deaf {
        return None;
    }
    respond(&mut stream, "200 OK", answer.to_string().as_bytes())
}

fn respond(stream: &mut TcpStream, status: &str, body: &[u8]) -> Option<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()
}
