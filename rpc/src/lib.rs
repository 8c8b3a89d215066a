//! The admin interface of B3LB: one tarpc service, its types, and the Unix socket under it.
//!
//! `b3lbd` serves [`Admin`]; `b3lb-cli` and `b3lb-tui` call it through [`client::connect`].
//! Requests say what is to be done in `*Spec` and `*Change` types, answers are `*View` types, and
//! what goes wrong is an [`AdminError`] with a closed set of codes.

mod asset;
pub mod client;
mod cluster;
mod error;
mod meeting;
mod node;
mod param;
mod secret;
mod sensitive;
mod service;
mod system;
mod tenant;
pub mod wire;

pub use asset::{AssetCheck, AssetFile, AssetKind};
pub use cluster::{ClusterSpec, ClusterView, GroupSpec, GroupView};
pub use error::{AdminError, AdminResult, ErrorCode};
pub use meeting::{MeetingFilter, MeetingView};
pub use node::{NodeSpec, NodeState, NodeView, RankView};
pub use param::{ParamMode, ParamOn, ParamSpec, ParamView};
pub use secret::{NewSecret, SecretSpec, SecretView};
pub use sensitive::Sensitive;
pub use service::{Admin, AdminClient, AdminRequest, AdminResponse, ServeAdmin};
pub use system::{Hello, MeetingStats, PROTOCOL, Role, StoreState, TenantMeetings};
pub use tenant::{TenantChange, TenantSpec, TenantView};
