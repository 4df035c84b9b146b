//! A pair as the loop has it.

use crate::cycle::{can_follow, PairTerms, Record, Stage};
use crate::feed::coins_needed;
use crate::portfolio::Portfolio;
use crate::service::board::PairBoard;
use crate::symbol::{BySymbol, Symbol};
use crate::value::Looked;
use crate::Error;
use ringfence_protocol::signature::SignerSet;
use ringfence_protocol::units::{Amount, Seconds, Timestamp};
use ringfence_protocol::Digest;
use std::sync::Arc;

/// A pair to look after.
#[derive(Clone, Debug)]
pub struct PairPlan {
    /// What its instructions are made with.
    pub terms: PairTerms,
    /// What it holds.
    pub portfolio: Arc<Portfolio>,
    /// A change of X that leads to an instruction at once, base units.
    pub trigger: Amount,
    /// Longest time between two instructions.
    pub every: Seconds,
}

#[derive(Debug)]
pub(super) struct Live {
    pub(super) plan: PairPlan,
    pub(super) board: PairBoard,
    pub(super) coins: BySymbol<bool>,
    /// What it was worth when it was last looked at, and the coins that have moved since.
    pub(super) looked: Looked,
    pub(super) unseen: BySymbol<bool>,
    pub(super) root: Digest,
    /// The newest instruction.
    pub(super) last: Option<Record>,
    /// Why it can't be valued, marks apart.
    pub(super) failed: Option<String>,
    /// True if it was its margin that could not be computed: a look at its entitlement alone does not clear that.
    pub(super) margin_failed: bool,
    /// The coins whose fresh marks it lacks. Nothing is signed for it until it has them.
    pub(super) lacks: Option<String>,
    /// Why no instruction can follow the last one.
    pub(super) stuck: Option<String>,
    /// The number of the last instruction that was said to be late.
    pub(super) late: u64,
}

impl Live {
    /// True if an instruction could follow the last one now. What the vault has taken must show in its state first, or the
    /// same number would be proposed again.
    pub(super) fn is_waiting(&self, now: Timestamp) -> bool {
        let Some(view) = self.board.view.as_ref() else { return false };
        let follows = self.last.as_ref().is_none_or(|last| match last.stage {
            Stage::Settled => view.sequence >= last.message.sequence,
            Stage::Expired => true,
            Stage::Proposed | Stage::Signed | Stage::Sent(_) => false,
        });
        let newer = self.last.as_ref().is_none_or(|last| now > last.message.valuation_time);
        view.accepts_instructions() && now > view.valuation_time && follows && newer
    }

    /// The vault has the portfolio that is valued here.
    pub(super) fn is_agreed(&self) -> Result<(), Error> {
        match self.board.view.as_ref().filter(|view| view.portfolio_root != self.root) {
            None => Ok(()),
            Some(view) => Err(Error::Check(format!(
                "the vault has another portfolio ({:?}) than the file ({:?}); put the agreed one into place and restart",
                view.portfolio_root, self.root
            ))),
        }
    }

    pub(super) fn last_time(&self) -> Timestamp {
        self.board.view.as_ref().map_or(Timestamp::new(0), |view| view.valuation_time)
    }

    pub(super) fn is_late(&self, now: Timestamp) -> bool {
        now.since(self.last_time()) >= self.plan.every
    }

    pub(super) fn has_moved(&self, entitlement: i128) -> bool {
        let settled = self.board.view.as_ref().map_or(0, |view| view.entitlement_a.get());
        entitlement.abs_diff(settled) >= self.plan.trigger.get()
    }

    /// The number and expiry of a signed instruction that half its time was not enough for; once for each.
    pub(super) fn is_late_for(&mut self, chain_time: Timestamp) -> Option<(u64, Timestamp)> {
        let last = self.last.as_ref().filter(|last| matches!(last.stage, Stage::Signed | Stage::Sent(_)))?;
        let (message, number) = (&last.message, last.message.sequence);
        let left = message.expiry.since(chain_time);
        if number == self.late || left > chain_time.since(message.valuation_time) {
            return None;
        }
        let found = (number, message.expiry);
        self.late = number;
        Some(found)
    }

    pub(super) fn keep(&mut self, record: Record, set: &SignerSet) {
        self.board.trouble.clone_from(&record.trouble);
        self.stuck = stuck(&record, set);
        self.last = Some(record);
    }
}

/// Why no instruction can follow a record with these signers.
pub(super) fn stuck(record: &Record, set: &SignerSet) -> Option<String> {
    (!can_follow(record, set)).then(|| {
        let (number, needed) = (record.message.sequence, set.threshold());
        format!(
            "instruction {number} expired after it was signed; its signers sign no other for the number, and fewer than \
             {needed} are left: the parties have to rotate signers"
        )
    })
}

/// The coins that a pair needs at a moment and that have no fresh mark; nothing if there are none.
pub(super) fn lacks(portfolio: &Portfolio, now: Timestamp, fresh: &BySymbol<bool>) -> Option<String> {
    let needed = coins_needed(portfolio, now);
    let missing = Symbol::ALL.into_iter().filter(|symbol| needed[*symbol] && !fresh[*symbol]);
    let names: Vec<String> = missing.map(|symbol| symbol.to_string()).collect();
    (!names.is_empty()).then(|| format!("no fresh mark for {}", names.join(" and ")))
}

/// Coins whose marks a portfolio ever needs.
pub(super) fn coins(portfolio: &Portfolio) -> BySymbol<bool> {
    let mut coins = BySymbol::default();
    let positions = portfolio.positions().iter().flat_map(|position| position.instrument.coins());
    for symbol in positions.chain(portfolio.collateral().iter().map(|pledged| pledged.symbol)) {
        *coins.get_mut(symbol) = true;
    }
    coins
}
