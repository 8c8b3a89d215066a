//! Query strings: the checksum is cut out of the raw bytes, the rest is parsed once.

use std::borrow::Cow;
use std::collections::HashSet;

use percent_encoding::percent_decode;

use super::xml_rules::cleaned;

/// Why a query cannot be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuery {
    /// A `%` that is not followed by two hex digits.
    #[error("broken percent sequence")]
    Percent,
    /// Not UTF-8 after decoding.
    #[error("text is not UTF-8")]
    Encoding,
}

/// Splits the raw query into everything but the `checksum` parameter, and the value of that parameter.
///
/// Returns `None` unless there is exactly one. The rest is neither decoded nor reordered. A part counts as
/// the checksum if its *decoded* name is `checksum`, so that an alternative spelling cannot slip through.
pub fn split_checksum(raw: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = Vec::with_capacity(raw.len());
    let mut checksum = None;
    let mut first = true;
    for part in raw.split(|b| *b == b'&') {
        let (name, value) = split_pair(part);
        if is_checksum(name) {
            if checksum.replace(value).is_some() {
                return None;
            }
            continue;
        }
        if !first {
            rest.push(b'&');
        }
        first = false;
        rest.extend_from_slice(part);
    }
    checksum.map(|value| (rest, value))
}

fn is_checksum(name: &[u8]) -> bool {
    const CHECKSUM: &[u8] = b"checksum";
    name == CHECKSUM || (name.contains(&b'%') && Cow::from(percent_decode(name)) == CHECKSUM)
}

fn split_pair(part: &[u8]) -> (&[u8], &[u8]) {
    match part.iter().position(|b| *b == b'=') {
        Some(at) => (&part[..at], &part[at + 1..]),
        None => (part, &[]),
    }
}

/// Number of parameters up to which a search is faster than a hash.
const SEARCHED: usize = 24;

/// Decoded parameters in their original order; only the first of each name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Decodes a query (without its checksum).
    pub fn parse(query: &[u8]) -> Result<Self, BadQuery> {
        let mut list: Vec<(String, String)> = Vec::new();
        // The names in the list, from the point where it is too long to be searched.
        let mut seen = HashSet::new();
        for part in query.split(|b| *b == b'&').filter(|part| !part.is_empty()) {
            let (name, value) = split_pair(part);
            let (name, value) = (decode(name)?, decode(value)?);
            if list.len() == SEARCHED && seen.is_empty() {
                seen.extend(list.iter().map(|(it, _)| it.clone()));
            }
            let is_new = match list.len() {
                ..SEARCHED => list.iter().all(|(it, _)| *it != name),
                SEARCHED.. => seen.insert(name.clone()),
            };
            if is_new {
                list.push((name, value));
            }
        }
        Ok(Self(list))
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter, ignoring the case of its name, as BBB does for metadata.
    pub fn get_ignoring_case(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Replaces the value of each parameter with this name, ignoring case.
    pub fn replace_ignoring_case(&mut self, name: &str, value: &str) {
        for (_, old) in self.0.iter_mut().filter(|(it, _)| it.eq_ignore_ascii_case(name)) {
            value.clone_into(old);
        }
    }

    /// The value of a parameter, if it is present and not empty.
    pub fn get_filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Sets a parameter, keeping its position if it is present.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(it, _)| it == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Sets a parameter unless it is present.
    pub fn set_default(&mut self, name: &str, value: &str) {
        if self.get(name).is_none() {
            self.0.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Keeps the parameters for which `keep` returns true and returns the number of removed ones.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) -> u64 {
        let before = self.0.len();
        self.0.retain(|(name, _)| keep(name));
        (before - self.0.len()) as u64
    }

    /// Removes a parameter.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(it, _)| it != name);
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The query string as BBB expects it: form-urlencoded UTF-8, `*-._` plain, space as `+`.
    pub fn encode(&self) -> String {
        // Most characters stay as they are.
        let length = self.0.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>();
        let mut out = String::with_capacity(length + length / 4);
        for (name, value) in &self.0 {
            if !out.is_empty() {
                out.push('&');
            }
            out.extend(form_urlencoded::byte_serialize(name.as_bytes()));
            out.push('=');
            out.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        }
        out
    }
}

/// Decodes percent escapes, and removes characters that XML does not allow, as BBB does.
fn decode(raw: &[u8]) -> Result<String, BadQuery> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let [high, low, tail @ ..] = tail else { return Err(BadQuery::Percent) };
                bytes.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
                rest = tail;
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).map(cleaned).map_err(|_| BadQuery::Encoding)
}

