//! The model, fitted before 2024, on the days from 2024 on.

mod common;

use ringfence_oracle::backtest::{run, Report, SIGNIFICANCE};
use ringfence_oracle::files::Source;
use ringfence_oracle::market::{History, Liquidity, Proxies};
use ringfence_oracle::model::ModelParams;
use ringfence_oracle::time::parse_date;

fn read(name: &str) -> Source {
    Source::read(&common::data_dir().join(name)).unwrap()
}

fn reports(split: &str) -> Result<Vec<Report>, String> {
    let history = History::parse(&read("btc-sol-daily.csv")).unwrap();
    let proxies = Proxies::parse(&read("proxy.csv")).unwrap();
    let liquidity = Liquidity::parse(&read("liquidity.csv")).unwrap();
    let split = parse_date(split).unwrap();
    run(&history, &proxies, liquidity, ModelParams::STANDARD, split).map_err(|error| error.to_string())
}

#[test]
fn coverage_at_99_per_cent_is_not_rejected_out_of_sample() {
    let reports = reports("2024-01-01").unwrap();
    assert_eq!(reports.len(), 8);
    for report in &reports {
        let name = report.track.exposure.name;
        assert_eq!(report.track.days.len(), 425, "1 January 2024 to 28 February 2025");
        assert!(report.kupiec.p_value >= SIGNIFICANCE, "{name}: {:?}", report.kupiec);
        assert!(report.rejections().is_empty(), "{name}: {:?}", report.rejections());
        assert!(report.beyond_margin <= report.exceptions, "{name}: the margin is at least value at risk");
    }
}

/// The same numbers by a second program (numpy) were 2, 4, 2, 2, 1, 1 for the first six.
#[test]
fn exceptions_are_as_an_independent_program_counts_them() {
    let counts: Vec<usize> = reports("2024-01-01").unwrap().iter().map(|report| report.exceptions).collect();
    assert_eq!(counts[..6], [2, 4, 2, 2, 1, 1]);
}

#[test]
fn the_floor_makes_margin_move_less() {
    for report in reports("2024-01-01").unwrap() {
        let (plain, floored) = (report.plain, report.floored);
        assert!(floored.peak_to_trough < plain.peak_to_trough, "{}", report.track.exposure.name);
        assert!(floored.thirty_days <= plain.thirty_days && floored.mean >= plain.mean);
    }
}

/// Days from the split on can't change what the model knew: cutting them off leaves the earlier forecasts as they were.
#[test]
fn no_forecast_knows_the_future() {
    let all = reports("2024-01-01").unwrap();
    let text = read("btc-sol-daily.csv").text;
    let cut: Vec<&str> = text.lines().take_while(|line| !line.starts_with("2025-01-01")).collect();
    let history = History::parse(&Source::new("cut.csv", cut.join("\n"))).unwrap();
    let proxies = Proxies::parse(&read("proxy.csv")).unwrap();
    let liquidity = Liquidity::parse(&read("liquidity.csv")).unwrap();
    let short = run(&history, &proxies, liquidity, ModelParams::STANDARD, parse_date("2024-01-01").unwrap()).unwrap();
    for (long, short) in all.iter().zip(&short) {
        assert_eq!(long.track.days[..short.track.days.len()], short.track.days[..]);
    }
}

#[test]
fn a_split_that_leaves_too_little_is_refused() {
    assert!(reports("2021-01-01").unwrap_err().contains("143 data rows, at least 366 needed"));
    assert!(reports("2025-01-01").unwrap_err().contains("59 data rows, at least 250 needed"));
}
