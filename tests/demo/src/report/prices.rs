//! The day's prices: every symbol indexed to 100 at its first mark.

use super::{
    html::{escape, section, Table},
    svg::{self, figure, hours, text, Canvas, Drawn, FAINT, GRID, INK, SHORT, SYMBOLS, TEXT, WIDTH},
};
use crate::{
    format::{clock, percent},
    outcome::Outcome,
};
use plotters::{coord::combinators::BindKeyPoints, prelude::*};

const HEIGHT: u32 = 350;

/// A symbol's marks over the day; at least one, the first above zero.
#[derive(Debug)]
pub(super) struct Track<'a> {
    /// The symbol.
    pub(super) symbol: &'a str,
    /// Time, price as a number, price as the source has it.
    marks: Vec<(u64, f64, &'a str)>,
}

/// The tracks of all symbols, in the order of their first marks.
pub(super) fn tracks(outcome: &Outcome) -> Vec<Track<'_>> {
    let mut tracks: Vec<Track> = Vec::new();
    for bar in &outcome.bars {
        for (symbol, price) in &bar.marks {
            let Some(value) = price.parse().ok().filter(|value: &f64| value.is_finite() && *value > 0.0) else {
                continue;
            };
            let mark = (bar.time, value, price.as_str());
            match tracks.iter_mut().find(|track| track.symbol == symbol) {
                Some(track) => track.marks.push(mark),
                None => tracks.push(Track { symbol, marks: vec![mark] }),
            }
        }
    }
    tracks
}

impl Track<'_> {
    fn first(&self) -> (u64, f64, &str) {
        self.marks[0]
    }

    fn last(&self) -> (u64, f64, &str) {
        self.marks[self.marks.len() - 1]
    }

    fn lowest(&self) -> (u64, f64, &str) {
        self.marks.iter().copied().min_by(|one, other| one.1.total_cmp(&other.1)).unwrap_or(self.first())
    }

    /// Lowest mark over the first, less one: -0.18 is a fall of 18 %.
    pub(super) fn fall(&self) -> f64 {
        self.lowest().1 / self.first().1 - 1.0
    }

    /// A price with as many decimals as the track's longest has.
    fn padded(&self, price: &str) -> String {
        let decimals = |price: &str| price.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let most = self.marks.iter().map(|mark| decimals(mark.2)).max().unwrap_or_default();
        let point = if most > 0 && !price.contains('.') { "." } else { "" };
        format!("{price}{point}{}", "0".repeat(most - decimals(price)))
    }

    fn indexed(&self) -> impl Iterator<Item = (u64, f64)> + '_ {
        self.marks.iter().map(|mark| (mark.0, 100.0 * mark.1 / self.first().1))
    }
}

/// The section: plot and table side by side.
pub(super) fn prices(outcome: &Outcome) -> String {
    let tracks = tracks(outcome);
    if tracks.is_empty() {
        return section("prices", "Prices", "<p class=\"none\">The run saw no bar, so there are no prices.</p>\n");
    }
    let names: Vec<&str> = tracks.iter().map(|track| track.symbol).collect();
    let title = format!("Marks of {}, indexed to 100 at the first bar", names.join(", "));
    let caption = escape("Marks indexed to 100 at the first bar; time in UTC.");
    let plot = figure(&title, HEIGHT, &caption, |canvas| draw(canvas, &tracks, outcome));
    let mut table = Table::new(&["symbol", ">first, USD", ">lowest, USD", ">at", ">last, USD", ">fall"]);
    for track in &tracks {
        let (lowest, last) = (track.lowest(), track.last());
        table.row(&[
            track.symbol,
            &track.padded(track.first().2),
            &track.padded(lowest.2),
            &clock(lowest.0),
            &track.padded(last.2),
            &percent(track.fall()),
        ]);
    }
    let table = table.or("");
    let note =
        "<p class=\"note\">Fall: lowest mark over the first. A mark is the close of a bar, so lows within a bar \
                are not in it.</p>\n";
    section("prices", "Prices", &format!("<div class=\"two plot\">{plot}<div>{table}{note}</div></div>\n"))
}

