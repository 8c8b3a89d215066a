//! `join`: a redirect to the meeting's node, from memory.

use std::sync::Arc;

use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use url::Url;

use super::Api;
use super::request::SignedRequest;
use super::responses::{self, Answer};
use crate::bbb::{Failure, Params, is_success, meeting_id};
use crate::lifecycle::rewrite_join;
use crate::model::Node;
use crate::nodes::NodeAnswer;
use crate::state::Target;

/// Sends a person to the node of the meeting, whatever the polls say of that node.
pub(super) async fn answer(api: &Api, request: SignedRequest) -> Answer {
    let params = request.params()?;
    let (target, address, node) = match find(api, &request, &params) {
        Ok(found) => found,
        Err(failure) => return refuse(&params, failure),
    };
    let (sent, dropped) = rewrite_join(params, &request.tenant, &address, api.core.links());
    if dropped > 0 {
        api.metrics.dropped_user_data.increment(dropped);
        let (secret, meeting) = (&request.secret.label, &target.meeting.key().id);
        tracing::info!(%secret, %meeting, dropped, "userdata- parameters that are no XML names were dropped");
    }
    let (pool, nodes) = (&api.core.pool, &api.core.nodes);
    if redirects(&sent) {
        pool.joined(&target);
        return responses::redirect(nodes.signed_url(&node, "join", &sent))
            .ok_or_else(|| Failure::NODE_SILENT.into());
    }
    let answer = nodes.call(&node, "join", &sent, None).await.and_then(NodeAnswer::of_bbb);
    let answer = answer.map_err(|error| {
        tracing::info!(node = %node.fqdn(), meeting = %target.meeting.key().id, %error, "join failed");
        Failure::NODE_SILENT
    })?;
    if is_success(&answer.body) {
        pool.joined(&target);
    }
    let cookies: Vec<_> = answer.cookies.iter().filter_map(|it| HeaderValue::try_from(it).ok()).collect();
    let mut response = responses::from_node(answer);
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The meeting that is meant, the id by which its node is asked for it, and the node.
fn find(
    api: &Api,
    request: &SignedRequest,
    params: &Params,
) -> Result<(Target, Arc<str>, Arc<Node>), Failure> {
    let id = meeting_id(params)?;
    let pool = &api.core.pool;
    let target = pool.registry.find(request.secret.id, &id).ok_or(Failure::NO_SUCH_MEETING)?;
    let address = api.core.address(&target).ok_or(Failure::NO_SUCH_MEETING)?;
    let node = pool.node(target.meeting.node()).ok_or(Failure::NODE_SILENT)?;
    Ok((target, address, node))
}

fn redirects(params: &Params) -> bool {
    params.get("redirect").is_none_or(|value| !value.eq_ignore_ascii_case("false"))
}

/// XML, or a redirect to where the client wants to hear of errors.
fn refuse(params: &Params, failure: Failure) -> Answer {
    let target = params.get_filled("errorRedirectUrl").filter(|_| redirects(params));
    let url = target.and_then(|target| error_url(target, &failure));
    url.and_then(responses::redirect).map(responses::not_known).ok_or_else(|| failure.into())
}

/// The client's URL with `errors` appended, as in BBB.
fn error_url(target: &str, failure: &Failure) -> Option<String> {
    let mut url = Url::parse(target).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let errors = serde_json::json!([{ "message": failure.message, "key": failure.key }]);
    url.query_pairs_mut().append_pair("errors", &errors.to_string());
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_appended_to_the_clients_url() {
        let url = error_url("https://lms.example/room?id=7#top", &Failure::NO_SUCH_MEETING).unwrap();
        assert!(url.starts_with("https://lms.example/room?id=7&errors=%5B%7B%22message%22%3A"), "{url}");
        assert!(url.ends_with("%22key%22%3A%22invalidMeetingIdentifier%22%7D%5D#top"), "{url}");
        assert_eq!(error_url("javascript:alert(1)", &Failure::NO_SUCH_MEETING), None);
        assert_eq!(error_url("/relative", &Failure::NO_SUCH_MEETING), None);
    }
}
