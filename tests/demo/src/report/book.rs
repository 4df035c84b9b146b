//! The book as a plot: bids end to end from the cheapest, up to the limit.

use super::{
    html::escape,
    svg::{figure, text, Canvas, Drawn, AVAILABLE, FAINT, INK, MARGIN, SHORT, WIDTH},
};
use crate::{
    format::{rate, usd_whole},
    outcome::{HolderOutcome, SeriesOutcome},
};
use plotters::prelude::*;

/// Height of a bid: its line of text, its bar and the space below.
const STEP: i32 = 52;
const BAR: (i32, i32) = (22, 42);
const EDGE: i32 = 2;

/// The figure.
pub(super) fn plot(series: &SeriesOutcome) -> String {
    let title = format!("Book of the series on {}: bids from the cheapest, notes and refunds", series.pair);
    let caption = format!(
        "Bids laid end to end from the cheapest. Dark: notes. Light: paid back. Red: the limit of USD {}; the book clears at \
         {} %, and the bids at that spread share what is left in proportion.",
        usd_whole(series.limit),
        rate(series.spread_bps)
    );
    let steps = i32::try_from(series.holders.len()).unwrap_or(0);
    let height = u32::try_from(steps.saturating_mul(STEP)).unwrap_or(STEP.unsigned_abs());
    figure(&title, height.max(STEP.unsigned_abs()), &escape(&caption), |canvas| draw(canvas, series, steps * STEP))
}

fn draw(canvas: &Canvas, series: &SeriesOutcome, bottom: i32) -> Drawn {
    let mut bids: Vec<&HolderOutcome> = series.holders.iter().collect();
    bids.sort_by_key(|bid| bid.bid_spread_bps);
    let reach = bids.iter().map(|bid| bid.bid as f64).sum::<f64>().max(series.limit as f64).max(1.0);
    let width = f64::from(WIDTH) - 2.0 * f64::from(EDGE);
    let x = |amount: f64| EDGE + (amount / reach * width).round() as i32;
    let mut start = 0.0;
    for (row, bid) in (0..).zip(&bids) {
        let end = start + bid.bid as f64;
        let (top, low) = (row * STEP + BAR.0, row * STEP + BAR.1);
        canvas.draw(&Rectangle::new([(x(start), top), (x(end), low)], AVAILABLE.filled()))?;
        canvas.draw(&Rectangle::new([(x(start), top), (x(start + bid.notes as f64), low)], MARGIN.filled()))?;
        start = end;
    }
    let limit = x(series.limit as f64);
    canvas.draw(&PathElement::new(vec![(limit, 0), (limit, bottom)], SHORT.stroke_width(2)))?;
    // Text last, so that the line does not cross it.
    for (row, bid) in (0..).zip(&bids) {
        let (y, end) = (row * STEP + 11, i32::try_from(WIDTH).unwrap_or(i32::MAX) - EDGE);
        let left = format!("{}, at least {} %", bid.name, rate(bid.bid_spread_bps));
        let right = format!("{} of {}", usd_whole(bid.notes), usd_whole(bid.bid));
        canvas.draw(&Text::new(left, (EDGE, y), text(INK, false, true)))?;
        canvas.draw(&Text::new(right, (end, y), text(FAINT, true, false)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn any_amounts_draw() {
        let mut series = fixture::outcome().series;
        assert!(plot(&series).contains("<svg"));
        series.holders[0].bid = u128::MAX;
        (series.holders[1].bid, series.holders[1].notes) = (0, 0);
        assert!(plot(&series).contains("<svg"));
    }
}
