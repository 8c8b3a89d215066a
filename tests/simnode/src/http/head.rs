//! The request line and the headers.

/// A parsed request head.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// The request target as it came, without scheme and host.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Whether the connection stays open.
    pub(crate) keep_alive: bool,
}

impl Head {
    /// Parses what stands before the empty line; `None` if that is no HTTP.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, target, version) = (first.next()?, first.next()?, first.next()?);
        if first.next().is_some() || method.is_empty() || !version.starts_with("HTTP/1.") {
            return None;
        }
        let mut headers = Vec::with_capacity(8);
        for line in lines.filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':')?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut head = Self {
            method: method.to_owned(),
            target: origin_form(target).to_owned(),
            headers,
            keep_alive: false,
        };
        head.keep_alive = version == "HTTP/1.1"
            && !head.header("connection").is_some_and(|value| value.to_ascii_lowercase().contains("close"));
        Some(head)
    }

    /// The first value of a header; the name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the body comes in chunks.
    pub(crate) fn chunked(&self) -> bool {
        self.header("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().contains("chunked"))
    }

    /// Length of the body; `None` if the header is no number.
    pub(crate) fn length(&self) -> Option<usize> {
        self.header("content-length").map_or(Some(0), |value| value.parse().ok())
    }

    /// Whether the client waits for leave to send its body.
    pub(crate) fn expects_continue(&self) -> bool {
        self.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
    }
}

/// Takes scheme and host off an absolute target, as a proxy would send it.
fn origin_form(target: &str) -> &str {
    let Some(rest) = target.strip_prefix("http://") else { return target };
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads() {
        let head = Head::parse(b"GET /a?b=%20&c HTTP/1.1\r\nHost: x\r\nContent-LENGTH: 12\r\n").unwrap();
        assert_eq!((head.method.as_str(), head.target.as_str()), ("GET", "/a?b=%20&c"));
        assert_eq!((head.header("host"), head.length(), head.keep_alive), (Some("x"), Some(12), true));
        let head =
            Head::parse(b"POST http://h:1/p HTTP/1.1\r\nConnection: Close\r\nTransfer-Encoding: chunked");
        let head = head.unwrap();
        assert!(head.target == "/p" && head.chunked() && !head.keep_alive);
        assert!(!Head::parse(b"GET / HTTP/1.0").unwrap().keep_alive);
        for bad in ["", "GET /", "GET / HTTP/2", "GET /a b HTTP/1.1", "GET / HTTP/1.1\r\nnocolon"] {
            assert_eq!(Head::parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
