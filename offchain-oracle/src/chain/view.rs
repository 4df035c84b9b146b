//! A vault and a bond as their own views tell them.

use ringfence_bindings::{IMarginVault, ITailRiskBond};
use ringfence_protocol::units::{Amount, Bps, Seconds, SignedAmount, Timestamp};
use ringfence_protocol::{Address, Digest, Pair};

pub use ringfence_protocol::vault::MAX_LAYERS;

/// Where a vault is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Not accepted by both parties yet.
    #[default]
    Proposed,
    /// Takes instructions.
    Active,
    /// A party is in default.
    Defaulted,
    /// Everything is settled.
    Closed,
}

/// What the oracle has to know of a vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VaultView {
    /// Where it is in its life.
    pub phase: Phase,
    /// The last sequence that was settled; zero before the first.
    pub sequence: u64,
    /// When the last settled instruction was valued; zero before the first.
    pub valuation_time: Timestamp,
    /// X of the last settled instruction, base units; positive if B owes A.
    pub entitlement_a: SignedAmount,
    /// How often the parties agreed a portfolio.
    pub portfolio_version: u64,
    /// The portfolio that both parties signed.
    pub portfolio_root: Digest,
    /// How often the signers were replaced.
    pub signer_epoch: u64,
    /// Hash of the terms.
    pub terms_hash: Digest,
    /// A change of X beyond this needs every signer, base units.
    pub max_move: Amount,
    /// The oldest valuation that it takes.
    pub max_staleness: Seconds,
    /// Both parties.
    pub sides: Pair<SideView>,
    /// What stands behind the margin.
    pub tail: TailView,
    /// Its bond layers, lowest first; at most [`MAX_LAYERS`].
    pub layers: Vec<LayerView>,
}

/// One party, base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideView {
    /// Margin held.
    pub margin: Amount,
    /// Margin required.
    pub required: Amount,
    /// Value of its collateral after haircuts.
    pub credit: Amount,
    /// What it owes and could not pay.
    pub deficit: Amount,
    /// Open margin call; zero if none.
    pub call_amount: Amount,
    /// When the call is due; zero if none.
    pub call_deadline: Timestamp,
}

/// Cover beyond margin, base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TailView {
    /// The entity's capital ring-fenced to this vault.
    pub first_loss: Amount,
    /// Bonds that are on risk.
    pub live_cover: Amount,
    /// What the last instruction asked to be covered.
    pub requirement: Amount,
    /// What is not.
    pub gap: Amount,
    /// Last moment of the live cover that ends first, or of the attestation; nothing without live cover.
    pub lapses: Option<Timestamp>,
    /// The gap after that, if nothing is done.
    pub gap_after_lapse: Amount,
    /// Up to when the owners are attested to differ; zero if they never were. No bond pays beyond it.
    pub attested_until: Timestamp,
}

/// A bond layer of a vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerView {
    /// The series.
    pub bond: Address,
    /// Base units it covers.
    pub limit: Amount,
    /// Base units claimed so far.
    pub claimed: Amount,
    /// When it begins.
    pub starts: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// How long it, and the portfolio, must have run before a default for the loss to be eligible.
    pub waiting: Seconds,
}

/// A bond series, base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BondView {
    /// 0 book, 1 cleared, and so on, as the contract numbers them.
    pub phase: u8,
    /// Notes at par.
    pub face: Amount,
    /// Principal left.
    pub principal: Amount,
    /// Premium in escrow.
    pub premium: Amount,
    /// End of the risk period.
    pub maturity: Timestamp,
    /// Last moment of a claim.
    pub claims_until: Timestamp,
    /// Annual spread.
    pub spread: Bps,
    /// Principal that waits for an open default.
    pub locked: Amount,
    /// Principal written down.
    pub lost: Amount,
    /// Principal written up again.
    pub recovered: Amount,
}

impl VaultView {
    /// Puts the answers of `status`, `mandate`, `termsHash`, `terms` and `layer` together.
    pub fn new(
        status: &IMarginVault::VaultStatus,
        mandate: &IMarginVault::MandateStatus,
        terms_hash: Digest,
        terms: &IMarginVault::CsaTerms,
        layers: &[IMarginVault::Layer],
    ) -> Self {
        let [a, b] = &status.sides;
        Self {
            phase: Phase::from_code(status.phase),
            sequence: status.valuation.sequence,
            valuation_time: Timestamp::new(status.valuation.valuationTime),
            entitlement_a: SignedAmount::new(status.valuation.entitlementA),
            portfolio_version: mandate.portfolioVersion,
            portfolio_root: Digest(mandate.portfolioRoot.0),
            signer_epoch: mandate.signerEpoch,
            terms_hash,
            max_move: Amount::new(terms.limits.maxMove),
            max_staleness: Seconds::new(terms.periods.maxStaleness),
            sides: Pair { a: side(a), b: side(b) },
            tail: TailView {
                first_loss: Amount::new(status.tail.firstLoss),
                live_cover: Amount::new(status.tail.liveCover),
                requirement: Amount::new(status.tail.tailRequirement),
                gap: Amount::new(status.tail.tailGap),
                lapses: Some(status.tail.coverLapses).filter(|time| *time != 0).map(Timestamp::new),
                gap_after_lapse: Amount::new(status.tail.gapAfterLapse),
                attested_until: Timestamp::new(status.entity.attestedUntil),
            },
            layers: layers.iter().take(MAX_LAYERS).map(layer).collect(),
        }
    }

    /// True while the vault takes instructions.
    pub fn accepts_instructions(&self) -> bool {
        self.phase == Phase::Active
    }

    /// True if a move of X to this value needs every signer.
    pub fn breaks_circuit(&self, entitlement_a: SignedAmount) -> bool {
        entitlement_a.get().abs_diff(self.entitlement_a.get()) > self.max_move.get()
    }
}

impl Phase {
    fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Proposed,
            1 => Self::Active,
            2 => Self::Defaulted,
            _ => Self::Closed,
        }
    }

    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Active => "active",
            Self::Defaulted => "defaulted",
            Self::Closed => "closed",
        }
    }
}

impl From<&ITailRiskBond::SeriesStatus> for BondView {
    fn from(status: &ITailRiskBond::SeriesStatus) -> Self {
        Self {
            phase: status.phase,
            face: Amount::new(status.face),
            principal: Amount::new(status.principal),
            premium: Amount::new(status.premium),
            maturity: Timestamp::new(status.maturity),
            claims_until: Timestamp::new(status.claimsUntil),
            spread: Bps::new(status.spread),
            locked: Amount::new(status.locked),
            lost: Amount::new(status.lost),
            recovered: Amount::new(status.recovered),
        }
    }
}

fn side(status: &IMarginVault::PartyStatus) -> SideView {
    SideView {
        margin: Amount::new(status.margin),
        required: Amount::new(status.required),
        credit: Amount::new(status.credit),
        deficit: Amount::new(status.deficit),
        call_amount: Amount::new(status.callAmount),
        call_deadline: Timestamp::new(status.callDeadline),
    }
}

fn layer(layer: &IMarginVault::Layer) -> LayerView {
    LayerView {
        bond: Address(layer.bond.into()),
        limit: Amount::new(layer.limit),
        claimed: Amount::new(layer.claimed),
        starts: Timestamp::new(layer.starts),
        ends: Timestamp::new(layer.ends),
        waiting: Seconds::new(layer.waiting),
    }
}
