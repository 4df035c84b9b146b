use crate::market::{guards, refused, usdc, Market, ALICE, BOB, CAROL, DAY, SPONSOR, VAULT};
use ringfence_protocol::{
    bond::{BondError, BondPhase, COMMUTATION_WINDOW},
    units::Amount,
};

fn proposed() -> Market {
    let mut market = Market::on_risk();
    market.propose(SPONSOR).expect("accepted");
    market
}

guards! {
    NotTheSponsor: only_the_sponsor_proposes { refused(&mut Market::on_risk(), |market| market.propose(VAULT)) }
    NotOnRisk: nothing_to_propose_before_the_risk { refused(&mut Market::funded(), |market| market.propose(SPONSOR)) }
    NotOnRisk: nothing_to_agree_to_before_the_risk { refused(&mut Market::funded(), |market| market.agree(ALICE)) }
    NoProposal: nobody_agrees_to_nothing { refused(&mut Market::on_risk(), |market| market.agree(ALICE)) }
    NoProposal: an_old_proposal_lapses {
        let mut market = proposed();
        market.now += COMMUTATION_WINDOW.get();
        market.clone().agree(ALICE).expect("at the bound");
        market.now += 1;
        refused(&mut market, |market| market.agree(ALICE))
    }
    NothingDue: a_stranger_has_no_say { refused(&mut proposed(), |market| market.agree(CAROL)) }
    NothingDue: a_note_counts_once {
        let mut market = proposed();
        market.agree(BOB).expect("accepted");
        refused(&mut market, |market| market.agree(BOB))
    }
}

/// 600,000 of a million are not two thirds; 66,667 more are.
#[test]
fn two_thirds_have_to_agree() {
    let mut market = proposed();
    let short = Amount::new(66_666_666_666);
    market.transfer(BOB, CAROL, short).expect("accepted");
    market.agree(ALICE).expect("accepted");
    market.agree(CAROL).expect("accepted");
    assert_eq!(market.state.phase, BondPhase::OnRisk, "a note is missing");
    market.transfer(BOB, CAROL, Amount::new(1)).expect("accepted");
    market.agree(CAROL).expect("accepted");
    assert_eq!(market.state.phase, BondPhase::Commuted);
}

/// Principal in full at once, premium to the day; the rest of the premium is the sponsor's.
#[test]
fn a_commuted_series_is_redeemable_at_once() {
    let mut market = Market::on_risk();
    market.now += 73 * DAY;
    market.propose(SPONSOR).expect("accepted");
    market.agree(ALICE).expect("accepted");
    market.agree(BOB).expect("accepted");
    assert_eq!(market.state.matures.get(), market.now, "risk and premium end with the agreement");
    market.now += 100 * DAY;
    assert_eq!((market.collect(ALICE), market.collect(BOB)), (Ok(usdc(612_000).get()), Ok(usdc(408_000).get())));
    assert_eq!((market.refund(SPONSOR), market.balance), (Ok(usdc(100_000).get()), 7));
}

/// Notes that were sold don't count for the seller any more; the buyer may agree with them.
#[test]
fn a_consent_does_not_travel() {
    let mut market = proposed();
    market.agree(BOB).expect("accepted");
    market.transfer(BOB, CAROL, usdc(300_000)).expect("accepted");
    assert_eq!(market.state.consents, usdc(100_000));
    market.transfer(CAROL, BOB, usdc(300_000)).expect("accepted");
    assert_eq!(market.state.consents, usdc(100_000), "coming back does not count either");
    market.agree(BOB).expect("with all of them again");
    assert_eq!(market.state.consents, usdc(400_000));
}

#[test]
fn a_new_proposal_starts_from_nothing() {
    let mut market = proposed();
    market.agree(BOB).expect("accepted");
    market.propose(SPONSOR).expect("accepted");
    assert_eq!(market.state.consents, Amount::ZERO);
    market.transfer(BOB, CAROL, usdc(400_000)).expect("the old consent is not taken out of the new count");
    market.agree(ALICE).expect("accepted");
    assert_eq!(market.state.phase, BondPhase::OnRisk);
}

/// In extension, agreement frees what is locked.
#[test]
fn commutation_ends_an_extension() {
    let mut market = Market::on_risk();
    market.extend(VAULT, usdc(300_000)).expect("accepted");
    market.now += 370 * DAY;
    market.propose(SPONSOR).expect("accepted");
    market.agree(ALICE).expect("accepted");
    market.agree(BOB).expect("accepted");
    assert_eq!((market.collect(ALICE), market.collect(BOB)), (Ok(usdc(660_000).get()), Ok(usdc(440_000).get())));
    assert_eq!(market.state.face, Amount::ZERO);
}

/// A written-down series can commute, and a recovery still reaches the notes.
#[test]
fn a_recovery_reaches_a_commuted_series() {
    let mut market = Market::on_risk();
    market.claim(VAULT, usdc(100_000)).expect("accepted");
    market.propose(SPONSOR).expect("accepted");
    market.agree(ALICE).expect("accepted");
    market.agree(BOB).expect("accepted");
    assert_eq!(market.collect(ALICE), Ok(usdc(540_000).get()));
    market.recover(usdc(100_000)).expect("accepted");
    assert_eq!((market.collect(ALICE), market.collect(BOB)), (Ok(usdc(60_000).get()), Ok(usdc(400_000).get())));
    assert_eq!(refused(&mut market, |market| market.agree(BOB)), BondError::NotOnRisk);
}
