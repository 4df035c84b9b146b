//! What the plots share: palette, text, time axis and the way an SVG becomes a figure.

use super::html::escape;
use plotters::{coord::Shift, prelude::*};

/// Where a plot draws.
pub(super) type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// Whether it could.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// Width of every plot, in its own units; the page scales it.
pub(super) const WIDTH: u32 = 560;
/// Size of text, as plotters counts it.
pub(super) const TEXT: i32 = 17;

pub(super) const INK: RGBColor = RGBColor(0x1f, 0x29, 0x33);
pub(super) const FAINT: RGBColor = RGBColor(0x5c, 0x67, 0x73);
pub(super) const GRID: RGBColor = RGBColor(0xdd, 0xe1, 0xe6);
pub(super) const MARGIN: RGBColor = RGBColor(0x00, 0x5f, 0xa3);
pub(super) const REQUIRED: RGBColor = RGBColor(0x3d, 0x46, 0x50);
pub(super) const SHORT: RGBColor = RGBColor(0xd1, 0x2f, 0x1d);
pub(super) const AVAILABLE: RGBColor = RGBColor(0xb9, 0xd3, 0xe8);
/// Told apart by readers of every kind of colour vision; further symbols start again.
pub(super) const SYMBOLS: [RGBColor; 4] =
    [RGBColor(0xb8, 0x52, 0x00), RGBColor(0x00, 0x68, 0xa8), RGBColor(0x00, 0x7a, 0x5a), RGBColor(0xa2, 0x3f, 0x86)];

/// The same colours on a dark page.
const DARK: [(RGBColor, &str); 11] = [
    (INK, "#e6e9ed"),
    (FAINT, "#a3adb8"),
    (GRID, "#343b43"),
    (MARGIN, "#63b3f2"),
    (REQUIRED, "#c5ccd4"),
    (SHORT, "#ff7a66"),
    (AVAILABLE, "#2c4d69"),
    (SYMBOLS[0], "#ff9c4a"),
    (SYMBOLS[1], "#5cb8ff"),
    (SYMBOLS[2], "#3fd0a2"),
    (SYMBOLS[3], "#ee8fd3"),
];

/// Style rules that put the plots' colours on a dark page.
pub(super) fn dark_rules() -> String {
    DARK.iter().fold(String::new(), |rules, (colour, dark)| {
        let light = hex(*colour);
        format!("{rules}svg [fill=\"{light}\"]{{fill:{dark}}}svg [stroke=\"{light}\"]{{stroke:{dark}}}\n")
    })
}

/// A colour as the SVG backend writes it.
pub(super) fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// Draws a plot and wraps it as a figure; `title` is for those who can't see it, `caption` is HTML.
pub(super) fn figure(title: &str, height: u32, caption: &str, draw: impl FnOnce(&Canvas) -> Drawn) -> String {
    let mut svg = String::new();
    let drawn = {
        let canvas = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        draw(&canvas).and_then(|()| canvas.present())
    };
    if let Err(error) = drawn {
        return format!("<p class=\"none\">This plot could not be drawn: {}.</p>\n", escape(&error.to_string()));
    }
    let title = escape(title);
    let sized = format!("<svg width=\"{WIDTH}\" height=\"{height}\" ");
    let svg = svg.replacen(&sized, &format!("<svg role=\"img\" aria-label=\"{title}\" "), 1);
    let caption = if caption.is_empty() { String::new() } else { format!("<figcaption>{caption}</figcaption>\n") };
    format!("<figure>\n{svg}{caption}</figure>\n")
}

/// Text in a colour, anchored at its left or right end, centred vertically.
pub(super) fn text(colour: RGBColor, end: bool, bold: bool) -> TextStyle<'static> {
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    let font = ("sans-serif", TEXT).into_font();
    let font = if bold { font.style(FontStyle::Bold) } else { font };
    let side = if end { HPos::Right } else { HPos::Left };
    font.color(&colour).pos(Pos::new(side, VPos::Center))
}

/// Whole hours within a span of time, thinned to at most eight.
pub(super) fn hours(from: u64, to: u64) -> Vec<u64> {
    const HOUR: u64 = 3_600;
    let step = HOUR * (to.saturating_sub(from) / HOUR / 8 + 1);
    let first = from.div_ceil(step) * step;
    (0..=8).map(|index| first + index * step).take_while(|time| *time <= to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_axis_has_few_round_ticks() {
        assert_eq!(hours(3_500, 11_000), [3_600, 7_200, 10_800]);
        assert!(hours(0, 30 * 86_400).len() <= 9);
        assert_eq!(hours(10, 20), [0_u64; 0]);
    }

    #[test]
    fn a_figure_scales_and_says_what_it_shows() {
        let figure = figure("a \"plot\"", 100, "", |_| Ok(()));
        assert!(figure.contains("<svg role=\"img\" aria-label=\"a &quot;plot&quot;\" viewBox=\"0 0 560 100\""));
    }

    #[test]
    fn every_colour_has_a_dark_twin() {
        let rules = dark_rules();
        for colour in [INK, FAINT, GRID, MARGIN, REQUIRED, SHORT, AVAILABLE].into_iter().chain(SYMBOLS) {
            assert!(rules.contains(&hex(colour)), "{colour:?}");
        }
    }
}
