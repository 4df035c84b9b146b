//! What happened, in two sentences.

use super::prices::tracks;
use super::proof::untouched;
use crate::{
    format::{clock, count, date, percent, usd, usd_whole},
    outcome::{DefaultOutcome, Outcome},
};

/// A space at which no line breaks.
const SOLID: &str = "\u{a0}";

/// The crash, then who paid; plain text.
pub(super) fn headline(outcome: &Outcome) -> [String; 2] {
    let default = match outcome.defaults.first() {
        Some(default) => defaulted(outcome, default),
        None => calm(outcome),
    };
    [crash(outcome), default]
}

fn crash(outcome: &Outcome) -> String {
    let (Some(first), Some(last)) = (outcome.bars.first(), outcome.bars.last()) else {
        return "The run saw no bar.".into();
    };
    let tracks = tracks(outcome);
    let falls: Vec<String> =
        tracks.iter().map(|track| format!("{}{SOLID}{}", track.symbol, depth(track.fall()))).collect();
    // A span of a day or more needs both its dates.
    let until = if last.time.saturating_sub(first.time) < 86_400 { String::new() } else { date(last.time) + " " };
    format!(
        "On {} between {} and {until}{} UTC marks fell, from the first to the lowest: {}.",
        date(first.time),
        clock(first.time),
        clock(last.time),
        listed(&falls)
    )
}

/// A fall without its sign, for it stands after the word.
fn depth(fall: f64) -> String {
    percent(fall).trim_start_matches('-').replace(' ', SOLID)
}

fn defaulted(outcome: &Outcome, default: &DefaultOutcome) -> String {
    let before = default.survivor_margin_before;
    let own = if default.survivor_paid_out >= before {
        format!("its own margin of USD {} back in full", usd_whole(before))
    } else {
        format!("USD {} of its own margin of USD {}", usd(default.survivor_paid_out), usd(before))
    };
    let received = default.survivor_paid_out.saturating_sub(before).min(default.claim);
    let claim = if received == default.claim {
        format!("its claim of USD {} in full", usd_whole(default.claim))
    } else {
        format!("USD {} of its claim of USD {}", usd(received), usd(default.claim))
    };
    let others = &outcome.checks.across_default;
    let kept = others.iter().filter(|pair| untouched(pair)).count();
    let isolated = match (kept, others.len()) {
        (_, 0) => String::new(),
        (kept, all) if kept == all => format!("; all {all} other pairs stayed bit-identical"),
        (kept, all) => format!("; only {kept} of {all} other pairs stayed bit-identical"),
    };
    let more = u128::try_from(outcome.defaults.len() - 1).unwrap_or_default();
    let more =
        if more == 0 { String::new() } else { format!(" ({} not counted here)", count(more, "further default")) };
    format!(
        "At {} {} defaulted on its {} pair with {}{more}, which got {own} and {claim}{isolated}.",
        clock(default.times.defaulted),
        default.defaulter,
        default.pair,
        default.survivor
    )
}

fn calm(outcome: &Outcome) -> String {
    let sum = |of: fn(&crate::outcome::PairOutcome) -> u32| outcome.pairs.iter().map(|pair| u128::from(of(pair))).sum();
    let (calls, cures): (u128, u128) = (sum(|pair| pair.calls), sum(|pair| pair.cures));
    let pairs = u128::try_from(outcome.pairs.len()).unwrap_or_default();
    format!("Nobody defaulted: {} saw {}, {cures} of them met.", count(pairs, "pair"), count(calls, "margin call"))
}

/// `a, b and c`.
fn listed(items: &[String]) -> String {
    match items {
        [] => "nothing".into(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn says_who_fell_who_defaulted_and_who_got_what() {
        let [crash, default] = headline(&fixture::outcome());
        assert_eq!(
            crash.replace(SOLID, " "),
            "On 10 October 2025 between 18:05 and 00:00 UTC marks fell, from the first to the lowest: BTC 11.2 %, \
             ETH 9.6 %, SOL 13.9 % and XRP 19.2 %."
        );
        assert_eq!(
            default,
            "At 21:20 Quillon Asset Management defaulted on its XRP pair with Pemberton Securities, which got its own \
             margin of USD 2,150,000 back in full and its claim of USD 591,800 in full; all 3 other pairs stayed \
             bit-identical."
        );
    }

    #[test]
    fn promises_nothing_that_was_not_paid() {
        let mut outcome = fixture::outcome();
        outcome.defaults[0].survivor_paid_out -= 1_000_000;
        outcome.checks.across_default[0].after.clear();
        let [_, text] = headline(&outcome);
        assert!(text.contains("USD 591,799.00 of its claim of USD 591,800.00"), "{text}");
        assert!(text.contains("only 2 of 3 other pairs"), "{text}");
        outcome.defaults[0].survivor_paid_out = 0;
        assert!(headline(&outcome)[1].contains("USD 0.00 of its own margin"));
    }

    #[test]
    fn a_calm_day_and_an_empty_one_have_words() {
        assert!(headline(&fixture::calm())[1].starts_with("Nobody defaulted: 3 pairs"));
        assert_eq!(headline(&fixture::empty())[0], "The run saw no bar.");
    }
}
