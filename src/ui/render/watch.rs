//! One line of the action log for a person: time, event, jail, address, customer.

use anstyle::Style;

use super::or;
use crate::document::EventKind;
use crate::model::comment_text::escaped;
use crate::model::fail2ban::Event as Kind;
use crate::ui::fold::Row;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, STRONG, styled};

/// How wide the columns of time, event, jail and address are; longer words push the rest to the right.
const WIDTHS: [usize; 4] = [19, 14, 15, 15];

/// Where the second line of a row begins that is wider than the page: below the event.
const HANG: usize = 20;

/// A row: an event, or several that are alike; with the host's name before it where there are several. Bans and what ends
/// them are loud, and so are errors; what goes on all the time is faint and takes no more than one line of the page.
pub fn row(row: &Row, several: bool, page: &Page) -> String {
    let event = &row.event;
    let prefix = if several {
        format!("{}: ", escaped(&event.host.name))
    } else {
        String::new()
    };
    let Some(time) = &event.time else {
        // The rest of a line above it.
        return format!("{prefix}{:HANG$}{}", "", styled(FAINT, &event.text.to_string()));
    };
    let [time_width, word_width, jail_width, ip_width] = WIDTHS;
    // Whole seconds are what a person reads; JSON has the milliseconds and the zone.
    let seconds: String = time
        .chars()
        .take(time_width)
        .map(|c| if c == 'T' { ' ' } else { c })
        .collect();
    let name = format!("{:<word_width$}", event.event.word().replace('_', " "));
    let weight = weight(event.event);
    let about = match &event.ip {
        None => event.text.to_string(),
        Some(ip) => {
            let jail = format!("{:<jail_width$}", or(event.jail.as_ref(), ""));
            let address = format!("{:<ip_width$}", ip.to_string());
            let whose: String = event.customer.iter().map(|customer| format!("  {customer}")).collect();
            let times = match row.count {
                ..2 => String::new(),
                count => format!("  x{count} in {} s", row.seconds.max(1)),
            };
            let near: String = event
                .headroom
                .iter()
                .map(|near| format!("  {}", near.words()))
                .collect();
            let whom = format!("{address}{whose}{times}{near}");
            match weight {
                Weight::Loud(_) => format!("{jail} {}", styled(STRONG, whom.trim_end())),
                Weight::Faint => format!("{jail} {whom}").trim_end().to_owned(),
            }
        }
    };
    match weight {
        Weight::Loud(style) => {
            let row = format!("{prefix}{} {} {about}", styled(FAINT, &seconds), styled(style, &name));
            page.prose(row.trim_end(), HANG)
        }
        Weight::Faint => page.cut(&format!(
            "{prefix}{}",
            styled(FAINT, &format!("{seconds} {name} {about}"))
        )),
    }
}

/// How much an event is put forward.
enum Weight {
    /// Someone is blocked or unbanned, or something is wrong.
    Loud(Style),
    /// It goes on all the time.
    Faint,
}

fn weight(kind: EventKind) -> Weight {
    let EventKind::Logged(kind) = kind else {
        return Weight::Loud(ATTENTION);
    };
    match kind {
        Kind::Ban | Kind::RestoreBan | Kind::IncreaseBan | Kind::Reban | Kind::Error => Weight::Loud(BAD),
        Kind::Unban => Weight::Loud(GOOD),
        Kind::Warning | Kind::AlreadyBanned | Kind::ServerStopped => Weight::Loud(ATTENTION),
        _ => Weight::Faint,
    }
}

#[cfg(test)]
mod tests {
    use crate::document::{Event, Headroom};
    use crate::model::fail2ban::Line;
    use crate::model::host_name::HostName;

    use super::*;

    /// The event of a line of the action log, half an hour and five hours east of UTC.
    fn event(line: &str, customer: Option<&str>) -> Event {
        let host = HostName {
            name: "lab".to_owned(),
            address: "root@192.0.2.1".to_owned(),
        };
        Event::of(&host, &Line::parse(line), Some(1_795_322_703), customer.map(Into::into))
    }

