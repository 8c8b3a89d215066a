//! What tenants used, over restarts and beyond their removal.

use harness::{World, eventually};
use serde_json::Value;

use super::{all_run, keys, run};

pub(super) const USAGE: &str = "
    0 usage => DAY
    0 usage --csv => day,tenant,peak_attendees,peak_meetings,attendee_minutes,meetings
    0 usage --tenant foo => DAY
    0 usage --from 2020-01-01 --to 2020-12-31 --json => []
    3 usage --tenant NOBODY => tenant NOBODY does not exist
    1 usage --from 2026-11-02 --to 2026-11-01 => to: a day that is not before the first one
    2 usage --from yesterday => yesterday
    2 usage --csv --json => --json
";

const FIELDS: [&str; 6] =
    ["day", "tenant", "peak_attendees", "peak_meetings", "attendee_minutes", "meetings"];

#[tokio::test]
async fn usage_is_filtered_and_refused() {
    all_run(&World::start(1).await, USAGE).await;
}

/// The rows of a tenant.
async fn usage(world: &World, options: &str) -> Vec<Value> {
    let it = run(world, &format!("usage {options} --json")).await;
    assert_eq!(it.code, Some(0), "{it:?}");
    serde_json::from_str(&it.stdout).unwrap()
}

fn sum(rows: &[Value], field: &str) -> u64 {
    rows.iter().map(|row| row[field].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn usage_survives_a_restart_and_the_tenant() {
    let mut world = World::start(1).await;
    world.foo.create("room").await;
    world.foo.create("hall").await;
    world.nodes[0].set_attendees("room", 7);
    eventually("the attendees are known", || async {
        let shown = run(&world, "tenant show FOO --json").await.stdout;
        let shown: Value = serde_json::from_str(&shown).ok()?;
        (shown["attendees"] == 7).then_some(())
    })
    .await;
    // An orderly stop records the minute that has begun.
    assert_eq!(world.daemon.terminate().await, Some(0));
    world.daemon.start_again().await;
    // The test may run over the end of a minute, or of a day.
    let rows = usage(&world, "--tenant foo").await;
    assert!(rows.iter().all(|row| row["tenant"] == "FOO" && keys(row) == FIELDS), "{rows:?}");
    assert!(rows.iter().any(|row| row["peak_attendees"] == 7 && row["peak_meetings"] == 2), "{rows:?}");
    assert_eq!(sum(&rows, "meetings"), 2, "{rows:?}");
    let minutes = sum(&rows, "attendee_minutes");
    assert!(minutes >= 7 && minutes.is_multiple_of(7), "{rows:?}");

    for line in ["meeting end FOO room --yes", "meeting end FOO hall --yes", "tenant rm FOO --yes"] {
        let it = run(&world, line).await;
        assert_eq!(it.code, Some(0), "{it:?}");
    }
    assert_eq!(sum(&usage(&world, "--tenant foo").await, "meetings"), 2, "an invoice comes later");
    let csv = run(&world, "usage --csv").await.stdout;
    assert!(csv.starts_with(&format!("{}\n20", FIELDS.join(","))), "{csv}");
}
