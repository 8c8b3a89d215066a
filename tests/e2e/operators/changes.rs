//! Changes that meet: one wins, the others are told.

use std::collections::BTreeSet;

use futures::future::join_all;
use harness::World;
use harness::world::soon;
use rpc::{
    ClusterChange, ErrorCode, GroupChange, NodeChange, Page, SecretChange, SecretSpec, Sensitive,
    TenantChange,
};

use super::{good, refused};
use crate::monitoring::fetch;

/// Many operators give a tenant two limits each, at once: who wins wins both, all others have a conflict or
/// come later, and nothing is ever mixed.
#[tokio::test]
async fn two_operators_at_once_are_never_mixed() {
    let world = World::start(0).await;
    let mut admins = Vec::new();
    for _ in 0..8 {
        admins.push(world.admin().await);
    }
    let mut conflicts = 0;
    for round in 0..20_u32 {
        let set = admins.iter().zip(1..).map(|(admin, n)| {
            let limit = Some(round * 100 + n);
            let change =
                TenantChange { attendee_limit: limit, meeting_limit: limit, ..TenantChange::default() };
            admin.tenant_set(soon(), "FOO".into(), change)
        });
        let mut won = BTreeSet::new();
        for answer in join_all(set).await {
            match answer.unwrap() {
                Ok(view) => {
                    won.insert(view.meeting_limit);
                }
                Err(error) => {
                    assert_eq!(error.code, ErrorCode::Conflict, "{error:?}");
                    assert!(error.message.contains("tenant FOO was changed by somebody else"), "{error}");
                    conflicts += 1;
                }
            }
        }
        let now = good(admins[0].tenant_show(soon(), "FOO".into()).await);
        assert_eq!(now.attendee_limit, now.meeting_limit, "mixed");
        assert!(won.contains(&now.meeting_limit), "{won:?} {now:?}");
    }
    assert!(conflicts > 0, "160 changes of the same tenant by eight at once never met");
}

/// Of many who rotate a key at once one gets a key that works, and nobody a key that does not.
#[tokio::test]
async fn one_of_many_rotates_a_key() {
    let world = World::start(1).await;
    let mut admins = Vec::new();
    for _ in 0..8 {
        admins.push(world.admin().await);
    }
    let rotate = admins.iter().map(|it| it.secret_rotate(soon(), "FOO".into()));
    let mut keys = Vec::new();
    for answer in join_all(rotate).await {
        match answer.unwrap() {
            Ok(new) => keys.push(new.secret),
            Err(error) => assert_eq!(error.code, ErrorCode::Conflict, "{error:?}"),
        }
    }
    let [key] = &keys[..] else { panic!("{} keys", keys.len()) };
    assert!(world.foo.under("foo").with_key(key.reveal()).get("getMeetings", &[]).await.ok());
    let again = refused(admins[0].secret_rotate(soon(), "FOO".into()).await, ErrorCode::Conflict);
    assert!(again.hint.unwrap().contains("promote"));
}

