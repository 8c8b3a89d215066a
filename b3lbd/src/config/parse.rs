//! Parses the values of settings; the error is the rule that the value breaks.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use tracing_subscriber::filter::Targets;
use url::Url;

use crate::bbb::Allowed;
use crate::model::{SecretKey, parse_domain, parse_domain_and_port};
use crate::nodes::holds_certificates;
use crate::shared::ReplicaUrl;

type Parsed<T> = Result<T, &'static str>;

pub(super) fn domain(text: &str) -> Parsed<String> {
    parse_domain(text).ok_or("must be a host name without scheme, port or path")
}

pub(super) fn domain_and_port(text: &str) -> Parsed<String> {
    parse_domain_and_port(text).ok_or("must be a host name with an optional port, without scheme or path")
}

pub(super) fn address(text: &str) -> Parsed<SocketAddr> {
    text.parse().map_err(|_| "must be an IP address and a port, such as 127.0.0.1:8000 or [::]:8000")
}

pub(super) fn pem_file(text: &str) -> Parsed<Vec<u8>> {
    let pem = std::fs::read(text).map_err(|_| "must be a file that b3lbd can read")?;
    if holds_certificates(&pem) {
        Ok(pem)
    } else {
        Err("must hold certificates in PEM form (-----BEGIN CERTIFICATE-----)")
    }
}

pub(super) fn http_url(text: &str) -> Parsed<String> {
    let url = Url::parse(text).ok();
    let good = url.is_some_and(|it| {
        matches!(it.scheme(), "http" | "https")
            && it.has_host()
            && it.query().is_none()
            && it.fragment().is_none()
    });
    if good { Ok(text.to_owned()) } else { Err("must be a URL that begins with https:// or http://") }
}

pub(super) fn replica_url(text: &str) -> Parsed<ReplicaUrl> {
    match text.parse()? {
        ReplicaUrl::Other(_) => Err("must begin with s3:// or file://; others carry no claims"),
        url => Ok(url),
    }
}

pub(super) fn protocol(text: &str) -> Parsed<String> {
    match text {
        "https://" | "http://" => Ok(text.to_owned()),
        _ => Err("must be https:// or http://"),
    }
}

pub(super) fn url_path(text: &str) -> Parsed<String> {
    let path = text.trim_start_matches('/');
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-_.~".contains(&b);
    if path.bytes().all(plain) { Ok(path.to_owned()) } else { Err("must be a path such as b3lb/load") }
}

pub(super) fn folder(text: &str) -> Parsed<String> {
    let path = url_path(text)?;
    Ok(if path.is_empty() || path.ends_with('/') { path } else { path + "/" })
}

pub(super) fn seconds(text: &str) -> Parsed<Duration> {
    seconds_or_none(text)
        .ok()
        .filter(|it| !it.is_zero())
        .ok_or("must be a number of seconds above 0, at most 86400")
}

pub(super) fn seconds_or_none(text: &str) -> Parsed<Duration> {
    let seconds: Option<f64> = text.parse().ok().filter(|it| (0.0..=86_400.0).contains(it));
    seconds.map(Duration::from_secs_f64).ok_or("must be a number of seconds from 0 to 86400")
}

pub(super) fn polls(text: &str) -> Parsed<u32> {
    text.parse().ok().filter(|it| (1..=1000).contains(it)).ok_or("must be a number of polls from 1 to 1000")
}

pub(super) fn days(text: &str) -> Parsed<u32> {
    text.parse().ok().filter(|it| (1..=36_500).contains(it)).ok_or("must be a number of days from 1 to 36500")
}

pub(super) fn bytes(text: &str) -> Parsed<usize> {
    text.parse().ok().filter(|it| *it >= 1024).ok_or("must be a number of bytes, at least 1024")
}

pub(super) fn connections(text: &str) -> Parsed<usize> {
    let count = text.parse().ok().filter(|it| (10..=1_000_000).contains(it));
    count.ok_or("must be a number of connections from 10 to 1000000")
}

fn list<T>(text: &str, read: impl Fn(&str) -> Option<T>, rule: &'static str) -> Parsed<Vec<T>> {
    let words = text.split([',', ' ']).map(str::trim).filter(|it| !it.is_empty());
    words.map(|word| read(word).ok_or(rule)).collect()
}

pub(super) fn algorithms(text: &str) -> Parsed<Allowed> {
    let rule = "must be a list of sha1, sha256, sha384, sha512";
    let list = list(text, |word| word.parse().ok(), rule)?;
    if list.is_empty() { Err(rule) } else { Ok(Allowed::new(list)) }
}

pub(super) fn networks(text: &str) -> Parsed<Vec<IpNet>> {
    let network = |word: &str| word.parse().ok().or_else(|| word.parse::<IpAddr>().ok().map(IpNet::from));
    list(text, network, "must be a list of networks such as 10.0.0.0/8, or addresses")
}

pub(super) fn token(text: &str) -> Parsed<SecretKey> {
    let plain = text.bytes().all(|b| b.is_ascii_graphic());
    if (8..=255).contains(&text.len()) && plain {
        Ok(SecretKey::new(text))
    } else {
        Err("must be 8 to 255 printable characters without spaces")
    }
}

pub(super) fn log_filter(text: &str) -> Parsed<String> {
    text.parse::<Targets>().map_err(|_| "must be a level such as info, or module=level pairs")?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for bad in ["0", "-1", "x", "NaN", "inf", "1e9"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
        assert_eq!(networks("10.0.0.0/8, ::1").unwrap().len(), 2);
        assert!(networks("10.0.0.0/99").is_err() && algorithms("md5").is_err() && algorithms("").is_err());
        assert_eq!(folder("/bigbluebutton/api").as_deref(), Ok("bigbluebutton/api/"));
    }
}
