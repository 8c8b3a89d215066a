//! Paths that lead nowhere.

use harness::{World, raw, raw_request};

#[tokio::test]
async fn strange_paths_lead_nowhere() {
    let world = World::start(1).await;
    let sum = world.foo.checksum("getMeetings", "");
    let long = format!("/{}", "../".repeat(10_000));
    let paths = [
        "/",
        "//",
        "/.",
        "/..",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/b3lb",
        "/b3lb/",
        "/b3lb/t",
        "/b3lb/t/",
        "/b3lb/t/foo",
        "/b3lb/t/foo/",
        "/b3lb/t//bbb/api/getMeetings",
        "/b3lb/t/foo/bbb/api/../api/getMeetings",
        "/b3lb/t/foo/bbb/api/getMeetings%00",
        "/b3lb/t/foo/bbb/api/%67etMeetings%2f",
        "/b3lb/t/foo/bbb/api/get%ffMeetings",
        "/b3lb/t/%ff/bbb/api/getMeetings",
        "/b3lb/t/foo%00/bbb/api/getMeetings",
        "/b3lb/t/foo%2fbbb/bbb/api/getMeetings",
        "/b3lb/t/foo/..%2f..%2fslide",
        "/b3lb/t/foo/slide%00",
        "/b3lb/t/foo;x=y/bbb/api/getMeetings",
        "/bigbluebutton/API/getMeetings",
        "//bigbluebutton/api/getMeetings",
        "/bigbluebutton/api;x/getMeetings",
        "/bigbluebutton/api/getMeetings",
        "/BigBlueButton/api/getMeetings",
        "/b3lb/b/meeting",
        "/b3lb/ping%00",
        "/favicon.ico",
        "/robots.txt",
        &long,
    ];
    for path in paths {
        for method in ["GET", "POST", "PUT", "BREW"] {
            let target = format!("{path}?checksum={sum}");
            let request = raw_request(
                method,
                target.as_bytes(),
                &[("host", "nobody.example"), ("content-length", "0")],
                b"",
            );
            let answer = raw(world.foo.address, &request).await.expect("an answer");
            let case = format!("{method} {path:.80}: {answer:?}");
            assert!(!answer.body.contains("SUCCESS"), "{case}");
            let refused = (answer.status == 200 && answer.key() == "checksumError")
                || (400..500).contains(&answer.status);
            assert!(refused, "{case}");
        }
    }
    for target in
        ["*", "foo", "?", "http://", "http://foo.b3lb.test", "foo.b3lb.test:443", "/\u{fffd}", "/ /", "\\"]
    {
        for method in ["GET", "CONNECT", "OPTIONS", "", "G T", "\u{1}"] {
            let request = raw_request(method, target.as_bytes(), &[("host", "foo.b3lb.test")], b"");
            if let Some(answer) = raw(world.foo.address, &request).await {
                assert!((400..500).contains(&answer.status), "{method:?} {target:?}: {answer:?}");
            }
        }
    }
    let absolute = format!("http://foo.b3lb.test/bigbluebutton/api/getMeetings?checksum={sum}");
    let answer =
        raw(world.foo.address, &raw_request("GET", absolute.as_bytes(), &[("host", "foo.b3lb.test")], b""))
            .await;
    assert_eq!(answer.expect("an answer").key(), "noMeetings", "an absolute URL is fine");
}
