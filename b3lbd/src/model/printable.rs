//! Makes foreign text safe for people: it must not move the cursor or start a new line in logs, events and
//! tables.

use std::borrow::Cow;
use std::fmt::Write;

/// Escapes control characters in a text.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_active) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_active(c) {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}", c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether a terminal could interpret a character: control characters, line separators, and characters that
/// change the text direction.
fn is_active(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_the_rest_is_left() {
        assert_eq!(printable("Übung 😀 <x>"), "Übung 😀 <x>");
        assert_eq!(printable("a\nb\u{1b}[31m\t\u{9b}\u{202e}"), "a\\nb\\u{1b}[31m\\t\\u{9b}\\u{202e}");
    }
}
