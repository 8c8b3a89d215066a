//! Exports the configuration as rpc types, in a stable order.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rpc::{
    AdminError, AdminResult, AssetConfig, Configuration, ErrorCode, ExportOptions, GroupConfig, NodeConfig,
    ParamConfig, SecretConfig, Sensitive, TenantConfig, wire::MAX_FRAME,
};

use crate::admin::context::unavailable;
use crate::admin::{Context, clusters, groups, params};
use crate::model::{
    AssetKind, AssetMeta, Catalog, Group, Node, Rule, Secret, SecretKey, Tenant, base64_length,
};
use crate::store::RuleCall;

/// Space reserved in an answer for everything but assets, in bytes.
const ROOM_FOR_THE_REST: usize = 16 * 1024 * 1024;

/// The current configuration.
pub(super) async fn export(context: &Context, options: ExportOptions) -> AdminResult<Configuration> {
    let catalog = context.catalog();
    if options.assets {
        check_size(&catalog)?;
    }
    let mut clusters: Vec<_> = catalog.clusters.values().map(|it| clusters::spec(it)).collect();
    clusters.sort_by(|a, b| a.name.cmp(&b.name));
    let mut groups: Vec<_> = catalog.groups.values().map(|it| group(&catalog, it)).collect();
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    let mut nodes: Vec<_> = catalog.nodes.values().collect();
    nodes.sort_by_key(|it| it.fqdn());
    let nodes = nodes.iter().map(|it| node(it, options)).collect();
    let mut tenants = Vec::with_capacity(catalog.tenants.len());
    for it in catalog.tenants.values() {
        let group = catalog.groups.get(&it.group).map(|it| it.name.clone()).unwrap_or_default();
        tenants.push(tenant(context, it, group, options).await?);
    }
    Ok(Configuration { clusters, groups, nodes, tenants })
}

/// Rejects an export whose assets do not fit into one answer.
fn check_size(catalog: &Catalog) -> AdminResult<()> {
    let sizes = catalog.tenants.values().flat_map(|it| it.assets.values()).map(|it| base64_length(it.size));
    let (all, most) = (sizes.sum::<u64>(), (MAX_FRAME - ROOM_FOR_THE_REST) as u64);
    if all <= most {
        return Ok(());
    }
    let message =
        format!("the assets are {} MiB in base64, an export can hold up to {} MiB", all >> 20, most >> 20);
    Err(AdminError::new(ErrorCode::Refused, message)
        .hint("export without --with-assets; backup FILE has the assets too, asset set brings them back"))
}

fn group(catalog: &Catalog, it: &Group) -> GroupConfig {
    GroupConfig {
        name: it.name.clone(),
        description: it.description.clone(),
        clusters: groups::clusters_of(catalog, it),
    }
}

fn key(key: &SecretKey, options: ExportOptions) -> Option<Sensitive> {
    options.secrets.then(|| Sensitive::from(key.reveal()))
}

fn node(it: &Node, options: ExportOptions) -> NodeConfig {
    NodeConfig {
        slug: it.slug.to_string(),
        domain: Some(it.domain.clone()),
        cluster: it.cluster.name.clone(),
        maintenance: options.state.then_some(it.maintenance),
        secret: key(&it.secret, options),
    }
}

async fn tenant(
    context: &Context,
    it: &Tenant,
    group: String,
    options: ExportOptions,
) -> AdminResult<TenantConfig> {
    let mut assets = Vec::new();
    for (kind, meta) in &it.assets {
        assets.push(asset(context, it, *kind, meta, options).await?);
    }
    Ok(TenantConfig {
        slug: it.slug.to_string(),
        group,
        description: it.description.clone(),
        attendee_limit: it.attendee_limit,
        meeting_limit: it.meeting_limit,
        stats_token: key(&it.stats_token, options),
        secrets: it.secrets.values().map(|it| secret(it, options)).collect(),
        parameters: parameters(it),
        assets,
    })
}

fn secret(it: &Secret, options: ExportOptions) -> SecretConfig {
    SecretConfig {
        sub_id: it.label.sub_id.get(),
        attendee_limit: it.attendee_limit,
        meeting_limit: it.meeting_limit,
        secret: key(&it.key, options),
        second_secret: it.second_key.as_ref().and_then(|it| key(it, options)),
    }
}

fn parameters(it: &Tenant) -> Vec<ParamConfig> {
    let create = it.create_rules.iter().map(|rule| parameter(RuleCall::Create, rule));
    create.chain(it.join_rules.iter().map(|rule| parameter(RuleCall::Join, rule))).collect()
}

fn parameter(call: RuleCall, rule: &Rule) -> ParamConfig {
    let (mode, value) = params::in_words(rule);
    ParamConfig { call: call.as_str().to_owned(), name: rule.name.clone(), mode, value }
}

async fn asset(
    context: &Context,
    tenant: &Tenant,
    kind: AssetKind,
    meta: &AssetMeta,
    options: ExportOptions,
) -> AdminResult<AssetConfig> {
    let mut base64 = None;
    if options.assets {
        let stored = context.core.store.asset(tenant.id, kind, &meta.digest).await;
        let stored = stored.map_err(|error| unavailable(&error))?;
        base64 = stored.map(|it| Sensitive::from(STANDARD.encode(&it.content)));
    }
    Ok(AssetConfig { kind, file_name: meta.file_name.clone(), sha256: meta.digest.clone(), base64 })
}
