//! Every invariant, after every step.

use crate::{
    action::{Action, Who},
    machine::{Checked, Machine, ASSETS},
};
use proptest::prelude::*;
use ringfence_protocol::{
    units::Amount,
    vault::{Layer, Phase, VaultError},
    Party,
};

impl Machine {
    /// Whether an action that needs somebody's leave had it, and an action that had to be accepted was.
    pub(crate) fn check_prediction(&self, before: &Self, action: &Action, result: Result<(), VaultError>) -> Checked {
        let accepted = result.is_ok();
        let most = Amount::MAX.get();
        let exactly = match action {
            Action::Settle(settlement) => Some(before.settles(settlement)),
            Action::Replay(_) => Some(false),
            Action::Deposit(who, value) => Some(is_party(*who) && before.is_active() && *value > 0 && *value <= most),
            Action::Withdraw(who, size) => Some(match who {
                Who::Party(party) => {
                    let cap = before.withdrawable(*party);
                    let value = size.of(cap);
                    value > 0 && value <= most && value <= cap
                }
                _ => false,
            }),
            Action::Agree { by_both } => Some(*by_both && before.is_active() && before.takes_new_risk()),
            Action::Rotate { by_both } => Some(*by_both),
            Action::Attest(who, span) => {
                let open = matches!(before.phase(), Phase::Proposed | Phase::Active);
                Some(*who == Who::Entity && open && before.attested_by(*span) != before.attested)
            }
            Action::NoticeRotation(who) => Some(*who == Who::Entity && before.is_active()),
            Action::TakeUpRotation => Some(before.is_active() && before.may_take_up()),
            Action::TransferClaim(who, estate, to) => {
                let creditor = before.world.vault.estates.0.get(*estate).map(|estate| estate.creditor);
                let address = |who: Who| who.address(&before.world);
                let pledged = !matches!(before.phase(), Phase::Closed { .. }) && is_party(*who);
                Some(creditor == Some(address(*who)) && address(*who) != address(Who::Successor(*to)) && !pledged)
            }
            Action::Accept(Who::Party(party)) => {
                let state = &before.world.vault.state;
                Some(state.phase == Phase::Proposed && !*state.accepted.of(*party))
            }
            Action::DeclareDefault(who, party) => Some(before.may_default(*who, *party)),
            _ => None,
        };
        if let Some(expected) = exactly {
            prop_assert_eq!(accepted, expected, "accepted or refused against the rules: {:?}", result);
        }
        prop_assert!(!accepted || may(action), "accepted from somebody who may not");
        Ok(())
    }

    /// From a week, or the oracle's time-out and a day, after the notice, for two weeks.
    fn may_take_up(&self) -> bool {
        let disputes = self.world.vault.disputes.open;
        self.world.vault.standing.rotation.as_ref().is_some_and(|notice| {
            let in_time = notice.due.get() < self.world.now && self.world.now <= notice.expires.get();
            in_time && disputes.a.is_none() && disputes.b.is_none() && notice.disputes == self.disputes
        })
    }

    fn takes_new_risk(&self) -> bool {
        let standing = &self.world.vault.standing;
        standing.run_off.is_none() && self.world.now > standing.paused_until.get()
    }

    fn may_default(&self, who: Who, party: Party) -> bool {
        let call = self.world.vault.state.call.of(party);
        let overdue = call.is_some_and(|call| self.world.now > call.deadline.get() && !call.amount.is_zero());
        let held = self.world.vault.disputes.open.of(party.other()).is_some();
        self.is_active() && self.portfolios > 0 && self.is_fresh() && (who == Who::Party(party) || (overdue && !held))
    }

    pub(crate) fn check_all(&self, before: &Self, action: &Action) -> Checked {
        self.check_conserve()?;
        self.check_once()?;
        self.check_no_key(before, action)?;
        self.check_calls(before, action)?;
        self.check_cover()?;
        self.check_disputes()?;
        self.check_outcome(before, action)
    }

    /// CONSERVE: each account holds what is owed in its asset and what was sent by mistake, and nothing else.
    fn check_conserve(&self) -> Checked {
        for (asset, donated) in ASSETS.into_iter().zip(self.donated) {
            prop_assert_eq!(self.world.surplus(asset), donated, "CONSERVE: {:?}", asset);
        }
        let collectable: u128 =
            self.world.credits.iter().filter(|((_, asset), _)| *asset == ASSETS[0]).map(|(_, value)| value).sum();
        prop_assert_eq!(self.world.vault.standing.collectable.get(), collectable, "CONSERVE: collectable");
        prop_assert_eq!(self.world.vault.standing.reserve.get(), self.reserve, "CONSERVE: reserve");
        let open = &self.world.vault.disputes.open;
        let disputed: u128 =
            [open.a, open.b].into_iter().flatten().map(|dispute| dispute.escrowed.get() + dispute.deposit.get()).sum();
        let bid = self.world.vault.case.bid.map_or(0, |bid| bid.posted.get());
        let estates = self.world.vault.estates.0.iter().flat_map(|estate| estate.layers);
        let recovered: u128 = estates.map(|layer| layer.recovered.get()).sum();
        prop_assert_eq!(self.world.vault.standing.escrow.get(), disputed + bid + recovered, "CONSERVE: escrow");
        Ok(())
    }

