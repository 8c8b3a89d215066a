//! Care of nodes: examined, emptied, removed.

use harness::world::soon;
use harness::{World, eventually};
use rpc::{CheckItem, ErrorCode, NodeCheck, NodeSpec, NodeState, Sensitive, Verdict};
use simnode::{Fault, Options, Scope, SimNode};

use super::{good, refused};
use crate::support::{callbacks, create, create_with_callback, one_meeting_each, settled};

fn verdict(check: &NodeCheck, item: CheckItem) -> Verdict {
    check.findings.iter().find(|it| it.item == item).unwrap().verdict
}

#[tokio::test]
async fn a_check_says_which_step_fails() {
    let world = World::start(1).await;
    let admin = world.admin().await;
    let node = &world.nodes[0];
    let check = || async { good(admin.node_check(soon(), "n1".into()).await) };
    let well = check().await;
    assert!(well.good, "{well:?}");
    assert_eq!(well.bbb_version.as_deref(), Some("3.0.10"));
    assert!(well.latency_ms.is_some() && well.clock_ahead_seconds.is_some_and(|it| it.abs() <= 2));
    assert_eq!(well.findings.len(), 8);
    assert_eq!(verdict(&well, CheckItem::Tls), Verdict::Skipped);

    for (fault, scope, item, expected) in [
        (Fault::WrongSecret, Scope::all(), CheckItem::Secret, Verdict::Bad),
        (Fault::NoLoad, Scope::all(), CheckItem::Load, Verdict::Warning),
        (Fault::LoadGarbage, Scope::all(), CheckItem::Load, Verdict::Warning),
        (Fault::Html, Scope::call("getMeetings"), CheckItem::Secret, Verdict::Bad),
        (Fault::Hang, Scope::all(), CheckItem::Api, Verdict::Bad),
        (Fault::Html, Scope::all(), CheckItem::Api, Verdict::Bad),
    ] {
        node.fail(fault.clone(), scope);
        let ill = check().await;
        assert_eq!(verdict(&ill, item), expected, "{fault:?} {ill:?}");
        assert_eq!(ill.good, expected != Verdict::Bad, "{fault:?}");
        node.heal();
    }
    node.refuse().await;
    let gone = check().await;
    assert_eq!(
        (verdict(&gone, CheckItem::Dns), verdict(&gone, CheckItem::Tcp)),
        (Verdict::Good, Verdict::Bad)
    );
    assert_eq!(verdict(&gone, CheckItem::Secret), Verdict::Skipped);
    refused(admin.node_check(soon(), "n9".into()).await, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_check_sees_clocks_names_and_secrets_that_are_wrong() {
    let world = World::start(0).await;
    let admin = world.admin().await;
    let late = SimNode::start(Options { clock_ahead: -120, ..Options::default() }).await.unwrap();
    for (slug, domain, secret) in [
        ("late", format!("localhost:{}", late.port()), late.secret()),
        ("nowhere", "invalid".to_owned(), "s".to_owned()),
    ] {
        let spec = NodeSpec {
            slug: slug.into(),
            domain: Some(domain),
            cluster: "c".into(),
            secret: Sensitive::from(secret),
            active: false,
        };
        good(admin.node_add(soon(), spec).await);
    }
    let check = good(admin.node_check(soon(), "late".into()).await);
    assert_eq!(verdict(&check, CheckItem::Clock), Verdict::Warning);
    assert!(
        check.good && check.clock_ahead_seconds.is_some_and(|it| (-122..=-118).contains(&it)),
        "{check:?}"
    );
    let check = good(admin.node_check(soon(), "nowhere".into()).await);
    assert_eq!(verdict(&check, CheckItem::Dns), Verdict::Bad);
}

#[tokio::test]
async fn evacuation_ends_what_can_be_ended_and_names_the_rest() {
    let world = World::start(2).await;
    let rooms = one_meeting_each(&world).await;
    let admin = world.admin().await;
    world.nodes[0].fail(Fault::Http500, Scope::call("end"));
    let failed = good(admin.node_evacuate(soon(), "n1".into()).await);
    assert_eq!((failed.ended, failed.failed.len()), (0, 1));
    assert!(failed.failed[0].starts_with(&format!("{} of FOO-000: ", rooms[0])), "{failed:?}");
    world.nodes[0].heal();
    assert_eq!(good(admin.node_evacuate(soon(), "n1".into()).await).ended, 1);
    assert!(world.hosts_of(&rooms[0]).is_empty() && world.hosts_of(&rooms[1]) == [2]);
}

/// A node that never comes back can be forgotten with all that was bound to it.
#[tokio::test]
async fn a_dead_node_can_be_removed_by_force() {
    let world = World::start(2).await;
    let client = "http://192.0.2.1/ended";
    assert!(create_with_callback(&world.foo, "room", client).await.ok());
    let host = settled(&world, "room").await;
    let name = format!("n{host}");
    world.nodes[host - 1].stop().await;
    world.node_state(host, NodeState::Down).await;
    let admin = world.admin().await;
    let error = refused(admin.node_rm(soon(), name.clone(), false).await, ErrorCode::Conflict);
    assert!(error.message.contains("has 1 meeting") && error.hint.unwrap().contains("--force"));
    good(admin.node_rm(soon(), name.clone(), true).await);
    refused(admin.node_show(soon(), name).await, ErrorCode::NotFound);
    assert!(create(&world.foo, "room").await.ok(), "it is placed again");
    eventually("the end is told", || async { (callbacks(&world) == [client]).then_some(()) }).await;
}

#[tokio::test]
async fn details_have_an_hour_and_the_parts_of_the_load() {
    let world = World::start(1).await;
    let admin = world.admin().await;
    world.foo.create("room").await;
    world.nodes[0].set_attendees("room", 7);
    world.nodes[0].set_cpu(5000);
    let details = eventually("a poll sees it", || async {
        let details = good(admin.node_details(soon(), "n1".into()).await);
        (details.node.attendees == Some(7) && details.node.cpu == Some(5000)).then_some(details)
    })
    .await;
    assert_eq!((details.parts.attendees, details.parts.meetings), (7.0, 30.0));
    // 5000 / 6 * (0.5 + 0.5^2 + ... + 0.5^6)
    assert!((details.parts.cpu - 820.3).abs() < 0.1, "{:?}", details.parts);
    let last = details.history.last().unwrap();
    assert_eq!((last.1, last.2, last.3), (details.node.load, 7, Some(5000)));
    assert_eq!((details.bound, details.bound_attendees, details.misses), (1, 7, 0));
    assert!(details.rank.is_some() && details.history.len() > 1);
}

#[tokio::test]
async fn status_tells_what_is_wrong() {
    let world = World::start(2).await;
    let admin = world.admin().await;
    world.foo.create("room").await;
    let status = good(admin.status(soon()).await);
    assert!(status.healthy && status.problems.is_empty(), "{status:?}");
    assert_eq!((status.nodes.up, status.nodes.total, status.meetings, status.tenants), (2, 2, 1, 1));
    assert!(status.store.writable && status.store.bytes > 0 && status.started_at.ends_with('Z'));
    world.nodes[1].refuse().await;
    world.node_state(2, NodeState::Down).await;
    let status = good(admin.status(soon()).await);
    let kinds: Vec<_> = status.problems.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [rpc::ProblemKind::NodeDown]);
    assert!(status.last_errors.last().is_some_and(|it| it.subject.starts_with("node n2.")), "{status:?}");
    eventually("requests are counted", || async {
        world.foo.get("getMeetings", &[]).await;
        (good(admin.status(soon()).await).rates.requests > 0.0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn links_to_api_mate() {
    let world = World::start(1).await;
    let admin = world.admin().await;
    let link = good(admin.api_mate(soon(), "FOO".into()).await);
    let begin = "https://mconf.github.io/api-mate/#server=https%3A%2F%2Ffoo.b3lb.test%2Fbigbluebutton%2F&sharedSecret=";
    assert!(link.reveal().starts_with(begin), "{}", link.reveal());
    let link = good(admin.api_mate(soon(), "n1".into()).await);
    assert!(link.reveal().ends_with(&format!("sharedSecret={}", world.nodes[0].secret())));
    let error = refused(admin.api_mate(soon(), "nope".into()).await, ErrorCode::NotFound);
    assert_eq!(error.message, "tenant, secret or node nope does not exist");
}
