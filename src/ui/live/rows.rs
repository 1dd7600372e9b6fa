//! The rows of each part, as they are shown and as the filter sees them.

use chrono::DateTime;

use super::data::{Counted, Data};
use super::state::{Panel, State};
use crate::document::{Ban, Event, EventKind, Jail};
use crate::model::fail2ban::Event as Kind;
use crate::model::network::Network;
use crate::model::text::Text;

/// How much a row is put forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Something is wrong, or somebody is blocked.
    Bad,
    /// Worth a look.
    Attention,
    /// It got better.
    Good,
    /// Neither.
    Plain,
    /// It goes on all the time.
    Faint,
}

/// A row: its cells, how much it is put forward, and the address that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The cells, in the order of the part's columns.
    pub cells: Vec<String>,
    /// How much it is put forward.
    pub weight: Weight,
    /// The address or network.
    pub ip: Option<Network>,
}

impl Row {
    fn new(weight: Weight, ip: Option<Network>, cells: impl IntoIterator<Item = String>) -> Self {
        Self {
            cells: cells.into_iter().collect(),
            weight,
            ip,
        }
    }

    /// All of it, for the filter.
    pub fn text(&self) -> String {
        self.cells.join(" ")
    }
}

impl State {
    /// The rows of a part that the filter leaves.
    pub fn rows(&self, panel: Panel) -> Vec<Row> {
        let mut rows = rows(self, panel);
        let (inverted, wanted) = match self.filter.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, self.filter.as_str()),
        };
        let wanted = wanted.to_lowercase();
        rows.retain(|row| wanted.is_empty() || row.text().to_lowercase().contains(&wanted) != inverted);
        rows
    }

    /// The row that keys are about.
    pub fn chosen(&self) -> Option<Row> {
        let rows = self.rows(self.panel);
        let place = self.selected(self.panel, rows.len());
        rows.into_iter().nth(place)
    }

    /// Moves the selection by so many rows.
    pub fn step(&mut self, rows: isize) {
        let count = self.rows(self.panel).len();
        let place = self.selected(self.panel, count).saturating_add_signed(rows);
        self.select(place.min(count.saturating_sub(1)));
    }
}

/// The rows of a part, unfiltered.
fn rows(state: &State, panel: Panel) -> Vec<Row> {
    let data = state.shown();
    match panel {
        Panel::Jails => jails(state, data),
        Panel::Customers => customers(state, data),
        Panel::Bans => bans(state, data),
        Panel::Events => events(state, data),
    }
}

/// What is in the place of a part without rows: why there is nothing, or that nothing is known.
pub fn nothing(state: &State, panel: Panel) -> String {
    let data = state.shown();
    if !state.filter.is_empty() && !rows(state, panel).is_empty() {
        return "nothing that the filter leaves".to_owned();
    }
    let Some(look) = &data.look else {
        return "not known yet".to_owned();
    };
    let down = match look.status.fail2ban.running {
        Some(true) => None,
        Some(false) => Some("unknown: fail2ban is down".to_owned()),
        None => {
            let reason = look.status.unknown.get("fail2ban");
            Some(reason.map_or_else(|| "unknown".to_owned(), |reason| format!("unknown: {reason}")))
        }
    };
    match (panel, down) {
        (Panel::Events, _) => "no line since the view began".to_owned(),
        (_, Some(down)) => down,
        (Panel::Jails, None) => "no jail runs".to_owned(),
        (Panel::Bans, None) => "nobody is banned".to_owned(),
        (Panel::Customers, None) => match &data.uncounted {
            Some(reason) => format!("unknown: {reason}"),
            None => match &data.counted_from {
                Some(from) => format!("no failures of a customer counted since {from}"),
                None => "no failures of a customer counted since the view began".to_owned(),
            },
        },
    }
}

fn jails(state: &State, data: &Data) -> Vec<Row> {
    let jails = data.look.iter().flat_map(|look| &look.status.jails);
    jails.map(|jail| self::jail(state, data, jail)).collect()
}

fn jail(state: &State, data: &Data, jail: &Jail) -> Row {
    let number = |value: Option<i64>| value.map_or_else(|| "unknown".to_owned(), |value| value.to_string());
    let of_customers = jail.banned.iter().any(|ban| ban.customer.is_some());
    let weight = match jail.currently_banned {
        _ if of_customers => Weight::Bad,
        0 => Weight::Plain,
        _ => Weight::Attention,
    };
    Row::new(
        weight,
        None,
        [
            jail.name.to_string(),
            jail.currently_banned.to_string(),
            jail.total_banned.to_string(),
            jail.currently_failed.to_string(),
            jail.total_failed.to_string(),
            number(jail.maxretry),
            sparkline(&data.failures(jail.name.raw(), now(state, data))),
        ],
    )
}

