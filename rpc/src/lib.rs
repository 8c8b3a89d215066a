//! The admin interface of B3LB: one tarpc service, its types, and the Unix socket under it.
//!
//! `b3lbd` serves [`Admin`]; `b3lb-cli` and `b3lb-tui` call it through the crate `rpc-client`.
//! Requests describe what to do in `*Spec` and `*Change` types, answers are `*View` types, and failures are
//! [`AdminError`]s with a closed set of codes.

mod asset;
mod check;
mod cluster;
mod config;
mod error;
mod event;
mod meeting;
mod node;
mod page;
mod param;
mod pool;
mod problem;
mod secret;
mod sensitive;
mod service;
mod system;
mod tenant;
mod usage;
mod watch;
pub mod wire;

pub use asset::{AssetCheck, AssetFile, AssetKind};
pub use check::{CheckItem, Finding, NodeCheck, Verdict};
pub use cluster::{ClusterChange, ClusterSpec, ClusterView, GroupChange, GroupSpec, GroupView};
pub use config::{
    ApplyOptions, AssetConfig, Configuration, Excess, ExportOptions, FieldChange, GroupConfig, LeftOut,
    MeetingImport, NodeConfig, ParamConfig, Plan, PlanAction, PlanStep, SecretConfig, TenantConfig,
};
pub use error::{AdminError, AdminResult, ErrorCode};
pub use event::{AuditEntry, AuditFilter, Event, EventFilter, EventKind, Severity};
pub use meeting::{
    ExcludedNodes, Exclusion, MeetingFilter, MeetingView, MeetingWhy, PlacementView, RankedNode,
};
pub use node::{
    DrainSpec, DrainView, Evacuation, LoadParts, NodeChange, NodeDetails, NodeSpec, NodeState, NodeView,
    RankView, Sample,
};
pub use page::{PAGE_ROWS, Page, Paged};
pub use param::{ParamMode, ParamOn, ParamSpec, ParamView};
pub use pool::{PoolForecast, PoolHistory, PoolPoint};
pub use problem::{Problem, ProblemKind};
pub use secret::{NewSecret, SecretChange, SecretSpec, SecretView};
pub use sensitive::Sensitive;
pub use service::{Admin, AdminClient, AdminRequest, AdminResponse, ServeAdmin};
pub use system::{
    Backup, ClientInfo, Hello, MeetingTotals, NodeCounts, PROTOCOL, Rates, ReplicationStatus, Role, Status,
    StoreStatus, Takeover, TaskStatus, TenantMeetings,
};
pub use tenant::{TenantChange, TenantSpec, TenantView};
pub use usage::{UsageDay, UsageFilter};
pub use watch::{
    Changes, MeetingChanges, MeetingRow, MeetingStats, NodeRow, NodeStats, SHOWN_PROBLEMS, TenantRow,
    TenantStats, Totals, WatchAnswer, WatchFrom,
};
