//! Where the daemon listens: `--connect` and `B3LB_ADMIN_SOCKET`.

use std::path::PathBuf;
use std::str::FromStr;

use rpc::wire;

/// Where to connect to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Target {
    /// The default sockets, the first that connects.
    #[default]
    Default,
    /// This socket.
    Unix(PathBuf),
}

impl Target {
    /// The sockets to try, in order.
    pub(crate) fn sockets(&self) -> Vec<PathBuf> {
        match self {
            Self::Default => wire::default_sockets(),
            Self::Unix(path) => vec![path.clone()],
        }
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // An environment variable that is set to nothing counts as not set.
        if text.is_empty() {
            return Ok(Self::Default);
        }
        if text.starts_with("ssh://") {
            return Err("ssh:// cannot be connected to yet, only unix:PATH".to_owned());
        }
        match text.strip_prefix("unix:") {
            Some("") => Err("unix: needs the path of a socket".to_owned()),
            Some(path) => Ok(Self::Unix(path.into())),
            None if text.contains('/') && !text.contains("://") => Ok(Self::Unix(text.into())),
            None => Err("must be unix:PATH".to_owned()),
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
        for text in ["unix:", "ssh://host", "http://host/", "host"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
