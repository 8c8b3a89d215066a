//! Applies edits of the configuration in SQL.

use rusqlite::{Connection, Params, params};

use super::edit::{ClusterRow, Edit, NodeEdit, NodeName, SecretEdit, SecretRow, TenantEdit, TenantRow};
use super::{ChangeError, NewAsset, StoreError};
use crate::model::{AssetKind, Drain, LoadFactors, Rule, RuleMode, SecretKey, TenantLabel, TenantSlug};

/// Applies one edit.
pub(super) fn make(db: &Connection, edit: &Edit) -> Result<(), ChangeError> {
    match edit {
        Edit::AddCluster(row) => add_cluster(db, row),
        Edit::SetCluster(row) => set_cluster(db, row),
        Edit::RemoveCluster(name) => remove_cluster(db, name),
        Edit::AddGroup(name, description) => {
            let sql = "INSERT INTO cluster_group (name, description) VALUES (?1, ?2)";
            insert(db, "group", name, sql, params![name, description])
        }
        Edit::DescribeGroup(name, description) => {
            let sql = "UPDATE cluster_group SET description = ?2 WHERE name = ?1";
            one(db, "group", name, sql, params![name, description])
        }
        Edit::RemoveGroup(name) => remove_group(db, name),
        Edit::Assign(group, cluster) => {
            let sql = "INSERT OR IGNORE INTO cluster_group_member (group_id, cluster_id)
                       SELECT cluster_group.id, cluster.id FROM cluster_group, cluster
                       WHERE cluster_group.name = ?1 AND cluster.name = ?2";
            db.prepare_cached(sql)?.execute(params![group, cluster])?;
            Ok(())
        }
        Edit::Unassign(group, cluster) => {
            let sql = "DELETE FROM cluster_group_member
                       WHERE group_id = (SELECT id FROM cluster_group WHERE name = ?1)
                       AND cluster_id = (SELECT id FROM cluster WHERE name = ?2)";
            let name = format!("{cluster} in group {group}");
            one(db, "cluster", &name, sql, params![group, cluster])
        }
        Edit::AddNode(name, cluster, secret, maintenance) => {
            add_node(db, name, cluster, secret, *maintenance)
        }
        Edit::SetNode(name, edit) => set_node(db, name, edit),
        Edit::RemoveNode(name) => remove_node(db, name),
        Edit::AddTenant(row) => add_tenant(db, row),
        Edit::SetTenant(slug, edit) => set_tenant(db, slug, edit),
        Edit::RemoveTenant(slug) => remove_tenant(db, slug),
        Edit::AddSecret(row) => add_secret(db, row),
        Edit::SetSecret(label, edit) => set_secret(db, label, edit),
        Edit::SwapKeys(label) => swap_keys(db, label),
        Edit::RemoveSecret(label) => remove_secret(db, label),
        Edit::SetRule(slug, call, rule) => set_rule(db, slug, call.as_str(), rule),
        Edit::ClearRule(slug, call, name) => {
            let sql = "DELETE FROM parameter WHERE tenant_id = (SELECT id FROM tenant WHERE slug = ?1)
                       AND call = ?2 AND name = ?3";
            one(db, "parameter rule", name, sql, params![slug.as_str(), call.as_str(), name])
        }
        Edit::SetAsset(slug, asset) => set_asset(db, slug, asset),
        Edit::RemoveAsset(slug, kind) => remove_asset(db, slug, *kind),
    }
}

/// Inserts a row with the unique name `name`.
fn insert(
    db: &Connection,
    kind: &'static str,
    name: &str,
    sql: &str,
    values: impl Params,
) -> Result<(), ChangeError> {
    match db.prepare_cached(sql)?.execute(values) {
        // An object that the row refers to was removed meanwhile.
        Ok(0) => Err(ChangeError::Conflict(format!("{kind} {name} refers to something that does not exist"))),
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error) => Err(ChangeError::Exists { kind, name: name.to_owned() }),
        Err(error) => Err(error.into()),
    }
}

/// Updates or deletes the row named `name`.
fn one(
    db: &Connection,
    kind: &'static str,
    name: &str,
    sql: &str,
    values: impl Params,
) -> Result<(), ChangeError> {
    match db.prepare_cached(sql)?.execute(values)? {
        0 => Err(ChangeError::NotFound { kind, name: name.to_owned() }),
        _ => Ok(()),
    }
}

