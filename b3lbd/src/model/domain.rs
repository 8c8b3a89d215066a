//! Parsing of host names as operators write them.

/// Parses a host name without scheme, port or path, and returns it in lower case.
pub fn parse_domain(text: &str) -> Option<String> {
    let text = text.trim_end_matches('.').to_ascii_lowercase();
    is_domain(&text).then_some(text)
}

/// Parses a host name with an optional port, and returns it in lower case.
pub fn parse_domain_and_port(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let (name, port) = text.split_once(':').unwrap_or((&text, "443"));
    let good = is_domain(name) && port.parse::<u16>().is_ok_and(|port| port > 0);
    good.then_some(text)
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains() {
        assert_eq!(parse_domain("BBB.Example.org.").as_deref(), Some("bbb.example.org"));
        for bad in ["", "https://a.b", "a.b/c", "a.b:80", "a..b", "-a.b", "a_b"] {
            assert_eq!(parse_domain(bad), None, "{bad}");
        }
        assert_eq!(parse_domain_and_port("localhost:9001").as_deref(), Some("localhost:9001"));
        assert!(parse_domain_and_port("localhost:0").is_none() && parse_domain_and_port("a:b").is_none());
    }
}
