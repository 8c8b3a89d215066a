//! Who may connect, and who is dropped.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use harness::daemon::binary;
use harness::world::soon;
use harness::{World, eventually};
use rpc::{AdminRequest, Page};
use tarpc::{ClientMessage, Request};
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::process::Command;

use super::good;
use crate::support::create;

/// A process of another user, who is not in the group of the socket, cannot open it.
#[tokio::test]
async fn another_user_cannot_open_the_socket() {
    let world = World::start(0).await;
    let socket = world.daemon.socket();
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o660);
    let uid = std::fs::metadata(&socket).map(|it| std::os::unix::fs::MetadataExt::uid(&it)).unwrap();
    if uid != 0 {
        // Only root can become somebody else; the mode above is all that can be seen here.
        return;
    }
    // The way to the socket is open, so that the socket itself decides.
    std::fs::set_permissions(world.folder(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = world.folder().join("b3lb-cli");
    std::fs::copy(binary("b3lb-cli"), &program).unwrap();
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .args(["--connect", &format!("unix:{}", socket.display()), "node", "list"])
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with(&format!("error: no permission to open {}", socket.display())), "{said}");
}

/// A tool that asks and asks but never reads is dropped, with the reason in the log; meanwhile all others
/// are served.
#[tokio::test]
async fn who_does_not_read_is_dropped() {
    let world = World::start(1).await;
    good(world.admin().await.secret_add_range(soon(), "FOO".into(), 1, 400).await);
    let mut stream = UnixStream::connect(world.daemon.socket()).await.unwrap();
    let request = |id: u64| {
        let message = AdminRequest::SecretList { tenant: None, page: Page::default() };
        let request = Request { context: rpc_client::deadline(Duration::from_mins(5)), id, message };
        let text = serde_json::to_string(&ClientMessage::Request(request)).unwrap();
        let mut frame = u32::try_from(text.len()).unwrap().to_be_bytes().to_vec();
        frame.extend(text.as_bytes());
        frame
    };
    let asking = async {
        for id in 0.. {
            if stream.write_all(&request(id)).await.is_err() {
                return;
            }
        }
    };
    let others = async {
        for n in 0..20 {
            assert!(create(&world.foo, &format!("room-{n}")).await.ok());
            assert_eq!(good(world.admin().await.node_list(soon(), Page::default()).await).rows.len(), 1);
        }
        eventually("it is dropped with a reason", || async {
            world
                .daemon
                .log()
                .lines()
                .any(|it| it.contains("an admin connection was dropped") && it.contains("has not read"))
                .then_some(())
        })
        .await;
    };
    let both = async { tokio::join!(asking, others) };
    tokio::time::timeout(Duration::from_mins(2), both).await.expect("it is dropped in time");
}