fn is_duplicate(error: &rusqlite::Error) -> bool {
    let unique = [rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE, rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY];
    error.sqlite_error().is_some_and(|it| unique.contains(&it.extended_code))
}

/// Refuses a removal while the object is still referenced.
fn refuse_if_used(
    db: &Connection,
    what: &str,
    (singular, plural): (&str, &str),
    sql: &str,
    values: impl Params,
) -> Result<(), ChangeError> {
    let used: i64 = db.query_row(sql, values, |row| row.get(0))?;
    match used {
        0 => Ok(()),
        1 => Err(ChangeError::Conflict(format!("{what} has 1 {singular}"))),
        n => Err(ChangeError::Conflict(format!("{what} has {n} {plural}"))),
    }
}

fn add_cluster(db: &Connection, row: &ClusterRow) -> Result<(), ChangeError> {
    let sql = "INSERT INTO cluster (name, attendee_factor, meeting_factor, cpu_order, cpu_max, checksum, target_cpu)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let LoadFactors { attendee, meeting, cpu_order, cpu_max } = row.factors;
    let values =
        params![row.name, attendee, meeting, cpu_order, cpu_max, row.algorithm.as_str(), row.target_cpu];
    insert(db, "cluster", &row.name, sql, values)
}

fn set_cluster(db: &Connection, row: &ClusterRow) -> Result<(), ChangeError> {
    let sql = "UPDATE cluster SET attendee_factor = ?2, meeting_factor = ?3, cpu_order = ?4, cpu_max = ?5,
               checksum = ?6, target_cpu = ?7 WHERE name = ?1";
    let LoadFactors { attendee, meeting, cpu_order, cpu_max } = row.factors;
    let values =
        params![row.name, attendee, meeting, cpu_order, cpu_max, row.algorithm.as_str(), row.target_cpu];
    one(db, "cluster", &row.name, sql, values)
}

fn remove_cluster(db: &Connection, name: &str) -> Result<(), ChangeError> {
    let nodes = "SELECT count(*) FROM node JOIN cluster ON cluster.id = cluster_id WHERE cluster.name = ?1";
    refuse_if_used(db, &format!("cluster {name}"), ("node", "nodes"), nodes, [name])?;
    one(db, "cluster", name, "DELETE FROM cluster WHERE name = ?1", [name])
}

fn remove_group(db: &Connection, name: &str) -> Result<(), ChangeError> {
    let tenants = "SELECT count(*) FROM tenant JOIN cluster_group ON cluster_group.id = group_id
                   WHERE cluster_group.name = ?1";
    refuse_if_used(db, &format!("group {name}"), ("tenant", "tenants"), tenants, [name])?;
    one(db, "group", name, "DELETE FROM cluster_group WHERE name = ?1", [name])
}

fn add_node(
    db: &Connection,
    name: &NodeName,
    cluster: &str,
    secret: &SecretKey,
    maintenance: bool,
) -> Result<(), ChangeError> {
    let sql = "INSERT INTO node (slug, domain, secret, cluster_id, maintenance)
               SELECT ?1, ?2, ?3, id, ?5 FROM cluster WHERE name = ?4";
    let values = params![name.slug.as_str(), name.domain, secret.reveal(), cluster, maintenance];
    insert(db, "node", &name.to_string(), sql, values)
}

fn set_node(db: &Connection, name: &NodeName, edit: &NodeEdit) -> Result<(), ChangeError> {
    let sql = "UPDATE node SET secret = coalesce(?3, secret), maintenance = coalesce(?5, maintenance),
               cluster_id = coalesce((SELECT id FROM cluster WHERE name = ?4), cluster_id)
               WHERE slug = ?1 AND domain = ?2";
    let secret = edit.secret.as_ref().map(SecretKey::reveal);
    let values = params![name.slug.as_str(), name.domain, secret, edit.cluster, edit.maintenance];
    one(db, "node", &name.to_string(), sql, values)?;
    if edit.maintenance == Some(false) {
        let sql = "DELETE FROM drain WHERE node_id = (SELECT id FROM node WHERE slug = ?1 AND domain = ?2)";
        db.execute(sql, params![name.slug.as_str(), name.domain])?;
    }
    if let Some(Drain { who, since, reason, evacuate_at }) = &edit.drain {
        let sql = "INSERT OR REPLACE INTO drain (node_id, who, since, reason, evacuate_at)
                   SELECT id, ?3, ?4, ?5, ?6 FROM node WHERE slug = ?1 AND domain = ?2";
        db.execute(sql, params![name.slug.as_str(), name.domain, who, since, reason, evacuate_at])?;
    }
    Ok(())
}

