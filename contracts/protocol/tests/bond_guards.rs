//! Every guard of the bond, one test or more for each error that the machine can return, and a worked example by hand.

mod common;

use common::amount;
use ringfence_protocol::{
    bond::{
        BondEnv, BondError, BondPhase, BondState, BondTerms, Holder, ACTIVATION_GRACE, MAX_EXTENSION, MAX_RISK_PERIOD,
        MIN_RISK_PERIOD,
    },
    units::{Amount, Bps, Seconds, Timestamp},
    Address, Transfer,
};

const SPONSOR: Address = Address::repeat_byte(0xe0);
const VAULT: Address = Address::repeat_byte(0xe2);
const ALICE: Address = Address::repeat_byte(1);
const BOB: Address = Address::repeat_byte(2);
const START: u64 = 1_760_000_000;
const DAY: u64 = 86_400;
const USDC: u128 = 1_000_000;

/// A million USDC at 10 % for a year.
fn terms() -> BondTerms {
    BondTerms {
        vault: VAULT,
        sponsor: SPONSOR,
        asset: Address::repeat_byte(0xe1),
        attachment: Amount::ZERO,
        limit: amount(1_000_000 * USDC),
        minimum: amount(500_000 * USDC),
        spread: Bps::new(1_000),
        subscription_end: Timestamp::new(START + 10 * DAY),
        risk_period: Seconds::new(365 * DAY),
        extension: Seconds::new(14 * DAY),
    }
}

/// A series with two holders and its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Series {
    terms: BondTerms,
    state: BondState,
    alice: Holder,
    bob: Holder,
    now: u64,
    paid_out: u128,
}

impl Series {
    fn new(terms: BondTerms) -> Self {
        assert_eq!(terms.validate(Timestamp::new(START)), Ok(()));
        let (alice, bob) = (Holder::default(), Holder::default());
        Self { terms, state: BondState::default(), alice, bob, now: START, paid_out: 0 }
    }

    fn funded() -> Self {
        let mut series = Self::new(terms());
        series.fund(SPONSOR, 100_000 * USDC, 0).expect("accepted");
        series
    }

    fn subscribed() -> Self {
        let mut series = Self::funded();
        series.subscribe(ALICE, 600_000 * USDC).expect("accepted");
        series.subscribe(BOB, 400_000 * USDC).expect("accepted");
        series
    }

    fn on_risk() -> Self {
        let mut series = Self::subscribed();
        series.activate(SPONSOR).expect("accepted");
        series
    }

    /// After the extension.
    fn over() -> Self {
        let mut series = Self::on_risk();
        series.now += (365 + 14) * DAY + 1;
        series
    }

    fn env(&self, caller: Address) -> BondEnv {
        BondEnv { now: Timestamp::new(self.now), caller }
    }

    fn holder(&mut self, who: Address) -> &mut Holder {
        if who == ALICE {
            &mut self.alice
        } else {
            &mut self.bob
        }
    }

    fn pay(&mut self, transfers: &[Transfer]) {
        for transfer in transfers {
            if let Transfer::Out { amount, .. } = transfer {
                self.paid_out += amount.get();
            }
        }
    }

    fn fund(&mut self, caller: Address, balance: u128, reserve: u128) -> Result<(), BondError> {
        let step = self.state.fund_premium(&self.env(caller), &self.terms, amount(balance), amount(reserve))?;
        self.state = step.state;
        Ok(())
    }

    fn subscribe(&mut self, who: Address, value: u128) -> Result<(), BondError> {
        let holder = *self.holder(who);
        let step = self.state.subscribe(&self.env(who), &self.terms, holder, amount(value))?;
        assert_eq!(step.transfers, [Transfer::In { from: who, amount: amount(value) }]);
        (self.state, *self.holder(who)) = step.state;
        Ok(())
    }

    fn activate(&mut self, caller: Address) -> Result<(), BondError> {
        self.state = self.state.activate(&self.env(caller), &self.terms)?.state;
        Ok(())
    }

    fn expire(&mut self) -> Result<(), BondError> {
        self.state = self.state.expire(&self.env(BOB), &self.terms)?.state;
        Ok(())
    }

