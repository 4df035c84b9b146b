//! The walk itself.

use crate::{
    cast::{Ending, CREDITORS},
    outcome::{Creditor, Holder, Outcome, Payout, Total},
    Plan,
};
use ringfence_bindings::{IEntity as entity, IMarginVault as vault, ITailRiskBond as bond};
use ringfence_devchain::{Actor, Located};
use ringfence_protocol::{
    entity::{CLAIMS_WINDOW, RESOLUTION_NOTICE, RUN_OFF_PAGE},
    Party,
};
use ringfence_suites::{Mark, Stage, DAY, INVESTED, MARGIN};

/// What is recovered from the estate of a defaulter long after, beyond what its survivor is still owed.
const RECOVERED_BEYOND: u128 = 5_000_000_000;
/// From the first report to the recovery, seconds.
const RECOVERY_AFTER: u64 = 100 * DAY;

/// Walks a whole resolution. `note` is told of each step.
///
/// # Panics
/// If any invariant fails: a call is refused that the rules allow, a contract holds something else than it owes, or anybody
/// gets anything else than the rules promise.
pub fn rehearse(plan: Plan, note: &mut dyn FnMut(&str)) -> Outcome {
    let mut walk = Walk::opened(plan, note);
    note("the resolution agent gave notice; seven days pass");
    walk.begin();
    note("the pairs end as their parties choose");
    walk.end_pairs();
    note("parties take out their margin");
    walk.parties_out();
    note("holders take out principal and premium");
    walk.holders_out();
    note("free capital is distributed to the creditors");
    walk.distribute();
    note("a recovery comes in a hundred days later");
    walk.recover();
    walk.outcome()
}

struct Walk {
    plan: Plan,
    stage: Stage,
    /// When the resolution started.
    start: u64,
    parties: Vec<Payout>,
    holders: Vec<Holder>,
    creditors: Vec<(Actor, u32, Creditor)>,
    reported_after: u64,
    checks: u32,
}

impl Walk {
    /// Pairs with margin, first loss and a valuation, a series on the first one's tail, creditors on the register.
    fn opened(plan: Plan, note: &mut dyn FnMut(&str)) -> Self {
        let mut stage = Stage::empty();
        for number in 0..plan.pairs {
            note(&format!("opening pair {} of {}", number + 1, plan.pairs));
            let index = stage.propose_pair();
            stage.start_pair(index);
        }
        stage.issue_full_series();
        let (admin, target) = (stage.admin.clone(), stage.entity);
        let mut creditors = Vec::new();
        for (name, class, amount) in CREDITORS {
            let holder = stage.session.eth_actor(name);
            let evidence = alloy_primitives::keccak256(name);
            let call = entity::admitClaimCall { class, holder: holder.address(), amount, evidence };
            let number = stage.must(&admin, target, call).returned;
            let row = Creditor { name: name.to_string(), class, claim: amount, promised: 0, got: 0, seconds: 0 };
            creditors.push((holder, number, row));
        }
        let (parties, holders) = Default::default();
        Self { plan, stage, start: 0, parties, holders, creditors, reported_after: 0, checks: 0 }
    }

    /// Notice, its end, and in the same second the defaults.
    fn begin(&mut self) {
        let (admin, keeper, target) = (self.stage.admin.clone(), self.stage.keeper.clone(), self.stage.entity);
        self.stage.must(&admin, target, entity::giveNoticeCall {});
        self.stage.session.advance(RESOLUTION_NOTICE.get() + 1);
        self.mark_all();
        for index in 0..self.plan.defaults {
            self.stage.give_up(index, Party::A);
        }
        self.stage.must(&keeper, target, entity::startResolutionCall {});
        self.start = self.stage.session.now();
        while self.stage.read(target, entity::statementCall {}).counts[1] < self.pairs() {
            self.stage.must(&keeper, target, entity::tellNextCall { most: RUN_OFF_PAGE });
        }
        self.check();
    }

    fn pairs(&self) -> u32 {
        u32::try_from(self.plan.pairs).expect("small")
    }

    /// A valuation of every pair that runs, at what it owes.
    fn mark_all(&mut self) {
        for index in 0..self.plan.pairs {
            if self.stage.status(index).phase == 1 {
                self.stage.mark(index, self.mark(index));
            }
        }
    }

