//! `isMeetingRunning`.

use axum::response::Response;

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::{Call, running};

/// Unknown meetings are answered without asking a node, and so are known ones whose node is silent.
pub(super) async fn answer(api: &Api, mut request: SignedRequest) -> Response {
    let (mut params, id, _) = match request.about_meeting(api).await {
        Ok(about) => about,
        Err(refusal) => return refusal,
    };
    let pool = &api.meetings.pool;
    let Some(meeting) = pool.registry.get(request.secret.id, &id) else {
        return responses::xml(running(false));
    };
    if let Some(node) = pool.node(meeting.node) {
        params.set("meetingID", &id);
        match api.meetings.nodes.call(&node, Call::IsMeetingRunning.name(), &params, None).await {
            Ok(answer) if answer.status < 500 => return responses::from_node(answer),
            Ok(answer) => {
                tracing::info!(node = %node.fqdn(), status = answer.status, "isMeetingRunning failed");
            }
            Err(error) => tracing::info!(node = %node.fqdn(), %error, "isMeetingRunning failed"),
        }
    }
    responses::xml(running(meeting.sight().is_some_and(|it| it.main.running)))
}
