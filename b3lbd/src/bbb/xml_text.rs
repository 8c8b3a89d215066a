//! Walking through a node's XML: well-formed or refused, entities resolved, depth bounded.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::ParseError;

/// Deeper than any BBB answer, and too shallow to be used against us.
const MAX_DEPTH: usize = 64;

/// What a walk tells; the root element has depth 1.
pub(super) trait Visitor {
    /// An element begins at byte `at`.
    fn open(&mut self, depth: usize, name: &str, at: usize) -> Result<(), ParseError>;
    /// Text inside the innermost open element, which has `depth`; may come in pieces.
    fn text(&mut self, depth: usize, text: &str);
    /// The innermost element ends before byte `end`.
    fn close(&mut self, depth: usize, end: usize) -> Result<(), ParseError>;
}

/// Walks through `xml` from its first to its last byte.
pub(super) fn walk(xml: &str, visitor: &mut impl Visitor) -> Result<(), ParseError> {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0;
    let mut roots = 0;
    loop {
        let at = offset(reader.buffer_position());
        let event = reader.read_event().map_err(|_| ParseError::Malformed)?;
        let end = offset(reader.buffer_position());
        match event {
            Event::Start(element) => {
                roots += usize::from(depth == 0);
                depth += 1;
                enter(visitor, depth, &element, at)?;
            }
            Event::Empty(element) => {
                roots += usize::from(depth == 0);
                enter(visitor, depth + 1, &element, at)?;
                visitor.close(depth + 1, end)?;
            }
            Event::End(_) => {
                visitor.close(depth, end)?;
                depth -= 1;
            }
            Event::Text(text) if depth > 0 => visitor.text(depth, &text.xml10_content()),
            Event::Text(text) if !text.trim().is_empty() => return Err(ParseError::Malformed),
            Event::CData(text) if depth > 0 => visitor.text(depth, &text.xml10_content()),
            Event::GeneralRef(reference) => reference_text(visitor, depth, &reference)?,
            Event::CData(_) | Event::DocType(_) => return Err(ParseError::Malformed),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Text(_) => {}
            Event::Eof => break,
        }
    }
    if depth == 0 && roots == 1 { Ok(()) } else { Err(ParseError::Malformed) }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn enter(
    visitor: &mut impl Visitor,
    depth: usize,
    element: &BytesStart<'_>,
    at: usize,
) -> Result<(), ParseError> {
    if depth > MAX_DEPTH || element.attributes().any(|attribute| attribute.is_err()) {
        return Err(ParseError::Malformed);
    }
    visitor.open(depth, element.name().as_ref(), at)
}

fn reference_text(
    visitor: &mut impl Visitor,
    depth: usize,
    reference: &BytesRef<'_>,
) -> Result<(), ParseError> {
    if depth == 0 {
        return Err(ParseError::Malformed);
    }
    let mut buffer = [0; 4];
    let text = match reference.resolve_char_ref().map_err(|_| ParseError::Malformed)? {
        Some(character) => character.encode_utf8(&mut buffer),
        None => resolve_predefined_entity(reference).ok_or(ParseError::Malformed)?,
    };
    visitor.text(depth, text);
    Ok(())
}

/// The direct children of `<response>` with their text, in order.
pub fn flat_response(body: &[u8]) -> Result<Vec<(String, String)>, ParseError> {
    #[derive(Default)]
    struct Flat(Vec<(String, String)>);
    impl Visitor for Flat {
        fn open(&mut self, depth: usize, name: &str, _at: usize) -> Result<(), ParseError> {
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
        fn close(&mut self, _depth: usize, _end: usize) -> Result<(), ParseError> {
            Ok(())
        }
    }
    let xml = std::str::from_utf8(body).map_err(|_| ParseError::Malformed)?;
    let mut flat = Flat::default();
    walk(xml, &mut flat)?;
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
    fn anything_but_one_well_formed_response_is_refused() {
        for bad in [
            "",
            "text",
            "<html></html>",
            "<response>",
            "<response></respons>",
            "<response>&bad;</response>",
            "<response><a></response>",
            "<response/><response/>",
            "<response a=b/>",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><response>&a;</response>",
            "<response>a & b</response>",
        ] {
            assert!(flat_response(bad.as_bytes()).is_err(), "{bad}");
        }
        let deep = format!("<response>{}{}</response>", "<a>".repeat(100), "</a>".repeat(100));
        assert!(flat_response(deep.as_bytes()).is_err());
    }
}
