//! API secrets, and their rollover in three steps: rotate, promote, drop-second.

use std::sync::Arc;

use rand::RngExt;
use rand::distr::Alphanumeric;
use rpc::{AdminError, AdminResult, ErrorCode, NewSecret, SecretChange, SecretSpec, SecretView, Sensitive};
use serde_json::json;

use super::Context;
use super::context::{Lookup, invalid};
use super::operator::Operator;
use crate::model::{Catalog, Secret, SecretKey, SubId, Subject, TenantLabel};
use crate::store::{Edit, SecretEdit, SecretRow};

/// Length of a tenant's key, which consists of letters and digits.
const KEY_LENGTH: usize = 42;

/// Generates a random key.
pub(super) fn random_key() -> SecretKey {
    let key: String = rand::rng().sample_iter(Alphanumeric).take(KEY_LENGTH).map(char::from).collect();
    SecretKey::new(key)
}

/// Validates a key given by an operator.
pub(super) fn check_key(key: &str) -> AdminResult<SecretKey> {
    if key.len() != KEY_LENGTH || !key.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(AdminError::invalid("secret", "a tenant's secret is 42 letters and digits")
            .hint("leave it out to generate one"));
    }
    Ok(SecretKey::new(key))
}

pub(super) async fn add(operator: &Operator, spec: &SecretSpec) -> AdminResult<NewSecret> {
    let slug = operator.context.catalog().tenant(&spec.tenant)?.slug.clone();
    let label = TenantLabel { slug, sub_id: SubId::new(spec.sub_id).map_err(invalid)? };
    let key = match &spec.secret {
        Some(key) => check_key(key.reveal())?,
        None => random_key(),
    };
    let row = SecretRow {
        label: label.clone(),
        key,
        second_key: None,
        attendee_limit: spec.attendee_limit,
        meeting_limit: spec.meeting_limit,
    };
    let plan = move |catalog: &Catalog| {
        catalog.tenant(row.label.slug.as_str())?;
        Ok(vec![Edit::AddSecret(row)])
    };
    operator.change("secret add", Subject::Secret(label.clone()), plan).await?;
    with_key(&operator.context, &label, |it| Some(&it.key))
}

pub(super) async fn add_range(
    operator: &Operator,
    tenant: &str,
    first: u16,
    last: u16,
) -> AdminResult<Vec<NewSecret>> {
    let slug = operator.context.catalog().tenant(tenant)?.slug.clone();
    let (first, last) = (SubId::new(first.min(last)), SubId::new(first.max(last)));
    let range = first.map_err(invalid)?.get()..=last.map_err(invalid)?.get();
    let labels = range
        .map(|number| Ok(TenantLabel { slug: slug.clone(), sub_id: SubId::new(number).map_err(invalid)? }))
        .collect::<AdminResult<Vec<_>>>()?;
    let wanted = labels.clone();
    let before = operator.context.catalog();
    let plan = move |catalog: &Catalog| {
        catalog.tenant(slug.as_str())?;
        let missing = wanted.into_iter().filter(|it| catalog.secret(it).is_none());
        let row = |label| SecretRow {
            label,
            key: random_key(),
            second_key: None,
            attendee_limit: 0,
            meeting_limit: 0,
        };
        Ok(missing.map(|label| Edit::AddSecret(row(label))).collect())
    };
    let subject = Subject::Tenant(operator.context.catalog().tenant(tenant)?.slug.clone());
    operator.change("secret add", subject, plan).await?;
    let added = labels.iter().filter(|it| before.secret(it).is_none());
    added.map(|label| with_key(&operator.context, label, |it| Some(&it.key))).collect()
}

pub(super) async fn set(operator: &Operator, name: &str, change: SecretChange) -> AdminResult<SecretView> {
    let label = label_of(&operator.context, name)?;
    let edit = SecretEdit {
        attendee_limit: change.attendee_limit,
        meeting_limit: change.meeting_limit,
        ..SecretEdit::default()
    };
    edit_secret(operator, "secret set", &label, edit).await?;
    show(&operator.context, name)
}

