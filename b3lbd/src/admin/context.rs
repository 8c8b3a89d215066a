//! What admin calls work on, and how things are found by name.

use std::sync::Arc;

use rpc::{AdminError, AdminResult, ErrorCode};
use tokio::sync::Mutex;

use super::backup::Copies;
use super::watch::ChangeFeeds;
use crate::lifecycle::Core;
use crate::model::{Catalog, Cluster, Group, InvalidName, Node, Secret, Tenant, TenantLabel};
use crate::store::{ChangeError, StoreError};

/// What admin calls need to know of the daemon's settings.
#[derive(Clone, Debug)]
pub struct AdminSettings {
    /// Base domain of the API host names.
    pub base_domain: String,
    /// Domain of nodes added without one.
    pub node_default_domain: Option<String>,
    /// How API Mate is reached.
    pub api_mate: String,
    /// Seconds between two polls of a node.
    pub poll_seconds: f64,
}

/// What admin calls work on.
#[derive(Debug)]
pub struct Context {
    /// The domain.
    pub core: Arc<Core>,
    /// Of the daemon's settings.
    pub settings: AdminSettings,
    /// One change at a time, so that configurations follow each other in the order of their commits.
    pub(super) changing: Mutex<()>,
    /// What watchers are told.
    pub(super) boards: ChangeFeeds,
    /// Copies of the database that are being read.
    pub(super) copies: Copies,
}

impl Context {
    /// A context of this daemon.
    pub fn new(core: Arc<Core>, settings: AdminSettings) -> Self {
        Self {
            core,
            settings,
            changing: Mutex::default(),
            boards: ChangeFeeds::default(),
            copies: Copies::default(),
        }
    }

    /// The configuration now.
    pub(super) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.core.pool.catalog())
    }

    /// The API host name of a secret.
    pub(super) fn hostname(&self, label: &TenantLabel) -> String {
        format!("{}.{}", label.host_label(), self.settings.base_domain)
    }
}

/// A change that the store refused.
pub(super) fn refusal(error: ChangeError) -> AdminError {
    match error {
        ChangeError::NotFound { kind, name } => AdminError::not_found(kind, &name),
        ChangeError::Exists { kind, name } => AdminError::exists(kind, &name),
        ChangeError::Conflict(message) => AdminError::new(ErrorCode::Conflict, message),
        ChangeError::Store(error) => unavailable(&error),
    }
}

/// The database does not answer.
pub(super) fn unavailable(error: &StoreError) -> AdminError {
    tracing::error!(%error, "an admin call failed");
    AdminError::new(ErrorCode::Unavailable, error.to_string())
        .hint("see the daemon's log; nothing was changed")
}

/// A name that breaks a rule.
#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
pub(super) fn invalid(error: InvalidName) -> AdminError {
    AdminError::invalid(error.field, error.rule)
}

/// Text that people gave a thing: no control characters, not too long.
pub(super) fn check_text(field: &str, text: &str, longest: usize) -> AdminResult<()> {
    if text.chars().any(char::is_control) || text.chars().count() > longest {
        return Err(AdminError::invalid(
            field,
            &format!("at most {longest} characters, no control characters"),
        ));
    }
    Ok(())
}

/// The unique name of a cluster or group.
pub(super) fn check_name(name: &str) -> AdminResult<()> {
    check_text("name", name, 64)?;
    if name.is_empty() || name.trim() != name {
        return Err(AdminError::invalid("name", "1-64 characters without white space around them"));
    }
    Ok(())
}

/// Looking things up by the names that operators use.
pub(super) trait Lookup {
    fn cluster(&self, name: &str) -> AdminResult<&Arc<Cluster>>;
    fn group(&self, name: &str) -> AdminResult<&Arc<Group>>;
    fn node(&self, name: &str) -> AdminResult<&Arc<Node>>;
    fn tenant(&self, slug: &str) -> AdminResult<&Arc<Tenant>>;
    fn owner(&self, name: &str) -> AdminResult<(&Arc<Tenant>, &Arc<Secret>)>;
}

impl Lookup for Catalog {
    fn cluster(&self, name: &str) -> AdminResult<&Arc<Cluster>> {
        self.cluster_named(name).ok_or_else(|| AdminError::not_found("cluster", name))
    }

    fn group(&self, name: &str) -> AdminResult<&Arc<Group>> {
        self.group_named(name).ok_or_else(|| AdminError::not_found("group", name))
    }

    fn node(&self, name: &str) -> AdminResult<&Arc<Node>> {
        match self.nodes_named(name).as_slice() {
            [] => Err(AdminError::not_found("node", name)),
            [node] => Ok(node),
            many => {
                let mut names: Vec<_> = many.iter().map(|it| it.fqdn()).collect();
                names.sort();
                let message = format!("node {name} is not unique: {}", names.join(", "));
                Err(AdminError::new(ErrorCode::Conflict, message).hint("name it by slug.domain"))
            }
        }
    }

    fn tenant(&self, slug: &str) -> AdminResult<&Arc<Tenant>> {
        let found = slug.parse().ok().and_then(|slug| self.tenants.get(&slug));
        found.ok_or_else(|| AdminError::not_found("tenant", slug))
    }

    fn owner(&self, name: &str) -> AdminResult<(&Arc<Tenant>, &Arc<Secret>)> {
        let label: TenantLabel = name.parse().map_err(invalid)?;
        self.secret(&label).ok_or_else(|| AdminError::not_found("secret", &label.to_string()))
    }
}
