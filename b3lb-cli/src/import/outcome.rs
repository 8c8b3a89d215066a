//! The result of an import, for people and as JSON.

use rpc::{LeftOut, Plan};
use rpc_client::clean;
use serde::Serialize;

use super::report::{Broken, Left, Report, Taken};
use crate::paint::Paint;
use crate::plan;
use crate::text::count;

/// What an import did, or would do if it is not applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Outcome {
    /// The verb, such as `import b3lb`.
    #[serde(skip)]
    pub(crate) verb: &'static str,
    /// Whether the import was applied.
    pub(crate) applied: bool,
    /// Number of running meetings taken over.
    pub(crate) meetings: u64,
    /// What the dump contains.
    #[serde(flatten)]
    pub(crate) report: Report,
    /// What is added, and what is skipped because of invalid values.
    pub(crate) plan: Plan,
}

impl Outcome {
    /// Whether there is nothing to do, because the daemon already has everything.
    pub(crate) fn is_idle(&self) -> bool {
        self.plan.steps.is_empty() && self.meetings == 0
    }

    /// Whether nothing was skipped as invalid.
    pub(crate) fn is_complete(&self) -> bool {
        self.report.broken.is_empty() && self.plan.left_out.is_empty()
    }

    /// The whole result for people; `file` is the name of the dump.
    pub(crate) fn in_words(&self, file: &str, paint: Paint) -> String {
        let Report { taken, left, broken, notes } = &self.report;
        let mut steps = plan::diff(&self.plan, paint);
        if self.meetings > 0 {
            steps.push(paint.green(&format!("+ {}", count(self.meetings, "running meeting"))));
        }
        let sections = [
            ("Not part of a move:", left.iter().map(left_in_words).collect()),
            ("Notes:", notes.iter().map(|note| clean(note)).collect()),
            (if self.applied { "Done:" } else { "To do:" }, steps),
            ("Broken in the dump:", broken.iter().map(broken_in_words).collect()),
            ("Left out:", self.plan.left_out.iter().map(left_out_in_words).collect()),
        ];
        let mut lines = vec![format!("In {}: {}", clean(file), in_numbers(taken))];
        for (title, rows) in sections {
            section(&mut lines, title, rows);
        }
        lines.push(self.conclusion(file));
        lines.join("\n")
    }

    fn conclusion(&self, file: &str) -> String {
        if self.applied {
            "Done; b3lb-cli node list shows whether the nodes answer".to_owned()
        } else if self.is_idle() {
            "Nothing to do: the daemon already has everything that can be imported".to_owned()
        } else {
            let option = if self.meetings > 0 { " --with-meetings" } else { "" };
            let file = clean(file);
            let verb = self.verb;
            format!("Nothing is changed so far; to do it: b3lb-cli {verb} {file}{option} --yes")
        }
    }
}

/// Appends a title and its rows, unless there are none.
fn section(lines: &mut Vec<String>, title: &str, rows: Vec<String>) {
    if !rows.is_empty() {
        lines.push(title.to_owned());
        lines.extend(rows.into_iter().map(|row| format!("  {row}")));
    }
}

fn in_numbers(taken: &[Taken]) -> String {
    let some = taken.iter().filter(|it| it.count > 0);
    let words: Vec<_> = some.map(|it| count(it.count, it.kind)).collect();
    if words.is_empty() { "nothing that can be taken over".to_owned() } else { words.join(", ") }
}

fn left_in_words(left: &Left) -> String {
    clean(&format!("{} ({}): {}", left.what, left.records, left.reason))
}

fn broken_in_words(broken: &Broken) -> String {
    let Broken { model, pk, name, reason } = broken;
    clean(&match name {
        Some(name) => format!("{model} {name} ({pk}): {reason}"),
        None => format!("{model} {pk}: {reason}"),
    })
}

fn left_out_in_words(left_out: &LeftOut) -> String {
    clean(&format!("{} {}: {}", left_out.kind, left_out.name, left_out.reason))
}

#[cfg(test)]
mod tests {
    use rpc::{PlanAction, PlanStep};

    use super::*;

    fn outcome() -> Outcome {
        let taken = [("node", 2), ("tenant", 1), ("asset", 0)].map(|(kind, count)| Taken { kind, count });
        let left = Left { what: "rest.metric".into(), records: 7, reason: "start from zero".into() };
        let broken = Broken {
            model: "rest.node".into(),
            pk: "33".into(),
            name: Some("n3\u{1b}".into()),
            reason: "secret: is missing".into(),
        };
        let step = PlanStep {
            action: PlanAction::Add,
            kind: "tenant".into(),
            name: "SCHOOL".into(),
            fields: Vec::new(),
        };
        let left_out = LeftOut { kind: "node".into(), name: "n1".into(), reason: "exists".into() };
        Outcome {
            verb: "import b3lb",
            applied: false,
            meetings: 3,
            report: Report {
                taken: taken.to_vec(),
                left: vec![left],
                broken: vec![broken],
                notes: vec!["mind this".into()],
            },
            plan: Plan { steps: vec![step], left_out: vec![left_out], ..Plan::default() },
        }
    }

    #[test]
    fn a_plan_says_all_and_how_to_do_it() {
        assert_eq!(
            outcome().in_words("old.json", Paint::plain()),
            "In old.json: 2 nodes, 1 tenant\n\
             Not part of a move:\n  rest.metric (7): start from zero\n\
             Notes:\n  mind this\n\
             To do:\n  + tenant SCHOOL\n  + 3 running meetings\n\
             Broken in the dump:\n  rest.node n3\\u{1b} (33): secret: is missing\n\
             Left out:\n  node n1: exists\n\
             Nothing is changed so far; to do it: b3lb-cli import b3lb old.json --with-meetings --yes"
        );
    }

    #[test]
    fn what_is_done_and_what_is_not_needed_is_said_so() {
        let mut outcome = outcome();
        outcome.applied = true;
        let text = outcome.in_words("old.json", Paint::plain());
        assert!(text.contains("\nDone:\n  + tenant") && !text.contains("--yes"), "{text}");
        outcome = Outcome { applied: false, meetings: 0, plan: Plan::default(), ..outcome };
        let text = outcome.in_words("old.json", Paint::plain());
        assert!(
            text.ends_with("Nothing to do: the daemon already has everything that can be imported"),
            "{text}"
        );
    }

    #[test]
    fn broken_records_and_refused_values_make_it_incomplete() {
        let whole = Outcome { report: Report::default(), plan: Plan::default(), ..outcome() };
        assert!(whole.is_complete());
        assert!(!Outcome { verb: "import b3lb", report: Report::default(), ..outcome() }.is_complete());
        assert!(!Outcome { verb: "import b3lb", plan: Plan::default(), ..outcome() }.is_complete());
    }
}
