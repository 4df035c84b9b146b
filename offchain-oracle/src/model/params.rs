use crate::commit::Canonical;
use ringfence_protocol::units::Seconds;
use ringfence_protocol::Digest;

/// The numbers of the model. Integers, so that they can be committed to; parts per million where they are shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelParams {
    /// Weight of yesterday's variance in today's: lambda of RiskMetrics (1996), per day.
    pub decay_per_day_ppm: u32,
    /// One less the level of initial margin: 10,000 is expected shortfall at 99 %.
    pub margin_tail_ppm: u32,
    /// One less the level of the tail requirement: 1,000 is expected shortfall at 99.9 %.
    pub cover_tail_ppm: u32,
    /// Margin period of risk: from the last good settlement to a closed-out or replaced position.
    pub horizon: Seconds,
    /// Weight of stressed volatility in the procyclicality floor (EMIR RTS 153/2013 article 28(1)(b): at least 25 %).
    pub stress_weight_ppm: u32,
    /// Days whose mean squared return starts the volatility filter, and that give no residual.
    pub burn_in_days: u32,
    /// Length of the stressed period, in days.
    pub stress_window_days: u32,
    /// The worst losses that a tail is fitted to: 50,000 is the worst 5 %.
    pub peak_ppm: u32,
    /// How far implied volatility is scanned up and down, a share of itself at short tenors.
    pub scan_ppm: u32,
    /// The tenor in days beyond which volatility moves less, with the square root of time.
    pub scan_days: u32,
    /// The largest factor by which one scenario raises volatility.
    pub stretch_cap_ppm: u32,
    /// The constant of the square-root law of market impact.
    pub impact_ppm: u32,
}

impl ModelParams {
    /// The parameters of [`crate::commit::MODEL_VERSION`] 2.
    pub const STANDARD: Self = Self {
        decay_per_day_ppm: 940_000,
        margin_tail_ppm: 10_000,
        cover_tail_ppm: 1_000,
        horizon: Seconds::DAY,
        stress_weight_ppm: 250_000,
        burn_in_days: 60,
        stress_window_days: 250,
        peak_ppm: 50_000,
        scan_ppm: 150_000,
        scan_days: 30,
        stretch_cap_ppm: 2_500_000,
        impact_ppm: 1_000_000,
    };

    /// Commitment to every parameter.
    pub fn digest(&self) -> Digest {
        Canonical::tagged("ringfence.model-params.v2")
            .u32(self.decay_per_day_ppm)
            .u32(self.margin_tail_ppm)
            .u32(self.cover_tail_ppm)
            .u64(self.horizon.get())
            .u32(self.stress_weight_ppm)
            .u32(self.burn_in_days)
            .u32(self.stress_window_days)
            .u32(self.peak_ppm)
            .u32(self.scan_ppm)
            .u32(self.scan_days)
            .u32(self.stretch_cap_ppm)
            .u32(self.impact_ppm)
            .hash()
    }

    /// True if every parameter is inside the range in which the model means something.
    pub const fn is_sane(&self) -> bool {
        self.decay_per_day_ppm >= 500_000
            && self.decay_per_day_ppm < 1_000_000
            && self.margin_tail_ppm > 0
            && self.cover_tail_ppm > 0
            && self.cover_tail_ppm <= self.margin_tail_ppm
            && self.margin_tail_ppm <= 500_000
            && self.horizon.get() >= 300
            && self.horizon.get() <= 30 * 86_400
            && self.stress_weight_ppm >= 250_000
            && self.stress_weight_ppm <= 1_000_000
            && self.burn_in_days >= 20
            && self.burn_in_days <= 250
            && self.stress_window_days >= 60
            && self.stress_window_days <= 366
            && self.peak_ppm > self.cover_tail_ppm
            && self.peak_ppm <= 200_000
            && self.scan_ppm <= 900_000
            && self.scan_days >= 1
            && self.scan_days <= 365
            && self.stretch_cap_ppm >= 1_000_000
            && self.stretch_cap_ppm <= 10_000_000
            && self.impact_ppm <= 10_000_000
    }
}

const _: () = assert!(ModelParams::STANDARD.is_sane());

/// Parts per million as a share.
pub(super) fn share(ppm: u32) -> f64 {
    f64::from(ppm) / 1_000_000.0
}
