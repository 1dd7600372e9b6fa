//! One line of the action log for a person: time, event, jail, address, customer.

use anstyle::Style;

use super::or;
use crate::document::Event;
use crate::model::comment_text::escaped;
use crate::model::fail2ban::Event as Kind;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, STRONG, styled};

/// How wide the columns of time, event, jail and address are; longer words push the rest to the right.
const WIDTHS: [usize; 4] = [19, 14, 15, 15];

/// Where the second line of a row begins that is wider than the page: below the event.
const HANG: usize = 20;

/// An event; with the host's name before it where there are several. Bans and what ends them are loud, and so are
/// errors; what goes on all the time is faint and takes no more than one line of the page.
pub fn line(event: &Event, several: bool, page: &Page) -> String {
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
            let whom = format!("{address}{whose}");
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

fn weight(kind: Kind) -> Weight {
    match kind {
        Kind::Ban | Kind::RestoreBan | Kind::IncreaseBan | Kind::Reban | Kind::Error => Weight::Loud(BAD),
        Kind::Unban => Weight::Loud(GOOD),
        Kind::Warning | Kind::AlreadyBanned | Kind::ServerStopped => Weight::Loud(ATTENTION),
        _ => Weight::Faint,
    }
}

#[cfg(test)]
mod tests {
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
        anstream::adapter::strip_str(&line(event, several, &Page::ENDLESS)).to_string()
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
            line(&Event { event: kind, ..ban }, false, &Page::ENDLESS)
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
