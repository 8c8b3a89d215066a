//! Changes of the configuration. Each is one transaction and answers with the configuration after it.

use rusqlite::{Connection, OptionalExtension, Params, params};

use super::{ChangeError, Store};
use crate::bbb::Algorithm;
use crate::model::{
    Catalog, ClusterId, GroupId, LoadFactors, NodeId, NodeSlug, RuleMode, SecretId, SecretKey, SubId,
    TenantId, TenantLabel, TenantSlug,
};

/// A cluster to be made.
#[derive(Clone, Debug)]
pub struct ClusterRow {
    /// Unique name.
    pub name: String,
    /// Weights of the load formula.
    pub factors: LoadFactors,
    /// How calls to its nodes are signed.
    pub algorithm: Algorithm,
}

/// A node to be added.
#[derive(Clone, Debug)]
pub struct NodeRow {
    /// First label of its host name.
    pub slug: NodeSlug,
    /// The rest.
    pub domain: String,
    /// Its BBB secret.
    pub secret: SecretKey,
    /// Its cluster.
    pub cluster: ClusterId,
    /// No new meetings.
    pub maintenance: bool,
}

/// A tenant to be added, with the key of its sub id 0.
#[derive(Clone, Debug)]
pub struct TenantRow {
    /// Slug.
    pub slug: TenantSlug,
    /// Free text.
    pub description: String,
    /// Its cluster group.
    pub group: GroupId,
    /// For its own stats and metrics.
    pub stats_token: SecretKey,
    /// 0 = none.
    pub attendee_limit: u32,
    /// 0 = none.
    pub meeting_limit: u32,
    /// Key of sub id 0.
    pub key: SecretKey,
}

/// What to change of a tenant; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct TenantEdit {
    /// Free text.
    pub description: Option<String>,
    /// Its cluster group.
    pub group: Option<GroupId>,
    /// 0 = none.
    pub attendee_limit: Option<u32>,
    /// 0 = none.
    pub meeting_limit: Option<u32>,
}

/// A secret to be added.
#[derive(Clone, Debug)]
pub struct SecretRow {
    /// Its tenant.
    pub tenant: TenantId,
    /// Tenant and sub id in words, for errors.
    pub label: TenantLabel,
    /// The key.
    pub key: SecretKey,
    /// 0 = none.
    pub attendee_limit: u32,
    /// 0 = none.
    pub meeting_limit: u32,
}

/// A parameter rule.
#[derive(Clone, Debug)]
pub struct ParameterRow {
    /// Its tenant.
    pub tenant: TenantId,
    /// `create` or `join`.
    pub call: &'static str,
    /// Name of the parameter.
    pub name: String,
    /// What to do.
    pub mode: RuleMode,
}

type Changed<T> = Result<(T, Catalog), ChangeError>;

/// Inserts a row whose unique name is `name`.
fn insert(
    db: &Connection,
    kind: &'static str,
    name: &str,
    sql: &str,
    values: impl Params,
) -> Result<(), ChangeError> {
    match db.execute(sql, values) {
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error) => Err(ChangeError::Exists { kind, name: name.to_owned() }),
        Err(error) => Err(error.into()),
    }
}

fn is_duplicate(error: &rusqlite::Error) -> bool {
    let unique = [rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE, rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY];
    error.sqlite_error().is_some_and(|it| unique.contains(&it.extended_code))
}

impl Store {
    /// Makes a cluster.
    pub async fn add_cluster(&self, row: ClusterRow) -> Changed<()> {
        self.change(move |db| {
            let sql =
                "INSERT INTO cluster (name, attendee_factor, meeting_factor, cpu_order, cpu_max, checksum)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let LoadFactors { attendee, meeting, cpu_order, cpu_max } = row.factors;
            let values = params![row.name, attendee, meeting, cpu_order, cpu_max, row.algorithm.as_str()];
            insert(db, "cluster", &row.name, sql, values)
        })
        .await
    }

    /// Makes a cluster group.
    pub async fn add_group(&self, name: String, description: String) -> Changed<()> {
        self.change(move |db| {
            let sql = "INSERT INTO cluster_group (name, description) VALUES (?1, ?2)";
            insert(db, "group", &name, sql, params![name, description])
        })
        .await
    }

    /// Puts a cluster into a group.
    pub async fn assign_cluster(&self, group: GroupId, cluster: ClusterId) -> Changed<()> {
        self.change(move |db| {
            let sql = "INSERT OR IGNORE INTO cluster_group_member (group_id, cluster_id) VALUES (?1, ?2)";
            db.execute(sql, params![group.0, cluster.0])?;
            Ok(())
        })
        .await
    }

    /// Adds a node.
    pub async fn add_node(&self, row: NodeRow) -> Changed<()> {
        self.change(move |db| {
            let sql = "INSERT INTO node (slug, domain, secret, cluster_id, maintenance) VALUES (?1, ?2, ?3, ?4, ?5)";
            let name = format!("{}.{}", row.slug, row.domain);
            let values =
                params![row.slug.as_str(), row.domain, row.secret.reveal(), row.cluster.0, row.maintenance];
            insert(db, "node", &name, sql, values)
        })
        .await
    }

    /// Removes a node that no meeting is bound to; `name` is for the refusal.
    pub async fn remove_node(&self, node: NodeId, name: String) -> Changed<()> {
        self.change(move |db| {
            let sql = "SELECT count(*) FROM meeting WHERE node_id = ?1 AND phase <> 'abandoned'";
            let bound: i64 = db.query_row(sql, [node.0], |row| row.get(0))?;
            if bound > 0 {
                let meetings = if bound == 1 { "meeting" } else { "meetings" };
                return Err(ChangeError::Conflict(format!("node {name} has {bound} {meetings}")));
            }
            db.execute("DELETE FROM meeting WHERE node_id = ?1", [node.0])?;
            db.execute("DELETE FROM node WHERE id = ?1", [node.0])?;
            Ok(())
        })
        .await
    }

