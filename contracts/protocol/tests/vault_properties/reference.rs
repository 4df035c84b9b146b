//! What the vault should compute, in plain integers, written apart from the crate.

use crate::machine::Machine;
use alloy_primitives::U512;
use ringfence_protocol::{
    terms::Terms,
    units::Amount,
    vault::{Phase, Valuation},
    Party,
};

pub(crate) fn side(party: Party) -> usize {
    match party {
        Party::A => 0,
        Party::B => 1,
    }
}

pub(crate) fn number(amount: Amount) -> i128 {
    i128::try_from(amount.get()).expect("bounded")
}

/// `x` as money moving from B to A if `creditor` is A, else the other way.
pub(crate) fn towards(creditor: Party, x: u128) -> i128 {
    let x = i128::try_from(x).expect("bounded");
    if creditor == Party::A {
        x
    } else {
        -x
    }
}

/// `a * b / c`, rounded down.
pub(crate) fn mul_div(a: u128, b: u128, c: u128) -> u128 {
    (U512::from(a) * U512::from(b) / U512::from(c)).to::<u128>()
}

/// What a CSA's debtor has beyond its threshold to have posted, positive to A.
fn target(x: i128, terms: &Terms) -> i128 {
    let threshold = |party: Party| number(terms.csa.of(party).threshold);
    if x > 0 {
        (x - threshold(Party::B)).max(0)
    } else {
        (x + threshold(Party::A)).min(0)
    }
}

/// The delivery that a CSA asks for, in signed integers: positive to A. `unpaid` is what each side owed before.
pub(crate) fn reference_due(x: i128, balance: i128, unpaid: [u128; 2], terms: &Terms) -> i128 {
    let change = target(x, terms) - balance;
    let debtor = if change >= 0 { Party::B } else { Party::A };
    let own = terms.csa.of(debtor);
    let (minimum, rounding) = (number(own.minimum_transfer_amount), number(own.rounding_amount).max(1));
    let (sign, size) = (change.signum(), change.abs());
    // What the debtor holds of the creditor's goes back first, rounded down; its own is delivered, rounded up.
    let held = (-balance * sign).max(0);
    let returned = size.min(held) / rounding * rounding;
    let delivered = ((size - held).max(0) + rounding - 1) / rounding * rounding;
    let total = returned + delivered;
    let new = if total < minimum { 0 } else { total };
    let before = i128::try_from(unpaid[side(debtor)]).expect("bounded").min(size);
    sign * new.max(before)
}

/// The interest on a posted balance from one index to the next.
pub(crate) fn reference_interest(settled: i128, from: u128, to: u128) -> i128 {
    if from == 0 {
        return 0;
    }
    let grown = i128::try_from(mul_div(settled.unsigned_abs(), to, from)).expect("bounded");
    settled.signum() * grown - settled
}

impl Machine {
    /// Whether the last instruction is of the agreed portfolio and terms, and no older than they allow.
    pub(crate) fn is_fresh(&self) -> bool {
        let Some((last, _)) = self.instructions.last() else { return false };
        let state = &self.world.vault.state;
        let age = self.world.now - last.valuation_time.get();
        state.valuation == Valuation::Current && age <= self.terms().periods.max_staleness.get()
    }

    /// What a side has to hold in cash.
    pub(crate) fn needed(&self, party: Party) -> u128 {
        let state = &self.world.vault.state;
        let required = state.required.of(party).get().saturating_sub(state.credit.of(party).get());
        required + state.deficit.of(party).get()
    }

    pub(crate) fn disputed(&self) -> bool {
        let open = &self.world.vault.disputes.open;
        open.a.is_some() || open.b.is_some()
    }

