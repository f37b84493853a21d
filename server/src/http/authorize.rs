//! Where payers come back to from a gateway's login or consent page. They go on to the merchant's page.

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};

use super::problem::Refused;
use crate::app::{App, AppError};

/// `GET /v1/authorize/{account}/callback`.
pub(super) async fn callback(
    State(app): State<App>,
    Path(account): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    match app.come_back(&account, query.as_deref().unwrap_or_default()).await {
        // The code in this address is used up; it is nobody's business all the same.
        Ok(location) => {
            let headers = [
                (LOCATION, location.as_str()),
                (CACHE_CONTROL, "no-store"),
                (REFERRER_POLICY, "no-referrer"),
            ];
            Ok((StatusCode::SEE_OTHER, headers).into_response())
        }
        Err(AppError::NotFound) => Err(Refused::not_found("login; start again on the shop's page")),
        Err(error) => Err(error.into()),
    }
}
