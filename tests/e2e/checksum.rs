//! Who is believed: checksums in every spelling that BBB takes, and in none other.

use harness::{
    Algorithm, Answer, Client, Form, RawAnswer, STYLES, Via, World, raw, raw_request, world::soon,
};

const FORM: &str = "application/x-www-form-urlencoded";
const CALL: &str = "getMeetings";

/// Calls that are answered in full.
const ANSWERED: [&str; 10] = [
    "create",
    "isMeetingRunning",
    "end",
    "getMeetingInfo",
    "insertDocument",
    "sendChatMessage",
    "setConfigXML",
    "getMeetings",
    "getRecordings",
    "getRecordingTextTracks",
];

/// A call with `query` as it is, in a way that a client may choose.
async fn with_query(client: &Client, via: Via, call: &str, query: &str) -> Answer {
    let url = client.url(call);
    let request = match via {
        Via::Get => client.request("GET", &format!("{url}?{query}")),
        Via::PostQuery => client.request("POST", &format!("{url}?{query}")),
        Via::PostForm => client.request("POST", &url).header("content-type", FORM).body(query.to_owned()),
    };
    client.send(request).await
}

/// A POST of a signed call with a body.
async fn with_body(client: &Client, call: &str, content_type: Option<&str>, body: &str) -> Answer {
    let url = client.signed_url(call, &[("meetingID", "room"), ("name", "A room")]);
    let request = client.request("POST", &url).body(body.to_owned());
    let request = content_type.iter().fold(request, |request, it| request.header("content-type", *it));
    client.send(request).await
}

fn believed(answer: &Answer) -> bool {
    answer.key() == "noMeetings"
}

#[tokio::test]
async fn every_algorithm_is_believed_wherever_the_checksum_stands() {
    let world = World::start(0).await;
    for algorithm in Algorithm::ALL {
        for (form, via) in STYLES {
            let foo = world.foo.by(form).with(algorithm);
            for query in ["a=1&b=2", "b=2&a=1", "a=%41+%20~*'()&ü=%c3%BC", "a&b=&=c", "checksum2=a"] {
                // What of the query is encoded on its way is signed as it is sent.
                let query = &query.replace('ü', "%C3%BC").replace('\'', "%27");
                let sum = foo.checksum(CALL, query);
                let parts: Vec<_> = query.split('&').collect();
                for sum in [sum.clone(), sum.to_uppercase()] {
                    for at in 0..=parts.len() {
                        let mut parts = parts.clone();
                        let checksum = format!("checksum={sum}");
                        parts.insert(at, &checksum);
                        let query = parts.join("&");
                        let answer = with_query(&foo, via, CALL, &query).await;
                        assert!(believed(&answer), "{algorithm:?} {form:?} {via:?} {query}: {answer:?}");
                    }
                }
            }
            let alone = format!("checksum={}", foo.checksum(CALL, ""));
            assert!(
                believed(&with_query(&foo, via, CALL, &alone).await),
                "{algorithm:?} {form:?} {via:?} alone"
            );
        }
    }
}

#[tokio::test]
async fn values_that_look_like_checksums_are_values() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    for via in [Via::Get, Via::PostQuery, Via::PostForm] {
        for name in ["welcome", "my-checksum", "checksum2", "Checksum", "meta_checksum"] {
            let inner = world.foo.checksum("sendChatMessage", "checksum=x");
            for value in ["checksum=abc", "&checksum=abc", "a&checksum=abc&b=c", &format!("checksum={inner}")]
            {
                let params = [("meetingID", "room"), ("message", value), (name, value)];
                let answer = world.foo.call(via, "sendChatMessage", &params).await;
                assert!(answer.ok(), "{via:?} {name}={value}: {answer:?}");
            }
        }
        // The text as it is, not encoded: a value goes on to the next `&`.
        let query = "meetingID=room&message=checksum=abc";
        let query = format!("{query}&checksum={}", world.foo.checksum("sendChatMessage", query));
        assert!(with_query(&world.foo, via, "sendChatMessage", &query).await.ok(), "{via:?}");
        let chat = world.nodes[0].meeting("room").expect("it lives").chat;
        assert_eq!(chat.last().map(String::as_str), Some("checksum=abc"), "{via:?}");
    }
}

