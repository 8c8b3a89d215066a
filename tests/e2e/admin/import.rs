//! `import b3lb`: the move from B3LB in Django.

#[path = "../../../b3lb-cli/tests/cli/import_dump.rs"]
mod import_dump;

use harness::{Client, World, eventually};
use serde_json::{Value, json};
use simnode::{Options, SimNode};

use self::import_dump::{BROKEN, key, of_3_3, text};
use super::{all_run, run};
use crate::support::joined_node;

pub(super) const IMPORT: &str = "
    0 import b3lb {folder}/empty.json => Nothing to do: the daemon already has everything that can be imported
    1 import b3lb {folder}/more.toml => is not JSON
    1 import b3lb {folder}/missing.json => cannot read
    2 import b3lb => <FILE>
    0 import scalelite {folder}/scalelite.txt --yes => Done
    0 import scalelite {folder}/scalelite.txt => Nothing to do: the daemon already has everything that can be imported
    1 import scalelite {folder}/empty.json => has no servers and no tenants of Scalelite
    1 import scalelite {folder}/missing.txt => cannot read
    2 import scalelite => <FILE>
";

/// What Scalelite's rake tasks print.
pub(super) const SCALELITE: &str = "\
id: 7a3e
\turl: https://bbb-01.example.org/bigbluebutton/api
\tsecret: key-of-01
\tenabled
\tload: 12.0
\tload multiplier: 1.0
\tonline
id: 7a3f
\turl: https://bbb-02.example.org/bigbluebutton/api
\tsecret: key-of-02
\tcordoned
\tload: unavailable
\tload multiplier: 1.0
\toffline
TenantID, Name, Secrets
1, school, FirstKeyOfSchool01234567890123456789012345:SecondKeyOfSchool0123456789012345678901234
2, college, OnlyKeyOfCollege01234567890123456789012345
Total number of tenants: 2
";

#[tokio::test]
async fn a_pool_of_scalelite_moves() {
    let world = World::start(0).await;
    let file = world.folder().join("scalelite.txt");
    std::fs::write(&file, SCALELITE).unwrap();
    let line = format!("import scalelite {}", file.display());
    let dry = run(&world, &line).await;
    assert_eq!((dry.code, dry.stderr.as_str()), (Some(0), ""), "{dry:?}");
    assert!(dry.stdout.contains(&format!("b3lb-cli {line} --yes")), "{dry:?}");
    run(&world, &format!("{line} --yes")).await.good();

    let nodes = run(&world, "node list --json").await.json();
    let node = |n: usize| [&nodes[n]["slug"], &nodes[n]["domain"], &nodes[n]["maintenance"]];
    assert_eq!(node(0), [&json!("bbb-01"), &json!("example.org"), &json!(false)]);
    assert_eq!(node(1), [&json!("bbb-02"), &json!("example.org"), &json!(true)]);
    // Clients go on with either key of their tenant.
    for (tenant, key) in [
        ("school", "FirstKeyOfSchool01234567890123456789012345"),
        ("school", "SecondKeyOfSchool0123456789012345678901234"),
        ("college", "OnlyKeyOfCollege01234567890123456789012345"),
    ] {
        let client = Client::new(world.daemon.address(), tenant, key);
        assert!(client.get("getMeetings", &[]).await.ok(), "{tenant}");
    }

    let export = run(&world, "export").await.stdout;
    let again = run(&world, &format!("{line} --yes")).await;
    assert!(
        again.stdout.ends_with("Nothing to do: the daemon already has everything that can be imported\n")
    );
    assert_eq!(run(&world, "export").await.stdout, export);

    // A key that B3LB does not take is told, and its tenant gets another.
    let hex = "0123456789abcdef".repeat(4);
    std::fs::write(&file, format!("TenantID, Name, Secrets\n3, academy, {hex}\n")).unwrap();
    let other = run(&world, &format!("{line} --yes")).await;
    assert_eq!(other.code, Some(9), "{other:?}");
    assert!(other.stdout.contains("secret ACADEMY-000: secret: a tenant's secret is 42 letters and digits"));
    assert!(!other.stdout.contains(&hex));
    let secrets = run(&world, "gettenantsecrets --tenant-slug ACADEMY").await.json();
    assert_eq!(secrets["ACADEMY-000"]["secret"].as_str().map(str::len), Some(42));
}

#[tokio::test]
async fn what_is_no_dump_is_refused() {
    all_run(&World::start(0).await, IMPORT).await;
}