    pub(crate) fn withdrawable(&self, party: Party) -> u128 {
        let state = &self.world.vault.state;
        let margin = self.world.margin(party);
        let window = self.terms().periods.dispute;
        let now = ringfence_protocol::units::Timestamp::new(self.world.now);
        match state.phase {
            Phase::Closed { .. } => margin,
            Phase::Active if self.portfolios == 0 => margin,
            Phase::Active if state.call.of(party).is_none() && !self.disputed() && self.is_fresh() => {
                let held = state.disputable(now, window, party).expect("in range").get();
                margin.saturating_sub(self.needed(party)).saturating_sub(held)
            }
            _ => 0,
        }
    }

    /// As of when a loss of one of `parties` is judged: its call, if it has one; a day earlier if that may have waited for
    /// the notification time.
    pub(crate) fn judged(&self, at: u64, parties: &[Party]) -> u64 {
        let periods = self.terms().periods;
        let called = |party: &Party| -> Option<u64> {
            let call = (*self.world.vault.state.call.of(*party))?;
            let notified = call.deadline.get() - periods.cure.get();
            let waited = if notified % 86_400 == periods.notification.get() { 86_400 } else { 0 };
            Some(notified - waited)
        };
        parties.iter().filter_map(called).chain([at]).min().expect("not empty")
    }

    /// What each layer could pay: from its waiting period to its end, while the owners are attested, and all layers together
    /// no more than what had been at risk beyond first loss, judged as of the call of one of `parties`.
    pub(crate) fn live_cover(&self, at: u64, parties: &[Party]) -> Vec<u128> {
        let judged = self.judged(at, parties);
        let first_loss = self.world.vault.state.first_loss.get();
        let mut limits = Vec::new();
        for layer in self.world.vault.cover.layers() {
            let (begins, ends) = (layer.starts.get() + layer.waiting.get(), layer.ends.get());
            let live = layer.starts.get() <= judged && begins <= judged && at <= ends && at <= self.attested;
            let remaining = if live { layer.limit.get() - layer.claimed.get() } else { 0 };
            let below: u128 = limits.iter().sum();
            let most = self.recorded_exposure(judged, layer.waiting.get());
            let room = most.map_or(u128::MAX, |tail| tail.saturating_sub(first_loss).saturating_sub(below));
            limits.push(remaining.min(room));
        }
        limits
    }

    /// What the vault takes for the tail that had been at risk all the waiting period; nothing if no portfolio is younger.
    pub(crate) fn recorded_exposure(&self, at: u64, waiting: u64) -> Option<u128> {
        let record = self.world.vault.cover.eligibility()?;
        let [older, newer] = record.exposures.map(|exposure| (exposure.at.get(), exposure.tail.get()));
        let aged = |since: u64| at.saturating_sub(since) >= waiting;
        if aged(record.valued_since.get()) {
            None
        } else if aged(newer.0) {
            Some(newer.1)
        } else {
            Some(newer.1.min(older.1))
        }
    }

    /// The least tail that a portfolio had when it was replaced in the last `span`; nothing if none was.
    pub(crate) fn least_tail(&self, at: u64, span: u64) -> Option<u128> {
        self.changes.iter().filter(|(when, _)| when + span > at).map(|(_, tail)| *tail).min()
    }

    /// Positive if `debtor` has not paid all of the last value.
    pub(crate) fn last_value_claim(&self, debtor: Party) -> i128 {
        let state = &self.world.vault.state;
        let owed_to_a = state.entitlement.get() - state.settled.get();
        if debtor == Party::B {
            owed_to_a
        } else {
            -owed_to_a
        }
    }

    /// How a loss runs through margin, first loss and layers, and what nothing reaches.
    pub(crate) fn reference_waterfall(&self, defaulter: Party, since: u64, loss: u128) -> (Vec<u128>, u128) {
        let state = &self.world.vault.state;
        let mut limits = vec![self.world.margin(defaulter), state.first_loss.get()];
        limits.extend(self.live_cover(since, &[defaulter]));
        let mut left = loss;
        let parts = limits
            .into_iter()
            .map(|limit| {
                let taken = left.min(limit);
                left -= taken;
                taken
            })
            .collect();
        (parts, left)
    }
}
