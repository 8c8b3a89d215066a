//! A program in a pseudo-terminal: reads what it draws, and presses keys.

use std::io::{Read as _, Write};
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// Time-out of every wait.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What the terminal has received so far.
struct Got {
    parser: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
}

/// A terminal that runs a program.
pub(crate) struct Screen {
    got: Arc<(Mutex<Got>, Condvar)>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    /// The initial local modes of the terminal.
    modes: u32,
}

impl Screen {
    /// Starts a program in a terminal of this size.
    pub(crate) fn start(command: CommandBuilder, columns: u16, lines: u16) -> Self {
        let pair = native_pty_system().openpty(size(columns, lines)).unwrap();
        let modes = local_modes(&*pair.master);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let parser = vt100::Parser::new(at_least_one(lines), at_least_one(columns), 0);
        let got = Arc::new((Mutex::new(Got { parser, raw: Vec::new(), ended: false }), Condvar::new()));
        let shared = Arc::clone(&got);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                // On Linux the end of a pseudo-terminal is an error.
                let read = reader.read(&mut bytes).unwrap_or(0);
                let mut got = shared.0.lock().unwrap();
                got.parser.process(&bytes[..read]);
                got.raw.extend_from_slice(&bytes[..read]);
                got.ended = read == 0;
                shared.1.notify_all();
                if got.ended {
                    return;
                }
            }
        });
        Self { got, child, master: pair.master, keyboard, modes }
    }

    /// The text on the screen.
    pub(crate) fn text(&self) -> String {
        self.got.0.lock().unwrap().parser.screen().contents()
    }

    /// Waits until the screen fulfils `condition`.
    pub(crate) fn wait(&self, name: &str, condition: impl Fn(&str) -> bool) {
        let end = Instant::now() + TIMEOUT;
        let mut got = self.got.0.lock().unwrap();
        loop {
            let text = got.parser.screen().contents();
            if condition(&text) {
                return;
            }
            let rest = end.saturating_duration_since(Instant::now());
            assert!(!rest.is_zero() && !got.ended, "timed out waiting for {name}; the screen:\n{text}");
            got = self.got.1.wait_timeout(got, rest).unwrap().0;
        }
    }

    /// Waits until `text` is on the screen.
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait(text, |screen| screen.contains(text));
    }

    /// Waits until `text` is no longer on the screen.
    pub(crate) fn wait_until_gone(&self, text: &str) {
        self.wait(&format!("a screen without {text}"), |screen| !screen.contains(text));
    }

    /// Presses keys, given as the bytes that a terminal sends.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Resizes the terminal.
    pub(crate) fn resize(&self, columns: u16, lines: u16) {
        self.got.0.lock().unwrap().parser.screen_mut().set_size(at_least_one(lines), at_least_one(columns));
        self.master.resize(size(columns, lines)).unwrap();
    }

    /// Id of the process.
    pub(crate) fn process(&self) -> i32 {
        i32::try_from(self.child.process_id().unwrap()).unwrap()
    }

    /// Whether the terminal is in raw mode.
    pub(crate) fn is_raw(&self) -> bool {
        local_modes(&*self.master) != self.modes
    }

    /// Waits until the program exits.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let end = Instant::now() + TIMEOUT;
        let mut got = self.got.0.lock().unwrap();
        while !got.ended {
            let rest = end.saturating_duration_since(Instant::now());
            assert!(!rest.is_zero(), "it did not end; the screen:\n{}", got.parser.screen().contents());
            got = self.got.1.wait_timeout(got, rest).unwrap().0;
        }
        drop(got);
        self.child.wait().unwrap()
    }

    /// Asserts that the terminal is restored.
    pub(crate) fn assert_clean(&self) {
        self.assert_no_dashboard();
        assert!(!self.is_raw(), "still in raw mode");
    }

    /// Asserts that the shell's screen is back, with a cursor and without the mouse.
    pub(crate) fn assert_no_dashboard(&self) {
        let got = self.got.0.lock().unwrap();
        let screen = got.parser.screen();
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert!(!screen.bracketed_paste(), "pastes are still bracketed");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn size(columns: u16, lines: u16) -> PtySize {
    PtySize { rows: lines, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn local_modes(master: &dyn MasterPty) -> u32 {
    master.get_termios().unwrap().local_flags.bits()
}

fn at_least_one(number: u16) -> NonZero<u16> {
    NonZero::new(number).unwrap()
}
