//! The details of a tenant: how much of its limits it uses, and its endpoints.

use super::{Answer, Page, Subject};
use crate::model::Tenant;
use crate::state::State;
use crate::text::{clean, count, counted};

pub(super) fn write(page: &mut Page, state: &State, tenant: &Tenant) {
    page.title(&tenant.slug, &tenant.group, page.look.theme.dim);
    page.field("description", &tenant.description);
    page.field("hostname", &tenant.hostname);
    page.heading("Limits");
    limit(page, "meetings", tenant.meetings, tenant.meeting_limit);
    limit(page, "attendees", tenant.attendees, tenant.attendee_limit);
    let refused = counted(tenant.refused, "create");
    page.field("refused", &format!("{refused} refused by a limit"));
    group(page, state, tenant);
    page.heading(&counted(tenant.secrets, "endpoint"));
    match state.story.of(&Subject::Tenant(tenant.slug.clone())) {
        Some(Answer::Tenant(secrets)) => {
            for secret in secrets {
                let second = if secret.has_second { "two keys" } else { "" };
                page.row(&format!("{:<14} {}", clean(&secret.name), clean(&secret.hostname)), second);
            }
        }
        Some(Answer::Refused(refusal)) => page.styled(&clean(&refusal.to_string()), page.look.theme.suspect),
        _ => page.dim(if state.link.is_up() { "asking for them" } else { "not known" }),
    }
}

fn limit(page: &mut Page, label: &str, used: u32, limit: Option<u32>) {
    match limit {
        Some(limit) => {
            let figure = format!("{} / {}", count(used), count(limit));
            page.bar(label, &figure, f64::from(used), f64::from(limit));
        }
        None => page.field(label, &format!("{:>15}  no limit", count(used))),
    }
}

fn group(page: &mut Page, state: &State, tenant: &Tenant) {
    let Some(group) = state.picture.groups.iter().find(|it| it.name == tenant.group) else { return };
    page.heading(&format!("Cluster group {}", group.name));
    if group.clusters.is_empty() {
        page.styled("It has no clusters: every create is refused.", page.look.theme.suspect);
    }
    for name in &group.clusters {
        let Some(cluster) = state.picture.cluster(name) else { continue };
        let open = format!("{} of {} take meetings", cluster.sums.open, counted(cluster.sums.nodes, "node"));
        page.row(name, &open);
    }
}
