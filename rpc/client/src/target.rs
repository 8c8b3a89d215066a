//! The address of the daemon: `--connect` and `B3LB_ADMIN_SOCKET`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use rpc::wire;

use crate::Host;

/// The daemon to connect to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// The first of the default sockets that accepts a connection.
    #[default]
    Default,
    /// This socket.
    Unix(PathBuf),
    /// The daemon on another machine.
    Ssh(Host),
}

impl Target {
    /// The local sockets to try, in order.
    pub fn sockets(&self) -> Vec<PathBuf> {
        match self {
            Self::Default => wire::default_sockets(),
            Self::Unix(path) => vec![path.clone()],
            Self::Ssh(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default socket"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Ssh(host) => write!(f, "{host}"),
        }
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // An empty environment variable counts as unset.
        if text.is_empty() {
            return Ok(Self::Default);
        }
        if let Some(host) = text.strip_prefix("ssh://") {
            return host.parse().map(Self::Ssh);
        }
        match text.strip_prefix("unix:") {
            Some("") => Err("unix: needs the path of a socket".to_owned()),
            Some(path) => Ok(Self::Unix(path.into())),
            None if text.contains('/') && !text.contains("://") => Ok(Self::Unix(text.into())),
            None => Err("must be unix:PATH or ssh://[USER@]HOST[:PORT]".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_with_and_without_scheme() {
        let socket = Target::Unix("/run/a.sock".into());
        assert_eq!("unix:/run/a.sock".parse(), Ok(socket.clone()));
        assert_eq!("/run/a.sock".parse(), Ok(socket));
        assert_eq!("unix:a.sock".parse(), Ok(Target::Unix("a.sock".into())));
        assert_eq!("".parse(), Ok(Target::Default));
    }

    #[test]
    fn other_schemes_are_refused() {
        for text in ["unix:", "ssh://", "http://host/", "host"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
