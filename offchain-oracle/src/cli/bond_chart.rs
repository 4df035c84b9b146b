//! The exceedance curves of a pair with the layer in them, and the page around it.

use super::bond::{share, Priced};
use super::chart::{document, escape, plain};
use plotters::prelude::*;
use ringfence_oracle::bond::SidePrice;
use ringfence_oracle::model::convert::int_to_f64_nearest;
use ringfence_oracle::units::MicroUsd;

const SIZE: (u32, u32) = (960, 460);
const SIDE_A: RGBColor = RGBColor(31, 90, 166);
const SIDE_B: RGBColor = RGBColor(168, 84, 20);
const LAYER: RGBColor = RGBColor(20, 120, 80);
/// Points of a drawn curve.
const POINTS: u32 = 240;
/// The rarest chance that is drawn.
const RAREST: f64 = 1e-7;

/// Losses beyond margin and first-loss capital, so that the layer lies at one place for both sides, against the chance that
/// they are exceeded, on a logarithmic scale.
pub(super) fn draw(priced: &Priced) -> Result<String, String> {
    let from = millions(priced.proposal.layer.attachment);
    let to = from + millions(priced.proposal.layer.limit);
    let (least, most) = (-0.25 * to, 1.15 * to);
    let sides = [("A", &priced.price.sides.a, SIDE_A), ("B", &priced.price.sides.b, SIDE_B)];
    let rarest = sides.iter().map(|(_, side, _)| chance(priced, side, most)).fold(1.0, f64::min);
    let floor = (rarest / 2.0).clamp(RAREST, 1e-3);
    let likeliest = sides.iter().map(|(_, side, _)| chance(priced, side, least)).fold(10.0 * floor, f64::max);
    let ceiling = (3.0 * likeliest).min(1.0);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(44)
            .y_label_area_size(72)
            .build_cartesian_2d(least..most, (floor..ceiling).log_scale())
            .map_err(plain)?;
        chart
            .configure_mesh()
            .x_desc("loss beyond margin and first-loss capital, millions of USD")
            .y_desc("chance of more, given a default")
            .x_label_formatter(&|loss: &f64| format!("{:.2}", loss + 0.0))
            .y_label_formatter(&|chance: &f64| format!("{} %", chance * 100.0))
            .light_line_style(RGBColor(244, 245, 247))
            .draw()
            .map_err(plain)?;
        let band = Rectangle::new([(from, floor), (to, ceiling)], LAYER.mix(0.12).filled());
        chart
            .draw_series(std::iter::once(band))
            .map_err(plain)?
            .label("the layer")
            .legend(|(x, y)| Rectangle::new([(x, y - 5), (x + 18, y + 5)], LAYER.mix(0.3).filled()));
        for (name, side, color) in sides {
            let points = (0..=POINTS).map(|i| least + (most - least) * f64::from(i) / f64::from(POINTS));
            let line = points.map(|loss| (loss, chance(priced, side, loss))).filter(|(_, chance)| *chance >= floor);
            chart
                .draw_series(LineSeries::new(line, color.stroke_width(2)))
                .map_err(plain)?
                .label(format!("default of {name}"))
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
            let dots = scenarios(priced, side)
                .filter(|(loss, chance)| (least..most).contains(loss) && (floor..=ceiling).contains(chance));
            chart.draw_series(dots.map(|at| Circle::new(at, 2, color.mix(0.45).filled()))).map_err(plain)?;
            for (loss, low, high) in whiskers(priced, side, from, to, floor) {
                let line = PathElement::new([(loss, low), (loss, high)], color.mix(0.7));
                chart.draw_series(std::iter::once(line)).map_err(plain)?;
            }
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.9))
            .border_style(RGBColor(200, 205, 212))
            .draw()
            .map_err(plain)?;
        area.present().map_err(plain)?;
    }
    Ok(svg)
}

/// A whole HTML document.
pub(super) fn page(priced: &Priced, tables: &str, chart: &str) -> String {
    let title = format!("A layer of a tail-risk bond on {}", priced.pair);
    document(
        &title,
        &format!(
            "<p>Lines: scenarios, and the fitted tail beyond its threshold. Dots: single scenarios. Strokes: 95 % intervals at every \
             fifth of the layer.</p>\n<figure>{chart}</figure>\n<pre>{}</pre>",
            escape(tables)
        ),
    )
}

/// What lies below all bonds: margin and first-loss capital, less what closing out costs, millions.
fn ground(priced: &Priced, side: &SidePrice) -> f64 {
    millions(side.margin) + millions(priced.proposal.layer.first_loss) - priced.price.close_out_cost / 1e6
}

fn chance(priced: &Priced, side: &SidePrice, loss: f64) -> f64 {
    side.curve.exceeding((ground(priced, side) + loss) * 1e6)
}

/// Each scenario at the middle of its step of the empirical curve.
fn scenarios<'a>(priced: &'a Priced, side: &'a SidePrice) -> impl Iterator<Item = (f64, f64)> + 'a {
    let count = ringfence_oracle::model::convert::count_to_f64(priced.price.scenarios);
    let ground = ground(priced, side);
    side.curve.scenarios().iter().zip(0_u32..).map(move |(loss, i)| (loss / 1e6 - ground, (f64::from(i) + 0.5) / count))
}

fn whiskers(
    priced: &Priced,
    side: &SidePrice,
    from: f64,
    to: f64,
    floor: f64,
) -> impl Iterator<Item = (f64, f64, f64)> {
    // Side by side, so that neither hides the other.
    let aside = if std::ptr::eq(side, &priced.price.sides.a) { -0.002 } else { 0.002 };
    let points: Vec<_> = side.exceedance.iter().zip(0_u32..).filter(|(_, step)| step % 4 == 0).collect();
    let placed = points.into_iter().filter_map(|(point, step)| Some((point.interval?, step)));
    let drawn = placed.filter(|((_, high), _)| *high > floor).map(|((low, high), step)| {
        let loss = from + (to - from) * (share(step) + aside);
        (loss, low.max(floor), high)
    });
    drawn.collect::<Vec<_>>().into_iter()
}

fn millions(money: MicroUsd) -> f64 {
    int_to_f64_nearest(money.get()) / 1e12
}
