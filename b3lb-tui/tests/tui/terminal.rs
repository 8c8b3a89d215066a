//! The real binary in a pseudo-terminal, with a fake daemon.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::CommandBuilder;
use rpc::NodeState;

use crate::fake::Fake;
use crate::screen::Screen;
use crate::world::{self, USUAL};

/// The binary, without the environment of the tests.
fn command(arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_b3lb-tui"));
    command.args(arguments);
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command
}

fn connect(fake: &Fake) -> String {
    format!("unix:{}", fake.socket().display())
}

/// A dashboard that has drawn its first snapshot.
fn dashboard(fake: &Fake) -> Screen {
    let screen = Screen::start(command(&["--connect", &connect(fake)]), 80, 24);
    screen.wait_for("12 nodes");
    screen
}

fn assert_ended_by(screen: &mut Screen, code: u32) {
    assert_eq!(screen.end().exit_code(), code);
    screen.assert_clean();
}

#[test]
fn starts_shows_filters_sorts_and_quits() {
    let fake = Fake::start(USUAL);
    let mut screen = dashboard(&fake);
    assert!(screen.is_raw());
    screen.wait_for("● 8 up");
    screen.wait_for("● live");
    screen.press("/005");
    screen.wait_for("1 of 12 nodes");
    screen.wait_until_gone("bbb-001");
    screen.press("\x1b");
    screen.wait_for("bbb-001");
    screen.press(">>>>r");
    screen.wait_for("▲MEETINGS");
    screen.press("2");
    screen.wait_for("Mathematik 7b");
    screen.wait_for("40 meetings");
    screen.press("?");
    screen.wait_for("Keys: Meetings");
    screen.press("q");
    screen.wait_until_gone("Keys: Meetings");
    screen.press("q");
    assert_ended_by(&mut screen, 0);
}

#[test]
fn changes_are_drawn_at_once() {
    let fake = Fake::start(USUAL);
    let screen = dashboard(&fake);
    fake.change(|snapshot| snapshot.nodes.stats[0].load = 4_321);
    screen.wait_for("4,321");
    fake.change(|snapshot| {
        snapshot.totals.nodes.down = 3;
        snapshot.nodes.stats[0].state = NodeState::Down;
    });
    screen.wait_for("✖ 3 down");
}

#[test]
fn maintenance_asks_first() {
    let fake = Fake::start(USUAL);
    let mut screen = dashboard(&fake);
    screen.press("/bbb-001\rm");
    screen.wait_for("keep running; no new ones.");
    // Cancel has the focus.
    screen.press("\r");
    screen.wait_until_gone("no new ones");
    screen.press("m\t\r");
    screen.wait_for("node bbb-001.example.org in maintenance");
    screen.wait_for("◌ maint");
    let calls = fake.calls();
    assert_eq!(calls.iter().filter(|it| it.starts_with("node_maintenance")).count(), 1, "{calls:?}");

    fake.refuse(true);
    screen.press("M\t\r");
    screen.wait_for("this daemon is a replica");
    screen.wait_for("b3lb-cli promote makes it the primary");
}

#[test]
fn the_watch_resumes_after_the_daemon_was_lost() {
    let mut fake = Fake::start(USUAL);
    let mut screen = dashboard(&fake);
    fake.stop();
    screen.wait_for("✖ lost");
    screen.wait_for("next in");
    // The stale snapshot stays, but operations are refused.
    screen.wait_for("bbb-001");
    screen.press("m");
    screen.wait_for("the picture is old");
    fake.resume();
    fake.change(|snapshot| snapshot.nodes.stats[0].load = 4_321);
    screen.press("\x12");
    screen.wait_for("● live");
    screen.wait_for("4,321");
    let watches: Vec<_> = fake.calls().into_iter().filter(|it| it.starts_with("watch")).collect();
    assert_eq!(watches, ["watch 0 0 None", "watch 7 100 None"], "no second snapshot");
}

