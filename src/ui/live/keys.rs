//! What a key does: it changes the state, or asks for something that the view cannot do by itself.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::state::State;
use crate::document::shell_word;
use crate::model::network::Network;

/// What the view asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing; the state may be another one.
    None,
    /// The view ends.
    Quit,
    /// A command is run in its place, with its own plan and approval.
    Run(Act),
}

/// A command of f2bctl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Why an address is banned or not; changes nothing.
    Why(Network),
    /// Lifts the bans of an address.
    Unban(Network),
    /// Whitelists an address or network.
    Onboard(Network),
    /// Undoes the last change.
    Undo,
}

impl Act {
    /// Its words, without the program and the host.
    pub fn words(&self) -> Vec<String> {
        let of = |command: &str, ip: &Network| vec![command.to_owned(), ip.to_string()];
        match self {
            Self::Why(ip) => of("why", ip),
            Self::Unban(ip) => of("unban", ip),
            Self::Onboard(ip) => of("onboard", ip),
            Self::Undo => vec!["undo".to_owned()],
        }
    }

    /// The command as it is typed.
    pub fn line(&self, state: &State) -> String {
        format!("f2bctl -H {} {}", shell_word(&state.host.name), self.words().join(" "))
    }
}

/// The command of a key for the selected row: the key, whether it is locked, and the command.
pub fn commands(state: &State) -> Vec<(&'static str, bool, Act)> {
    let ip = state.chosen().and_then(|row| row.ip);
    let mut found = Vec::new();
    if let Some(ip) = ip {
        found.push(("Enter", false, Act::Why(ip)));
        found.push(("u", !state.is_unlocked, Act::Unban(ip)));
        found.push(("a", !state.is_unlocked, Act::Onboard(ip)));
    }
    found.push(("z", !state.is_unlocked, Act::Undo));
    found
}

/// Takes a key.
pub fn press(state: &mut State, key: KeyEvent) -> Effect {
    if key.modifiers.contains(KeyModifiers::CONTROL) && matches!(key.code, KeyCode::Char('c')) {
        return Effect::Quit;
    }
    if state.is_typing {
        type_filter(state, key.code);
        return Effect::None;
    }
    if state.shows_help {
        state.shows_help = false;
        return Effect::None;
    }
    match key.code {
        KeyCode::Char('q') => return Effect::Quit,
        KeyCode::Char('?') => state.shows_help = true,
        KeyCode::Char('/') => state.is_typing = true,
        KeyCode::Esc => state.filter.clear(),
        KeyCode::Char('p') => state.freeze(),
        KeyCode::Char('P') => state.hides_names = !state.hides_names,
        KeyCode::Char('w') => state.is_unlocked = !state.is_unlocked,
        KeyCode::Tab | KeyCode::Right => state.turn(true),
        KeyCode::BackTab | KeyCode::Left => state.turn(false),
        KeyCode::Down | KeyCode::Char('j') => state.step(1),
        KeyCode::Up | KeyCode::Char('k') => state.step(-1),
        KeyCode::PageDown => state.step(10),
        KeyCode::PageUp => state.step(-10),
        KeyCode::Home => state.step(isize::MIN),
        KeyCode::End => state.step(isize::MAX),
        KeyCode::Enter => return run(state, "Enter"),
        KeyCode::Char('u') => return run(state, "u"),
        KeyCode::Char('a') => return run(state, "a"),
        KeyCode::Char('z') => return run(state, "z"),
        _ => {}
    }
    Effect::None
}

/// The command of a key, unless there is none for the selected row or it is locked.
fn run(state: &State, key: &str) -> Effect {
    let found = commands(state)
        .into_iter()
        .find(|(of, is_locked, _)| *of == key && !is_locked);
    found.map_or(Effect::None, |(_, _, act)| Effect::Run(act))
}

fn type_filter(state: &mut State, code: KeyCode) {
    match code {
        KeyCode::Enter => state.is_typing = false,
        KeyCode::Esc => {
            state.is_typing = false;
            state.filter.clear();
        }
        KeyCode::Backspace => _ = state.filter.pop(),
        KeyCode::Char(letter) => state.filter.push(letter),
        _ => {}
    }
}
