//! Messages to a vault, valid unless a test changes them, and their signatures.

use crate::{calls, Stage};
use ringfence_devchain::{h160_of, CallReport, Located};
use ringfence_protocol::{
    message::{CloseOutDetermination, MarginInstruction, MutualTermination, PortfolioAgreement},
    units::{Amount, SignedAmount, Timestamp},
    Digest, Party,
};

/// Time that a message stays valid, seconds.
const VALIDITY: u64 = 600;

/// The figures of a valuation, base units.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    /// A's cumulative entitlement.
    pub x: i128,
    /// A's initial margin.
    pub margin_a: u128,
    /// B's initial margin.
    pub margin_b: u128,
    /// Tail to be covered.
    pub tail: u128,
}

impl Stage {
    /// The next instruction of a pair: valued now, in sequence, of its portfolio and terms.
    pub fn instruction(&mut self, index: usize, mark: Mark) -> MarginInstruction {
        let sequence = self.status(index).valuation.sequence + 1;
        let now = self.session.now();
        let pair = &self.pairs[index];
        MarginInstruction {
            vault: h160_of(pair.vault),
            terms_hash: pair.terms_hash,
            sequence,
            valuation_time: Timestamp::new(now),
            expiry: Timestamp::new(now + VALIDITY),
            portfolio_root: pair.portfolio_root,
            entitlement_a: SignedAmount::new(mark.x),
            initial_margin_a: Amount::new(mark.margin_a),
            initial_margin_b: Amount::new(mark.margin_b),
            tail_requirement: Amount::new(mark.tail),
            interest_index: pair.interest_index,
            fee_rate: pair.fee_rate,
            collateral: pair.marks.clone(),
            market_data_root: Digest::repeat_byte(0x4d),
            model_version: 1,
        }
    }

    /// A determination that `defaulter` owes `amount`.
    pub fn determination(&mut self, index: usize, defaulter: Party, amount: i128) -> CloseOutDetermination {
        CloseOutDetermination {
            sequence: 1,
            defaulter: self.pairs[index].party(defaulter).h160(),
            amount: SignedAmount::new(amount),
            evidence_root: Digest::repeat_byte(0xe7),
            expiry: self.expiry(),
        }
    }

    /// The next version of a pair's portfolio.
    pub fn agreement(&mut self, index: usize, version: u64, root: Digest) -> PortfolioAgreement {
        let terms_hash = self.pairs[index].terms_hash;
        PortfolioAgreement { version, portfolio_root: root, terms_hash, expiry: self.expiry() }
    }

    /// An end at which A has been owed `entitlement` in all.
    pub fn termination(&mut self, index: usize, entitlement: i128) -> MutualTermination {
        let nonce = self.status(index).valuation.sequence + 1;
        let (terms_hash, entitlement_a) = (self.pairs[index].terms_hash, SignedAmount::new(entitlement));
        MutualTermination { terms_hash, nonce, entitlement_a, expiry: self.expiry() }
    }

    /// The end of a message's validity.
    pub fn expiry(&mut self) -> Timestamp {
        Timestamp::new(self.session.now() + VALIDITY)
    }

    /// Signatures of the agent's keys with these indices, in this order; ascending indices are ascending addresses.
    pub fn signed_by(&self, keys: &[usize], digest: Digest) -> Vec<u8> {
        keys.iter().flat_map(|key| calls::signature(&self.agents[*key], digest)).collect()
    }

    /// Submits an instruction with the signatures of these keys.
    #[track_caller]
    pub fn settle(&mut self, index: usize, message: &MarginInstruction, keys: &[usize]) -> CallReport<()> {
        let pair = &self.pairs[index];
        let (vault, signatures) = (pair.vault, self.signed_by(keys, pair.digest(message)));
        let keeper = self.keeper.clone();
        self.must(&keeper, vault, calls::settle(message, signatures)).map(drop)
    }

    /// Submits a determination with the signatures of these keys.
    #[track_caller]
    pub fn close_out(&mut self, index: usize, message: &CloseOutDetermination, keys: &[usize]) -> CallReport<()> {
        let pair = &self.pairs[index];
        let (vault, signatures) = (pair.vault, self.signed_by(keys, pair.digest(message)));
        let keeper = self.keeper.clone();
        self.must(&keeper, vault, calls::close_out(message, signatures)).map(drop)
    }

    /// Both parties agree on the first portfolio.
    pub fn agree(&mut self, index: usize) {
        let root = self.pairs[index].portfolio_root;
        let message = self.agreement(index, 1, root);
        self.submit_agreement(index, &message);
    }

    /// Submits a portfolio signed by both parties.
    pub fn submit_agreement(&mut self, index: usize, message: &PortfolioAgreement) {
        let pair = self.pairs[index].clone();
        let keeper = self.keeper.clone();
        let digest = pair.digest(message);
        let call = calls::agree(message, &pair, digest);
        self.must(&keeper, pair.vault, call);
        self.pairs[index].portfolio_root = message.portfolio_root;
    }

    /// Submits a termination signed by both parties.
    pub fn terminate(&mut self, index: usize, message: &MutualTermination) -> CallReport<()> {
        let pair = self.pairs[index].clone();
        let keeper = self.keeper.clone();
        let digest = pair.digest(message);
        let call = calls::terminate(message, &pair, digest);
        self.must(&keeper, pair.vault, call).map(drop)
    }
}
