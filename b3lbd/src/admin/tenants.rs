//! Tenants.

use std::sync::Arc;

use rpc::{AdminResult, Sensitive, TenantChange, TenantSpec, TenantView};

use super::Context;
use super::context::{Lookup, check_text, invalid};
use super::secrets::random_key;
use crate::model::{Catalog, SubId, Tenant, TenantLabel, TenantSlug};
use crate::store::{TenantEdit, TenantRow};

const LONGEST_DESCRIPTION: usize = 1000;

pub(super) async fn add(context: &Context, spec: &TenantSpec) -> AdminResult<TenantView> {
    let slug: TenantSlug = spec.slug.parse().map_err(invalid)?;
    check_text("description", &spec.description, LONGEST_DESCRIPTION)?;
    let group = context.catalog().group(&spec.group)?.id;
    let key = random_key();
    let row = TenantRow {
        slug,
        description: spec.description.clone(),
        group,
        stats_token: random_key(),
        attendee_limit: spec.attendee_limit,
        meeting_limit: spec.meeting_limit,
        key: key.clone(),
    };
    let store = Arc::clone(&context.meetings.store);
    context.change(async move { store.add_tenant(row).await }).await?;
    Ok(TenantView { secret: Some(Sensitive::from(key.reveal())), ..show(context, &spec.slug)? })
}

pub(super) async fn set(context: &Context, slug: &str, change: TenantChange) -> AdminResult<TenantView> {
    let catalog = context.catalog();
    let tenant = catalog.tenant(slug)?.id;
    if let Some(description) = &change.description {
        check_text("description", description, LONGEST_DESCRIPTION)?;
    }
    let group = change.group.map(|name| catalog.group(&name).map(|it| it.id)).transpose()?;
    let edit = TenantEdit {
        description: change.description,
        group,
        attendee_limit: change.attendee_limit,
        meeting_limit: change.meeting_limit,
    };
    let store = Arc::clone(&context.meetings.store);
    context.change(async move { store.edit_tenant(tenant, edit).await }).await?;
    show(context, slug)
}

pub(super) fn list(context: &Context) -> Vec<TenantView> {
    let catalog = context.catalog();
    catalog
        .tenants
        .values()
        .map(|it| TenantView { stats_token: None, ..view(context, &catalog, it) })
        .collect()
}

pub(super) fn show(context: &Context, slug: &str) -> AdminResult<TenantView> {
    let catalog = context.catalog();
    Ok(view(context, &catalog, catalog.tenant(slug)?))
}

fn view(context: &Context, catalog: &Catalog, tenant: &Tenant) -> TenantView {
    let figures = context.meetings.pool.registry.figures(tenant.secrets.values().map(|it| it.id));
    let label = TenantLabel { slug: tenant.slug.clone(), sub_id: SubId::ZERO };
    TenantView {
        slug: tenant.slug.to_string(),
        description: tenant.description.clone(),
        group: catalog.groups.get(&tenant.group).map(|it| it.name.clone()).unwrap_or_default(),
        hostname: context.hostname(&label),
        stats_token: Some(Sensitive::from(tenant.stats_token.reveal())),
        attendee_limit: tenant.attendee_limit,
        meeting_limit: tenant.meeting_limit,
        attendees: figures.attendees,
        meetings: figures.meetings,
        secret: None,
    }
}
