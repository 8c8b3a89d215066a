//! Thousands of hostile requests, the same ones in every run.

use futures::StreamExt;
use harness::{CALLS, Client, Form, World, raw, raw_cut, raw_request};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const REQUESTS: usize = 4000;
const AT_ONCE: usize = 16;

const NAMES: [&str; 24] = [
    "meetingID",
    "meetingID",
    "name",
    "name",
    "fullName",
    "role",
    "redirect",
    "errorRedirectUrl",
    "checksum",
    "check%73um",
    "meta_x",
    "meta_%ff",
    "meta_<>",
    "isBreakout",
    "parentMeetingID",
    "meetingEndedURL",
    "welcome",
    "createTime",
    "attendeePW",
    "moderatorPW",
    "maxParticipants",
    "meta_b3lb-expected-attendees",
    "",
    "%00",
];
const VALUES: [&str; 26] = [
    "room",
    "room",
    "room",
    "+room%0a",
    "A+room",
    "Ada",
    "MODERATOR",
    "false",
    "true",
    "",
    "%",
    "%zz",
    "%ff%fe",
    "%00",
    "%0d%0aX:y",
    "%f0%9f%98%80",
    "-1",
    "NaN",
    "1e999",
    "99999999999999999999",
    "https%3a%2f%2fx.example%2f%3fa",
    "javascript:x",
    "%3c%3e%26%22%27",
    "..%2f..",
    "a,b",
    "http://[::1",
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
const BODIES: [&str; 10] = [
    "",
    "<modules/>",
    "<modules><module name=\"presentation\"><document url=\"x\"/></module></modules>",
    "<a",
    "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
    "&&&=&=",
    "meetingID=room",
    "{}",
    "\u{0}\u{1}\u{7f}",
    "%ff",
];
const PATHS: [&str; 12] = [
    "/",
    "/b3lb/ping",
    "/b3lb/t/foo/slide",
    "/b3lb/t/foo/logo",
    "/b3lb/b/meeting/end",
    "/b3lb/t/foo-999/bbb/api/join",
    "/b3lb/t/\u{fc}/css",
    "/bigbluebutton/api",
    "/b3lb/stats",
    "/b3lb/metrics",
    "/b3lb/t/foo/metrics",
    "*",
];
const HOSTS: [&str; 7] =
    ["foo.b3lb.test", "b3lb.test", "", "foo.b3lb.test:99999", "[::1]", "\u{fc}.b3lb.test", "a, b"];

/// What a request should come to.
#[derive(Debug)]
enum Sent {
    /// It is complete, so it is answered or its connection closed.
    Whole(Vec<u8>),
    /// It stops in the middle.
    Part(Vec<u8>),
}

struct Nonsense<'a> {
    rng: StdRng,
    foo: &'a Client,
}

