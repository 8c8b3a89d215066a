//! Tenants of a configuration, with their secrets, rules and assets.

use rpc::{
    AdminError, AdminResult, AssetConfig, AssetFile, FieldChange, ParamConfig, SecretConfig, TenantConfig,
};

use super::draft::{Draft, Facts, changed, changed_secret, new_field};
use crate::admin::context::invalid;
use crate::admin::secrets::{check_key, random_key};
use crate::admin::tenants::{check_description, label_of};
use crate::admin::{assets, params};
use crate::model::{Rule, SecretKey, SubId, Tenant, TenantLabel, TenantSlug};
use crate::store::{Edit, RuleCall, SecretEdit, SecretRow, TenantEdit, TenantRow};

/// Maximum length of a stats token.
const LONGEST_TOKEN: usize = 255;

pub(super) fn tenants(facts: &Facts<'_>, draft: &mut Draft, configs: Vec<TenantConfig>) -> AdminResult<()> {
    for config in configs {
        let slug: Result<TenantSlug, _> = config.slug.parse().map_err(invalid);
        let name = slug.as_ref().map_or_else(|_| config.slug.clone(), ToString::to_string);
        draft.item(("tenant", &name), |draft| tenant(facts, draft, &slug?, config))?;
    }
    for tenant in facts.catalog.tenants.values() {
        if !draft.names("tenant", tenant.slug.as_str()) {
            if draft.options.prune {
                facts.check_is_unused(&format!("tenant {}", tenant.slug), tenant.secrets.values())?;
            }
            let gone = vec![Edit::RemoveTenant(tenant.slug.clone())];
            draft.surplus("tenant", tenant.slug.as_str(), gone);
        }
    }
    Ok(())
}

fn tenant(facts: &Facts<'_>, draft: &mut Draft, slug: &TenantSlug, config: TenantConfig) -> AdminResult<()> {
    check_description(&config.description)?;
    if !draft.groups.contains(&config.group) {
        return Err(AdminError::not_found("group", &config.group));
    }
    let token = config.stats_token.as_ref().map(|it| check_token(it.reveal())).transpose()?;
    let old = facts.catalog.tenants.get(slug);
    match old {
        None => add(draft, slug, &config, token),
        Some(old) => change(facts, draft, old, &config, token),
    }
    secrets(facts, draft, slug, old.map(AsRef::as_ref), config.secrets)?;
    parameters(draft, slug, old.map(AsRef::as_ref), config.parameters)?;
    assets_of(draft, slug, old.map(AsRef::as_ref), config.assets)
}

fn check_token(token: &str) -> AdminResult<SecretKey> {
    let good = (1..=LONGEST_TOKEN).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_graphic());
    if !good {
        return Err(AdminError::invalid("stats_token", "1-255 printable ASCII characters without spaces"));
    }
    Ok(SecretKey::new(token))
}

fn add(draft: &mut Draft, slug: &TenantSlug, config: &TenantConfig, token: Option<SecretKey>) {
    let row = TenantRow {
        slug: slug.clone(),
        description: config.description.clone(),
        group: config.group.clone(),
        stats_token: token.unwrap_or_else(random_key),
        attendee_limit: config.attendee_limit,
        meeting_limit: config.meeting_limit,
    };
    let fields = vec![
        new_field("group", &config.group),
        new_field("description", &config.description),
        new_field("attendee_limit", &config.attendee_limit),
        new_field("meeting_limit", &config.meeting_limit),
    ];
    draft.add("tenant", slug.as_str(), fields, vec![Edit::AddTenant(row)]);
}

