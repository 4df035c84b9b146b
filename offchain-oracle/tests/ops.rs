//! Dashboard and alert rules name no metric that the program does not have, and leave out none.

use prometheus_client::metrics::gauge::Gauge;
use ringfence_oracle::service::{Metrics, NAMES};
use std::collections::BTreeSet;

const ALERTS: &str = include_str!("../ops/alerts.yml");
const DASHBOARD: &str = include_str!("../ops/dashboard.json");

/// Every word of a text that begins like a metric of ours, without what histograms add.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = words.filter(|word| word.starts_with("ringfence_"));
    ours.map(|word| ["_bucket", "_sum", "_count"].iter().fold(word, |word, end| word.trim_end_matches(end)).to_owned())
        .collect()
}

fn served() -> BTreeSet<String> {
    use ringfence_oracle::service::labels::{Kind, OfMarket, OfRoute, OfSigner, OfSource, OfVault};
    let metrics = Metrics::default();
    // A family without a member is not shown.
    let kind = Kind { kind: "x".to_owned() };
    let vault = OfVault { pair: "x".to_owned(), vault: "0x".to_owned() };
    metrics.instructions.get_or_create(&kind).inc();
    metrics.alarms.get_or_create(&kind).inc();
    metrics.mark_fresh.get_or_create(&OfMarket { market: "BTC".to_owned() }).set(1);
    metrics.source_troubles.get_or_create(&OfSource { source: "x".to_owned() }).inc();
    metrics.signer_trouble.get_or_create(&OfSigner { signer: "0x".to_owned() }).set(1);
    metrics.requests.get_or_create(&OfRoute { route: "/".to_owned(), status: 200 }).inc();
    for family in [
        &metrics.pair_stopped,
        &metrics.pair_trouble,
        &metrics.last_valuation,
        &metrics.calls_open,
        &metrics.tail_gap,
        &metrics.gap_after_lapse,
        &metrics.cover_lapses,
    ] {
        let gauge: Gauge = family.get_or_create_owned(&vault);
        gauge.set(1);
    }
    let text = metrics.text().unwrap();
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples.flat_map(named).collect()
}

#[test]
fn every_metric_named_exists() {
    let (served, listed) = (served(), NAMES.map(str::to_owned).into_iter().collect::<BTreeSet<_>>());
    assert_eq!(served, listed);
    for (file, text) in [("alerts.yml", ALERTS), ("dashboard.json", DASHBOARD)] {
        let unknown: Vec<String> = named(text).difference(&listed).cloned().collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}");
        assert!(named(text).len() > 8, "{file}");
    }
    let shown: BTreeSet<String> = named(ALERTS).union(&named(DASHBOARD)).cloned().collect();
    assert_eq!(shown, listed, "every metric is on the dashboard or in a rule");
}

#[test]
fn the_dashboard_reads_and_every_panel_has_a_query() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() > 10);
    for panel in panels {
        assert!(panel["targets"].as_array().is_some_and(|targets| !targets.is_empty()), "{}", panel["title"]);
    }
    let alerts = ALERTS.matches("- alert: ").count();
    assert_eq!((alerts, ALERTS.matches("expr: ").count(), ALERTS.matches("description: ").count()), (14, 14, 14));
}
