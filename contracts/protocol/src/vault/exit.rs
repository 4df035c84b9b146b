use super::{DefaultCase, Effects, Env, RunOff, Valuation, Vault, VaultError, VaultEvent};
use crate::{
    units::{Amount, Seconds, Timestamp},
    Party,
};

/// From the entity's run-off to the moment either party may leave at the last value.
pub const RUN_OFF_NOTICE: Seconds = Seconds::DAY;

impl Vault {
    /// A party leaves at the last value after the oracle has been silent for the time-out.
    pub(super) fn leave_silent_oracle(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        self.agreement.party(env.caller)?;
        self.check_active()?;
        if self.state.valuation == Valuation::NoPortfolio {
            return Err(VaultError::NoPortfolio);
        }
        if env.now.since(self.state.oracle_seen) <= self.agreement.terms.periods.oracle_timeout {
            return Err(VaultError::OracleNotTimedOut);
        }
        self.leave_at_last_value(env, fx)
    }

    /// A party or the entity lets the pair run off: it takes no new trades and ends when the last one has.
    pub(super) fn begin_run_off(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        let by_entity = env.caller == self.agreement.terms.entity;
        if !by_entity {
            self.agreement.party(env.caller)?;
        }
        self.check_open()?;
        match self.standing.run_off {
            // The entity's notice gives the parties a right that a party's own run-off does not.
            Some(RunOff { by_entity: false, .. }) if by_entity => {}
            Some(_) => return Err(VaultError::RunningOff),
            None => {}
        }
        self.standing.run_off = Some(RunOff { by_entity, since: env.now });
        fx.events.push(VaultEvent::RunOffBegun { by: env.caller });
        Ok(())
    }

    /// Closes a pair that runs off once nothing is at risk any more: no requirement but the independent amounts, no tail,
    /// nothing missing or disputed, by a fresh valuation. What a threshold left uncollateralised is paid. Anyone may.
    pub(super) fn close_run_off(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        self.check_active()?;
        if self.standing.run_off.is_none() {
            return Err(VaultError::NotRunningOff);
        }
        if self.state.valuation != Valuation::NoPortfolio {
            self.check_nothing_at_risk(env)?;
        }
        let debtor = if self.state.outstanding(Party::A)?.get() > 0 { Party::A } else { Party::B };
        let owed = self.state.outstanding(debtor)?.positive_part();
        if self.state.pay(debtor, owed)? != owed {
            return Err(VaultError::TerminationUnfunded);
        }
        self.close(fx);
        Ok(())
    }

    /// A party leaves a pair that the entity runs off.
    pub(super) fn leave_run_off(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        self.agreement.party(env.caller)?;
        self.check_active()?;
        let Some(RunOff { by_entity: true, since }) = self.standing.run_off else {
            return Err(VaultError::NotRunningOff);
        };
        self.leave_after(since.after(RUN_OFF_NOTICE)?, env, fx)
    }

    fn check_nothing_at_risk(&self, env: &Env) -> Result<(), VaultError> {
        let state = &self.state;
        state.check_fresh(env, &self.agreement)?;
        if state.disputed.a || state.disputed.b {
            return Err(VaultError::DisputeOpen);
        }
        let only_independent = Party::BOTH
            .into_iter()
            .all(|party| *state.required.of(party) <= self.agreement.terms.csa.of(party).independent_amount);
        if !only_independent || state.tail_requirement != Amount::ZERO {
            return Err(VaultError::StillAtRisk);
        }
        Ok(())
    }

    /// A party leaves at the last value, by a fresh valuation, once a notice that it may has run `over`.
    pub(super) fn leave_after(&mut self, over: Timestamp, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        if env.now <= over {
            return Err(VaultError::NoticeRunning);
        }
        self.state.check_fresh(env, &self.agreement)?;
        self.leave_at_last_value(env, fx)
    }

    /// If the debtor's margin pays what is owed, nobody is in default. Otherwise the debtor is: its call is overdue, it
    /// leaves itself, or a threshold left what it owes uncalled, and the rest runs through its collateral and the
    /// waterfall. Nobody can take its place, because the other side is leaving. Leaving ends nobody else's dispute before
    /// its time.
    fn leave_at_last_value(&mut self, env: &Env, fx: &mut Effects) -> Result<(), VaultError> {
        let party = self.agreement.party(env.caller)?;
        if self.disputes.open.of(party.other()).is_some_and(|dispute| env.now <= dispute.deadline) {
            return Err(VaultError::DisputeOpen);
        }
        self.lapse_all(env, fx)?;
        let debtor = if self.state.outstanding(Party::A)?.get() > 0 { Party::A } else { Party::B };
        let claim = self.state.outstanding(debtor)?;
        let owed = claim.positive_part();
        if owed <= *self.state.margin.of(debtor) {
            self.state.pay(debtor, owed)?;
            self.close(fx);
            return Ok(());
        }
        if debtor != party && self.state.call.of(debtor).is_some_and(|call| env.now <= call.deadline) {
            return Err(VaultError::CallNotDue);
        }
        let case = DefaultCase { determined: Some(claim), ends_pair: true, ..Default::default() };
        self.begin_case(env, fx, debtor, case)?;
        if self.auction_blocks(env, debtor, owed)? {
            return self.begin_auction(env, fx);
        }
        self.close_out(fx, debtor, env.now, claim)
    }
}
