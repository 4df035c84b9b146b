//! The OpenAPI document, made of the types that are served.

use super::routes::{bars, bonds, events, health, instructions, margin, marks, metrics, quotes, signers, vaults};
use super::Problem;
use crate::evidence::EvidenceText;
use crate::market::{BarText, PriceText};
use crate::service::document::{EventText, RecordText};
use crate::signer::{InstructionBody, MarkBody};
use axum::http::header;
use axum::response::IntoResponse;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::OpenApi as Document;
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ringfence oracle",
        description = "Vaults, margin and its explanation, instructions, cover, and a stream of events. Amounts are base units of the \
                       settlement asset as text, times are seconds since the Unix epoch, entitlements are seen from A."
    ),
    paths(
        health::health,
        health::ready,
        metrics::metrics,
        vaults::list,
        vaults::one,
        vaults::cover,
        margin::margin,
        instructions::list,
        instructions::last,
        instructions::one,
        bars::list,
        bonds::list,
        bonds::one,
        marks::list,
        signers::list,
        events::events,
        quotes::take,
    ),
    components(schemas(Problem, EventText, RecordText, InstructionBody, MarkBody, EvidenceText, BarText, PriceText)),
    modifiers(&Bearer)
)]
struct Api;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The document, indented, with a line break at its end.
pub fn document() -> String {
    // Types without maps of odd keys always have a document.
    let mut text = Api::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

pub(super) async fn serve() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], document())
}