fn remove_node(db: &Connection, name: &NodeName) -> Result<(), ChangeError> {
    let slug = name.slug.as_str();
    let bound = "SELECT count(*) FROM meeting JOIN node ON node.id = node_id
                 WHERE slug = ?1 AND domain = ?2 AND phase <> 'abandoned'";
    let what = format!("node {name}");
    refuse_if_used(db, &what, ("meeting", "meetings"), bound, params![slug, name.domain])?;
    let node = "(SELECT id FROM node WHERE slug = ?1 AND domain = ?2)";
    db.execute(&format!("DELETE FROM meeting WHERE node_id = {node}"), params![slug, name.domain])?;
    let sql = "DELETE FROM node WHERE slug = ?1 AND domain = ?2";
    one(db, "node", &name.to_string(), sql, params![slug, name.domain])
}

fn add_tenant(db: &Connection, row: &TenantRow) -> Result<(), ChangeError> {
    let sql = "INSERT INTO tenant (slug, description, group_id, stats_token, attendee_limit, meeting_limit)
               SELECT ?1, ?2, id, ?4, ?5, ?6 FROM cluster_group WHERE name = ?3";
    let values = params![
        row.slug.as_str(),
        row.description,
        row.group,
        row.stats_token.reveal(),
        row.attendee_limit,
        row.meeting_limit
    ];
    insert(db, "tenant", row.slug.as_str(), sql, values)
}

fn set_tenant(db: &Connection, slug: &TenantSlug, edit: &TenantEdit) -> Result<(), ChangeError> {
    let sql = "UPDATE tenant SET description = coalesce(?2, description),
               group_id = coalesce((SELECT id FROM cluster_group WHERE name = ?3), group_id),
               stats_token = coalesce(?4, stats_token), attendee_limit = coalesce(?5, attendee_limit),
               meeting_limit = coalesce(?6, meeting_limit) WHERE slug = ?1";
    let token = edit.stats_token.as_ref().map(SecretKey::reveal);
    let values =
        params![slug.as_str(), edit.description, edit.group, token, edit.attendee_limit, edit.meeting_limit];
    one(db, "tenant", slug.as_str(), sql, values)
}

fn remove_tenant(db: &Connection, slug: &TenantSlug) -> Result<(), ChangeError> {
    let of_tenant =
        "JOIN secret ON secret.id = secret_id JOIN tenant ON tenant.id = tenant_id WHERE slug = ?1";
    let bound = format!("SELECT count(*) FROM meeting {of_tenant} AND phase <> 'abandoned'");
    refuse_if_used(db, &format!("tenant {slug}"), ("meeting", "meetings"), &bound, [slug.as_str()])?;
    let left = format!("DELETE FROM meeting WHERE id IN (SELECT meeting.id FROM meeting {of_tenant})");
    db.execute(&left, [slug.as_str()])?;
    let past = "DELETE FROM past WHERE tenant_id = (SELECT id FROM tenant WHERE slug = ?1)";
    db.execute(past, [slug.as_str()])?;
    one(db, "tenant", slug.as_str(), "DELETE FROM tenant WHERE slug = ?1", [slug.as_str()])
}

/// Selects the row id of a secret by slug (`?1`) and sub id (`?2`).
const SECRET: &str = "id = (SELECT secret.id FROM secret JOIN tenant ON tenant.id = tenant_id
                      WHERE slug = ?1 AND sub_id = ?2)";

fn add_secret(db: &Connection, row: &SecretRow) -> Result<(), ChangeError> {
    let sql = "INSERT INTO secret (tenant_id, sub_id, key, second_key, attendee_limit, meeting_limit)
               SELECT id, ?2, ?3, ?4, ?5, ?6 FROM tenant WHERE slug = ?1";
    let values = params![
        row.label.slug.as_str(),
        row.label.sub_id.get(),
        row.key.reveal(),
        row.second_key.as_ref().map(SecretKey::reveal),
        row.attendee_limit,
        row.meeting_limit
    ];
    insert(db, "secret", &row.label.to_string(), sql, values)
}