/// Columns of failures, from the oldest; blank where the log was not read.
fn sparkline(steps: &[Option<u64>]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = steps.iter().flatten().copied().max().unwrap_or_default().max(1);
    let bar = |count: u64| {
        let place = if count == 0 { 0 } else { 1 + (count * 6 / most) as usize };
        BARS.get(place).copied().unwrap_or('█')
    };
    steps.iter().map(|step| step.map_or(' ', bar)).collect()
}

fn customers(state: &State, data: &Data) -> Vec<Row> {
    let row = |counted: &Counted| {
        let near = &counted.headroom;
        let weight = match near.count * 5 >= near.maxretry * 3 {
            true => Weight::Attention,
            false => Weight::Plain,
        };
        let soon = near
            .seconds_to_ban
            .map_or_else(|| "-".to_owned(), |seconds| format!("~{}", span(seconds)));
        Row::new(
            weight,
            Some(counted.ip),
            [
                named(state, Some(&counted.customer)),
                counted.ip.to_string(),
                counted.jail.to_string(),
                format!("{}/{}", near.count, near.maxretry),
                near.attempts.to_string(),
                soon,
            ],
        )
    };
    data.counted.iter().map(row).collect()
}

fn bans(state: &State, data: &Data) -> Vec<Row> {
    let jails = data.look.iter().flat_map(|look| &look.status.jails);
    let mut bans: Vec<(&Jail, &Ban)> = jails
        .flat_map(|jail| jail.banned.iter().map(move |ban| (jail, ban)))
        .collect();
    let end = |ban: &Ban| ban.until.as_deref().and_then(epoch).unwrap_or(i64::MAX);
    bans.sort_by_key(|(jail, ban)| (ban.customer.is_none(), end(ban), jail.name.raw().to_owned()));
    let row = |(jail, ban): (&Jail, &Ban)| {
        let left = match &ban.until {
            None => "for ever".to_owned(),
            Some(until) => match epoch(until).map(|until| until - now(state, data)) {
                Some(left) if left > 0 => format!("{} left", span(left)),
                Some(_) => "due".to_owned(),
                None => "unknown".to_owned(),
            },
        };
        let weight = match &ban.customer {
            Some(_) => Weight::Bad,
            None => Weight::Plain,
        };
        let ip = Network::parse(ban.ip.raw()).ok().map(|parsed| parsed.network);
        let cells = [
            ban.ip.to_string(),
            jail.name.to_string(),
            left,
            named(state, ban.customer.as_ref()),
        ];
        Row::new(weight, ip, cells)
    };
    bans.into_iter().map(row).collect()
}

/// The newest first.
fn events(state: &State, data: &Data) -> Vec<Row> {
    let row = |event: &Event| {
        let time = event
            .time
            .as_deref()
            .and_then(|time| time.get(11..19))
            .unwrap_or_default();
        let about = match (event.event, event.ip) {
            (EventKind::NearBan, Some(ip)) => format!("{ip} {}", event.text),
            (EventKind::Logged(_), Some(ip)) => ip.to_string(),
            _ => event.text.to_string(),
        };
        let jail = event.jail.as_ref().map_or_else(String::new, Text::to_string);
        let cells = [
            time.to_owned(),
            event.event.word().replace('_', " "),
            jail,
            about,
            named(state, event.customer.as_ref()),
        ];
        Row::new(weight(event.event), event.ip, cells)
    };
    data.events.iter().rev().map(row).collect()
}

fn weight(kind: EventKind) -> Weight {
    match kind {
        EventKind::NearBan | EventKind::Drift => Weight::Attention,
        EventKind::Logged(Kind::Ban | Kind::RestoreBan | Kind::IncreaseBan | Kind::Reban | Kind::Error) => Weight::Bad,
        EventKind::Logged(Kind::Unban) => Weight::Good,
        EventKind::Logged(Kind::Warning | Kind::AlreadyBanned | Kind::ServerStopped) => Weight::Attention,
        EventKind::Logged(_) => Weight::Faint,
    }
}

/// A customer's name, unless names are hidden.
fn named(state: &State, customer: Option<&Text>) -> String {
    match customer {
        None => String::new(),
        Some(_) if state.hides_names => "(hidden)".to_owned(),
        Some(customer) => customer.to_string(),
    }
}

/// The moment that is shown: now, or while the view is frozen that of its data.
fn now(state: &State, data: &Data) -> i64 {
    match (&state.frozen, &data.look) {
        (Some(_), Some(look)) => look.at,
        _ => state.now,
    }
}

fn epoch(moment: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(moment)
        .ok()
        .map(|moment| moment.timestamp())
}

/// Seconds as a person reads them at a glance.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{} s", seconds.max(0)),
        120..7200 => format!("{} min", (seconds + 30) / 60),
        7200..172_800 => format!("{} h", (seconds + 1800) / 3600),
        _ => format!("{} d", (seconds + 43_200) / 86_400),
    }
}
