//! Lists: complete, filtered, and sorted.

use serde_json::{Value, json};

use crate::fake::Daemon;
use crate::terminal;

/// All list verbs.
const LISTS: [&str; 8] = [
    "cluster list",
    "group list",
    "node list",
    "tenant list",
    "secret list",
    "asset list",
    "meeting list",
    "param list T",
];

/// The values of this field in all rows of a list.
fn column(line: &str, field: &str) -> Vec<Value> {
    let mut words: Vec<_> = line.split_whitespace().collect();
    words.push("--json");
    let rows = Daemon::start().run(&words).json();
    rows.as_array().unwrap().iter().map(|row| row[field].clone()).collect()
}

#[test]
fn all_pages_are_there() {
    assert_eq!(column("asset list", "kind"), ["slide", "logo", "css"]);
    assert_eq!(column("meeting list", "id"), ["m1", "m2"]);
}

#[test]
fn every_field_can_be_sorted_by() {
    for list in LISTS {
        let words: Vec<_> = list.split_whitespace().collect();
        let daemon = Daemon::start();
        let rows = daemon.run(&[&words[..], &["--json"]].concat()).json();
        for field in rows[0].as_object().unwrap().keys().filter(|field| *field != "stats_token") {
            let up = daemon.run(&[&words[..], &["--json", "--sort", field]].concat()).json();
            let down = daemon.run(&[&words[..], &["--json", "--sort", &format!("-{field}")]].concat()).json();
            let count = rows.as_array().unwrap().len();
            assert_eq!((up.as_array().unwrap().len(), down.as_array().unwrap().len()), (count, count));
        }
    }
}

#[test]
fn the_order_is_that_of_the_field() {
    assert_eq!(column("tenant list --sort meetings", "slug"), ["T", "U"]);
    assert_eq!(column("tenant list --sort -meetings", "slug"), ["U", "T"]);
    assert_eq!(column("cluster list --sort name", "name"), ["big", "main"]);
    assert_eq!(column("node list --sort=-load", "load"), [-1, -2]);
    assert_eq!(column("node list --sort load", "load"), [-2, -1]);
    assert_eq!(column("node list --sort -cpu", "cpu"), [json!(1234), Value::Null]);

    let table = Daemon::start().run(&["tenant", "list", "--sort", "-slug"]).good();
    assert_eq!(table.lines().nth(1).and_then(|line| line.chars().next()), Some('U'));
}

#[test]
fn filters_narrow() {
    assert_eq!(column("node list --state down", "slug"), ["node-2"]);
    assert_eq!(column("node list --state up --maintenance", "slug"), ["n1"]);
    assert_eq!(column("node list --maintenance off", "slug"), ["node-2"]);
    assert_eq!(column("node list --cluster main", "slug"), ["n1", "node-2"]);
    assert_eq!(column("node list --cluster other", "slug"), [""; 0]);
    assert_eq!(column("tenant list --group g2", "slug"), ["U"]);
    assert_eq!(column("cluster list --group g3", "name"), [""; 0]);
    assert_eq!(column("group list --cluster main", "name"), ["g1", "g2"]);
}

#[test]
fn tables_fit_a_terminal() {
    let daemon = Daemon::start();
    for line in LISTS.iter().chain(&["node list --explain"]) {
        let shown = terminal::run(&daemon, &line.split_whitespace().collect::<Vec<_>>(), "");
        assert_eq!(shown.code, 0);
        for row in shown.screen.lines() {
            assert!(row.chars().count() <= 80, "{line}:\n{}", shown.screen);
        }
    }
}

#[test]
fn usage_is_a_table_or_csv() {
    let daemon = Daemon::start();
    let table = "DAY         TENANT  PEAK ATTENDEES  PEAK MEETINGS  ATTENDEE MINUTES  MEETINGS\n\
                 2026-11-26  SCHOOL             120              4             10800         6\n\
                 2026-11-27  SCHOOL              31              4              2790         6\n";
    assert_eq!(daemon.run(&["usage"]).good(), table);
    let csv = "day,tenant,peak_attendees,peak_meetings,attendee_minutes,meetings\n\
               2026-11-26,SCHOOL,120,4,10800,6\n2026-11-27,SCHOOL,31,4,2790,6\n";
    let words = "usage --tenant school --from 2026-11-26 --to 2026-11-27 --csv";
    assert_eq!(daemon.run(&words.split(' ').collect::<Vec<_>>()).good(), csv);
    let filters = [
        json!({ "tenant": null, "from": null, "to": null }),
        json!({ "tenant": "school", "from": "2026-11-26", "to": "2026-11-27" }),
    ];
    assert_eq!(daemon.calls(), filters.map(|filter| json!(["usage_list", filter])));
}
