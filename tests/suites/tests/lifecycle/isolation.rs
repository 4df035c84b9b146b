//! ISOLATE: whatever happens to one pair, the other is as it was, bit for bit.

use alloy_primitives::Address;
use ringfence_bindings::{IEntity, IMarginVault, ITailRiskBond};
use ringfence_devchain::Located;
use ringfence_protocol::Party;
use ringfence_suites::{Image, Mark, Stage, FIRST_LOSS, MARGIN, USD};

/// Vault and parties of the second pair.
fn bystanders(stage: &Stage) -> Vec<Address> {
    let pair = &stage.pairs[1];
    vec![pair.vault, pair.a.address(), pair.b.address()]
}

struct Watch {
    others: Vec<Address>,
    before: Image,
}

impl Watch {
    fn new(stage: &mut Stage) -> Self {
        let others = bystanders(stage);
        let before = stage.image_of(&others);
        Self { others, before }
    }

    #[track_caller]
    fn check(&self, stage: &mut Stage, step: &str) {
        let after = stage.image_of(&self.others);
        assert_eq!(after, self.before, "{step} touched the other pair");
    }
}

/// Every message that pair 1, its series, its parties and the entity on its behalf can send, apart from deposits: those
/// mint, which an image shows.
#[test]
fn pair_2_is_bit_identical_across_everything_on_pair_1() {
    let mut stage = Stage::insured(2);
    stage.mark(0, Mark::default());
    stage.mark(1, Mark { x: 1_000_000_000, margin_a: USD, margin_b: USD, tail: USD });
    let pair = stage.pairs[0].clone();
    let (admin, keeper, entity, bond) = (stage.admin.clone(), stage.keeper.clone(), stage.entity, stage.bond());
    let watch = Watch::new(&mut stage);

    stage.mark(0, Mark { x: 100_000_000_000, ..Mark::default() });
    watch.check(&mut stage, "settle");
    stage.mark(0, Mark { margin_a: 2 * MARGIN, ..Mark::default() });
    watch.check(&mut stage, "a margin call");
    stage.withdraw(0, Party::B, USD);
    watch.check(&mut stage, "withdraw");
    let agreement = stage.agreement(0, 2, ringfence_protocol::Digest::repeat_byte(0x77));
    stage.submit_agreement(0, &agreement);
    watch.check(&mut stage, "agreePortfolio");
    stage.must(&admin, entity, IEntity::allocateCall { vault: pair.vault, amount: USD });
    watch.check(&mut stage, "allocate");
    stage.mark(0, Mark { margin_a: 2 * MARGIN, ..Mark::default() });
    stage.must(&admin, entity, IEntity::releaseCall { vault: pair.vault, amount: USD });
    watch.check(&mut stage, "release");
    stage.mark(0, Mark { margin_a: 2 * MARGIN, ..Mark::default() });
    stage.let_call_lapse(0, Party::A, Mark { margin_a: 2 * MARGIN, ..Mark::default() });
    stage.must(&keeper, pair.vault, IMarginVault::declareDefaultCall { party: pair.a.address() });
    watch.check(&mut stage, "declareDefault");
    let claim = i128::try_from(MARGIN + FIRST_LOSS + 100_000 * USD).expect("small");
    let message = stage.determination(0, Party::A, claim);
    stage.close_out(0, &message, &[0, 1, 2]);
    watch.check(&mut stage, "closeOut with a bond claim");
    let all = stage.side(0, Party::B).margin;
    stage.withdraw(0, Party::B, all);
    watch.check(&mut stage, "withdraw of the survivor");
    stage.must(&keeper, entity, IEntity::collectPremiumCall { bond });
    watch.check(&mut stage, "collectPremium");
    let until = stage.bond_status().claimsUntil;
    stage.session.set_time(until + 1);
    for index in 0..3 {
        let investor = stage.investor(index);
        stage.must(&investor, bond, ITailRiskBond::collectCall {});
    }
    watch.check(&mut stage, "collect");
    stage.assert_conserved();
}

#[test]
fn pair_2_is_bit_identical_when_pair_1_is_paid_into_and_a_third_pair_opens() {
    let mut stage = Stage::open(2);
    let others = bystanders(&stage);
    let identical = |stage: &mut Stage| -> Vec<_> {
        others.iter().map(|other| (stage.session.storage_of(*other), stage.session.usdc(*other))).collect()
    };
    let before = identical(&mut stage);
    stage.deposit(0, Party::A, 5 * USD);
    stage.deposit(0, Party::B, 5 * USD);
    let third = stage.propose_pair();
    stage.start_pair(third);
    stage.issue_full_series();
    assert_eq!(identical(&mut stage), before);
}

#[test]
fn money_of_pair_2_does_not_pay_the_loss_of_pair_1() {
    let mut stage = Stage::insured(2);
    stage.mark(0, Mark::default());
    stage.give_up(0, Party::A);
    let claim = i128::try_from(100 * MARGIN).expect("small");
    let message = stage.determination(0, Party::A, claim);
    stage.close_out(0, &message, &[0, 1, 2]);
    let paid = MARGIN + FIRST_LOSS + ringfence_suites::LIMIT;
    assert_eq!(stage.residual(0), 100 * MARGIN - paid);
    let other = stage.status(1);
    assert_eq!((other.sides[0].margin, other.sides[1].margin, other.tail.firstLoss), (MARGIN, MARGIN, FIRST_LOSS));
    stage.assert_conserved();
}
