//! Drains: state of the daemon, which survives a restart and ends meetings when its time is over.

use harness::World;
use harness::eventually;
use harness::world::soon;
use rpc::{DrainSpec, ErrorCode};

use crate::support::{create, one_meeting_each};

fn spec(reason: &str, evacuate_after: Option<u64>) -> DrainSpec {
    DrainSpec { reason: reason.into(), evacuate_after }
}

#[tokio::test]
async fn everybody_sees_who_drains_a_node_and_why_also_after_a_restart() {
    let mut world = World::start(2).await;
    let admin = world.admin().await;
    let name = world.node_view(1).await.fqdn();
    let node = admin.node_drain(soon(), name.clone(), spec("new kernel", Some(7200))).await.unwrap().unwrap();
    let drain = node.drain.expect("it is being drained");
    assert!(node.maintenance && drain.evacuate_at.is_some() && !drain.who.is_empty(), "{drain:?}");
    world.daemon.kill().await;
    world.daemon.start_again().await;
    world.all_up().await;
    assert_eq!(world.node_view(1).await.drain, Some(drain));
    let text = world.daemon.cli(&["node", "show", &name]).await;
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("reason new kernel"), "{text}");

    // No new meetings there, until the drain is taken back.
    for n in 0..3 {
        assert!(create(&world.foo, &format!("room {n}")).await.ok());
    }
    assert_eq!(world.nodes[0].count("create"), 0);
    let admin = world.admin().await;
    let node = admin.node_undrain(soon(), name.clone()).await.unwrap().unwrap();
    assert!(!node.maintenance && node.drain.is_none());
    let error = admin.node_undrain(soon(), name.clone()).await.unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::Conflict, "{error:?}");

    // Maintenance off takes a drain back as well.
    admin.node_drain(soon(), name.clone(), spec("", None)).await.unwrap().unwrap();
    let node = admin.node_maintenance(soon(), name.clone(), false).await.unwrap().unwrap();
    assert_eq!(node.drain, None);
    let error = admin.node_drain(soon(), name, spec("bad\nreason", None)).await.unwrap().unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::Invalid, Some("reason")));
}

#[tokio::test]
async fn when_the_time_is_over_meetings_are_ended_after_a_warning() {
    let world = World::start(2).await;
    let rooms = one_meeting_each(&world).await;
    let admin = world.admin().await;
    let name = world.node_view(1).await.fqdn();
    admin.node_drain(soon(), name, spec("new kernel", Some(2))).await.unwrap().unwrap();
    let warned =
        world.nodes[0].wait_for(harness::eventually::PATIENCE, |it| it.call == "sendChatMessage").await;
    let message = warned.expect("a message in the chat").param("message").unwrap().to_owned();
    assert!(message.contains("will be ended in") && message.contains("on another server"), "{message}");
    assert!(world.nodes[0].meeting(&rooms[0]).is_some(), "it is warned before its end");
    eventually("the meeting is ended", || async {
        world.nodes[0].meeting(&rooms[0]).is_none().then_some(())
    })
    .await;
    assert!(world.nodes[1].meeting(&rooms[1]).is_some(), "others go on");
    assert_eq!(world.nodes[1].count("sendChatMessage"), 0);
    eventually("the events tell it", || async {
        let events = world.daemon.cli(&["events", "--subject", "n1"]).await;
        let text = String::from_utf8(events.stdout).unwrap();
        (text.contains("1 of 1 were told") && text.contains("drain is over: meetings ended: 1")).then_some(())
    })
    .await;
    // The class begins again on another node.
    assert!(create(&world.foo, &rooms[0]).await.ok());
    assert!(world.nodes[1].meeting(&rooms[0]).is_some());
}

/// What the nodes' CPUs say: a base, and a share for each person.
fn load_of(node: &simnode::SimNode) -> u32 {
    200 + 20 * u32::try_from(node.attendee_count()).unwrap()
}

#[tokio::test]
async fn a_dry_run_foretells_what_the_rest_carries() {
    let world = World::start(4).await;
    let rooms = one_meeting_each(&world).await;
    let settle = async || {
        for (n, node) in world.nodes.iter().enumerate() {
            let cpu = load_of(node);
            node.set_cpu(cpu);
            eventually("the poll has seen the load", || async {
                (world.node_view(n + 1).await.cpu == Some(cpu)).then_some(())
            })
            .await;
        }
    };
    for (n, node) in world.nodes.iter().enumerate() {
        node.set_attendees(&rooms[n], 30 + 20 * n);
    }
    settle().await;
    let name = world.node_view(4).await.fqdn();
    let told = world.daemon.cli(&["node", "drain", &name, "--dry-run", "--json"]).await;
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&told["remaining"], &told["meetings"]), (&3.into(), &1.into()), "{told}");
    assert_eq!(world.node_view(4).await.drain, None, "nothing was changed");

    // The drained class ends, and begins again on another node with as many people.
    world.admin().await.node_drain(soon(), name, spec("", None)).await.unwrap().unwrap();
    world.nodes[3].end_meeting(&rooms[3]);
    eventually("the class is elsewhere", || async {
        (create(&world.foo, &rooms[3]).await.ok() && world.nodes[3].meeting(&rooms[3]).is_none())
            .then_some(())
    })
    .await;
    world.host_of(&rooms[3]).set_attendees(&rooms[3], 90);
    settle().await;
    let mut cpu = 0.0;
    for n in 1..=3 {
        cpu += f64::from(world.node_view(n).await.cpu.unwrap()) / 300.0;
    }
    let foretold = told["cpu_then"].as_f64().unwrap();
    eprintln!("foretold {foretold:.1} % CPU, then {cpu:.1} %");
    assert!((foretold - cpu).abs() < 2.0, "foretold {foretold} %, then {cpu} %");
}

#[tokio::test]
async fn waiting_for_a_drain_goes_on_after_a_restart_of_the_daemon() {
    let mut world = World::start(2).await;
    let rooms = one_meeting_each(&world).await;
    let name = world.node_view(1).await.fqdn();
    let mut drain = world.daemon.cli_command(&["node", "drain", &name, "--wait", "--timeout", "60s"]);
    let drain = drain.spawn().unwrap();
    eventually("the drain has begun", || async { world.node_view(1).await.drain }).await;
    world.daemon.kill().await;
    world.daemon.start_again().await;
    world.all_up().await;
    world.nodes[0].end_meeting(&rooms[0]);
    let ended = drain.wait_with_output().await.unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert_eq!(String::from_utf8(ended.stdout).unwrap(), format!("Node {name} drained\n"));
}
