//! Nodes that speak TLS, as in production every node does.

use harness::{World, eventually};
use rpc::NodeState;
use simnode::Certificate;

use crate::support::is_listed;

const FAST: (&str, &str) = ("POLL_INTERVAL", "0.2");

async fn a_meeting_has_its_life(world: &World, id: &str) {
    let created = world.foo.create(id).await;
    assert!(world.foo.create(id).await.key() == "duplicateWarning", "{created:?}");
    let join = [("meetingID", id), ("fullName", "Ada"), ("role", "VIEWER")];
    let joined = world.foo.get("join", &join).await;
    assert!(joined.location().starts_with("https://n"), "{joined:?}");
    let xml = world.foo.get("join", &[&join[..], &[("redirect", "false")]].concat()).await;
    assert_eq!(xml.key(), "successfullyJoined", "{xml:?}");
    assert_eq!(world.hosts_of(id).len(), 1);
    let long = "x".repeat(20_000);
    let message = [("meetingID", id), ("message", "Hi"), ("userName", long.as_str())];
    assert_eq!(world.foo.post_form("sendChatMessage", &message).await.status, 200);
    assert!(world.foo.get("end", &[("meetingID", id)]).await.ok());
    is_listed(&world.foo, id, false).await;
}

#[tokio::test]
async fn meetings_live_on_nodes_that_speak_tls() {
    let world = World::start_tls(2, &[FAST]).await;
    for n in 0..4 {
        a_meeting_has_its_life(&world, &format!("room-{n}")).await;
    }
    let name = format!("n1.localhost:{}", world.nodes[0].port());
    let check = world.daemon.cli(&["node", "check", &name]).await;
    assert!(check.status.success(), "{check:?}");
}

#[tokio::test]
async fn a_bad_certificate_takes_its_node_out_and_a_new_one_brings_it_back() {
    let world = World::start_tls(2, &[FAST, ("NODE_DOWN_AFTER", "2")]).await;
    let node = &world.nodes[0];
    for kind in [Certificate::Expired, Certificate::WrongName, Certificate::UnknownIssuer] {
        node.renew_certificate(kind).unwrap();
        // Connections that are open stay as they are.
        node.refuse().await;
        node.accept_again().await.unwrap();
        world.node_state(1, NodeState::Down).await;
        let error = eventually("its certificate is the reason", || async {
            world.node_view(1).await.last_poll_error.filter(|it| it.contains("certificate"))
        })
        .await;
        assert!(!error.contains("checksum="), "{error}");
        a_meeting_has_its_life(&world, &format!("while {kind:?}")).await;
        node.renew_certificate(Certificate::Good).unwrap();
        world.node_state(1, NodeState::Up).await;
    }
    for n in 0..4 {
        a_meeting_has_its_life(&world, &format!("after-{n}")).await;
    }
}
