//! What Prometheus reads. Every name is in [`NAMES`]; the dashboard and the alert rules under `ops/` are checked against it.

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Seconds; from a millisecond to ten.
const BUCKETS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0];

/// A label with one name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Kind {
    /// Which.
    pub kind: String,
}

/// A vault.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfVault {
    /// The pair's label.
    pub pair: String,
    /// The vault's address.
    pub vault: String,
}

/// A coin.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfMarket {
    /// Its ticker.
    pub market: String,
}

/// A source of marks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfSource {
    /// Its name.
    pub source: String,
}

/// A signer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfSigner {
    /// Its address.
    pub signer: String,
}

/// A route and how a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct OfRoute {
    /// The route's pattern.
    pub route: String,
    /// The HTTP status.
    pub status: u16,
}

/// All metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Instructions by the stage they reached.
    pub instructions: Family<Kind, Counter>,
    /// From a tick to the signatures it led to.
    pub tick_to_signed: Histogram,
    /// A pass over all pairs at a tick.
    pub tick: Histogram,
    /// Quotes taken in.
    pub quotes: Counter,
    /// Quotes refused.
    pub quotes_refused: Counter,
    /// Times that a live source could not be reached or read.
    pub source_troubles: Family<OfSource, Counter>,
    /// 1 if a signer did not sign the last that it was asked for.
    pub signer_trouble: Family<OfSigner, Gauge>,
    /// 1 if a coin has a fresh mark.
    pub mark_fresh: Family<OfMarket, Gauge>,
    /// The last finalised block.
    pub finalised_block: Gauge,
    /// When that block was made.
    pub finalised_time: Gauge,
    /// Times the chain did not answer as it should.
    pub chain_errors: Counter,
    /// Finalised blocks that went away.
    pub reorganisations: Counter,
    /// Calls that are under way.
    pub under_way: Gauge,
    /// 1 if a pair can't be valued.
    pub pair_stopped: Family<OfVault, Gauge>,
    /// 1 if an instruction met trouble and is not through.
    pub pair_trouble: Family<OfVault, Gauge>,
    /// Valuation time of the last instruction that the vault took.
    pub last_valuation: Family<OfVault, Gauge>,
    /// Margin calls open, both sides.
    pub calls_open: Family<OfVault, Gauge>,
    /// Tail requirement that nothing covers, base units.
    pub tail_gap: Family<OfVault, Gauge>,
    /// What that is after live cover lapses, base units.
    pub gap_after_lapse: Family<OfVault, Gauge>,
    /// When live cover lapses; only of vaults that have some.
    pub cover_lapses: Family<OfVault, Gauge>,
    /// Alarms by kind.
    pub alarms: Family<Kind, Counter>,
    /// Requests by route and status.
    pub requests: Family<OfRoute, Counter>,
    /// Time of requests, streams excepted.
    pub request_seconds: Histogram,
    /// Streams of events that are open.
    pub streams: Gauge,
    /// 1 if the service is ready.
    pub ready: Gauge,
}

/// Every name as Prometheus sees it, without the suffixes that histograms add.
pub const NAMES: [&str; 25] = [
    "ringfence_instructions_total",
    "ringfence_tick_to_signed_seconds",
    "ringfence_tick_seconds",
    "ringfence_quotes_total",
    "ringfence_quotes_refused_total",
    "ringfence_source_troubles_total",
    "ringfence_signer_trouble",
    "ringfence_mark_fresh",
    "ringfence_finalised_block",
    "ringfence_finalised_time_seconds",
    "ringfence_chain_errors_total",
    "ringfence_reorganisations_total",
    "ringfence_calls_under_way",
    "ringfence_pair_stopped",
    "ringfence_pair_trouble",
    "ringfence_last_valuation_time_seconds",
    "ringfence_margin_calls_open",
    "ringfence_tail_gap",
    "ringfence_tail_gap_after_lapse",
    "ringfence_cover_lapse_time_seconds",
    "ringfence_alarms_total",
    "ringfence_requests_total",
    "ringfence_request_seconds",
    "ringfence_streams_open",
    "ringfence_ready",
];

