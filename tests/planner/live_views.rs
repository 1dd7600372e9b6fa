//! The live view as a terminal shows it, at three sizes, with colours and without; and what its keys do.

use std::fmt::Write as _;

use f2bctl::document::{Event, Headroom, Status};
use f2bctl::model::fail2ban::Line;
use f2bctl::model::host_name::HostName;
use f2bctl::procedure::status;
use f2bctl::ui::live::{Act, Counted, Effect, Look, Panel, State, draw, press};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Style;

use super::hosts::RecordedHost;

/// The host's second at the last look: a whole minute, so that the times of a view stand still while hosts are recorded anew.
const LOOKED: i64 = 1_795_846_200;

fn host() -> HostName {
    HostName {
        name: "pbx1".to_owned(),
        address: "root@pbx1.example.net".to_owned(),
    }
}

/// The status of a recorded host, whose bans end at times that stand still.
fn status_of(name: &str) -> Status {
    let observed = RecordedHost::read(name).observed();
    let mut found = status(&observed, &[]);
    let bans = found.jails.iter_mut().flat_map(|jail| &mut jail.banned);
    for (ban, minutes) in bans.zip(7..) {
        let until = chrono::DateTime::from_timestamp(LOOKED + minutes * 60, 0).expect("a moment");
        ban.until = Some(until.to_rfc3339());
    }
    found
}

/// Writes a line of the action log, some seconds before the last look.
fn written(state: &mut State, ago: i64, text: &str, customer: Option<&str>) {
    let time = chrono::DateTime::from_timestamp(LOOKED - ago, 0).expect("a moment");
    let line = format!(
        "{},123 fail2ban.x [7]: NOTICE  {text}",
        time.format("%Y-%m-%d %H:%M:%S")
    );
    let event = Event::of(
        &host(),
        &Line::parse(&line),
        Some(LOOKED - ago),
        customer.map(Into::into),
    );
    state.live.take(event, Some(LOOKED - ago), true);
}

fn near(count: i64, seconds_to_ban: Option<i64>) -> Headroom {
    Headroom {
        count,
        attempts: 27,
        maxretry: 50,
        findtime: 3600,
        seconds_to_ban,
        counted_from: None,
    }
}

/// A host with something in every part.
fn full() -> State {
    let mut state = State::new(host(), true);
    state.now = LOOKED + 3;
    state.live.read_from = Some(LOOKED - 200);
    state.live.looked(Look {
        status: status_of("runbook"),
        at: LOOKED,
    });
    for number in 0..40 {
        let text = format!("[asterisk-scan] Found 198.51.100.{} - x", number % 3);
        written(&mut state, 180 - number * 4, &text, None);
    }
    written(
        &mut state,
        12,
        "[asterisk-scan] Ignore 203.0.113.10 by ip",
        Some("Vista Seven Hotels"),
    );
    written(&mut state, 9, "[asterisk-auth] Ban 198.51.100.21", None);
    written(&mut state, 5, "[asterisk-auth] Unban 198.51.100.99", None);
    written(&mut state, 4, "a\u{1b}[2Jb", None);
    let counted = |last: u8, count: i64, seconds: Option<i64>| Counted {
        customer: "Vista Seven Hotels".into(),
        jail: "asterisk-scan".into(),
        ip: format!("203.0.113.{last}")
            .parse::<std::net::IpAddr>()
            .map(f2bctl::model::network::Network::single)
            .expect("an address"),
        headroom: near(count, seconds),
    };
    state.live.counted = vec![counted(10, 31, Some(40)), counted(11, 4, None)];
    state
}

fn drawn(state: &State, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal.draw(|frame| draw(frame, state)).expect("drawn");
    terminal.backend().buffer().clone()
}