    /// Switches a node's maintenance.
    pub async fn set_maintenance(&self, node: NodeId, on: bool) -> Changed<()> {
        self.change(move |db| {
            db.execute("UPDATE node SET maintenance = ?2 WHERE id = ?1", params![node.0, on])?;
            Ok(())
        })
        .await
    }

    /// Adds a tenant and its secret of sub id 0.
    pub async fn add_tenant(&self, row: TenantRow) -> Changed<()> {
        self.change(move |db| {
            let sql =
                "INSERT INTO tenant (slug, description, group_id, stats_token, attendee_limit, meeting_limit)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let values = params![
                row.slug.as_str(),
                row.description,
                row.group.0,
                row.stats_token.reveal(),
                row.attendee_limit,
                row.meeting_limit
            ];
            insert(db, "tenant", row.slug.as_str(), sql, values)?;
            let tenant = TenantId(db.last_insert_rowid());
            let label = TenantLabel { slug: row.slug, sub_id: SubId::ZERO };
            insert_secret(db, &SecretRow { tenant, label, key: row.key, attendee_limit: 0, meeting_limit: 0 })
        })
        .await
    }

    /// Changes a tenant.
    pub async fn edit_tenant(&self, tenant: TenantId, edit: TenantEdit) -> Changed<()> {
        self.change(move |db| {
            db.execute(
                "UPDATE tenant SET description = coalesce(?2, description), group_id = coalesce(?3, group_id),
                 attendee_limit = coalesce(?4, attendee_limit), meeting_limit = coalesce(?5, meeting_limit)
                 WHERE id = ?1",
                params![
                    tenant.0,
                    edit.description,
                    edit.group.map(|it| it.0),
                    edit.attendee_limit,
                    edit.meeting_limit
                ],
            )?;
            Ok(())
        })
        .await
    }

    /// Adds a secret.
    pub async fn add_secret(&self, row: SecretRow) -> Changed<()> {
        self.change(move |db| insert_secret(db, &row)).await
    }

    /// Adds those of `rows` that are missing; the labels of these.
    pub async fn add_missing_secrets(&self, rows: Vec<SecretRow>) -> Changed<Vec<TenantLabel>> {
        self.change(move |db| {
            let mut added = Vec::new();
            for row in rows {
                match insert_secret(db, &row) {
                    Ok(()) => added.push(row.label),
                    Err(ChangeError::Exists { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(added)
        })
        .await
    }

    /// Gives a secret a second key, replacing one that it has.
    pub async fn set_second_key(&self, secret: SecretId, key: SecretKey) -> Changed<()> {
        self.change(move |db| {
            db.execute("UPDATE secret SET second_key = ?2 WHERE id = ?1", params![secret.0, key.reveal()])?;
            Ok(())
        })
        .await
    }

    /// Swaps the two keys of a secret.
    pub async fn promote_second_key(&self, secret: SecretId, label: TenantLabel) -> Changed<()> {
        self.change(move |db| {
            let sql = "UPDATE secret SET key = second_key, second_key = key
                       WHERE id = ?1 AND second_key IS NOT NULL";
            match db.execute(sql, [secret.0])? {
                0 => Err(ChangeError::Conflict(format!("secret {label} has no second key"))),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Removes the second key of a secret.
    pub async fn drop_second_key(&self, secret: SecretId, label: TenantLabel) -> Changed<()> {
        self.change(move |db| {
            let sql = "UPDATE secret SET second_key = NULL WHERE id = ?1 AND second_key IS NOT NULL";
            match db.execute(sql, [secret.0])? {
                0 => Err(ChangeError::Conflict(format!("secret {label} has no second key"))),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Sets rules, replacing those of the same call and name.
    pub async fn set_parameters(&self, rows: Vec<ParameterRow>) -> Changed<()> {
        self.change(move |db| {
            for row in rows {
                let (mode, value) = match row.mode {
                    RuleMode::Set(value) => ("set", Some(value)),
                    RuleMode::Override(value) => ("override", Some(value)),
                    RuleMode::Block => ("block", None),
                };
                db.execute(
                    "INSERT OR REPLACE INTO parameter (tenant_id, call, name, mode, value) VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![row.tenant.0, row.call, row.name, mode, value],
                )?;
            }
            Ok(())
        })
        .await
    }

    /// Removes a tenant's rules for a name.
    pub async fn clear_parameter(&self, tenant: TenantId, name: String) -> Changed<()> {
        self.change(move |db| {
            let sql = "DELETE FROM parameter WHERE tenant_id = ?1 AND name = ?2";
            match db.execute(sql, params![tenant.0, name])? {
                0 => Err(ChangeError::NotFound { kind: "parameter rule", name }),
                _ => Ok(()),
            }
        })
        .await
    }
}

fn insert_secret(db: &Connection, row: &SecretRow) -> Result<(), ChangeError> {
    // The tenant may have gone since the caller looked.
    let tenant: Option<i64> =
        db.query_row("SELECT id FROM tenant WHERE id = ?1", [row.tenant.0], |row| row.get(0)).optional()?;
    if tenant.is_none() {
        return Err(ChangeError::NotFound { kind: "tenant", name: row.label.slug.to_string() });
    }
    let sql = "INSERT INTO secret (tenant_id, sub_id, key, attendee_limit, meeting_limit) VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = params![
        row.tenant.0,
        row.label.sub_id.get(),
        row.key.reveal(),
        row.attendee_limit,
        row.meeting_limit
    ];
    insert(db, "secret", &row.label.to_string(), sql, values)
}
