//! Draws the state: every part where there is room, else the one that keys are about. The meaning does not depend on colours.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph, Row as TableRow, Table, TableState};

use super::help::HELP;
use super::keys::commands;
use super::row::Weight;
use super::rows::{nothing, span};
use super::state::{Panel, State};
use crate::model::comment_text::escaped;
use crate::ui::text::host_at;

/// From which size on all parts are shown.
const ROOMY: (u16, u16) = (70, 20);
/// How many lines the commands of keys may take.
const COMMAND_LINES: usize = 2;
/// How many jails are shown where all parts are.
const MOST_JAILS: usize = 6;

/// Draws the view.
pub fn draw(frame: &mut Frame<'_>, state: &State) {
    let area = frame.area();
    let footer = footer(state, area.width);
    let height = u16::try_from(footer.len()).unwrap_or(3);
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(2), Constraint::Fill(1), Constraint::Length(height)]).areas(area);
    frame.render_widget(Paragraph::new(header(state, area.width)), head);
    let is_roomy = area.width >= ROOMY.0 && area.height >= ROOMY.1;
    if state.shows_help {
        help(frame, body);
    } else if is_roomy {
        let jails = state.rows(Panel::Jails).len().clamp(1, MOST_JAILS) as u16;
        let parts = Layout::vertical([
            Constraint::Length(jails + 2),
            Constraint::Fill(2),
            Constraint::Fill(3),
            Constraint::Fill(3),
        ]);
        for (panel, area) in Panel::ALL.iter().zip(parts.split(body).iter()) {
            part(frame, state, *panel, *area);
        }
    } else {
        part(frame, state, state.panel, body);
    }
    frame.render_widget(Paragraph::new(footer), foot);
}

/// Where one is and on what it stands: the host, the part, whether keys change anything; then the age of everything.
fn header(state: &State, width: u16) -> Vec<Line<'static>> {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let lock = match state.is_unlocked {
        true => Span::styled("UNLOCKED", style(state, Weight::Bad)),
        false => Span::raw("read-only"),
    };
    let host = match width < ROOMY.0 {
        true => escaped(&state.host.name),
        false => host_at(&state.host.name, &state.host.address),
    };
    let place = Line::from(vec![
        Span::styled(host, bold),
        Span::raw(format!(" > {}  ", state.panel.title())),
        lock,
    ]);
    let data = &state.live;
    let looked = match &data.look {
        None => "not looked at yet".to_owned(),
        Some(look) => format!("looked {} ago", span(state.now - look.at)),
    };
    let line = data.last_line.map_or_else(
        || "no line yet".to_owned(),
        |last| format!("last line {} ago", span(state.now - last)),
    );
    let mut ages = vec![Span::raw(format!("{looked}, {line}"))];
    if let Some(frozen) = &state.frozen {
        let missed = data.seen - frozen.seen;
        ages.push(Span::styled(
            format!("  FROZEN, {missed} events since"),
            style(state, Weight::Attention),
        ));
    }
    if state.is_typing || !state.filter.is_empty() {
        let cursor = if state.is_typing { "_" } else { "" };
        ages.push(Span::styled(
            format!("  /{}{cursor}", escaped(&state.filter)),
            style(state, Weight::Attention),
        ));
    }
    let log_trouble = data.log_trouble.as_ref().map(|trouble| &trouble.text);
    for trouble in data.trouble.iter().chain(log_trouble) {
        ages.push(Span::styled(
            format!("  {}", escaped(trouble)),
            style(state, Weight::Bad),
        ));
    }
    vec![place, Line::from(ages)]
}

