//! What takes memory: large bodies, packed lists.

use std::time::Duration;

use harness::{Client, World, eventually};
use rpc::NodeState;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::mutant::{Impostor, http, packed};
use super::{figure, peak_memory};
use crate::support::{joined_node, ping};

const FORM: &str = "application/x-www-form-urlencoded";
const XML: &str = "application/xml";
const MIB: usize = 1 << 20;
/// A log that does not fill the test's own memory.
pub(super) const QUIET: [(&str, &str); 1] = [("LOG", "error,b3lbd::app=info")];

/// How long each of these goes on.
pub(super) fn duration() -> Duration {
    Duration::from_secs(figure("SECONDS", 5))
}

/// A body without end, or one that stops before its end.
#[derive(Clone, Copy, Debug)]
enum Flood {
    /// Sends this number of bytes, as fast as possible.
    Announced(&'static str, usize),
    /// As fast as it goes, in chunks, without end.
    Chunked(&'static str),
    /// Sends all but the last of this number of bytes, and then nothing.
    Withheld(usize),
    /// Some bytes at a time.
    Slow(usize),
}

const FLOODS: [Flood; 8] = [
    Flood::Announced(FORM, 32 * MIB),
    Flood::Chunked(FORM),
    Flood::Withheld(MIB),
    Flood::Announced(FORM, MIB),
    Flood::Announced(XML, 32 * MIB),
    Flood::Chunked(XML),
    Flood::Slow(MIB),
    Flood::Withheld(32 * MIB),
];

/// Sends one such body until the daemon has had enough, or `until`.
async fn flood(address: std::net::SocketAddr, flood: Flood, until: Instant) -> std::io::Result<()> {
    let (content_type, framing, size) = match flood {
        Flood::Announced(content_type, size) => (content_type, format!("content-length: {size}"), size),
        Flood::Chunked(content_type) => (content_type, "transfer-encoding: chunked".to_owned(), usize::MAX),
        Flood::Withheld(size) | Flood::Slow(size) => (FORM, format!("content-length: {size}"), size - 1),
    };
    let query = if content_type == XML {
        "?meetingID=room&checksum=0123456789012345678901234567890123456789"
    } else {
        ""
    };
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "POST /b3lb/t/foo/bbb/api/create{query} HTTP/1.1\r\nhost: x\r\ncontent-type: {content_type}\r\n{framing}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let block = match flood {
        Flood::Chunked(_) => [b"10000\r\n", &*b"x".repeat(65_536), b"\r\n"].concat(),
        Flood::Slow(_) => vec![b'x'; 1000],
        Flood::Announced(..) | Flood::Withheld(_) => vec![b'x'; 65_536],
    };
    let (mut reader, mut writer) = stream.split();
    let send = async {
        let mut sent = 0;
        while sent < size {
            let part = &block[..block.len().min(size - sent)];
            writer.write_all(part).await?;
            sent += part.len();
            if matches!(flood, Flood::Slow(_)) {
                sleep(Duration::from_millis(50)).await;
            }
        }
        std::future::pending().await
    };
    let mut answer = Vec::new();
    tokio::select! {
        sent = send => sent,
        read = reader.read_to_end(&mut answer) => read.map(drop),
        () = tokio::time::sleep_until(until) => Ok(()),
    }
}

/// A client that is served all the while; how often.
pub(super) async fn is_served(world: &World, client: &Client, until: Instant) -> usize {
    let mut times = 0;
    while Instant::now() < until {
        let id = format!("room-{times}");
        client.create(&id).await;
        let again = client.post_form("create", &[("meetingID", &id), ("name", "A meeting")]).await;
        assert!(again.ok(), "{again:?}");
        assert_eq!(joined_node(client, &id).await, Some(1), "join of {id}");
        let list = client.get("getMeetings", &[]).await;
        assert!(list.ok(), "{list:?}");
        let ended = client.get("end", &[("meetingID", &id)]).await;
        assert!(ended.ok(), "{ended:?}");
        assert!(ping(world).await, "ping");
        times += 1;
    }
    assert!(times > 0);
    times
}

/// 31 MB before anything was said to the daemon became 1,907 MB.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finding_10_bodies_of_nobody_take_little_memory() {
    let world = World::start_with(1, &QUIET).await;
    let (address, until) = (world.daemon.address(), Instant::now() + duration());
    let mut floods = JoinSet::new();
    for n in 0..60 {
        floods.spawn(async move {
            let mut times = 0;
            while Instant::now() < until {
                // Half of them stay with what is withheld.
                let moves_on =
                    if n % 2 == 0 { until } else { until.min(Instant::now() + Duration::from_secs(1)) };
                // It may be refused or cut off at any point.
                let _ = flood(address, FLOODS[(n + times) % FLOODS.len()], moves_on).await;
                times += 1;
            }
            times
        });
    }
    let served = is_served(&world, &world.foo, until).await;
    let bodies: usize = floods.join_all().await.into_iter().sum();
    println!("60 connections with {bodies} bodies; others were served {served} times");
    peak_memory(&world.daemon);
}

/// A list of tiny meetings that is 31 MiB large when it is unpacked.
fn tiny_meetings() -> Vec<u8> {
    let mut list = b"<response><returncode>SUCCESS</returncode><meetings>".to_vec();
    let mut n = 0;
    while list.len() < 31 * MIB {
        list.extend_from_slice(format!("<meeting><meetingID>m{n}</meetingID></meeting>").as_bytes());
        n += 1;
    }
    list.extend_from_slice(b"</meetings></response>");
    list
}

/// One such answer was 620 MB of meetings, and 1 GB while it was read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finding_14_a_packed_list_of_tiny_meetings_takes_little_memory() {
    let world = World::start_with(1, &QUIET).await;
    let list = http(200, &[("content-encoding", "gzip")], &packed(&tiny_meetings()));
    let impostor = Impostor::start("tiny", move |question| {
        let is_list = question.call() == "getMeetings";
        let answer = if is_list { list.clone() } else { http(200, &[], b"0\n") };
        async move { answer }
    })
    .await;
    impostor.add_to(&world, "secret").await;
    eventually("a node with such a list is down", || async {
        (impostor.state(&world).await == NodeState::Down).then_some(())
    })
    .await;
    let served = is_served(&world, &world.foo, Instant::now() + duration()).await;
    println!("others were served {served} times");
    peak_memory(&world.daemon);
}