    fn mark(&self, index: usize) -> Mark {
        Mark { x: -self.plan.owed_by_a(index), ..Mark::default() }
    }

    fn check(&mut self) {
        self.stage.assert_conserved();
        self.checks += 1;
    }

    fn end_pairs(&mut self) {
        // The agent determines the first default; the others end at the last value, once its time is over.
        // What it owes is what its margin has not paid yet.
        let claim = self.plan.owed_by_a(0) - i128::try_from(MARGIN).expect("small");
        if self.plan.defaults > 0 {
            let message = self.stage.determination(0, Party::A, claim);
            self.stage.close_out(0, &message, &[0, 1, 2]);
        }
        for index in 0..self.plan.pairs {
            if self.plan.ending(index) == Ending::Agreed {
                let message = self.stage.termination(index, -self.plan.owed_by_a(index));
                self.stage.terminate(index, &message);
            }
        }
        self.stage.session.advance(ringfence_suites::PERIODS.close_out.get() + 1);
        for index in 1..self.plan.defaults {
            self.stage.resolve_default(index);
        }
        self.check();
        self.stage.session.advance(DAY);
        for index in 0..self.plan.pairs {
            let running = self.stage.vault(index);
            match self.plan.ending(index) {
                Ending::Left => {
                    self.stage.mark(index, self.mark(index));
                    let leaver = self.stage.pairs[index].b.clone();
                    self.stage.must(&leaver, running, vault::leaveRunOffCall {});
                }
                Ending::RanOff => {
                    self.stage.mark(index, self.mark(index));
                    let keeper = self.stage.keeper.clone();
                    self.stage.must(&keeper, running, vault::closeRunOffCall {});
                }
                Ending::Default | Ending::Agreed => {}
            }
            assert_eq!(self.stage.status(index).phase, 3, "pair {} is closed", index + 1);
        }
        self.check();
    }

    fn parties_out(&mut self) {
        let (keeper, target) = (self.stage.keeper.clone(), self.stage.entity);
        for index in 0..self.plan.pairs {
            for (party, side) in [(Party::A, "A"), (Party::B, "B")] {
                let promised = self.plan.promised(index, party);
                let margin = self.stage.side(index, party).margin;
                assert_eq!(margin, promised, "margin of {side} of pair {}", index + 1);
                let before = self.held(index, party);
                if margin > 0 {
                    self.stage.withdraw(index, party, margin);
                }
                let got = self.held(index, party) - before;
                assert_eq!(got, promised, "payment to {side} of pair {}", index + 1);
                let ending = self.plan.ending(index).in_words();
                let seconds = self.stage.session.now() - self.start;
                let row =
                    Payout { pair: index + 1, side, ending, paid_in: MARGIN, promised, got, recovered: 0, seconds };
                self.parties.push(row);
            }
            let vault = self.stage.vault(index);
            self.stage.must(&keeper, target, entity::settlePairCall { vault });
        }
        self.check();
    }

    fn held(&mut self, index: usize, party: Party) -> u128 {
        let actor = self.stage.pairs[index].party(party).clone();
        self.stage.session.usdc(&actor)
    }

    /// Nothing can be claimed any more: anyone offers the end of the series, and with two thirds of the notes it comes.
    fn holders_out(&mut self) {
        let (keeper, target, series) = (self.stage.keeper.clone(), self.stage.entity, self.stage.bond());
        self.stage.must(&keeper, target, entity::commuteSeriesCall { bond: series });
        for index in 0..2 {
            let holder = self.stage.investor(index);
            self.stage.must(&holder, series, bond::agreeCall {});
        }
        let lost = self.stage.bond_status().lost;
        let invested: u128 = INVESTED.into_iter().sum();
        for (index, amount) in INVESTED.into_iter().enumerate() {
            let holder = self.stage.investor(index);
            let position = self.stage.position(&holder);
            let before = self.stage.session.usdc(&holder);
            self.stage.must(&holder, series, bond::collectCall {});
            let got = self.stage.session.usdc(&holder) - before;
            let written_down = (lost * amount).div_ceil(invested);
            assert_eq!(got, position.premium + position.redeemable, "what the series shows is what it pays");
            assert!(got >= amount - written_down, "a holder loses its part of the claim and no more");
            let (name, seconds) = (holder.name().to_string(), self.stage.session.now() - self.start);
            self.holders.push(Holder { name, invested: amount, lost: written_down, got, seconds });
        }
        self.stage.must(&keeper, target, entity::collectPremiumCall { bond: series });
        self.check();
    }

