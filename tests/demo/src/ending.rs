//! After the last bar: pairs end by both signatures, everybody takes out what is theirs, the bond is redeemed.

use crate::{
    cast::{self, SERIES},
    day::{Day, PairDay},
    default::Defaulted,
    error::DemoError,
    outcome::{
        ChainOutcome, DefaultOutcome, EntityOutcome, HolderOutcome, Isolation, Outcome, PairOutcome, SeriesOutcome,
    },
    world::{party_signature, World},
};
use ringfence_bindings::{IEntity, IMarginVault, ITailRiskBond};
use ringfence_devchain::{Actor, USDC_MIN_BALANCE};
use ringfence_oracle::keccak::Keccak;
use ringfence_protocol::{
    eip712::TypedMessage,
    message::MutualTermination,
    units::{SignedAmount, Timestamp},
};

/// Ends everything and puts the outcome together.
pub(crate) fn finish(world: &mut World, day: Day, replay_ms: u64) -> Result<Outcome, DemoError> {
    let (mut pairs, mut defaults, mut lost) = (Vec::new(), Vec::new(), Vec::new());
    for (index, pair_day) in day.pairs.into_iter().enumerate() {
        let ended = end_pair(world, index, &pair_day)?;
        lost.push((world.pairs[index].plan.name.to_string(), world.pairs[index].plan.first_loss - ended.first_loss));
        if let Some(defaulted) = &pair_day.defaulted {
            defaults.extend(default_outcome(world, index, defaulted, &ended));
            world.watch.checks.across_default.extend(isolation(defaulted));
        }
        pairs.push(pair_outcome(world, index, pair_day, &ended));
    }
    let series = redeem_series(world)?;
    let contracts = u128::try_from(world.pairs.len() + 2).unwrap_or(u128::MAX);
    let entity = EntityOutcome {
        deposited: cast::ENTITY_CAPITAL,
        allocated: world.pairs.iter().map(|pair| (pair.plan.name.to_string(), pair.plan.first_loss)).collect(),
        lost,
        free_at_end: world.capital()?,
        reserves: contracts * USDC_MIN_BALANCE,
    };
    Ok(Outcome {
        bars: day.bars,
        pairs,
        defaults,
        series,
        entity,
        checks: world.watch.checks.clone(),
        chain: ChainOutcome { calls: world.calls, settle_weight: mean(&day.settle_weights), replay_ms },
    })
}

struct Ended {
    how: &'static str,
    withdrawn: (u128, u128),
    first_loss: u128,
}

fn end_pair(world: &mut World, index: usize, day: &PairDay) -> Result<Ended, DemoError> {
    let vault = world.pairs[index].vault;
    let how = if day.defaulted.is_some() {
        "closed out"
    } else {
        terminate(world, index, day.last_entitlement)?;
        "terminated by both"
    };
    let status = world.status(vault)?;
    let (a, b) = (world.pairs[index].a.clone(), world.pairs[index].b.clone());
    withdraw(world, index, &a, status.sides[0].margin)?;
    withdraw(world, index, &b, status.sides[1].margin)?;
    if status.entity.feesDue > 0 {
        let (keeper, entity) = (world.keeper.clone(), world.entity);
        world.call("collection of fees", &keeper, entity, IEntity::collectFeesCall { vault })?;
        world.observe("collection of fees", &[vault, entity])?;
    }
    if status.tail.firstLoss > 0 {
        let (admin, entity) = (world.admin.clone(), world.entity);
        let call = IEntity::releaseCall { vault, amount: status.tail.firstLoss };
        world.call("release of first loss", &admin, entity, call)?;
        world.observe("release of first loss", &[vault, entity])?;
    }
    Ok(Ended { how, withdrawn: (status.sides[0].margin, status.sides[1].margin), first_loss: status.tail.firstLoss })
}

fn terminate(world: &mut World, index: usize, entitlement: i128) -> Result<(), DemoError> {
    let vault = world.pairs[index].vault;
    let status = world.status(vault)?;
    let message = MutualTermination {
        terms_hash: world.pairs[index].terms_hash,
        nonce: status.valuation.sequence + 1,
        entitlement_a: SignedAmount::new(entitlement),
        expiry: Timestamp::new(world.session.now() + 600),
    };
    let pair = &world.pairs[index];
    let digest = message.digest::<Keccak>(&pair.domain()).0;
    let signed = IMarginVault::SignedTermination {
        termination: (&message).into(),
        signatureA: party_signature(&pair.a, digest),
        signatureB: party_signature(&pair.b, digest),
    };
    let call = IMarginVault::terminateCall { signed };
    let keeper = world.keeper.clone();
    world.call("termination by both parties", &keeper, vault, call)?;
    world.observe("termination by both parties", &[vault])
}

