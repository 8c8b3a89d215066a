//! Checksums, the version, the load URL and HTTP itself.

use simnode::{Hash, Options, SimNode};

use crate::client::{LONG, answer, client, get, node, post, raw};

#[tokio::test]
async fn checksums() {
    let node = node().await;
    for hash in Hash::ALL {
        assert!(answer(client().get(node.signed_url(hash, "getMeetings", ""))).await.success(), "{hash:?}");
        let upper = hash.checksum("getMeetings", "a=%20+", &node.secret()).to_uppercase();
        let url = format!("{}getMeetings?checksum={upper}&a=%20+", node.api_url());
        assert!(answer(client().get(url)).await.success());
    }
    for query in ["", "checksum=", "checksum=abc", &format!("checksum={}", "0".repeat(40))] {
        let refused = answer(client().get(format!("{}getMeetings?{query}", node.api_url()))).await;
        assert_eq!((refused.status, refused.text("returncode")), (200, "FAILED"));
        assert_eq!((refused.key(), refused.text("message")), ("checksumError", "Checksums do not match"));
    }
    let old = node.signed_url(Hash::Sha1, "getMeetings", "");
    node.set_secret("new");
    assert_eq!(answer(client().get(old)).await.key(), "checksumError");
    assert!(get(&node, "getMeetings", "").await.success());
}

#[tokio::test]
async fn version_load_and_strangers() {
    let node = node().await;
    let base = format!("http://{}", node.addr());
    let api = ["/bigbluebutton/api", "/bigbluebutton/api/", "/bigbluebutton/api?checksum=wrong"];
    for path in api.into_iter().chain(["/bigbluebutton", "/bigbluebutton/", "//bigbluebutton//api//"]) {
        let version = answer(client().get(format!("{base}{path}"))).await;
        assert!(version.success());
        assert_eq!((version.text("version"), version.text("apiVersion")), ("2.0", "2.0"));
        assert!(version.text("bbbVersion").starts_with("3.0"));
    }
    node.set_cpu(4_200);
    assert_eq!(answer(client().get(node.load_url())).await.body, "4200\n");
    node.set_cpu(99_999);
    assert_eq!((node.cpu(), answer(client().get(node.load_url())).await.body.as_str()), (10_000, "10000\n"));
    assert_eq!(answer(client().get(format!("{base}/favicon.ico"))).await.status, 404);
}

#[tokio::test]
async fn versions() {
    for (version, graphql, internal_ids) in
        [("2.5.16", false, false), ("2.7.3", false, true), ("4.0.0", true, true)]
    {
        let node = SimNode::start(Options::of_version(version)).await.unwrap();
        let answer = answer(client().get(format!("http://{}/bigbluebutton/api", node.addr()))).await;
        assert_eq!(answer.text("bbbVersion"), version);
        assert_eq!(answer.body.contains("<graphqlApiUrl>"), graphql, "{version}");
        let internal = node.insert_meeting("m1", "room").internal_id;
        let info = get(&node, "getMeetingInfo", &format!("meetingID={internal}")).await;
        assert_eq!(info.success(), internal_ids, "{version}");
    }
}

#[tokio::test]
async fn long_request_lines_and_large_bodies() {
    let options = Options { request_line: None, ..Options::default() };
    let node = SimNode::start(options).await.unwrap();
    let query = format!("meetingID=m1&name=room&welcome={}", "w".repeat(127 << 10));
    let checksum = Hash::Sha1.checksum("create", &query, &node.secret());
    let request = format!(
        "GET /bigbluebutton/api/create?{query}&checksum={checksum} HTTP/1.1\r\nConnection: close\r\n\r\n"
    );
    assert!(raw(&node, request.as_bytes()).await.contains("<returncode>SUCCESS"));
    let too_long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(256 << 10));
    assert!(raw(&node, too_long.as_bytes()).await.starts_with("HTTP/1.1 431 "));

    let body = format!(
        r#"<modules><module name="presentation"><document name="x.pdf">{}</document></module></modules>"#,
        "A".repeat(20 << 20)
    );
    let made = post(&node, "create", "meetingID=m2&name=room", &body).await;
    assert!(made.success());
    assert_eq!(node.meeting("m2").unwrap().documents[0].inline, 20 << 20);
    let huge = "POST /bigbluebutton/api/create HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n";
    assert!(raw(&node, huge.as_bytes()).await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test]
async fn connections_are_kept_and_clients_asked_to_go_on() {
    let node = node().await;
    let get = "GET /b3lb/load HTTP/1.1\r\n\r\n";
    let last = "GET /b3lb/load HTTP/1.1\r\nConnection: close\r\n\r\n";
    let all = raw(&node, format!("{get}{get}{last}").as_bytes()).await;
    assert_eq!(all.matches("HTTP/1.1 200 OK").count(), 3);
    let head = raw(&node, b"HEAD /b3lb/load HTTP/1.0\r\n\r\n").await;
    assert!(head.contains("Content-Length: 2\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(raw(&node, b"garbage\r\n\r\n").await.starts_with("HTTP/1.1 400 "));
    let post = "POST /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    let all = raw(&node, post.as_bytes()).await;
    assert!(all.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 "), "{all}");
    let kept = node.wait_for(LONG, |request| request.method == "POST").await.unwrap();
    assert_eq!(
        (kept.call.as_str(), &kept.body[..], kept.header("expect")),
        ("x", &b"ok"[..], Some("100-continue"))
    );
}

#[tokio::test]
async fn limits_of_the_web_server() {
    let options = Options { max_body: Options::NGINX_BODY, ..Options::default() };
    let node = SimNode::start(options).await.unwrap();
    let line = |length: usize| {
        let frame = "GET / HTTP/1.1".len();
        format!("GET /{} HTTP/1.1\r\nConnection: close\r\n\r\n", "x".repeat(length - frame))
    };
    assert!(raw(&node, line(8 << 10).as_bytes()).await.starts_with("HTTP/1.1 404 "));
    let long = raw(&node, line((8 << 10) + 1).as_bytes()).await;
    assert!(long.starts_with("HTTP/1.1 414 Request-URI Too Large\r\n"), "{long}");
    assert!(long.contains("<center>nginx</center>"));

    let size = |size: usize| format!("<modules>{}</modules>", " ".repeat(size - 19));
    assert!(post(&node, "create", "meetingID=m1", &size(1 << 20)).await.success());
    let refused = post(&node, "create", "meetingID=m2", &size((1 << 20) + 1)).await;
    assert!(refused.status == 413 && refused.body.contains("413 Request Entity Too Large"));
    assert_eq!(node.meeting_count(), 1);
}

#[tokio::test]
async fn paths_with_more_slashes() {
    let node = node().await;
    let url = node.signed_url(Hash::Sha1, "create", "meetingID=m1");
    for path in ["api//create", "api/create/", "/api//create//"] {
        let answer = answer(client().get(url.replace("api/create", path))).await;
        assert!(answer.success(), "{path}: {}", answer.body);
    }
    assert_eq!((node.count("create"), node.meeting_count()), (3, 1));
    let other = answer(client().get(url.replace("api/create", "apix/create"))).await;
    assert_eq!(other.status, 404);
}
