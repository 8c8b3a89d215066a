//! `join`: a redirect to the meeting's node, from memory.

use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use url::Url;

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::{Failure, Params, flat_response, meeting_id};
use crate::lifecycle::rewrite_join;
use crate::nodes::NodeAnswer;

/// Redirects to the node of the meeting, regardless of the node's health.
pub(super) async fn answer(api: &Api, request: SignedRequest) -> Response {
    let params = match request.params() {
        Ok(params) => params,
        Err(failure) => return responses::failed(&failure),
    };
    let id = match meeting_id(&params) {
        Ok(id) => id,
        Err(failure) => return refuse(&params, &failure),
    };
    let pool = &api.core.pool;
    let Some(target) = pool.registry.find(request.secret.id, &id) else {
        return refuse(&params, &Failure::NO_SUCH_MEETING);
    };
    let Some(address) = api.core.address(&target) else {
        return refuse(&params, &Failure::NO_SUCH_MEETING);
    };
    let Some(node) = pool.node(target.meeting.node()) else { return refuse(&params, &Failure::NODE_SILENT) };
    let (sent, dropped) = rewrite_join(params, &request.tenant, &address, api.core.links());
    if dropped > 0 {
        api.metrics.dropped_user_data.increment(dropped);
        tracing::info!(secret = %request.secret.label, meeting = %id, dropped, "userdata- parameters whose names are not valid XML were dropped");
    }
    let nodes = &api.core.nodes;
    if redirects(&sent) {
        pool.joined(&target);
        return responses::redirect(&nodes.signed_url(&node, "join", &sent), &Failure::NODE_SILENT);
    }
    match nodes.call(&node, "join", &sent, None).await.and_then(NodeAnswer::of_bbb) {
        Ok(answer) => {
            let children = flat_response(&answer.body).unwrap_or_default();
            if children.iter().any(|(name, value)| name == "returncode" && value.trim() == "SUCCESS") {
                pool.joined(&target);
            }
            let cookies: Vec<_> =
                answer.cookies.iter().filter_map(|it| HeaderValue::try_from(it).ok()).collect();
            let mut response = responses::from_node(answer);
            for cookie in cookies {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            response
        }
        Err(error) => {
            tracing::info!(node = %node.fqdn(), meeting = %id, %error, "join failed");
            responses::failed(&Failure::NODE_SILENT)
        }
    }
}

fn redirects(params: &Params) -> bool {
    params.get("redirect").is_none_or(|value| !value.eq_ignore_ascii_case("false"))
}

/// Answers with XML, or redirects to the client's URL for errors.
fn refuse(params: &Params, failure: &Failure) -> Response {
    let target = params.get_filled("errorRedirectUrl").filter(|_| redirects(params));
    match target.and_then(|target| error_url(target, failure)) {
        Some(url) => responses::redirect(&url, failure),
        None => responses::failed(failure),
    }
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
