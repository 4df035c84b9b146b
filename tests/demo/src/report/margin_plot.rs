//! A pair's plot: party A above party B, margin and requirement as steps, shortfall shaded.

use super::svg::{figure, hours, text, Canvas, Drawn, FAINT, GRID, INK, MARGIN, REQUIRED, SHORT, TEXT};
use crate::{
    format::clock,
    outcome::{DefaultOutcome, Outcome, PairOutcome},
};
use plotters::{coord::combinators::BindKeyPoints, prelude::*};

const HEIGHT: u32 = 440;
/// The lower panel has the time axis.
const UPPER: i32 = 205;
/// Where the plots end on the right.
const EDGE: i32 = 536;
/// Base units in a million dollars.
const MILLION: f64 = 1e12;

/// A side's state from `from` until `to`, in millions of dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    from: u64,
    to: u64,
    margin: f64,
    required: f64,
}

struct Panel<'a> {
    party: String,
    spans: &'a [Span],
    /// When this party or the other defaulted, and whether it was this one.
    default: Option<(u64, bool)>,
    time: (u64, u64),
    top: f64,
    axis: bool,
}

/// First and last bar of the run, the axis that all pairs share.
pub(super) fn span(outcome: &Outcome) -> (u64, u64) {
    let times = || {
        let points = outcome.pairs.iter().flat_map(|pair| pair.points.iter().map(|point| point.time));
        outcome.bars.iter().map(|bar| bar.time).chain(points)
    };
    let from = times().min().unwrap_or_default();
    (from, times().max().unwrap_or_default().max(from + 300))
}

/// The figure of a pair that has points.
pub(super) fn plot(pair: &PairOutcome, default: Option<&DefaultOutcome>, time: (u64, u64), caption: &str) -> String {
    // A closed-out pair holds its last state until the close-out.
    let end = default.map_or(time.1, |default| default.times.closed_out.clamp(time.0, time.1));
    let sides = [spans(pair, end, true), spans(pair, end, false)];
    let peak = sides.iter().flatten().map(|span| span.margin.max(span.required)).fold(0.0, f64::max);
    let top = if peak > 0.0 { peak * 1.06 } else { 1.0 };
    let title = format!("{}: margin against requirement of {} and {}, USD m", pair.name, pair.party_a, pair.party_b);
    figure(&title, HEIGHT, caption, |canvas| {
        let (upper, lower) = canvas.split_vertically(UPPER);
        let parties = [("A, long", &pair.party_a), ("B, short", &pair.party_b)];
        for (index, ((side, party), area)) in parties.into_iter().zip([upper, lower]).enumerate() {
            let default = default.map(|default| (default.times.defaulted, default.defaulter == *party));
            let party = format!("{side}: {party}");
            panel(&area, &Panel { party, spans: &sides[index], default, time, top, axis: index == 1 })?;
        }
        Ok(())
    })
}

fn spans(pair: &PairOutcome, end: u64, is_a: bool) -> Vec<Span> {
    let until = pair.points.iter().skip(1).map(|point| point.time).chain([end]);
    let side = |(a, b): (u128, u128)| if is_a { a as f64 / MILLION } else { b as f64 / MILLION };
    let points = pair.points.iter().zip(until);
    points
        .map(|(point, to)| Span {
            from: point.time,
            to: to.max(point.time),
            margin: side(point.margin),
            required: side(point.required),
        })
        .collect()
}

fn panel(area: &Canvas, panel: &Panel) -> Drawn {
    let (from, to) = panel.time;
    area.draw(&Text::new(panel.party.as_str(), (46, 12), text(INK, false, true)))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(26)
        .margin_right(24)
        .x_label_area_size(if panel.axis { 30 } else { 6 })
        .y_label_area_size(46)
        .build_cartesian_2d((from..to).with_key_points(hours(from, to)), 0.0..panel.top)?;
    let decimals = [(4.0, 0), (0.4, 1)].into_iter().find(|(least, _)| panel.top >= *least).map_or(3, |(_, few)| few);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(FAINT)
        .label_style(("sans-serif", TEXT).into_font().color(&INK))
        .y_labels(5)
        .x_label_formatter(&|time| if panel.axis { clock(*time) } else { String::new() })
        .y_label_formatter(&|value| format!("{value:.decimals$}"))
        .draw()?;

    for run in panel.spans.chunk_by(|one, next| is_short(one) == is_short(next)).filter(|run| is_short(&run[0])) {
        let mut outline: Vec<(u64, f64)> = steps(run, |span| span.margin).collect();
        outline.reverse();
        outline.splice(0..0, steps(run, |span| span.required));
        chart.draw_series([Polygon::new(outline, SHORT.mix(0.3))])?;
    }
    chart.draw_series(LineSeries::new(steps(panel.spans, |span| span.required), REQUIRED.stroke_width(2)))?;
    chart.draw_series(LineSeries::new(steps(panel.spans, |span| span.margin), MARGIN.stroke_width(3)))?;
    if let Some((time, own)) = panel.default {
        let time = time.clamp(from, to);
        chart.draw_series([PathElement::new(vec![(time, 0.0), (time, panel.top)], SHORT)])?;
        if own {
            let margin = panel.spans.iter().rev().find(|span| span.from <= time).map_or(0.0, |span| span.margin);
            chart.draw_series([Circle::new((time, margin), 6, SHORT.filled())])?;
            let (x, _) = chart.backend_coord(&(time, 0.0));
            // On the side of the line that has room for it.
            let left = x > EDGE - 110;
            let place = (if left { x - 8 } else { x + 8 }, 38);
            area.draw(&Text::new(format!("default {}", clock(time)), place, text(SHORT, left, true)))?;
        }
    }
    Ok(())
}

fn is_short(span: &Span) -> bool {
    span.margin < span.required
}

/// Two corners for each span, so that a value holds until the next one takes effect.
fn steps<'a>(spans: &'a [Span], value: impl Fn(&Span) -> f64 + 'a) -> impl Iterator<Item = (u64, f64)> + 'a {
    spans.iter().flat_map(move |span| [(span.from, value(span)), (span.to, value(span))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_state_holds_until_the_next_instruction() {
        let outcome = fixture::outcome();
        let spans = spans(&outcome.pairs[0], 99_999_999_999, true);
        assert!(spans.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert_eq!(spans.last().map(|span| span.to), Some(99_999_999_999));
    }

    #[test]
    fn shortfall_is_shaded_only_where_there_is_one() {
        let mut outcome = fixture::outcome();
        let shaded = |outcome: &Outcome| {
            let plot = plot(&outcome.pairs[3], None, span(outcome), "");
            plot.contains(&format!("fill=\"{}\"", super::super::svg::hex(SHORT)))
        };
        assert!(shaded(&outcome));
        for point in &mut outcome.pairs[3].points {
            point.required = (0, 0);
        }
        assert!(!shaded(&outcome));
    }

    #[test]
    fn extreme_amounts_still_draw() {
        let mut outcome = fixture::outcome();
        outcome.pairs[0].points[0].margin = (u128::MAX, 0);
        assert!(plot(&outcome.pairs[0], outcome.defaults.first(), span(&outcome), "").contains("<svg"));
        outcome.pairs[0].points.iter_mut().for_each(|point| (point.margin, point.required) = ((0, 0), (0, 0)));
        assert!(plot(&outcome.pairs[0], None, span(&outcome), "").contains("<svg"));
    }
}