fn change(
    facts: &Facts<'_>,
    draft: &mut Draft,
    old: &Tenant,
    config: &TenantConfig,
    token: Option<SecretKey>,
) {
    let group = facts.catalog.groups.get(&old.group).map(|it| it.name.clone()).unwrap_or_default();
    let fields: Vec<FieldChange> = [
        changed("group", &group, &config.group),
        changed("description", &old.description, &config.description),
        changed("attendee_limit", &old.attendee_limit, &config.attendee_limit),
        changed("meeting_limit", &old.meeting_limit, &config.meeting_limit),
        changed_secret("stats_token", Some(&old.stats_token), token.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let edit = TenantEdit {
        description: Some(config.description.clone()),
        group: Some(config.group.clone()),
        stats_token: token,
        attendee_limit: Some(config.attendee_limit),
        meeting_limit: Some(config.meeting_limit),
    };
    draft.change("tenant", old.slug.as_str(), fields, vec![Edit::SetTenant(old.slug.clone(), edit)]);
}

fn secrets(
    facts: &Facts<'_>,
    draft: &mut Draft,
    slug: &TenantSlug,
    old: Option<&Tenant>,
    configs: Vec<SecretConfig>,
) -> AdminResult<()> {
    for config in configs {
        let sub_id = SubId::new(config.sub_id).map_err(invalid);
        let name = match sub_id {
            Ok(sub_id) => TenantLabel { slug: slug.clone(), sub_id }.to_string(),
            Err(_) => format!("{slug}-{}", config.sub_id),
        };
        draft.item(("secret", &name), |draft| {
            let label = TenantLabel { slug: slug.clone(), sub_id: sub_id? };
            secret(draft, label, old, &config)
        })?;
    }
    let first = label_of(slug);
    let has_first = old.is_some_and(|it| it.secrets.contains_key(&SubId::ZERO));
    let in_plan = draft.makes_secret(&first);
    if !has_first && !in_plan {
        let row = SecretRow {
            label: first.clone(),
            key: random_key(),
            second_key: None,
            attendee_limit: 0,
            meeting_limit: 0,
        };
        draft.add("secret", &first.to_string(), Vec::new(), vec![Edit::AddSecret(row)]);
    }
    for secret in old.into_iter().flat_map(|it| it.secrets.values()) {
        let name = secret.label.to_string();
        if secret.label.sub_id != SubId::ZERO && !draft.names("secret", &name) {
            if draft.options.prune {
                facts.check_is_unused(&format!("secret {name}"), std::iter::once(secret))?;
            }
            draft.surplus("secret", &name, vec![Edit::RemoveSecret(secret.label.clone())]);
        }
    }
    Ok(())
}

fn secret(
    draft: &mut Draft,
    label: TenantLabel,
    old: Option<&Tenant>,
    config: &SecretConfig,
) -> AdminResult<()> {
    let key = config.secret.as_ref().map(|it| check_key(it.reveal())).transpose()?;
    let second = config.second_secret.as_ref().map(|it| check_key(it.reveal())).transpose()?;
    let name = label.to_string();
    let Some(old) = old.and_then(|it| it.secrets.get(&label.sub_id)) else {
        let fields = vec![
            new_field("attendee_limit", &config.attendee_limit),
            new_field("meeting_limit", &config.meeting_limit),
        ];
        let row = SecretRow {
            label,
            key: key.unwrap_or_else(random_key),
            second_key: second,
            attendee_limit: config.attendee_limit,
            meeting_limit: config.meeting_limit,
        };
        draft.add("secret", &name, fields, vec![Edit::AddSecret(row)]);
        return Ok(());
    };
    let fields = [
        changed("attendee_limit", &old.attendee_limit, &config.attendee_limit),
        changed("meeting_limit", &old.meeting_limit, &config.meeting_limit),
        changed_secret("secret", Some(&old.key), key.as_ref()),
        changed_secret("second_secret", old.second_key.as_ref(), second.as_ref()),
    ];
    let edit = SecretEdit {
        key,
        second_key: second.map(Some),
        attendee_limit: Some(config.attendee_limit),
        meeting_limit: Some(config.meeting_limit),
    };
    let fields = fields.into_iter().flatten().collect();
    draft.change("secret", &name, fields, vec![Edit::SetSecret(label, edit)]);
    Ok(())
}

fn parameters(
    draft: &mut Draft,
    slug: &TenantSlug,
    old: Option<&Tenant>,
    configs: Vec<ParamConfig>,
) -> AdminResult<()> {
    for config in configs {
        let name = format!("{slug} {} {}", config.call, config.name);
        draft.item(("parameter", &name), |draft| {
            let call = match config.call.as_str() {
                "create" => RuleCall::Create,
                "join" => RuleCall::Join,
                _ => return Err(AdminError::invalid("call", "create or join")),
            };
            let rule = params::rule_for(call, &config.name, config.mode, config.value)?;
            let words = rule.in_words();
            let has = old.and_then(|it| rule_of(it, call, &rule.name)).map(Rule::in_words);
            let edits = vec![Edit::SetRule(slug.clone(), call, rule)];
            match has {
                None => draft.add("parameter", &name, vec![new_field("rule", &words)], edits),
                Some(has) => {
                    draft.change(
                        "parameter",
                        &name,
                        changed("rule", &has, &words).into_iter().collect(),
                        edits,
                    );
                }
            }
            Ok(())
        })?;
    }
    let Some(old) = old.filter(|_| !draft.options.import) else { return Ok(()) };
    for (call, rules) in [(RuleCall::Create, &old.create_rules), (RuleCall::Join, &old.join_rules)] {
        for rule in rules {
            let name = format!("{slug} {} {}", call.as_str(), rule.name);
            if !draft.names("parameter", &name) {
                draft.drop_rule(&name, Edit::ClearRule(slug.clone(), call, rule.name.clone()));
            }
        }
    }
    Ok(())
}

fn rule_of<'a>(tenant: &'a Tenant, call: RuleCall, name: &str) -> Option<&'a Rule> {
    let rules = match call {
        RuleCall::Create => &tenant.create_rules,
        RuleCall::Join => &tenant.join_rules,
    };
    rules.iter().find(|it| it.name == name)
}