/// Queries for `getMeetings` that must not be believed.
fn wrong_queries(foo: &Client, bar: &Client) -> Vec<String> {
    let sum = |call, query| foo.checksum(call, query);
    let good = sum(CALL, "a=1");
    let mut flipped = good.clone().into_bytes();
    flipped[0] = if flipped[0] == b'0' { b'1' } else { b'0' };
    let flipped = String::from_utf8_lossy(&flipped).into_owned();
    vec![
        String::new(),
        "a=1".to_owned(),
        "a=1&checksum".to_owned(),
        "a=1&checksum=".to_owned(),
        format!("a=1&checksum={flipped}"),
        format!("a=1&checksum={}", &good[..good.len() - 1]),
        format!("a=1&checksum={}", &good[..40]),
        format!("a=1&checksum={good}00"),
        format!("a=1&checksum={}", "z".repeat(64)),
        format!("a=1&checksum=%{good}"),
        format!("a=1&Checksum={good}"),
        format!("a=1&checksum={}", sum("create", "a=1")),
        format!("a=1&checksum={}", sum("", "a=1")),
        format!("a=1&checksum={}", sum(CALL, "")),
        format!("a=1&checksum={}", sum(CALL, "a=2")),
        format!("a=1&checksum={}", sum(CALL, "a=%31")),
        format!("a=1&b=2&checksum={good}"),
        format!("a=1&checksum={}", bar.checksum(CALL, "a=1")),
        format!("a=1&checksum={}", foo.with_key("").checksum(CALL, "a=1")),
        // Twice, in every spelling and order.
        format!("a=1&checksum={good}&checksum={good}"),
        format!("checksum={good}&a=1&checksum={good}"),
        format!("a=1&checksum={good}&checksum="),
        format!("a=1&checksum={good}&check%73um={good}"),
        format!("check%73um={flipped}&a=1&checksum={good}"),
        format!("a=1&%63%68%65%63%6b%73%75%6d=&checksum={good}"),
        format!("a=1&checksum={good}&check%73um={}", sum(CALL, &format!("a=1&checksum={good}"))),
    ]
}

#[tokio::test]
async fn what_is_not_signed_is_refused_in_the_same_words_for_everybody() {
    let world = World::start(0).await;
    let bar = world.add_tenant("BAR").await;
    let nobody = world.foo.under("nobody");
    let sub = world.foo.under("foo-012");
    let mut answers: Vec<RawAnswer> = Vec::new();
    for query in wrong_queries(&world.foo, &bar) {
        for client in [&world.foo, &nobody, &sub] {
            for (form, via) in STYLES {
                let answer =
                    raw(client.address, &request(client, form, via, CALL, &query)).await.expect("an answer");
                let case = format!("{query} of {} {form:?} {via:?}: {answer:?}", client.label);
                assert_eq!((answer.status, answer.key()), (200, "checksumError"), "{case}");
                assert!(
                    answer.body.contains("<message>You did not pass the checksum security check</message>"),
                    "{case}"
                );
                answers.push(answer);
            }
        }
    }
    // A good checksum of nobody, and calls that do not exist or are not offered.
    for call in [CALL, "create", "unknown", "publishRecordings", "getRecordingTextTracks"] {
        for client in [&nobody, &sub] {
            for (form, via) in STYLES {
                let query = format!("checksum={}", client.checksum(call, ""));
                answers.extend(raw(client.address, &request(client, form, via, call, &query)).await);
                answers
                    .extend(raw(client.address, &request(&world.foo, form, via, call, "checksum=x")).await);
            }
        }
    }
    let first = answers[0].clone();
    for answer in answers {
        assert_eq!(answer, first, "status, headers and body are the same, byte by byte");
    }
}

/// A request as a client sends it, without what a library adds.
fn request(client: &Client, form: Form, via: Via, call: &str, query: &str) -> Vec<u8> {
    let (host, path) = (client.host(), client.by(form).path(call));
    let target = format!("{path}?{query}");
    let host = ("host", host.as_str());
    match via {
        Via::Get => raw_request("GET", target.as_bytes(), &[host], b""),
        Via::PostQuery => raw_request("POST", target.as_bytes(), &[host, ("content-length", "0")], b""),
        Via::PostForm => {
            let length = query.len().to_string();
            let headers = [host, ("content-type", FORM), ("content-length", &length)];
            raw_request("POST", path.as_bytes(), &headers, query.as_bytes())
        }
    }
}

#[tokio::test]
async fn parameters_in_two_places_are_refused() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    let node = &world.nodes[0];
    node.clear_requests();
    for call in ANSWERED {
        for form in [Form::Host, Form::Path] {
            let foo = world.foo.by(form);
            for content_type in
                [FORM, "application/x-www-form-urlencoded;charset=UTF-8", "APPLICATION/X-WWW-FORM-URLENCODED"]
            {
                for body in ["a=b", "meetingID=other", "&", &format!("checksum={}", foo.checksum(call, ""))] {
                    let answer = with_body(&foo, call, Some(content_type), body).await;
                    let case = format!("{call} {form:?} with {content_type} {body}: {answer:?}");
                    assert_eq!((answer.status, answer.key().as_str()), (200, "checksumError"), "{case}");
                }
            }
        }
        assert!(call == CALL || node.count(call) == 0, "{call} reaches no node");
    }
}

