//! Takes the terminal for the view and gives it back, also after a panic: the alternate screen, keys one by one, no cursor.

use std::io::{self, Stdout, Write as _, stdout};
use std::sync::Once;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyEvent, KeyEventKind};
use futures_util::StreamExt as _;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

use super::drawing::draw;
use super::state::State;

/// The terminal, for as long as this lives.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// What is no terminal, or one that is gone.
    pub fn take() -> io::Result<Self> {
        give_back_after_a_panic();
        enable_raw_mode()?;
        let taken =
            execute!(stdout(), EnterAlternateScreen).and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match taken {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Draws the state; only what is another than before is written.
    ///
    /// # Errors
    /// A terminal that is gone.
    pub fn draw(&mut self, state: &State) -> io::Result<()> {
        self.terminal.draw(|frame| draw(frame, state)).map(|_| ())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// What comes from the terminal.
#[derive(Debug)]
pub enum Input {
    /// A key.
    Key(KeyEvent),
    /// It has another size, or something else that asks for a new drawing.
    Redraw,
    /// It is gone.
    Gone,
}

/// The keys, for as long as the terminal is taken.
pub struct Keys(EventStream);

impl Keys {
    /// Listens to the keys that are typed from now on. Before anything is drawn: a reader that was dropped leaves a wake-up
    /// behind, and the crate forgets the keys that it finds together with that.
    pub fn listen() -> Self {
        // Where this cannot be asked, the first key cannot be read, and that ends the view.
        let _ = crossterm::event::poll(Duration::ZERO);
        Self(EventStream::new())
    }

    /// The next input. Nothing is lost if this is given up while it waits.
    pub async fn next(&mut self) -> Input {
        loop {
            match self.0.next().await {
                Some(Ok(Event::Key(key))) if key.kind == KeyEventKind::Release => {}
                Some(Ok(Event::Key(key))) => return Input::Key(key),
                Some(Ok(_)) => return Input::Redraw,
                Some(Err(_)) | None => return Input::Gone,
            }
        }
    }
}

/// Gives the terminal back. One that is gone needs nothing.
fn give_back() {
    let _ = disable_raw_mode();
    let _ = execute!(stdout(), LeaveAlternateScreen, Show);
    let _ = stdout().flush();
}

fn give_back_after_a_panic() {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            hook(panic);
        }));
    });
}
