//! The callback by which nodes say that a meeting has ended.

use harness::{Answer, Client, World, eventually};
use simnode::SimNode;

async fn call_back(foo: &Client, method: &str, query: &str) -> Answer {
    foo.send(foo.request(method, &format!("http://{}/b3lb/b/meeting/end{query}", foo.address))).await
}

/// The query of the callback URL that a node was given with a meeting.
fn query_of(node: &SimNode, id: &str) -> String {
    let meeting = node.meeting(id).expect("the node has it");
    let url = meeting.param("meetingEndedURL").expect("it came with a callback URL");
    let (base, nonce) = url.split_once("?nonce=").expect("with a nonce");
    assert!(base.ends_with("/b3lb/b/meeting/end"), "{url}");
    assert!(nonce.len() == 64 && nonce.bytes().all(|it| it.is_ascii_hexdigit()), "256 bits: {url}");
    format!("?nonce={nonce}")
}

#[tokio::test]
async fn the_callback_is_always_204() {
    let world = World::start(1).await;
    world.foo.create("room").await;
    let known = query_of(&world.nodes[0], "room");
    let unknown = format!("?nonce={}", "a".repeat(64));
    let more = format!("?recordingmarks=true&meetingID=other&{}&x=%ff", &unknown[1..]);
    let queries =
        ["", "?", "?nonce=", "?nonce=zz", "?nonce=%ff", "?other=1", &unknown, &more, &known, &known];
    for query in queries {
        let answer = call_back(&world.foo, "GET", query).await;
        assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{query}");
    }
    for method in ["POST", "HEAD", "PUT"] {
        assert_eq!(call_back(&world.foo, method, &known).await.status, 405, "{method}");
    }
}

#[tokio::test]
async fn the_nonce_ends_its_own_instance_only() {
    let world = World::start(1).await;
    let node = &world.nodes[0];
    let running =
        async |id| world.foo.get("getMeetings", &[]).await.texts("meetingID").contains(&String::from(id));
    for id in ["one", "two"] {
        world.foo.create(id).await;
    }
    let (one, two) = (query_of(node, "one"), query_of(node, "two"));
    assert_ne!(one, two, "each has a nonce of its own");

    node.forget_meeting("one");
    call_back(&world.foo, "GET", &format!("{one}&meetingID=two&recordingmarks=false")).await;
    assert!(!running("one").await && running("two").await, "gone at once, and nothing else");
    assert_eq!(world.foo.get("getMeetingInfo", &[("meetingID", "one")]).await.key(), "notFound");

    world.foo.create("one").await;
    let again = query_of(node, "one");
    assert_ne!(again, one, "a fresh nonce for a fresh instance");
    call_back(&world.foo, "GET", &one).await;
    assert!(running("one").await, "a late callback of an earlier instance touches nothing");

    world.foo.create("one").await;
    assert_eq!(query_of(node, "one"), again, "a repeated create keeps the nonce of its instance");
    node.end_meeting("one");
    eventually("the node's own callback", || async { (!running("one").await).then_some(()) }).await;
    let status = node.callbacks().iter().find(|it| it.url.ends_with(&again)).and_then(|it| it.status);
    assert!(status.is_none_or(|it| it == 204), "{status:?}");
}
