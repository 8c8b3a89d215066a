//! Row ids, and names that are validated on construction.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub i64);
    )+};
}

row_id! {
    /// Row id of a cluster.
    ClusterId,
    /// Row id of a cluster group.
    GroupId,
    /// Row id of a node.
    NodeId,
    /// Row id of a tenant.
    TenantId,
    /// Row id of a tenant's secret.
    SecretId,
    /// Row id of a binding. Assigned by the daemon, because the placement ledger uses it too.
    BindingId,
}

/// An invalid name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct InvalidName {
    /// The field.
    pub field: &'static str,
    /// The rule that it breaks.
    pub rule: &'static str,
}

/// 2-10 letters or digits, starting with a letter, in upper case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantSlug(String);

impl TenantSlug {
    /// The slug in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantSlug {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let well_formed = (2..=10).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !well_formed {
            return Err(InvalidName {
                field: "slug",
                rule: "a tenant's slug is 2-10 letters or digits beginning with a letter",
            });
        }
        Ok(Self(text.to_ascii_uppercase()))
    }
}

impl fmt::Display for TenantSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first label of a node's host name, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeSlug(String);

impl NodeSlug {
    /// The slug in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for NodeSlug {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let well_formed = (1..=63).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-');
        if !well_formed {
            return Err(InvalidName {
                field: "slug",
                rule: "a node's slug is 1-63 letters, digits or inner hyphens, the first label of its host name",
            });
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for NodeSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number of a secret of a tenant: 0-999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubId(u16);

impl SubId {
    /// The sub id that every tenant has.
    pub const ZERO: Self = Self(0);

    /// Creates a sub id, if it is in range.
    pub fn new(number: u16) -> Result<Self, InvalidName> {
        if number > 999 {
            return Err(InvalidName { field: "sub_id", rule: "a sub id is a number from 0 to 999" });
        }
        Ok(Self(number))
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_slugs_are_upper_case_and_checked() {
        assert_eq!("foo1".parse::<TenantSlug>().unwrap().as_str(), "FOO1");
        for bad in ["", "a", "1ab", "abcdefghijk", "a-b", "ä1", "a b"] {
            assert!(bad.parse::<TenantSlug>().is_err(), "{bad}");
        }
    }

    #[test]
    fn node_slugs_are_host_labels() {
        assert_eq!("BBB-1".parse::<NodeSlug>().unwrap().as_str(), "bbb-1");
        for bad in ["", "-a", "a-", "a.b", "a_b", "ü"] {
            assert!(bad.parse::<NodeSlug>().is_err(), "{bad}");
        }
    }
}
