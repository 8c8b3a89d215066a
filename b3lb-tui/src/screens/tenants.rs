//! The Tenants tab: how much of its limits each tenant uses.

use super::column::{Cell, CellContext, Column, name, number, sentence, text, whole};
use super::screen::Screen;
use crate::keys::Action;
use crate::page::Page;
use crate::state::State;
use crate::state::details::{Answer, Subject};
use crate::state::list::Sort;
use crate::state::snapshot::Tenant;
use crate::text::{clean, count, counted};

/// The Tenants tab.
pub struct Tenants;

impl Screen for Tenants {
    type Row = Tenant;

    const TITLE: &'static str = "Tenants";
    const ABOUT: &'static str = "Customers";
    const NOUN: &'static str = "tenant";
    const EMPTY: &'static str = "There are no tenants yet: b3lb-cli tenant add SLUG --group GROUP";
    const SORTED_BY: Sort = Sort { column: 3, descending: true };
    const ACTIONS: &'static [Action] = &[Action::Endpoints, Action::VisitMeetings];
    const COLUMNS: &'static [Column<Tenant>] = &[
        name("TENANT", 10..=10, 0)
            .of(|tenant, _| text(&tenant.slug), |tenant, _| tenant.slug.as_str().into()),
        name("GROUP", 10..=18, 2)
            .of(|tenant, _| text(&tenant.group), |tenant, _| tenant.group.as_str().into()),
        number("MEETINGS", 13..=13, 0).of(
            |tenant, _| tenant.meetings.into(),
            |tenant, cx| of_limit(tenant.meetings, tenant.meeting_limit, cx),
        ),
        number("ATTENDEES", 15..=15, 0).of(
            |tenant, _| tenant.attendees.into(),
            |tenant, cx| of_limit(tenant.attendees, tenant.attendee_limit, cx),
        ),
        number("REFUSED", 8..=10, 1).of(|tenant, _| whole(tenant.refused), refused),
        number("SECRETS", 8..=8, 3)
            .of(|tenant, _| tenant.secrets.into(), |tenant, _| count(tenant.secrets).into()),
        name("HOSTNAME", 22..=44, 5)
            .of(|tenant, _| text(&tenant.hostname), |tenant, _| tenant.hostname.as_str().into()),
        sentence("DESCRIPTION", 14..=60, 4).of(
            |tenant, _| text(&tenant.description),
            |tenant, cx| Cell::from(tenant.description.as_str()).style(cx.look.theme.dim),
        ),
    ];

    fn details(page: &mut Page, state: &State, tenant: &Tenant) {
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
        match state.details.get(&Subject::Tenant(tenant.slug.clone())) {
            Some(Answer::Tenant(secrets)) => {
                for secret in secrets {
                    let second = if secret.has_second { "two keys" } else { "" };
                    page.row(&format!("{:<14} {}", clean(&secret.name), clean(&secret.hostname)), second);
                }
            }
            Some(Answer::Refused(refusal)) => {
                page.styled(&clean(&refusal.to_string()), page.look.theme.suspect);
            }
            _ => page.dim(if state.link.is_up() { "asking for them" } else { "not known" }),
        }
    }

    fn subject(name: &str) -> Option<Subject> {
        Some(Subject::Tenant(name.to_owned()))
    }

    /// Secrets are called after their tenant, such as `SCHOOL-001`.
    fn filter_for(name: &str) -> String {
        format!("{name}-")
    }
}

/// `12 / 50`, or `12` without a limit. A glyph and a colour mark a limit that is reached.
fn of_limit<'a>(used: u32, limit: Option<u32>, cx: &CellContext<'a>) -> Cell<'a> {
    let theme = &cx.look.theme;
    match limit {
        None => count(used).into(),
        Some(limit) if used >= limit => {
            Cell::from(format!("{} {} / {}", cx.look.glyphs.warning, count(used), count(limit)))
                .style(theme.suspect)
        }
        Some(limit) => format!("{} / {}", count(used), count(limit)).into(),
    }
}

fn refused<'a>(tenant: &'a Tenant, cx: &CellContext<'a>) -> Cell<'a> {
    let style = if tenant.refused > 0 { cx.look.theme.suspect } else { cx.look.theme.dim };
    Cell::from(count(tenant.refused)).style(style)
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
    let Some(group) = state.snapshot.groups.iter().find(|it| it.name == tenant.group) else { return };
    page.heading(&format!("Cluster group {}", group.name));
    if group.clusters.is_empty() {
        page.styled("It has no clusters: every create is refused.", page.look.theme.suspect);
    }
    for name in &group.clusters {
        let Some(cluster) = state.snapshot.cluster(name) else { continue };
        let open = format!("{} of {} take meetings", cluster.sums.open, counted(cluster.sums.nodes, "node"));
        page.row(name, &open);
    }
}
