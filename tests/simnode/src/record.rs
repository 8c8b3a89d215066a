//! The requests that have arrived.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use parking_lot::Mutex;

use crate::Options;
use crate::http::Head;

/// A request, as it came.
#[derive(Debug, Clone)]
pub struct Request {
    /// Number of the request on its node, from 1.
    pub number: u64,
    /// When its last byte had arrived.
    pub at: SystemTime,
    /// The method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The call: the path after `/bigbluebutton/api/` (empty for the version answer), `load`
    /// for the load URL, else the path; without needless slashes.
    pub call: String,
    /// Whether it is a call of BBB's API.
    pub(crate) api: bool,
    /// The raw query, checksum included.
    pub query: String,
    /// The decoded parameters without the checksum: of the query, or of a form body if there
    /// is no query.
    pub params: Vec<(String, String)>,
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The content type.
    pub content_type: Option<String>,
    /// The body.
    pub body: Bytes,
}

impl Request {
    pub(crate) fn new(head: Head, body: Bytes) -> Self {
        let (path, query) = head.target.split_once('?').unwrap_or((&head.target, ""));
        let content_type = head.header("content-type").map(str::to_owned);
        let (call, api) = call_of(path);
        let mut request = Self {
            number: 0,
            at: SystemTime::now(),
            method: head.method.clone(),
            path: path.to_owned(),
            call,
            api,
            query: query.to_owned(),
            params: Vec::new(),
            content_type,
            body,
            headers: Vec::new(),
        };
        let encoded = if request.is_form() && request.query.is_empty() {
            request.body.as_ref()
        } else {
            request.query.as_bytes()
        };
        request.params =
            form_urlencoded::parse(encoded).into_owned().filter(|(name, _)| name != "checksum").collect();
        request.headers = head.headers;
        request
    }

    /// The first value of a parameter, as BBB reads it.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a header; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The content type without its parameters, in lower case.
    pub(crate) fn media_type(&self) -> String {
        let value = self.content_type.as_deref().unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// Whether the body is a form with something in it.
    pub(crate) fn is_form(&self) -> bool {
        !self.body.is_empty() && self.media_type() == "application/x-www-form-urlencoded"
    }

    fn size(&self) -> usize {
        let pairs = self.params.iter().chain(&self.headers).map(|(name, value)| name.len() + value.len());
        self.body.len() + self.query.len() + pairs.sum::<usize>()
    }
}

/// The call of a path, read as generously as BBB's: Spring's `UrlPathHelper` takes runs of slashes for one, and
/// Grails lets a slash follow each path of `UrlMappings.groovy` (bigbluebutton-web, `grails-app`), where
/// `/bigbluebutton/` and the bare name of the controller, `/bigbluebutton/api`, are the version answer. The
/// checksum is made with the call's name, whatever the path looks like. The flag says whether it is BBB's.
fn call_of(path: &str) -> (String, bool) {
    let path = path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    match path.strip_prefix("bigbluebutton") {
        Some("" | "/api") => (String::new(), true),
        Some(rest) if rest.starts_with("/api/") => (rest["/api/".len()..].to_owned(), true),
        _ if path == "b3lb/load" => ("load".to_owned(), false),
        _ => (path, false),
    }
}

/// The newest requests, and how many there were of each call.
pub(crate) struct Recorder {
    on: AtomicBool,
    most: usize,
    most_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    arrived: u64,
    bytes: usize,
    requests: VecDeque<Arc<Request>>,
    counts: HashMap<String, usize>,
}

impl Recorder {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            on: AtomicBool::new(options.record),
            most: options.record_limit,
            most_bytes: options.record_bytes,
            kept: Mutex::default(),
        }
    }

    pub(crate) fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    /// Numbers, counts and perhaps keeps a request.
    pub(crate) fn note(&self, mut request: Request) -> Arc<Request> {
        let mut kept = self.kept.lock();
        kept.arrived += 1;
        request.number = kept.arrived;
        match kept.counts.get_mut(&request.call) {
            Some(count) => *count += 1,
            None => _ = kept.counts.insert(request.call.clone(), 1),
        }
        let request = Arc::new(request);
        if self.on.load(Ordering::Relaxed) {
            kept.bytes += request.size();
            kept.requests.push_back(Arc::clone(&request));
            while kept.requests.len() > self.most || kept.bytes > self.most_bytes {
                let Some(oldest) = kept.requests.pop_front() else { break };
                kept.bytes -= oldest.size();
            }
        }
        request
    }

    /// The kept requests with a number above `number`.
    pub(crate) fn after(&self, number: u64) -> Vec<Arc<Request>> {
        let kept = self.kept.lock();
        let start = kept.requests.partition_point(|request| request.number <= number);
        kept.requests.range(start..).cloned().collect()
    }

    pub(crate) fn count(&self, call: &str) -> usize {
        self.kept.lock().counts.get(call).copied().unwrap_or(0)
    }

    /// Forgets requests and counts; the numbers go on.
    pub(crate) fn clear(&self) {
        let mut kept = self.kept.lock();
        *kept = Kept { arrived: kept.arrived, ..Kept::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(target: &str, content_type: &str, body: &'static str) -> Request {
        let head = format!("POST {target} HTTP/1.1\r\nContent-Type: {content_type}");
        Request::new(Head::parse(head.as_bytes()).unwrap(), Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn calls_and_parameters() {
        let call = |path| request(path, "", "").call;
        assert_eq!(call("/bigbluebutton/api"), "");
        assert_eq!(call("/bigbluebutton/api/"), "");
        assert_eq!(call("/bigbluebutton/api/hooks/create?x"), "hooks/create");
        assert_eq!(call("/b3lb/load"), "load");
        assert_eq!(call("/bigbluebutton/apiX"), "bigbluebutton/apiX");
        for path in
            ["/bigbluebutton/api//create", "//bigbluebutton//api/create/?x", "/bigbluebutton/api/create//"]
        {
            assert_eq!(call(path), "create", "{path}");
        }
        assert_eq!((call("/bigbluebutton/"), call("/bigbluebutton//api//")), (String::new(), String::new()));
        assert!(request("/bigbluebutton", "", "").api && !request("/", "", "").api);
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        let pairs = |request: Request| request.params;
        let ab = [("a".to_owned(), "ä b".to_owned())];
        assert_eq!(pairs(request("/x?a=%C3%A4+b&checksum=1", form, "c=d")), ab);
        assert_eq!(pairs(request("/x", form, "a=%C3%A4%20b&checksum=1")), ab);
        assert_eq!(pairs(request("/x", "text/xml", "a=b")), []);
    }

    #[test]
    fn memory_is_bounded_and_counts_go_on() {
        let recorder = Recorder::new(&Options { record_limit: 3, record_bytes: 1_000, ..Options::default() });
        for _ in 0..5 {
            recorder.note(request("/bigbluebutton/api/end", "text/xml", "x"));
        }
        let numbers: Vec<u64> = recorder.after(0).iter().map(|request| request.number).collect();
        assert_eq!((numbers, recorder.after(4).len(), recorder.count("end")), (vec![3, 4, 5], 1, 5));
        let big: &'static str = Box::leak("y".repeat(999).into_boxed_str());
        recorder.note(request("/a", "text/xml", big));
        assert_eq!(recorder.after(0).len(), 0);
        recorder.switch(false);
        recorder.note(request("/bigbluebutton/api/end", "text/xml", "x"));
        assert_eq!((recorder.after(0).len(), recorder.count("end")), (0, 6));
        recorder.clear();
        assert_eq!(recorder.count("end"), 0);
    }
}
