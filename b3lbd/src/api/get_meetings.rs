//! `getMeetings`, from memory.

use axum::response::Response;
use bytes::Bytes;

use super::request::SignedRequest;
use super::{Api, responses};
use crate::bbb::MeetingList;
use crate::health::State;
use crate::model::{SecretId, SubId};
use crate::state::Pool;

/// All meetings of the secret, or of the whole tenant for sub id 0, each as reported by its node.
pub(super) async fn answer(api: &Api, mut request: SignedRequest) -> Response {
    if let Err(refusal) = request.check(api).await {
        return refusal;
    }
    let pool = &api.core.pool;
    if !pool.first_round.is_complete() {
        pool.first_round.wait(api.core.nodes.timeout()).await;
    }
    let SignedRequest { tenant, secret, .. } = &request;
    let list = if secret.label.sub_id == SubId::ZERO {
        pool.lists.of_tenant(tenant.id, || build(pool, tenant.secrets.values().map(|it| it.id)))
    } else {
        pool.lists.of_secret(secret.id, || build(pool, [secret.id]))
    };
    responses::xml(list)
}

fn build(pool: &Pool, secrets: impl IntoIterator<Item = SecretId>) -> Bytes {
    let mut list = MeetingList::default();
    for meeting in pool.registry.of_secrets(secrets) {
        let Some(seen) = meeting.observation() else { continue };
        if pool.fleet.state(meeting.node()) == State::Down {
            continue;
        }
        for room in seen.all() {
            list.push(&room.fragment);
        }
    }
    list.finish()
}
