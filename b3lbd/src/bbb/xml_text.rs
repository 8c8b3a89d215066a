//! XML traversal: a document is well-formed by every rule of XML 1.0, or rejected. Entities are resolved,
//! depth is bounded.
//!
//! `quick-xml` tokenizes; its omissions are checked here. Comments, processing instructions and document
//! types are rejected, because BBB writes none.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::ParseError;
use super::xml_rules::{is_char, is_element_name, is_text, text_of};

/// Deeper than any answer of BBB, but too shallow for an attack.
const MAX_DEPTH: usize = 64;

/// Receives the events of a traversal; the root element has depth 1.
pub(super) trait Visitor {
    /// Start of an element.
    fn open(&mut self, depth: usize, name: &str) -> Result<(), ParseError>;
    /// Text inside the innermost open element, which has this depth. May arrive in pieces.
    fn text(&mut self, depth: usize, text: &str);
    /// End of the innermost element.
    fn close(&mut self, depth: usize) -> Result<(), ParseError>;
    /// The offset in bytes at which the element begins that is opened next.
    fn begins_at(&mut self, _offset: usize) {}
    /// The offset in bytes after the element that was closed last.
    fn ended_at(&mut self, _offset: usize) {}
}

/// Traverses a document with one root element.
pub(super) fn walk(xml: &str, visitor: &mut impl Visitor) -> Result<(), ParseError> {
    let xml = after_declaration(xml);
    let length = walk_element(xml, visitor)?;
    if xml[length..].trim_matches(WHITE).is_empty() { Ok(()) } else { Err(ParseError::Malformed) }
}

/// Whitespace as defined by XML, which does not include the form feed.
const WHITE: [char; 4] = [' ', '\t', '\r', '\n'];

/// Skips the XML declaration and whitespace. An invalid declaration is not skipped, and then fails to parse
/// as a document.
pub(super) fn after_declaration(xml: &str) -> &str {
    let rest = match xml.strip_prefix("<?xml").and_then(|it| it.split_once("?>")) {
        Some((declaration, rest)) if is_declaration(declaration) => rest,
        _ => xml,
    };
    rest.trim_start_matches(WHITE)
}

/// Whether the declaration is valid for a document in UTF-8.
fn is_declaration(text: &str) -> bool {
    let is_utf_8 = |encoding: &str| encoding.eq_ignore_ascii_case("utf-8");
    let is_standalone = |value: &str| matches!(value, "yes" | "no");
    match attributes(text).as_deref() {
        Some([("version", "1.0"), rest @ ..]) => match rest {
            [] => true,
            [("encoding", encoding)] => is_utf_8(encoding),
            [("standalone", value)] => is_standalone(value),
            [("encoding", encoding), ("standalone", value)] => is_utf_8(encoding) && is_standalone(value),
            _ => false,
        },
        _ => false,
    }
}

/// Traverses the element at the start of `xml` and returns its length in bytes.
pub(super) fn walk_element(xml: &str, visitor: &mut impl Visitor) -> Result<usize, ParseError> {
    if !xml.starts_with('<') {
        return Err(ParseError::Malformed);
    }
    let mut reader = Reader::from_str(xml);
    let mut depth = 0;
    loop {
        let begin = offset(&reader);
        match reader.read_event().map_err(|_| ParseError::Malformed)? {
            Event::Start(element) => {
                depth += 1;
                visitor.begins_at(begin);
                enter(visitor, depth, &element)?;
            }
            Event::Empty(element) => {
                visitor.begins_at(begin);
                enter(visitor, depth + 1, &element)?;
                visitor.close(depth + 1)?;
                visitor.ended_at(offset(&reader));
            }
            Event::End(_) => {
                visitor.close(depth)?;
                visitor.ended_at(offset(&reader));
                depth -= 1;
            }
            Event::Text(text) if !text.contains("]]>") => visitor.text(depth, &text.xml10_content()),
            Event::CData(text) => visitor.text(depth, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let mut buffer = [0; 4];
                let character = referred(&reference).ok_or(ParseError::Malformed)?;
                visitor.text(depth, character.encode_utf8(&mut buffer));
            }
            _ => return Err(ParseError::Malformed),
        }
        if depth == 0 {
            let length = offset(&reader).min(xml.len());
            return if is_text(&xml[..length]) { Ok(length) } else { Err(ParseError::Malformed) };
        }
    }
}

