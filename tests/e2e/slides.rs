//! A tenant's slide goes into meetings whose client brings no presentation.

use harness::World;
use harness::world::soon;
use rpc::{AssetFile, AssetKind};
use simnode::MeetingState;

/// A slide of N bytes.
async fn set_slide(world: &World, name: &str, size: usize) {
    let mut content = b"%PDF-1.7\n".to_vec();
    content.resize(size, b'x');
    let base64 = base64(&content);
    let file = AssetFile { kind: AssetKind::Slide, file_name: name.into(), base64 };
    world.admin().await.asset_set(soon(), "FOO".into(), vec![file]).await.unwrap().unwrap();
}

fn base64(content: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(content)
}

fn meeting(world: &World, id: &str) -> MeetingState {
    world.nodes.iter().find_map(|node| node.meeting(id)).expect("a node has it")
}

#[tokio::test]
async fn small_ones_go_inside_large_ones_by_url() {
    let world = World::start(1).await;
    set_slide(&world, "small.pdf", 100_000).await;
    world.foo.create("small").await;
    let documents = meeting(&world, "small").documents;
    assert_eq!(documents.len(), 1);
    assert_eq!((documents[0].name.as_deref(), documents[0].url.as_deref()), (Some("small.pdf"), None));

    set_slide(&world, "large.pdf", 3_000_000).await;
    world.foo.create("large").await;
    let documents = meeting(&world, "large").documents;
    let url = documents[0].url.clone().expect("it goes by URL");
    let fetched = world.foo.send(world.foo.request("GET", &url)).await;
    assert_eq!((fetched.status, fetched.body.len()), (200, 3_000_000), "{url} is what the node fetches");
}

#[tokio::test]
async fn the_clients_own_things_are_kept() {
    let world = World::start(1).await;
    set_slide(&world, "ours.pdf", 1000).await;
    let params = |id| [("meetingID", id), ("name", "A meeting")];
    let settings = r#"<module name="clientSettingsOverride"><![CDATA[{"public":{"app":1}}]]></module>"#;
    let body = format!("<?xml version=\"1.0\"?><modules>{settings}</modules>");
    assert!(world.foo.post_xml("create", &params("settings"), &body).await.ok());
    let sent = String::from_utf8(meeting(&world, "settings").body.to_vec()).unwrap();
    assert!(sent.contains(settings) && sent.contains("ours.pdf"), "{sent}");

    let own = r#"<modules><module name="presentation"><document url="https://lms.example/own.pdf"/></module></modules>"#;
    assert!(world.foo.post_xml("create", &params("own"), own).await.ok());
    assert_eq!(meeting(&world, "own").body, own.as_bytes(), "a client's presentation stands");

    let url = ("preUploadedPresentation", "https://lms.example/pre.pdf");
    let pre = [("meetingID", "pre"), ("name", "A meeting"), url];
    assert!(world.foo.get("create", &pre).await.ok());
    assert!(meeting(&world, "pre").documents.is_empty(), "so does one by parameter");
}

#[tokio::test]
async fn a_hostile_file_name_stays_inside_its_attribute() {
    let world = World::start(1).await;
    let name = "a\"><module name='evil'>&<.pdf";
    set_slide(&world, name, 100).await;
    world.foo.create("room").await;
    let documents = meeting(&world, "room").documents;
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0].name.as_deref(), Some(name));
}
