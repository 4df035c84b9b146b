//! ISOLATE on the blobs: a pair defaults in the very second in which the entity itself is put into resolution.

use crate::creditor;
use alloy_primitives::Address;
use ringfence_bindings::{IEntity as entity, IMarginVault as vault};
use ringfence_devchain::Located;
use ringfence_protocol::{entity::CLAIMS_WINDOW, Party};
use ringfence_suites::{Image, Mark, Stage, FIRST_LOSS, MARGIN, USD};

/// Vaults and parties of the second and the third pair.
fn bystanders(stage: &Stage) -> Vec<Address> {
    stage.pairs[1..].iter().flat_map(|pair| [pair.vault, pair.a.address(), pair.b.address()]).collect()
}

#[test]
fn a_default_and_the_entitys_resolution_at_once_change_nothing_for_other_pairs_but_the_stay() {
    let mut stage = Stage::insured(3);
    let (admin, keeper, target) = (stage.admin.clone(), stage.keeper.clone(), stage.entity);
    stage.mark(1, Mark { x: 1_000_000_000, ..Mark::default() });
    stage.mark(2, Mark::default());
    let (holder, number) = creditor(&mut stage, "supplier", 2, 1 << 60);
    let others = bystanders(&stage);
    let loss = MARGIN + FIRST_LOSS + 100_000 * USD;
    stage.mark(0, Mark { x: -i128::try_from(loss).expect("small"), ..Mark::default() });
    let before = stage.image_of(&others);
    let check = |stage: &mut Stage, before: &Image, step: &str| {
        assert!(stage.image_of(&others) == *before, "{step} reached another pair");
        stage.assert_conserved();
    };

    stage.give_up(0, Party::A);
    stage.must(&admin, target, entity::declareResolutionCall {});
    check(&mut stage, &before, "default and declaration");
    // The stay is all that they see: the mark of the run-off in their own storage.
    let shown = [1, 2].map(|index| stage.status(index));
    stage.must(&keeper, target, entity::tellNextCall { most: 4 });
    for (index, was) in [1, 2].into_iter().zip(shown) {
        let mut now = stage.status(index);
        assert!(now.entity.runningOff);
        now.entity.runningOff = false;
        assert!(now == was, "the stay changed more than the stay");
    }
    let before = stage.image_of(&others);

    stage.session.advance(3_601);
    stage.resolve_default(0);
    check(&mut stage, &before, "close-out with a bond claim");
    let whole = stage.side(0, Party::B).margin;
    assert_eq!(whole, MARGIN + loss, "the survivor is whole");
    stage.withdraw(0, Party::B, whole);
    let first = stage.vault(0);
    stage.must(&keeper, target, entity::settlePairCall { vault: first });
    check(&mut stage, &before, "the end of the defaulted pair");
    stage.session.advance(CLAIMS_WINDOW.get());
    stage.must(&keeper, target, entity::distributeCall {});
    stage.must(&holder, target, entity::collectClaimCall { number });
    check(&mut stage, &before, "the distribution of free capital");
    assert_eq!(stage.status(1).tail.firstLoss, FIRST_LOSS, "allocated capital stays with its vault");

    // They go on, and leave when they like.
    stage.mark(1, Mark { x: 2_000_000_000, ..Mark::default() });
    let b = stage.pairs[1].b.clone();
    let second = stage.vault(1);
    stage.must(&b, second, vault::leaveRunOffCall {});
    for (party, margin) in [(Party::A, MARGIN + 2_000_000_000), (Party::B, MARGIN - 2_000_000_000)] {
        stage.withdraw(1, party, margin);
    }
    stage.mark(2, Mark::default());
    let third = stage.vault(2);
    stage.must(&keeper, third, vault::closeRunOffCall {});
    for index in [1, 2] {
        let vault = stage.vault(index);
        stage.must(&keeper, target, entity::settlePairCall { vault });
    }
    stage.must(&keeper, target, entity::distributeCall {});
    stage.must(&keeper, target, entity::reportCall {});
    stage.assert_conserved();
}