impl Default for Metrics {
    fn default() -> Self {
        let histogram = || Histogram::new(BUCKETS);
        let mut metrics = Self {
            registry: Registry::with_prefix("ringfence"),
            instructions: Family::default(),
            tick_to_signed: histogram(),
            tick: histogram(),
            quotes: Counter::default(),
            quotes_refused: Counter::default(),
            source_troubles: Family::default(),
            signer_trouble: Family::default(),
            mark_fresh: Family::default(),
            finalised_block: Gauge::default(),
            finalised_time: Gauge::default(),
            chain_errors: Counter::default(),
            reorganisations: Counter::default(),
            under_way: Gauge::default(),
            pair_stopped: Family::default(),
            pair_trouble: Family::default(),
            last_valuation: Family::default(),
            calls_open: Family::default(),
            tail_gap: Family::default(),
            gap_after_lapse: Family::default(),
            cover_lapses: Family::default(),
            alarms: Family::default(),
            requests: Family::default(),
            request_seconds: histogram(),
            streams: Gauge::default(),
            ready: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("instructions", "Instructions by the stage they reached", self.instructions.clone());
        registry.register(
            "tick_to_signed_seconds",
            "From a tick to the signatures it led to",
            self.tick_to_signed.clone(),
        );
        registry.register("tick_seconds", "A pass over all pairs at a tick", self.tick.clone());
        registry.register("quotes", "Quotes taken in", self.quotes.clone());
        registry.register("quotes_refused", "Quotes refused", self.quotes_refused.clone());
        registry.register(
            "source_troubles",
            "Times that a live source could not be reached or read",
            self.source_troubles.clone(),
        );
        registry.register(
            "signer_trouble",
            "1 if a signer did not sign the last that it was asked for",
            self.signer_trouble.clone(),
        );
        registry.register("mark_fresh", "1 if a coin has a fresh mark", self.mark_fresh.clone());
        registry.register("finalised_block", "The last finalised block", self.finalised_block.clone());
        registry.register("finalised_time_seconds", "When that block was made", self.finalised_time.clone());
        registry.register("chain_errors", "Times the chain did not answer as it should", self.chain_errors.clone());
        registry.register("reorganisations", "Finalised blocks that went away", self.reorganisations.clone());
        registry.register("calls_under_way", "Calls handed to the chain and not final", self.under_way.clone());
        registry.register("pair_stopped", "1 if a pair can't be valued", self.pair_stopped.clone());
        registry.register("pair_trouble", "1 if an instruction is held up", self.pair_trouble.clone());
        registry.register(
            "last_valuation_time_seconds",
            "Valuation time of the last instruction that the vault took",
            self.last_valuation.clone(),
        );
        registry.register("margin_calls_open", "Margin calls open, both sides", self.calls_open.clone());
        registry.register("tail_gap", "Tail requirement that nothing covers, base units", self.tail_gap.clone());
        registry.register(
            "tail_gap_after_lapse",
            "What of it nothing covers after live cover lapses, base units",
            self.gap_after_lapse.clone(),
        );
        registry.register("cover_lapse_time_seconds", "When live cover lapses", self.cover_lapses.clone());
        registry.register("alarms", "Alarms by kind", self.alarms.clone());
        registry.register("requests", "Requests by route and status", self.requests.clone());
        registry.register("request_seconds", "Time of requests, streams excepted", self.request_seconds.clone());
        registry.register("streams_open", "Streams of events that are open", self.streams.clone());
        registry.register("ready", "1 if the service is ready", self.ready.clone());
    }

    /// All of them in the OpenMetrics text format.
    ///
    /// # Errors
    /// None in practice: text grows in memory.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
