//! Who paid what in a default: the claim and the layers that met it, step by step.

use super::{
    html::{escape, section, Table},
    svg::{figure, text, Canvas, Drawn, AVAILABLE, FAINT, GRID, INK, MARGIN, SHORT, WIDTH},
};
use crate::{
    format::{clock, usd, usd_whole},
    outcome::{DefaultOutcome, Outcome},
};
use plotters::prelude::*;

/// Height of a step: its line of text, its bar and the space below.
const STEP: i32 = 52;
const BAR: (i32, i32) = (22, 42);
const EDGE: i32 = 2;

/// The section; a run without a default says so.
pub(super) fn waterfall(outcome: &Outcome) -> String {
    let heading = "Who paid what";
    if outcome.defaults.is_empty() {
        return section("waterfall", heading, "<p class=\"none\">Nobody defaulted, so no layer was touched.</p>\n");
    }
    let body: String = outcome.defaults.iter().map(one).collect();
    section("waterfall", heading, &body)
}

fn one(default: &DefaultOutcome) -> String {
    let title = format!("Waterfall of the default in {}: claim, what each layer paid, residual", default.pair);
    let steps = i32::try_from(default.layers.len()).unwrap_or(0) + 2;
    let caption = "Dark: paid. Light: was available and stays. Each layer starts where the one above it stopped.";
    let height = u32::try_from(steps * STEP).unwrap_or(STEP.unsigned_abs());
    let plot = figure(&title, height, &escape(caption), |canvas| draw(canvas, default));

    let times = &default.times;
    let mut clocks = Table::new(&["what", ">when, UTC"]);
    clocks.row(&["margin call", &clock(times.called)]);
    clocks.row(&["deadline of the call", &clock(times.deadline)]);
    clocks.row(&["default declared", &clock(times.defaulted)]);
    clocks.row(&["closed out", &clock(times.closed_out)]);

    let mut paid = Table::new(&["who", ">USD"]);
    paid.row(&[format!("{}: own margin just before", default.survivor), usd(default.survivor_margin_before)]);
    paid.row(&["claim for the close-out amount".into(), usd(default.claim)]);
    for layer in &default.layers {
        paid.row(&[format!("paid by {}", layer.name), usd(layer.paid)]);
    }
    paid.row(&["residual that no layer reached".into(), usd(default.residual)]);
    paid.row(&[format!("{} took out", default.survivor), usd(default.survivor_paid_out)]);
    paid.row(&[format!("{} got back", default.defaulter), usd(default.defaulter_paid_out)]);

    let names = format!("{}: {} defaulted against {}", default.pair, default.defaulter, default.survivor);
    format!("<h3>{}</h3>\n<div class=\"two\">{plot}<div>{}{}</div></div>\n", escape(&names), clocks.or(""), paid.or(""))
}

fn draw(canvas: &Canvas, default: &DefaultOutcome) -> Drawn {
    let mut start = 0.0;
    let mut reach = default.claim as f64;
    for layer in &default.layers {
        reach = f64::max(reach, start + layer.available as f64);
        start += layer.paid as f64;
    }
    reach = reach.max(start + default.residual as f64).max(1.0);
    let width = f64::from(WIDTH) - 2.0 * f64::from(EDGE);
    let x = |amount: f64| EDGE + (amount / reach * width).round() as i32;

    label(canvas, 0, "claim", &format!("USD {}", usd_whole(default.claim)))?;
    block(canvas, 0, x(0.0), x(default.claim as f64), INK)?;
    let mut start = 0.0;
    let mut row = 1;
    for layer in &default.layers {
        let end = start + layer.paid as f64;
        connect(canvas, row, x(start))?;
        label(canvas, row, &layer.name, &format!("paid {} of {}", usd_whole(layer.paid), usd_whole(layer.available)))?;
        block(canvas, row, x(start), x(start + layer.available as f64), AVAILABLE)?;
        block(canvas, row, x(start), x(end), MARGIN)?;
        (start, row) = (end, row + 1);
    }
    connect(canvas, row, x(start))?;
    label(canvas, row, "residual", &format!("USD {}", usd_whole(default.residual)))?;
    block(canvas, row, x(start), x(start + default.residual as f64), SHORT)
}

fn label(canvas: &Canvas, row: i32, left: &str, right: &str) -> Drawn {
    let (y, end) = (row * STEP + 11, i32::try_from(WIDTH).unwrap_or(i32::MAX) - EDGE);
    canvas.draw(&Text::new(left.to_owned(), (EDGE, y), text(INK, false, true)))?;
    canvas.draw(&Text::new(right.to_owned(), (end, y), text(FAINT, true, false)))
}

/// A thin line for what is nothing, so that a step of zero is still seen.
fn block(canvas: &Canvas, row: i32, from: i32, to: i32, colour: RGBColor) -> Drawn {
    let (top, bottom) = (row * STEP + BAR.0, row * STEP + BAR.1);
    if to <= from {
        return canvas.draw(&PathElement::new(vec![(from, top), (from, bottom)], colour.stroke_width(2)));
    }
    canvas.draw(&Rectangle::new([(from, top), (to, bottom)], colour.filled()))
}

/// From the end of what is paid so far down to the next step.
fn connect(canvas: &Canvas, row: i32, x: i32) -> Drawn {
    let (above, here) = ((row - 1) * STEP + BAR.1, row * STEP + BAR.0);
    canvas.draw(&PathElement::new(vec![(x, above), (x, here)], GRID.stroke_width(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn every_layer_has_its_step_and_its_row() {
        let html = waterfall(&fixture::outcome());
        assert_eq!(html.matches("<svg").count(), 1);
        for name in ["defaulter&#39;s margin", "entity&#39;s first-loss capital", "tail-risk bond"] {
            assert!(html.contains(&format!("paid by {name}")), "{name}");
        }
        assert!(html.contains("paid 441,800 of 600,000"));
    }

    #[test]
    fn a_default_without_layers_or_amounts_still_draws() {
        let mut outcome = fixture::outcome();
        outcome.defaults[0].layers.clear();
        (outcome.defaults[0].claim, outcome.defaults[0].residual) = (0, 0);
        assert!(waterfall(&outcome).contains("<svg"));
        (outcome.defaults[0].claim, outcome.defaults[0].residual) = (u128::MAX, u128::MAX);
        assert!(waterfall(&outcome).contains("<svg"));
    }
}