    /// Claims close; all that is free goes to the classes; every pair is ticked off, so the report is made.
    fn distribute(&mut self) {
        let (keeper, target) = (self.stage.keeper.clone(), self.stage.entity);
        self.stage.session.set_time(self.start + CLAIMS_WINDOW.get() + 1);
        let free = self.stage.read(target, entity::capitalCall {})._1;
        self.stage.must(&keeper, target, entity::distributeCall {});
        self.collect_claims(free);
        self.stage.must(&keeper, target, entity::reportCall {});
        self.reported_after = self.stage.session.now() - self.start;
        self.check();
    }

    /// Every creditor takes out what is its: `distributed` by class in order, pro rata in a class, rounded down.
    fn collect_claims(&mut self, distributed: u128) {
        let target = self.stage.entity;
        let totals = [0, 1, 2, 3]
            .map(|class| self.creditors.iter().filter(|row| row.2.class == class).map(|row| row.2.claim).sum::<u128>());
        let mut left = distributed;
        let assigned = totals.map(|total| {
            let given = left.min(total);
            left -= given;
            given
        });
        for row in 0..self.creditors.len() {
            let (holder, number, before) = self.creditors[row].clone();
            let class = usize::from(before.class);
            let promised = before.claim * assigned[class] / totals[class];
            if promised > before.got {
                self.stage.must(&holder, target, entity::collectClaimCall { number });
            }
            let got = self.stage.session.usdc(&holder);
            assert_eq!(got, promised, "payment to {}", before.name);
            let seconds = if got > before.got { self.stage.session.now() - self.start } else { before.seconds };
            self.creditors[row].2 = Creditor { promised, got, seconds, ..before };
        }
    }

    /// Money comes from the estate of the last defaulter: its survivor is made whole first, and what was the entity's capital
    /// reaches the creditors.
    fn recover(&mut self) {
        let (keeper, target) = (self.stage.keeper.clone(), self.stage.entity);
        let Some(index) = (1..self.plan.defaults).rev().find(|index| self.plan.residual(*index) > 0) else { return };
        self.stage.session.advance(RECOVERY_AFTER);
        let (running, residual) = (self.stage.vault(index), self.plan.residual(index));
        let amount = residual + RECOVERED_BEYOND;
        self.stage.fund(&keeper, running, amount);
        self.stage.must(&keeper, running, vault::recoverCall { recovery: vault::Recovery { estate: 0, amount } });
        let before = self.held(index, Party::B);
        self.stage.withdraw(index, Party::B, residual);
        let row = &mut self.parties[2 * index + 1];
        row.recovered = residual;
        assert_eq!(self.held(index, Party::B) - before, residual, "the survivor is whole");
        let release = entity::releaseCall { vault: running, amount: RECOVERED_BEYOND };
        self.stage.must(&keeper, target, release);
        let assigned = self.stage.read(target, entity::statementCall {}).classes.map(|class| class.assigned);
        self.stage.must(&keeper, target, entity::distributeCall {});
        self.collect_claims(assigned.into_iter().sum::<u128>() + RECOVERED_BEYOND);
        self.check();
    }

    fn outcome(mut self) -> Outcome {
        let target = self.stage.entity;
        let statement = self.stage.read(target, entity::statementCall {});
        let creditors: Vec<Creditor> = self.creditors.into_iter().map(|row| row.2).collect();
        let paid: u128 = creditors.iter().map(|row| row.got).sum();
        let dust = statement.classes.iter().map(|class| class.assigned - class.paid).sum();
        let total = Total {
            creditors: paid,
            dust,
            surplus: statement.surplus,
            seconds: self.reported_after,
            conserve_checks: self.checks,
        };
        Outcome { parties: self.parties, holders: self.holders, creditors, total }
    }
}
