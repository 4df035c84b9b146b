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
}

impl ModelParams {
    /// The parameters of [`crate::commit::MODEL_VERSION`] 1.
    pub const STANDARD: Self = Self {
        decay_per_day_ppm: 940_000,
        margin_tail_ppm: 10_000,
        cover_tail_ppm: 1_000,
        horizon: Seconds::DAY,
        stress_weight_ppm: 250_000,
        burn_in_days: 60,
        stress_window_days: 250,
    };

    /// Commitment to every parameter.
    pub fn digest(&self) -> Digest {
        Canonical::tagged("ringfence.model-params.v1")
            .u32(self.decay_per_day_ppm)
            .u32(self.margin_tail_ppm)
            .u32(self.cover_tail_ppm)
            .u64(self.horizon.get())
            .u32(self.stress_weight_ppm)
            .u32(self.burn_in_days)
            .u32(self.stress_window_days)
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
    }
}

const _: () = assert!(ModelParams::STANDARD.is_sane());

/// Parts per million as a share.
pub(super) fn share(ppm: u32) -> f64 {
    f64::from(ppm) / 1_000_000.0
}
