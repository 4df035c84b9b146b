use super::{json, pair};
use crate::chain::{LayerView, SideView, VaultView};
use crate::service::board::PairBoard;
use crate::service::document::hex0x;
use crate::service::http::{Http, Problem};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A vault and its pair.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct VaultText {
    /// The pair's label.
    pair: String,
    /// The vault.
    vault: String,
    /// `true` while the oracle can value the pair.
    valued: bool,
    /// Why it can't.
    stopped: Option<String>,
    /// What holds up the last instruction.
    trouble: Option<String>,
    /// Finalised state; none before the chain was read.
    state: Option<StateText>,
}

/// A vault's finalised state.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct StateText {
    /// `proposed`, `active`, `defaulted` or `closed`.
    phase: String,
    /// The last settled sequence.
    sequence: u64,
    /// When that was valued.
    valuation_time: u64,
    /// What B owes A, as settled.
    entitlement_a: String,
    /// Version of the portfolio.
    portfolio_version: u64,
    /// Its root.
    portfolio_root: String,
    /// Hash of the terms.
    terms_hash: String,
    /// How often the signers were replaced.
    signer_epoch: u64,
    /// Party A.
    a: SideText,
    /// Party B.
    b: SideText,
}

/// One party.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct SideText {
    /// Margin held.
    margin: String,
    /// Margin required.
    required: String,
    /// Collateral after haircuts.
    credit: String,
    /// What it owes and could not pay.
    deficit: String,
    /// Open margin call.
    call_amount: String,
    /// When the call is due; 0 if none is open.
    call_deadline: u64,
}

/// What stands behind the margin.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct CoverText {
    /// The vault.
    vault: String,
    /// The entity's capital for this vault alone.
    first_loss: String,
    /// Bonds on risk.
    live_cover: String,
    /// What the last instruction asked to be covered.
    requirement: String,
    /// What is not.
    gap: String,
    /// Last moment of the live cover that ends first, or of the attestation of owners; 0 without live cover.
    lapses: u64,
    /// The gap after that, if nothing is done.
    gap_after_lapse: String,
    /// Up to when the owners are attested to differ; 0 if they never were. No bond pays beyond it.
    attested_until: u64,
    /// Bond layers, lowest first.
    layers: Vec<LayerText>,
}

/// A bond layer.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct LayerText {
    /// The series.
    bond: String,
    /// What it covers.
    limit: String,
    /// What was claimed.
    claimed: String,
    /// When it begins.
    starts: u64,
    /// When it ends.
    ends: u64,
    /// Seconds that it, and the portfolio, must have run before a default for the loss to be eligible.
    waiting: u64,
}

/// Every vault of the configuration, in its order.
#[utoipa::path(
    get, path = "/v1/vaults", operation_id = "listVaults", tag = "vaults", security(("token" = [])),
    responses(
        (status = 200, body = Vec<VaultText>, description = "As asked"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
    )
)]
pub(in crate::service::http) async fn list(State(http): State<Arc<Http>>) -> Response {
    let board = http.shared.board();
    json(StatusCode::OK, &board.pairs.iter().map(VaultText::from).collect::<Vec<_>>())
}

/// One vault.
#[utoipa::path(
    get, path = "/v1/vaults/{vault}", operation_id = "getVault", tag = "vaults", security(("token" = [])),
    params(("vault" = String, Path, description = "Its address")),
    responses(
        (status = 200, body = VaultText, description = "As asked"),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "The request does not read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "There is no such thing"),
    )
)]
pub(in crate::service::http) async fn one(
    State(http): State<Arc<Http>>,
    Path(vault): Path<String>,
) -> Result<Response, Problem> {
    let board = http.shared.board();
    Ok(json(StatusCode::OK, &VaultText::from(pair(&board, &vault)?)))
}

/// What covers a vault beyond margin.
#[utoipa::path(
    get, path = "/v1/vaults/{vault}/cover", operation_id = "getCover", tag = "vaults", security(("token" = [])),
    params(("vault" = String, Path, description = "Its address")),
    responses(
        (status = 200, body = CoverText, description = "As asked"),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "The request does not read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "There is no such thing"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "The chain was not read yet"),
    )
)]
pub(in crate::service::http) async fn cover(
    State(http): State<Arc<Http>>,
    Path(vault): Path<String>,
) -> Result<Response, Problem> {
    let board = http.shared.board();
    let pair = pair(&board, &vault)?;
    let view = pair.view.as_ref().ok_or_else(|| Problem::unavailable("the chain was not read yet"))?;
    let cover = CoverText {
        vault: hex0x(pair.vault.0),
        first_loss: view.tail.first_loss.to_string(),
        live_cover: view.tail.live_cover.to_string(),
        requirement: view.tail.requirement.to_string(),
        gap: view.tail.gap.to_string(),
        lapses: view.tail.lapses.unwrap_or_default().get(),
        gap_after_lapse: view.tail.gap_after_lapse.to_string(),
        attested_until: view.tail.attested_until.get(),
        layers: view.layers.iter().map(LayerText::from).collect(),
    };
    Ok(json(StatusCode::OK, &cover))
}

impl From<&PairBoard> for VaultText {
    fn from(pair: &PairBoard) -> Self {
        Self {
            pair: pair.portfolio.pair().to_owned(),
            vault: hex0x(pair.vault.0),
            valued: pair.valued.is_some() && pair.stopped.is_none(),
            stopped: pair.stopped.clone(),
            trouble: pair.trouble.clone(),
            state: pair.view.as_deref().map(StateText::from),
        }
    }
}

impl From<&VaultView> for StateText {
    fn from(view: &VaultView) -> Self {
        Self {
            phase: view.phase.name().to_owned(),
            sequence: view.sequence,
            valuation_time: view.valuation_time.get(),
            entitlement_a: view.entitlement_a.to_string(),
            portfolio_version: view.portfolio_version,
            portfolio_root: hex0x(view.portfolio_root),
            terms_hash: hex0x(view.terms_hash),
            signer_epoch: view.signer_epoch,
            a: SideText::from(&view.sides.a),
            b: SideText::from(&view.sides.b),
        }
    }
}

impl From<&SideView> for SideText {
    fn from(side: &SideView) -> Self {
        Self {
            margin: side.margin.to_string(),
            required: side.required.to_string(),
            credit: side.credit.to_string(),
            deficit: side.deficit.to_string(),
            call_amount: side.call_amount.to_string(),
            call_deadline: side.call_deadline.get(),
        }
    }
}

impl From<&LayerView> for LayerText {
    fn from(layer: &LayerView) -> Self {
        Self {
            bond: hex0x(layer.bond.0),
            limit: layer.limit.to_string(),
            claimed: layer.claimed.to_string(),
            starts: layer.starts.get(),
            ends: layer.ends.get(),
            waiting: layer.waiting.get(),
        }
    }
}