fn hex_digit(byte: u8) -> Result<u8, BadQuery> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        b'A'..=b'F' => Ok(byte - b'A' + 10),
        _ => Err(BadQuery::Percent),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(raw: &str) -> Option<(String, String)> {
        let (rest, sum) = split_checksum(raw.as_bytes())?;
        Some((String::from_utf8(rest).unwrap(), String::from_utf8_lossy(sum).into_owned()))
    }

    #[test]
    fn the_checksum_is_found_wherever_it_stands() {
        let expected = Some(("a=1&b=2".to_owned(), "X".to_owned()));
        for raw in ["checksum=X&a=1&b=2", "a=1&checksum=X&b=2", "a=1&b=2&checksum=X"] {
            assert_eq!(split(raw), expected, "{raw}");
        }
        assert_eq!(split("checksum=X"), Some((String::new(), "X".to_owned())));
    }

    #[test]
    fn values_that_look_like_checksums_stay() {
        assert_eq!(
            split("w=checksum=X&my-checksum=X&checksum=X&v=%26checksum%3DX"),
            Some(("w=checksum=X&my-checksum=X&v=%26checksum%3DX".to_owned(), "X".to_owned()))
        );
    }

    #[test]
    fn none_or_two_checksums_are_an_error() {
        for raw in ["", "a=1", "checksum=X&checksum=X", "checksum=X&a=1&check%73um=Y"] {
            assert_eq!(split(raw), None, "{raw}");
        }
    }

    #[test]
    fn the_first_of_a_repeated_parameter_counts() {
        let params = Params::parse(b"a=1&b&a=2&=x&&b=3").unwrap();
        assert_eq!(params.iter().collect::<Vec<_>>(), [("a", "1"), ("b", ""), ("", "x")]);
    }

    #[test]
    fn bad_text_is_told_apart() {
        for raw in ["a=%", "a=%4", "a=%zz", "%=1"] {
            assert_eq!(Params::parse(raw.as_bytes()), Err(BadQuery::Percent), "{raw}");
        }
        assert_eq!(Params::parse(b"a=%ff"), Err(BadQuery::Encoding));
        assert_eq!(Params::parse(b"a=%09%0d%0a").unwrap().get("a"), Some("\t\r\n"));
    }

    #[test]
    fn finding_9_what_xml_cannot_hold_is_taken_out() {
        let params = Params::parse("a%00=x%01%ef%bf%bey%ef%bf%bf%7f&b=%1b%f0%9f%98%80".as_bytes()).unwrap();
        assert_eq!(params.iter().collect::<Vec<_>>(), [("a", "xy\u{7f}"), ("b", "\u{1f600}")]);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_again(pairs in prop::collection::vec(("[^\\x00-\\x1f\\ufffe\\uffff]{1,8}", "[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ufffe\\uffff]{0,40}"), 0..8)) {
            let mut params = Params::default();
            for (name, value) in &pairs {
                params.set_default(name, value);
            }
            prop_assert_eq!(Params::parse(params.encode().as_bytes()).unwrap(), params);
        }

        #[test]
        fn arbitrary_bytes_never_panic(raw in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = split_checksum(&raw);
            let _ = Params::parse(&raw);
        }

        #[test]
        fn cutting_out_the_checksum_leaves_the_rest(before in "[a-z=%+0-9]{0,20}", after in "[a-z=%+0-9]{0,20}") {
            prop_assume!(!before.starts_with("checksum") && !after.starts_with("checksum") && !before.contains("%63"));
            let raw = format!("x{before}&checksum=ab&y{after}");
            prop_assert_eq!(split(&raw), Some((format!("x{before}&y{after}"), "ab".to_owned())));
        }
    }
}
