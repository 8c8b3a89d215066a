//! A tenant's own stats and metrics.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::series;
use crate::model::Tenant;
use crate::state::{Pool, Totals};
use crate::telemetry::Exposition;

/// Totals by origin server and origin, which BBB clients send as metadata.
pub(super) fn stats(pool: &Pool, tenant: &Tenant) -> Value {
    let mut servers: BTreeMap<String, BTreeMap<String, Totals>> = BTreeMap::new();
    for meeting in pool.registry.of_secrets(tenant.secrets.values().map(|it| it.id)) {
        let Some(seen) = meeting.observation() else { continue };
        let (server, origin) = (seen.main.origin_server.clone(), seen.main.origin.clone());
        servers.entry(server).or_default().entry(origin).or_default().add(&seen);
    }
    let origins = |origins: BTreeMap<String, Totals>| -> Value {
        origins.into_iter().map(|(origin, it)| (origin, sums(&it))).collect::<serde_json::Map<_, _>>().into()
    };
    servers.into_iter().map(|(server, it)| (server, origins(it))).collect::<serde_json::Map<_, _>>().into()
}

fn sums(it: &Totals) -> Value {
    json!({
        "participantCount": it.attendees,
        "listenerCount": it.listeners,
        "voiceParticipantCount": it.voices,
        "moderatorCount": it.moderators,
        "videoCount": it.videos,
        "meetingCount": it.meetings,
    })
}

/// The tenant's metrics.
pub(super) fn metrics(pool: &Pool, tenant: &Tenant) -> String {
    let mut text = Exposition::default();
    series::write(&mut text, pool, &[tenant]);
    text.finish()
}
