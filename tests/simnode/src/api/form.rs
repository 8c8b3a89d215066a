//! The checksum of a form's parameters.

use super::params::sanitized;

/// The query string that BBB signs when a request has none, and the checksum that was given:
/// `ValidationService.buildQueryStringFromParamsMap` (bbb-common-web, `org.bigbluebutton.api.service`). Names in
/// order and as they are, values cleaned and encoded as `URLEncoder` does it. How the client had written the body
/// means nothing.
pub(super) fn query_string(body: &[u8]) -> (String, String) {
    let mut checksum = None;
    let mut params: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(body) {
        let (name, value) = (sanitized(&name), sanitized(&value));
        if name == "checksum" {
            checksum.get_or_insert(value);
        } else {
            params.push((name, value));
        }
    }
    // `TreeSet` compares UTF-16 units. Several values of a name stay in their order.
    params.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    let pairs = params.iter().map(|(name, value)| {
        let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        format!("{name}={value}")
    });
    (pairs.collect::<Vec<_>>().join("&"), checksum.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_and_encoded() {
        let body = b"name=caf%c3%a9%20x&checksum=c&b%20c=%01*-._~&a=2&a=+1%0A";
        assert_eq!(query_string(body), ("a=2&a=1&b c=*-._%7E&name=caf%C3%A9+x".to_owned(), "c".to_owned()));
        assert_eq!(query_string(b""), (String::new(), String::new()));
    }
}
