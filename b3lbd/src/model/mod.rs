//! What the operator has set up, as types that cannot be wrong. No I/O, no clock.

mod catalog;
mod domain;
mod ids;
mod label;
mod load;
mod nonce;
mod rules;
mod subject;

pub use catalog::{
    AssetKind, AssetMeta, Catalog, Cluster, Group, MAX_INLINE_SLIDE, Node, Secret, SecretKey, Tenant,
    base64_length,
};
pub use domain::{parse_domain, parse_domain_and_port};
pub use ids::{ClusterId, GroupId, InvalidName, NodeId, NodeSlug, SecretId, SubId, TenantId, TenantSlug};
pub use label::TenantLabel;
pub use load::LoadFactors;
pub use nonce::Nonce;
pub use rules::{Rule, RuleMode, apply_rules};
pub use subject::{Subject, difference};