fn draw(canvas: &Canvas, tracks: &[Track], outcome: &Outcome) -> Drawn {
    let from = outcome.bars.iter().map(|bar| bar.time).min().unwrap_or_default();
    let to = outcome.bars.iter().map(|bar| bar.time).max().unwrap_or_default().max(from + 300);
    let values = || tracks.iter().flat_map(Track::indexed).map(|(_, value)| value);
    let (low, high) = (values().fold(100.0, f64::min), values().fold(100.0, f64::max));
    let pad = ((high - low) * 0.04).max(0.5);
    let mut chart = ChartBuilder::on(canvas)
        .margin_top(24)
        .margin_right(102)
        .x_label_area_size(30)
        .y_label_area_size(42)
        .build_cartesian_2d((from..to).with_key_points(hours(from, to)), low - pad..high + pad)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(FAINT)
        .label_style(("sans-serif", TEXT).into_font().color(&INK))
        .y_labels(6)
        .x_label_formatter(&|time| clock(*time))
        .y_label_formatter(&|value| format!("{value:.0}"))
        .draw()?;
    for default in &outcome.defaults {
        let time = default.times.defaulted.clamp(from, to);
        chart.draw_series([PathElement::new(vec![(time, low - pad), (time, high + pad)], SHORT)])?;
        let (x, _) = chart.backend_coord(&(time, high));
        canvas.draw(&Text::new(format!("{} default", default.pair), (x + 4, 12), text(SHORT, true, false)))?;
    }
    for (track, colour) in tracks.iter().zip(SYMBOLS.iter().cycle()) {
        chart.draw_series(LineSeries::new(track.indexed(), colour.stroke_width(2)))?;
    }

    let ends = tracks.iter().map(|track| chart.backend_coord(&(to, 100.0 * track.last().1 / track.first().1)).1);
    let places = spread(&ends.collect::<Vec<_>>(), svg::TEXT, i32::try_from(HEIGHT).unwrap_or(i32::MAX) - 40);
    for ((track, colour), y) in tracks.iter().zip(SYMBOLS.iter().cycle()).zip(places) {
        let label = format!("{} {:.1}", track.symbol, 100.0 * track.last().1 / track.first().1);
        let x = i32::try_from(WIDTH).unwrap_or(i32::MAX) - 96;
        canvas.draw(&Text::new(label, (x, y), text(*colour, false, true)))?;
    }
    Ok(())
}

/// Moves labels apart to `gap` and keeps the lowest above `floor`, each as near its own place as that allows.
fn spread(wanted: &[i32], gap: i32, floor: i32) -> Vec<i32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|index| wanted[*index]);
    let mut places = wanted.to_vec();
    let mut ceiling = i32::MIN;
    for index in &order {
        places[*index] = places[*index].max(ceiling);
        ceiling = places[*index].saturating_add(gap);
    }
    let mut floor = floor;
    for index in order.iter().rev() {
        places[*index] = places[*index].min(floor);
        floor = places[*index].saturating_sub(gap);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn labels_keep_their_distance() {
        assert_eq!(spread(&[100, 102, 50], 10, 300), [100, 110, 50]);
        assert_eq!(spread(&[298, 300], 10, 300), [290, 300]);
    }

    #[test]
    fn the_fall_is_from_the_first_mark_to_the_lowest() {
        let outcome = fixture::outcome();
        let tracks = tracks(&outcome);
        assert_eq!(tracks.len(), 4);
        assert!((tracks[3].fall() - (2.2 / 2.7217 - 1.0)).abs() < 1e-9);
    }

    #[test]
    fn prices_of_a_symbol_have_equally_many_decimals() {
        let track = Track { symbol: "X", marks: vec![(0, 1.0, "1"), (1, 2.25, "2.25"), (2, 3.5, "3.5")] };
        assert_eq!(["1", "2.25", "3.5"].map(|price| track.padded(price)), ["1.00", "2.25", "3.50"]);
    }

    #[test]
    fn prices_that_are_no_numbers_are_left_out() {
        let mut outcome = fixture::outcome();
        for bar in &mut outcome.bars {
            bar.marks = vec![("X".into(), "NaN".into()), ("Y".into(), "0".into()), ("Z".into(), "1".into())];
        }
        assert_eq!(tracks(&outcome).len(), 1);
        outcome.bars.truncate(1);
        assert!(prices(&outcome).contains("<svg"));
    }
}
