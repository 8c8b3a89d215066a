//! Writing XML as the node's templates do.

/// Appends text, escaped; characters that XML does not allow are left out.
pub(crate) fn text(out: &mut String, text: &str) {
    let mut plain = 0;
    for (at, found) in text.char_indices() {
        let replacement = match found {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&apos;",
            '\t' | '\n' | '\r' => continue,
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => "",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        out.push_str(replacement);
        plain = at + found.len_utf8();
    }
    out.push_str(&text[plain..]);
}

/// Appends an element with text in it, and a line break.
pub(crate) fn element(out: &mut String, name: &str, value: &str) {
    open(out, name);
    text(out, value);
    close(out, name);
}

/// Appends an element with a boolean in it.
pub(crate) fn boolean(out: &mut String, name: &str, value: bool) {
    element(out, name, if value { "true" } else { "false" });
}

/// Appends an element with a number in it.
pub(crate) fn number(out: &mut String, name: &str, value: u64) {
    element(out, name, &value.to_string());
}

/// Appends a start tag.
pub(crate) fn open(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
}

/// Appends an end tag and a line break.
pub(crate) fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push_str(">\n");
}

/// Whether a text can be an element's name (of those BBB lets through).
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_once() {
        let mut out = String::new();
        element(&mut out, "name", "Ö & <b> \"q\" 'a' &amp; \u{1}\t\u{1F600}");
        assert_eq!(out, "<name>Ö &amp; &lt;b&gt; &quot;q&quot; &apos;a&apos; &amp;amp; \t\u{1F600}</name>\n");
    }

    #[test]
    fn names() {
        assert!(is_name("bbb-origin") && is_name("_a.b1"));
        assert!(!is_name("") && !is_name("1a") && !is_name("a b") && !is_name("a>"));
    }
}
