//! The question before an operation: its effect in numbers, and two buttons.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use super::effect;
use crate::page::Page;
use crate::state::State;
use crate::state::dialog::{CONFIRMATION, Confirm};
use crate::state::job::Operation;

/// Columns between the two buttons.
const BETWEEN: u16 = 2;

fn labels(confirm: &Confirm) -> [String; 2] {
    let go = match (confirm.operation, confirm.targets.len()) {
        (Operation::EndMeeting, 1) => "End the meeting".to_owned(),
        (Operation::EndMeeting, many) => format!("End {many} meetings"),
        (operation, _) => operation.title().to_owned(),
    };
    ["[ Cancel ]".to_owned(), format!("[ {go} ]")]
}

/// Where the buttons of a dialog are: Cancel, then the one that starts the operation.
pub fn buttons(confirm: &Confirm, area: Rect) -> [Rect; 2] {
    let widths = labels(confirm).map(|it| u16::try_from(it.len()).unwrap_or(0));
    let y = area.bottom().saturating_sub(2);
    let second = area.right().saturating_sub(2 + widths[1]);
    let first = second.saturating_sub(BETWEEN + widths[0]);
    [Rect::new(first, y, widths[0], 1), Rect::new(second, y, widths[1], 1)]
}

pub(super) fn write(page: &mut Page, state: &State, confirm: &Confirm) -> String {
    let title = match confirm.targets.as_slice() {
        [one] => {
            format!("{} {}?", confirm.operation.title(), effect::display_name(state, confirm.operation, one))
        }
        many => format!("{} {} {}s?", confirm.operation.title(), many.len(), confirm.operation.noun()),
    };
    effect::write(page, state, confirm.operation, &confirm.targets);
    if state.is_stale() {
        page.gap();
        page.styled(
            "The picture is old: nothing can be done until the daemon is back.",
            page.look.theme.down,
        );
    }
    page.gap();
    if let Some(typed) = &confirm.typed {
        let style = if confirm.is_armed() { page.look.theme.strong } else { page.look.theme.dim };
        page.pieces(vec![
            Span::raw(format!("Type {CONFIRMATION} to confirm: ")),
            Span::styled(format!("{}_", crate::text::clean(typed.value())), style),
        ]);
        page.gap();
    }
    let [cancel, go] = labels(confirm);
    let focus = |focused| if focused { page.look.theme.selected } else { Style::new() };
    let ready = confirm.is_armed() && !state.is_stale();
    let go_style = if ready { focus(confirm.go_focused) } else { page.look.theme.dim };
    let indent = page.width.saturating_sub(cancel.len() + usize::from(BETWEEN) + go.len());
    page.pieces(vec![
        Span::raw(" ".repeat(indent)),
        Span::styled(cancel, focus(!confirm.go_focused || !ready)),
        Span::raw(" ".repeat(usize::from(BETWEEN))),
        Span::styled(go, go_style),
    ]);
    title
}