/// Objects are changed and removed, but not while they are still referenced.
#[tokio::test]
async fn sets_and_removals() {
    let world = World::start(1).await;
    let admin = world.admin().await;
    let change =
        ClusterChange { meeting_factor: Some(7.5), checksum: Some("sha512".into()), ..Default::default() };
    let cluster = good(admin.cluster_set(soon(), "c".into(), change).await);
    assert_eq!((cluster.meeting_factor, cluster.cpu_order, &*cluster.checksum), (7.5, 6, "sha512"));
    world.foo.create("room").await;
    let change = GroupChange { description: Some("all".into()) };
    assert_eq!(good(admin.group_set(soon(), "g".into(), change).await).description, "all");
    let spec =
        SecretSpec { tenant: "FOO".into(), sub_id: 7, secret: None, attendee_limit: 0, meeting_limit: 0 };
    good(admin.secret_add(soon(), spec).await);
    let change = SecretChange { meeting_limit: Some(3), attendee_limit: None };
    let secret = good(admin.secret_set(soon(), "FOO-007".into(), change).await);
    assert_eq!((secret.meeting_limit, secret.attendee_limit), (3, 0));
    let old = good(admin.tenant_show(soon(), "FOO".into()).await).stats_token;
    let change = TenantChange { new_stats_token: true, ..TenantChange::default() };
    assert_ne!(good(admin.tenant_set(soon(), "FOO".into(), change).await).stats_token, old);

    let told = refused(admin.cluster_rm(soon(), "c".into()).await, ErrorCode::Conflict).message;
    assert_eq!(told, "cluster c has 1 node");
    assert_eq!(
        refused(admin.group_rm(soon(), "g".into()).await, ErrorCode::Conflict).message,
        "group g has 1 tenant"
    );
    let told = refused(admin.tenant_rm(soon(), "FOO".into()).await, ErrorCode::Conflict).message;
    assert_eq!(told, "tenant FOO has 1 meeting");
    refused(admin.secret_rm(soon(), "FOO".into()).await, ErrorCode::Refused);
    good(admin.secret_rm(soon(), "FOO-007".into()).await);
    refused(admin.secret_show(soon(), "FOO-007".into()).await, ErrorCode::NotFound);

    good(admin.meeting_end(soon(), "FOO".into(), "room".into()).await);
    harness::eventually("the meeting is gone", || async {
        admin.tenant_rm(soon(), "FOO".into()).await.unwrap().ok()
    })
    .await;
    assert_eq!(world.foo.get("getMeetings", &[]).await.text("messageKey").as_deref(), Some("checksumError"));
    good(admin.node_rm(soon(), "n1".into(), false).await);
    good(admin.group_unassign(soon(), "g".into(), "c".into()).await);
    refused(admin.group_unassign(soon(), "g".into(), "c".into()).await, ErrorCode::NotFound);
    good(admin.cluster_rm(soon(), "c".into()).await);
    good(admin.group_rm(soon(), "g".into()).await);
    assert!(good(admin.group_list(soon(), Page::default()).await).rows.is_empty());
}

/// Whoever takes the place of a removed tenant begins at zero.
#[tokio::test]
async fn a_new_tenant_inherits_nothing() {
    let world = World::start(1).await;
    let admin = world.admin().await;
    let old = world.add_tenant("OLD").await;
    old.create("room").await;
    good(admin.meeting_end(soon(), "OLD".into(), "room".into()).await);
    harness::eventually("the meeting is gone", || async {
        admin.tenant_rm(soon(), "OLD".into()).await.unwrap().ok()
    })
    .await;
    world.add_tenant("NEW").await;
    let metrics = fetch(&world, "/b3lb/metrics", &[]).await.body;
    assert!(metrics.contains("b3lb_meetings_total{secret=\"NEW\"} 0"), "{metrics}");
}

/// A node's new secret counts from the next call on.
#[tokio::test]
async fn a_nodes_secret_can_be_changed() {
    let world = World::start(1).await;
    let admin = world.admin().await;
    world.nodes[0].set_secret("another one");
    world.node_state(1, rpc::NodeState::Suspect).await;
    let change = NodeChange { cluster: None, secret: Some(Sensitive::from("another one")) };
    good(admin.node_set(soon(), "n1".into(), change).await);
    world.all_up().await;
    world.foo.create("room").await;
    let change = NodeChange { cluster: Some("nope".into()), secret: None };
    refused(admin.node_set(soon(), "n1".into(), change).await, ErrorCode::NotFound);
}

/// Lists come in pages that together are the list.
#[tokio::test]
async fn lists_are_paged() {
    let world = World::start(0).await;
    let admin = world.admin().await;
    let mut range = good(admin.secret_add_range(soon(), "FOO".into(), 1, 25).await);
    assert_eq!(range.len(), 25);
    let mut page = Page { after: None, rows: Some(10) };
    let mut found = Vec::new();
    loop {
        let paged = good(admin.secret_reveal(soon(), Some("FOO".into()), page).await);
        found.extend(paged.rows);
        let Some(next) = paged.next else { break };
        page = Page { after: Some(next), rows: Some(10) };
    }
    assert_eq!(found.len(), 26);
    assert_eq!(found.split_off(1), std::mem::take(&mut range));
}
