use super::LossTime;
use crate::{
    layout::{fixed, stored_fixed, Fixed, Malformed, Sink, Source},
    terms::Periods,
    units::{Amount, ArithmeticError, Seconds, SignedAmount, Timestamp, Wad},
    Pair, Party,
};

/// Where a pair stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Waiting for both parties to accept the terms; holds no margin.
    #[default]
    Proposed,
    /// Running.
    Active,
    /// A party is in default: its side is being replaced, or the close-out amount paid.
    Defaulted {
        /// Who.
        party: Party,
        /// Since when.
        since: Timestamp,
    },
    /// Over: everybody takes out what is theirs.
    Closed {
        /// Whose default ended it, if one did.
        defaulter: Option<Party>,
    },
}

/// What is known about the agreed portfolio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Valuation {
    /// There is no portfolio yet.
    #[default]
    NoPortfolio,
    /// The last instruction valued an earlier version: nothing is known about the new trades.
    Outdated,
    /// The last instruction valued the agreed version.
    Current,
}

/// An open margin call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarginCall {
    /// What is missing, as of the last instruction and the deposits since; zero while all of it is disputed.
    pub amount: Amount,
    /// The last moment at which a deposit meets it without a default being possible.
    pub deadline: Timestamp,
}

/// A's entitlement before a stretch of instructions: what was said since can be disputed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The entitlement.
    pub entitlement: SignedAmount,
    /// When the first instruction of the stretch took effect.
    pub at: Timestamp,
}

/// The ledger of one pair: what settlement, deposit and withdrawal read and write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VaultState {
    /// Where the pair stands.
    pub phase: Phase,
    /// What is known about the portfolio.
    pub valuation: Valuation,
    /// Who accepted the terms.
    pub accepted: Pair<bool>,
    /// Whose dispute is open.
    pub disputed: Pair<bool>,
    /// Each side's margin in the settlement asset, posted and received; its own property.
    pub margin: Pair<Amount>,
    /// What each side has to post, as of the last instruction.
    pub required: Pair<Amount>,
    /// What each side's collateral counts for against that, as of the last marks.
    pub credit: Pair<Amount>,
    /// What each side owes the other and could not pay.
    pub deficit: Pair<Amount>,
    /// What each side owes by the last instruction, has not paid and disputes.
    pub suspended: Pair<Amount>,
    /// Each side's open margin call.
    pub call: Pair<Option<MarginCall>>,
    /// The entity's capital, ring-fenced to this pair.
    pub first_loss: Amount,
    /// Fees that the entity has earned and not taken out.
    pub fees_due: Amount,
    /// The posted balance: what has moved to A since inception, grown by the interest that A owes on it.
    pub settled: SignedAmount,
    /// A's cumulative entitlement in the last instruction.
    pub entitlement: SignedAmount,
    /// The interest index of the last instruction; zero before the first.
    pub interest_index: Wad,
    /// Loss beyond initial margin to be covered, in the last instruction.
    pub tail_requirement: Amount,
    /// The last two stretches of instructions, older first, each at least a dispute window long.
    pub baselines: [Baseline; 2],
    /// The last instruction's sequence.
    pub sequence: u64,
    /// The last instruction's valuation time.
    pub valuation_time: Timestamp,
    /// When the last instruction was accepted, the first portfolio agreed, or a successor came: the oracle's time-out and
    /// the fee run from here.
    pub oracle_seen: Timestamp,
}

impl Fixed for Phase {
    const SIZE: usize = 10;

    #[inline(always)]
    fn put(&self, sink: &mut Sink<'_>) {
        let never = Timestamp::new(0);
        let (kind, party, since) = match *self {
            Self::Proposed => (0u8, Party::A, never),
            Self::Active => (1, Party::A, never),
            Self::Defaulted { party, since } => (2, party, since),
            Self::Closed { defaulter: None } => (3, Party::A, never),
            Self::Closed { defaulter: Some(party) } => (4, party, never),
        };
        kind.put(sink);
        party.put(sink);
        since.put(sink);
    }

    #[inline(always)]
    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        let (kind, party, since) = (u8::take(source)?, Party::take(source)?, Timestamp::take(source)?);
        Ok(match kind {
            0 => Self::Proposed,
            1 => Self::Active,
            2 => Self::Defaulted { party, since },
            3 => Self::Closed { defaulter: None },
            4 => Self::Closed { defaulter: Some(party) },
            _ => return Err(Malformed),
        })
    }
}

