//! The verbs that scripts know from earlier versions of B3LB.

use harness::{World, eventually};
use serde_json::json;

use super::{all_run, keys, run};

pub(super) const LEGACY_VERBS: &str = "
    0 addnode --slug n8 --secret x --cluster c --domain old.test => Node n8 added
    0 addsecrets --tenant-slug FOO --sub-id 5 => {\"FOO-005\":\"
    0 checkslides => [
    0 getloadvalues => \"n8.old.test\":[-2,0]
    0 gettenantsecrets --tenant-slug FOO => \"hostname\":\"foo-005.b3lb.test\"
    0 listalltenantsecrets => foo-005.b3lb.test
    0 meetingstats => {\"meetings\":
    1 addnode --slug n_8 --secret x --cluster c => slug: a node's slug
    2 addnode --slug n8 --cluster c => --secret
    3 addsecrets --tenant-slug NOBODY --sub-id 1 => tenant NOBODY does not exist
    2 addsecrets --tenant-slug FOO --sub-id 1-1000 => 1-1000
    3 gettenantsecrets --tenant-slug NOBODY => tenant NOBODY does not exist
    2 checkslides now => now
    2 getloadvalues now => now
    2 listalltenantsecrets now => now
    2 meetingstats now => now
";

#[tokio::test]
async fn the_seven_legacy_verbs_work_and_refuse() {
    let world = World::start_with(1, &[("NODE_DEFAULT_DOMAIN", "pool.test:8443")]).await;
    world.foo.create("room").await;
    world.nodes[0].set_attendees("room", 3);
    world.nodes[0].set_cpu(5_000);
    let bar = world.add_tenant("BAR").await;
    let add = "addnode --slug n7 --secret x --cluster";
    for (line, code, stdout) in [
        (format!("{add} c"), 0, "Node n7 added\n"),
        (format!("{add} c"), 5, "Node n7 already exists\n"),
        (format!("{add} c --domain other.test"), 0, "Node n7 added\n"),
        (format!("{add} nowhere --domain third.test"), 3, "Cluster nowhere doesn't exist\n"),
    ] {
        let it = run(&world, &line).await;
        assert_eq!((it.code, it.stdout.as_str(), it.stderr.as_str()), (Some(code), stdout, ""), "{line}");
    }
    let nodes = run(&world, "node list --json").await.json();
    let added: Vec<_> = nodes.as_array().unwrap().iter().filter(|it| it["slug"] == "n7").collect();
    assert_eq!(added.iter().map(|it| &it["domain"]).collect::<Vec<_>>(), ["other.test", "pool.test:8443"]);
    assert!(added.iter().all(|it| it["maintenance"] == true), "in maintenance: {added:?}");

    let made = run(&world, "addsecrets --tenant-slug FOO --sub-id 3-1").await.json();
    assert_eq!(keys(&made), ["FOO-001", "FOO-002", "FOO-003"]);
    let again = run(&world, "addsecrets --tenant-slug foo --sub-id 2-4").await.json();
    assert_eq!(keys(&again), ["FOO-004"], "existing ones are left alone");
    let one = run(&world, "addsecrets --tenant-slug FOO --sub-id 999").await.json();
    let client = world.foo.under("foo-999").with_key(one["FOO-999"].as_str().unwrap());
    assert!(client.get("getMeetings", &[]).await.ok(), "it can be used");

    let foo = run(&world, "gettenantsecrets --tenant-slug FOO").await.json();
    assert_eq!(keys(&foo), ["FOO-000", "FOO-001", "FOO-002", "FOO-003", "FOO-004", "FOO-999"]);
    assert_eq!(
        foo["FOO-000"],
        json!({"secret": world.foo.key, "hostname": "foo.b3lb.test", "recording": false})
    );
    assert_eq!(foo["FOO-001"]["hostname"], "foo-001.b3lb.test");
    let all = run(&world, "gettenantsecrets").await.json();
    assert_eq!(keys(&all)[0], "BAR-000");
    assert_eq!(all["BAR-000"]["secret"], bar.key);

    let table = run(&world, "listalltenantsecrets").await.good();
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("Endpoint ") && lines[0].ends_with(" | Secret"), "{table}");
    assert_eq!(lines[2], format!("{:32} | {}", "bar.b3lb.test", bar.key), "{table}");
    assert!(lines[3].starts_with("----") && lines[3].contains('+'), "a rule between tenants: {table}");
    assert_eq!(lines[4], format!("{:32} | {}", "foo.b3lb.test", world.foo.key), "{table}");
    assert_eq!(lines.len(), 10, "{table}");

    let node = format!("n1.localhost:{}", world.nodes[0].port());
    // 3 attendees, 1 meeting, and 5000 / 6 times the sum of 0.5^1 to 0.5^6.
    let loads = eventually("the load is polled", || async {
        let loads = run(&world, "getloadvalues").await.json();
        (loads[&node] == json!([853, 5000])).then_some(loads)
    })
    .await;
    assert_eq!(loads["n7.other.test"], json!([-2, 0]), "in maintenance, and no figure");
    let stats = run(&world, "meetingstats").await.good();
    let shares = "\"BAR\":{\"meetings\":0,\"attendees\":0},\"FOO\":{\"meetings\":1,\"attendees\":3}";
    assert_eq!(stats, format!("{{\"meetings\":1,\"attendees\":3,{shares}}}\n"));

    assert_eq!(run(&world, "checkslides").await.json(), json!([]));
    let slide = world.folder().join("hello.pdf");
    std::fs::write(&slide, "%PDF-1.7").unwrap();
    run(&world, &format!("asset set BAR --slide {}", slide.display())).await.good();
    let expected = json!([{
        "tenant": "BAR", "kind": "slide", "file_name": "hello.pdf", "size": 8,
        "content_type": "application/pdf", "inline": true, "problems": [],
    }]);
    assert_eq!(run(&world, "checkslides").await.json(), expected);

    all_run(&world, LEGACY_VERBS).await;
}
