//! The actions of keys.

use ratatui::crossterm::event::{KeyCode, KeyEvent};
use rpc::DrainSpec;
use tui_input::Input;

use super::refresh::refresh;
use crate::keys::Action;
use crate::message::{Call, Command, Refusal, Reply};
use crate::screens::column::Kind;
use crate::screens::meetings::Meetings;
use crate::screens::nodes::Nodes;
use crate::screens::{self, SCREENS};
use crate::state::State;
use crate::state::dialog::{Confirm, Dialog, Endpoints, Keys, Scroll};
use crate::state::drain;
use crate::state::job::{Job, Operation};
use crate::state::list::{Motion, Sort};
use crate::state::undo::Undo;
use crate::view::{body, dialogs, layout};

/// The refusal of operations while the snapshot is stale.
const STALE: &str = "the picture is old: nothing can be done until the daemon is back";

/// Runs the action of a key.
pub(super) fn run(state: &mut State, action: Action, key: &KeyEvent) -> Vec<Command> {
    match action {
        Action::Quit => return vec![Command::Quit],
        Action::Suspend => return vec![Command::Suspend],
        Action::Redraw => return vec![Command::Redraw],
        Action::Reconnect if state.link.is_up() => state.notify("the daemon is connected"),
        Action::Reconnect => return vec![Command::Reconnect],
        Action::Help => open_help(state),
        Action::ChooseTab => {
            if let KeyCode::Char(digit) = key.code
                && let Some(number) = digit.to_digit(10)
            {
                choose_tab(state, number as usize);
            }
        }
        Action::NextTab => choose_tab(state, (state.tab + 1) % SCREENS.len()),
        Action::PreviousTab => choose_tab(state, (state.tab + SCREENS.len() - 1) % SCREENS.len()),
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
            let names = screens::visible_names(state);
            state.list_mut().mark_all(names);
        }
        Action::MaintenanceOn => ask(state, Operation::MaintenanceOn),
        Action::MaintenanceOff => ask(state, Operation::MaintenanceOff),
        Action::EndMeeting => ask(state, Operation::EndMeeting),
        Action::Drain => ask_drain(state),
        Action::Undo => return take_back(state),
        Action::Check => return check(state),
        Action::Endpoints => return open_endpoints(state),
        Action::Reveal => return reveal(state),
        Action::VisitMeetings => visit(state, screens::position::<Meetings>()),
        Action::VisitNodes => visit(state, screens::position::<Nodes>()),
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

/// Moves the cursor, or scrolls the topmost dialog.
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
    screens::current(state).go(&mut state.lists[state.tab], motion, &state.snapshot);
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
pub(super) fn choose_tab(state: &mut State, tab: usize) {
    if tab == state.tab || tab >= SCREENS.len() {
        return;
    }
    state.tab = tab;
    state.pane.scroll = 0;
    if !state.is_wide() {
        state.pane.wanted = None;
    }
    refresh(state);
}

/// Opens the details, or closes them.
pub(super) fn toggle_pane(state: &mut State) {
    state.pane.wanted = Some(!state.pane_is_open());
    state.pane.scroll = 0;
}

/// Scrolls the details.
pub(super) fn scroll_pane(state: &mut State, lines: isize) {
    let Some(area) = layout::areas(state).and_then(|it| it.pane) else { return };
    let last = body::details_length(state, area.width).saturating_sub(usize::from(area.height));
    state.pane.scroll = state.pane.scroll.saturating_add_signed(lines).min(last);
}

/// Closes the topmost dialog, or else the filter, or else the pane, and so on.
pub(super) fn back(state: &mut State) {
    if state.dialogs.pop().is_some() {
    } else if state.typing.take().is_some() {
        state.list_mut().filter_by("");
    } else if state.pane_is_open() && !state.is_wide() {
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
    let context = screens::context(state);
    state.dialogs.push(Dialog::Help(context, Scroll::default()));
}

fn sort_step(state: &mut State, step: isize) {
    let columns = screens::current(state).headings().len();
    let column = state.list().sort().column;
    let next = if step < 0 { column + columns - 1 } else { column + 1 } % columns;
    sort_by(state, next);
}

/// Sorts by a column, or reverses the order if it is sorted by that column already.
pub(super) fn sort_by(state: &mut State, column: usize) {
    let sort = state.list().sort();
    let starts_descending =
        || screens::current(state).headings().get(column).is_some_and(|it| it.kind == Kind::Number);
    let descending = if sort.column == column { !sort.descending } else { starts_descending() };
    state.list_mut().sort_by(Sort { column, descending });
}

/// Whether an operation may start now. If not, the operator gets a warning.
fn can_act(state: &mut State, targets: &[String]) -> bool {
    if state.is_stale() || !screens::current(state).complete(&state.snapshot) {
        state.warn(STALE);
    } else if targets.is_empty() {
        state.warn(format!("no {} is selected", screens::current(state).noun()));
    } else if let Some(job) = state.job.as_ref().filter(|it| !it.is_done()) {
        let text =
            format!("still at work: {}, {} of {} done", job.operation.title(), job.done(), job.items.len());
        state.warn(text);
    } else {
        return true;
    }
    false
}

fn ask(state: &mut State, operation: Operation) {
    if state.read_only {
        return state.warn("the dashboard was started with --read-only");
    }
    let targets = screens::targets(state);
    if can_act(state, &targets) {
        state.dialogs.push(Dialog::Confirm(Confirm::new(operation, targets)));
    }
}

/// Shows the progress if all targets are being drained already.
fn ask_drain(state: &mut State) {
    let targets = screens::targets(state);
    if !targets.is_empty() && targets.iter().all(|it| state.drains.contains_key(it)) {
        state.dialogs.push(Dialog::Drain(Scroll::default()));
    } else {
        ask(state, Operation::Drain);
    }
}

/// Starts at once: a check changes nothing.
fn check(state: &mut State) -> Vec<Command> {
    let targets = screens::targets(state);
    if can_act(state, &targets) { start(state, Operation::Check, targets) } else { Vec::new() }
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
    let (operation, targets) = (confirm.operation, confirm.targets.clone());
    if !can_act(state, &targets) {
        return Vec::new();
    }
    state.dialogs.pop();
    start(state, operation, targets)
}

fn start(state: &mut State, operation: Operation, targets: Vec<String>) -> Vec<Command> {
    let undo = Undo::of(operation, &targets, &state.snapshot, state.daemon_clock());
    let calls: Vec<_> = targets.into_iter().filter_map(|it| call(state, operation, it)).collect();
    if calls.is_empty() {
        state.notify("nothing is left to do");
        return Vec::new();
    }
    if operation != Operation::Check {
        state.undo = undo;
    }
    start_calls(state, operation, calls)
}

/// Takes the last operation back, without a question: it was offered.
fn take_back(state: &mut State) -> Vec<Command> {
    let offered = state.undo.as_ref().filter(|it| state.now < it.until);
    let Some(Undo { operation, calls, .. }) = offered.cloned() else {
        state.notify("there is nothing to take back");
        return Vec::new();
    };
    let targets: Vec<_> = calls.iter().map(|(name, _)| name.clone()).collect();
    if !can_act(state, &targets) {
        return Vec::new();
    }
    state.undo = None;
    start_calls(state, operation, calls)
}

fn start_calls(state: &mut State, operation: Operation, calls: Vec<(String, Call)>) -> Vec<Command> {
    let many = calls.len() > 1;
    let mut job = Job::new(operation, calls);
    let commands = job.next_calls().into_iter().map(Command::Call).collect();
    state.job = Some(job);
    state.list_mut().unmark();
    match operation {
        Operation::Drain => state.dialogs.push(Dialog::Drain(Scroll::default())),
        _ if many || operation == Operation::Check => state.dialogs.push(Dialog::Job(Scroll::default())),
        _ => {}
    }
    commands
}

/// Name and call for a target; none for a meeting that has ended.
fn call(state: &State, operation: Operation, target: String) -> Option<(String, Call)> {
    let call = match operation {
        Operation::MaintenanceOn => Call::Maintenance { node: target.clone(), on: true },
        Operation::Drain => Call::Drain(target.clone(), DrainSpec::default()),
        Operation::MaintenanceOff => Call::Maintenance { node: target.clone(), on: false },
        Operation::Check => Call::NodeCheck(target.clone()),
        Operation::EndMeeting => {
            let meeting = state.snapshot.meeting(&target)?;
            let (secret, id) = (meeting.secret.clone(), meeting.raw_id.clone());
            return Some((meeting.name.clone(), Call::MeetingEnd { key: target, secret, id }));
        }
    };
    Some((target, call))
}

/// Records the answer to a call of the job. Returns the next calls.
pub(super) fn answered(state: &mut State, call: &Call, answer: Result<Reply, Refusal>) -> Vec<Command> {
    let Some(job) = &mut state.job else { return Vec::new() };
    let (operation, done_before) = (job.operation, job.done());
    let good = job.answered(call, answer);
    let next = job.next_calls().into_iter().map(Command::Call).collect();
    let (finished, news) = (job.is_done(), job.done() > done_before);
    let (failed, mut summary) = (job.failed(), job.summary());
    if finished && news && operation != Operation::Check {
        state.undo = state.undo.take().and_then(|it| it.after(job, state.now));
        if state.undo.is_some() {
            summary.push_str("; u takes it back");
        }
    }
    if let Some(node) = good.filter(|_| operation == Operation::Drain) {
        drain::start(&mut state.drains, &state.snapshot, &node, state.now);
    }
    let panel_open = state.dialogs.iter().any(|it| matches!(it, Dialog::Job(_)));
    if finished && news {
        if failed == 0 {
            state.notify(summary);
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
    if state.read_only || !matches!(panel.keys, Keys::Hidden | Keys::Refused(_)) {
        return Vec::new();
    }
    panel.keys = Keys::Requested;
    vec![Command::Call(Call::Keys(panel.tenant.clone()))]
}

/// Goes to another tab, filtered by the selected row.
fn visit(state: &mut State, tab: usize) {
    let Some(name) = state.selected() else { return };
    let filter = screens::current(state).filter_for(name);
    choose_tab(state, tab);
    state.list_mut().filter_by(&filter);
}

fn visit_node(state: &mut State) {
    let Some(meeting) = state.selected().and_then(|key| state.snapshot.meeting(key)) else { return };
    let node = state.snapshot.node_name(meeting.node).to_owned();
    choose_tab(state, screens::position::<Nodes>());
    state.list_mut().filter_by("");
    state.list_mut().select(&node);
}
