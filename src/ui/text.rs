//! Untrusted text on its way to a terminal, and the few words that are coloured.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::model::comment_text::{escaped, is_hidden};
use crate::model::jail_local::MARGINS;

/// Done, in force, whole.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Refused, failed, missing.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Worth a look.
pub const ATTENTION: Style = AnsiColor::Yellow.on_default();
/// Headings.
pub const STRONG: Style = Style::new().bold();
/// What is there for completeness.
pub const FAINT: Style = Style::new().dimmed();

/// Text in a style; the meaning does not depend on it.
pub fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// A message, escaped. Text of a host may be anywhere in it, so a line end stays only where the margin of an excerpt
/// follows: no line can begin with what a host chose.
pub fn safe_message(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            let is_excerpt = MARGINS.iter().any(|margin| line.starts_with(margin.trim_end()));
            shown.push_str(if is_excerpt { "\n" } else { "\\n" });
        }
        shown.push_str(&escaped(line));
    }
    shown
}

/// A text that is lines by its nature (a file, a difference, f2bctl's own help): each line is escaped, the line ends
/// stay.
pub fn safe_text(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(escaped).collect();
    lines.join("\n")
}

/// A JSON document on one line in which whatever could steer a terminal is written as an escape: the same document,
/// since such characters are in strings only. serde_json itself escapes no more than JSON asks for, which leaves DEL,
/// the second set of control characters (a terminal may take U+009B for an escape sequence) and marks of direction.
pub fn harmless_json(document: &impl Serialize) -> String {
    // A document has neither maps with keys that are no text nor anything else that can't be written.
    let text = serde_json::to_string(document).unwrap_or_default();
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(character);
        }
    }
    safe
}

/// A clause with its full stop; text of several lines ends as it ends. Its first letter stays: it may be a name's.
pub fn ended(clause: &str) -> String {
    let open = !clause.is_empty() && !clause.contains('\n') && !clause.ends_with(['.', '!', '?', ':']);
    format!("{clause}{}", if open { "." } else { "" })
}

/// A host by its name and, where that is another thing, its address: `lab (root@127.0.0.1:2222)`.
pub fn host_at(name: &str, address: &str) -> String {
    match name == address || address.is_empty() {
        true => escaped(name),
        false => format!("{} ({})", escaped(name), escaped(address)),
    }
}

/// Seconds as operators say them: `10 min`, `1 h`, `24 h`, `7 d`; -1 is for ever.
pub fn duration(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    match seconds {
        ..0 => "for ever".to_owned(),
        _ if seconds >= 2 * DAY && seconds % DAY == 0 => format!("{} d", seconds / DAY),
        _ if seconds >= HOUR && seconds % HOUR == 0 => format!("{} h", seconds / HOUR),
        _ if seconds >= MINUTE && seconds % MINUTE == 0 => format!("{} min", seconds / MINUTE),
        _ => format!("{seconds} s"),
    }
}

/// A time that runs out, to the two units that matter: `2 d 3 h`, `1 h 5 min`, `59 min`, `42 s`.
pub fn left(seconds: i64) -> String {
    let (days, hours) = (seconds / 86_400, seconds % 86_400 / 3600);
    let minutes = seconds % 3600 / 60;
    match seconds {
        86_400.. => format!("{days} d {hours} h"),
        3600.. => format!("{hours} h {minutes} min"),
        120.. => format!("{minutes} min"),
        _ => format!("{} s", seconds.max(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_message_never_begins_with_what_a_host_chose() {
        assert_eq!(
            safe_message("no\u{1b}[31m\n== pbx2 ==\r\n  | 1\n  |   ^\n  = cure\n  --> a:1:1: x\n error"),
            "no\\u{1b}[31m\\n== pbx2 ==\\r\n  | 1\n  |   ^\n  = cure\n  --> a:1:1: x\\n error"
        );
        assert_eq!(safe_text("a\u{1b}[31m\nb"), "a\\u{1b}[31m\nb");
    }

    #[test]
    fn a_json_document_is_the_same_and_steers_nothing() {
        let document = serde_json::json!({"a\u{9b}": "\u{1b}[2J\u{7f}\u{202e}\u{e0041}é\n", "b": [1.5, null, "\\\""]});
        let text = harmless_json(&document);
        assert!(!text.chars().any(is_hidden), "{text:?}");
        assert!(text.contains("é"));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).expect("JSON"),
            document
        );
    }

    #[test]
    fn durations_read_as_the_runbook_writes_them() {
        let shown: Vec<String> = [600, 3600, 86_400, 604_800, 45, -1].map(duration).to_vec();
        assert_eq!(shown, ["10 min", "1 h", "24 h", "7 d", "45 s", "for ever"]);
    }

    #[test]
    fn a_host_is_named_with_its_address_once() {
        assert_eq!(host_at("lab", "root@127.0.0.1:2222"), "lab (root@127.0.0.1:2222)");
        assert_eq!(host_at("root@192.0.2.1", "root@192.0.2.1"), "root@192.0.2.1");
        assert_eq!(host_at("a\nb", "x"), "a\\nb (x)");
    }

    #[test]
    fn clauses_get_their_full_stop_once() {
        assert_eq!(ended("fail2ban is down"), "fail2ban is down.");
        assert_eq!(ended("Done."), "Done.");
        assert_eq!(ended(""), "");
    }

    #[test]
    fn what_is_left_is_told_in_two_units() {
        let shown: Vec<String> = [183_700, 3900, 3599, 60, -1].map(left).to_vec();
        assert_eq!(shown, ["2 d 3 h", "1 h 5 min", "59 min", "60 s", "0 s"]);
    }
}
