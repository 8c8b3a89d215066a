//! The XML body of `create`: `<modules>` with presentations and other modules.
//!
//! Source: "Pre-upload Slides" in BBB's API reference.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};

/// The presentation to show first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document<'a> {
    /// The content in base64.
    Inline {
        /// File name.
        name: &'a str,
        /// The content.
        base64: &'a str,
    },
    /// A URL from which the node downloads it.
    ByUrl {
        /// File name.
        name: &'a str,
        /// The URL.
        url: &'a str,
    },
}

/// Adds `document` as the `presentation` module to a body, next to its other modules.
///
/// Returns `None` if the body already has that module or is not what BBB expects; then it is up to the node.
pub fn with_presentation(body: Option<&[u8]>, document: Document<'_>) -> Option<String> {
    let module = module(document);
    let Some(body) = body else {
        return Some(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><modules>{module}</modules>"));
    };
    let body = std::str::from_utf8(body).ok()?;
    let mark = if body.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let place = find_place(&body[mark..])?;
    let (before, after) = body.split_at(mark + place.at);
    if place.closed {
        // `<modules/>` has no content yet.
        let open = before.trim_end_matches("/>").trim_ascii_end();
        return Some(format!("{open}>{module}</modules>{after}"));
    }
    Some(format!("{before}{module}{after}"))
}

fn module(document: Document<'_>) -> String {
    let document = match document {
        Document::Inline { name, base64 } => {
            format!("<document name=\"{}\">{base64}</document>", escape(name))
        }
        Document::ByUrl { name, url } => {
            format!("<document url=\"{}\" filename=\"{}\"/>", escape(url), escape(name))
        }
    };
    format!("<module name=\"presentation\">{document}</module>")
}

/// The position at which the tag of `<modules>` ends.
struct Place {
    at: usize,
    closed: bool,
}

fn find_place(body: &str) -> Option<Place> {
    // The XML reader would skip a second one without counting it.
    if body.starts_with('\u{feff}') {
        return None;
    }
    let mut reader = Reader::from_str(body);
    let mut place = None;
    let mut depth = 0;
    loop {
        let event = reader.read_event().ok()?;
        let at = usize::try_from(reader.buffer_position()).ok()?;
        let opened = match &event {
            Event::Start(element) => Some((element, false)),
            Event::Empty(element) => Some((element, true)),
            Event::End(_) => {
                depth -= 1;
                None
            }
            Event::DocType(_) => return None,
            Event::Eof => break,
            _ => None,
        };
        if let Some((element, closed)) = opened {
            match (depth, element.name().as_ref()) {
                (0, "modules") => place = Some(Place { at, closed }),
                (0, _) => return None,
                (1, "module") if is_presentation(element) => return None,
                _ => {}
            }
            depth += usize::from(!closed);
        }
    }
    place.filter(|_| depth == 0)
}

fn is_presentation(element: &BytesStart<'_>) -> bool {
    element.attributes().flatten().any(|it| it.key.as_ref() == "name" && it.value.as_ref() == "presentation")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLIDE: Document<'_> = Document::Inline { name: "a.pdf", base64: "QUJD" };
    const MODULE: &str = r#"<module name="presentation"><document name="a.pdf">QUJD</document></module>"#;

    fn add(body: &str) -> Option<String> {
        with_presentation(Some(body.as_bytes()), SLIDE)
    }

    #[test]
    fn a_body_is_made_or_completed() {
        let made = with_presentation(None, SLIDE).unwrap();
        assert_eq!(made, format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><modules>{MODULE}</modules>"));
        let other = r#"<module name="clientSettingsOverride"><![CDATA[{"a":1}]]></module>"#;
        let body = format!("<?xml version='1.0'?>\n<modules>\n {other}</modules>");
        assert_eq!(
            add(&body).unwrap(),
            format!("<?xml version='1.0'?>\n<modules>{MODULE}\n {other}</modules>")
        );
        assert_eq!(add("<modules />").unwrap(), format!("<modules>{MODULE}</modules>"));
        let odd = add("<modules \u{85}/>").unwrap();
        assert_eq!(odd, format!("<modules \u{85}>{MODULE}</modules>"), "what is no white space of XML stays");
    }

    #[test]
    fn finding_9_a_byte_order_mark_stays_where_it_is() {
        let made = add("\u{feff}<?xml version=\"1.0\"?><modules></modules>").unwrap();
        assert_eq!(made, format!("\u{feff}<?xml version=\"1.0\"?><modules>{MODULE}</modules>"));
    }

    #[test]
    fn a_presentation_or_a_strange_body_is_left_alone() {
        for body in [
            r#"<modules><module name="presentation"/></modules>"#,
            r#"<modules><module name='presentation'><document url="x"/></module></modules>"#,
            "<other/>",
            "<modules>",
            "no xml",
            "<!DOCTYPE modules><modules></modules>",
            "\u{feff}\u{feff}<modules></modules>",
        ] {
            assert_eq!(add(body), None, "{body}");
        }
    }

    #[test]
    fn a_hostile_name_stays_inside_its_attribute() {
        let document = Document::ByUrl { name: "\"/><evil a='<&>", url: "https://b/x?a=1&b=2" };
        let body = with_presentation(None, document).unwrap();
        let expected = r#"<document url="https://b/x?a=1&amp;b=2" filename="&quot;/&gt;&lt;evil a=&apos;&lt;&amp;&gt;"/>"#;
        assert!(body.contains(expected), "{body}");
        assert!(find_place(&body).is_none(), "it is well-formed, with one presentation");
    }
}
