//! Property test: no sequence of events panics, and every frame can be drawn.

use std::time::Duration;

use b3lb_tui::message::{Call, Command, Event, Refusal};
use b3lb_tui::screens::SCREENS;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::stage::Stage;
use crate::world::{self, EMPTY, Size, USUAL};

/// An event in a compact form, so that failures shrink well.
#[derive(Clone, Debug)]
enum Step {
    Key(KeyCode, bool),
    Mouse(bool, u16, u16),
    Paste(String),
    Resize(u16, u16),
    Clock(i64),
    Connected,
    Lost(u32),
    Snapshot(usize, u64),
    Change(usize),
    StatsFirst(bool),
    Gone(i64),
    Answer,
    Refuse,
    UnexpectedAnswer,
}

fn step() -> impl Strategy<Value = Step> {
    let code = prop_oneof![
        20 => proptest::char::range(' ', '~').prop_map(KeyCode::Char),
        8 => proptest::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Up, KeyCode::Down, KeyCode::Left,
            KeyCode::Right, KeyCode::Home, KeyCode::End, KeyCode::PageUp, KeyCode::PageDown, KeyCode::Backspace,
            KeyCode::Delete, KeyCode::F(1), KeyCode::Null,
        ]),
        1 => any::<char>().prop_map(KeyCode::Char),
    ];
    prop_oneof![
        30 => (code, proptest::bool::weighted(0.1)).prop_map(|(code, ctrl)| Step::Key(code, ctrl)),
        6 => (any::<bool>(), 0..220_u16, 0..70_u16).prop_map(|(click, x, y)| Step::Mouse(click, x, y)),
        2 => any::<String>().prop_map(Step::Paste),
        3 => (0..220_u16, 0..70_u16).prop_map(|(width, height)| Step::Resize(width, height)),
        3 => (-1_000..100_000_i64).prop_map(Step::Clock),
        2 => Just(Step::Connected),
        2 => (1..9_u32).prop_map(Step::Lost),
        3 => (0..13_usize, 0..3_u64).prop_map(|(nodes, epoch)| Step::Snapshot(nodes, epoch)),
        4 => (0..9_usize).prop_map(Step::Change),
        2 => any::<bool>().prop_map(Step::StatsFirst),
        2 => (-1..42_i64).prop_map(Step::Gone),
        5 => Just(Step::Answer),
        2 => Just(Step::Refuse),
        1 => Just(Step::UnexpectedAnswer),
    ]
}

fn apply(stage: &mut Stage, step: Step) {
    let event = match step {
        Step::Key(code, ctrl) => {
            let modifiers = if ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
            Event::Key(KeyEvent::new(code, modifiers))
        }
        Step::Mouse(click, column, row) => {
            let kind =
                if click { MouseEventKind::Down(MouseButton::Left) } else { MouseEventKind::ScrollDown };
            Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
        }
        Step::Paste(text) => Event::Paste(text),
        Step::Resize(width, height) => Event::Resize(width, height),
        Step::Clock(more) => Event::Clock(stage.state.now + more),
        Step::Connected => Event::Connected { hello: world::hello(), place: "unix:/x".into() },
        Step::Lost(tries) => {
            Event::Lost { reason: "\u{1b}gone".into(), tries, retry_in: Duration::from_secs(5) }
        }
        Step::Snapshot(nodes, epoch) => {
            let mut answer =
                if nodes == 0 { world::snapshot(EMPTY) } else { world::snapshot(Size { nodes, ..USUAL }) };
            answer.epoch = epoch;
            Event::Watched(Box::new(answer))
        }
        Step::Change(round) => Event::Watched(Box::new(world::change(USUAL, round))),
        Step::StatsFirst(more) => {
            let mut answer = world::snapshot(USUAL);
            (answer.nodes.rows, answer.tenants.rows, answer.more) = (Vec::new(), Vec::new(), more);
            answer.meetings.as_mut().unwrap().changes.rows.clear();
            Event::Watched(Box::new(answer))
        }
        Step::Gone(number) => {
            let mut answer = world::change(USUAL, 1);
            (answer.nodes.gone, answer.tenants.gone) = (vec![number], vec![number]);
            answer.meetings.as_mut().unwrap().changes.gone = vec![number, number];
            Event::Watched(Box::new(answer))
        }
        Step::Answer => {
            stage.answer();
            return;
        }
        Step::Refuse => match stage.commands.iter().position(|it| matches!(it, Command::Call(_))) {
            Some(at) => {
                let Command::Call(call) = stage.commands.remove(at) else { return };
                Event::Answered(call, Err(Refusal::new("no")))
            }
            None => return,
        },
        Step::UnexpectedAnswer => Event::Answered(Call::NodeCheck("x".into()), Err(Refusal::new("no"))),
    };
    stage.event(event);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_events_in_any_order(steps in proptest::collection::vec(step(), 1..60), tab in 0..SCREENS.len()) {
        let mut stage = Stage::empty((80, 24), SCREENS[tab].title());
        for step in steps {
            apply(&mut stage, step);
            stage.frame();
        }
    }
}
