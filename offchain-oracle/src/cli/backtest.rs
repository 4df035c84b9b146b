use super::args::{BacktestArgs, Cli};
use super::output::{percent, print, print_json, table, write_new};
use super::{chart, data};
use ringfence_oracle::backtest::{run as run_tests, Day, Light, Procyclicality, Ratio, Report};
use ringfence_oracle::commit::MODEL_VERSION;
use ringfence_oracle::error::{quote, InputError, Place, Problem};
use ringfence_oracle::files::Source;
use ringfence_oracle::inputs::DataPaths;
use ringfence_oracle::market::{History, Liquidity, Proxies};
use ringfence_oracle::model::ModelParams;
use ringfence_oracle::protocol::units::Timestamp;
use ringfence_oracle::time::{format_timestamp, parse_date};
use ringfence_oracle::Error;
use serde_json::{json, Value};

pub(super) fn run(cli: &Cli, arguments: &BacktestArgs) -> Result<(), Error> {
    let paths = data::paths(&arguments.data);
    let split = split(&arguments.split)?;
    let reports = tests(&paths, split)?;
    let rejected: Vec<String> = reports
        .iter()
        .flat_map(|report| {
            report.rejections().into_iter().map(|test| format!("{}: {test}", report.track.exposure.name))
        })
        .collect();
    let text = tables(&reports, split);
    if let Some(file) = &arguments.html {
        let page = chart::page(&reports, &text)
            .map_err(|_| Error::Output { target: "the charts".to_owned(), kind: std::io::ErrorKind::InvalidData })?;
        write_new(file, &page)?;
    }
    if cli.json {
        let documents = reports.iter().map(|report| document(report, arguments.days));
        print_json(&json!({
            "model_version": MODEL_VERSION,
            "split": split.get(),
            "exposures": documents.collect::<Vec<_>>(),
            "rejected": rejected,
        }))?;
    } else {
        print(text.trim_end())?;
    }
    if rejected.is_empty() {
        return Ok(());
    }
    Err(Error::Check(format!("the back-test rejects the model at 5 %: {}", rejected.join("; "))))
}

fn tests(paths: &DataPaths, split: Timestamp) -> Result<Vec<Report>, InputError> {
    let history = History::parse(&Source::read(&paths.history)?)?;
    let proxies = Proxies::parse(&Source::read(&paths.proxies)?)?;
    let liquidity = Liquidity::parse(&Source::read(&paths.liquidity)?)?;
    run_tests(&history, &proxies, liquidity, ModelParams::STANDARD, split)
}

fn split(text: &str) -> Result<Timestamp, InputError> {
    parse_date(text).ok_or_else(|| {
        let (name, value) = ("--split".to_owned(), quote(text));
        InputError::new("command line", Place::File, Problem::Time { name, value, example: "2024-01-01" })
    })
}

fn tables(reports: &[Report], split: Timestamp) -> String {
    let days = reports.first().map_or(0, |report| report.track.days.len());
    let head =
        ["99 %", "exceptions", "Kupiec p", "indep. p", "cond. p", "worst 250 d", "Z1", "Z2", "Z2 p", "beyond IM", ""];
    let mut coverage = table(&head);
    let mut cycle = table(&[
        "margin",
        "mean",
        "peak/trough",
        "1 day",
        "5 days",
        "30 days",
        "without floor: peak/trough",
        "30 days",
    ]);
    for report in reports {
        let name = report.track.exposure.name;
        let p = |ratio: Ratio| format!("{:.3}", ratio.p_value);
        let (tests, es) = (report.christoffersen, report.shortfall);
        let verdict =
            if report.rejections().is_empty() { "not rejected".to_owned() } else { report.rejections().join(", ") };
        coverage.add_row([
            name.to_owned(),
            report.exceptions.to_string(),
            p(report.kupiec),
            p(tests.independence),
            p(tests.conditional_coverage),
            format!("{} {}", report.worst_count, light(report.worst_light)),
            es.z1.map_or_else(|| "-".to_owned(), |z1| format!("{z1:.2}")),
            format!("{:.2}", es.z2),
            format!("{:.3}", es.p_value),
            report.beyond_margin.to_string(),
            verdict,
        ]);
        let (with, without) = (report.floored, report.plain);
        cycle.add_row([
            name.to_owned(),
            percent(with.mean),
            format!("{:.2}", with.peak_to_trough),
            percent(with.one_day),
            percent(with.five_days),
            percent(with.thirty_days),
            format!("{:.2}", without.peak_to_trough),
            percent(without.thirty_days),
        ]);
    }
    let expected = f64::from(u32::try_from(days).unwrap_or(u32::MAX)) / 100.0;
    format!(
        "model {MODEL_VERSION}, fitted before {}, {days} days from then on, {expected:.2} exceptions expected\n{coverage}\n\n{cycle}\n",
        format_timestamp(split)
    )
}

const fn light(light: Light) -> &'static str {
    match light {
        Light::Green => "green",
        Light::Yellow => "yellow",
        Light::Red => "red",
    }
}

fn document(report: &Report, with_days: bool) -> Value {
    let ratio = |ratio: Ratio| json!({ "statistic": ratio.statistic, "p_value": ratio.p_value });
    let cycle = |measures: Procyclicality| {
        json!({
            "mean": measures.mean, "peak_to_trough": measures.peak_to_trough, "largest_rise_1d": measures.one_day,
            "largest_rise_5d": measures.five_days, "largest_rise_30d": measures.thirty_days,
        })
    };
    let days = with_days.then(|| report.track.days.iter().map(day).collect::<Vec<_>>());
    json!({
        "exposure": report.track.exposure.name,
        "days": report.track.days.len(),
        "exceptions": report.exceptions,
        "beyond_initial_margin": report.beyond_margin,
        "kupiec": ratio(report.kupiec),
        "independence": ratio(report.christoffersen.independence),
        "conditional_coverage": ratio(report.christoffersen.conditional_coverage),
        "traffic_light": { "zone": light(report.worst_light), "worst_exceptions_in_250_days": report.worst_count },
        "acerbi_szekely": { "z1": report.shortfall.z1, "z2": report.shortfall.z2, "p_value": report.shortfall.p_value },
        "procyclicality": { "floored": cycle(report.floored), "plain": cycle(report.plain) },
        "rejected_by": report.rejections(),
        "series": days,
    })
}

fn day(day: &Day) -> Value {
    json!({
        "day": day.day.get(),
        "profit": day.profit,
        "value_at_risk": day.value_at_risk,
        "expected_shortfall": day.shortfall,
        "initial_margin": day.margin,
    })
}
