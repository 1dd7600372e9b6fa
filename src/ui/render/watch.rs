//! One line of the action log for a person: time, event, jail, address, customer.

use anstyle::Style;
use serde_json::Value;

use super::text;
use crate::model::comment_text::escaped;
use crate::ui::text::{ATTENTION, BAD, FAINT, GOOD, styled};

/// How wide the columns of time, event, jail and address are; longer words push the rest to the right.
const WIDTHS: [usize; 4] = [19, 14, 15, 15];

/// An event; with the host's name before it where there are several.
pub fn line(event: &Value, several: bool) -> String {
    let host = event.pointer("/host/name").and_then(Value::as_str).unwrap_or_default();
    let prefix = if several {
        format!("{}: ", escaped(host))
    } else {
        String::new()
    };
    let word = text(event, "event");
    let said = escaped(text(event, "text"));
    let Some(time) = event.get("time").and_then(Value::as_str) else {
        return format!("{prefix}{}", styled(FAINT, &said));
    };
    let [time_width, word_width, jail_width, ip_width] = WIDTHS;
    // Whole seconds are what a person reads; JSON has the milliseconds and the zone.
    let seconds: String = time
        .chars()
        .take(time_width)
        .map(|c| if c == 'T' { ' ' } else { c })
        .collect();
    let name = styled(style(word), &format!("{:<word_width$}", word.replace('_', " ")));
    let Some(ip) = event.get("ip").and_then(Value::as_str) else {
        return format!("{prefix}{} {name} {said}", styled(FAINT, &seconds));
    };
    let jail = escaped(text(event, "jail"));
    let customer = match event.get("customer").and_then(Value::as_str) {
        Some(customer) => format!("  {}", escaped(customer)),
        None => String::new(),
    };
    let address = format!("{:<ip_width$}", escaped(ip));
    let line = format!(
        "{prefix}{} {name} {jail:<jail_width$} {address}{customer}",
        styled(FAINT, &seconds)
    );
    line.trim_end().to_owned()
}

fn style(word: &str) -> Style {
    match word {
        "ban" | "restore_ban" | "increase_ban" | "reban" | "error" => BAD,
        "unban" | "ignore" => GOOD,
        "warning" | "already_banned" | "server_stopped" | "jail_stopped" => ATTENTION,
        "found" => Style::new(),
        _ => FAINT,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(event: &Value, several: bool) -> String {
        anstream::adapter::strip_str(&line(event, several)).to_string()
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
        assert_eq!(plain(&event, false), "a\\u{1b}[2Jb");
    }
}
