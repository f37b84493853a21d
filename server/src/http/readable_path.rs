//! Paths that are no text lead nowhere.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use percent_encoding::percent_decode_str;

use super::problem::Refused;

/// Refuses a path whose escapes are not UTF-8, in the words of every other problem.
pub(super) async fn readable(request: Request, next: Next) -> Response {
    match percent_decode_str(request.uri().path()).decode_utf8() {
        Ok(_) => next.run(request).await,
        Err(_) => Refused::not_found("path").into_response(),
    }
}
