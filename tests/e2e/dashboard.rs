//! The real dashboard in a pseudo-terminal, in front of the real daemon.

#[path = "../../b3lb-tui/tests/tui/screen.rs"]
#[allow(dead_code, reason = "shared with the tests of the dashboard itself")]
mod screen;

use harness::daemon::binary;
use harness::{World, eventually};
use portable_pty::CommandBuilder;
use screen::Screen;
use tokio::task::block_in_place;

use crate::support::{one_meeting_each, settled};

fn start(world: &World, columns: u16, lines: u16) -> Screen {
    let mut command = CommandBuilder::new(binary("b3lb-tui"));
    command.args(["--connect", &format!("unix:{}", world.daemon.socket().display())]);
    command.env_clear();
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    Screen::start(command, columns, lines)
}

/// Waits for all of these on the screen, while the daemon and the nodes go on.
fn see(screen: &Screen, all: &[&str]) {
    block_in_place(|| screen.wait(&all.join(" and "), |text| all.iter().all(|it| text.contains(it))));
}

fn see_no(screen: &Screen, text: &str) {
    block_in_place(|| screen.wait_until_gone(text));
}

/// Waits until the line with `name` has `text` too.
fn see_in_line(screen: &Screen, name: &str, text: &str) {
    let is_so = |it: &str| it.lines().any(|line| line.contains(name) && line.contains(text));
    block_in_place(|| screen.wait(&format!("{text} in the line of {name}"), is_so));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_at_the_dashboard() {
    let mut world = World::start(2).await;
    let rooms = one_meeting_each(&world).await;
    let mut screen = start(&world, 120, 40);
    see(&screen, &["n1.localhost", "n2.localhost", "● live", "● 2 up"]);

    // A node's figures change before one's eyes.
    world.nodes[0].set_attendees(&rooms[0], 37);
    see_in_line(&screen, "n1.localhost", "37");

    // Filter, and sort.
    screen.press("/n2");
    see_no(&screen, "n1.localhost");
    screen.press("\x1b");
    see(&screen, &["n1.localhost"]);
    screen.press(">");
    see(&screen, &["NODE▲"]);

    // Maintenance: asked for, done, and seen by the next create.
    screen.press("/n1\rm");
    see(&screen, &["1 meeting with 37 attendees keeps running; no new ones."]);
    screen.press("\t\r");
    see_in_line(&screen, "n1.localhost", "◌ maint");
    for n in 0..3 {
        let id = format!("late-{n}");
        assert!(world.foo.get("create", &[("meetingID", &id), ("name", &id)]).await.ok());
        assert_eq!(settled(&world, &id).await, 2);
    }

    // A drain is followed to its end.
    screen.press("D\t\r");
    see(&screen, &["1 meeting with 37 attendees"]);
    world.nodes[0].end_meeting(&rooms[0]);
    see(&screen, &["drained: no meetings left"]);
    screen.press("\x1b\x1b");

    // A meeting is ended, after its word.
    screen.press("2");
    see(&screen, &["late-0", "late-1", "late-2"]);
    screen.press("/late-1\r");
    see_no(&screen, "late-2");
    // Only what is fresh is worked on.
    world.nodes[1].set_attendees("late-1", 5);
    see_in_line(&screen, "late-1", " 5 ");
    screen.press("x");
    see(&screen, &["Type end to confirm"]);
    see(&screen, &["End late-1?"]);
    screen.press("end\r");
    eventually("the meeting is ended on its node", || async {
        world.hosts_of("late-1").is_empty().then_some(())
    })
    .await;
    screen.press("\x1b\x1b");
    see(&screen, &["late-0", "late-2"]);
    see_no(&screen, "late-1");

    // The daemon goes and comes back.
    world.daemon.kill().await;
    see(&screen, &["✖ lost", "late-0"]);
    world.daemon.start_again().await;
    screen.press("\x12");
    see(&screen, &["● live", "late-0"]);

    // Resized, even to almost nothing, and left.
    screen.resize(60, 12);
    see(&screen, &["need 80x24"]);
    screen.resize(200, 60);
    see(&screen, &["late-0"]);
    screen.press("q");
    let status = block_in_place(|| screen.end());
    assert_eq!(status.exit_code(), 0);
    screen.assert_clean();
}
