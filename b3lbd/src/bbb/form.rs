//! Parameters as a form body, signed as BBB signs forms.
//!
//! Source: `ValidationService.buildQueryStringFromParamsMap` and `ParamsUtil.sanitizeString` in bbb-common-web.

use std::borrow::Cow;

use super::{Algorithm, Params, sign};

/// The body of a POST. Its checksum covers the parameters sorted by name, in Java's string order, with values
/// sanitized and re-encoded.
pub fn signed_form(algorithm: Algorithm, call: &str, params: &Params, secret: &str) -> String {
    let checksum = sign(algorithm, call, signed_text(params).as_bytes(), secret);
    let body = params.encode();
    let separator = if body.is_empty() { "" } else { "&" };
    [&body, separator, "checksum=", &checksum].concat()
}

/// The text over which BBB computes the checksum of a form, however the body was encoded. `query` is the body
/// without the checksum. A body that cannot be parsed gets a text that no checksum matches.
pub fn signed_query(query: &[u8]) -> String {
    Params::parse(query).map(|params| signed_text(&params)).unwrap_or_default()
}

fn signed_text(params: &Params) -> String {
    let mut pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> =
        params.iter().map(|(name, value)| (sanitized(name), sanitized(value))).collect();
    pairs.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    let mut text = String::new();
    for (name, value) in &pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }
    text
}

/// Removes control characters, and what Java's `trim` strips.
fn sanitized(text: &str) -> Cow<'_, str> {
    let trimmed = |text: &str| text.trim_matches(|c| c <= ' ').len();
    if !text.contains(char::is_control) && trimmed(text) == text.len() {
        return Cow::Borrowed(text);
    }
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    Cow::Owned(clean.trim_matches(|c| c <= ' ').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_19_forms_are_signed_over_sorted_parameters() {
        let params = Params::parse("name=caf%C3%A9%20x&b+c=%0A*-._~&a=+1%0A2".as_bytes()).unwrap();
        assert_eq!(signed_text(&params), "a=12&b c=*-._%7E&name=caf%C3%A9+x");
        let body = signed_form(Algorithm::Sha1, "create", &params, "key");
        let checksum = sign(Algorithm::Sha1, "create", b"a=12&b c=*-._%7E&name=caf%C3%A9+x", "key");
        assert_eq!(body, format!("name=caf%C3%A9+x&b+c=%0A*-._%7E&a=+1%0A2&checksum={checksum}"));
    }
}
