//! Browsers and nodes on slow lines.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use harness::World;
use harness::world::soon;
use rpc::{AssetFile, AssetKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::memory::{QUIET, duration, is_served};
use super::peak_memory;

/// Each of 40 readers had a copy of 30 MB of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finding_11_slow_readers_of_a_slide_share_its_memory() {
    let mut world = World::start_with(1, &QUIET).await;
    let mut content = b"%PDF-1.7\n".to_vec();
    content.resize(30_000_000, b'x');
    let base64 = STANDARD.encode(&content);
    let file = AssetFile { kind: AssetKind::Slide, file_name: "slide.pdf".into(), base64 };
    world.admin().await.asset_set(soon(), "FOO".into(), vec![file]).await.unwrap().unwrap();
    // The peak is counted from here.
    assert_eq!(world.daemon.terminate().await, Some(0));
    world.daemon.start_again().await;
    world.all_up().await;

    let (address, until) = (world.daemon.address(), Instant::now() + duration());
    let mut readers = JoinSet::new();
    for _ in 0..40 {
        readers.spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("the front end listens");
            stream.write_all(b"GET /b3lb/t/foo/slide HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("it reads");
            let mut block = vec![0; 16 * 1024];
            let mut size = 0;
            while Instant::now() < until {
                let read = timeout_at(until, stream.read(&mut block)).await;
                size += read.map_or(0, |it| it.expect("the slide goes on"));
                sleep(Duration::from_millis(100)).await;
            }
            size
        });
    }
    let served = is_served(&world, &world.foo, until).await;
    let read: usize = readers.join_all().await.into_iter().sum();
    assert!(read > 0, "they read");
    println!("40 slow readers of {read} bytes; others were served {served} times");
    peak_memory(&world.daemon);
}
