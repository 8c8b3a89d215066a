//! `isMeetingRunning`.

use super::Api;
use super::request::SignedRequest;
use super::responses::{self, Answer};
use crate::bbb::{Call, running};

/// Unknown meetings are answered without asking a node, and so are known ones whose node is silent.
pub(super) async fn answer(api: &Api, mut request: SignedRequest) -> Answer {
    let (params, id, _) = request.about_meeting(api).await?;
    let Some(target) = api.core.pool.registry.find(request.secret.id, &id) else {
        return Ok(responses::not_known(responses::xml(running(false))));
    };
    Ok(match api.core.ask(&target, Call::IsMeetingRunning, params, None).await {
        Ok(answer) => responses::from_node(answer),
        // As of the last successful poll.
        _ => responses::xml(running(target.is_running())),
    })
}