    fn plain(event: &Event, several: bool) -> String {
        anstream::adapter::strip_str(&row(&Row::of(event), several, &Page::ENDLESS)).to_string()
    }

    #[test]
    fn a_burst_says_how_many_and_how_long_and_a_count_how_near() {
        let found = event(
            &format!("{BEGIN} INFO    [asterisk-scan] Found 203.0.113.10 - 2026-11-22 10:15:03"),
            Some("Vista Seven Hotels"),
        );
        let headroom = Headroom {
            count: 31,
            attempts: 27,
            maxretry: 50,
            findtime: 3600,
            seconds_to_ban: Some(40),
            counted_from: None,
        };
        let burst = Row {
            event: found.clone().with_headroom(Some(headroom.clone())),
            count: 27,
            seconds: 4,
        };
        let text = anstream::adapter::strip_str(&row(&burst, false, &Page::ENDLESS)).to_string();
        let begin = "2026-11-22 10:15:03";
        let near = "31 of 50 by fail2ban's count (27 within 1 h); banned in about 40 s at this rate";
        assert_eq!(
            text,
            format!("{begin} found          asterisk-scan   203.0.113.10     Vista Seven Hotels  x27 in 4 s  {near}")
        );
        assert_eq!(
            plain(&found.near_ban(&headroom), false),
            format!("{begin} near ban       asterisk-scan   203.0.113.10     Vista Seven Hotels  {near}")
        );
        let host = found.host.clone();
        let drift = Event::drift(
            &host,
            "2026-11-22T10:15:03+05:30".to_owned(),
            "203.0.113.0/24 is not in force.",
        );
        assert_eq!(
            plain(&drift, false),
            format!("{begin} drift          203.0.113.0/24 is not in force.")
        );
    }

    const BEGIN: &str = "2026-11-22 10:15:03,123 fail2ban.actions        [1234]:";

    #[test]
    fn a_ban_is_a_row_with_its_customer() {
        let ban = event(
            &format!("{BEGIN} NOTICE  [asterisk-scan] Ban 203.0.113.7"),
            Some("Blue Lotus"),
        );
        let row = "2026-11-22 10:15:03 ban            asterisk-scan   203.0.113.7      Blue Lotus";
        assert_eq!(plain(&ban, false), row);
        assert_eq!(plain(&ban, true), format!("lab: {row}"));
    }

    #[test]
    fn what_the_host_wrote_cannot_move_the_cursor() {
        assert_eq!(
            plain(&event("a\u{1b}[2Jb", None), false),
            format!("{:HANG$}a\\u{{1b}}[2Jb", "")
        );
    }

    #[test]
    fn bans_are_loud_and_what_goes_on_all_the_time_is_faint() {
        let row = |kind: Kind| {
            let ban = event(&format!("{BEGIN} NOTICE  [asterisk-scan] Ban 203.0.113.7"), None);
            let event = EventKind::Logged(kind);
            row(&Row::of(&Event { event, ..ban }), false, &Page::ENDLESS)
        };
        for kind in [
            Kind::Found,
            Kind::Ignore,
            Kind::Reload,
            Kind::Other,
            Kind::JailStarted,
            Kind::Flush,
        ] {
            assert!(row(kind).starts_with(&FAINT.to_string()), "{kind:?}");
            assert_eq!(row(kind).matches("\u{1b}[").count(), 2, "{kind:?} is faint as a whole");
        }
        for (kind, style) in [
            (Kind::Ban, BAD),
            (Kind::Unban, GOOD),
            (Kind::Error, BAD),
            (Kind::Warning, ATTENTION),
        ] {
            assert!(row(kind).contains(&format!("{style}{}", kind.word())), "{kind:?}");
        }
        assert!(row(Kind::Ban).contains(&styled(STRONG, "203.0.113.7")));
    }
}
