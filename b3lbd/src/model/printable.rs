//! Foreign text for people: in logs, events and tables it may not move the cursor, nor begin a line of its own.

use std::borrow::Cow;
use std::fmt::Write;

/// A text with its control characters escaped.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_active) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_active(c) {
            // Writing to a string does not fail.
            let _ = write!(out, "{}", c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether a terminal may do something with a character: control characters, line separators, and those that turn the
/// direction of writing.
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