fn offset(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn enter(visitor: &mut impl Visitor, depth: usize, element: &BytesStart<'_>) -> Result<(), ParseError> {
    let (name, raw) = (element.name(), element.attributes_raw());
    let has_valid_attributes = raw.is_empty() || attributes(raw).is_some();
    if depth > MAX_DEPTH || !is_element_name(name.as_ref()) || !has_valid_attributes {
        return Err(ParseError::Malformed);
    }
    visitor.open(depth, name.as_ref())
}

/// Parses the attributes of a tag: unique names with their raw values.
fn attributes(raw: &str) -> Option<Vec<(&str, &str)>> {
    let mut rest = raw;
    let mut found: Vec<(&str, &str)> = Vec::new();
    loop {
        let trimmed = rest.trim_start_matches(WHITE);
        if trimmed.is_empty() {
            return Some(found);
        }
        let (name, value) = trimmed.split_once('=')?;
        let (name, value) = (name.trim_end_matches(WHITE), value.trim_start_matches(WHITE));
        let quote = value.chars().next().filter(|it| matches!(it, '"' | '\''))?;
        let (value, after) = value[1..].split_once(quote)?;
        let is_apart = trimmed.len() < rest.len();
        let is_known = found.iter().any(|(it, _)| *it == name);
        if !is_apart || !is_element_name(name) || name == "xmlns" || is_known || !is_value(value) {
            return None;
        }
        found.push((name, value));
        rest = after;
    }
}

/// Whether an attribute value is valid: no `<`, and only resolvable references.
fn is_value(value: &str) -> bool {
    let mut pieces = value.split('&');
    let first = pieces.next().unwrap_or_default();
    let refers = |piece: &str| piece.split_once(';').is_some_and(|(name, _)| referred(name).is_some());
    !first.contains('<') && pieces.all(|piece| !piece.contains('<') && refers(piece))
}

/// The character that a reference stands for, given without `&` and `;`.
fn referred(reference: &str) -> Option<char> {
    let Some(number) = reference.strip_prefix('#') else {
        return match reference {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "apos" => Some('\''),
            "quot" => Some('"'),
            _ => None,
        };
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    // `from_str_radix` would also accept a sign.
    let is_number = digits.chars().all(|c| c.is_digit(radix));
    let code = u32::from_str_radix(digits, radix).ok().filter(|_| is_number)?;
    char::from_u32(code).filter(|c| is_char(*c))
}

/// The direct children of `<response>` with their text, in order.
pub fn flat_response(body: &[u8]) -> Result<Vec<(String, String)>, ParseError> {
    #[derive(Default)]
    struct Flat(Vec<(String, String)>);
    impl Visitor for Flat {
        fn open(&mut self, depth: usize, name: &str) -> Result<(), ParseError> {
            if depth == 1 && name != "response" {
                return Err(ParseError::NotBbb);
            }
            if depth == 2 {
                self.0.push((name.to_owned(), String::new()));
            }
            Ok(())
        }
        fn text(&mut self, depth: usize, text: &str) {
            if let (2, Some((_, value))) = (depth, self.0.last_mut()) {
                value.push_str(text);
            }
        }
        fn close(&mut self, _depth: usize) -> Result<(), ParseError> {
            Ok(())
        }
    }
    let (xml, _) = text_of(body);
    let mut flat = Flat::default();
    walk(&xml, &mut flat)?;
    Ok(flat.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_of_the_response_come_with_entities_resolved() {
        let xml =
            b"<response><a>x &amp; y &#233;</a><b><c>inner</c></b><d/><e><![CDATA[<raw>]]></e></response>";
        let flat = flat_response(xml).unwrap();
        let expected = [("a", "x & y \u{e9}"), ("b", ""), ("d", ""), ("e", "<raw>")];
        assert_eq!(flat.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn finding_9_anything_but_one_well_formed_response_is_refused() {
        for bad in [
            "",
            "text",
            "<html></html>",
            "<response>",
            "<response></respons>",
            "<response>&bad;</response>",
            "<response><a></response>",
            "<response/><response/>",
            "<response/>text",
            "text<response/>",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><response>&a;</response>",
            "<response><!DOCTYPE x></response>",
            "<response><?pi x?></response>",
            "<response><!-- a --></response>",
            "<response><!-- a -- b --></response>",
            "<response>a & b</response>",
            "<response>a &amp b</response>",
            "<response>]]></response>",
            "<response><![CDATA[x]]>]]></response>",
            "<response>\u{1}</response>",
            "<response>\u{fffe}</response>",
            "<response><![CDATA[\u{b}]]></response>",
            "<response>&#1;</response>",
            "<response>&#xffff;</response>",
            "<response>&#xd800;</response>",
            "<response>&#0;</response>",
            "<response>&#+65;</response>",
            "<response>&#X41;</response>",
            "<response>&#;</response>",
            "<response>&nbsp;</response>",
            "<response><show chat>yes</show chat></response>",
            "<response><2fa>x</2fa></response>",
            "<response><a&b/></response>",
            "<response><a/b></a/b></response>",
            "<response><p:a/></response>",
            "<response><p:a xmlns:p=\"x\"/></response>",
            "<response><></></response>",
            "<response>< a/></response>",
            "<response><a>b</ a></response>",
            "<response><a>b</a c></response>",
            "<response a=b/>",
            "<response a/>",
            "<response a='1' a='2'/>",
            "<response a='1'b='2'/>",
            "<response a='<'/>",
            "<response a='&'/>",
            "<response a='&bad;'/>",
            "<response a='&#1;'/>",
            "<response a='\u{1}'/>",
            "<response a='1/>",
            "<response p:a='1'/>",
            "<response 1='1'/>",
            "<response a='1' />\u{0}",
            "\u{c}<response/>",
            "<response/>\u{c}",
            " <?xml version='1.0'?><response/>",
            "<?xml ?><response/>",
            "<?xml?><response/>",
            "<?xmlversion='1.0'?><response/>",
            "<?xml version='2.0'?><response/>",
            "<?xml version='1.0' encoding='UTF-16'?><response/>",
            "<?xml encoding='UTF-8' version='1.0'?><response/>",
            "<?xml version='1.0' standalone='si'?><response/>",
            "<?xml version='1.0' \u{1}?><response/>",
        ] {
            assert!(flat_response(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(flat_response(b"<response>\xff</response>").is_err());
        let deep = format!("<response>{}{}</response>", "<a>".repeat(100), "</a>".repeat(100));
        assert!(flat_response(deep.as_bytes()).is_err());
    }

    #[test]
    fn what_xml_allows_is_read() {
        for good in [
            "\u{feff}<?xml version='1.0' encoding='UTF-8'?>\n<response\n></response\n>\n",
            "<?xml\tversion = \"1.0\"  encoding=\"utf-8\" standalone='yes' ?><response/>",
            "<response a='1' b = \"&lt;&#65;&#x1F600;'\"/>",
            "<response>]] > ]]&gt;&#10;\u{e4}\u{1f600}</response>",
            "<response><![CDATA[a]]><![CDATA[]]]]><![CDATA[>]]></response>",
        ] {
            assert!(flat_response(good.as_bytes()).is_ok(), "{good}");
        }
    }
}
