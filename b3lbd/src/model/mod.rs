//! The configuration and the bindings, as types that rule out invalid values. No I/O, no clock.

mod callback;
mod catalog;
mod domain;
mod drain;
mod event;
mod ids;
mod label;
mod load;
mod marker;
mod meeting;
mod nonce;
mod placed;
mod printable;
mod rules;
mod statistics;
mod step;
mod subject;

pub use callback::{Analytics, Callback};
pub use catalog::{
    AssetMeta, Catalog, Cluster, Group, MAX_INLINE_SLIDE, Node, Secret, SecretKey, Tenant, base64_length,
};
pub use domain::{parse_domain, parse_domain_and_port};
pub use drain::{Drain, DrainStep};
pub use event::{Entry, JournalEntry, MOST_EVENTS};
pub use ids::{
    BindingId, ClusterId, GroupId, InvalidName, NodeId, NodeSlug, SecretId, SubId, TenantId, TenantSlug,
};
pub use label::TenantLabel;
pub use load::LoadFactors;
pub use marker::Marker;
pub use meeting::{Binding, Instance, MeetingKey, NextInstance, Phase, may_be_internal_prefix};
pub use nonce::Nonce;
pub use placed::{Excluded, NAMED, Placed, Ranked};
pub use printable::printable;
// Words that operators see, too.
pub use rpc::{AssetKind, EventKind, Exclusion, NodeState, ProblemKind, Severity};
pub use rules::{Rule, RuleMode, apply_rules};
pub use statistics::{CounterRow, Mean, PastEntry, Statistics, oldest_past};
pub use step::{Change, Step};
pub use subject::{Subject, difference};
