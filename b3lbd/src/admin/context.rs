//! What admin calls work on, and the one path of every change.

use std::future::Future;
use std::sync::Arc;

use rpc::{AdminError, AdminResult, ErrorCode};
use tokio::sync::Mutex;

use crate::lifecycle::Meetings;
use crate::model::{Catalog, Cluster, Group, InvalidName, Node, Secret, Tenant, TenantLabel};
use crate::store::{ChangeError, StoreError};

/// What admin calls work on.
#[derive(Debug)]
pub struct Context {
    /// The domain.
    pub meetings: Arc<Meetings>,
    /// Base domain of the API host names.
    pub base_domain: String,
    /// Domain of nodes added without one.
    pub node_default_domain: Option<String>,
    /// One change at a time, so that configurations follow each other in the order of their commits.
    changing: Arc<Mutex<()>>,
}

impl Context {
    /// A context for these.
    pub fn new(meetings: Arc<Meetings>, base_domain: String, node_default_domain: Option<String>) -> Self {
        Self { meetings, base_domain, node_default_domain, changing: Arc::default() }
    }

    /// The configuration now.
    pub(super) fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.meetings.pool.catalog())
    }

    /// Makes a change and puts the configuration after it in place. Goes on to its end even if the
    /// caller goes away, so that memory and database never differ.
    pub(super) async fn change<T, F>(&self, change: F) -> AdminResult<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<(T, Catalog), ChangeError>> + Send + 'static,
    {
        let (changing, pool) = (Arc::clone(&self.changing), Arc::clone(&self.meetings.pool));
        let work = tokio::spawn(async move {
            let _turn = changing.lock().await;
            let (answer, catalog) = change.await?;
            pool.install(catalog);
            Ok::<_, ChangeError>(answer)
        });
        match work.await {
            Ok(result) => result.map_err(refusal),
            Err(_) => Err(AdminError::new(ErrorCode::Unavailable, "the change was broken off")),
        }
    }

    /// The API host name of a secret.
    pub(super) fn hostname(&self, label: &TenantLabel) -> String {
        format!("{}.{}", label.host_label(), self.base_domain)
    }
}

/// A change that the store refused.
fn refusal(error: ChangeError) -> AdminError {
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