    fn transfer(&mut self, from: Address, to: Address, value: u128) -> Result<(), BondError> {
        let (sender, receiver) = ((from, *self.holder(from)), (to, *self.holder(to)));
        let step = self.state.transfer(&self.env(from), &self.terms, sender, receiver, amount(value))?;
        (self.state, *self.holder(from), *self.holder(to)) = step.state;
        Ok(())
    }

    fn claim(&mut self, caller: Address, value: u128) -> Result<(), BondError> {
        let step = self.state.claim(&self.env(caller), &self.terms, amount(value))?;
        assert_eq!(step.transfers, [Transfer::Out { to: VAULT, amount: amount(value) }]);
        self.pay(&step.transfers);
        self.state = step.state;
        Ok(())
    }

    /// Takes premium and returns how much came.
    fn take_premium(&mut self, who: Address) -> Result<u128, BondError> {
        let (before, holder) = (self.paid_out, *self.holder(who));
        let step = self.state.take_premium(&self.env(who), &self.terms, holder)?;
        self.pay(&step.transfers);
        (self.state, *self.holder(who)) = step.state;
        Ok(self.paid_out - before)
    }

    /// Redeems and returns how much came.
    fn redeem(&mut self, who: Address) -> Result<u128, BondError> {
        let (before, holder) = (self.paid_out, *self.holder(who));
        let step = self.state.redeem(&self.env(who), &self.terms, holder)?;
        self.pay(&step.transfers);
        (self.state, *self.holder(who)) = step.state;
        Ok(self.paid_out - before)
    }

    fn refund(&mut self, caller: Address) -> Result<u128, BondError> {
        let before = self.paid_out;
        let step = self.state.refund_sponsor(&self.env(caller), &self.terms)?;
        self.pay(&step.transfers);
        self.state = step.state;
        Ok(self.paid_out - before)
    }
}

/// The error of a command that must be refused; nothing may have moved.
fn refused<T: std::fmt::Debug>(
    series: &mut Series,
    command: impl FnOnce(&mut Series) -> Result<T, BondError>,
) -> BondError {
    let before = *series;
    let error = command(series).expect_err("refused");
    assert_eq!(*series, before, "something moved");
    error
}

/// The error of terms; without the change they must be fine.
fn refused_terms(change: impl Fn(&mut BondTerms)) -> BondError {
    let mut changed = terms();
    assert_eq!(changed.validate(Timestamp::new(START)), Ok(()));
    change(&mut changed);
    changed.validate(Timestamp::new(START)).expect_err("refused")
}

fn accepted_terms(change: impl Fn(&mut BondTerms)) {
    let mut changed = terms();
    change(&mut changed);
    assert_eq!(changed.validate(Timestamp::new(START)), Ok(()), "at the bound");
}

