//! The interfaces that the lifecycle uses for database and nodes. The daemon and the model test implement
//! them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::bbb::Params;
use crate::model::{AssetKind, Node, NodeId, Step, TenantId};
use crate::nodes::{Body, NodeAnswer, NodeClient, NodeError};
use crate::store::{AssetContent, Store, StoreError};

/// Stores bindings durably.
pub trait BindingStore: Send + Sync + 'static {
    /// Applies a step durably; `now` is in milliseconds since 1970. Returns false and changes nothing if a
    /// binding that it replaces or removes has changed.
    fn apply(&self, step: Step, now: i64) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// A tenant's asset with the digest that the configuration has for it.
    fn asset(
        &self,
        tenant: TenantId,
        kind: AssetKind,
        digest: &str,
    ) -> impl Future<Output = Result<Option<Arc<AssetContent>>, StoreError>> + Send;

    /// Stores whether a node supports internal ids.
    fn set_internal_ids(
        &self,
        node: NodeId,
        known: bool,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Makes calls to nodes.
pub trait NodeCalls: Send + Sync + 'static {
    /// Makes a signed call.
    fn call(
        &self,
        node: &Node,
        call: &str,
        params: &Params,
        body: Option<Body>,
    ) -> impl Future<Output = Result<NodeAnswer, NodeError>> + Send;

    /// The timeout of a call.
    fn timeout(&self) -> Duration;
}

impl BindingStore for Store {
    async fn apply(&self, step: Step, now: i64) -> Result<bool, StoreError> {
        Self::apply(self, step, now).await
    }

    async fn asset(
        &self,
        tenant: TenantId,
        kind: AssetKind,
        digest: &str,
    ) -> Result<Option<Arc<AssetContent>>, StoreError> {
        Self::asset(self, tenant, kind, digest).await
    }

    async fn set_internal_ids(&self, node: NodeId, known: bool) -> Result<(), StoreError> {
        Self::set_internal_ids(self, node, known).await
    }
}

impl NodeCalls for NodeClient {
    async fn call(
        &self,
        node: &Node,
        call: &str,
        params: &Params,
        body: Option<Body>,
    ) -> Result<NodeAnswer, NodeError> {
        Self::call(self, node, call, params, body).await
    }

    fn timeout(&self) -> Duration {
        Self::timeout(self)
    }
}