/// A dump with every model of B3LB 3.3 and a broken node, whose node n1 really runs.
fn dump(node: &SimNode) -> String {
    let mut records = of_3_3();
    let n1 =
        records.iter_mut().find(|it| it["model"] == "rest.node" && it["fields"]["slug"] == "n1").unwrap();
    n1["fields"]["domain"] = json!(format!("localhost:{}", node.port()));
    n1["fields"]["secret"] = json!(node.secret());
    text(&records)
}

/// The number of objects in the daemon.
async fn counts(world: &World) -> [usize; 6] {
    let mut counts = [0; 6];
    let lists = ["cluster list", "group list", "node list", "tenant list", "secret list", "asset list"];
    for (count, list) in counts.iter_mut().zip(lists) {
        *count = run(world, &format!("{list} --json")).await.json().as_array().unwrap().len();
    }
    counts
}

#[tokio::test]
async fn a_pool_with_a_broken_record_moves_and_its_meetings_go_on() {
    let mut world = World::start(0).await;
    let node =
        SimNode::start(Options { secret: "of the old n1".to_owned(), ..Options::default() }).await.unwrap();
    world.nodes.push(node.clone());
    node.insert_meeting("room-1", "Room room-1");
    let file = world.folder().join("old.json");
    std::fs::write(&file, dump(&node)).unwrap();
    let line = format!("import b3lb {} --with-meetings", file.display());

    // Without --yes it only says what it would do, and what is wrong.
    let before = counts(&world).await;
    let dry = run(&world, &line).await;
    assert_eq!((dry.code, dry.stderr.as_str()), (Some(9), ""), "{dry:?}");
    assert!(dry.stdout.contains("\nTo do:\n") && !dry.stdout.contains("\nDone:\n"), "{dry:?}");
    assert_eq!(counts(&world).await, before);

    let it = run(&world, &format!("{line} --yes")).await;
    assert_eq!((it.code, it.stderr.as_str()), (Some(9), ""), "{it:?}");
    let said = it.stdout;
    assert!(said.contains("\nDone:\n") && said.contains("  + tenant SCHOOL"), "{said}");
    let (_, broken) = said.split_once("\nBroken in the dump:\n").expect("the broken record is named");
    let broken: Vec<_> = broken.lines().take_while(|line| line.starts_with("  ")).collect();
    assert_eq!(broken.len(), 1, "{said}");
    assert!(broken[0].starts_with(&format!("  rest.node {BROKEN} (")), "{said}");
    assert!(broken[0].contains("secret"), "it says what is wrong: {said}");
    assert!(
        said.contains("rest.recordset (1): recordings are not taken over"),
        "what is left is told: {said}"
    );
    assert!(!said.contains(&key('a')) && !said.contains("of the old n1"), "no secret: {said}");

    // Two clusters, groups, nodes and tenants; three secrets and three assets.
    let after = counts(&world).await;
    let more: Vec<_> = after.iter().zip(before).map(|(after, before)| after - before).collect();
    assert_eq!(more, [2, 2, 2, 2, 3, 3]);
    let tenant = run(&world, "tenant show SCHOOL --json").await.json();
    assert_eq!((&tenant["attendee_limit"], &tenant["group"]), (&json!(500), &json!("schools")));
    assert_eq!(run(&world, "secret show SCHOOL-012 --json").await.json()["has_second"], true);
    assert_eq!(run(&world, "cluster show old --json").await.json()["checksum"], "sha1");

    // A client goes on with the secret that it had: in the meeting that runs, and in new ones.
    world.node_state(1, rpc::NodeState::Up).await;
    let school = Client::new(world.daemon.address(), "school", &key('a'));
    assert_eq!(
        school.get("isMeetingRunning", &[("meetingID", "nothing")]).await.text("running").as_deref(),
        Some("false")
    );
    eventually("the old meeting is found on its node", || async {
        (joined_node(&school, "room-1").await == Some(1)).then_some(())
    })
    .await;
    school.create("room-2").await;
    let created = node.meeting("room-2").expect("on the only node that is up");
    assert_eq!(created.param("muteOnStart"), Some("true"), "the old rules hold");

    // Again: nothing is changed, and the report still names what is broken.
    run(&world, "tenant set SCHOOL --attendee-limit 7").await.good();
    let export = run(&world, "export --with-secrets --with-assets").await.good();
    let again = run(&world, &format!("import b3lb {} --yes --json", file.display())).await;
    assert_eq!(again.code, Some(9), "{again:?}");
    let report: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!((&report["applied"], &report["plan"]["steps"]), (&json!(false), &json!([])), "{report}");
    assert_eq!(
        (&report["broken"][0]["name"], report["broken"].as_array().unwrap().len()),
        (&json!(BROKEN), 1)
    );
    assert_eq!(run(&world, "export --with-secrets --with-assets").await.good(), export);
}