async fn edit_secret(
    operator: &Operator,
    action: &'static str,
    label: &TenantLabel,
    edit: SecretEdit,
) -> AdminResult<()> {
    let edit = Edit::SetSecret(label.clone(), edit);
    operator.change(action, Subject::Secret(label.clone()), move |_| Ok(vec![edit])).await?;
    Ok(())
}

pub(super) async fn remove(operator: &Operator, name: &str) -> AdminResult<SecretView> {
    let gone = show(&operator.context, name)?;
    let label = label_of(&operator.context, name)?;
    if label.sub_id == SubId::ZERO {
        let message = format!("secret {label} stays as long as its tenant: sub id 0 always exists");
        return Err(AdminError::new(ErrorCode::Refused, message).hint("rotate it, or remove the tenant"));
    }
    let edit = Edit::RemoveSecret(label.clone());
    operator.change("secret rm", Subject::Secret(label), move |_| Ok(vec![edit])).await?;
    Ok(gone)
}

pub(super) fn list(context: &Context, tenant: Option<&str>) -> AdminResult<Vec<SecretView>> {
    Ok(secrets(context, tenant)?.iter().map(|it| view(context, it)).collect())
}

pub(super) fn show(context: &Context, name: &str) -> AdminResult<SecretView> {
    Ok(view(context, context.catalog().owner(name)?.1))
}

/// The sort key of secrets in lists.
pub(super) fn order(secret: &SecretView) -> String {
    secret.name.clone()
}

/// Secrets with their keys; access is recorded in the audit log.
pub(super) async fn reveal(
    operator: &Operator,
    tenant: Option<&str>,
    first_page: bool,
) -> AdminResult<Vec<NewSecret>> {
    let context = &operator.context;
    let secrets = secrets(context, tenant)?;
    let subject = match (tenant, secrets.first()) {
        (Some(_), Some(secret)) => Subject::Tenant(secret.label.slug.clone()),
        _ => Subject::Configuration,
    };
    if first_page {
        operator.record("secret reveal", subject, json!({ "secrets": secrets.len() })).await?;
    }
    let new =
        |it: &Arc<Secret>| NewSecret { view: view(context, it), secret: Sensitive::from(it.key.reveal()) };
    Ok(secrets.iter().map(new).collect())
}

pub(super) async fn rotate(operator: &Operator, name: &str) -> AdminResult<NewSecret> {
    let label = label_of(&operator.context, name)?;
    let named = label.clone();
    let plan = move |catalog: &Catalog| {
        if catalog.secret(&named).is_some_and(|(_, secret)| secret.second_key.is_some()) {
            let message = format!("secret {named} has a second key already");
            let hint =
                format!("secret promote {named} makes it the first, secret drop-second {named} removes it");
            return Err(AdminError::new(ErrorCode::Conflict, message).hint(hint));
        }
        let edit = SecretEdit { second_key: Some(Some(random_key())), ..SecretEdit::default() };
        Ok(vec![Edit::SetSecret(named, edit)])
    };
    operator.change("secret rotate", Subject::Secret(label.clone()), plan).await?;
    with_key(&operator.context, &label, |it| it.second_key.as_ref())
}

pub(super) async fn promote(operator: &Operator, name: &str) -> AdminResult<NewSecret> {
    let label = label_of(&operator.context, name)?;
    let edit = Edit::SwapKeys(label.clone());
    operator.change("secret promote", Subject::Secret(label.clone()), move |_| Ok(vec![edit])).await?;
    with_key(&operator.context, &label, |it| Some(&it.key))
}

pub(super) async fn drop_second(operator: &Operator, name: &str) -> AdminResult<SecretView> {
    let label = label_of(&operator.context, name)?;
    let named = label.clone();
    let plan = move |catalog: &Catalog| {
        if catalog.secret(&named).is_none_or(|(_, secret)| secret.second_key.is_none()) {
            return Err(AdminError::new(ErrorCode::Conflict, format!("secret {named} has no second key")));
        }
        Ok(vec![Edit::SetSecret(named, SecretEdit { second_key: Some(None), ..SecretEdit::default() })])
    };
    operator.change("secret drop-second", Subject::Secret(label), plan).await?;
    show(&operator.context, name)
}

fn label_of(context: &Context, name: &str) -> AdminResult<TenantLabel> {
    Ok(context.catalog().owner(name)?.1.label.clone())
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
