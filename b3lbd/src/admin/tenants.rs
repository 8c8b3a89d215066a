//! Tenants.

use rpc::{AdminResult, Sensitive, TenantChange, TenantSpec, TenantView};

use super::Context;
use super::context::{Lookup, check_text, invalid};
use super::operator::Operator;
use super::secrets::random_key;
use crate::model::{Catalog, SubId, Subject, Tenant, TenantLabel, TenantSlug};
use crate::store::{Edit, SecretRow, TenantEdit, TenantRow};

const LONGEST_DESCRIPTION: usize = 1000;

/// Validates the description of a tenant.
pub(super) fn check_description(text: &str) -> AdminResult<()> {
    check_text("description", text, LONGEST_DESCRIPTION)
}

/// The label of the secret that every tenant has.
pub(super) fn label_of(slug: &TenantSlug) -> TenantLabel {
    TenantLabel { slug: slug.clone(), sub_id: SubId::ZERO }
}

pub(super) async fn add(operator: &Operator, spec: TenantSpec) -> AdminResult<TenantView> {
    let slug: TenantSlug = spec.slug.parse().map_err(invalid)?;
    check_description(&spec.description)?;
    let key = random_key();
    let tenant = TenantRow {
        slug: slug.clone(),
        description: spec.description,
        group: spec.group,
        stats_token: random_key(),
        attendee_limit: spec.attendee_limit,
        meeting_limit: spec.meeting_limit,
    };
    let (label, first) = (label_of(&slug), key.clone());
    let plan = move |catalog: &Catalog| {
        catalog.group(&tenant.group)?;
        let secret = SecretRow { label, key: first, second_key: None, attendee_limit: 0, meeting_limit: 0 };
        Ok(vec![Edit::AddTenant(tenant), Edit::AddSecret(secret)])
    };
    operator.change("tenant add", Subject::Tenant(slug), plan).await?;
    let view = show(&operator.context, &spec.slug)?;
    Ok(TenantView { secret: Some(Sensitive::from(key.reveal())), ..view })
}

pub(super) async fn set(operator: &Operator, slug: &str, change: TenantChange) -> AdminResult<TenantView> {
    let slug = operator.context.catalog().tenant(slug)?.slug.clone();
    if let Some(description) = &change.description {
        check_description(description)?;
    }
    let tenant = slug.clone();
    let plan = move |catalog: &Catalog| {
        if let Some(group) = &change.group {
            catalog.group(group)?;
        }
        let edit = TenantEdit {
            description: change.description,
            group: change.group,
            stats_token: change.new_stats_token.then(random_key),
            attendee_limit: change.attendee_limit,
            meeting_limit: change.meeting_limit,
        };
        Ok(vec![Edit::SetTenant(tenant, edit)])
    };
    operator.change("tenant set", Subject::Tenant(slug.clone()), plan).await?;
    show(&operator.context, slug.as_str())
}

pub(super) async fn remove(operator: &Operator, slug: &str) -> AdminResult<TenantView> {
    let gone = show(&operator.context, slug)?;
    let slug = operator.context.catalog().tenant(slug)?.slug.clone();
    let tenant = slug.clone();
    let plan = move |_: &Catalog| Ok(vec![Edit::RemoveTenant(tenant)]);
    operator.change("tenant rm", Subject::Tenant(slug), plan).await?;
    Ok(TenantView { stats_token: None, ..gone })
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
    let totals = context.core.pool.registry.totals(tenant.secrets.values().map(|it| it.id));
    TenantView {
        slug: tenant.slug.to_string(),
        description: tenant.description.clone(),
        group: catalog.groups.get(&tenant.group).map(|it| it.name.clone()).unwrap_or_default(),
        hostname: context.hostname(&label_of(&tenant.slug)),
        stats_token: Some(Sensitive::from(tenant.stats_token.reveal())),
        attendee_limit: tenant.attendee_limit,
        meeting_limit: tenant.meeting_limit,
        attendees: totals.attendees,
        meetings: totals.meetings,
        secret: None,
    }
}
