//! The stage's own assertions: a guard that is not there must be noticed.

use ringfence_bindings::IMarginVault as vault;
use ringfence_suites::{Mark, Stage, MARGIN};

#[test]
#[should_panic(expected = "CallOpen() was expected, but the call went through")]
fn a_call_that_goes_through_is_no_refusal() {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark::default());
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.assert_refused::<vault::CallOpen>(&a, vault, vault::withdrawCall { amount: MARGIN });
}

#[test]
#[should_panic(expected = "ValuationStale() was expected, but: CallOpen")]
fn another_error_is_not_the_one_promised() {
    let mut stage = Stage::open(1);
    stage.mark(0, Mark { margin_a: 2 * MARGIN, ..Mark::default() });
    let (a, vault) = (stage.pairs[0].a.clone(), stage.vault(0));
    stage.assert_refused::<vault::ValuationStale>(&a, vault, vault::withdrawCall { amount: 1 });
}

#[test]
fn an_image_shows_storage_and_balances() {
    let mut stage = Stage::open(1);
    let before = stage.image();
    assert_eq!(stage.image(), before);
    stage.mark(0, Mark::default());
    let settled = stage.image();
    assert_ne!(settled, before, "storage of the vault");
    let (keeper, vault) = (stage.keeper.clone(), stage.vault(0));
    stage.send_asset(&keeper, vault, 1_000_000);
    assert_ne!(stage.image(), settled, "balance of the vault");
}

#[test]
fn a_started_stage_conserves() {
    Stage::insured(2).assert_conserved();
}
