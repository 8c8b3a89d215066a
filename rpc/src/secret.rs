//! API secrets of tenants.

use serde::{Deserialize, Serialize};

use crate::Sensitive;

/// A secret to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretSpec {
    /// Slug of the tenant.
    pub tenant: String,
    /// 0-999.
    pub sub_id: u16,
    /// The key; 42 random letters and digits if absent.
    pub secret: Option<Sensitive>,
    /// 0 means no limit.
    #[serde(default)]
    pub attendee_limit: u32,
    /// 0 means no limit.
    #[serde(default)]
    pub meeting_limit: u32,
}

/// Changes to a secret; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretChange {
    /// New attendee limit; 0 = none.
    #[serde(default)]
    pub attendee_limit: Option<u32>,
    /// New meeting limit; 0 = none.
    #[serde(default)]
    pub meeting_limit: Option<u32>,
}

/// A secret without its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretView {
    /// `T-012`.
    pub name: String,
    /// Slug of the tenant.
    pub tenant: String,
    /// 0-999.
    pub sub_id: u16,
    /// API host name.
    pub hostname: String,
    /// 0 means no limit.
    pub attendee_limit: u32,
    /// 0 means no limit.
    pub meeting_limit: u32,
    /// Whether a second key is accepted too (rollover).
    pub has_second: bool,
}

/// A secret with its key. Only calls that exist to show keys return it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSecret {
    /// The secret without its keys.
    #[serde(flatten)]
    pub view: SecretView,
    /// The key that the call generated or shows: `rotate` returns the second key, all others the first.
    pub secret: Sensitive,
}
