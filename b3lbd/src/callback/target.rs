//! Splits a client's URL into the parts of a request, exactly as the client wrote it.

use url::{Position, Url};

/// A URL that may be requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Whether to use TLS.
    pub(super) tls: bool,
    /// Host name or address; an IPv6 address without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// The `Host` header.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: String,
    /// The `Authorization` header, if the URL contains a user name.
    pub(super) credentials: Option<String>,
}

impl Target {
    /// Parses a URL. Path and query stay unchanged (`/a/../b`, `'`) where HTTP allows the characters; the
    /// fragment is dropped.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "not a URL")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("neither http nor https");
        }
        let host = url.host_str().ok_or("no host")?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let normal = &url[Position::BeforePath..Position::AfterQuery];
        let path = as_written(text).filter(|it| is_sendable(it)).unwrap_or_else(|| normal.to_owned());
        Ok(Self {
            tls: url.scheme() == "https",
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: url.port_or_known_default().unwrap_or(80),
            authority,
            path,
            credentials: credentials(&url),
        })
    }
}

/// Path and query, as written in a URL.
fn as_written(text: &str) -> Option<String> {
    let (_, rest) = text.trim().split_once("://")?;
    let rest = &rest[rest.find(['/', '?', '#'])?..];
    let rest = rest.split('#').next().unwrap_or_default();
    Some(if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") })
}

/// Whether a request line can contain a text unchanged.
fn is_sendable(path: &str) -> bool {
    path.bytes().all(|b| {
        b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
    }) && path.parse::<hyper::Uri>().is_ok()
}

fn credentials(url: &Url) -> Option<String> {
    use base64::Engine;
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pair = format!("{}:{}", decode(url.username()), decode(url.password().unwrap_or_default()));
    Some(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> String {
        Target::parse(url).unwrap().path
    }

    #[test]
    fn finding_26_a_url_is_called_as_it_was_given() {
        assert_eq!(path("http://a.example/b?c='d'&e=%27"), "/b?c='d'&e=%27");
        assert_eq!(path("http://a.example/a/../b//c/./?x#frag"), "/a/../b//c/./?x");
        assert_eq!(path("https://a.example"), "/");
        assert_eq!(path("https://a.example?x=1"), "/?x=1");
        assert_eq!(path("https://a.example/ä b\\c?ü"), "/%C3%A4%20b/c?%C3%BC", "what HTTP cannot hold");
    }

    #[test]
    fn hosts_and_ports() {
        let target = Target::parse("https://u:p%40@[2001:db8::1]:8443/x").unwrap();
        assert!(target.tls);
        assert_eq!((target.host.as_str(), target.port), ("2001:db8::1", 8443));
        assert_eq!(target.authority, "[2001:db8::1]:8443");
        assert_eq!(target.credentials.as_deref(), Some("Basic dTpwQA=="));
        assert_eq!(Target::parse("http://A.Example/").unwrap().authority, "a.example");
        assert!(Target::parse("ftp://a.example/").is_err() && Target::parse("/x").is_err());
    }
}
