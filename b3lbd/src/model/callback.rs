//! Calls that clients wait for.

use super::{NodeId, Nonce, SecretId};

/// A call of a client's URL that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Whose it is.
    pub secret: SecretId,
    /// The URL, as the client gave it.
    pub url: String,
}

impl Callback {
    /// The host that it goes to, by which receivers are told apart; not checked.
    pub fn host(&self) -> String {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        host.chars().take(255).collect::<String>().to_ascii_lowercase()
    }
}

/// What people did in a meeting, which its node tells after the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analytics {
    /// Names the instance in the node's call.
    pub nonce: Nonce,
    /// Whose meeting it was.
    pub secret: SecretId,
    /// Where it was.
    pub node: NodeId,
    /// Where the client wants to have it.
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart() {
        let host = |url: &str| Callback { secret: SecretId(1), url: url.to_owned() }.host();
        assert_eq!(host("https://LMS.example:8443/x?y#z"), "lms.example:8443");
        assert_eq!(host("http://u:p@[2001:db8::1]?x"), "[2001:db8::1]");
        assert_eq!(host("nonsense"), "nonsense");
    }
}
