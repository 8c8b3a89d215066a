//! A BBB client that signs as BBB's documentation says, in every way that clients do.

use std::net::SocketAddr;

use quick_xml::Reader;
use quick_xml::events::Event;
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha384, Sha512};

/// All calls of the API; what makes a meeting comes first, and what ends it last.
pub const CALLS: [&str; 19] = [
    "create",
    "join",
    "isMeetingRunning",
    "getMeetingInfo",
    "insertDocument",
    "sendChatMessage",
    "setConfigXML",
    "getMeetings",
    "getSessions",
    "getJoinUrl",
    "learningDashboard",
    "getRecordings",
    "getRecordingTextTracks",
    "publishRecordings",
    "deleteRecordings",
    "updateRecordings",
    "putRecordingTextTrack",
    "getDefaultConfigXML",
    "end",
];

/// Checksum algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// 40 hex digits.
    Sha1,
    /// 64 hex digits.
    Sha256,
    /// 96 hex digits.
    Sha384,
    /// 128 hex digits.
    Sha512,
}

impl Algorithm {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512];

    /// Hex digest.
    pub fn hex(self, text: &[u8]) -> String {
        match self {
            Self::Sha1 => hex::encode(Sha1::digest(text)),
            Self::Sha256 => hex::encode(Sha256::digest(text)),
            Self::Sha384 => hex::encode(Sha384::digest(text)),
            Self::Sha512 => hex::encode(Sha512::digest(text)),
        }
    }
}

/// How a client names its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `foo.{base}/bigbluebutton/api/`.
    Host,
    /// `/b3lb/t/foo/bbb/api/`.
    Path,
    /// As [`Form::Host`], with the host told by a proxy.
    Forwarded,
}

/// How a call's parameters travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// GET with a query.
    Get,
    /// POST with a query and without a body.
    PostQuery,
    /// POST with a form body and without a query.
    PostForm,
}

/// Every style in which clients make calls.
pub const STYLES: [(Form, Via); 6] = [
    (Form::Host, Via::Get),
    (Form::Host, Via::PostQuery),
    (Form::Host, Via::PostForm),
    (Form::Path, Via::Get),
    (Form::Path, Via::PostQuery),
    (Form::Path, Via::PostForm),
];

/// One tenant's client.
#[derive(Clone, Debug)]
pub struct Client {
    /// Where the front end listens.
    pub address: SocketAddr,
    /// `foo` or `foo-012`.
    pub label: String,
    /// The key.
    pub key: String,
    /// Host or path form.
    pub form: Form,
    /// Checksum algorithm.
    pub algorithm: Algorithm,
    /// Parameters of forms stand in the order of their names, as BBB signs them.
    pub sorted_forms: bool,
    http: reqwest::Client,
}

/// An answer of the front end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Response headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A node's answer as B3LB passes it on: without the marker in the metadata of meetings.
    #[must_use]
    pub fn without_marker(mut self) -> Self {
        const ENDS: [&str; 2] = ["<b3lb-marker>", "</b3lb-marker>"];
        while let Some((before, rest)) = self.body.split_once(ENDS[0])
            && let Some((_, after)) = rest.split_once(ENDS[1])
        {
            self.body = [before, after].concat();
        }
        self
    }

    /// Text of the first element of that name.
    pub fn text(&self, element: &str) -> Option<String> {
        self.texts(element).into_iter().next()
    }

    /// Text of all elements of that name.
    pub fn texts(&self, element: &str) -> Vec<String> {
        let mut reader = Reader::from_str(&self.body);
        let mut found = Vec::new();
        loop {
            match reader.read_event() {
                Ok(Event::Start(it)) if it.name().as_ref() == element => {
                    let end = it.to_end().into_owned();
                    let raw = reader.read_text(end.name()).map(|it| it.to_string()).unwrap_or_default();
                    found.push(
                        quick_xml::escape::unescape(&raw).map(std::borrow::Cow::into_owned).unwrap_or(raw),
                    );
                }
                Ok(Event::Eof) | Err(_) => return found,
                Ok(_) => {}
            }
        }
    }

    /// `returncode`.
    pub fn returncode(&self) -> String {
        self.text("returncode").unwrap_or_default()
    }

    /// `messageKey`.
    pub fn key(&self) -> String {
        self.text("messageKey").unwrap_or_default()
    }

    /// Whether BBB would say that it worked.
    pub fn ok(&self) -> bool {
        self.status == 200 && self.returncode() == "SUCCESS"
    }

    /// The `Location` header.
    pub fn location(&self) -> String {
        self.header("location").unwrap_or_default().to_owned()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What of an answer may come from a node: status, content type, body.
    pub fn essence(&self) -> (u16, Option<&str>, &str) {
        (self.status, self.header("content-type"), &self.body)
    }
}

/// Form-urlencoded, as BBB's clients do.
pub fn encode(params: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}