#[test]
fn without_a_daemon_it_says_so_and_retries() {
    let mut screen = Screen::start(command(&["--connect", "unix:/nowhere/admin.sock"]), 100, 30);
    screen.wait_for("No connection to unix:/nowhere/admin.sock");
    screen.wait_for("no daemon at /nowhere/admin.sock");
    screen.wait_for("try 2 failed, next in 2 s");
    screen.press("\x03");
    assert_ended_by(&mut screen, 0);
}

#[test]
fn signals_end_it_cleanly() {
    let fake = Fake::start(USUAL);
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 129), (Signal::SIGINT, 130)] {
        let mut screen = dashboard(&fake);
        kill(Pid::from_raw(screen.process()), signal).unwrap();
        assert_ended_by(&mut screen, code);
    }
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_fg() {
    let fake = Fake::start(USUAL);
    let mut shell = CommandBuilder::new("sh");
    shell.arg("-i");
    shell.env_clear();
    for (name, value) in
        [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PS1", "ready> "), ("PATH", "/usr/bin:/bin")]
    {
        shell.env(name, value);
    }
    let mut screen = Screen::start(shell, 80, 24);
    let wait_for_prompts = |screen: &Screen, count| {
        screen.wait(&format!("prompt {count}"), |text| text.matches("ready>").count() == count);
    };
    wait_for_prompts(&screen, 1);
    screen.press(&format!("{} --connect {}\r", env!("CARGO_BIN_EXE_b3lb-tui"), connect(&fake)));
    screen.wait_for("12 nodes");
    screen.press("\x1a");
    screen.wait_for("Stopped");
    wait_for_prompts(&screen, 2);
    screen.assert_no_dashboard();
    screen.press("fg\r");
    screen.wait_for("12 nodes");
    screen.press("3");
    screen.wait_for("6 tenants");
    screen.press("q");
    wait_for_prompts(&screen, 3);
    screen.assert_no_dashboard();
    screen.press("exit\r");
    assert_eq!(screen.end().exit_code(), 0);
}

#[test]
fn sizes_change_at_any_time() {
    let fake = Fake::start(USUAL);
    let mut screen = dashboard(&fake);
    screen.resize(60, 10);
    screen.wait_for("need 80x24");
    screen.wait_for("have 60x10");
    screen.resize(160, 40);
    // Now there is room for the details, which are fetched.
    screen.wait_for("Last hour");
    screen.wait_for("Rank for the next meeting");
    screen.resize(80, 24);
    screen.wait_until_gone("Last hour");
    screen.press("q");
    assert_ended_by(&mut screen, 0);
}

#[test]
fn a_pasted_text_is_a_filter_only_where_one_is_typed() {
    let fake = Fake::start(USUAL);
    let mut screen = dashboard(&fake);
    screen.press("\x1b[200~q\x1b[201~/\x1b[200~bbb-00\x1b[201~5");
    screen.wait_for("filter: bbb-005");
    screen.wait_for("1 of 12 nodes");
    screen.press("\rq");
    assert_ended_by(&mut screen, 0);
}

#[test]
fn secret_keys_are_drawn_only_on_request() {
    let fake = Fake::start(USUAL);
    let mut screen = dashboard(&fake);
    screen.press("3");
    screen.wait_for("6 tenants");
    screen.press("/schoolnord\re");
    screen.wait_for("https://schoolnord-002.bbb.example.org/bigbluebutton/");
    let before = fake.calls();
    assert!(!before.iter().any(|it| it.starts_with("secret_reveal")), "{before:?}");
    screen.press("s");
    screen.wait_for("KeyOf2");
    screen.press("\x1b");
    screen.wait_until_gone("KeyOf");
    screen.press("e");
    screen.wait_for("s shows the secret keys");
    assert!(!screen.text().contains("KeyOf"));
}

#[test]
fn meetings_end_only_after_the_word_was_typed() {
    let fake = Fake::start(USUAL);
    let mut screen = dashboard(&fake);
    screen.press("2");
    screen.wait_for("40 meetings");
    screen.press("x\r");
    screen.wait_for("Type end to confirm");
    screen.press("end\r");
    screen.wait_for("39 meetings");
    let ends = fake.calls().into_iter().filter(|it| it.starts_with("meeting_end")).count();
    assert_eq!(ends, 1);
}

#[test]
fn meetings_are_watched_only_while_they_are_needed() {
    let fake = Fake::start(USUAL);
    let mut screen = dashboard(&fake);
    screen.press("2");
    screen.wait_for("Mathematik 7b");
    screen.press("1");
    screen.wait_for("STATE");
    fake.change(|snapshot| snapshot.nodes.stats[0].load = 4_321);
    screen.wait_for("4,321");
    screen.press("2");
    screen.wait_for("40 meetings");
    fake.change(|snapshot| snapshot.nodes.stats[0].load = 4_322);
    screen.press("1");
    screen.wait_for("4,322");
    let calls = fake.calls();
    let watches: Vec<_> = calls.iter().filter_map(|it| it.strip_prefix("watch ")).collect();
    assert_eq!(watches[..3], ["0 0 None", "7 100 Some(0)", "7 100 None"], "{watches:?}");
    assert!(watches.contains(&"7 101 Some(100)"), "the watch of meetings resumes: {watches:?}");
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_reported() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "terminal::panics_in_the_dashboard", "--ignored", "--nocapture"]);
    command.env("RUST_BACKTRACE", "0");
    let mut screen = Screen::start(command, 80, 24);
    assert_ne!(screen.end().exit_code(), 0);
    assert!(screen.text().contains("something unforeseen"), "{}", screen.text());
    screen.assert_clean();
}

