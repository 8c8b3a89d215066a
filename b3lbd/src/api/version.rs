//! The call without a name: who we are. Clients probe it, even with an empty secret.

use axum::response::Response;

use super::responses;
use crate::bbb::flat_answer;

/// The version of the API, the same for every host: it does not tell which tenants exist.
pub(super) fn answer() -> Response {
    let versions = [("version", "2.0"), ("apiVersion", "2.0"), ("bbbVersion", "3.0")];
    responses::xml(flat_answer("SUCCESS", &versions))
}