fn withdraw(world: &mut World, index: usize, desk: &Actor, amount: u128) -> Result<(), DemoError> {
    if amount == 0 {
        return Ok(());
    }
    let vault = world.pairs[index].vault;
    world.call("withdrawal", desk, vault, IMarginVault::withdrawCall { amount })?;
    world.observe("withdrawal", &[vault])
}

fn pair_outcome(world: &World, index: usize, day: PairDay, ended: &Ended) -> PairOutcome {
    let pair = &world.pairs[index];
    PairOutcome {
        name: pair.plan.name.into(),
        party_a: pair.plan.a.name.into(),
        party_b: pair.plan.b.name.into(),
        vault: pair.vault.to_string(),
        calls: day.calls,
        cures: day.cures,
        settlements: u32::try_from(day.points.len()).unwrap_or(u32::MAX),
        points: day.points,
        variation_margin_moved: day.moved,
        deposited: day.deposited,
        withdrawn: ended.withdrawn,
        ended: ended.how.into(),
    }
}

fn default_outcome(world: &World, index: usize, defaulted: &Defaulted, ended: &Ended) -> Option<DefaultOutcome> {
    let plan = world.pairs[index].plan;
    let result = defaulted.result.as_ref()?;
    let (defaulter, survivor) = if defaulted.is_a { (plan.a, plan.b) } else { (plan.b, plan.a) };
    let (own, other) = if defaulted.is_a { ended.withdrawn } else { (ended.withdrawn.1, ended.withdrawn.0) };
    Some(DefaultOutcome {
        pair: plan.name.into(),
        defaulter: defaulter.name.into(),
        survivor: survivor.name.into(),
        times: defaulted.times.clone(),
        survivor_margin_before: result.survivor_margin_before,
        claim: result.claim,
        layers: result.layers.clone(),
        residual: result.residual,
        survivor_paid_out: other,
        defaulter_paid_out: own,
    })
}

fn isolation(defaulted: &Defaulted) -> Vec<Isolation> {
    let pairs = defaulted.others_before.iter().zip(&defaulted.others_after);
    pairs
        .map(|((pair, before), (_, after))| Isolation {
            pair: pair.clone(),
            before: before.0.to_string(),
            after: after.0.to_string(),
            balance: (before.1, after.1),
        })
        .collect()
}

/// Every holder takes out its premium and principal after maturity and notice.
fn redeem_series(world: &mut World) -> Result<SeriesOutcome, DemoError> {
    let bond = world.bond;
    let status = world.bond_status()?;
    let redemption = status.maturity + SERIES.notice + 1;
    if redemption > world.session.now() {
        world.session.set_time(redemption);
    }
    let redeemed = world.session.now();
    let holders = redeem_notes(world)?;
    let returned = world.collect_premium()?;
    Ok(SeriesOutcome {
        pair: SERIES.pair.into(),
        bond: bond.to_string(),
        max_spread_bps: SERIES.max_spread,
        spread_bps: status.spread,
        limit: SERIES.limit,
        demand: SERIES.bids.iter().map(|bid| bid.1).sum(),
        principal: status.face,
        written_down: status.lost,
        premium_escrowed: world.premium_escrowed,
        premium_returned: returned,
        on_risk: status.maturity.saturating_sub(SERIES.risk_period),
        matured: status.maturity,
        redeemed,
        holders,
    })
}

fn redeem_notes(world: &mut World) -> Result<Vec<HolderOutcome>, DemoError> {
    let bond = world.bond;
    let mut holders = Vec::new();
    let investors = world.investors.clone();
    for ((investor, (name, bid, spread)), (notes, refund)) in
        investors.iter().zip(SERIES.bids).zip(world.allotted.clone())
    {
        let (mut premium, mut principal) = (0, 0);
        if notes > 0 {
            let report = world.call("redemption", investor, bond, ITailRiskBond::collectCall {})?;
            for paid in report.events_from::<ITailRiskBond::Paid>(bond) {
                (premium, principal) = (premium + paid.premium, principal + paid.principal);
            }
            world.observe("redemption", &[bond])?;
        }
        holders.push(HolderOutcome {
            name: name.into(),
            bid,
            bid_spread_bps: spread,
            notes,
            refund,
            principal_redeemed: principal,
            premium,
            written_down: notes - principal,
        });
    }
    Ok(holders)
}

fn mean(weights: &[(u64, u64)]) -> (u64, u64) {
    let count = u64::try_from(weights.len()).unwrap_or(u64::MAX).max(1);
    let sum = weights.iter().fold((0, 0), |sum: (u64, u64), weight| (sum.0 + weight.0, sum.1 + weight.1));
    (sum.0 / count, sum.1 / count)
}
