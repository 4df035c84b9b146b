//! A default: declared by a keeper, closed out at the next bar's value, paid through the pair's own layers.

use crate::{
    day::Day,
    error::DemoError,
    invariants::Image,
    outcome::{DefaultTimes, Layer},
    world::{dollars, World},
};
use ringfence_bindings::IMarginVault::{self, ClosedOut};
use ringfence_devchain::h160_of;
use ringfence_oracle::{
    instruction::signed_amount,
    keccak::keccak256,
    replay::{PairStep, Step},
    sign::{pack, Needed, SigningRequest},
};
use ringfence_protocol::{
    message::CloseOutDetermination,
    units::{Seconds, SignedAmount},
};

/// What is known of a default.
pub(crate) struct Defaulted {
    /// True if A defaulted.
    pub(crate) is_a: bool,
    pub(crate) times: DefaultTimes,
    pub(crate) others_before: Vec<(String, Image)>,
    pub(crate) others_after: Vec<(String, Image)>,
    pub(crate) result: Option<CloseOutResult>,
}

/// What the close-out paid.
pub(crate) struct CloseOutResult {
    pub(crate) claim: u128,
    pub(crate) layers: Vec<Layer>,
    pub(crate) residual: u128,
    pub(crate) survivor_margin_before: u128,
}

impl Day {
    /// A keeper declares a party in default whose call ran out.
    pub(crate) fn default_if_due(&mut self, world: &mut World, index: usize) -> Result<(), DemoError> {
        let (vault, now) = (world.pairs[index].vault, world.session.now());
        let status = world.status(vault)?;
        let due = |side: &IMarginVault::PartyStatus| side.callAmount > 0 && side.callDeadline < now;
        let is_a = due(&status.sides[0]);
        if !is_a && !due(&status.sides[1]) {
            return Ok(());
        }

        let others_before = others(world, index);
        let keeper = world.keeper.clone();
        let party = if is_a { &world.pairs[index].a } else { &world.pairs[index].b };
        let party = ringfence_devchain::Located::address(party);
        world.call("declaration of default", &keeper, vault, IMarginVault::declareDefaultCall { party })?;
        world.observe("declaration of default", &[vault])?;
        let side = if is_a { &status.sides[0] } else { &status.sides[1] };
        let times = DefaultTimes {
            called: side.callDeadline - world.pairs[index].plan.cure.get(),
            deadline: side.callDeadline,
            defaulted: now,
            closed_out: 0,
        };
        self.pairs[index].defaulted =
            Some(Defaulted { is_a, times, others_before, others_after: Vec::new(), result: None });
        Ok(())
    }

    /// The valuation agent determines the close-out amount at the first bar after the default.
    pub(crate) fn close_out_if_due(
        &mut self,
        world: &mut World,
        index: usize,
        step: &Step,
        valued: &PairStep,
    ) -> Result<(), DemoError> {
        let Some(defaulted) = &mut self.pairs[index].defaulted else { return Ok(()) };
        if defaulted.result.is_some() {
            return Ok(());
        }
        let vault = world.pairs[index].vault;
        let status = world.status(vault)?;
        let bond_before = world.bond_principal()?;
        let message = determination(world, index, defaulted.is_a, &status, step, valued)?;
        let last_known = owed_by(defaulted.is_a, status.valuation.entitlementA - status.valuation.settledToA);
        let needed = if (message.amount.get() - last_known).unsigned_abs() > world.pairs[index].plan.max_move.get() {
            Needed::Everyone
        } else {
            Needed::Threshold
        };
        let request = SigningRequest::close_out(&message, &world.pairs[index].domain());
        let signatures = world.quorum.sign(&request, needed).map_err(ringfence_oracle::Error::from)?;
        let keeper = world.keeper.clone();
        let signed = IMarginVault::SignedDetermination {
            determination: (&message).into(),
            signatures: pack(&signatures).into(),
        };
        let call = IMarginVault::closeOutCall { signed };
        let report = world.call("close-out", &keeper, vault, call)?;
        let bond = world.bond;
        world.observe("close-out", &[vault, bond])?;

        let closed = report.events_from::<ClosedOut>(vault);
        let closed = closed.first().ok_or_else(|| DemoError::Plan("the close-out left no event".into()))?;
        let (own, survivor) =
            if defaulted.is_a { (&status.sides[0], &status.sides[1]) } else { (&status.sides[1], &status.sides[0]) };
        let settled = owed_by(defaulted.is_a, status.valuation.settledToA).max(0).unsigned_abs();
        let own_margin = format!("defaulter's margin (${} gone before, in settlement)", dollars(settled));
        defaulted.times.closed_out = step.valuation_time.get();
        defaulted.result = Some(CloseOutResult {
            claim: closed.amount.unsigned_abs(),
            layers: vec![
                layer(own_margin, own.margin, closed.from_margin),
                layer("entity's first-loss capital".into(), status.tail.firstLoss, closed.from_first_loss),
                layer("tail-risk bond".into(), bond_before, closed.from_cover),
            ],
            residual: closed.residual,
            survivor_margin_before: survivor.margin,
        });
        let reached = defaulted.result.as_ref();
        check_waterfall(reached.map_or(&[], |result| &result.layers), closed)?;
        defaulted.others_after = others(world, index);
        if defaulted.others_after != defaulted.others_before {
            let detail = "another pair changed between the default and its payment".into();
            return Err(DemoError::Invariant { name: "ISOLATE", step: "close-out".into(), detail });
        }
        check_survivor(world, index, defaulted.is_a, closed, survivor.margin)
    }
}

