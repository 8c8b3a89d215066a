//! Presentations in the XML body of `create` and `insertDocument`.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// A presentation as it was announced; nothing is ever fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The attribute `name`, or `filename` of a document given by URL.
    pub name: Option<String>,
    /// Where to fetch it.
    pub url: Option<String>,
    /// Characters of embedded base64, white space not counted.
    pub inline: usize,
}

impl Document {
    fn announced(tag: &BytesStart<'_>) -> Self {
        let mut document = Self::default();
        for attribute in tag.attributes().flatten() {
            let Ok(value) = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0) else { continue };
            match attribute.key.as_ref() {
                "name" | "filename" => document.name = Some(value.into_owned()),
                "url" => document.url = Some(value.into_owned()),
                _ => {}
            }
        }
        document
    }
}

/// The documents of all `presentation` modules. Of a body that is not well-formed those
/// before the fault, as a lenient server reads them.
pub(crate) fn parse(body: &[u8]) -> Vec<Document> {
    let mut documents: Vec<Document> = Vec::new();
    let Ok(body) = std::str::from_utf8(body) else { return documents };
    let mut reader = Reader::from_str(body);
    let mut in_presentation = false;
    let mut in_document = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) if tag.name().as_ref() == "module" => {
                in_presentation = is_presentation(&tag);
            }
            Ok(Event::End(tag)) if tag.name().as_ref() == "module" => in_presentation = false,
            Ok(Event::Start(tag)) if in_presentation && tag.name().as_ref() == "document" => {
                documents.push(Document::announced(&tag));
                in_document = true;
            }
            Ok(Event::Empty(tag)) if in_presentation && tag.name().as_ref() == "document" => {
                documents.push(Document::announced(&tag));
            }
            Ok(Event::End(tag)) if tag.name().as_ref() == "document" => in_document = false,
            Ok(Event::Text(text)) if in_document => count(&mut documents, &text),
            Ok(Event::CData(text)) if in_document => count(&mut documents, &text),
            Ok(Event::Eof) | Err(_) => return documents,
            Ok(_) => {}
        }
    }
}

fn is_presentation(tag: &BytesStart<'_>) -> bool {
    tag.attributes()
        .flatten()
        .any(|attribute| attribute.key.as_ref() == "name" && attribute.value.as_ref() == "presentation")
}

fn count(documents: &mut [Document], text: &str) {
    if let Some(document) = documents.last_mut() {
        document.inline += text.bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_documents() {
        let body = br#"<?xml version="1.0"?><modules>
            <module name="other"><document name="no.pdf">AAAA</document></module>
            <module name="presentation">
              <document url="https://a.example/x?a=1&amp;b=2" filename="report.pdf"/>
              <document name="s.pdf">AAAA
                BBBB</document>
            </module></modules>"#;
        let documents = parse(body);
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[0].url.as_deref(), Some("https://a.example/x?a=1&b=2"));
        assert_eq!(documents[0].name.as_deref(), Some("report.pdf"));
        assert_eq!((documents[1].name.as_deref(), documents[1].inline), (Some("s.pdf"), 8));
        assert!(parse(b"no xml").is_empty() && parse(b"").is_empty() && parse(b"<a><b").is_empty());
    }
}
