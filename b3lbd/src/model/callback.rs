//! Requests to URLs that clients gave.

use super::{NodeId, Nonce, SecretId};

/// A pending request to a client's URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// The secret it belongs to.
    pub secret: SecretId,
    /// The URL, as the client gave it.
    pub url: String,
}

impl Callback {
    /// The host and port of the URL, which identify the receiver. Not validated.
    pub fn host(&self) -> String {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        host.chars().take(255).collect::<String>().to_ascii_lowercase()
    }
}

/// Learning analytics of a meeting, which its node posts after the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analytics {
    /// Identifies the instance in the node's request.
    pub nonce: Nonce,
    /// The secret that owns the meeting.
    pub secret: SecretId,
    /// The node it ran on.
    pub node: NodeId,
    /// The client's URL for analytics.
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