/// Each layer paid what the ones before it left, up to what it had; only what none of them had is residual.
fn check_waterfall(layers: &[Layer], closed: &ClosedOut) -> Result<(), DemoError> {
    let mut left = closed.amount.unsigned_abs();
    for layer in layers {
        let due = left.min(layer.available);
        if layer.paid != due {
            let detail = format!("{} paid ${} and had to pay ${}", layer.name, dollars(layer.paid), dollars(due));
            return Err(DemoError::Invariant { name: "waterfall", step: "close-out".into(), detail });
        }
        left -= due;
    }
    if closed.residual == left {
        return Ok(());
    }
    let detail = format!("${} are residual and should be ${}", dollars(closed.residual), dollars(left));
    Err(DemoError::Invariant { name: "waterfall", step: "close-out".into(), detail })
}

/// NO-ADL at this step: the survivor has its own margin in full plus what the layers paid.
fn check_survivor(
    world: &mut World,
    index: usize,
    defaulter_is_a: bool,
    closed: &ClosedOut,
    before: u128,
) -> Result<(), DemoError> {
    let after = world.status(world.pairs[index].vault)?;
    let survivor = &after.sides[usize::from(defaulter_is_a)];
    let expected = before + closed.from_margin + closed.from_first_loss + closed.from_cover;
    if survivor.margin == expected {
        return Ok(());
    }
    let detail = format!("the survivor has ${} and should have ${}", dollars(survivor.margin), dollars(expected));
    Err(DemoError::Invariant { name: "NO-ADL", step: "close-out".into(), detail })
}

fn determination(
    world: &World,
    index: usize,
    is_a: bool,
    status: &IMarginVault::VaultStatus,
    step: &Step,
    valued: &PairStep,
) -> Result<CloseOutDetermination, DemoError> {
    let entitlement = signed_amount(valued.entitlement_a)
        .ok_or_else(|| DemoError::Plan("the close-out value is beyond the range of an amount".into()))?;
    let pair = &world.pairs[index];
    let defaulter = if is_a { &pair.a } else { &pair.b };
    let expiry = step.valuation_time.after(Seconds::new(3_600)).map_err(|_| DemoError::Plan("time ran out".into()))?;
    Ok(CloseOutDetermination {
        sequence: 1,
        defaulter: h160_of(ringfence_devchain::Located::address(defaulter)),
        amount: SignedAmount::new(owed_by(is_a, entitlement.get() - status.valuation.settledToA)),
        evidence_root: keccak256(step.market_data_root.as_bytes()),
        expiry,
    })
}

/// What the defaulter owes, given what A is owed.
fn owed_by(defaulter_is_a: bool, owed_to_a: i128) -> i128 {
    if defaulter_is_a {
        -owed_to_a
    } else {
        owed_to_a
    }
}

fn layer(name: String, available: u128, paid: u128) -> Layer {
    Layer { name, available, paid }
}

fn others(world: &World, index: usize) -> Vec<(String, Image)> {
    let others = world.pairs.iter().enumerate().filter(|(other, _)| *other != index);
    others.map(|(_, pair)| (pair.plan.name.to_string(), world.watch.image_of(pair.vault))).collect()
}
