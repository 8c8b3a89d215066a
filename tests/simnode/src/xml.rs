//! Writing XML as the node's templates do.

/// Appends text, escaped as `FreeMarker`'s XML output format does it. Characters that XML 1.0 cannot hold stay
/// what they are: `StringUtil.XMLEnc` knows five characters only.
pub(crate) fn text(out: &mut String, text: &str) {
    let mut plain = 0;
    for (at, found) in text.char_indices() {
        let replacement = match found {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&apos;",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_once() {
        let mut out = String::new();
        element(&mut out, "name", "Ö & <b> \"q\" 'a' &amp; \u{1}\t\u{1F600}");
        assert_eq!(
            out,
            "<name>Ö &amp; &lt;b&gt; &quot;q&quot; &apos;a&apos; &amp;amp; \u{1}\t\u{1F600}</name>\n"
        );
    }
}
