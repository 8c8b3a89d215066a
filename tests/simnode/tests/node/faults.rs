//! Every fault.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use simnode::{Fault, Hash, IllFormed, Scope, SimNode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{LONG, SHORT, answer, client, get, node};

/// Starts a call and leaves it to itself; the connection stays open as long as the stream.
async fn begin(node: &SimNode, call: &str, query: &str) -> TcpStream {
    let url = node.signed_url(Hash::Sha1, call, query);
    let target = url.strip_prefix(&format!("http://{}", node.addr())).unwrap().to_owned();
    let mut stream = TcpStream::connect(node.addr()).await.unwrap();
    stream.write_all(format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await.unwrap();
    stream
}

/// Whether nothing comes for a while.
async fn silent(stream: &mut TcpStream) -> bool {
    timeout(SHORT, stream.read_u8()).await.is_err()
}

#[tokio::test]
async fn a_closed_port_refuses_and_opens_again() {
    let node = node().await;
    let mut kept = begin(&node, "getMeetings", "").await;
    kept.read_u8().await.unwrap();
    node.insert_meeting("m1", "room");
    for _ in 0..3 {
        node.refuse().await;
        let refused = TcpStream::connect(node.addr()).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        node.refuse().await;
        node.accept_again().await.unwrap();
        node.accept_again().await.unwrap();
        assert_eq!(get(&node, "getMeetings", "").await.text("meetingID"), "m1");
    }
    // The old connection has been closed, too.
    let mut rest = Vec::new();
    let _ = timeout(LONG, kept.read_to_end(&mut rest)).await.unwrap();
    node.stop().await;
    assert!(TcpStream::connect(node.addr()).await.is_err());
}

#[tokio::test]
async fn hanging_with_and_without_handling() {
    let node = node().await;
    node.fail(Fault::Hang, Scope::call("create").times(1));
    let mut hung = begin(&node, "create", "meetingID=m1").await;
    assert!(node.wait_for(LONG, |request| request.call == "create").await.is_some());
    assert!(silent(&mut hung).await);
    assert_eq!(node.meeting_count(), 0);
    assert!(get(&node, "getMeetings", "").await.success(), "another call is not concerned");

    node.fail(Fault::HandleThenHang, Scope::call("create"));
    let mut hung = begin(&node, "create", "meetingID=m2").await;
    assert!(node.wait_until(LONG, |node| node.meeting("m2").is_some()).await);
    assert!(silent(&mut hung).await);
    node.heal();
    assert_eq!(get(&node, "create", "meetingID=m2").await.key(), "duplicateWarning");
}

#[tokio::test]
async fn late_and_dripping() {
    let node = node().await;
    let delay = Duration::from_millis(80);
    node.fail(Fault::Late(delay), Scope::all().times(1));
    let start = Instant::now();
    let late = begin(&node, "create", "meetingID=m1").await;
    node.wait_for(LONG, |request| request.call == "create").await.unwrap();
    assert!(node.meeting("m1").is_none() || start.elapsed() >= delay);
    // Also for a client that has gone, the meeting is made.
    drop(late);
    assert!(node.wait_until(LONG, |node| node.meeting("m1").is_some()).await);
    assert!(start.elapsed() >= delay);

    node.fail(Fault::Drip(Duration::from_millis(1)), Scope::call("load"));
    let start = Instant::now();
    let dripped = answer(client().get(node.load_url())).await;
    assert_eq!((dripped.status, dripped.body.as_str()), (200, "0\n"));
    assert!(start.elapsed() >= Duration::from_millis(80), "the head alone has more than 80 bytes");
}

#[tokio::test]
async fn cut_and_broken() {
    let node = node().await;
    node.preload("m", 3, 2);
    node.fail(Fault::Cut, Scope::call("getMeetings").times(1));
    let url = node.signed_url(Hash::Sha1, "getMeetings", "");
    let response = client().get(&url).send().await.unwrap();
    assert!(response.status() == 200 && response.content_length().unwrap() > 1_000);
    assert!(response.bytes().await.is_err());

    node.fail(Fault::BrokenXml, Scope::call("getMeetings").times(1));
    let broken = get(&node, "getMeetings", "").await;
    let whole = get(&node, "getMeetings", "").await;
    assert!(broken.status == 200 && broken.body.len() < whole.body.len());
    assert_eq!(broken.body.matches("</").count() + 1, whole.body.matches("</").count());
    assert!(broken.body.ends_with("</response>\n"));
}

#[tokio::test]
async fn wrong_answers() {
    let node = node().await;
    node.fail(Fault::Http500, Scope::call("create").times(1));
    assert_eq!(get(&node, "create", "meetingID=m1").await.status, 500);
    node.fail(Fault::Html, Scope::call("create").times(1));
    let page = get(&node, "create", "meetingID=m1").await;
    assert!(page.status == 200 && page.content_type.starts_with("text/html"));
    node.fail(Fault::WrongSecret, Scope::all());
    assert_eq!(get(&node, "create", "meetingID=m1").await.key(), "checksumError");
    assert_eq!(node.meeting_count(), 0);
    node.heal();
    assert!(get(&node, "create", "meetingID=m1").await.success());
}

#[tokio::test]
async fn answers_without_end() {
    let node = node().await;
    node.fail(Fault::Endless, Scope::all());
    for url in [node.signed_url(Hash::Sha1, "getMeetings", ""), node.load_url()] {
        let mut response = client().get(url).send().await.unwrap();
        let (mut size, mut lines) = (0, false);
        while size < 2 << 20 {
            let chunk = response.chunk().await.unwrap().unwrap();
            lines |= chunk.contains(&b'\n');
            size += chunk.len();
        }
        assert_ne!(lines, response.url().path() == "/b3lb/load");
    }
}

#[tokio::test]
async fn load_urls() {
    let node = node().await;
    node.fail(Fault::NoLoad, Scope::all());
    assert_eq!(answer(client().get(node.load_url())).await.status, 404);
    assert!(get(&node, "getMeetings", "").await.success());
    node.fail(Fault::LoadGarbage, Scope::all());
    let garbage = answer(client().get(node.load_url())).await;
    assert!(garbage.status == 200 && garbage.body.lines().next().unwrap().parse::<u32>().is_err());
    node.heal();
    assert_eq!(answer(client().get(node.load_url())).await.body, "0\n");
}

#[tokio::test]
async fn what_is_no_xml() {
    let node = node().await;
    node.preload("m", 3, 1);
    let right = get(&node, "getMeetings", "").await;
    let flaws = IllFormed::ALL.map(|flaw| (Fault::IllFormed(flaw), "flaw"));
    for (fault, mark) in flaws.into_iter().chain([(Fault::ByteOrderMark, "\u{feff}<response>")]) {
        node.fail(fault.clone(), Scope::call("getMeetings").times(1));
        // Read as bytes: the client would take a byte order mark away.
        let url = node.signed_url(Hash::Sha1, "getMeetings", "");
        let body = client().get(url).send().await.unwrap().bytes().await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains(mark) && body.len() > right.body.len(), "{fault:?}");
        assert_eq!(body.matches("</meeting>").count(), 3, "only one meeting is concerned");
    }
    assert_eq!(get(&node, "getMeetings", "").await.body, right.body);
}

