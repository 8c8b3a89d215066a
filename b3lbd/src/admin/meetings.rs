//! Running meetings.

use std::sync::Arc;

use jiff::Timestamp;
use rpc::{
    AdminError, AdminResult, ErrorCode, ExcludedNodes, LeftOut, MeetingFilter, MeetingImport, MeetingTotals,
    MeetingView, MeetingWhy, PlacementView, RankedNode, TenantMeetings,
};
use serde_json::json;

use super::Context;
use super::context::{Lookup, check_text, unavailable};
use super::nodes::{end_refusal, tenths};
use super::operator::Operator;
use crate::lifecycle::{Claim, ClaimError};
use crate::model::{NodeId, Subject, TenantLabel};
use crate::state::Meeting;

/// Running meetings, oldest first.
pub(super) fn list(context: &Context, filter: &MeetingFilter) -> AdminResult<Vec<Arc<Meeting>>> {
    let catalog = context.catalog();
    let registry = &context.core.pool.registry;
    let mut meetings = match filter.tenant.as_deref() {
        Some(name) if name.contains('-') => registry.of_secrets([catalog.owner(name)?.1.id]),
        Some(slug) => registry.of_secrets(catalog.tenant(slug)?.secrets.values().map(|it| it.id)),
        None => registry.all(),
    };
    if let Some(name) = filter.node.as_deref() {
        let node = catalog.node(name)?.id;
        meetings.retain(|it| it.node() == node);
    }
    Ok(meetings)
}

fn find(context: &Context, secret: &str, meeting_id: &str) -> AdminResult<Arc<Meeting>> {
    let catalog = context.catalog();
    let (_, owner) = catalog.owner(secret)?;
    let found = context.core.pool.registry.get(owner.id, meeting_id);
    found.ok_or_else(|| AdminError::not_found("meeting", meeting_id))
}

pub(super) fn show(context: &Context, secret: &str, meeting_id: &str) -> AdminResult<MeetingView> {
    Ok(view(context, &*find(context, secret, meeting_id)?))
}

/// Why a meeting is on its node.
pub(super) fn why(context: &Context, secret: &str, meeting_id: &str) -> AdminResult<MeetingWhy> {
    let meeting = find(context, secret, meeting_id)?;
    let catalog = context.catalog();
    let name = |node: &NodeId| catalog.nodes.get(node).map_or_else(|| "(removed)".to_owned(), |it| it.fqdn());
    let placement = meeting.binding.placed.as_deref().map(|placed| PlacementView {
        expected: placed.expected,
        candidates: placed.candidates,
        best: placed.best.iter().map(|it| ranked(name(&it.node), it.parts)).collect(),
        excluded: placed
            .excluded
            .iter()
            .map(|it| ExcludedNodes {
                why: it.why,
                count: it.count,
                nodes: it.nodes.iter().map(name).collect(),
            })
            .collect(),
        moved_from: placed.moved_from.as_ref().map(name),
    });
    Ok(MeetingWhy { meeting: view(context, &meeting), placement })
}

fn ranked(node: String, parts: [f64; 5]) -> RankedNode {
    let [attendees, reserved, meetings, cpu, own] = parts.map(tenths);
    RankedNode { node, rank: tenths(parts.iter().sum()), attendees, reserved, meetings, cpu, own }
}

pub(super) async fn end(operator: &Operator, secret: &str, meeting_id: &str) -> AdminResult<MeetingView> {
    let meeting = find(&operator.context, secret, meeting_id)?;
    let operator = operator.clone();
    Operator::to_the_end(async move {
        let context = &operator.context;
        let ended = context.core.end_for_operator(&meeting).await;
        ended.map_err(|failure| end_refusal(&meeting.key().id, &failure))?;
        let view = view(context, &meeting);
        let subject = Subject::Meeting(meeting.owner.label.clone(), meeting.key().id.to_string());
        operator.record("meeting end", subject, json!({ "attendees": view.attendees })).await?;
        Ok(view)
    })
    .await
}

/// Takes over meetings that already run, and returns those that were skipped.
pub(super) async fn import(
    operator: &Operator,
    meetings: Vec<MeetingImport>,
    dry_run: bool,
) -> AdminResult<Vec<LeftOut>> {
    let operator = operator.clone();
    Operator::to_the_end(async move {
        let mut left_out = Vec::new();
        let mut taken = 0;
        for it in meetings {
            let name = format!("{} of {}", it.id, it.secret);
            match take_over(&operator.context, it, dry_run).await {
                Ok(()) => taken += 1,
                Err(error) => {
                    left_out.push(LeftOut { kind: "meeting".to_owned(), name, reason: error.message });
                }
            }
        }
        if !dry_run && taken > 0 {
            operator.record("meeting import", Subject::Configuration, json!({ "meetings": taken })).await?;
        }
        Ok(left_out)
    })
    .await
}

async fn take_over(context: &Context, it: MeetingImport, dry_run: bool) -> AdminResult<()> {
    let catalog = context.catalog();
    let (tenant, secret) = catalog.owner(&it.secret)?;
    let node = catalog.node(&it.node)?;
    check_text("id", &it.id, 256)?;
    if it.id.is_empty() {
        return Err(AdminError::invalid("id", "is needed"));
    }
    if context.core.pool.registry.get(secret.id, &it.id).is_some() {
        return Err(AdminError::exists("meeting", &it.id));
    }
    if !context.core.is_free(secret.id, node.id, &it.id) {
        return Err(AdminError::new(ErrorCode::Conflict, ClaimError::Taken.to_string()));
    }
    if dry_run {
        return Ok(());
    }
    let claim = Claim { id: it.id.into(), name: it.name, ended_url: it.ended_url };
    let taken = context.core.take_over(tenant, secret, node, claim).await;
    taken.map_err(|error| match error {
        ClaimError::Taken => AdminError::new(ErrorCode::Conflict, error.to_string()),
        ClaimError::Store(error) => unavailable(&error),
    })
}

pub(super) fn stats(context: &Context) -> MeetingTotals {
    let catalog = context.catalog();
    let registry = &context.core.pool.registry;
    let tenants: Vec<_> = catalog
        .tenants
        .values()
        .map(|tenant| {
            let totals = registry.totals(tenant.secrets.values().map(|it| it.id));
            TenantMeetings {
                tenant: tenant.slug.to_string(),
                meetings: totals.meetings,
                attendees: totals.attendees,
            }
        })
        .collect();
    MeetingTotals {
        meetings: tenants.iter().map(|it| it.meetings).sum(),
        attendees: tenants.iter().map(|it| it.attendees).sum(),
        tenants,
    }
}

/// Converts a meeting to its rpc type.
pub(super) fn view(context: &Context, meeting: &Meeting) -> MeetingView {
    let node = context.core.pool.node(meeting.node());
    let seen = meeting.observation();
    let main = seen.as_ref().map(|it| it.main.as_ref());
    let TenantLabel { slug, sub_id } = &meeting.owner.label;
    let created = Timestamp::from_millisecond(meeting.binding.created_at).unwrap_or_default();
    let count = |figure: fn(&crate::bbb::NodeMeeting) -> u32| main.map_or(0, |it| figure(it).into());
    MeetingView {
        id: meeting.key().id.to_string(),
        name: meeting.binding.name.clone(),
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
