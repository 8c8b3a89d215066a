//! Destructive verbs ask on a terminal, and need `--yes` elsewhere.

use crate::fake::Daemon;
use crate::terminal;

/// What is typed, the call that destroys something, and the question.
const DESTRUCTIVE: [(&str, &str, &str); 11] = [
    ("cluster rm main", "cluster_rm", "Remove cluster main with 2 nodes, in 2 groups?"),
    ("group rm g1", "group_rm", "Remove group g1 with 1 cluster and 1 tenant?"),
    (
        "node rm n1",
        "node_rm",
        "Remove node n1.example.org of cluster main, which has 2 meetings with 40 attendees?",
    ),
    ("node rm n1 --force", "node_rm", "40 attendees? These count as ended."),
    ("node evacuate n1", "node_evacuate", "End 2 meetings with 40 attendees on node n1.example.org?"),
    ("tenant rm T", "tenant_rm", "Remove tenant T with 2 secrets, 1 parameter rule and 3 assets?"),
    ("secret rm T-012", "secret_rm", "Remove secret T-012 with 1 key?"),
    ("secret drop-second T-012", "secret_drop_second", "Remove 1 of 2 keys, the second, of secret T-012?"),
    ("param clear T role", "param_clear", "Remove 1 rule of tenant T for role (set to a\\nb on create)?"),
    (
        "asset rm T --slide --css",
        "asset_rm",
        "Remove 2 assets of tenant T (slide welcome.pdf, css welcome.pdf)?",
    ),
    (
        "meeting end T-001 m1",
        "meeting_end",
        "End meeting m1 (Mathe\\u{202e}) on n1.example.org with 20 attendees?",
    ),
];

#[test]
fn without_a_terminal_nothing_is_done_unless_yes_is_given() {
    for (line, call, _) in DESTRUCTIVE {
        let words: Vec<_> = line.split_whitespace().collect();
        let daemon = Daemon::start();
        let outcome = daemon.run(&words);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{line}");
        assert!(outcome.stderr.ends_with("asks before it acts, and there is no terminal\nhint: add --yes\n"));
        assert!(daemon.calls().is_empty(), "{line}");

        daemon.run(&[&words[..], &["--yes"]].concat()).good();
        assert_eq!(daemon.names(), [call], "{line}");
    }
}

#[test]
fn on_a_terminal_only_yes_does_it() {
    for (line, call, question) in DESTRUCTIVE {
        let words: Vec<_> = line.split_whitespace().collect();
        for answer in ["\n", "n\n", "maybe\n"] {
            let daemon = Daemon::start();
            let shown = terminal::run(&daemon, &words, answer);
            assert!(shown.screen.contains(question), "{line}: {}", shown.screen);
            assert!(shown.screen.contains("error: not confirmed, nothing was changed"), "{}", shown.screen);
            assert_eq!(shown.code, 1, "{line}");
            assert!(!daemon.names().iter().any(|name| name == call), "{line}");
        }
        let daemon = Daemon::start();
        let shown = terminal::run(&daemon, &words, "y\n");
        assert_eq!(shown.code, 0, "{line}: {}", shown.screen);
        assert_eq!(daemon.names().last().map(String::as_str), Some(call), "{line}");

        let daemon = Daemon::start();
        let shown = terminal::run(&daemon, &[&words[..], &["--yes"]].concat(), "");
        assert!(!shown.screen.contains('?'), "{}", shown.screen);
        assert_eq!(daemon.names(), [call], "{line}");
    }
}

#[test]
fn what_evacuation_cannot_end_is_told_before() {
    let shown = terminal::run(&Daemon::sick(), &["node", "evacuate", "n1"], "n\n");
    // A terminal wraps long lines.
    let screen = shown.screen.replace("\r\n", "");
    assert!(screen.contains("n1.example.org? 3 meetings unknown to B3LB will go on."), "{screen}");
}
