//! Changes that tools ask of a replica: the primary makes them, and its answer goes back.

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use rpc::{Admin as _, AdminRequest, AdminResponse, ClientInfo, PROTOCOL};
use serde::{Deserialize, Serialize};
use tarpc::context::{self, Context as Call};
use tarpc::server::Serve;

use super::Context;
use super::connection::Connection;
use super::service::Service;
use crate::primary::{RemoteAdmin, host_name};

/// A call of a tool that is connected to another daemon.
#[derive(Serialize, Deserialize)]
struct RemoteCall {
    protocol: u32,
    /// The tool's user there.
    user: String,
    caller: ClientInfo,
    request: AdminRequest,
}

/// Answers a tool's calls. A replica passes those on that only the primary can make.
#[derive(Clone, Debug)]
pub(super) struct Answers {
    pub(super) connection: Arc<Connection>,
}

impl Serve for Answers {
    type Req = AdminRequest;
    type Resp = AdminResponse;

    async fn serve(self, call: Call, request: AdminRequest) -> Result<AdminResponse, tarpc::ServerError> {
        let context = self.connection.context();
        let mut request = request;
        if context.core.pool.standing.is_replica() && !is_answered_here(&request) {
            let remote = RemoteCall {
                protocol: PROTOCOL,
                user: format!("{} on {}", self.connection.user(), host_name()),
                caller: self.connection.caller(),
                request,
            };
            if let Some(answer) = ask_primary(context, &remote).await {
                return Ok(answer);
            }
            // It refuses, and says why.
            request = remote.request;
        }
        let service = Service { connection: Arc::clone(&self.connection) };
        service.serve().serve(call, request).await
    }
}

/// What a replica answers from its own state, and the calls about itself.
fn is_answered_here(request: &AdminRequest) -> bool {
    matches!(
        request,
        AdminRequest::Hello { .. }
            | AdminRequest::Status { .. }
            | AdminRequest::Watch { .. }
            | AdminRequest::EventList { .. }
            | AdminRequest::AuditList { .. }
            | AdminRequest::PoolHistory { .. }
            | AdminRequest::UsageList { .. }
            | AdminRequest::Promote { .. }
            | AdminRequest::Promotion { .. }
            | AdminRequest::BackupBegin { .. }
            | AdminRequest::BackupRead { .. }
            | AdminRequest::BackupEnd { .. }
            | AdminRequest::ClusterList { .. }
            | AdminRequest::ClusterShow { .. }
            | AdminRequest::GroupList { .. }
            | AdminRequest::GroupShow { .. }
            | AdminRequest::NodeList { .. }
            | AdminRequest::NodeShow { .. }
            | AdminRequest::NodeDetails { .. }
            | AdminRequest::NodeExplain { .. }
            | AdminRequest::NodeCheck { .. }
            | AdminRequest::TenantList { .. }
            | AdminRequest::SecretList { .. }
            | AdminRequest::SecretShow { .. }
            | AdminRequest::ParamList { .. }
            | AdminRequest::AssetList { .. }
            | AdminRequest::MeetingList { .. }
            | AdminRequest::MeetingShow { .. }
            | AdminRequest::MeetingWhy { .. }
            | AdminRequest::MeetingStats { .. }
    )
}

/// The answer of the primary; none if it gave none.
async fn ask_primary(context: &Context, remote: &RemoteCall) -> Option<AdminResponse> {
    let body = serde_json::to_vec(remote).ok()?;
    let answer = context.primary.make_call(context.core.pool.clock.wall_ms(), body.into()).await?;
    serde_json::from_slice(&answer).ok()
}

impl RemoteAdmin for Context {
    fn make(self: Arc<Self>, body: Bytes) -> BoxFuture<'static, Option<Bytes>> {
        async move {
            // One of another version is made where its tool is at home.
            let remote: RemoteCall = serde_json::from_slice(&body).ok()?;
            if remote.protocol != PROTOCOL || is_answered_here(&remote.request) {
                return None;
            }
            let connection = Connection::new(self, remote.user);
            connection.introduce(remote.caller);
            let service = Service { connection: Arc::new(connection) };
            let answer = service.serve().serve(context::current(), remote.request).await.ok()?;
            serde_json::to_vec(&answer).ok().map(Bytes::from)
        }
        .boxed()
    }
}
