//! Tenants.

use serde::{Deserialize, Serialize};

use crate::Sensitive;

/// A tenant to be added. Its secret with sub id 0 is added with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantSpec {
    /// 2-10 letters or digits, starting with a letter; stored in upper case.
    pub slug: String,
    /// Name of its cluster group.
    pub group: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// A create is refused at this number of attendees; 0 = no limit.
    #[serde(default)]
    pub attendee_limit: u32,
    /// Maximum number of concurrent meetings; 0 = no limit.
    #[serde(default)]
    pub meeting_limit: u32,
}

/// Changes to a tenant; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantChange {
    /// New description.
    #[serde(default)]
    pub description: Option<String>,
    /// Name of the new cluster group; running meetings stay on their nodes.
    #[serde(default)]
    pub group: Option<String>,
    /// New attendee limit; 0 = none.
    #[serde(default)]
    pub attendee_limit: Option<u32>,
    /// New meeting limit; 0 = none.
    #[serde(default)]
    pub meeting_limit: Option<u32>,
    /// Generates a new stats token; the old one becomes invalid immediately.
    #[serde(default)]
    pub new_stats_token: bool,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantView {
    /// In upper case.
    pub slug: String,
    /// Free text.
    pub description: String,
    /// Name of its cluster group.
    pub group: String,
    /// API host name of its secret with sub id 0.
    pub hostname: String,
    /// Token for the tenant's own stats and metrics; only present when a single tenant was requested.
    pub stats_token: Option<Sensitive>,
    /// 0 means no limit.
    pub attendee_limit: u32,
    /// 0 means no limit.
    pub meeting_limit: u32,
    /// Current number of attendees.
    pub attendees: u64,
    /// Current number of meetings.
    pub meetings: u64,
    /// The first key of sub id 0, only in the answer to the call that created it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Sensitive>,
}
