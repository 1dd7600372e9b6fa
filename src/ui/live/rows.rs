//! The rows of each part, as they are shown and as the filter sees them.

use chrono::DateTime;

use super::data::{Counted, Data};
use super::row::{Row, Weight};
use super::state::{Panel, Selection, State};
use crate::document::{Ban, Event, EventKind, Jail};
use crate::model::fail2ban::Event as Kind;
use crate::model::network::Network;
use crate::model::text::Text;

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

    /// The row that keys are about: the one that is drawn as selected, also where it stands elsewhere or is gone meanwhile.
    pub fn chosen(&self) -> Option<Row> {
        let selection = self.selection(self.panel);
        if selection.is_held {
            return selection.row.clone();
        }
        let rows = self.rows(self.panel);
        let place = self.place(self.panel, &rows);
        rows.into_iter().nth(place)
    }

    /// Where the selected row of a part stands among these: a row stays selected, but the top of the events is their newest.
    pub fn place(&self, panel: Panel, rows: &[Row]) -> usize {
        let selection = self.selection(panel);
        let is_top = panel == Panel::Events && selection.place == 0;
        let row = selection.row.as_ref().filter(|_| !is_top);
        let found = row.and_then(|row| rows.iter().position(|other| other.key == row.key));
        found.unwrap_or(selection.place).min(rows.len().saturating_sub(1))
    }

    /// Holds the selected row of each part, just before they are drawn: keys are about these until the next drawing.
    pub fn hold(&mut self) {
        for panel in Panel::ALL {
            let rows = self.rows(panel);
            let place = self.place(panel, &rows);
            self.select(panel, place, rows);
        }
    }

    /// Moves the selection by so many rows.
    pub fn step(&mut self, by: isize) {
        let rows = self.rows(self.panel);
        let place = self.place(self.panel, &rows).saturating_add_signed(by);
        self.select(self.panel, place.min(rows.len().saturating_sub(1)), rows);
    }

    fn select(&mut self, panel: Panel, place: usize, rows: Vec<Row>) {
        *self.selection_mut(panel) = Selection {
            place,
            row: rows.into_iter().nth(place),
            is_held: true,
        };
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
        (Panel::Events, _) => match data.unread() {
            Some(reason) => format!("unknown: {reason}"),
            None => "no line since the view began".to_owned(),
        },
        (_, Some(down)) => down,
        (Panel::Jails, None) => "no jail runs".to_owned(),
        (Panel::Bans, None) => "nobody is banned".to_owned(),
        (Panel::Customers, None) => match data.unknown() {
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
        jail.name.raw().to_owned(),
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
            format!("{} {}", counted.ip, counted.jail.raw()),
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
    let known = data.counted.iter().filter(|_| data.unread().is_none());
    known.map(row).collect()
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
        let key = format!("{} {}", ban.ip.raw(), jail.name.raw());
        Row::new(key, weight, ip, cells)
    };
    bans.into_iter().map(row).collect()
}

/// The newest first.
fn events(state: &State, data: &Data) -> Vec<Row> {
    let row = |(number, event): (u64, &Event)| {
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
        Row::new(number.to_string(), weight(event.event), event.ip, cells)
    };
    let numbers = (0..=data.seen).rev();
    numbers.zip(data.events.iter().rev()).map(row).collect()
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

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    use super::*;
    use crate::document::Headroom;
    use crate::model::host_name::HostName;
    use crate::model::known::Known;
    use crate::model::observed::{Observed, Server};
    use crate::procedure::status;
    use crate::ui::live::{Act, Effect, LogTrouble, Look, press};

    fn network(last: u8) -> Network {
        Network::single(std::net::IpAddr::from([203, 0, 113, last]))
    }

    fn counted(last: u8) -> Counted {
        Counted {
            customer: "Vista Seven Hotels".into(),
            jail: "asterisk-scan".into(),
            ip: network(last),
            headroom: Headroom {
                count: 3,
                attempts: 3,
                maxretry: 10,
                findtime: 600,
                seconds_to_ban: None,
                counted_from: None,
            },
        }
    }

    fn state(counts: &[u8]) -> State {
        let host = HostName {
            name: "lab".to_owned(),
            address: "root@192.0.2.1".to_owned(),
        };
        let mut state = State::new(host, false);
        state.panel = Panel::Customers;
        state.is_unlocked = true;
        state.live.counted = counts.iter().copied().map(counted).collect();
        state
    }

    fn key(state: &mut State, letter: char) -> Effect {
        press(state, KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE))
    }

    #[test]
    fn a_key_is_about_the_row_that_was_drawn_as_selected_wherever_it_stands_now() {
        let mut state = state(&[1, 2, 3]);
        state.hold();
        key(&mut state, 'j');
        state.hold();
        state.live.counted = [9, 8, 1, 2].map(counted).to_vec();
        assert_eq!(key(&mut state, 'u'), Effect::Run(Act::Unban(network(2))));
        // Drawn anew it is still the selected one.
        state.hold();
        assert_eq!(state.place(Panel::Customers, &state.rows(Panel::Customers)), 3);
        key(&mut state, 'k');
        assert_eq!(key(&mut state, 'u'), Effect::Run(Act::Unban(network(1))));
        // It is gone, but not from the screen yet; then the row in its place is selected.
        state.live.counted = [9, 8, 7].map(counted).to_vec();
        assert_eq!(key(&mut state, 'u'), Effect::Run(Act::Unban(network(1))));
        state.hold();
        assert_eq!(key(&mut state, 'u'), Effect::Run(Act::Unban(network(7))));
        // Where no row was drawn there is none to act on.
        state.live.counted.clear();
        state.hold();
        state.live.counted = vec![counted(5)];
        assert_eq!(key(&mut state, 'u'), Effect::None);
    }

    #[test]
    fn while_nothing_is_read_nobodys_count_and_no_event_is_known() {
        let mut state = state(&[1]);
        state.live.log_trouble = Some(LogTrouble {
            text: "fail2ban logs to SYSLOG".to_owned(),
            is_unread: true,
            since: 0,
        });
        assert!(state.rows(Panel::Customers).is_empty());
        state.live.looked(look());
        for panel in [Panel::Customers, Panel::Events] {
            assert_eq!(nothing(&state, panel), "unknown: fail2ban logs to SYSLOG");
        }
        state.live.log_trouble = None;
        assert_eq!(nothing(&state, Panel::Events), "no line since the view began");
    }

    /// A look at a host that runs fail2ban.
    fn look() -> Look {
        let server = Server {
            running: true,
            ..Server::default()
        };
        let observed = Observed {
            server: Known::of(server),
            ..Observed::default()
        };
        Look {
            status: status(&observed, &[]),
            at: 0,
        }
    }
}
