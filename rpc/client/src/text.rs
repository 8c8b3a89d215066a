//! Makes foreign text safe to print on a terminal.

/// Escapes what is dangerous.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.chars() {
        if is_dangerous(c) {
            cleaned.extend(c.escape_default());
        } else {
            cleaned.push(c);
        }
    }
    cleaned
}

/// Whether a character moves the cursor, breaks the line, changes the reading direction, or is invisible.
pub fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dangerous_characters_are_escaped() {
        assert_eq!(clean("Grüße, 世界 \\o/"), "Grüße, 世界 \\o/");
        assert_eq!(clean("a\x1b[2Jb\nc\td"), "a\\u{1b}[2Jb\\nc\\td");
        assert_eq!(clean("abc\u{202e}fed\u{9b}"), "abc\\u{202e}fed\\u{9b}");
        assert_eq!(clean("a\u{200b}b\u{feff}"), "a\\u{200b}b\\u{feff}");
    }
}
