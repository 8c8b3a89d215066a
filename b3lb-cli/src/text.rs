//! Makes foreign text safe to print on a terminal.

/// Escapes characters that move the cursor, break the line or change the text direction.
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns_or_breaks(c) {
            cleaned.extend(c.escape_default());
        } else {
            cleaned.push(c);
        }
    }
    cleaned
}

/// `1 meeting`, `2 meetings`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn turns_or_breaks(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dangerous_characters_are_escaped() {
        assert_eq!(clean("Grüße, 世界 \\o/"), "Grüße, 世界 \\o/");
        assert_eq!(clean("a\x1b[2Jb\nc\td"), "a\\u{1b}[2Jb\\nc\\td");
        assert_eq!(clean("abc\u{202e}fed\u{9b}"), "abc\\u{202e}fed\\u{9b}");
    }
}
