//! API secrets, and their rollover in three steps: rotate, promote, drop-second.

use std::sync::Arc;

use rand::RngExt;
use rand::distr::Alphanumeric;
use rpc::{AdminError, AdminResult, NewSecret, SecretSpec, SecretView, Sensitive};

use super::Context;
use super::context::{Lookup, invalid};
use crate::model::{Secret, SecretKey, SubId, TenantLabel};
use crate::store::SecretRow;

/// Letters and digits of a tenant's key.
const KEY_LENGTH: usize = 42;

/// A fresh key.
pub(super) fn random_key() -> SecretKey {
    let key: String = rand::rng().sample_iter(Alphanumeric).take(KEY_LENGTH).map(char::from).collect();
    SecretKey::new(key)
}

fn check_key(key: &str) -> AdminResult<SecretKey> {
    if key.len() != KEY_LENGTH || !key.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(AdminError::invalid("secret", "a tenant's secret is 42 letters and digits")
            .hint("leave it out and one is made"));
    }
    Ok(SecretKey::new(key))
}

pub(super) async fn add(context: &Context, spec: &SecretSpec) -> AdminResult<NewSecret> {
    let catalog = context.catalog();
    let tenant = catalog.tenant(&spec.tenant)?;
    let label = TenantLabel { slug: tenant.slug.clone(), sub_id: SubId::new(spec.sub_id).map_err(invalid)? };
    let key = match &spec.secret {
        Some(key) => check_key(key.reveal())?,
        None => random_key(),
    };
    let row = SecretRow {
        tenant: tenant.id,
        label: label.clone(),
        key,
        attendee_limit: spec.attendee_limit,
        meeting_limit: spec.meeting_limit,
    };
    let store = Arc::clone(&context.meetings.store);
    context.change(async move { store.add_secret(row).await }).await?;
    with_key(context, &label, |it| Some(&it.key))
}

pub(super) async fn add_range(
    context: &Context,
    tenant: &str,
    first: u16,
    last: u16,
) -> AdminResult<Vec<NewSecret>> {
    let catalog = context.catalog();
    let tenant = catalog.tenant(tenant)?;
    let (first, last) = (SubId::new(first.min(last)), SubId::new(first.max(last)));
    let range = first.map_err(invalid)?.get()..=last.map_err(invalid)?.get();
    let mut rows = Vec::new();
    for number in range {
        let label = TenantLabel { slug: tenant.slug.clone(), sub_id: SubId::new(number).map_err(invalid)? };
        rows.push(SecretRow {
            tenant: tenant.id,
            label,
            key: random_key(),
            attendee_limit: 0,
            meeting_limit: 0,
        });
    }
    let store = Arc::clone(&context.meetings.store);
    let added = context.change(async move { store.add_missing_secrets(rows).await }).await?;
    added.iter().map(|label| with_key(context, label, |it| Some(&it.key))).collect()
}

pub(super) fn list(context: &Context, tenant: Option<&str>) -> AdminResult<Vec<SecretView>> {
    Ok(secrets(context, tenant)?.iter().map(|it| view(context, it)).collect())
}

pub(super) fn show(context: &Context, name: &str) -> AdminResult<SecretView> {
    Ok(view(context, context.catalog().owner(name)?.1))
}

pub(super) fn reveal(context: &Context, tenant: Option<&str>) -> AdminResult<Vec<NewSecret>> {
    let new =
        |it: &Arc<Secret>| NewSecret { view: view(context, it), secret: Sensitive::from(it.key.reveal()) };
    Ok(secrets(context, tenant)?.iter().map(new).collect())
}

pub(super) async fn rotate(context: &Context, name: &str) -> AdminResult<NewSecret> {
    let (id, label) = find(context, name)?;
    let (store, key) = (Arc::clone(&context.meetings.store), random_key());
    context.change(async move { store.set_second_key(id, key).await }).await?;
    with_key(context, &label, |it| it.second_key.as_ref())
}

pub(super) async fn promote(context: &Context, name: &str) -> AdminResult<NewSecret> {
    let (id, label) = find(context, name)?;
    let (store, named) = (Arc::clone(&context.meetings.store), label.clone());
    context.change(async move { store.promote_second_key(id, named).await }).await?;
    with_key(context, &label, |it| Some(&it.key))
}

pub(super) async fn drop_second(context: &Context, name: &str) -> AdminResult<SecretView> {
    let (id, label) = find(context, name)?;
    let store = Arc::clone(&context.meetings.store);
    context.change(async move { store.drop_second_key(id, label).await }).await?;
    show(context, name)
}

fn find(context: &Context, name: &str) -> AdminResult<(crate::model::SecretId, TenantLabel)> {
    let catalog = context.catalog();
    let (_, secret) = catalog.owner(name)?;
    Ok((secret.id, secret.label.clone()))
}

fn secrets(context: &Context, tenant: Option<&str>) -> AdminResult<Vec<Arc<Secret>>> {
    let catalog = context.catalog();
    match tenant {
        Some(slug) => Ok(catalog.tenant(slug)?.secrets.values().cloned().collect()),
        None => Ok(catalog.tenants.values().flat_map(|it| it.secrets.values().cloned()).collect()),
    }
}

fn with_key(
    context: &Context,
    label: &TenantLabel,
    key: impl Fn(&Secret) -> Option<&SecretKey>,
) -> AdminResult<NewSecret> {
    let name = label.to_string();
    let catalog = context.catalog();
    let (_, secret) = catalog.owner(&name)?;
    let key = key(secret).ok_or_else(|| AdminError::not_found("second key of secret", &name))?;
    Ok(NewSecret { view: view(context, secret), secret: Sensitive::from(key.reveal()) })
}

fn view(context: &Context, secret: &Secret) -> SecretView {
    SecretView {
        name: secret.label.to_string(),
        tenant: secret.label.slug.to_string(),
        sub_id: secret.label.sub_id.get(),
        hostname: context.hostname(&secret.label),
        attendee_limit: secret.attendee_limit,
        meeting_limit: secret.meeting_limit,
        has_second: secret.second_key.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_random_and_valid() {
        let (a, b) = (random_key(), random_key());
        assert_ne!(a, b);
        assert!(check_key(a.reveal()).is_ok());
        assert!(check_key("short").is_err() && check_key(&"-".repeat(42)).is_err());
    }
}