#[tokio::test]
async fn hostile_answers() {
    let node = node().await;
    node.insert_meeting("m1", "room");
    for status in [101, 204, 599, 999] {
        node.fail(Fault::Status(status), Scope::call("end").times(1));
        let mut stream = begin(&node, "end", "meetingID=no").await;
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&start), format!("HTTP/1.1 {status}"));
    }
    node.fail(Fault::Bulky(5 << 20), Scope::call("create").times(1));
    let bulky = get(&node, "create", "meetingID=m2").await;
    assert!(bulky.success() && bulky.body.len() > 5 << 20 && node.meeting("m2").is_some());
    let key = "notFound\n2026-01-01 ERROR \u{1b}[31mforged";
    node.fail(Fault::Refusal(key.to_owned(), "no".to_owned()), Scope::call("end").times(1));
    assert_eq!(get(&node, "end", "meetingID=m1").await.key(), key);
    assert!(node.meeting("m1").is_some(), "a refused end ends nothing");

    node.fail(Fault::GzipBomb(100_000), Scope::call("getMeetings").times(1));
    let url = node.signed_url(Hash::Sha1, "getMeetings", "");
    let bomb = client().get(url).send().await.unwrap();
    assert_eq!(bomb.text().await.unwrap().matches("<meeting/>").count(), 100_000);
}
