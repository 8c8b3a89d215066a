//! What keys do.

use ratatui::crossterm::event::{KeyCode, KeyEvent};
use tui_input::Input;

use crate::details;
use crate::dialogs::{self, Confirm, Dialog, Endpoints, Keys, Scroll};
use crate::drain;
use crate::job::{Deed, Job};
use crate::keys::Action;
use crate::layout;
use crate::message::{Call, Command, Refusal, Reply};
use crate::state::State;
use crate::table::{Motion, Sort};
use crate::tabs::Tab;

/// What is said where the picture is too old to work with.
const OLD: &str = "the picture is old: nothing can be done until the daemon is back";

/// Does what a key says.
pub(super) fn run(state: &mut State, action: Action, key: &KeyEvent) -> Vec<Command> {
    match action {
        Action::Quit => return vec![Command::Quit],
        Action::Suspend => return vec![Command::Suspend],
        Action::Redraw => return vec![Command::Redraw],
        Action::Reconnect if state.link.is_up() => state.tell("the daemon is connected"),
        Action::Reconnect => return vec![Command::Reconnect],
        Action::Help => open_help(state),
        Action::ChooseTab => {
            if let KeyCode::Char(digit) = key.code
                && let Some(tab) = digit.to_digit(10).and_then(|it| Tab::ALL.get(it as usize - 1))
            {
                choose_tab(state, *tab);
            }
        }
        Action::NextTab => choose_tab(state, state.tab.step(1)),
        Action::PreviousTab => choose_tab(state, state.tab.step(Tab::ALL.len() - 1)),
        Action::Up => go(state, Motion::By(-1)),
        Action::Down => go(state, Motion::By(1)),
        Action::PageUp => go(state, Motion::By(-page(state))),
        Action::PageDown => go(state, Motion::By(page(state))),
        Action::First => go(state, Motion::To(0)),
        Action::Last => go(state, Motion::To(usize::MAX)),
        Action::Details => toggle_pane(state),
        Action::PaneUp => scroll_pane(state, -3),
        Action::PaneDown => scroll_pane(state, 3),
        Action::Filter => state.typing = Some(Input::new(state.list().filter().text().to_owned())),
        Action::Accept => state.typing = None,
        Action::Back => back(state),
        Action::SortLeft => sort_step(state, -1),
        Action::SortRight => sort_step(state, 1),
        Action::Reverse => {
            let Sort { column, descending } = state.list().sort();
            state.list_mut().sort_by(Sort { column, descending: !descending });
        }
        Action::Mark => {
            state.list_mut().toggle_mark();
            go(state, Motion::By(1));
        }
        Action::MarkAll => {
            let names = state.tab.table().names(state.list(), &state.picture);
            state.list_mut().mark_all(names);
        }
        Action::MaintenanceOn => ask(state, Deed::MaintenanceOn),
        Action::MaintenanceOff => ask(state, Deed::MaintenanceOff),
        Action::EndMeeting => ask(state, Deed::EndMeeting),
        Action::Drain => ask_drain(state),
        Action::Check => return check(state),
        Action::Endpoints => return open_endpoints(state),
        Action::Reveal => return reveal(state),
        Action::Visit => visit(state),
        Action::VisitNode => visit_node(state),
        Action::OtherButton => {
            if let Some(Dialog::Confirm(confirm)) = state.dialogs.last_mut() {
                confirm.go_focused = !confirm.go_focused;
            }
        }
        Action::Press => return press(state),
    }
    Vec::new()
}

/// Moves the cursor, or scrolls what lies over the list.
pub(super) fn go(state: &mut State, motion: Motion) {
    if let Some(dialog) = state.dialogs.last() {
        let sheet = dialogs::sheet(state, dialog);
        let first = match motion {
            Motion::By(lines) => sheet.first.saturating_add_signed(lines),
            Motion::To(line) => line,
        };
        let first = first.min(sheet.last_first());
        if let Some(scroll) = state.dialogs.last_mut().and_then(Dialog::scroll_mut) {
            *scroll = Scroll(first);
        }
        return;
    }
    let table = state.tab.table();
    table.go(&mut state.lists[state.tab.index()], motion, &state.picture);
    state.pane.scroll = 0;
}