impl Nonsense<'_> {
    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.rng.random_range(0..all.len())]
    }

    fn noise(&mut self) -> Vec<u8> {
        let length = self.rng.random_range(0..60);
        (0..length).map(|_| self.rng.random()).collect()
    }

    /// Pairs that look like those of clients, and others.
    fn query(&mut self) -> Vec<u8> {
        let mut query = Vec::new();
        for _ in 0..self.rng.random_range(0..8) {
            query.extend_from_slice(self.one_of(&NAMES).as_bytes());
            query.extend_from_slice(self.one_of(&["=", "=", "=", "=", "==", ""]).as_bytes());
            match self.rng.random_range(0..20) {
                0 => query.extend(self.noise()),
                1 => query.extend("%c3%bc".repeat(self.rng.random_range(0..4000)).bytes()),
                _ => query.extend_from_slice(self.one_of(&VALUES).as_bytes()),
            }
            query.push(b'&');
        }
        query
    }

    /// Most are signed, to get behind the checksum.
    fn signed(&mut self, call: &str) -> Vec<u8> {
        let mut query = self.query();
        let rest = query.strip_suffix(b"&").unwrap_or(&query);
        let sum = self.foo.algorithm.hex(&[call.as_bytes(), rest, self.foo.key.as_bytes()].concat());
        if self.rng.random_bool(0.9) {
            query.extend_from_slice(format!("checksum={sum}").as_bytes());
        }
        query
    }

    fn request(&mut self) -> Sent {
        let method =
            self.one_of(&["GET", "GET", "GET", "POST", "POST", "POST", "HEAD", "PUT", "get", "\u{1}"]);
        let call = match self.rng.random_range(0..6) {
            0 => self.one_of(&["", "hooks/create", "unknown", "%ff"]),
            _ => self.one_of(&CALLS),
        };
        let form = self.one_of(&[Form::Host, Form::Path, Form::Path]);
        let path = if self.rng.random_bool(0.9) {
            self.foo.by(form).path(call)
        } else {
            self.one_of(&PATHS).to_owned()
        };
        let (mut target, query) = (path.into_bytes(), self.signed(call));
        let in_body = method == "POST" && self.rng.random_bool(0.4);
        let body = if in_body {
            query
        } else {
            target.push(b'?');
            target.extend(query);
            if self.rng.random_bool(0.1) { self.noise() } else { self.one_of(&BODIES).as_bytes().to_vec() }
        };
        let content_type = if in_body { TYPES[2] } else { self.one_of(&TYPES) };
        let length = body.len().to_string();
        let (framing, body, cut) = self.framing(length, body);
        let host = if self.rng.random_bool(0.8) { HOSTS[0] } else { self.one_of(&HOSTS) };
        let mut headers = vec![("host", host), ("content-type", content_type)];
        headers.extend(framing.iter().map(|(name, value)| (*name, value.as_str())));
        for header in [
            ("x-forwarded-host", host),
            ("expect", "100-continue"),
            ("if-none-match", "*, W/\""),
            ("content-type", "x"),
            ("", "x"),
            ("a b", "\u{0}"),
        ] {
            if self.rng.random_bool(0.02) {
                headers.push(header);
            }
        }
        let request = raw_request(method, &target, &headers, &body);
        if cut || self.rng.random_bool(0.03) {
            let end = self.rng.random_range(0..=request.len());
            return Sent::Part(request[..end].to_vec());
        }
        Sent::Whole(request)
    }

    /// How the end of a body is told, rightly or not.
    fn framing(&mut self, length: String, body: Vec<u8>) -> (Vec<(&'static str, String)>, Vec<u8>, bool) {
        let chunked = || ("transfer-encoding", "chunked".to_owned());
        let chunks = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
        match self.rng.random_range(0..20) {
            0 => (vec![("content-length", "99999999999999999999".to_owned())], body, true),
            1 => (vec![("content-length", format!("{}", body.len() + 5))], body, true),
            2 => (vec![("content-length", "-1".to_owned())], body, false),
            3 => (vec![chunked()], b"zz\r\n".to_vec(), false),
            4 => (vec![chunked(), ("content-length", length)], chunks, true),
            5 if !body.is_empty() => (vec![chunked()], chunks, false),
            _ => (vec![("content-length", length)], body, false),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_brings_the_daemon_down() {
    let world = World::start(2).await;
    world.foo.create("room").await;
    let mut nonsense = Nonsense { rng: StdRng::seed_from_u64(0xB31B), foo: &world.foo };
    let requests: Vec<_> = (0..REQUESTS).map(|_| nonsense.request()).collect();
    let address = world.foo.address;
    let statuses: Vec<_> = futures::stream::iter(requests)
        .map(|request| async move {
            match request {
                Sent::Part(bytes) => {
                    raw_cut(address, &bytes).await;
                    None
                }
                Sent::Whole(bytes) => {
                    let answer = raw(address, &bytes).await?;
                    let request = String::from_utf8_lossy(&bytes).into_owned();
                    assert!(answer.status < 500, "{answer:?} to {request:?}");
                    Some(answer)
                }
            }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(async |it| it)
        .collect()
        .await;
    // That much of it gets behind the first check is what makes it worth while.
    for (key, least) in [
        ("checksumError", 100),
        ("validationError", 100),
        ("missingParamMeetingID", 100),
        ("notFound", 10),
        ("unsupportedRequest", 100),
        ("noRecordings", 10),
    ] {
        let count = statuses.iter().filter(|it| it.key() == key || it.body.contains(key)).count();
        assert!(count >= least, "{count} times {key}");
    }
    let ping = world.foo.send(world.foo.request("GET", &format!("http://{address}/b3lb/ping"))).await;
    assert_eq!((ping.status, ping.body.as_str()), (200, "OK!"));
    world.foo.create("afterwards").await;
    assert!(!world.daemon.log().contains("panicked"), "{}", world.daemon.log());
}
