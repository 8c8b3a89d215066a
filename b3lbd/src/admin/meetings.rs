//! Running meetings.

use jiff::Timestamp;
use rpc::{AdminError, AdminResult, ErrorCode, MeetingFilter, MeetingStats, MeetingView, TenantMeetings};

use super::Context;
use super::context::Lookup;
use crate::bbb::flat_response;
use crate::model::TenantLabel;
use crate::state::Meeting;

pub(super) fn list(context: &Context, filter: &MeetingFilter) -> AdminResult<Vec<MeetingView>> {
    let catalog = context.catalog();
    let registry = &context.meetings.pool.registry;
    let meetings = match filter.tenant.as_deref() {
        Some(name) if name.contains('-') => registry.of_secrets([catalog.owner(name)?.1.id]),
        Some(slug) => registry.of_secrets(catalog.tenant(slug)?.secrets.values().map(|it| it.id)),
        None => registry.all(),
    };
    let node = filter.node.as_deref().map(|name| catalog.node(name).map(|it| it.id)).transpose()?;
    let on_node = |meeting: &Meeting| node.is_none_or(|node| node == meeting.node);
    Ok(meetings.iter().filter(|it| on_node(it)).map(|it| view(context, it)).collect())
}

pub(super) async fn end(context: &Context, secret: &str, meeting_id: &str) -> AdminResult<MeetingView> {
    let catalog = context.catalog();
    let (_, owner) = catalog.owner(secret)?;
    let meetings = &context.meetings;
    let found = meetings.pool.registry.get(owner.id, meeting_id);
    let meeting = found.ok_or_else(|| AdminError::not_found("meeting", meeting_id))?;
    let answer = meetings.end_on_node(&meeting).await.ok_or_else(|| {
        AdminError::new(ErrorCode::Unavailable, format!("the node of meeting {meeting_id} does not answer"))
    })?;
    let children = flat_response(&answer.body).unwrap_or_default();
    let get = |name: &str| {
        children.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    if get("returncode") != "SUCCESS" {
        let message = format!("the node refuses to end meeting {meeting_id}: {}", get("messageKey"));
        return Err(AdminError::new(ErrorCode::Refused, message));
    }
    Ok(view(context, &meeting))
}

pub(super) fn stats(context: &Context) -> MeetingStats {
    let catalog = context.catalog();
    let registry = &context.meetings.pool.registry;
    let tenants: Vec<_> = catalog
        .tenants
        .values()
        .map(|tenant| {
            let figures = registry.figures(tenant.secrets.values().map(|it| it.id));
            TenantMeetings {
                tenant: tenant.slug.to_string(),
                meetings: figures.meetings,
                attendees: figures.attendees,
            }
        })
        .collect();
    MeetingStats {
        meetings: tenants.iter().map(|it| it.meetings).sum(),
        attendees: tenants.iter().map(|it| it.attendees).sum(),
        tenants,
    }
}

fn view(context: &Context, meeting: &Meeting) -> MeetingView {
    let node = context.meetings.pool.node(meeting.node);
    let sight = meeting.sight();
    let main = sight.as_ref().map(|it| it.main.as_ref());
    let TenantLabel { slug, sub_id } = &meeting.label;
    let created = Timestamp::from_millisecond(meeting.created_at).unwrap_or_default();
    let count = |figure: fn(&crate::bbb::NodeMeeting) -> u32| main.map_or(0, |it| figure(it).into());
    MeetingView {
        id: meeting.key.id.to_string(),
        name: meeting.name.clone(),
        tenant: slug.to_string(),
        sub_id: sub_id.get(),
        node: node.map(|it| it.fqdn()).unwrap_or_default(),
        attendees: count(|it| it.attendees),
        listeners: count(|it| it.listeners),
        voices: count(|it| it.voices),
        videos: count(|it| it.videos),
        moderators: count(|it| it.moderators),
        created_at: created.to_string(),
    }
}
