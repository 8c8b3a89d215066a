//! Reads the configuration.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rusqlite::{Connection, Row};

use super::StoreError;
use crate::model::{
    AssetMeta, Catalog, Cluster, ClusterId, Drain, Group, GroupId, LoadFactors, Node, NodeId, Rule, RuleMode,
    Secret, SecretId, SecretKey, SubId, Tenant, TenantId, TenantLabel, TenantSlug,
};

/// Reads the whole configuration.
pub(super) fn load(db: &Connection) -> Result<Catalog, StoreError> {
    let clusters = clusters(db)?;
    let nodes = nodes(db, &clusters)?;
    let revision: i64 = db.query_row("SELECT number FROM revision", [], |row| row.get(0))?;
    let revision = revision.unsigned_abs();
    Ok(Catalog { revision, groups: groups(db)?, nodes, tenants: tenants(db)?, clusters })
}

fn rows<T>(
    db: &Connection,
    sql: &str,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        list.push(read(row)?);
    }
    Ok(list)
}

/// Reports a stored value that is invalid, and was not written by us.
#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
fn invalid(error: impl ToString) -> StoreError {
    StoreError::Other(error.to_string())
}

fn clusters(db: &Connection) -> Result<BTreeMap<ClusterId, Arc<Cluster>>, StoreError> {
    let sql = "SELECT id, name, attendee_factor, meeting_factor, cpu_order, cpu_max, checksum, target_cpu FROM cluster";
    let list = rows(db, sql, |row| {
        let id = ClusterId(row.get(0)?);
        let factors = LoadFactors {
            attendee: row.get(2)?,
            meeting: row.get(3)?,
            cpu_order: row.get(4)?,
            cpu_max: row.get(5)?,
        };
        let algorithm = row.get::<_, String>(6)?.parse().map_err(invalid)?;
        Ok((id, Arc::new(Cluster { id, name: row.get(1)?, factors, algorithm, target_cpu: row.get(7)? })))
    })?;
    Ok(list.into_iter().collect())
}

fn groups(db: &Connection) -> Result<BTreeMap<GroupId, Arc<Group>>, StoreError> {
    let mut members: HashMap<GroupId, Vec<ClusterId>> = HashMap::new();
    let sql = "SELECT group_id, cluster_id FROM cluster_group_member ORDER BY group_id, cluster_id";
    for (group, cluster) in rows(db, sql, |row| Ok((GroupId(row.get(0)?), ClusterId(row.get(1)?))))? {
        members.entry(group).or_default().push(cluster);
    }
    let list = rows(db, "SELECT id, name, description FROM cluster_group", |row| {
        let id = GroupId(row.get(0)?);
        let clusters = members.remove(&id).unwrap_or_default();
        Ok((id, Arc::new(Group { id, name: row.get(1)?, description: row.get(2)?, clusters })))
    })?;
    Ok(list.into_iter().collect())
}

fn nodes(
    db: &Connection,
    clusters: &BTreeMap<ClusterId, Arc<Cluster>>,
) -> Result<BTreeMap<NodeId, Arc<Node>>, StoreError> {
    let sql = "SELECT id, slug, domain, secret, cluster_id, maintenance, who, since, reason, evacuate_at
               FROM node LEFT JOIN drain ON drain.node_id = node.id";
    let list = rows(db, sql, |row| {
        let id = NodeId(row.get(0)?);
        let cluster = clusters.get(&ClusterId(row.get(4)?)).cloned();
        let node = Node {
            id,
            slug: row.get::<_, String>(1)?.parse().map_err(invalid)?,
            domain: row.get(2)?,
            secret: SecretKey::new(row.get::<_, String>(3)?),
            cluster: cluster.ok_or_else(|| invalid("a node without a cluster"))?,
            maintenance: row.get(5)?,
            drain: drain(row)?,
        };
        Ok((id, Arc::new(node)))
    })?;
    Ok(list.into_iter().collect())
}

/// The drain of a node, if it has one.
fn drain(row: &Row<'_>) -> Result<Option<Drain>, StoreError> {
    let Some(who) = row.get("who")? else { return Ok(None) };
    let (since, reason) = (row.get("since")?, row.get("reason")?);
    Ok(Some(Drain { who, since, reason, evacuate_at: row.get("evacuate_at")? }))
}