macro_rules! guards {
    ($( $variant:ident: $name:ident $body:block )+) => {
        $( #[test] fn $name() { assert_eq!($body, BondError::$variant); } )+

        /// What the tests above prove.
        const PROVED: &[BondError] = &[ $( BondError::$variant ),+ ];
    };
}

/// What only the shell can return, with the reason.
const SHELL_ONLY: &[BondError] = &[
    // The machine asks for transfers; whether the asset makes them, and how much moves, only the shell sees.
    BondError::AssetTransferFailed,
    BondError::AssetTransferInexact,
];

#[test]
fn every_variant_has_a_test() {
    let missing: Vec<_> =
        BondError::ALL.iter().filter(|error| !PROVED.contains(error) && !SHELL_ONLY.contains(error)).collect();
    assert!(missing.is_empty(), "no test returns {missing:?}");
    assert!(SHELL_ONLY.iter().all(|error| !PROVED.contains(error)));
}

/// ERC-20 asks that a transfer to oneself succeeds; it moves nothing, and still not more than there is.
#[test]
fn a_transfer_to_oneself_moves_nothing() {
    let mut series = Series::on_risk();
    let before = *series.holder(ALICE);
    series.transfer(ALICE, ALICE, before.face.get()).expect("accepted");
    assert_eq!(series.holder(ALICE).face, before.face);
    let too_much = before.face.get() + 1;
    assert_eq!(series.transfer(ALICE, ALICE, too_much), Err(BondError::InsufficientBalance));
}

guards! {
    InvalidAddress: a_series_has_a_vault { refused_terms(|terms| terms.vault = Address::zero()) }
    InvalidAddress: a_series_has_a_sponsor { refused_terms(|terms| terms.sponsor = Address::zero()) }
    InvalidAddress: a_series_has_an_asset { refused_terms(|terms| terms.asset = Address::zero()) }
    InvalidAddress: notes_are_not_sent_to_nobody {
        refused(&mut Series::on_risk(), |series| series.transfer(ALICE, Address::zero(), 1))
    }

    AmountOutOfBounds: the_limit_is_bounded {
        accepted_terms(|terms| terms.limit = Amount::MAX);
        assert_eq!(refused_terms(|terms| terms.limit = Amount::ZERO), BondError::AmountOutOfBounds);
        refused_terms(|terms| terms.limit = amount(Amount::MAX.get() + 1))
    }
    AmountOutOfBounds: the_attachment_is_bounded {
        accepted_terms(|terms| terms.attachment = Amount::MAX);
        refused_terms(|terms| terms.attachment = amount(Amount::MAX.get() + 1))
    }
    AmountOutOfBounds: the_minimum_is_something_within_the_limit {
        accepted_terms(|terms| terms.minimum = amount(1));
        accepted_terms(|terms| terms.minimum = terms.limit);
        assert_eq!(refused_terms(|terms| terms.minimum = Amount::ZERO), BondError::AmountOutOfBounds);
        refused_terms(|terms| terms.minimum = amount(terms.limit.get() + 1))
    }
    AmountOutOfBounds: a_subscription_is_something {
        refused(&mut Series::funded(), |series| series.subscribe(ALICE, 0))
    }
    AmountOutOfBounds: a_claim_is_something { refused(&mut Series::on_risk(), |series| series.claim(VAULT, 0)) }
    SpreadOutOfBounds: the_spread_is_at_most_the_whole {
        accepted_terms(|terms| terms.spread = Bps::new(10_000));
        refused_terms(|terms| terms.spread = Bps::new(10_001))
    }
    PeriodOutOfBounds: the_risk_period_is_bounded {
        accepted_terms(|terms| terms.risk_period = MIN_RISK_PERIOD);
        accepted_terms(|terms| terms.risk_period = MAX_RISK_PERIOD);
        let short = refused_terms(|terms| terms.risk_period = Seconds::new(MIN_RISK_PERIOD.get() - 1));
        assert_eq!(short, BondError::PeriodOutOfBounds);
        refused_terms(|terms| terms.risk_period = Seconds::new(MAX_RISK_PERIOD.get() + 1))
    }
    PeriodOutOfBounds: the_extension_is_bounded {
        accepted_terms(|terms| terms.extension = MAX_EXTENSION);
        refused_terms(|terms| terms.extension = Seconds::new(MAX_EXTENSION.get() + 1))
    }
    PeriodOutOfBounds: the_subscription_ends_later_than_now {
        accepted_terms(|terms| terms.subscription_end = Timestamp::new(START + 1));
        refused_terms(|terms| terms.subscription_end = Timestamp::new(START))
    }

    NotTheSponsor: only_the_sponsor_funds {
        refused(&mut Series::new(terms()), |series| series.fund(ALICE, 100_000 * USDC, 0))
    }
    NotTheSponsor: only_the_sponsor_activates { refused(&mut Series::subscribed(), |series| series.activate(ALICE)) }
    NotTheSponsor: only_the_sponsor_is_refunded {
        let mut series = Series::on_risk();
        series.claim(VAULT, 1_000 * USDC).expect("accepted");
        refused(&mut series, |series| series.refund(VAULT))
    }
    NotTheVault: only_the_vault_claims {
        assert_eq!(refused(&mut Series::on_risk(), |series| series.claim(SPONSOR, 1)), BondError::NotTheVault);
        refused(&mut Series::on_risk(), |series| series.claim(ALICE, 1))
    }
    NotSubscribing: no_subscription_after_the_end {
        let mut series = Series::funded();
        series.now = terms().subscription_end.get();
        series.clone().subscribe(ALICE, 1).expect("at the bound");
        series.now += 1;
        refused(&mut series, |series| series.subscribe(ALICE, 1))
    }
    NotSubscribing: no_funding_after_the_end {
        let mut series = Series::new(terms());
        series.now = terms().subscription_end.get();
        series.clone().fund(SPONSOR, 100_000 * USDC, 0).expect("at the bound");
        series.now += 1;
        refused(&mut series, |series| series.fund(SPONSOR, 100_000 * USDC, 0))
    }
    NotSubscribing: a_series_goes_on_risk_once { refused(&mut Series::on_risk(), |series| series.activate(SPONSOR)) }
    NotSubscribing: a_series_on_risk_does_not_expire { refused(&mut Series::over(), Series::expire) }
    NotSubscribing: a_series_on_risk_takes_no_subscription {
        refused(&mut Series::on_risk(), |series| series.subscribe(ALICE, 1))
    }
    PremiumNotFunded: nobody_subscribes_before_the_premium_is_there {
        refused(&mut Series::new(terms()), |series| series.subscribe(ALICE, 1))
    }
    PremiumNotFunded: the_premium_is_funded_once {
        refused(&mut Series::funded(), |series| series.fund(SPONSOR, 1_000_000 * USDC, 0))
    }
    Oversubscribed: no_more_than_the_limit {
        let mut series = Series::funded();
        series.clone().subscribe(ALICE, 1_000_000 * USDC).expect("at the bound");
        series.subscribe(BOB, 1).expect("accepted");
        refused(&mut series, |series| series.subscribe(ALICE, 1_000_000 * USDC))
    }
    SubscriptionOpen: investors_have_until_the_end {
        let mut series = Series::funded();
        series.subscribe(ALICE, 600_000 * USDC).expect("accepted");
        series.now = terms().subscription_end.get();
        let error = refused(&mut series, |series| series.activate(SPONSOR));
        series.now += 1;
        series.activate(SPONSOR).expect("past the end");
        error
    }
    GraceRunning: the_sponsor_has_a_day {
        let mut series = Series::subscribed();
        series.now = terms().subscription_end.get() + ACTIVATION_GRACE.get();
        let error = refused(&mut series, Series::expire);
        series.now += 1;
        series.expire().expect("past the bound");
        assert_eq!(series.state.phase, BondPhase::Failed);
        error
    }
    NotOnRisk: no_claim_before_the_series_is_on_risk {
        refused(&mut Series::subscribed(), |series| series.claim(VAULT, 1))
    }
    NotOnRisk: no_transfer_before_the_series_is_on_risk {
        refused(&mut Series::subscribed(), |series| series.transfer(ALICE, BOB, 1))
    }
    NotOnRisk: no_claim_on_a_failed_series {
        let mut series = Series::subscribed();
        series.now += 12 * DAY;
        series.expire().expect("accepted");
        refused(&mut series, |series| series.claim(VAULT, 1))
    }
    ClaimPeriodOver: the_vault_has_until_the_extension_ends {
        let mut series = Series::over();
        series.now -= 1;
        series.clone().claim(VAULT, 1).expect("at the bound");
        series.now += 1;
        refused(&mut series, |series| series.claim(VAULT, 1))
    }
    ClaimExceedsPrincipal: no_more_than_the_principal {
        let mut series = Series::on_risk();
        series.clone().claim(VAULT, 1_000_000 * USDC).expect("at the bound");
        refused(&mut series, |series| series.claim(VAULT, 1_000_000 * USDC + 1))
    }
    NotRedeemable: principal_stays_until_the_extension_ends {
        let mut series = Series::over();
        series.now -= 1;
        let error = refused(&mut series, |series| series.redeem(ALICE));
        series.now += 1;
        assert_eq!(series.redeem(ALICE), Ok((600_000 + 60_000) * USDC));
        error
    }
    NotRedeemable: principal_stays_while_subscribing {
        refused(&mut Series::subscribed(), |series| series.redeem(ALICE))
    }
    NothingDue: no_notes_no_redemption {
        let mut series = Series::over();
        series.redeem(ALICE).expect("accepted");
        refused(&mut series, |series| series.redeem(ALICE))
    }
    NothingDue: no_premium_no_payment {
        let mut series = Series::on_risk();
        series.now += DAY;
        series.take_premium(ALICE).expect("accepted");
        refused(&mut series, |series| series.take_premium(ALICE))
    }
    NothingDue: no_refund_while_all_may_be_earned { refused(&mut Series::on_risk(), |series| series.refund(SPONSOR)) }
    InsufficientBalance: nobody_sends_more_than_it_has {
        let mut series = Series::on_risk();
        series.clone().transfer(ALICE, BOB, 600_000 * USDC).expect("at the bound");
        refused(&mut series, |series| series.transfer(ALICE, BOB, 600_000 * USDC + 1))
    }
    InsufficientAllowance: a_spender_spends_what_it_was_allowed {
        assert_eq!(BondState::spend_allowance(5, amount(5)), Ok(0), "at the bound");
        assert_eq!(BondState::spend_allowance(u128::MAX, amount(5)), Ok(u128::MAX), "no limit");
        BondState::spend_allowance(5, amount(6)).expect_err("refused")
    }
    FundsMissing: the_premium_and_the_reserve_are_in_the_account {
        let mut series = Series::new(terms());
        series.clone().fund(SPONSOR, 100_000 * USDC + 7, 7).expect("at the bound");
        refused(&mut series, |series| series.fund(SPONSOR, 100_000 * USDC + 6, 7))
    }
    ArithmeticOverflow: a_subscription_past_the_range_is_an_error {
        // Principal of 2^128 can't be: the first check that could wrap is an error.
        let mut series = Series::funded();
        series.state.face = amount(u128::MAX);
        refused(&mut series, |series| series.subscribe(ALICE, 1))
    }
    ArithmeticOverflow: a_maturity_past_the_end_of_time_is_an_error {
        let mut series = Series::subscribed();
        series.now = u64::MAX;
        refused(&mut series, |series| series.activate(SPONSOR))
    }
}

/// A million at 10 % for 365 days, 600,000 and 400,000. Claimed after 73 days: a quarter.
#[test]
fn worked_example() {
    let mut series = Series::on_risk();
    assert_eq!(series.state.premium.get(), 100_000 * USDC);

    // 73 of 365 days: a fifth of 10 %.
    series.now += 73 * DAY;
    let accrued = |series: &Series, holder: Holder| {
        series.state.premium_accrued(&series.env(ALICE), &series.terms, holder).expect("in range").get()
    };
    assert_eq!(accrued(&series, series.alice), 12_000 * USDC);
    assert_eq!(accrued(&series, series.bob), 8_000 * USDC);
    assert_eq!(series.take_premium(ALICE), Ok(12_000 * USDC));

    // A claim of 250,000: 10 % on it for the 292 days left, 20,000, goes back to the sponsor.
    series.claim(VAULT, 250_000 * USDC).expect("accepted");
    assert_eq!(series.state.principal.get(), 750_000 * USDC);
    assert_eq!(series.refund(SPONSOR), Ok(20_000 * USDC));

    // 73 more days at three quarters: 9,000 and 6,000. Then Alice sells a third of hers to Bob: 400,000 and 600,000.
    series.now += 73 * DAY;
    series.transfer(ALICE, BOB, 200_000 * USDC).expect("accepted");
    assert_eq!(series.alice.accrued.get(), 9_000 * USDC);
    assert_eq!(series.bob.accrued.get(), (8_000 + 6_000) * USDC);

    // The 219 days to maturity: 400,000 * 0.75 * 10 % * 0.6 = 18,000 and 27,000. Nothing accrues in the extension.
    series.now += (219 + 14) * DAY + 1;
    assert_eq!(series.redeem(ALICE), Ok((300_000 + 9_000 + 18_000) * USDC));
    assert_eq!(series.redeem(BOB), Ok((450_000 + 14_000 + 27_000) * USDC));

    // All that came in went out: principal 1,000,000 and premium 100,000.
    assert_eq!(series.paid_out, 1_100_000 * USDC);
    assert_eq!(series.state.liabilities(), Ok(Amount::ZERO));
}

#[test]
fn a_failed_series_gives_everything_back() {
    let mut series = Series::funded();
    series.subscribe(ALICE, 499_999 * USDC).expect("accepted");
    series.now += 10 * DAY + 1;
    series.activate(SPONSOR).expect("accepted");
    assert_eq!(series.state.phase, BondPhase::Failed);
    assert_eq!(series.redeem(ALICE), Ok(499_999 * USDC));
    assert_eq!(series.refund(SPONSOR), Ok(100_000 * USDC));
    assert_eq!(series.state.liabilities(), Ok(Amount::ZERO));
}

#[test]
fn a_part_filled_series_gives_back_premium_for_what_was_not_taken() {
    let mut series = Series::funded();
    series.subscribe(ALICE, 500_000 * USDC).expect("accepted");
    series.now += 10 * DAY + 1;
    series.activate(SPONSOR).expect("accepted");
    assert_eq!((series.state.premium.get(), series.state.sponsor_due.get()), (50_000 * USDC, 50_000 * USDC));
}

#[test]
fn a_series_that_lost_everything_redeems_nothing_but_premium() {
    let mut series = Series::on_risk();
    series.now += 73 * DAY;
    series.claim(VAULT, 1_000_000 * USDC).expect("accepted");
    assert_eq!(series.refund(SPONSOR), Ok(80_000 * USDC));
    series.now += 400 * DAY;
    assert_eq!((series.redeem(ALICE), series.redeem(BOB)), (Ok(12_000 * USDC), Ok(8_000 * USDC)));
    assert_eq!(series.state.liabilities(), Ok(Amount::ZERO));
}

/// Nine and six notes earn 0.9 and 0.6 of a unit: rounding keeps all of it, and it goes back to the sponsor with the
/// last note.
#[test]
fn premium_that_rounding_left_over_goes_to_the_sponsor_with_the_last_note() {
    let mut small = terms();
    (small.limit, small.minimum) = (amount(15), amount(15));
    let mut series = Series::new(small);
    // 1.5 for the year, rounded up.
    series.fund(SPONSOR, 2, 0).expect("accepted");
    series.subscribe(ALICE, 9).expect("accepted");
    series.subscribe(BOB, 6).expect("accepted");
    series.activate(SPONSOR).expect("accepted");
    series.now += 400 * DAY;
    assert_eq!((series.redeem(ALICE), series.redeem(BOB)), (Ok(9), Ok(6)));
    assert_eq!((series.state.premium, series.state.sponsor_due), (Amount::ZERO, amount(2)));
    assert_eq!(series.refund(SPONSOR), Ok(2));
    assert_eq!(series.state.liabilities(), Ok(Amount::ZERO));
}

/// Whoever sold all notes and did not take the premium yet keeps it when the last note is redeemed.
#[test]
fn premium_of_a_former_holder_survives_the_last_redemption() {
    let mut series = Series::on_risk();
    series.now += 73 * DAY;
    series.transfer(BOB, ALICE, 400_000 * USDC).expect("accepted");
    series.now += 400 * DAY;
    series.redeem(ALICE).expect("accepted");
    assert_eq!(series.state.face, Amount::ZERO);
    assert_eq!((series.state.premium.get(), series.state.booked.get()), (8_000 * USDC, 8_000 * USDC));
    assert_eq!(refused(&mut series, |series| series.refund(SPONSOR)), BondError::NothingDue);
    assert_eq!(series.take_premium(BOB), Ok(8_000 * USDC));
    assert_eq!(series.state.liabilities(), Ok(Amount::ZERO));
}

/// However often an account is touched, each touch costs its holder less than a base unit. An hour earns Alice
/// 6,849,315.07 units; touched every hour for a year she has lost the fractions of 8,760 hours and nothing else.
#[test]
fn accruing_every_hour_costs_less_than_a_unit_each_time() {
    let mut often = Series::on_risk();
    for _ in 0..365 * 24 {
        often.now += 3_600;
        often.transfer(ALICE, BOB, 0).expect("accepted");
    }
    let lost = 60_000 * USDC - often.alice.accrued.get();
    assert!(lost <= 365 * 24, "{lost}");
}
