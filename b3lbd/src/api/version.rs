//! The call without a name: who we are. Clients probe it, even with an empty secret.

use axum::response::Response;

use super::{Api, responses};
use crate::bbb::flat_answer;
use crate::model::{NodeId, TenantLabel};

/// Change while no node has said what it is.
const UNKNOWN: &str = "3.0";

/// The version of the API, and the lowest of BBB among the nodes that a tenant's meetings may come to; for strangers,
/// among all.
pub(super) fn answer(api: &Api, label: Option<&TenantLabel>) -> Response {
    let pool = &api.core.pool;
    let catalog = pool.catalog();
    let tenant = label.and_then(|label| catalog.secret(label)).map(|(tenant, _)| tenant);
    let is_meant = |node: &NodeId| tenant.is_none_or(|tenant| catalog.serves(*node, tenant));
    let lowest = pool.fleet.lowest_version(is_meant);
    let bbb = lowest.as_deref().unwrap_or(UNKNOWN);
    let versions = [("version", "2.0"), ("apiVersion", "2.0"), ("bbbVersion", bbb)];
    responses::xml(flat_answer("SUCCESS", &versions))
}