    /// ONCE: as many steps of each counter as messages took effect.
    fn check_once(&self) -> Checked {
        let vault = &self.world.vault;
        prop_assert_eq!(vault.state.sequence, u64::try_from(self.instructions.len()).expect("small"), "ONCE");
        prop_assert_eq!(vault.mandate.portfolio_version, self.portfolios, "ONCE");
        prop_assert_eq!(vault.standing.close_out_sequence, self.determinations, "ONCE");
        prop_assert_eq!(vault.standing.amendments, self.amendments, "ONCE");
        prop_assert_eq!(vault.mandate.epoch, self.rotations, "ONCE");
        prop_assert_eq!(vault.disputes.count, self.disputes, "ONCE");
        Ok(())
    }

    /// NO-KEY: nobody but a party, a valid instruction, a signed agreement, a dispute or the waterfall lowers a party's
    /// margin or takes its collateral.
    fn check_no_key(&self, before: &Self, action: &Action) -> Checked {
        for party in Party::BOTH {
            if self.world.margin(party) < before.world.margin(party) {
                prop_assert!(may_lower_margin(action, party), "NO-KEY: margin of {:?} by {:?}", party, action);
            }
            for index in [0, 1] {
                if self.world.posted(party, index) < before.world.posted(party, index) {
                    prop_assert!(
                        may_take_collateral(action, party),
                        "NO-KEY: collateral of {:?} by {:?}",
                        party,
                        action
                    );
                }
            }
        }
        Ok(())
    }

    /// A call is open exactly while something callable is missing, and nothing but an outage, an extension or a
    /// replacement moves its deadline, never back.
    fn check_calls(&self, before: &Self, action: &Action) -> Checked {
        if !self.is_active() {
            return Ok(());
        }
        let stays = before.is_active();
        for party in Party::BOTH {
            let state = &self.world.vault.state;
            let shortfall = self.needed(party).saturating_sub(self.world.margin(party));
            let deficit = !state.deficit.of(party).is_zero();
            let minimum = self.terms().csa.of(party).minimum_transfer_amount.get();
            let opens = deficit || (shortfall > 0 && shortfall >= minimum);
            let missing = deficit || shortfall > 0 || !state.suspended.of(party).is_zero();
            let was = if stays { *before.world.vault.state.call.of(party) } else { None };
            if stays {
                let is_open = missing && (opens || was.is_some());
                let told = state.call.of(party).map(|call| call.amount.get());
                prop_assert_eq!(told, is_open.then_some(shortfall), "call of {:?}", party);
            }
            if let (Some(was), Some(is)) = (was, state.call.of(party)) {
                let silence = before.world.now - before.world.vault.state.oracle_seen.get();
                let outage = matches!(action, Action::Settle(_)) && silence > self.terms().periods.max_staleness.get();
                let moved = outage || matches!(action, Action::Extend { .. });
                prop_assert!(was.deadline == is.deadline || moved, "a deadline moved");
                prop_assert!(is.deadline >= was.deadline, "a deadline moved back");
            }
            prop_assert!(!deficit || self.world.margin(party) == 0, "a deficit beside margin");
        }
        Ok(())
    }

    fn check_cover(&self) -> Checked {
        for layer in self.world.vault.cover.layers() {
            prop_assert!(layer.claimed <= layer.limit, "more claimed than there was");
        }
        self.check_eligibility()?;
        prop_assert!(self.world.vault.estates.0.len() <= ringfence_protocol::vault::MAX_ESTATES);
        Ok(())
    }

