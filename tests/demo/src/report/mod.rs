//! The report: one HTML file that opens anywhere, without scripts, fonts or images from elsewhere.

mod bond;
mod book;
mod headline;
mod html;
mod margin_plot;
mod margins;
mod method;
mod prices;
mod proof;
mod svg;
mod waterfall;

use crate::outcome::Outcome;

pub(crate) use proof::untouched;

/// Nothing may be loaded, so a page that tries shows as broken.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE: &str = include_str!("style.css");

/// The whole page.
pub(crate) fn html(outcome: &Outcome) -> String {
    let [crash, default] = headline::headline(outcome);
    let sections = [
        prices::prices(outcome),
        margins::margins(outcome),
        waterfall::waterfall(outcome),
        bond::bond(outcome),
        proof::isolation(outcome),
        proof::checks(outcome),
        bond::entity(outcome),
        method::method(outcome),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <title>Ringfence: the main job</title>\n<style>\n{STYLE}@media screen and (prefers-color-scheme: dark) {{\n{}}}\n\
         </style>\n</head>\n<body>\n<header>\n<p class=\"kicker\">Ringfence, the main job</p>\n<h1>{}</h1>\n\
         <p class=\"lead\">{}</p>\n</header>\n<main>\n{}</main>\n</body>\n</html>\n",
        svg::dark_rules(),
        html::escape(&crash),
        html::escape(&default),
        sections.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn has_one_svg_for_each_plot() {
        let page = html(&fixture::outcome());
        assert_eq!(page.matches("<svg").count(), 1 + 4 + 1 + 1);
        assert_eq!(page.matches("</svg>").count(), 7);
        assert_eq!(page.matches("<section").count(), 8);
    }

    #[test]
    fn loads_nothing_from_elsewhere() {
        let page = html(&fixture::outcome()).replace("http://www.w3.org/2000/svg", "");
        for outside in ["http:", "https:", "src=", "href=", "url(", "@import", "<script"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn names_from_the_outcome_are_escaped_everywhere() {
        let mut outcome = fixture::outcome();
        let evil = "<script>\"&'";
        outcome.pairs[3].name = evil.into();
        outcome.pairs[3].party_a = evil.into();
        outcome.pairs[3].ended = evil.into();
        outcome.pairs[3].vault = evil.into();
        outcome.defaults[0].pair = evil.into();
        outcome.defaults[0].defaulter = evil.into();
        outcome.defaults[0].survivor = evil.into();
        outcome.defaults[0].layers[0].name = evil.into();
        outcome.series.pair = evil.into();
        outcome.series.holders[0].name = evil.into();
        outcome.entity.allocated[0].0 = evil.into();
        outcome.checks.across_default[0].pair = evil.into();
        outcome.checks.across_default[0].before = evil.into();
        outcome.bars.iter_mut().for_each(|bar| bar.marks[0].0 = evil.into());
        assert!(!html(&outcome).contains("<script"));
    }

    #[test]
    fn a_day_without_default_and_an_empty_run_have_words() {
        let page = html(&fixture::calm());
        assert_eq!(page.matches("<svg").count(), 1 + 3 + 1);
        assert!(page.contains("Nobody defaulted, so no layer was touched."));
        let page = html(&fixture::empty());
        assert_eq!(page.matches("<svg").count(), 0);
        for words in ["The run saw no bar", "The run had no pairs", "The series has no holders"] {
            assert!(page.contains(words), "{words}");
        }
    }

    #[test]
    fn a_run_of_one_bar_still_draws() {
        let mut outcome = fixture::outcome();
        outcome.bars.truncate(1);
        outcome.pairs.iter_mut().for_each(|pair| pair.points.truncate(1));
        assert_eq!(html(&outcome).matches("<svg").count(), 7);
        outcome.pairs.iter_mut().for_each(|pair| pair.points.clear());
        assert!(html(&outcome).contains("No instruction took effect on this pair."));
    }
}
