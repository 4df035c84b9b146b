//! Submission against a chain that only remembers: what is sent, and what never is.

use ringfence_oracle::chain::{Block, BondView, Chain, ChainError, ChainEvent, Outcome, Phase, Sent, VaultView};
use ringfence_oracle::instruction::NO_INTEREST;
use ringfence_oracle::protocol::message::MarginInstruction;
use ringfence_oracle::protocol::units::{Amount, Bps, SignedAmount, Timestamp};
use ringfence_oracle::protocol::{Address, Digest};
use ringfence_oracle::submit::{submit, Submission, SubmitError};

/// A vault that takes what follows its sequence and counts what it was sent.
struct Memory {
    view: VaultView,
    sent: usize,
}

impl Chain for Memory {
    type Receipt = u64;

    fn chain_id(&mut self) -> Result<u64, ChainError> {
        Ok(1)
    }

    fn finalised(&mut self) -> Result<Block, ChainError> {
        Ok(Block::default())
    }

    fn block(&mut self, _: u64) -> Result<Option<Block>, ChainError> {
        Ok(None)
    }

    fn vault(&mut self, _: Address) -> Result<VaultView, ChainError> {
        Ok(self.view.clone())
    }

    fn bond(&mut self, bond: Address) -> Result<BondView, ChainError> {
        Err(ChainError::NoVault(bond))
    }

    fn events(&mut self, _: &[Address], _: u64, _: u64) -> Result<Vec<ChainEvent>, ChainError> {
        Ok(Vec::new())
    }

    fn pursue(&mut self) -> Result<Vec<Outcome>, ChainError> {
        Ok(Vec::new())
    }

    fn settle(&mut self, instruction: &MarginInstruction, signatures: &[u8]) -> Result<Sent<u64>, ChainError> {
        self.sent += 1;
        if signatures.is_empty() {
            return Err(ChainError::Refused("QuorumNotMet".to_owned()));
        }
        self.view.sequence = instruction.sequence;
        self.view.valuation_time = instruction.valuation_time;
        Ok(Sent::Final(instruction.sequence))
    }
}

fn chain() -> Memory {
    let view = VaultView {
        sequence: 4,
        valuation_time: Timestamp::new(100),
        portfolio_root: Digest([3; 32]),
        terms_hash: Digest([2; 32]),
        phase: Phase::Active,
        ..VaultView::default()
    };
    Memory { view, sent: 0 }
}

fn instruction(sequence: u64) -> MarginInstruction {
    MarginInstruction {
        vault: Address([1; 20]),
        terms_hash: Digest([2; 32]),
        sequence,
        valuation_time: Timestamp::new(100 + sequence),
        expiry: Timestamp::new(1_000),
        portfolio_root: Digest([3; 32]),
        entitlement_a: SignedAmount::ZERO,
        initial_margin_a: Amount::ZERO,
        initial_margin_b: Amount::ZERO,
        tail_requirement: Amount::ZERO,
        interest_index: NO_INTEREST,
        fee_rate: Bps::new(0),
        collateral: Vec::new(),
        market_data_root: Digest([4; 32]),
        model_version: 1,
    }
}

#[test]
fn a_retry_after_a_lost_answer_sends_nothing() {
    let mut chain = chain();
    assert_eq!(submit(&mut chain, &instruction(5), &[1]), Ok(Submission::Settled(5)));
    assert_eq!(submit(&mut chain, &instruction(5), &[1]), Ok(Submission::AlreadySettled));
    assert_eq!(chain.sent, 1);
}

#[test]
fn what_the_vault_would_refuse_is_never_sent() {
    let mut chain = chain();
    for sequence in [3, 4, 6] {
        let error = submit(&mut chain, &instruction(sequence), &[1]).unwrap_err();
        assert!(matches!(error, SubmitError::Sequence { expected: 5, found, .. } if found == sequence));
    }
    let mut other = instruction(5);
    other.portfolio_root = Digest([9; 32]);
    assert!(matches!(submit(&mut chain, &other, &[1]), Err(SubmitError::Mismatch { what: "portfolio", .. })));
    let mut other = instruction(5);
    other.terms_hash = Digest([9; 32]);
    assert!(matches!(submit(&mut chain, &other, &[1]), Err(SubmitError::Mismatch { what: "terms hash", .. })));
    chain.view.phase = Phase::Defaulted;
    assert!(matches!(submit(&mut chain, &instruction(5), &[1]), Err(SubmitError::Closed(_))));
    assert_eq!(chain.sent, 0);
}

#[test]
fn the_vaults_own_refusal_is_passed_on_by_name() {
    let error = submit(&mut chain(), &instruction(5), &[]).unwrap_err();
    assert_eq!(error.to_string(), "the vault refused: QuorumNotMet");
}
