//! The metrics per secret, of all tenants or one.

use crate::model::{CounterRow, Secret, SubId, Tenant};
use crate::state::{Pool, Totals};
use crate::telemetry::{Exposition, Kind};

/// A secret with its totals; sub id 0 stands for the whole tenant.
struct Row {
    name: String,
    now: Totals,
    counted: CounterRow,
}

fn name(secret: &Secret) -> String {
    match secret.label.sub_id {
        SubId::ZERO => secret.label.slug.to_string(),
        _ => secret.label.to_string(),
    }
}

fn row(pool: &Pool, tenant: &Tenant, secret: &Secret) -> Row {
    let secrets: Vec<_> = match secret.label.sub_id {
        SubId::ZERO => tenant.secrets.values().map(|it| it.id).collect(),
        _ => vec![secret.id],
    };
    let mut counted = CounterRow::default();
    for secret in &secrets {
        counted += pool.counters.of(*secret);
    }
    Row { name: name(secret), now: pool.registry.totals(secrets), counted }
}

type Gauge = (&'static str, &'static str, fn(&Totals) -> u64);
const GAUGES: [Gauge; 5] = [
    ("b3lb_attendees", "Attendees now", |it| it.attendees),
    ("b3lb_listeners", "Attendees that only listen, now", |it| it.listeners),
    ("b3lb_voices", "Attendees with a microphone now", |it| it.voices),
    ("b3lb_videos", "Cameras now", |it| it.videos),
    ("b3lb_meetings", "Meetings now", |it| it.meetings),
];

type Counted = (&'static str, Kind, &'static str, fn(&CounterRow) -> u64);
const COUNTED: [Counted; 6] = [
    ("b3lb_attendees_total", Kind::Counter, "Joins", |it| it.joins),
    ("b3lb_meetings_total", Kind::Counter, "Meetings created", |it| it.creates),
    ("b3lb_attendee_limit_hits", Kind::Untyped, "Creates refused by an attendee limit", |it| {
        it.attendee_limit_hits
    }),
    ("b3lb_meeting_limit_hits", Kind::Untyped, "Creates refused by a meeting limit", |it| {
        it.meeting_limit_hits
    }),
    ("b3lb_attendee_limit_hits_total", Kind::Counter, "Creates refused by an attendee limit", |it| {
        it.attendee_limit_hits
    }),
    ("b3lb_meeting_limit_hits_total", Kind::Counter, "Creates refused by a meeting limit", |it| {
        it.meeting_limit_hits
    }),
];

/// Writes limits, gauges and counters of these tenants.
pub(super) fn write(text: &mut Exposition, pool: &Pool, tenants: &[&Tenant]) {
    type Limit<T> = (&'static str, &'static str, fn(&T) -> u32);
    let of_tenant: [Limit<Tenant>; 2] = [
        ("b3lb_tenant_attendee_limit", "Attendee limit of a tenant, 0 for none", |it| it.attendee_limit),
        ("b3lb_tenant_meeting_limit", "Meeting limit of a tenant, 0 for none", |it| it.meeting_limit),
    ];
    for (metric, help, limit) in of_tenant {
        text.metric(metric, Kind::Gauge, help);
        for tenant in tenants {
            text.sample(metric, &[("tenant", tenant.slug.as_str())], limit(tenant));
        }
    }
    let of_secret: [Limit<Secret>; 2] = [
        ("b3lb_secret_attendee_limit", "Attendee limit of a secret, 0 for none", |it| it.attendee_limit),
        ("b3lb_secret_meeting_limit", "Meeting limit of a secret, 0 for none", |it| it.meeting_limit),
    ];
    let secrets =
        || tenants.iter().flat_map(|tenant| tenant.secrets.values().map(move |secret| (tenant, secret)));
    for (metric, help, limit) in of_secret {
        text.metric(metric, Kind::Gauge, help);
        for (_, secret) in secrets() {
            text.sample(metric, &[("secret", &name(secret))], limit(secret));
        }
    }
    let rows: Vec<Row> = secrets().map(|(tenant, secret)| row(pool, tenant, secret)).collect();
    for (metric, help, figure) in GAUGES {
        text.metric(metric, Kind::Gauge, help);
        for row in &rows {
            text.sample(metric, &[("secret", &row.name)], figure(&row.now));
        }
    }
    for (metric, kind, help, figure) in COUNTED {
        text.metric(metric, kind, help);
        for row in &rows {
            text.sample(metric, &[("secret", &row.name)], figure(&row.counted));
        }
    }
    text.metric("b3lb_meeting_duration_seconds", Kind::Summary, "Duration of meetings that have ended");
    for row in &rows {
        let labels = [("secret", row.name.as_str())];
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of centuries fit a double")]
        let seconds = row.counted.duration_ms as f64 / 1000.0;
        text.sample("b3lb_meeting_duration_seconds_sum", &labels, seconds);
        text.sample("b3lb_meeting_duration_seconds_count", &labels, row.counted.ended);
    }
}