impl Client {
    /// A client by the path form with sha256.
    ///
    /// # Panics
    /// If there is no HTTP client to be had.
    pub fn new(address: SocketAddr, label: &str, key: &str) -> Self {
        b3lbd::tls::use_ring();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("an HTTP client");
        let (label, key) = (label.to_owned(), key.to_owned());
        Self {
            address,
            label,
            key,
            form: Form::Path,
            algorithm: Algorithm::Sha256,
            sorted_forms: false,
            http,
        }
    }

    /// The same in another form.
    #[must_use]
    pub fn by(&self, form: Form) -> Self {
        Self { form, ..self.clone() }
    }

    /// The same at another address, such as a proxy's.
    #[must_use]
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// The same with another algorithm.
    #[must_use]
    pub fn with(&self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self.clone() }
    }

    /// The same with forms that BBB itself takes.
    #[must_use]
    pub fn sorting_forms(&self) -> Self {
        Self { sorted_forms: true, ..self.clone() }
    }

    /// The same under another label, be it somebody else's.
    #[must_use]
    pub fn under(&self, label: &str) -> Self {
        Self { label: label.to_owned(), ..self.clone() }
    }

    /// The same with another key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// The checksum of a call with this raw query.
    pub fn checksum(&self, call: &str, query: &str) -> String {
        self.algorithm.hex(format!("{call}{query}{}", self.key).as_bytes())
    }

    /// The path of a call without query.
    pub fn path(&self, call: &str) -> String {
        match self.form {
            Form::Host | Form::Forwarded => format!("/bigbluebutton/api/{call}"),
            Form::Path => format!("/b3lb/t/{}/bbb/api/{call}", self.label),
        }
    }

    /// The `Host` header that the host form needs.
    pub fn host(&self) -> String {
        format!("{}.b3lb.test", self.label)
    }

    /// The URL of a call without query.
    pub fn url(&self, call: &str) -> String {
        format!("http://{}{}", self.address, self.path(call))
    }

    /// The signed URL of a call, checksum last.
    pub fn signed_url(&self, call: &str, params: &[(&str, &str)]) -> String {
        let query = encode(params);
        let and = if query.is_empty() { "" } else { "&" };
        format!("{}?{query}{and}checksum={}", self.url(call), self.checksum(call, &query))
    }

    /// GET of a signed call.
    pub async fn get(&self, call: &str, params: &[(&str, &str)]) -> Answer {
        self.send(self.http.get(self.signed_url(call, params))).await
    }

    /// GET of a call with a query as it is, checksum and all.
    pub async fn get_raw(&self, call: &str, query: &str) -> Answer {
        self.send(self.http.get(format!("{}?{query}", self.url(call)))).await
    }

    /// POST of a call with the parameters in a signed form body.
    pub async fn post_form(&self, call: &str, params: &[(&str, &str)]) -> Answer {
        let mut params = params.to_vec();
        if self.sorted_forms {
            params.sort_by_key(|(name, _)| *name);
        }
        let query = encode(&params);
        let and = if query.is_empty() { "" } else { "&" };
        let body = format!("{query}{and}checksum={}", self.checksum(call, &query));
        let request = self.http.post(self.url(call)).body(body);
        self.send(request.header("content-type", "application/x-www-form-urlencoded; charset=UTF-8")).await
    }

    /// POST of a signed call with an XML body.
    pub async fn post_xml(&self, call: &str, params: &[(&str, &str)], xml: &str) -> Answer {
        let request = self.http.post(self.signed_url(call, params)).body(xml.to_owned());
        self.send(request.header("content-type", "application/xml")).await
    }

    /// A signed call in one of the styles; the form is the client's own.
    pub async fn call(&self, via: Via, call: &str, params: &[(&str, &str)]) -> Answer {
        match via {
            Via::Get => self.get(call, params).await,
            Via::PostQuery => self.send(self.http.post(self.signed_url(call, params))).await,
            Via::PostForm => self.post_form(call, params).await,
        }
    }

    /// Any request; the host form's `Host` header is added.
    pub fn request(&self, method: &str, url: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        self.http.request(method, url)
    }

    /// Sends a request with the host form's `Host` header if that form is meant.
    ///
    /// # Panics
    /// If no answer comes.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.try_send(request).await.expect("the front end answers")
    }

    /// Sends a request that may fail, as when the daemon is killed.
    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let request = match self.form {
            Form::Host => request.header("host", self.host()),
            Form::Path => request,
            Form::Forwarded => request.header("host", "b3lb.test").header("x-forwarded-host", self.host()),
        };
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, body: String::from_utf8_lossy(&response.bytes().await?).into_owned() })
    }

    /// A create that must work.
    ///
    /// # Panics
    /// If it does not.
    pub async fn create(&self, id: &str) -> Answer {
        let answer = self.get("create", &[("meetingID", id), ("name", "A meeting")]).await;
        assert!(answer.ok(), "create {id}: {answer:?}");
        answer
    }
}
