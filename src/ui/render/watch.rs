//! One line of the action log for a person: time, event, jail, address, customer.

use anstyle::Style;
use serde_json::Value;

use super::text;
use crate::model::comment_text::escaped;
use crate::ui::page::Page;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, STRONG, styled};

/// How wide the columns of time, event, jail and address are; longer words push the rest to the right.
const WIDTHS: [usize; 4] = [19, 14, 15, 15];

/// Where the second line of a row begins that is wider than the page: below the event.
const HANG: usize = 20;

/// An event; with the host's name before it where there are several. Bans and what ends them are loud, and so are
/// errors; what goes on all the time is faint and takes no more than one line of the page.
pub fn line(event: &Value, several: bool, page: &Page) -> String {
    let host = event.pointer("/host/name").and_then(Value::as_str).unwrap_or_default();
    let prefix = if several {
        format!("{}: ", escaped(host))
    } else {
        String::new()
    };
    let word = text(event, "event");
    let said = escaped(text(event, "text"));
    let Some(time) = event.get("time").and_then(Value::as_str) else {
        // The rest of a line above it.
        return format!("{prefix}{:HANG$}{}", "", styled(FAINT, &said));
    };
    let [time_width, word_width, jail_width, ip_width] = WIDTHS;
    // Whole seconds are what a person reads; JSON has the milliseconds and the zone.
    let seconds: String = time
        .chars()
        .take(time_width)
        .map(|c| if c == 'T' { ' ' } else { c })
        .collect();
    let name = format!("{:<word_width$}", word.replace('_', " "));
    let weight = weight(word);
    let about = match event.get("ip").and_then(Value::as_str) {
        None => said,
        Some(ip) => {
            let jail = format!("{:<jail_width$}", escaped(text(event, "jail")));
            let address = format!("{:<ip_width$}", escaped(ip));
            let customer = event.get("customer").and_then(Value::as_str).map(escaped);
            let whose = customer.map_or_else(String::new, |customer| format!("  {customer}"));
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
    /// Somebody is shut out or let in again, or something is wrong.
    Loud(Style),
    /// It goes on all the time.
    Faint,
}

fn weight(word: &str) -> Weight {
    match word {
        "ban" | "restore_ban" | "increase_ban" | "reban" | "error" => Weight::Loud(BAD),
        "unban" => Weight::Loud(GOOD),
        "warning" | "already_banned" | "server_stopped" => Weight::Loud(ATTENTION),
        _ => Weight::Faint,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(event: &Value, several: bool) -> String {
        anstream::adapter::strip_str(&line(event, several, &Page::ENDLESS)).to_string()
    }

    #[test]
    fn a_ban_is_a_row_with_its_customer() {
        let event = json!({
            "host": {"name": "lab"}, "time": "2026-11-22T10:15:03.123+05:30", "event": "ban", "jail": "asterisk-scan",
            "ip": "203.0.113.7", "customer": "Blue Lotus", "text": "[asterisk-scan] Ban 203.0.113.7",
        });
        let row = "2026-11-22 10:15:03 ban            asterisk-scan   203.0.113.7      Blue Lotus";
        assert_eq!(plain(&event, false), row);
        assert_eq!(plain(&event, true), format!("lab: {row}"));
    }

    #[test]
    fn what_the_host_wrote_cannot_move_the_cursor() {
        let event = json!({"host": {"name": "lab"}, "time": null, "event": "other", "text": "a\u{1b}[2Jb"});
        assert_eq!(plain(&event, false), format!("{:HANG$}a\\u{{1b}}[2Jb", ""));
    }

    #[test]
    fn bans_are_loud_and_what_goes_on_all_the_time_is_faint() {
        let row = |word: &str| {
            let event = json!({
                "time": "2026-11-22T10:15:03+00:00", "event": word, "jail": "asterisk-scan", "ip": "203.0.113.7",
                "text": "",
            });
            line(&event, false, &Page::ENDLESS)
        };
        for word in ["found", "ignore", "reload", "other", "jail_started", "flush"] {
            assert!(row(word).starts_with(&FAINT.to_string()), "{word}");
            assert_eq!(row(word).matches("\u{1b}[").count(), 2, "{word} is faint as a whole");
        }
        for (word, style) in [("ban", BAD), ("unban", GOOD), ("error", BAD), ("warning", ATTENTION)] {
            assert!(row(word).contains(&format!("{style}{word}")), "{word}");
        }
        assert!(row("ban").contains(&styled(STRONG, "203.0.113.7")));
    }
}