fn page(state: &State) -> isize {
    let lines = match (state.dialogs.last(), layout::areas(state)) {
        (Some(dialog), _) => dialogs::sheet(state, dialog).visible(),
        (None, Some(areas)) => usize::from(areas.list.height.saturating_sub(2)),
        (None, None) => 1,
    };
    isize::try_from(lines.max(1)).unwrap_or(1)
}

/// Brings another tab to the front.
pub(super) fn choose_tab(state: &mut State, tab: Tab) {
    if tab == state.tab {
        return;
    }
    state.tab = tab;
    state.pane.scroll = 0;
    if !layout::is_wide(state.size) {
        state.pane.wanted = None;
    }
    state.refresh();
}

/// Opens the details, or closes them.
pub(super) fn toggle_pane(state: &mut State) {
    state.pane.wanted = Some(!state.pane_is_open());
    state.pane.scroll = 0;
}

/// Scrolls the details.
pub(super) fn scroll_pane(state: &mut State, lines: isize) {
    let Some(area) = layout::areas(state).and_then(|it| it.pane) else { return };
    let text = details::lines(state, usize::from(area.width)).len();
    let last = text.saturating_sub(usize::from(area.height));
    state.pane.scroll = state.pane.scroll.saturating_add_signed(lines).min(last);
}

/// Closes, clears or leaves whatever is in front.
pub(super) fn back(state: &mut State) {
    if let Some(dialog) = state.dialogs.pop() {
        if matches!(dialog, Dialog::Drain(_)) {
            drain::forget_done(state);
        }
    } else if state.typing.take().is_some() {
        state.list_mut().filter_by("");
    } else if state.pane_is_open() && !layout::is_wide(state.size) {
        toggle_pane(state);
    } else if !state.list().filter().text().is_empty() {
        state.list_mut().filter_by("");
    } else if !state.list().marks().is_empty() {
        state.list_mut().unmark();
    } else {
        state.note = None;
    }
}

fn open_help(state: &mut State) {
    let context = state.context();
    state.dialogs.push(Dialog::Help(context, Scroll::default()));
}

fn sort_step(state: &mut State, step: isize) {
    let columns = state.tab.table().titles().len();
    let column = state.list().sort().column;
    let next = if step < 0 { column + columns - 1 } else { column + 1 } % columns;
    sort_by(state, next);
}

/// Sorts by a column; by the one that it is sorted by already, the other way round.
pub(super) fn sort_by(state: &mut State, column: usize) {
    let sort = state.list().sort();
    let other_way = sort.column == column && !sort.descending;
    let descending = other_way || (sort.column != column && state.tab.table().starts_descending(column));
    state.list_mut().sort_by(Sort { column, descending });
}

/// Whether deeds can be done now; else the operator is told why not.
fn can_act(state: &mut State, targets: &[String]) -> bool {
    if state.is_stale() || !state.tab.table().complete(&state.picture) {
        state.warn(OLD);
    } else if targets.is_empty() {
        state.warn(format!("no {} is selected", state.tab.table().noun()));
    } else if let Some(job) = state.job.as_ref().filter(|it| !it.is_done()) {
        let text = format!("still at work: {}, {} of {} done", job.deed.title(), job.done(), job.items.len());
        state.warn(text);
    } else {
        return true;
    }
    false
}

fn ask(state: &mut State, deed: Deed) {
    let targets = state.targets();
    if can_act(state, &targets) {
        state.dialogs.push(Dialog::Confirm(Confirm::new(deed, targets)));
    }
}

/// Nodes that are being drained already are just shown.
fn ask_drain(state: &mut State) {
    let targets = state.targets();
    if !targets.is_empty() && targets.iter().all(|it| state.drains.contains_key(it)) {
        state.dialogs.push(Dialog::Drain(Scroll::default()));
    } else {
        ask(state, Deed::Drain);
    }
}

/// Harms nobody, so that it is not asked for twice.
fn check(state: &mut State) -> Vec<Command> {
    let targets = state.targets();
    if can_act(state, &targets) { start(state, Deed::Check, targets) } else { Vec::new() }
}

/// Presses the focused button of a question.
pub(super) fn press(state: &mut State) -> Vec<Command> {
    let Some(Dialog::Confirm(confirm)) = state.dialogs.last() else { return Vec::new() };
    if !confirm.go_focused {
        back(state);
        return Vec::new();
    }
    if !confirm.is_armed() {
        return Vec::new();
    }
    let (deed, targets) = (confirm.deed, confirm.targets.clone());
    if !can_act(state, &targets) {
        return Vec::new();
    }
    state.dialogs.pop();
    start(state, deed, targets)
}

