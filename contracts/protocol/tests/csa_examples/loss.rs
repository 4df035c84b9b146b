//! Attachment and exhaustion: who bears how much of a loss.

use super::pact::{MILLION, THOUSAND, UNIT};
use ringfence_protocol::{
    units::{Amount, Bps, Seconds, Timestamp},
    vault::{CoverBook, Layer, VaultError},
    waterfall::Waterfall,
    Address,
};

/// What margin and each layer bear, and what nobody does.
fn split(loss: u128, margin: u128, limits: &[u128]) -> (u128, Vec<u128>, u128) {
    let layers = limits.iter().copied().map(Amount::new);
    let split = Waterfall::distribute(Amount::new(loss), Amount::new(margin), Amount::ZERO, layers);
    assert_eq!(split.total(), Ok(Amount::new(loss)));
    (split.margin.get(), split.layers.iter().map(|layer| layer.get()).collect(), split.residual.get())
}

#[test]
fn hmrc_gim8080_layers_attach_where_the_one_below_is_exhausted() {
    let pounds = |thousands: [u128; 4]| thousands.map(|amount| amount * THOUSAND);
    let deductible = 10 * THOUSAND;
    let limits = pounds([40, 50, 400, 500]);
    let mut book = CoverBook::default();
    for (bond, (limit, exhaustion)) in (1..).zip(limits.into_iter().zip(pounds([50, 100, 500, 1_000]))) {
        let attachment = Amount::new(exhaustion - limit - deductible);
        let layer = Layer {
            bond: Address::repeat_byte(bond),
            limit: Amount::new(limit),
            claimed: Amount::ZERO,
            starts: Timestamp::new(0),
            ends: Timestamp::new(1),
            waiting: Seconds::ZERO,
        };
        let above = attachment.add(Amount::new(UNIT)).expect("in range");
        assert_eq!(book.register(layer, above, Timestamp::new(1)), Err(VaultError::LayerMisplaced));
        book.register(layer, attachment, Timestamp::new(1)).expect("attaches there");
    }

    let borne = |thousands: u128| split(thousands * THOUSAND, deductible, &limits);
    assert_eq!(borne(10), (deductible, vec![0; 4], 0));
    assert_eq!(borne(50), (deductible, pounds([40, 0, 0, 0]).to_vec(), 0));
    assert_eq!(borne(100), (deductible, pounds([40, 50, 0, 0]).to_vec(), 0));
    assert_eq!(borne(500), (deductible, pounds([40, 50, 400, 0]).to_vec(), 0));
    assert_eq!(borne(1_000), (deductible, pounds([40, 50, 400, 500]).to_vec(), 0));
    // Above a million nobody but the insured bears it.
    let above = split(MILLION + UNIT, deductible, &limits);
    assert_eq!(above, (deductible, limits.to_vec(), UNIT));
}

#[test]
fn wizedu_mezzanine_of_mezzanine_loss_through_three_levels() {
    let share = |of: u128, percent: u16| Bps::new(percent * 100).share_down(Amount::new(of)).expect("in range").get();
    let tranches = |principal, percents: [u16; 3]| percents.map(|percent| share(principal, percent));

    let pool = 280 * MILLION;
    let first = tranches(pool, [8, 20, 72]);
    let tenths = |amounts: [u128; 3]| amounts.map(|amount| amount * MILLION / 10);
    assert_eq!(first, tenths([224, 560, 2_016]));
    let borne = split(share(pool, 10), 0, &first).1;
    assert_eq!(borne, tenths([224, 56, 0]));

    let second = tenths([28, 56, 476]);
    assert_eq!(second.iter().sum::<u128>(), first[1]);
    let borne = split(borne[1], 0, &second).1;
    assert_eq!(borne, tenths([28, 28, 0]));

    let third = second.map(|amount| amount / 10);
    let borne = split(borne[1], 0, &third).1;
    assert_eq!(borne, [280 * THOUSAND, 560 * THOUSAND, 1_960 * THOUSAND]);
}

#[test]
fn edupristine_single_tranche_attachment_in_money() {
    let pool = Amount::new(1_250 * MILLION);
    let of_pool = |bps| Bps::new(bps).share_down(pool).expect("in range").get();
    let thickness = of_pool(200);
    assert_eq!(thickness, 25 * MILLION);
    for (bps, attachment) in [(550, 68_750 * THOUSAND), (450, 56_250 * THOUSAND)] {
        assert_eq!(of_pool(bps), attachment);
        let tranche = |loss| split(loss, attachment, &[thickness]).1[0];
        assert_eq!(tranche(attachment), 0);
        assert_eq!(tranche(attachment + UNIT), UNIT);
        assert_eq!(tranche(attachment + thickness + UNIT), thickness);
    }
}

#[test]
fn lsd_law_hurricane_over_a_retention() {
    let (retained, reinsured, uncovered) = split(120 * MILLION, 50 * MILLION, &[Amount::MAX.get()]);
    assert_eq!((retained, reinsured, uncovered), (50 * MILLION, vec![70 * MILLION], 0));
}
