//! The terminal. It is restored on every way out, also on a panic.

use std::io::{self, BufWriter, Stdout, Write as _, stdout};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::{Signal, raise};
use ratatui::Frame;
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{cursor, execute, queue};
use ratatui::layout::Size;

/// Size of the write buffer: enough for a whole screen, so that a frame is written at once.
const BUFFER: usize = 64 * 1024;

/// Whether the dashboard has the terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal in raw mode, on the alternate screen. Dropping it restores the terminal.
#[derive(Debug)]
pub struct Term {
    terminal: ratatui::Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    mouse: bool,
}

impl Term {
    /// Takes the terminal. From now on a panic restores it before the panic is reported.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let report = panic::take_hook();
            panic::set_hook(Box::new(move |panic| {
                restore();
                report(panic);
            }));
        });
        let backend = CrosstermBackend::new(BufWriter::with_capacity(BUFFER, stdout()));
        take(mouse).inspect_err(|_| restore())?;
        let terminal = ratatui::Terminal::new(backend).inspect_err(|_| restore())?;
        Ok(Self { terminal, mouse })
    }

    /// Its current size.
    pub fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Draws a frame.
    pub fn draw(&mut self, frame: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        // Terminals that support it show the frame at once.
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(frame)?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    /// Clears the screen, so that the next frame is drawn completely.
    pub fn clear(&mut self) -> io::Result<()> {
        // Not `Terminal::clear`: it queries the position of the cursor, and the reader of keys would get the
        // answer.
        self.terminal.backend_mut().clear()?;
        self.terminal.swap_buffers();
        Ok(())
    }

    /// Suspends the program. Returns when the shell resumes it.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        raise(Signal::SIGTSTP).map_err(io::Error::from)?;
        self.resume()
    }

    /// Takes the terminal again after a suspension.
    pub fn resume(&mut self) -> io::Result<()> {
        // The shell may have changed the mode: restore first, so that it is set again.
        restore();
        take(self.mouse)?;
        self.clear()
    }
}

impl Drop for Term {
    fn drop(&mut self) {
        restore();
    }
}

fn take(mouse: bool) -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
    if mouse {
        execute!(stdout(), EnableMouseCapture)?;
    }
    Ok(())
}

/// Restores the terminal once. Errors are ignored: the terminal may be gone.
fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let _ = execute!(
        stdout(),
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
    let _ = stdout().flush();
}