fn assets_of(
    draft: &mut Draft,
    slug: &TenantSlug,
    old: Option<&Tenant>,
    configs: Vec<AssetConfig>,
) -> AdminResult<()> {
    for config in configs {
        let name = format!("{slug} {}", config.kind.as_str());
        draft.item(("asset", &name), |draft| {
            let AssetConfig { kind, file_name, sha256, base64 } = config;
            let has = old.and_then(|it| it.assets.get(&kind));
            if has.is_some_and(|it| it.digest == sha256 && it.file_name == file_name) {
                return Ok(());
            }
            let content = base64.ok_or_else(|| {
                AdminError::invalid("base64", "the content is required, because the tenant does not have it")
                    .hint("export --with-assets writes the contents too")
            })?;
            let file = AssetFile { kind, file_name: file_name.clone(), base64: content.reveal().to_owned() };
            let asset = assets::check(&file)?;
            if asset.meta.digest != sha256 {
                return Err(AdminError::invalid("sha256", "does not match the content"));
            }
            let size = asset.meta.size;
            let edits = vec![Edit::SetAsset(slug.clone(), asset)];
            let words = format!("{file_name} ({size} bytes)");
            match has {
                None => draft.add("asset", &name, vec![new_field("file", &words)], edits),
                Some(has) => {
                    let before = format!("{} ({} bytes)", has.file_name, has.size);
                    let field =
                        FieldChange { field: "file".to_owned(), before: Some(before), after: Some(words) };
                    draft.change("asset", &name, vec![field], edits);
                }
            }
            Ok(())
        })?;
    }
    for kind in old.into_iter().flat_map(|it| it.assets.keys()) {
        let name = format!("{slug} {}", kind.as_str());
        if !draft.names("asset", &name) {
            draft.surplus("asset", &name, vec![Edit::RemoveAsset(slug.clone(), *kind)]);
        }
    }
    Ok(())
}
