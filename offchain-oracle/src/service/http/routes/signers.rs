use super::json;
use crate::service::document::hex0x;
use crate::service::http::{Http, Problem};
use crate::service::SignerBoard;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use ringfence_protocol::Address;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A signer, as it last answered.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct SignerText {
    /// Its address.
    signer: String,
    /// True if it signed the last that it was asked for, for every vault.
    signs: bool,
    /// Why it signs nothing at all.
    away: Option<String>,
    /// Vaults whose last instruction it did not sign.
    refused: Vec<RefusalText>,
}

/// What a signer did not sign.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct RefusalText {
    /// The vault.
    vault: String,
    /// True if it has signed another instruction with the number.
    conflict: bool,
    /// Its words.
    what: String,
}

/// Signers that were asked since the start, and what is wrong with them.
#[utoipa::path(
    get, path = "/v1/signers", operation_id = "listSigners", tag = "instructions", security(("token" = [])),
    responses(
        (status = 200, body = Vec<SignerText>, description = "As asked"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
    )
)]
pub(in crate::service::http) async fn list(State(http): State<Arc<Http>>) -> Response {
    let board = http.shared.board();
    let signers: Vec<SignerText> = board.signers.iter().map(|(signer, board)| text(*signer, board)).collect();
    json(StatusCode::OK, &signers)
}

fn text(signer: Address, board: &SignerBoard) -> SignerText {
    let refused = board.refused.iter().map(|(vault, refusal)| RefusalText {
        vault: hex0x(vault.0),
        conflict: refusal.conflict,
        what: refusal.what.clone(),
    });
    SignerText {
        signer: hex0x(signer.0),
        signs: !board.is_troubled(),
        away: board.away.clone(),
        refused: refused.collect(),
    }
}
