//! What the lifecycle needs of the outside. The daemon has the database and the nodes behind these; the model
//! test has its own.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::bbb::Params;
use crate::model::{AssetKind, Node, NodeId, Step, TenantId};
use crate::nodes::{Body, NodeAnswer, NodeClient, NodeError};
use crate::store::{AssetContent, Store, StoreError};

/// Where bindings are kept over a crash.
pub trait BindingStore: Send + Sync + 'static {
    /// Makes a step durable; `now` is in milliseconds since 1970. False if something that it replaces or removes
    /// stands no longer: then nothing has changed.
    fn apply(&self, step: Step, now: i64) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// A tenant's asset, which has this digest as far as the configuration tells.
    fn asset(
        &self,
        tenant: TenantId,
        kind: AssetKind,
        digest: &str,
    ) -> impl Future<Output = Result<Option<Arc<AssetContent>>, StoreError>> + Send;

    /// Keeps whether a node takes internal ids.
    fn set_internal_ids(
        &self,
        node: NodeId,
        known: bool,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The way to the nodes.
pub trait NodeCalls: Send + Sync + 'static {
    /// Makes a signed call.
    fn call(
        &self,
        node: &Node,
        call: &str,
        params: &Params,
        body: Option<Body>,
    ) -> impl Future<Output = Result<NodeAnswer, NodeError>> + Send;

    /// How long a call may take.
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
