use super::{apart, json, pair};
use crate::engine::valuer;
use crate::model::{Book, SideExplanation};
use crate::service::board::{Shared, Valued};
use crate::service::document::hex0x;
use crate::service::http::{Http, Problem};
use crate::symbol::Symbol;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use ringfence_protocol::Party;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A pair's margin and where it comes from. Dollars of the explanation are model numbers; the amounts above them are what
/// an instruction carries.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct MarginText {
    /// The pair's label.
    pair: String,
    /// The vault.
    vault: String,
    /// When it was valued.
    valuation_time: u64,
    /// Commitment to the market data.
    market_data_root: String,
    /// What B owes A, base units.
    entitlement_a: String,
    /// Initial margin of A, base units.
    initial_margin_a: String,
    /// Initial margin of B, base units.
    initial_margin_b: String,
    /// Loss beyond it that has to be covered, base units.
    tail_requirement: String,
    /// Gross value of the net deltas, US dollars.
    gross_exposure_usd: f64,
    /// Cost of closing out: half the spreads, US dollars.
    liquidity_usd: f64,
    /// Cost of closing out: the size against the market's volume, US dollars.
    concentration_usd: f64,
    /// A's margin in its parts.
    a: SideMargin,
    /// B's margin in its parts.
    b: SideMargin,
    /// By position, in the portfolio's order.
    positions: Vec<PositionShare>,
    /// By risk factor.
    factors: Vec<FactorShare>,
}

/// One side's margin in its parts, US dollars of loss to that side.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct SideMargin {
    /// Expected shortfall at current volatility.
    current_usd: f64,
    /// The same at stressed volatility.
    stressed_usd: f64,
    /// The larger of `current_usd` and the blend of both.
    simulated_usd: f64,
    /// Add-on for collateral that falls with the position.
    wrong_way_usd: f64,
    /// Initial margin.
    initial_usd: f64,
    /// Expected shortfall at the tail level.
    tail_usd: f64,
    /// The worst stress scenario's loss.
    worst_stress_usd: f64,
    /// Its name; empty if none is a loss.
    worst_stress: String,
}

/// What a position contributes to expected shortfall at current volatility, US dollars; negative if it hedges. They add up.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct PositionShare {
    /// Its place in the portfolio, from 0.
    index: usize,
    /// The coin.
    symbol: String,
    /// 10^-8 coins, or dollars of an inverse contract, seen from A.
    quantity: String,
    /// Share of A's.
    a_usd: f64,
    /// Share of B's.
    b_usd: f64,
}

/// A coin as a risk factor, options included.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::service::http) struct FactorShare {
    /// The coin.
    symbol: String,
    /// Dollars of it held in effect, seen from A.
    delta_usd: f64,
    /// Dollars gained from 100 points of implied volatility, seen from A.
    vega_usd: f64,
    /// Share of A's expected shortfall.
    a_usd: f64,
    /// Share of B's.
    b_usd: f64,
}

/// The margin of the last valuation, by position and by risk factor.
#[utoipa::path(
    get, path = "/v1/vaults/{vault}/margin", operation_id = "getMargin", tag = "vaults", security(("token" = [])),
    params(("vault" = String, Path, description = "Its address")),
    responses(
        (status = 200, body = MarginText, description = "As asked"),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "The request does not read"),
        (status = 401, body = Problem, content_type = "application/problem+json", description = "No token, or none that is known"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "There is no such thing"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "Not valued yet"),
    )
)]
pub(in crate::service::http) async fn margin(
    State(http): State<Arc<Http>>,
    Path(vault): Path<String>,
) -> Result<Response, Problem> {
    let shared = Arc::clone(&http.shared);
    let text = apart(move || {
        let board = shared.board();
        let pair = pair(&board, &vault)?;
        let not_yet = || Problem::unavailable("the pair was not valued yet; its marks have to be fresh first");
        let valued = pair.valued.as_ref().ok_or_else(not_yet)?;
        explain(&shared, &pair.portfolio, &hex0x(pair.vault.0), valued)
            .map_err(|error| Problem::unavailable(error.to_string()))
    });
    Ok(json(StatusCode::OK, &text.await?))
}

fn explain(
    shared: &Shared,
    portfolio: &crate::portfolio::Portfolio,
    vault: &str,
    valued: &Valued,
) -> Result<MarginText, crate::value::ValueError> {
    let Valued { market, step } = valued;
    let (model, shocks) = (shared.inputs.model(), market.scenarios.current());
    let valuer = valuer(&shared.inputs, market);
    let book = Book::new(portfolio, &valuer)?;
    let by_position = |party| model.position_contributions(portfolio, &valuer, shocks, party);
    let shares = by_position(Party::A)?.into_iter().zip(by_position(Party::B)?);
    let positions = portfolio.positions().iter().zip(shares).enumerate().map(|(index, (position, (a_usd, b_usd)))| {
        let (symbol, quantity) = (position.instrument.underlying.to_string(), position.quantity.get().to_string());
        PositionShare { index, symbol, quantity, a_usd, b_usd }
    });
    let (a, b) = (model.contributions(&book, shocks, Party::A), model.contributions(&book, shocks, Party::B));
    let (deltas, vegas) = (book.deltas(), book.vegas());
    let factor = |symbol: Symbol| FactorShare {
        symbol: symbol.to_string(),
        delta_usd: deltas[symbol],
        vega_usd: vegas[symbol],
        a_usd: a[symbol],
        b_usd: b[symbol],
    };
    let explanation = &step.explanation;
    Ok(MarginText {
        pair: step.pair.clone(),
        vault: vault.to_owned(),
        valuation_time: market.moment.valuation_time.get(),
        market_data_root: hex0x(market.moment.market_data_root),
        entitlement_a: step.entitlement_a.get().to_string(),
        initial_margin_a: step.margin.initial.a.get().to_string(),
        initial_margin_b: step.margin.initial.b.get().to_string(),
        tail_requirement: step.margin.tail.get().to_string(),
        gross_exposure_usd: explanation.gross_exposure,
        liquidity_usd: explanation.close_out.liquidity,
        concentration_usd: explanation.close_out.concentration,
        a: SideMargin::from(&explanation.sides.a),
        b: SideMargin::from(&explanation.sides.b),
        positions: positions.collect(),
        factors: Symbol::ALL.into_iter().map(factor).collect(),
    })
}

impl From<&SideExplanation> for SideMargin {
    fn from(side: &SideExplanation) -> Self {
        Self {
            current_usd: side.current,
            stressed_usd: side.stressed,
            simulated_usd: side.simulated,
            wrong_way_usd: side.collateral.wrong_way,
            initial_usd: side.initial,
            tail_usd: side.tail_shortfall,
            worst_stress_usd: side.worst_stress,
            worst_stress: side.worst_stress_name.clone(),
        }
    }
}
