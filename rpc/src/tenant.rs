//! Tenants: the customers.

use serde::{Deserialize, Serialize};

use crate::Sensitive;

/// A tenant to be added; it gets its secret of sub id 0 at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantSpec {
    /// 2-10 letters or digits beginning with a letter; stored in upper case.
    pub slug: String,
    /// Name of its cluster group.
    pub group: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// Most attendees at which a new meeting is still made; 0 = no limit.
    #[serde(default)]
    pub attendee_limit: u32,
    /// Most meetings at a time; 0 = no limit.
    #[serde(default)]
    pub meeting_limit: u32,
}

/// What to change of a tenant; absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantChange {
    /// New text.
    #[serde(default)]
    pub description: Option<String>,
    /// Name of the new cluster group; running meetings stay where they are.
    #[serde(default)]
    pub group: Option<String>,
    /// New attendee limit; 0 = none.
    #[serde(default)]
    pub attendee_limit: Option<u32>,
    /// New meeting limit; 0 = none.
    #[serde(default)]
    pub meeting_limit: Option<u32>,
    /// Makes a new stats token; the old one is void at once.
    #[serde(default)]
    pub new_stats_token: bool,
}

/// A tenant as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantView {
    /// In upper case.
    pub slug: String,
    /// Free text.
    pub description: String,
    /// Name of its cluster group.
    pub group: String,
    /// Host name of sub id 0.
    pub hostname: String,
    /// For the tenant's own stats and metrics; shown only where asked for one tenant.
    pub stats_token: Option<Sensitive>,
    /// 0 = none.
    pub attendee_limit: u32,
    /// 0 = none.
    pub meeting_limit: u32,
    /// Attendees now.
    pub attendees: u64,
    /// Meetings now.
    pub meetings: u64,
    /// The first secret of sub id 0, only in the answer that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Sensitive>,
}
