//! The state of the view: what is known, and what the operator has chosen to see of it.

use super::data::Data;
use crate::model::host_name::HostName;

/// A part of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Panel {
    /// Jails with their counters.
    Jails,
    /// Customers with fail2ban's count.
    Customers,
    /// Who is banned.
    Bans,
    /// What happens.
    Events,
}

impl Panel {
    /// All, in their order.
    pub const ALL: [Self; 4] = [Self::Jails, Self::Customers, Self::Bans, Self::Events];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Jails => "Jails",
            Self::Customers => "Customers",
            Self::Bans => "Bans",
            Self::Events => "Events",
        }
    }

    fn place(self) -> usize {
        self as usize
    }
}

/// The state.
#[derive(Debug, Clone)]
pub struct State {
    /// The host.
    pub host: HostName,
    /// Whether colours are used.
    pub colours: bool,
    /// What is known now.
    pub live: Data,
    /// What is shown instead while the view is frozen.
    pub frozen: Option<Box<Data>>,
    /// The second of the host's clock now.
    pub now: i64,
    /// The part that keys are about.
    pub panel: Panel,
    /// The selected row of each part, from its top.
    selected: [usize; 4],
    /// What rows have to hold (`!` first: must not hold).
    pub filter: String,
    /// Whether the filter is being typed.
    pub is_typing: bool,
    /// Whether names of customers are hidden.
    pub hides_names: bool,
    /// Whether keys may change the host.
    pub is_unlocked: bool,
    /// Whether the help is shown.
    pub shows_help: bool,
}

impl State {
    /// The view of a host about which nothing is known yet.
    pub fn new(host: HostName, colours: bool) -> Self {
        Self {
            host,
            colours,
            live: Data::default(),
            frozen: None,
            now: 0,
            panel: Panel::Bans,
            selected: [0; 4],
            filter: String::new(),
            is_typing: false,
            hides_names: false,
            is_unlocked: false,
            shows_help: false,
        }
    }

    /// What is shown.
    pub fn shown(&self) -> &Data {
        self.frozen.as_deref().unwrap_or(&self.live)
    }

    /// Freezes what is shown, or goes on with what is known now.
    pub fn freeze(&mut self) {
        self.frozen = match self.frozen {
            None => Some(Box::new(self.live.clone())),
            Some(_) => None,
        };
    }

    /// Which row of a part is selected, given how many there are.
    pub fn selected(&self, panel: Panel, count: usize) -> usize {
        let chosen = self.selected.get(panel.place()).copied().unwrap_or_default();
        chosen.min(count.saturating_sub(1))
    }

    /// Selects a row of the part that keys are about.
    pub fn select(&mut self, place: usize) {
        if let Some(chosen) = self.selected.get_mut(self.panel.place()) {
            *chosen = place;
        }
    }

    /// Turns to the next part, or the one before.
    pub fn turn(&mut self, forward: bool) {
        let count = Panel::ALL.len();
        let step = if forward { 1 } else { count - 1 };
        let next = Panel::ALL.get((self.panel.place() + step) % count);
        self.panel = next.copied().unwrap_or(self.panel);
    }
}
