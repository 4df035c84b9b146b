//! The replay: every bar through engine, signature and vault.

use crate::{
    cast::{self, USD},
    default::Defaulted,
    error::DemoError,
    outcome::{Bar, Point},
    world::World,
};
use alloy_primitives::Address;
use ringfence_bindings::IMarginVault::{self, CallMet, Settled};
use ringfence_devchain::CHAIN_ID;
use ringfence_oracle::{
    cycle::{instruct, PairTerms},
    inputs::Inputs,
    instruction::NO_INTEREST,
    portfolio::Portfolio,
    replay::{PairStep, Replay, Step},
    submit::Submission,
    symbol::Symbol,
};
use ringfence_protocol::units::Seconds;

/// How long an instruction stays valid: one bar.
const VALIDITY: Seconds = Seconds::new(300);

/// What a desk pays in beyond a call, so that the next bar does not call it again at once.
const CURE_BUFFER: u128 = 100_000 * USD;

/// A pair's day so far.
#[derive(Default)]
pub(crate) struct PairDay {
    pub(crate) points: Vec<Point>,
    pub(crate) calls: u32,
    pub(crate) cures: u32,
    pub(crate) moved: u128,
    pub(crate) deposited: (u128, u128),
    pub(crate) last_entitlement: i128,
    pub(crate) defaulted: Option<Defaulted>,
}

/// The day so far.
pub(crate) struct Day {
    pub(crate) bars: Vec<Bar>,
    pub(crate) pairs: Vec<PairDay>,
    pub(crate) settle_weights: Vec<(u64, u64)>,
}

/// Replays every bar; `progress` is told each.
pub(crate) fn replay(
    world: &mut World,
    inputs: &Inputs,
    portfolios: &[Portfolio],
    mut progress: impl FnMut(&Step),
) -> Result<Day, DemoError> {
    let mut day = Day {
        bars: Vec::new(),
        pairs: world.pairs.iter().map(PairDay::starting).collect(),
        settle_weights: Vec::new(),
    };
    let replay = Replay::new(inputs, portfolios)?;
    for step in replay {
        let step = step.map_err(ringfence_oracle::Error::from)?;
        world.session.set_time(step.valuation_time.get());
        day.bars.push(bar(&step));
        // A pending default comes first, so that nothing of another pair happens between default and payment.
        for pending in [true, false] {
            for (index, valued) in step.pairs.iter().enumerate() {
                if day.pairs[index].is_pending() == pending {
                    day.one(world, index, &step, valued)?;
                }
            }
        }
        progress(&step);
    }
    Ok(day)
}

impl PairDay {
    /// In default and not closed out yet.
    fn is_pending(&self) -> bool {
        self.defaulted.as_ref().is_some_and(|defaulted| defaulted.result.is_none())
    }

    fn starting(pair: &crate::world::LivePair) -> Self {
        Self { deposited: (pair.plan.a.margin, pair.plan.b.margin), ..Self::default() }
    }
}

impl Day {
    /// One pair, one bar.
    fn one(&mut self, world: &mut World, index: usize, step: &Step, valued: &PairStep) -> Result<(), DemoError> {
        if self.pairs[index].defaulted.is_some() {
            return self.close_out_if_due(world, index, step, valued);
        }
        self.meet_calls(world, index)?;
        self.settle(world, index, step, valued)?;
        self.default_if_due(world, index)
    }

    /// A desk that was called in an earlier bar pays from what its treasury has left.
    fn meet_calls(&mut self, world: &mut World, index: usize) -> Result<(), DemoError> {
        let status = world.status(world.pairs[index].vault)?;
        for (is_a, side) in [(true, &status.sides[0]), (false, &status.sides[1])] {
            let pair = &mut world.pairs[index];
            let (desk, left) =
                if is_a { (pair.a.clone(), &mut pair.treasury.0) } else { (pair.b.clone(), &mut pair.treasury.1) };
            let amount = (*left).min(side.callAmount + CURE_BUFFER);
            if side.callAmount == 0 || amount < side.callAmount {
                continue;
            }
            *left -= amount;
            let vault = pair.vault;
            world.mint(&desk, amount)?;
            world.approve(&desk, vault, amount)?;
            let report = world.call("cure of a margin call", &desk, vault, IMarginVault::depositCall { amount })?;
            let day = &mut self.pairs[index];
            day.cures += u32::try_from(report.events_from::<CallMet>(vault).len()).unwrap_or(u32::MAX);
            let total = if is_a { &mut day.deposited.0 } else { &mut day.deposited.1 };
            *total += amount;
            world.observe("cure of a margin call", &[vault])?;
        }
        Ok(())
    }

    /// Engine, signatures, vault.
    fn settle(&mut self, world: &mut World, index: usize, step: &Step, valued: &PairStep) -> Result<(), DemoError> {
        let vault = world.pairs[index].vault;
        let before = world.status(vault)?;
        let terms = PairTerms {
            chain_id: CHAIN_ID,
            vault: ringfence_devchain::h160_of(vault),
            validity: VALIDITY,
            interest_index: NO_INTEREST,
            fee_rate: cast::FEE_RATE,
        };
        // The way of the oracle's service, from the valuation to the vault.
        world.calls += 1;
        let (_, submission) = world.with_oracle(|parts| instruct(parts, &terms, &step.moment(), valued))?;
        if let Submission::Settled(report) = submission {
            self.settle_weights.push((report.weight.ref_time(), report.weight.proof_size()));
            let day = &mut self.pairs[index];
            day.cures += u32::try_from(report.events_from::<CallMet>(vault).len()).unwrap_or(u32::MAX);
            for settled in report.events_from::<Settled>(vault) {
                day.moved += settled.transferred.unsigned_abs();
            }
        }
        world.observe("settlement", &[vault])?;
        self.record(world, index, &before, step.valuation_time.get())
    }

    fn record(
        &mut self,
        world: &mut World,
        index: usize,
        before: &IMarginVault::VaultStatus,
        time: u64,
    ) -> Result<(), DemoError> {
        let status = world.status(world.pairs[index].vault)?;
        let day = &mut self.pairs[index];
        for (earlier, now) in [(&before.sides[0], &status.sides[0]), (&before.sides[1], &status.sides[1])] {
            if earlier.callAmount == 0 && now.callAmount > 0 {
                day.calls += 1;
            }
        }
        day.last_entitlement = status.valuation.entitlementA;
        day.points.push(Point {
            time,
            entitlement: status.valuation.entitlementA,
            margin: (status.sides[0].margin, status.sides[1].margin),
            required: (status.sides[0].required, status.sides[1].required),
            deficit: (status.sides[0].deficit, status.sides[1].deficit),
            tail: (status.tail.tailRequirement, status.tail.firstLoss + status.tail.liveCover),
        });
        Ok(())
    }
}

impl World {
    /// Checks the invariants after a step that may touch only `touched`.
    pub(crate) fn observe(&mut self, step: &str, touched: &[Address]) -> Result<(), DemoError> {
        let (session, watch) = (&mut self.session, &mut self.watch);
        watch.check(session, step, touched)
    }
}

fn bar(step: &Step) -> Bar {
    let marks = Symbol::ALL
        .into_iter()
        .filter_map(|symbol| step.marks[symbol].map(|price| (symbol.ticker().to_string(), price.to_string())))
        .collect();
    Bar { time: step.valuation_time.get(), marks }
}
