//! `getMeetings`, from memory.

use bytes::Bytes;

use super::Api;
use super::request::SignedRequest;
use super::responses::{self, Answer};
use crate::bbb::MeetingList;
use crate::model::{NodeState, SecretId, SubId};
use crate::state::Pool;

/// All meetings of the secret, of sub id 0 those of the whole tenant, each as its node reported it.
pub(super) async fn answer(api: &Api, mut request: SignedRequest) -> Answer {
    request.check(api).await?;
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
    Ok(responses::xml(list))
}

fn build(pool: &Pool, secrets: impl IntoIterator<Item = SecretId>) -> Bytes {
    let mut list = MeetingList::default();
    for meeting in pool.registry.of_secrets(secrets) {
        let Some(seen) = meeting.observation() else { continue };
        if pool.fleet.state(meeting.node()) == NodeState::Down {
            continue;
        }
        for room in seen.all() {
            list.push(&room.fragment);
        }
    }
    list.finish()
}
