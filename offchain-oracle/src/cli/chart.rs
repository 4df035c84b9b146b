//! Pages without scripts, nothing loaded from elsewhere; the back-test's has one chart an exposure.

use plotters::prelude::*;
use ringfence_oracle::backtest::Report;
use ringfence_oracle::time::format_timestamp;

const SIZE: (u32, u32) = (960, 300);
const PROFIT: RGBColor = RGBColor(120, 130, 145);
const RISK: RGBColor = RGBColor(31, 90, 166);
const MARGIN: RGBColor = RGBColor(20, 120, 80);
const EXCEPTION: RGBColor = RGBColor(196, 43, 43);

/// A whole HTML document.
pub(super) fn page(reports: &[Report], tables: &str) -> Result<String, String> {
    let charts = reports.iter().map(figure).collect::<Result<Vec<_>, _>>()?.concat();
    let body = format!(
        "<p>Fitted before the first day shown, never again. Grey: profit of the day as a share of the exposure. Blue: value at \
         risk at 99 %, forecast the evening before, as a loss. Green: initial margin before add-ons. Red: a loss beyond value at \
         risk.</p>\n<pre>{}</pre>\n{charts}",
        escape(tables)
    );
    Ok(document("Back-test of the margin model", &body))
}

/// A page with a heading; the body is HTML.
pub(super) fn document(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
         <style>body{{font:15px/1.5 system-ui,sans-serif;max-width:980px;margin:2rem auto;padding:0 1rem;color:#1a1f26}}\
         pre{{overflow-x:auto;font-size:13px;line-height:1.3}}svg{{max-width:100%;height:auto}}figure{{margin:2rem 0}}</style></head>\n\
         <body><h1>{title}</h1>\n{body}</body></html>\n"
    )
}

fn figure(report: &Report) -> Result<String, String> {
    let chart = draw(report)?;
    let (name, count) = (report.track.exposure.name, report.exceptions);
    Ok(format!("<figure><figcaption><b>{}</b>: {count} exceptions</figcaption>{chart}</figure>\n", escape(name)))
}

fn draw(report: &Report) -> Result<String, String> {
    let days = &report.track.days;
    let least = days.iter().map(|day| day.profit.min(-day.margin)).fold(0.0, f64::min);
    let most = days.iter().map(|day| day.profit).fold(0.0, f64::max);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(10)
            .x_label_area_size(28)
            .y_label_area_size(56)
            .build_cartesian_2d(0..days.len(), (least * 1.05)..(most * 1.05))
            .map_err(plain)?;
        let date = |index: &usize| {
            days.get(*index).map(|day| format_timestamp(day.day).chars().take(10).collect()).unwrap_or_default()
        };
        let per_cent = |share: &f64| format!("{:.0} %", (share * 100.0).round() + 0.0);
        chart
            .configure_mesh()
            .x_labels(8)
            .x_label_formatter(&date)
            .y_label_formatter(&per_cent)
            .light_line_style(RGBColor(238, 240, 243))
            .draw()
            .map_err(plain)?;
        let line =
            |of: fn(&ringfence_oracle::backtest::Day) -> f64| days.iter().map(of).enumerate().collect::<Vec<_>>();
        chart.draw_series(LineSeries::new(line(|day| day.profit), PROFIT)).map_err(plain)?;
        chart.draw_series(LineSeries::new(line(|day| -day.value_at_risk), RISK)).map_err(plain)?;
        chart.draw_series(LineSeries::new(line(|day| -day.margin), MARGIN)).map_err(plain)?;
        let hits = days.iter().enumerate().filter(|(_, day)| day.is_exception());
        let dots = hits.map(|(index, day)| Circle::new((index, day.profit), 4, EXCEPTION.filled()));
        chart.draw_series(dots).map_err(plain)?;
        area.present().map_err(plain)?;
    }
    Ok(svg)
}

pub(super) fn plain(error: impl std::error::Error) -> String {
    error.to_string()
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
