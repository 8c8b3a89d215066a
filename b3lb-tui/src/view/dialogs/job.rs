//! The results of an operation: a line for each target, and a hint after each refusal.

use rpc::NodeCheck;

use crate::page::Page;
use crate::state::State;
use crate::state::job::{Done, Item, Operation};
use crate::text::{clean, width};

pub(super) fn write(page: &mut Page, state: &State) -> String {
    let Some(job) = &state.job else { return "Nothing was done".to_owned() };
    for item in &job.items {
        match &item.outcome {
            Some(Ok(Done::Checked(check))) => findings(page, check),
            _ => outcome(page, job.operation, item),
        }
    }
    if !job.is_done() {
        page.gap();
        page.dim(&format!("{} of {} done; closing this does not stop it", job.done(), job.items.len()));
    }
    let title = job.operation.title();
    match job.items.as_slice() {
        [one] => format!("{title} {}", one.name),
        many => format!("{title}: {} of {} done, {} refused", job.done(), many.len(), job.failed()),
    }
}

fn outcome(page: &mut Page, operation: Operation, item: &Item) {
    let (theme, glyphs) = (page.look.theme, page.look.glyphs);
    match &item.outcome {
        None => {
            let text = if operation == Operation::Check { "being examined" } else { "waits for an answer" };
            page.row(&item.name, text);
        }
        Some(Ok(_)) => page.row(&item.name, &format!("{} {}", glyphs.up, operation.past())),
        Some(Err(refusal)) => {
            page.row(&item.name, &format!("{} refused", glyphs.down));
            page.styled(&clean(&refusal.message), theme.down);
            if let Some(hint) = &refusal.hint {
                page.text(&clean(hint));
            }
        }
    }
}

fn findings(page: &mut Page, check: &NodeCheck) {
    let (theme, glyphs) = (page.look.theme, page.look.glyphs);
    let (verdict, style) = if check.good { ("good", theme.up) } else { ("in trouble", theme.down) };
    let glyph = if check.good { glyphs.up } else { glyphs.down };
    page.title(&clean(&check.node), &format!("{glyph} {verdict}"), style);
    for finding in &check.findings {
        let verdict = finding.verdict;
        let glyph = glyphs.verdict(verdict);
        let text = format!("{glyph} {:<8} {}", verdict.as_str(), clean(&finding.text));
        debug_assert!(width(glyph) == 1, "glyphs are one column wide");
        page.styled_field(finding.item.as_str(), &text, theme.verdict(verdict));
    }
    page.gap();
}