impl Fixed for Valuation {
    const SIZE: usize = 1;

    #[inline(always)]
    fn put(&self, sink: &mut Sink<'_>) {
        let kind: u8 = match self {
            Self::NoPortfolio => 0,
            Self::Outdated => 1,
            Self::Current => 2,
        };
        kind.put(sink);
    }

    #[inline(always)]
    fn take(source: &mut Source<'_>) -> Result<Self, Malformed> {
        match u8::take(source)? {
            0 => Ok(Self::NoPortfolio),
            1 => Ok(Self::Outdated),
            2 => Ok(Self::Current),
            _ => Err(Malformed),
        }
    }
}

fixed!(MarginCall { amount: Amount, deadline: Timestamp });
fixed!(Baseline { entitlement: SignedAmount, at: Timestamp });
fixed!(VaultState {
    phase: Phase,
    valuation: Valuation,
    accepted: Pair<bool>,
    disputed: Pair<bool>,
    margin: Pair<Amount>,
    required: Pair<Amount>,
    credit: Pair<Amount>,
    deficit: Pair<Amount>,
    suspended: Pair<Amount>,
    call: Pair<Option<MarginCall>>,
    first_loss: Amount,
    fees_due: Amount,
    settled: SignedAmount,
    entitlement: SignedAmount,
    interest_index: Wad,
    tail_requirement: Amount,
    baselines: [Baseline; 2],
    sequence: u64,
    valuation_time: Timestamp,
    oracle_seen: Timestamp,
});
stored_fixed!(VaultState);

impl VaultState {
    /// The largest size of the encoded ledger; a storage value on the chain is at most 416 bytes.
    pub const MAX_ENCODED: usize = 400;

    /// What this ledger owes; [`super::Vault::liabilities`] adds what is kept beside it.
    pub(super) fn liabilities(&self) -> Result<Amount, ArithmeticError> {
        self.margin.a.add(self.margin.b)?.add(self.first_loss)?.add(self.fees_due)
    }

    /// What `party` has to hold in the settlement asset: the requirement that its collateral does not meet, and what it
    /// owes.
    fn needed(&self, party: Party) -> Result<Amount, ArithmeticError> {
        self.required.of(party).saturating_sub(*self.credit.of(party)).add(*self.deficit.of(party))
    }

    /// What `party` lacks.
    pub fn shortfall(&self, party: Party) -> Result<Amount, ArithmeticError> {
        Ok(self.needed(party)?.saturating_sub(*self.margin.of(party)))
    }

    /// A default of one of `parties` now, judged as of its call if it has one that it did not meet.
    pub(super) fn loss_time(&self, now: Timestamp, periods: &Periods, parties: &[Party]) -> LossTime {
        let called = |party: &Party| self.call.of(*party).map(|call| periods.called_at_earliest(call.deadline));
        let judged = parties.iter().filter_map(called).fold(now, Timestamp::min);
        LossTime { at: now, judged }
    }

    /// What `party` has beyond what it has to hold.
    pub fn excess(&self, party: Party) -> Result<Amount, ArithmeticError> {
        Ok(self.margin.of(party).saturating_sub(self.needed(party)?))
    }

    /// What `debtor` owes by the last instruction beyond what has moved, seen from the other side.
    pub fn outstanding(&self, debtor: Party) -> Result<SignedAmount, ArithmeticError> {
        let owed_to_a = self.entitlement.sub(self.settled)?;
        match debtor {
            Party::B => Ok(owed_to_a),
            Party::A => owed_to_a.negate(),
        }
    }

    /// What instructions gave `creditor` that the other side can still dispute.
    pub fn disputable(&self, now: Timestamp, window: Seconds, creditor: Party) -> Result<Amount, ArithmeticError> {
        if window == Seconds::ZERO || now.since(self.oracle_seen) > window {
            return Ok(Amount::ZERO);
        }
        let [older, newer] = self.baselines;
        let from = if now.since(newer.at) < window { older } else { newer };
        Ok(self.entitlement.sub(from.entitlement)?.owed_to(creditor))
    }

    /// Begins a new stretch once the current one is a dispute window long. The one before it is kept, unless nothing in it
    /// is recent enough to be disputed.
    pub(super) fn roll_baselines(&mut self, now: Timestamp, window: Seconds) {
        let [_, newer] = self.baselines;
        if now.since(newer.at) < window {
            return;
        }
        let next = Baseline { entitlement: self.entitlement, at: now };
        let older = if now.since(self.oracle_seen) > window { next } else { newer };
        self.baselines = [older, next];
    }

