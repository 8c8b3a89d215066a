//! Calls that make a node download something before it answers.
//!
//! Source: "create" and "insertDocument" in BBB's API reference, versions 2.7 to 4.0; the node downloads first
//! (`ApiController.create`, `processDocumentFromRawURL` in bigbluebutton-web).

use super::Params;

/// Parameters whose value is a URL to download.
const FETCHED: [&str; 6] = [
    "preUploadedPresentation",
    "pluginManifests",
    "pluginManifestsFetchUrl",
    "clientSettingsOverrideJsonUrl",
    "sharedNotesInitialContentJsonUrl",
    "sharedNotesInitialContentMarkdownUrl",
];

/// Whether the node has to download something before it answers. `body` is the XML body.
pub fn fetches(call: &str, params: &Params, body: Option<&[u8]>) -> bool {
    match call {
        "insertDocument" => true,
        "create" => {
            FETCHED.iter().any(|name| params.get_filled(name).is_some())
                || body.is_some_and(|body| memchr::memmem::find(body, b"url=").is_some())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_20_what_makes_a_node_fetch_something() {
        let params = |query: &str| Params::parse(query.as_bytes()).unwrap();
        let by_url =
            br#"<modules><module name="presentation"><document url="http://a/b.pdf"/></module></modules>"#;
        let inline = br#"<modules><module name="presentation"><document name="b.pdf">QUJD</document></module></modules>"#;
        assert!(fetches("create", &params("a=b"), Some(by_url)));
        assert!(fetches("create", &params("preUploadedPresentation=http://a/b.pdf"), None));
        assert!(fetches("insertDocument", &params(""), Some(inline)));
        assert!(!fetches("create", &params("preUploadedPresentation=&a=b"), Some(inline)));
        assert!(!fetches("getMeetings", &params(""), None));
    }
}