fn set_secret(db: &Connection, label: &TenantLabel, edit: &SecretEdit) -> Result<(), ChangeError> {
    let second = edit.second_key.as_ref().map(|it| it.as_ref().map(SecretKey::reveal));
    let sql = format!(
        "UPDATE secret SET key = coalesce(?3, key), second_key = CASE WHEN ?4 THEN ?5 ELSE second_key END,
         attendee_limit = coalesce(?6, attendee_limit), meeting_limit = coalesce(?7, meeting_limit)
         WHERE {SECRET}"
    );
    let values = params![
        label.slug.as_str(),
        label.sub_id.get(),
        edit.key.as_ref().map(SecretKey::reveal),
        second.is_some(),
        second.flatten(),
        edit.attendee_limit,
        edit.meeting_limit
    ];
    one(db, "secret", &label.to_string(), &sql, values)
}

fn swap_keys(db: &Connection, label: &TenantLabel) -> Result<(), ChangeError> {
    let sql = format!(
        "UPDATE secret SET key = second_key, second_key = key WHERE second_key IS NOT NULL AND {SECRET}"
    );
    match db.prepare_cached(&sql)?.execute(params![label.slug.as_str(), label.sub_id.get()])? {
        0 => Err(ChangeError::Conflict(format!("secret {label} has no second key"))),
        _ => Ok(()),
    }
}

fn remove_secret(db: &Connection, label: &TenantLabel) -> Result<(), ChangeError> {
    let values = params![label.slug.as_str(), label.sub_id.get()];
    let of_secret = format!("secret_id = (SELECT id FROM secret WHERE {SECRET})");
    let bound = format!("SELECT count(*) FROM meeting WHERE phase <> 'abandoned' AND {of_secret}");
    refuse_if_used(db, &format!("secret {label}"), ("meeting", "meetings"), &bound, values)?;
    db.execute(&format!("DELETE FROM meeting WHERE {of_secret}"), values)?;
    one(db, "secret", &label.to_string(), &format!("DELETE FROM secret WHERE {SECRET}"), values)
}

fn set_rule(db: &Connection, slug: &TenantSlug, call: &str, rule: &Rule) -> Result<(), ChangeError> {
    let (mode, value) = match &rule.mode {
        RuleMode::Set(value) => ("set", Some(value)),
        RuleMode::Override(value) => ("override", Some(value)),
        RuleMode::Block => ("block", None),
    };
    let sql = "INSERT OR REPLACE INTO parameter (tenant_id, call, name, mode, value)
               SELECT id, ?2, ?3, ?4, ?5 FROM tenant WHERE slug = ?1";
    one(db, "tenant", slug.as_str(), sql, params![slug.as_str(), call, rule.name, mode, value])
}

fn set_asset(db: &Connection, slug: &TenantSlug, asset: &NewAsset) -> Result<(), ChangeError> {
    let sql = "INSERT OR REPLACE INTO asset (tenant_id, kind, file_name, content_type, digest, content)
               SELECT id, ?2, ?3, ?4, ?5, ?6 FROM tenant WHERE slug = ?1";
    let NewAsset { kind, meta, content } = asset;
    let values =
        params![slug.as_str(), kind.as_str(), meta.file_name, meta.content_type, meta.digest, content];
    one(db, "tenant", slug.as_str(), sql, values)
}

fn remove_asset(db: &Connection, slug: &TenantSlug, kind: AssetKind) -> Result<(), ChangeError> {
    let sql = "DELETE FROM asset WHERE tenant_id = (SELECT id FROM tenant WHERE slug = ?1) AND kind = ?2";
    let name = format!("of tenant {slug}");
    one(db, kind.as_str(), &name, sql, params![slug.as_str(), kind.as_str()])
}

/// Increments the revision of the configuration.
pub(super) fn next_revision(db: &Connection) -> Result<(), StoreError> {
    db.execute("UPDATE revision SET number = number + 1", [])?;
    Ok(())
}