    /// What the vault keeps of former portfolios is enough: for each layer past its waiting period, never more than had been at
    /// risk all the time, and never less than the least of three waiting periods and the time that portfolios stood unvalued.
    fn check_eligibility(&self) -> Checked {
        let (now, layers) = (self.world.now, self.world.vault.cover.layers());
        prop_assert_eq!(self.world.vault.cover.attested_until().get(), self.attested, "attested owners");
        let longest = layers.iter().map(|layer| layer.waiting.get()).max().unwrap_or(0);
        let counts = |layer: &&Layer| layer.starts.get() + layer.waiting.get() <= now && now <= layer.ends.get();
        for layer in layers.iter().filter(counts) {
            let waiting = layer.waiting.get();
            let (kept, exact) = (self.recorded_exposure(now, waiting), self.least_tail(now, waiting));
            let old = waiting == 0 || self.valued.is_some_and(|since| since + waiting <= now);
            prop_assert_eq!(kept.is_none(), old, "a portfolio grows old from its first valuation on");
            prop_assert!(kept.is_none() || kept <= exact.or(kept), "more than was at risk: {:?} of {:?}", kept, exact);
            let least = self.least_tail(now, 3 * longest + self.time_unvalued()).unwrap_or(u128::MAX);
            prop_assert!(kept.unwrap_or(u128::MAX) >= least, "less than was ever at risk: {:?} of {}", kept, least);
        }
        Ok(())
    }

    /// A dispute is open in the ledger exactly if it is in the file, and never outside of a running pair.
    fn check_disputes(&self) -> Checked {
        for party in Party::BOTH {
            let open = self.world.vault.disputes.open.of(party);
            prop_assert_eq!(open.is_some(), *self.world.vault.state.disputed.of(party));
            prop_assert!(open.is_none() || self.is_active(), "a dispute outside of a running pair");
            let suspended = self.world.vault.state.suspended.of(party);
            prop_assert!(*suspended <= open.map_or(Amount::ZERO, |dispute| dispute.suspended));
        }
        Ok(())
    }

    /// What an accepted action has to have done.
    fn check_outcome(&self, before: &Self, action: &Action) -> Checked {
        if let (Action::Settle(settlement), true) = (action, self.instructions.len() > before.instructions.len()) {
            self.check_settled(before, settlement)?;
        }
        self.check_ended(before, action)
    }
}

fn is_party(who: Who) -> bool {
    matches!(who, Who::Party(_))
}

/// False for what only somebody else may do, whatever the state.
fn may(action: &Action) -> bool {
    match action {
        Action::Accept(who)
        | Action::Deposit(who, _)
        | Action::Withdraw(who, _)
        | Action::Post(who, ..)
        | Action::TakeBack(who, ..)
        | Action::Substitute(who, ..)
        | Action::Dispute(who, _)
        | Action::Approve(who, _)
        | Action::Revoke(who, _)
        | Action::AcceptBid(who)
        | Action::Leave(who)
        | Action::LeaveRotation(who)
        | Action::LeaveRunOff(who) => is_party(*who),
        Action::BeginRunOff(who) => is_party(*who) || *who == Who::Entity,
        Action::Pause(who, _)
        | Action::AddFirstLoss { who, .. }
        | Action::ReleaseFirstLoss(who, _)
        | Action::AddReserve(who, _)
        | Action::CollectFees(who)
        | Action::Attest(who, _)
        | Action::NoticeRotation(who)
        | Action::WithdrawRotation(who)
        | Action::RegisterCover { who, .. } => *who == Who::Entity,
        Action::Agree { by_both }
        | Action::ResolveDispute { by_both, .. }
        | Action::Terminate { by_both, .. }
        | Action::Amend { by_both, .. }
        | Action::Rotate { by_both } => *by_both,
        Action::Extend { by_other, .. } => *by_other,
        Action::DetermineDispute { everyone, .. } => *everyone,
        Action::Determine { of_defaulter, .. } => *of_defaulter,
        _ => true,
    }
}

fn ends_something(action: &Action) -> bool {
    matches!(
        action,
        Action::AcceptBid(_)
            | Action::Determine { .. }
            | Action::Resolve(_)
            | Action::Leave(_)
            | Action::LeaveRunOff(_)
            | Action::LeaveRotation(_)
            | Action::DeclareDefault(..)
    )
}

fn may_lower_margin(action: &Action, party: Party) -> bool {
    let by_dispute =
        matches!(action, Action::DetermineDispute { .. } | Action::ResolveDispute { .. } | Action::LapseDispute(_));
    let by_other = matches!(action, Action::Dispute(Who::Party(other), _) if *other == party.other());
    let by_itself = matches!(action, Action::Withdraw(Who::Party(own), _) if *own == party);
    let valued = matches!(action, Action::Settle(_) | Action::Terminate { .. } | Action::CloseRunOff);
    by_dispute || by_other || by_itself || valued || ends_something(action)
}

fn may_take_collateral(action: &Action, party: Party) -> bool {
    let by_itself = matches!(action,
        Action::TakeBack(Who::Party(own), ..) | Action::Substitute(Who::Party(own), ..) if *own == party);
    by_itself || matches!(action, Action::Buy { .. }) || ends_something(action)
}
