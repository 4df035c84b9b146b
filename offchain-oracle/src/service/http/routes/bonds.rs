use super::{address, json};
use crate::chain::BondView;
use crate::service::board::Board;
use crate::service::document::hex0x;
use crate::service::http::{Http, Problem};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use ringfence_protocol::Address;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A bond series that covers one of the vaults.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct BondText {
    /// The series.
    bond: String,
    /// The vaults that name it.
    vaults: Vec<String>,
    /// Where it is in its life, as the contract numbers it.
    phase: u8,
    /// Notes at par.
    face: String,
    /// Principal left.
    principal: String,
    /// Premium in escrow.
    premium: String,
    /// Annual spread, basis points.
    spread_bps: u16,
    /// End of the risk period.
    maturity: u64,
    /// Last moment of a claim.
    claims_until: u64,
    /// Principal that waits for an open default.
    locked: String,
    /// Principal written down.
    lost: String,
    /// Principal written up again.
    recovered: String,
}

/// Every series that covers one of the vaults.
#[utoipa::path(
    get, path = "/v1/bonds", operation_id = "listBonds", tag = "bonds", security(("token" = [])),
    responses(
        (status = 200, body = Vec<BondText>, description = "As asked"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
    )
)]
pub(in crate::service::http) async fn list(State(http): State<Arc<Http>>) -> Response {
    let board = http.shared.board();
    let bonds: Vec<BondText> = board.bonds.iter().map(|(bond, view)| text(&board, *bond, view)).collect();
    json(StatusCode::OK, &bonds)
}

/// One series.
#[utoipa::path(
    get, path = "/v1/bonds/{bond}", operation_id = "getBond", tag = "bonds", security(("token" = [])),
    params(("bond" = String, Path, description = "Its address")),
    responses(
        (status = 200, body = BondText, description = "As asked"),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "The request does not read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "There is no such thing"),
    )
)]
pub(in crate::service::http) async fn one(
    State(http): State<Arc<Http>>,
    Path(bond): Path<String>,
) -> Result<Response, Problem> {
    let (bond, board) = (address(&bond)?, http.shared.board());
    let view = board.bonds.get(&bond);
    let view = view.ok_or_else(|| Problem::not_found(format!("series {bond:?} covers none of the vaults")))?;
    Ok(json(StatusCode::OK, &text(&board, bond, view)))
}

fn text(board: &Board, bond: Address, view: &BondView) -> BondText {
    let names = |pair: &&crate::service::board::PairBoard| {
        pair.view.as_ref().is_some_and(|view| view.layers.iter().any(|layer| layer.bond == bond))
    };
    BondText {
        bond: hex0x(bond.0),
        vaults: board.pairs.iter().filter(names).map(|pair| hex0x(pair.vault.0)).collect(),
        phase: view.phase,
        face: view.face.to_string(),
        principal: view.principal.to_string(),
        premium: view.premium.to_string(),
        spread_bps: view.spread.get(),
        maturity: view.maturity.get(),
        claims_until: view.claims_until.get(),
        locked: view.locked.to_string(),
        lost: view.lost.to_string(),
        recovered: view.recovered.to_string(),
    }
}