/// A part: its heading, its columns, its rows; or why there are none.
fn part(frame: &mut Frame<'_>, state: &State, panel: Panel, area: Rect) {
    let rows = state.rows(panel);
    let [title, table] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    let is_chosen = state.panel == panel;
    let heading = match is_chosen {
        true => Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
        false => Style::new().add_modifier(Modifier::BOLD),
    };
    // No rows may also mean that nothing is known.
    let count = match rows.len() {
        0 => String::new(),
        count => format!("({count}) "),
    };
    let name = Span::styled(format!(" {} {count}", panel.title()), heading);
    frame.render_widget(Paragraph::new(Line::from(name)), title);
    if rows.is_empty() {
        frame.render_widget(Paragraph::new(format!(" {}", escaped(&nothing(state, panel)))), table);
        return;
    }
    let selected = is_chosen.then(|| state.place(panel, &rows));
    let drawn = rows.into_iter().map(|row| {
        let style = style(state, row.weight);
        TableRow::new(row.cells.into_iter().map(|cell| escaped(&cell))).style(style)
    });
    let (names, widths) = columns(panel);
    let header = TableRow::new(names.iter().copied()).style(Style::new().add_modifier(Modifier::DIM));
    let mut place = TableState::default().with_selected(selected);
    let table_widget = Table::new(drawn, widths)
        .header(header)
        .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    frame.render_stateful_widget(table_widget, table, &mut place);
}

fn columns(panel: Panel) -> (&'static [&'static str], Vec<Constraint>) {
    use Constraint::{Fill, Length};
    match panel {
        Panel::Jails => (
            &["JAIL", "BANNED", "OF ALL", "FAILING", "FAILURES", "MAX", "LAST 4 MIN"],
            vec![
                Length(15),
                Length(6),
                Length(6),
                Length(7),
                Length(8),
                Length(7),
                Length(24),
            ],
        ),
        Panel::Customers => (
            &["CUSTOMER", "ADDRESS", "JAIL", "COUNT", "REAL", "BAN IN"],
            vec![Fill(1), Length(15), Length(14), Length(7), Length(5), Length(8)],
        ),
        Panel::Bans => (
            &["ADDRESS", "JAIL", "TIME LEFT", "CUSTOMER"],
            vec![Length(18), Length(14), Length(11), Fill(1)],
        ),
        Panel::Events => (
            &["TIME", "EVENT", "JAIL", "ABOUT", "CUSTOMER"],
            vec![Length(8), Length(12), Length(14), Fill(1), Fill(1)],
        ),
    }
}

/// The commands of the keys, then the keys.
fn footer(state: &State, width: u16) -> Vec<Line<'static>> {
    let mut words: Vec<String> = commands(state)
        .into_iter()
        .filter(|(_, is_locked, _)| !is_locked)
        .map(|(key, _, act)| format!("{key}: {}", act.line(state)))
        .collect();
    if !state.is_unlocked {
        words.push("w unlocks u unban, a onboard, z undo".to_owned());
    }
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        let fits = |line: &String| line.chars().count() + 3 + word.chars().count() <= usize::from(width);
        match lines.last_mut().filter(|line| fits(line)) {
            Some(line) => {
                line.push_str("   ");
                line.push_str(&word);
            }
            None => lines.push(word),
        }
    }
    lines.truncate(COMMAND_LINES);
    let faint = Style::new().add_modifier(Modifier::DIM);
    let keys = match width < ROOMY.0 {
        true => "? help  q quit  Tab part  / filter",
        false => "? help  / filter  p freeze  P names  Tab part  w lock  q quit",
    };
    lines
        .into_iter()
        .map(Line::from)
        .chain([Line::styled(keys, faint)])
        .collect()
}

fn help(frame: &mut Frame<'_>, area: Rect) {
    let lines = HELP.iter().map(|(key, meaning)| match key.is_empty() {
        true => Line::from(format!(" {meaning}")),
        false => Line::from(format!(" {key:<12} {meaning}")),
    });
    frame.render_widget(Clear, area);
    let text = Paragraph::new(lines.collect::<Vec<Line<'_>>>());
    frame.render_widget(text.wrap(ratatui::widgets::Wrap { trim: false }), area);
}

fn style(state: &State, weight: Weight) -> Style {
    let colour = |colour: Color| match state.colours {
        true => Style::new().fg(colour),
        false => Style::new(),
    };
    match weight {
        Weight::Bad => colour(Color::Red).add_modifier(Modifier::BOLD),
        Weight::Attention => colour(Color::Yellow),
        Weight::Good => colour(Color::Green),
        Weight::Plain => Style::new(),
        Weight::Faint => Style::new().add_modifier(Modifier::DIM),
    }
}
