//! The API root without a call, which returns the version. Clients probe it, even with an empty secret.

use axum::response::Response;

use super::{Api, responses};
use crate::bbb::flat_answer;
use crate::model::{NodeId, TenantLabel};

/// The version while no node has reported one.
const UNKNOWN: &str = "3.0";

/// The API version, and the lowest BBB version of the nodes that may host the tenant's meetings. For
/// unauthenticated clients, of all nodes.
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