fn start(state: &mut State, deed: Deed, targets: Vec<String>) -> Vec<Command> {
    let calls: Vec<_> = targets.into_iter().filter_map(|it| call(state, deed, it)).collect();
    if calls.is_empty() {
        state.tell("nothing is left to do");
        return Vec::new();
    }
    let many = calls.len() > 1;
    let mut job = Job::new(deed, calls);
    let commands = job.next_calls().into_iter().map(Command::Call).collect();
    state.job = Some(job);
    state.list_mut().unmark();
    match deed {
        Deed::Drain => state.dialogs.push(Dialog::Drain(Scroll::default())),
        _ if many || deed == Deed::Check => state.dialogs.push(Dialog::Job(Scroll::default())),
        _ => {}
    }
    commands
}

/// Name and call for one target; none for a meeting that is gone.
fn call(state: &State, deed: Deed, target: String) -> Option<(String, Call)> {
    let call = match deed {
        Deed::MaintenanceOn | Deed::Drain => Call::Maintenance { node: target.clone(), on: true },
        Deed::MaintenanceOff => Call::Maintenance { node: target.clone(), on: false },
        Deed::Check => Call::NodeCheck(target.clone()),
        Deed::EndMeeting => {
            let meeting = state.picture.meeting(&target)?;
            let (secret, id) = (meeting.secret.clone(), meeting.raw_id.clone());
            return Some((meeting.name.clone(), Call::MeetingEnd { key: target, secret, id }));
        }
    };
    Some((target, call))
}

/// Takes over what a call of the job brought, and makes the next ones.
pub(super) fn answered(state: &mut State, call: &Call, answer: Result<Reply, Refusal>) -> Vec<Command> {
    let Some(job) = &mut state.job else { return Vec::new() };
    let (deed, done_before) = (job.deed, job.done());
    let good = job.answered(call, answer);
    let next = job.next_calls().into_iter().map(Command::Call).collect();
    let (finished, news) = (job.is_done(), job.done() > done_before);
    let (failed, summary) = (job.failed(), job.summary());
    if let Some(node) = good.filter(|_| deed == Deed::Drain) {
        drain::begin(state, &node);
    }
    let panel_open = state.dialogs.iter().any(|it| matches!(it, Dialog::Job(_)));
    if finished && news {
        if failed == 0 {
            state.tell(summary);
        } else {
            state.warn(summary);
            if !panel_open {
                state.dialogs.push(Dialog::Job(Scroll::default()));
            }
        }
    }
    next
}

fn open_endpoints(state: &mut State) -> Vec<Command> {
    let Some(tenant) = state.selected().map(str::to_owned) else { return Vec::new() };
    state.dialogs.push(Dialog::Endpoints(Endpoints::of(tenant.clone())));
    vec![Command::Call(Call::Secrets(tenant))]
}

fn reveal(state: &mut State) -> Vec<Command> {
    let Some(Dialog::Endpoints(panel)) = state.dialogs.last_mut() else { return Vec::new() };
    if !matches!(panel.keys, Keys::Hidden | Keys::Refused(_)) {
        return Vec::new();
    }
    panel.keys = Keys::Asked;
    vec![Command::Call(Call::Keys(panel.tenant.clone()))]
}

fn visit(state: &mut State) {
    let Some(name) = state.selected().map(str::to_owned) else { return };
    let (tab, filter) = match state.tab {
        Tab::Nodes => (Tab::Meetings, name),
        Tab::Tenants => (Tab::Meetings, format!("{name}-")),
        Tab::Clusters => (Tab::Nodes, name),
        Tab::Meetings | Tab::Events => return,
    };
    choose_tab(state, tab);
    state.list_mut().filter_by(&filter);
}

fn visit_node(state: &mut State) {
    let Some(meeting) = state.selected().and_then(|key| state.picture.meeting(key)) else { return };
    let node = state.picture.node_name(meeting.node).to_owned();
    choose_tab(state, Tab::Nodes);
    state.list_mut().filter_by("");
    state.list_mut().select(&node);
}