fn tenants(db: &Connection) -> Result<BTreeMap<TenantSlug, Arc<Tenant>>, StoreError> {
    let sql =
        "SELECT id, slug, description, group_id, stats_token, attendee_limit, meeting_limit FROM tenant";
    let mut tenants: HashMap<TenantId, Tenant> = rows(db, sql, |row| {
        let id = TenantId(row.get(0)?);
        let tenant = Tenant {
            id,
            slug: row.get::<_, String>(1)?.parse().map_err(invalid)?,
            description: row.get(2)?,
            group: GroupId(row.get(3)?),
            stats_token: SecretKey::new(row.get::<_, String>(4)?),
            attendee_limit: row.get(5)?,
            meeting_limit: row.get(6)?,
            secrets: BTreeMap::new(),
            create_rules: Vec::new(),
            join_rules: Vec::new(),
            assets: BTreeMap::new(),
        };
        Ok((id, tenant))
    })?
    .into_iter()
    .collect();
    add_secrets(db, &mut tenants)?;
    add_rules(db, &mut tenants)?;
    add_assets(db, &mut tenants)?;
    Ok(tenants.into_values().map(|it| (it.slug.clone(), Arc::new(it))).collect())
}

fn add_secrets(db: &Connection, tenants: &mut HashMap<TenantId, Tenant>) -> Result<(), StoreError> {
    let sql = "SELECT id, tenant_id, sub_id, key, second_key, attendee_limit, meeting_limit FROM secret";
    rows(db, sql, |row| {
        let Some(tenant) = tenants.get_mut(&TenantId(row.get(1)?)) else { return Ok(()) };
        let sub_id = SubId::new(row.get(2)?).map_err(invalid)?;
        let secret = Secret {
            id: SecretId(row.get(0)?),
            tenant: tenant.id,
            label: TenantLabel { slug: tenant.slug.clone(), sub_id },
            key: SecretKey::new(row.get::<_, String>(3)?),
            second_key: row.get::<_, Option<String>>(4)?.map(SecretKey::new),
            attendee_limit: row.get(5)?,
            meeting_limit: row.get(6)?,
        };
        tenant.secrets.insert(sub_id, Arc::new(secret));
        Ok(())
    })?;
    Ok(())
}

fn add_rules(db: &Connection, tenants: &mut HashMap<TenantId, Tenant>) -> Result<(), StoreError> {
    let sql = "SELECT tenant_id, call, name, mode, value FROM parameter ORDER BY tenant_id, call, name";
    rows(db, sql, |row| {
        let Some(tenant) = tenants.get_mut(&TenantId(row.get(0)?)) else { return Ok(()) };
        let value = row.get::<_, Option<String>>(4)?.unwrap_or_default();
        let mode = match row.get::<_, String>(3)?.as_str() {
            "set" => RuleMode::Set(value),
            "override" => RuleMode::Override(value),
            _ => RuleMode::Block,
        };
        let rule = Rule { name: row.get(2)?, mode };
        match row.get::<_, String>(1)?.as_str() {
            "create" => tenant.create_rules.push(rule),
            _ => tenant.join_rules.push(rule),
        }
        Ok(())
    })?;
    Ok(())
}

fn add_assets(db: &Connection, tenants: &mut HashMap<TenantId, Tenant>) -> Result<(), StoreError> {
    let sql = "SELECT tenant_id, kind, file_name, content_type, length(content), digest FROM asset";
    rows(db, sql, |row| {
        let Some(tenant) = tenants.get_mut(&TenantId(row.get(0)?)) else { return Ok(()) };
        let kind = row.get::<_, String>(1)?.parse().map_err(|_| invalid("unknown asset"))?;
        let meta = AssetMeta {
            file_name: row.get(2)?,
            content_type: row.get(3)?,
            size: row.get(4)?,
            digest: row.get(5)?,
        };
        tenant.assets.insert(kind, meta);
        Ok(())
    })?;
    Ok(())
}
