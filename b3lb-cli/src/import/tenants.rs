//! Tenants and their secrets.

use rpc::{GroupConfig, SecretConfig, TenantConfig};

use super::dump::Dump;
use super::record::{Found, Record};
use super::report::Report;

/// Converts the tenants, without the objects that belong to them.
pub(super) fn tenants(
    dump: &mut Dump,
    groups: &Found<GroupConfig>,
    report: &mut Report,
) -> Found<TenantConfig> {
    let records = dump.take("rest.tenant");
    let recording = records.iter().filter(|it| it.flag("recording_enabled") == Ok(Some(true))).count();
    report.leave("rest.tenant.recording_enabled", recording, "recording is not supported");
    let tenants = report.collect(&records, |record| {
        Ok(TenantConfig {
            slug: record.text("slug")?,
            group: groups.of(record, "cluster_group")?.name.clone(),
            description: record.optional_text("description")?.unwrap_or_default(),
            attendee_limit: record.count("attendee_limit", 0)?,
            meeting_limit: record.count("meeting_limit", 0)?,
            stats_token: record.optional_text("stats_token")?.map(Into::into),
            secrets: Vec::new(),
            parameters: Vec::new(),
            assets: Vec::new(),
        })
    });
    Found::new("rest.tenant", tenants)
}

/// Adds the tenants' secrets and returns their names, such as `SCHOOL-012`.
pub(super) fn secrets(
    dump: &mut Dump,
    tenants: &mut Found<TenantConfig>,
    report: &mut Report,
) -> Found<String> {
    let records = dump.take("rest.secret");
    let described = records.iter().filter(|it| matches!(it.optional_text("description"), Ok(Some(_))));
    report.leave("rest.secret.description", described.count(), "secrets have no description here");
    let names = report.collect(&records, |record| {
        let tenant = tenants.of_mut(record, "tenant")?;
        let secret =
            secret(record).map_err(|reason| format!("{reason} (secret of tenant {})", tenant.slug))?;
        let name = format!("{}-{:03}", tenant.slug, secret.sub_id);
        tenant.secrets.push(secret);
        Ok(name)
    });
    Found::new("rest.secret", names)
}

fn secret(record: &Record) -> Result<SecretConfig, String> {
    Ok(SecretConfig {
        sub_id: record.count("sub_id", 0)?,
        attendee_limit: record.count("attendee_limit", 0)?,
        meeting_limit: record.count("meeting_limit", 0)?,
        secret: Some(record.text("secret")?.into()),
        second_secret: record.optional_text("secret2")?.map(Into::into),
    })
}
