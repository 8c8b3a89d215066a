//! Requests that no good client would send, and some that one would.

use harness::fuzz::{Mutator, seeds};
use harness::{Algorithm, CALLS, Client, Form};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Calls that are made more often than others, and some that do not exist.
const MORE_CALLS: [&str; 9] =
    ["create", "create", "join", "getMeetingInfo", "", "hooks/create", "unknown", "Create", "join%2f"];
/// What a call needs to get behind the first checks; `ID` stands for a meeting's id.
const NEEDED: [(&str, &str); 8] = [
    ("meetingID", ID),
    ("name", "A room"),
    ("fullName", "Ada"),
    ("role", "MODERATOR"),
    ("message", "Hi"),
    ("userName", "Ada"),
    ("recordID", "r"),
    ("publish", "true"),
];
const ID: &str = "\0";
const NAMES: [&str; 38] = [
    "meetingID",
    "name",
    "fullName",
    "role",
    "redirect",
    "errorRedirectUrl",
    "check sum",
    "Checksum",
    "meta_x",
    "meta_<>",
    "meta_a b",
    "meta_",
    "meta_endCallbackUrl",
    "meta_analytics-callback-url",
    "meta_bbb-origin",
    "isBreakout",
    "parentMeetingID",
    "sequence",
    "freeJoin",
    "meetingEndedURL",
    "welcome",
    "createTime",
    "attendeePW",
    "moderatorPW",
    "password",
    "maxParticipants",
    "duration",
    "voiceBridge",
    "preUploadedPresentation",
    "pluginManifests",
    "sessionToken",
    "userdata-show chat",
    "userdata-2fa",
    "userdata-a&b",
    "userdata-",
    "userdata-bbb_show\u{fffe}",
    "",
    "\0",
];
const VALUES: [&str; 34] = [
    ID,
    ID,
    "",
    "true",
    "false",
    "A & <B> \"C\" 'D'",
    "]]>",
    "<![CDATA[",
    "<!--",
    "&#1;",
    "&nbsp;",
    "\u{fffe}",
    "a\u{ffff}b",
    "\u{feff}",
    "\u{1}\u{8}\u{b}",
    "\0",
    "\u{1b}[31m",
    "\r\nX: y",
    "\u{85}\u{2028}",
    "\u{1f600}\u{e4}",
    "\u{202e}gnp",
    "-1",
    "NaN",
    "1e999",
    "99999999999999999999",
    "1,202",
    "https://x.example/?a=b&c=d",
    "http://127.0.0.1:9/ended",
    "javascript:alert(1)",
    "http://[::1",
    "../../etc/passwd",
    "a,b",
    "356a192b7913b04c54574d18c28d46e6395428ab",
    "356a192b7913b04c54574d18c28d46e6395428ab-17",
];
const TYPES: [&str; 8] = [
    "application/xml",
    "text/xml; charset=utf-8",
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=",
    ";",
    "\u{fc}",
    "application/x-www-form-urlencoded;charset=utf-16",
];
const FORM: &str = TYPES[2];
const PATHS: [&str; 20] = [
    "/",
    "//",
    "*",
    "/b3lb/ping",
    "/b3lb/stats",
    "/b3lb/metrics",
    "/b3lb/t/foo/slide",
    "/b3lb/t/foo/logo",
    "/b3lb/t/foo/css",
    "/b3lb/t/foo/stats",
    "/b3lb/t/foo-012/metrics",
    "/b3lb/t/%66oo/slide",
    "/b3lb/t/\u{fc}/css",
    "/b3lb/t/foo-999/bbb/api/join",
    "/b3lb/t/foo/bbb/bigbluebutton/api/getMeetings",
    "/b3lb/b/meeting/end?nonce=0000",
    "/b3lb/b/meeting/end?nonce=%ff",
    "/bigbluebutton/",
    "/bigbluebutton//api//",
    "/bigbluebutton/api/../../b3lb/ping",
];
const HOSTS: [&str; 9] = [
    "b3lb.test",
    "",
    "foo.b3lb.test:99999",
    "FOO.B3LB.TEST.",
    "evil-foo.b3lb.test.example.net",
    "[::1]",
    "\u{fc}.b3lb.test",
    "a, b",
    "localhost",
];
const HEADERS: [(&str, &str); 12] = [
    ("accept", "text/html,*/*;q=0.8"),
    ("accept-language", "de,\u{fc};q=9"),
    ("expect", "100-continue"),
    ("if-none-match", "*, W/\""),
    ("content-type", "x"),
    ("authorization", "Bearer \u{1}"),
    ("x-forwarded-for", "::1, 203.0.113.9, ,"),
    ("x-forwarded-proto", "gopher"),
    ("connection", "upgrade"),
    ("range", "bytes=9-1"),
    ("", "x"),
    ("a b", "\u{0}"),
];

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The request is whole: it is answered.
    Kept,
    /// Where it ends is told wrongly: of what follows nothing can be said.
    Unclear,
    /// It stops in the middle.
    Cut,
}

