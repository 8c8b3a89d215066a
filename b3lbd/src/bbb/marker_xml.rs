//! The element that holds our own marker, which clients never see.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::ParseError;
use super::xml_text::{Visitor, after_declaration, walk};

/// The name of the element below `<metadata>`.
pub(super) const ELEMENT: &str = "b3lb-marker";
/// The parameter of `create` that sets it. BBB ignores the case of metadata names.
pub const PARAMETER: &str = "meta_b3lb-marker";

/// A node's answer without markers.
pub fn without_marker(answer: Bytes) -> Bytes {
    if memchr::memmem::find(&answer, ELEMENT.as_bytes()).is_none() {
        return answer;
    }
    let Ok(text) = std::str::from_utf8(&answer) else { return answer };
    let start = text.len() - after_declaration(text).len();
    let mut finder = Finder::default();
    // What is not well-formed is no answer of BBB, and holds no marker that anybody could read.
    if walk(&text[start..], &mut finder).is_err() {
        return answer;
    }
    cut(&answer, finder.found.iter().map(|it| it.start + start..it.end + start))
}

/// `bytes` without these ranges, which are in order.
pub(super) fn cut(bytes: &Bytes, ranges: impl IntoIterator<Item = Range<usize>>) -> Bytes {
    let mut left = BytesMut::with_capacity(bytes.len());
    let mut at = 0;
    for range in ranges {
        left.extend_from_slice(&bytes[at..range.start]);
        at = range.end;
    }
    left.extend_from_slice(&bytes[at..]);
    left.freeze()
}

/// Finds all markers of a document.
#[derive(Default)]
struct Finder {
    /// The depth of the open `<metadata>`.
    in_metadata: Option<usize>,
    /// Where the element begins that was opened last.
    begin: usize,
    /// Depth and beginning of the open marker.
    open: Option<(usize, usize)>,
    /// The depth of the element that was closed last.
    closed: usize,
    found: Vec<Range<usize>>,
}

impl Visitor for Finder {
    fn open(&mut self, depth: usize, name: &str) -> Result<(), ParseError> {
        if self.open.is_none() && name == ELEMENT && self.in_metadata == Some(depth - 1) {
            self.open = Some((depth, self.begin));
        }
        if name == "metadata" {
            self.in_metadata = Some(depth);
        }
        Ok(())
    }

    fn text(&mut self, _depth: usize, _text: &str) {}

    fn close(&mut self, depth: usize) -> Result<(), ParseError> {
        self.closed = depth;
        if self.in_metadata == Some(depth) {
            self.in_metadata = None;
        }
        Ok(())
    }

    fn begins_at(&mut self, offset: usize) {
        self.begin = offset;
    }

    fn ended_at(&mut self, offset: usize) {
        if let Some((_, begin)) = self.open.take_if(|(depth, _)| *depth == self.closed) {
            self.found.push(begin..offset);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_element_is_cut() {
        let cases = [
            (
                "<response><metadata><a>1</a><b3lb-marker>x.y</b3lb-marker><b/></metadata></response>",
                "<response><metadata><a>1</a><b/></metadata></response>",
            ),
            (
                "<?xml version=\"1.0\"?>\n<response><metadata><b3lb-marker/></metadata></response>",
                "<?xml version=\"1.0\"?>\n<response><metadata></metadata></response>",
            ),
            (
                "<response><m><metadata><b3lb-marker>1</b3lb-marker></metadata></m><m><metadata><b3lb-marker>2</b3lb-marker></metadata></m></response>",
                "<response><m><metadata></metadata></m><m><metadata></metadata></m></response>",
            ),
            (
                "<response><name>b3lb-marker</name></response>",
                "<response><name>b3lb-marker</name></response>",
            ),
            (
                "<response><name><![CDATA[<metadata><b3lb-marker>]]></name></response>",
                "<response><name><![CDATA[<metadata><b3lb-marker>]]></name></response>",
            ),
            (
                "<response><b3lb-marker>1</b3lb-marker></response>",
                "<response><b3lb-marker>1</b3lb-marker></response>",
            ),
            ("<response><b3lb-marker>1</response>", "<response><b3lb-marker>1</response>"),
            ("{\"a\": \"b3lb-marker\"}", "{\"a\": \"b3lb-marker\"}"),
        ];
        for (answer, expected) in cases {
            assert_eq!(without_marker(Bytes::from(answer)), expected, "{answer}");
        }
    }
}
