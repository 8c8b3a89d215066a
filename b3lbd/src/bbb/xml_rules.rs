//! The characters that XML 1.0 allows in text and in names.
//!
//! Source: the productions `Char`, `Name`, `NameStartChar` and `NameChar` of "Extensible Markup Language
//! 1.0", fourth and fifth edition, and "Namespaces in XML": a prefix must be declared, which BBB never does.

use std::borrow::Cow;

/// Whether XML allows a character.
pub(super) fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether XML allows every character of a text. Optimized for texts without special characters.
pub(super) fn is_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_control = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    if bytes.iter().fold(false, |found, b| found | is_control(*b)) {
        return false;
    }
    // U+FFFE and U+FFFF are the only others that are valid in UTF-8 but not in XML.
    memchr::memchr_iter(0xef, bytes).all(|at| !matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf])))
}

/// Removes the characters that XML does not allow.
pub(super) fn cleaned(text: String) -> String {
    if is_text(&text) { text } else { text.chars().filter(|c| is_char(*c)).collect() }
}

/// Whether BBB may write an element with this name.
///
/// The fifth edition of XML 1.0 allows many more characters than earlier ones, which widely used parsers
/// still implement. For example, expat, used by Python, rejects U+FEFF. This accepts letters of living
/// scripts that all editions allow.
pub fn is_element_name(name: &str) -> bool {
    // Almost all names are ASCII.
    let is_start = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    match name.as_bytes() {
        [first, rest @ ..] if name.is_ascii() => {
            is_start(*first) && rest.iter().all(|b| is_start(*b) || matches!(b, b'-' | b'.' | b'0'..=b'9'))
        }
        _ => is_international_name(name),
    }
}

fn is_international_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(is_name_start)
        && chars.all(|c| {
            is_name_start(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{345}')
        })
}

fn is_name_start(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '_'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{131}' | '\u{134}'..='\u{13e}'
        | '\u{141}'..='\u{148}' | '\u{14a}'..='\u{17e}' | '\u{386}' | '\u{388}'..='\u{38a}' | '\u{38c}'
        | '\u{38e}'..='\u{3a1}' | '\u{3a3}'..='\u{3ce}' | '\u{401}'..='\u{40c}' | '\u{40e}'..='\u{44f}'
        | '\u{451}'..='\u{45c}' | '\u{45e}'..='\u{481}' | '\u{5d0}'..='\u{5ea}' | '\u{621}'..='\u{63a}'
        | '\u{641}'..='\u{64a}' | '\u{3041}'..='\u{3094}' | '\u{30a1}'..='\u{30fa}'
        | '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}')
}

/// A body as text without its byte order mark, and the length of that mark. Invalid UTF-8 is replaced by NUL
/// bytes, which XML does not allow: the element is rejected, and offsets stay the same.
pub(super) fn text_of(body: &[u8]) -> (Cow<'_, str>, usize) {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let (body, mark) = match body.strip_prefix(MARK) {
        Some(rest) => (rest, MARK.len()),
        None => (body, 0),
    };
    let text = match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => {
            let mut text = String::with_capacity(body.len());
            for chunk in body.utf8_chunks() {
                text.push_str(chunk.valid());
                text.extend(std::iter::repeat_n('\0', chunk.invalid().len()));
            }
            Cow::Owned(text)
        }
    };
    (text, mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_those_of_the_production() {
        for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
            let held = matches!(u32::from(c), 0x9 | 0xa | 0xd | 0x20..=0xd7ff | 0xe000..=0xfffd | 0x10000..=0x0010_ffff);
            assert_eq!((is_char(c), is_text(&format!("a{c}b"))), (held, held), "{c:?}");
        }
        assert_eq!(cleaned("a\u{fffe}\u{1}b\u{ffff}\tc\u{fffd}".to_owned()), "ab\tc\u{fffd}");
    }

    #[test]
    fn names() {
        for good in [
            "a",
            "_",
            "bbb_custom-style.url2",
            "\u{e4}",
            "x\u{b7}",
            "\u{43a}\u{43b}\u{44e}\u{447}",
            "\u{4e2d}",
        ] {
            assert!(is_element_name(good) && is_international_name(good), "{good}");
        }
        for bad in [
            "",
            "2fa",
            "-a",
            ".a",
            "a b",
            "a&b",
            "a/",
            "!",
            "!--",
            "a:b",
            ":",
            "a>",
            "\u{d7}",
            "a\u{1}",
            "\u{feff}a",
        ] {
            assert!(!is_element_name(bad) && !is_international_name(bad), "{bad}");
        }
    }

    #[test]
    fn bytes_keep_their_places() {
        assert_eq!(text_of(b"\xef\xbb\xbf<a/>"), (Cow::Borrowed("<a/>"), 3));
        assert_eq!(text_of(b"a\xff\xfe\xc3b"), (Cow::Borrowed("a\0\0\0b"), 0));
    }
}
