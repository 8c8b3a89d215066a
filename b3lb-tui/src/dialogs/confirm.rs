//! Asks before something is done, and says what it does in numbers. Cancel has the focus at first; what
//! throws people out wants a word typed.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;
use tui_input::Input;

use super::effect;
use crate::details::Page;
use crate::job::Deed;
use crate::keys::Context;
use crate::state::State;

/// What must be typed before people are thrown out.
const WORD: &str = "end";

/// Columns between the two buttons.
const BETWEEN: u16 = 2;

/// A question.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// What is to be done.
    pub deed: Deed,
    /// To what, by name.
    pub targets: Vec<String>,
    /// The button that does it has the focus.
    pub go_focused: bool,
    /// What was typed, where something must be.
    pub typed: Option<Input>,
}

impl Confirm {
    /// The question before a deed.
    pub fn new(deed: Deed, targets: Vec<String>) -> Self {
        let typed = (deed == Deed::EndMeeting).then(Input::default);
        Self { deed, targets, go_focused: typed.is_some(), typed }
    }

    /// The keys that count in it.
    pub fn context(&self) -> Context {
        if self.typed.is_some() { Context::Typed } else { Context::Confirm }
    }

    /// The word was typed, or none is wanted.
    pub fn is_armed(&self) -> bool {
        self.typed.as_ref().is_none_or(|it| it.value().trim().eq_ignore_ascii_case(WORD))
    }

    fn labels(&self) -> [String; 2] {
        let go = match (self.deed, self.targets.len()) {
            (Deed::EndMeeting, 1) => "End the meeting".to_owned(),
            (Deed::EndMeeting, many) => format!("End {many} meetings"),
            (deed, _) => deed.title().to_owned(),
        };
        ["[ Cancel ]".to_owned(), format!("[ {go} ]")]
    }
}

/// Where the buttons stand in a dialog: Cancel, then the one that does it.
pub fn buttons(confirm: &Confirm, area: Rect) -> [Rect; 2] {
    let widths = confirm.labels().map(|it| u16::try_from(it.len()).unwrap_or(0));
    let y = area.bottom().saturating_sub(2);
    let second = area.right().saturating_sub(2 + widths[1]);
    let first = second.saturating_sub(BETWEEN + widths[0]);
    [Rect::new(first, y, widths[0], 1), Rect::new(second, y, widths[1], 1)]
}

pub(super) fn write(page: &mut Page, state: &State, confirm: &Confirm) -> String {
    let title = match confirm.targets.as_slice() {
        [one] => format!("{} {}?", confirm.deed.title(), effect::display_name(state, confirm.deed, one)),
        many => format!("{} {} {}s?", confirm.deed.title(), many.len(), confirm.deed.noun()),
    };
    effect::write(page, state, confirm.deed, &confirm.targets);
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
            Span::raw(format!("Type {WORD} to confirm: ")),
            Span::styled(format!("{}_", crate::text::clean(typed.value())), style),
        ]);
        page.gap();
    }
    let [cancel, go] = confirm.labels();
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