/// The buffer as text, and below it where it is drawn in which style.
fn shown(buffer: &Buffer, with_styles: bool) -> String {
    let (mut text, mut styles) = (String::new(), String::new());
    for y in 0..buffer.area.height {
        let (mut line, mut last) = (String::new(), Style::default());
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            line.push_str(cell.symbol());
            if cell.style() != last && with_styles {
                last = cell.style();
                let modifiers = format!("{:?}", cell.modifier);
                let _ = writeln!(styles, "{y}:{x} {:?} {modifiers}", cell.fg);
            }
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text + &styles
}

fn hold(name: &str, text: &str) {
    insta::with_settings!({
        prepend_module_to_snapshot => false,
        omit_expression => true,
        snapshot_path => "views",
    }, {
        insta::assert_snapshot!(name, text);
    });
}

fn keys(state: &mut State, typed: &str) -> Vec<Effect> {
    let press = |letter: char| {
        let code = match letter {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            letter => KeyCode::Char(letter),
        };
        press(state, KeyEvent::new(code, KeyModifiers::NONE))
    };
    typed.chars().map(press).collect()
}

#[test]
fn every_size_shows_what_there_is_room_for_and_colours_mean_nothing_alone() {
    let mut state = full();
    for (width, height) in [(120, 40), (80, 24), (40, 15)] {
        state.colours = true;
        let coloured = drawn(&state, width, height);
        state.colours = false;
        let plain = drawn(&state, width, height);
        assert_eq!(shown(&coloured, false), shown(&plain, false));
        hold(&format!("live-{width}x{height}"), &shown(&plain, false));
        if width == 80 {
            hold("live-80x24-colour", &shown(&coloured, true));
            hold("live-80x24-mono", &shown(&plain, true));
        }
    }
}

#[test]
fn what_is_not_known_is_not_zero() {
    let mut state = State::new(host(), false);
    let before = shown(&drawn(&state, 80, 24), false);
    assert!(
        before.contains("not looked at yet") && before.contains("not known yet"),
        "{before}"
    );
    state.now = LOOKED + 90;
    state.live.looked(Look {
        status: status_of("stopped"),
        at: LOOKED,
    });
    state.live.trouble = Some("the connection was lost: reset by peer".to_owned());
    hold("live-80x24-stopped", &shown(&drawn(&state, 80, 24), false));
    // Where nobody logs failures nobody's count is known, nor are the failures of a jail.
    let mut silent = full();
    silent.live.counted.clear();
    silent.live.uncounted = Some("fail2ban logs at level NOTICE".to_owned());
    let text = shown(&drawn(&silent, 80, 24), false);
    assert!(
        text.contains("unknown: fail2ban logs at level NOTICE") && !text.contains('▁'),
        "{text}"
    );
}

#[test]
fn nothing_changes_the_host_until_it_is_unlocked() {
    let mut state = full();
    let locked = keys(&mut state, "uaz");
    assert_eq!(locked, [Effect::None, Effect::None, Effect::None]);
    let ip = state.chosen().and_then(|row| row.ip).expect("a ban");
    assert_eq!(keys(&mut state, "\n"), [Effect::Run(Act::Why(ip))]);
    assert_eq!(
        keys(&mut state, "wuaz"),
        [
            Effect::None,
            Effect::Run(Act::Unban(ip)),
            Effect::Run(Act::Onboard(ip)),
            Effect::Run(Act::Undo)
        ]
    );
    let text = shown(&drawn(&state, 120, 40), false);
    assert!(
        text.contains("UNLOCKED") && text.contains(&format!("u: f2bctl -H pbx1 unban {ip}")),
        "{text}"
    );
    assert_eq!(keys(&mut state, "wu"), [Effect::None, Effect::None]);
    // A jail is no address.
    keys(&mut state, "w\t\t\t");
    assert_eq!(state.panel, Panel::Customers);
    keys(&mut state, "\t\t\t");
    assert_eq!((state.panel, keys(&mut state, "u")), (Panel::Jails, vec![Effect::None]));
    assert_eq!(keys(&mut state, "q"), [Effect::Quit]);
}

#[test]
fn a_filter_leaves_rows_that_hold_it_or_that_do_not() {
    let mut state = full();
    keys(&mut state, "/198.51.100.21\n");
    assert_eq!(state.rows(Panel::Events).len(), 1);
    assert_eq!(state.rows(Panel::Customers).len(), 0);
    let text = shown(&drawn(&state, 80, 24), false);
    assert!(
        text.contains("/198.51.100.21") && text.contains("nothing that the filter leaves"),
        "{text}"
    );
    let mut state = full();
    // Letters are text while the filter is typed, and keys after that.
    assert_eq!(keys(&mut state, "/!found\nq").last(), Some(&Effect::Quit));
    let events: Vec<String> = state
        .rows(Panel::Events)
        .iter()
        .map(|row| row.cells[1].clone())
        .collect();
    assert_eq!(events, ["other", "unban", "ban", "ignore"]);
}

#[test]
fn a_frozen_view_stands_still_and_says_what_it_misses() {
    let mut state = full();
    keys(&mut state, "p");
    let before = state.rows(Panel::Events);
    written(&mut state, 0, "[asterisk-auth] Ban 198.51.100.22", None);
    assert_eq!(state.rows(Panel::Events), before);
    let text = shown(&drawn(&state, 80, 24), false);
    assert!(
        text.contains("FROZEN, 1 events since") && text.contains("looked 3 s ago"),
        "{text}"
    );
    keys(&mut state, "p");
    assert_eq!(state.rows(Panel::Events).len(), before.len() + 1);
}

#[test]
fn names_can_be_hidden_for_a_shared_screen_and_the_help_names_every_key() {
    let mut state = full();
    assert!(shown(&drawn(&state, 120, 40), false).contains("Vista Seven Hotels"));
    keys(&mut state, "P");
    let text = shown(&drawn(&state, 120, 40), false);
    assert!(!text.contains("Vista") && text.contains("(hidden)"), "{text}");
    keys(&mut state, "?");
    hold("live-80x24-help", &shown(&drawn(&state, 80, 24), false));
    keys(&mut state, "x");
    assert!(!state.shows_help);
}
