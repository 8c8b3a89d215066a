//! Shared state of admin calls, and lookup of objects by name.

use std::sync::Arc;

use jiff::Timestamp;
use rpc::{AdminError, AdminResult, ErrorCode};
use tokio::sync::Mutex;

use super::backup::Copies;
use super::watch::ChangeFeeds;
use crate::lifecycle::Core;
use crate::model::{Catalog, Cluster, Group, InvalidName, Node, Secret, Tenant, TenantLabel};
use crate::primary::PrimaryClient;
use crate::store::{ChangeError, StoreError};

/// The settings that admin calls need.
#[derive(Clone, Debug)]
pub struct AdminSettings {
    /// Base domain of the API host names.
    pub base_domain: String,
    /// Default domain of new nodes.
    pub node_default_domain: Option<String>,
    /// Base URL of API Mate.
    pub api_mate: String,
    /// Poll interval of a node, in seconds.
    pub poll_seconds: f64,
}

/// Shared state of admin calls.
#[derive(Debug)]
pub struct Context {
    /// The core of the daemon.
    pub core: Arc<Core>,
    /// The settings that admin calls need.
    pub settings: AdminSettings,
    /// The primary, if this daemon is a replica.
    pub(super) primary: PrimaryClient,
    /// Serializes changes, so that configurations are published in the order of their commits.
    pub(super) changing: Mutex<()>,
    /// The changes that watchers are notified of.
    pub(super) feeds: ChangeFeeds,
    /// Copies of the database that are being read.
    pub(super) copies: Copies,
}

impl Context {
    /// Creates the state for a daemon.
    pub fn new(core: Arc<Core>, settings: AdminSettings, primary: PrimaryClient) -> Self {
        Self {
            core,
            settings,
            primary,
            changing: Mutex::default(),
            feeds: ChangeFeeds::default(),
            copies: Copies::default(),
        }
    }

    /// The current configuration.
    pub(super) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.core.pool.catalog())
    }

    /// The API host name of a secret.
    pub(super) fn hostname(&self, label: &TenantLabel) -> String {
        format!("{}.{}", label.host_label(), self.settings.base_domain)
    }
}

/// Converts a refused change to an admin error.
pub(super) fn refusal(error: ChangeError) -> AdminError {
    match error {
        ChangeError::NotFound { kind, name } => AdminError::not_found(kind, &name),
        ChangeError::Exists { kind, name } => AdminError::exists(kind, &name),
        ChangeError::Conflict(message) => AdminError::new(ErrorCode::Conflict, message),
        ChangeError::Store(error) => unavailable(&error),
    }
}

/// Converts a database error to an admin error.
pub(super) fn unavailable(error: &StoreError) -> AdminError {
    tracing::error!(%error, "an admin call failed");
    AdminError::new(ErrorCode::Unavailable, error.to_string())
        .hint("see the daemon's log; nothing was changed")
}

/// Converts an invalid name to an admin error.
#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
pub(super) fn invalid(error: InvalidName) -> AdminError {
    AdminError::invalid(error.field, error.rule)
}

/// A time in milliseconds since 1970, as operators see it.
pub(super) fn time(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default().to_string()
}

/// Validates free text: length, and no control characters.
pub(super) fn check_text(field: &str, text: &str, longest: usize) -> AdminResult<()> {
    if text.chars().any(char::is_control) || text.chars().count() > longest {
        return Err(AdminError::invalid(
            field,
            &format!("at most {longest} characters, no control characters"),
        ));
    }
    Ok(())
}

/// Validates the unique name of a cluster or group.
pub(super) fn check_name(name: &str) -> AdminResult<()> {
    check_text("name", name, 64)?;
    if name.is_empty() || name.trim() != name {
        return Err(AdminError::invalid("name", "1-64 characters without white space around them"));
    }
    Ok(())
}

/// Lookup of objects by the names that operators use.
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