#[derive(Debug)]
pub(super) struct Asked {
    pub(super) bytes: Vec<u8>,
    pub(super) is_head: bool,
    pub(super) end: End,
}

/// The same requests for the same seed and clients.
pub(super) struct Generator {
    rng: StdRng,
    clients: Vec<Client>,
    modules: Mutator,
}

impl Generator {
    pub(super) fn new(seed: u64, clients: Vec<Client>) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), clients, modules: Mutator::new(seed, seeds("modules")) }
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.rng.random_range(0..all.len())]
    }

    fn one_in(&mut self, n: u32) -> bool {
        self.rng.random_ratio(1, n)
    }

    fn noise(&mut self, most: usize) -> Vec<u8> {
        let length = self.rng.random_range(0..most);
        (0..length).map(|_| self.rng.random()).collect()
    }

    /// The next request.
    pub(super) fn request(&mut self) -> Asked {
        let client = self.rng.random_range(0..self.clients.len());
        let form = self.one_of(&[Form::Host, Form::Path, Form::Path, Form::Forwarded]);
        let client = self.clients[client].by(form);
        let call = self.one_of(&[&CALLS[..], &MORE_CALLS].concat());
        let method = match self.rng.random_range(0..40) {
            0 => self.one_of(&["HEAD", "PUT", "DELETE", "OPTIONS", "get", "\u{1}", "X-Y"]),
            1..=20 => "GET",
            _ if call == "join" => "GET",
            _ => "POST",
        };
        let mut target = self.path(&client, call);
        let query = self.query(&client, call);
        let in_body = method == "POST" && self.rng.random_bool(0.5);
        let (body, content_type) = if in_body {
            (query, FORM)
        } else {
            target.push(if target.contains(&b'?') { b'&' } else { b'?' });
            target.extend(query);
            self.body(method)
        };
        let mut headers = self.hosts(&client, form);
        if !content_type.is_empty() {
            let content_type = if self.one_in(30) { self.one_of(&TYPES) } else { content_type };
            headers.push(("content-type", content_type.to_owned()));
        }
        for (name, value) in HEADERS {
            if self.one_in(60) {
                headers.push((name, value.to_owned()));
            }
        }
        if self.one_in(300) {
            headers.push(("x-long", "x".repeat(self.rng.random_range(0..70_000))));
        }
        let (framing, body, mut end) = self.framing(body);
        headers.extend(framing);

        let mut bytes = [method.as_bytes(), b" ", &target, b" HTTP/1.1\r\n"].concat();
        for (name, value) in headers {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend(body);
        if self.one_in(60) {
            bytes.truncate(self.rng.random_range(0..=bytes.len()));
            end = End::Cut;
        }
        // A space or a line's end in the target makes another request of it.
        if target.iter().any(|b| matches!(b, b' ' | b'\r' | b'\n')) && end == End::Kept {
            end = End::Unclear;
        }
        Asked { bytes, is_head: method == "HEAD", end }
    }

    fn path(&mut self, client: &Client, call: &str) -> Vec<u8> {
        if self.one_in(20) {
            return self.one_of(&PATHS).as_bytes().to_vec();
        }
        let mut path = client.path(call).into_bytes();
        if self.one_in(20) {
            let at = self.rng.random_range(0..=path.len());
            let what =
                self.one_of(&[&b"/"[..], b"//", b"%2f", b"%", b"/../", b"\xff", b"\0", b"#", b"?", b";x"]);
            path.splice(at..at, what.iter().copied());
        }
        if self.one_in(20) {
            path.push(b'/');
        }
        path
    }

    fn id(&mut self) -> String {
        match self.rng.random_range(0..40) {
            0 => self.one_of(&VALUES).to_owned(),
            1 => "i".repeat(self.rng.random_range(1..400)),
            2 => format!("<room & {}>", self.rng.random_range(0..20)),
            3 => String::from_utf8_lossy(&self.noise(30)).into_owned(),
            _ => format!("room-{}", self.rng.random_range(0..40)),
        }
    }

    fn value(&mut self) -> Vec<u8> {
        match self.rng.random_range(0..60) {
            0 | 1 => self.noise(60),
            2 if self.one_in(4) => {
                let unit = self.one_of(&["x", "\u{e4}", "<", "&amp;", "\u{1f600}"]);
                unit.repeat(self.rng.random_range(0..40_000)).into_bytes()
            }
            2 if self.one_in(30) => vec![b'x'; 1_100_000],
            _ => match self.one_of(&VALUES) {
                ID => self.id().into_bytes(),
                value => value.as_bytes().to_vec(),
            },
        }
    }

    /// Parameters, most of them signed, to get behind the checksum.
    fn query(&mut self, client: &Client, call: &str) -> Vec<u8> {
        let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for (name, value) in NEEDED {
            if self.one_in(15) {
                continue;
            }
            let value = if value == ID { self.id() } else { value.to_owned() };
            pairs.push((name.as_bytes().to_vec(), value.into_bytes()));
        }
        for _ in 0..self.rng.random_range(0..5) {
            let name = if self.one_in(20) { self.noise(20) } else { self.one_of(&NAMES).as_bytes().to_vec() };
            let value = self.value();
            let at = if self.one_in(4) { 0 } else { pairs.len() };
            pairs.insert(at, (name, value));
        }
        let mut query = Vec::new();
        for (name, value) in &pairs {
            if !query.is_empty() {
                query.push(b'&');
            }
            for (bytes, end) in [(name, "="), (value, "")] {
                // Now and then as it is.
                if self.one_in(60) {
                    query.extend_from_slice(bytes);
                } else {
                    query.extend(form_urlencoded::byte_serialize(bytes).flat_map(str::bytes));
                }
                query.extend_from_slice(end.as_bytes());
            }
        }
        if self.one_in(40) {
            query.extend_from_slice(self.one_of(&[&b"&&"[..], b"&=", b"&%", b"&a=%zz", b"&a=%ff", b"&a"]));
        }
        let algorithm = self.one_of(&Algorithm::ALL);
        let sum = algorithm.hex(&[call.as_bytes(), &query, client.key.as_bytes()].concat());
        let sum = match self.rng.random_range(0..40) {
            0 => return query,
            1 => sum.replace('a', "b"),
            2 => sum[1..].to_owned(),
            3 => format!("{sum}&checksum={sum}"),
            4 => String::from_utf8_lossy(&self.noise(80)).into_owned(),
            5 | 6 => sum.to_uppercase(),
            _ => sum,
        };
        let name = if self.one_in(20) { "check%73um" } else { "checksum" };
        if self.one_in(4) {
            return [format!("{name}={sum}&").as_bytes(), &query].concat();
        }
        [&query[..], format!("&{name}={sum}").as_bytes()].concat()
    }

    /// A body beside a query, and its type.
    fn body(&mut self, method: &str) -> (Vec<u8>, &'static str) {
        if method != "POST" && !self.one_in(30) {
            return (Vec::new(), "");
        }
        match self.rng.random_range(0..10) {
            0..=4 => (self.modules.input(), TYPES[0]),
            5 => (self.noise(200), TYPES[0]),
            6 => (b"<modules/>".to_vec(), FORM),
            7 => (b"{\"a\":".to_vec(), TYPES[3]),
            8 => (b"meetingID=room-1&&%ff".to_vec(), FORM),
            _ => (Vec::new(), TYPES[1]),
        }
    }

    fn hosts(&mut self, client: &Client, form: Form) -> Vec<(&'static str, String)> {
        let mut hosts = match form {
            Form::Host => vec![("host", client.host())],
            Form::Path => vec![("host", "any.example".to_owned())],
            Form::Forwarded => vec![("host", "b3lb.test".to_owned()), ("x-forwarded-host", client.host())],
        };
        if self.one_in(15) {
            let at = self.rng.random_range(0..hosts.len());
            self.one_of(&HOSTS).clone_into(&mut hosts[at].1);
        }
        if self.one_in(100) {
            hosts.push(hosts[0].clone());
        }
        if self.one_in(200) {
            hosts.clear();
        }
        hosts
    }

    /// How the end of a body is told, rightly or not.
    fn framing(&mut self, body: Vec<u8>) -> (Vec<(&'static str, String)>, Vec<u8>, End) {
        let chunked = || ("transfer-encoding", "chunked".to_owned());
        let length = body.len();
        match self.rng.random_range(0..60) {
            0 => (vec![("content-length", "99999999999999999999".to_owned())], body, End::Unclear),
            1 => (vec![("content-length", (length + 5).to_string())], body, End::Cut),
            2 => (vec![("content-length", "-1".to_owned())], body, End::Unclear),
            3 => (vec![chunked()], b"zz\r\n".to_vec(), End::Unclear),
            4 => (vec![chunked(), ("content-length", length.to_string())], self.chunks(&body), End::Unclear),
            5 => (vec![("content-length", (length / 2).to_string())], body, End::Unclear),
            6 => (vec![("transfer-encoding", "gzip, chunked".to_owned())], self.chunks(&body), End::Unclear),
            7..=14 if length > 0 => (vec![chunked()], self.chunks(&body), End::Kept),
            _ if length == 0 && !self.one_in(4) => (Vec::new(), body, End::Kept),
            _ => (vec![("content-length", length.to_string())], body, End::Kept),
        }
    }

    fn chunks(&mut self, body: &[u8]) -> Vec<u8> {
        let size = self.one_of(&[1, 7, 100, 10_000]).max(body.len() / 500);
        let extension = self.one_of(&["", "", ";a=b"]);
        let mut chunks = Vec::new();
        for chunk in body.chunks(size) {
            chunks.extend_from_slice(format!("{:x}{extension}\r\n", chunk.len()).as_bytes());
            chunks.extend_from_slice(chunk);
            chunks.extend_from_slice(b"\r\n");
        }
        let trailer = self.one_of(&["", "", "checksum: x\r\n"]);
        chunks.extend_from_slice(format!("0\r\n{trailer}\r\n").as_bytes());
        chunks
    }
}