#[tokio::test]
async fn an_empty_form_body_is_no_body() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    for (call, key) in
        [("create", "duplicateWarning"), ("end", "sentEndMeetingRequest"), ("getRecordings", "noRecordings")]
    {
        let answer = with_body(&world.foo, call, Some(FORM), "").await;
        assert_eq!(answer.key(), key, "{call}: {answer:?}");
    }
    let nothing = with_query(&world.foo, Via::PostForm, CALL, "").await;
    assert_eq!(nothing.key(), "checksumError", "neither a query nor a body");
    let question_mark = world.foo.request("POST", &format!("{}?", world.foo.url(CALL)));
    let body = format!("checksum={}", world.foo.checksum(CALL, ""));
    let answer = world.foo.send(question_mark.header("content-type", FORM).body(body)).await;
    assert!(answer.ok(), "an empty query is none: {answer:?}");
}

#[tokio::test]
async fn bodies_are_xml_or_refused() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    let (xml, key) = ("<modules/>", "unsupportedContentType");
    for call in ANSWERED {
        for content_type in [
            "multipart/form-data; boundary=x",
            "application/json",
            "text/plain",
            "application/xml2",
            "",
            "xml",
        ] {
            for body in [xml, r#"{"meetingID":"other"}"#] {
                let answer = with_body(&world.foo, call, Some(content_type), body).await;
                let case = format!("{call} with {content_type:?}: {answer:?}");
                assert_eq!((answer.status, answer.key().as_str()), (200, key), "{case}");
            }
            let empty = with_body(&world.foo, call, Some(content_type), "").await;
            assert_ne!(empty.key(), key, "{call} with {content_type:?} and no body: {empty:?}");
            if call == "end" {
                world.foo.create("room").await;
            }
        }
        for content_type in
            [None, Some("application/xml"), Some("text/xml"), Some("Application/XML; charset=utf-8")]
        {
            let answer = with_body(&world.foo, call, content_type, xml).await;
            assert_ne!(answer.key(), key, "{call} with {content_type:?}: {answer:?}");
            if call == "end" {
                world.foo.create("room").await;
            }
        }
    }
}

#[tokio::test]
async fn a_body_is_read_for_a_believed_query_only() {
    let world = World::start(0).await;
    // Bodies are announced and never come: without looking at the checksum first there would be no answer.
    for (checksum, status, key) in
        [("wrong".to_owned(), 200, "checksumError"), (world.foo.checksum(CALL, ""), 413, "")]
    {
        let target = format!("{}?checksum={checksum}", world.foo.path(CALL));
        let headers = [("host", "x"), ("content-type", "application/xml"), ("content-length", "99999999999")];
        let request = raw_request("POST", target.as_bytes(), &headers, b"");
        let answer = raw(world.foo.address, &request).await.expect("an answer");
        assert_eq!((answer.status, answer.key()), (status, key), "{answer:?}");
    }
}

#[tokio::test]
async fn algorithms_can_be_switched_off() {
    let world = World::start_with(0, &[("ALLOWED_SHA_ALGORITHMS", "sha256,sha512")]).await;
    for algorithm in Algorithm::ALL {
        let allowed = matches!(algorithm, Algorithm::Sha256 | Algorithm::Sha512);
        for (form, via) in STYLES {
            let answer = world.foo.by(form).with(algorithm).call(via, CALL, &[]).await;
            assert_eq!(believed(&answer), allowed, "{algorithm:?} {form:?} {via:?}: {answer:?}");
            assert_eq!(answer.key() == "checksumError", !allowed, "{algorithm:?} {form:?} {via:?}");
        }
    }
}

#[tokio::test]
async fn a_rollover_takes_both_keys_until_the_old_one_is_dropped() {
    let world = World::start(1).await;
    for (name, client) in [("FOO", world.foo.clone()), ("FOO-012", world.add_secret("FOO", 12).await)] {
        let admin = world.admin().await;
        let both = async |old: bool, new: bool, second: &Client, when: &str| {
            for algorithm in Algorithm::ALL {
                for (form, via) in STYLES {
                    for (key, expected) in [(&client, old), (second, new)] {
                        let answer = key.by(form).with(algorithm).call(via, CALL, &[]).await;
                        assert_eq!(
                            believed(&answer),
                            expected,
                            "{name} {when} {algorithm:?} {form:?} {via:?}"
                        );
                    }
                }
            }
        };
        let rotated = admin.secret_rotate(soon(), name.into()).await.unwrap().unwrap();
        let second = client.with_key(rotated.secret.reveal());
        assert_ne!(second.key, client.key);
        both(true, true, &second, "after rotate").await;
        let promoted = admin.secret_promote(soon(), name.into()).await.unwrap().unwrap();
        assert_eq!(promoted.secret.reveal(), second.key, "{name}");
        both(true, true, &second, "after promote").await;
        admin.secret_drop_second(soon(), name.into()).await.unwrap().unwrap();
        both(false, true, &second, "after drop-second").await;
    }
}