#[test]
#[ignore = "run in a terminal of its own by the test above"]
fn panics_in_the_dashboard() {
    let mut term = b3lb_tui::edge::term::Term::enter(true).unwrap();
    term.draw(|frame| frame.render_widget("drawn", frame.area())).unwrap();
    panic!("something unforeseen");
}

#[test]
fn without_a_terminal_it_points_to_what_works_there() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_b3lb-tui")).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        error.contains("not a terminal") && error.contains("b3lb-cli") && error.contains("--snapshot"),
        "{error}"
    );
}

/// Runs `--snapshot`: exit code, standard output, standard error.
fn snapshot(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_b3lb-tui"));
    command.arg("--snapshot").args(arguments).env_clear().env("LANG", "C.UTF-8");
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_snapshot_is_one_frame_of_text() {
    let fake = Fake::start(USUAL);
    let (code, frame, error) =
        snapshot(&["--connect", &connect(&fake), "--size", "160x30", "--tab", "nodes"]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert_eq!(frame.lines().count(), 30);
    assert!(frame.contains("bbb-005.example.org") && frame.contains("Rank for the next meeting"), "{frame}");
    assert!(!frame.contains('\x1b'));

    let (_, frame, _) = snapshot(&["--connect", &connect(&fake), "--tab", "meetings", "--ascii"]);
    assert!(frame.contains("vATTENDEES") && frame.contains("40 meetings"), "{frame}");
}

#[test]
fn a_snapshot_without_a_daemon_ends_with_6() {
    let (code, frame, error) = snapshot(&["--connect", "unix:/nowhere/admin.sock"]);
    assert_eq!((code, frame.as_str()), (Some(6), ""));
    assert!(error.starts_with("error: no daemon at /nowhere/admin.sock\nhint: "), "{error}");
}

#[test]
fn huge_installations_are_drawn() {
    let fake = Fake::start(world::HUGE);
    let (code, frame, error) =
        snapshot(&["--connect", &connect(&fake), "--tab", "meetings", "--size", "200x60"]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(frame.contains("20,000 meetings"), "{frame}");
}