    /// What was said in favour of `creditor` was decided and can't be disputed again. What was said against it still can
    /// be, or the end of one side's dispute would take the other side's away.
    pub(super) fn decide_baselines(&mut self, creditor: Party) -> Result<(), ArithmeticError> {
        for baseline in &mut self.baselines {
            if !self.entitlement.sub(baseline.entitlement)?.owed_to(creditor).is_zero() {
                baseline.entitlement = self.entitlement;
            }
        }
        Ok(())
    }

    /// Nothing said before `now` can be disputed any more.
    pub(super) fn reset_baselines(&mut self, now: Timestamp) {
        self.baselines = [Baseline { entitlement: self.entitlement, at: now }; 2];
    }

    /// Moves up to `due` from `debtor`'s margin into the other side's and returns what moved.
    pub(super) fn pay(&mut self, debtor: Party, due: Amount) -> Result<Amount, ArithmeticError> {
        let creditor = debtor.other();
        let paid = due.min(*self.margin.of(debtor));
        self.margin.of_mut(debtor).take(paid)?;
        self.margin.of_mut(creditor).put(paid)?;
        self.settled = self.settled.add(SignedAmount::owing(creditor, paid)?)?;
        Ok(paid)
    }

    /// Pays what `party` owes as far as its margin reaches and returns what moved.
    pub(super) fn pay_deficit(&mut self, party: Party) -> Result<Amount, ArithmeticError> {
        let paid = self.pay(party, *self.deficit.of(party))?;
        self.deficit.of_mut(party).take(paid)?;
        Ok(paid)
    }

    /// A closed pair requires nothing of anybody.
    pub(super) fn clear_requirements(&mut self) {
        self.required = Default::default();
        self.deficit = Default::default();
        self.suspended = Default::default();
        self.call = Default::default();
        self.tail_requirement = Amount::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Agreement, *};
    use scale::{Decode, Encode, MaxEncodedLen};

    #[test]
    fn every_phase_and_valuation_is_stored_and_read_back() {
        let since = Timestamp::new(7);
        let phases = [
            Phase::Proposed,
            Phase::Active,
            Phase::Defaulted { party: Party::A, since },
            Phase::Defaulted { party: Party::B, since },
            Phase::Closed { defaulter: None },
            Phase::Closed { defaulter: Some(Party::A) },
            Phase::Closed { defaulter: Some(Party::B) },
        ];
        let call = Some(MarginCall { amount: Amount::new(5), deadline: since });
        for phase in phases {
            for valuation in [Valuation::NoPortfolio, Valuation::Outdated, Valuation::Current] {
                let state = VaultState { phase, valuation, call: Pair { a: None, b: call }, ..VaultState::default() };
                let stored = state.encode();
                assert_eq!(stored.len(), VaultState::max_encoded_len());
                assert_eq!(VaultState::decode(&mut stored.as_slice()), Ok(state));
                assert!(VaultState::decode(&mut &stored[1..]).is_err());
            }
        }
    }

    #[test]
    fn the_ledger_fits_one_storage_value() {
        assert!(VaultState::max_encoded_len() <= VaultState::MAX_ENCODED, "{}", VaultState::max_encoded_len());
    }

    #[test]
    fn the_terms_fit_one_storage_value() {
        assert!(Agreement::max_encoded_len() <= 416, "{}", Agreement::max_encoded_len());
    }

    #[test]
    fn what_was_said_within_the_window_can_be_disputed_and_nothing_older() {
        let window = Seconds::new(100);
        let mut state = VaultState::default();
        let mut instruct = |at: u64, entitlement: i128| {
            let now = Timestamp::new(at);
            state.roll_baselines(now, window);
            state.entitlement = SignedAmount::new(entitlement);
            state.oracle_seen = now;
            move |later: u64| state.disputable(Timestamp::new(later), window, Party::A).expect("in range").get()
        };
        assert_eq!(instruct(1_000, 10)(1_100), 10);
        let disputable = instruct(1_090, 30);
        assert_eq!([disputable(1_099), disputable(1_190), disputable(1_191)], [30, 30, 0]);
        // A stretch ends at the first instruction a window after it began; the one of 1,090 is still in the window.
        assert_eq!(instruct(1_150, 70)(1_150), 70);
        // After a silence longer than the window only the new instruction counts.
        assert_eq!(instruct(1_300, 75)(1_300), 5);
    }
}
