//! The state of the view: what is known, and what the operator has chosen to see of it.

use std::collections::BTreeMap;

use super::data::Data;
use super::row::Row;
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

/// What is selected of a part.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// From its top, at the last drawing.
    pub place: usize,
    /// The row; none where there was none.
    pub row: Option<Row>,
    /// Whether it was drawn or selected by a key, so that it is the one that is meant.
    pub is_held: bool,
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
    /// The selected row of each part.
    selected: BTreeMap<Panel, Selection>,
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
            selected: BTreeMap::new(),
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

    /// What is selected of a part.
    pub fn selection(&self, panel: Panel) -> &Selection {
        const NONE: &Selection = &Selection {
            place: 0,
            row: None,
            is_held: false,
        };
        self.selected.get(&panel).unwrap_or(NONE)
    }

    /// What is selected of a part, to be changed.
    pub fn selection_mut(&mut self, panel: Panel) -> &mut Selection {
        self.selected.entry(panel).or_default()
    }

    /// Turns to the next part, or the one before.
    pub fn turn(&mut self, forward: bool) {
        let count = Panel::ALL.len();
        let step = if forward { 1 } else { count - 1 };
        let next = Panel::ALL.get((self.panel.place() + step) % count);
        self.panel = next.copied().unwrap_or(self.panel);
    }
}
